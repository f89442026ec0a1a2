// What a person does with one message: fields and bytes point at each other, bytes are found, copied and gone to, the conversation is followed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { DetailPage } from './detailPage.js';
import { Editor } from './editor.js';
import { openDemo, pictureFailures, type TestWindow } from './windows.js';

suite('a person looks into one message', () => {
  let editor: Editor;
  let opened: TestWindow;
  let port: number;
  let client: Socket;
  let detail: DetailPage;

  suiteSetup(async () => {
    opened = await openDemo(7414);
    ({ editor, port } = opened);
    await editor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    await ask('/v1/products?mark=first');
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    detail = await DetailPage.opened(editor);
    await detail.choose('summary ~ "*mark=first*"', 'mark=first');
  });

  suiteTeardown(async () => {
    client?.destroy();
    await opened?.close();
  });

  pictureFailures(() => editor);

  /** One request; resolves with its answer's first bytes. */
  function ask(path: string): Promise<void> {
    return new Promise((resolve) => {
      client.once('data', () => resolve());
      client.write(`GET ${path} HTTP/1.1\r\nhost: shop.localhost:${port}\r\nx-note: one two\r\n\r\n`);
    });
  }

  test('sees the request, what it was answered and after how long', async () => {
    await detail.tab('Decoded');
    await detail.frame.locator('.message-list .is-message', { hasText: 'GET /v1/products?mark=first' }).waitFor();
    await detail.frame.locator('.message-list .is-divider', { hasText: /^upstream · [\d.]+ ms$/ }).waitFor();
    await detail.frame.locator('.message-list .is-message', { hasText: '200 OK' }).waitFor();
  });

  test('points at a field: its bytes light up, and their head says what they are', async () => {
    await detail.field('version').hover();
    await detail.until(() => detail.litText(), (text) => text === 'HTTP/1.1', 'lit bytes');
    await detail.place().filter({ hasText: /^GET\.version · 8 bytes at 0x1c$/ }).waitFor();
  });

  test('clicks a field: its bytes are selected, in hex and as text', async () => {
    await detail.field('method').click();
    await detail.until(() => detail.selectedText(), (text) => text === 'GET', 'selected bytes');
    await detail.bytesTab('Text');
    await detail.frame.locator('#bytes-text-panel .run-selected', { hasText: /^GET$/ }).waitFor();
    await detail.frame.locator('#bytes-text-panel .text-row', { hasText: 'x-note: one two' }).waitFor();
    await detail.bytesTab('Hex');
  });

  test('clicks a byte: the way to its field opens, and the field is marked', async () => {
    await detail.goTo('0x3b');
    await detail.clickByte('one two');
    await detail.frame.locator('.message-list .is-selected', { hasText: /x-note\s*one two/ }).waitFor();
    await detail.until(() => detail.litText(), (text) => text === 'x-note: ne two', 'the rest of the field is lit');
    assert.equal(await detail.selectedText(), 'o');
  });

  test('finds text in any case, and hex with wildcards, and goes around the end', async () => {
    await detail.find('Text', 'X-NOTE');
    await detail.until(() => detail.selectedText(), (text) => text === 'x-note', 'found text');
    // "T /": the first byte after "GE", and any byte before the slash.
    await detail.find('Hex', '54 ?? 2f');
    await detail.until(() => detail.selectedText(), (text) => text === 'T /', 'found hex');
    assert.match((await detail.findStatus().textContent()) ?? '', /0x2, from the start again/);
    await detail.findBox().fill('5');
    await detail.findStatus().filter({ hasText: 'two digits' }).waitFor();
    await detail.findBox().fill('ff fe fd');
    await detail.findBox().press('Enter');
    await detail.findStatus().filter({ hasText: 'Not found' }).waitFor();
    await detail.findBox().press('Escape');
    await detail.findBox().waitFor({ state: 'hidden' });
  });

  test('goes to an offset, hex, decimal and from the cursor', async () => {
    await detail.goTo('0x4');
    await detail.until(() => detail.selectedText(), (text) => text === '/', 'the byte at 4');
    await detail.place().filter({ hasText: /^GET\.target.* · [\d,]+ bytes at 0x4$/ }).waitFor();
    await detail.goTo('+24');
    await detail.until(() => detail.selectedText(), (text) => text === 'H', 'the byte 24 further on');
    await detail.goTo('2');
    await detail.until(() => detail.selectedText(), (text) => text === 'T', 'the byte at 2');
    await detail.goTo('9999999');
    await detail.frame.locator('.hex-goto[aria-invalid=true]').waitFor();
    assert.equal(await detail.selectedText(), 'T', 'nothing moves');
    await detail.frame.locator('.hex-goto').fill('');
  });

  test('selects with the keyboard, reads the values, copies as a literal', async () => {
    await detail.goTo('0');
    await editor.page.keyboard.press('Shift+ArrowRight');
    await editor.page.keyboard.press('Shift+ArrowRight');
    await editor.page.keyboard.press('Shift+ArrowRight');
    await detail.until(() => detail.selectedText(), (text) => text === 'GET ', 'selected by keys');
    await detail.frame.locator('.hex-values', { hasText: 'uint32 BE 1195725856' }).waitFor();
    await detail.copyAs('Go literal');
    const copied = await detail.until(() => editor.page.evaluate(() => navigator.clipboard.readText()), (text) => text.startsWith('[]byte'), 'clipboard');
    assert.equal(copied, '[]byte{\n\t0x47, 0x45, 0x54, 0x20,\n}');
  });

  test('reads the body of the answer, laid out', async () => {
    await detail.field('method').click();
    await editor.page.keyboard.press('End');
    await detail.field('chunks').or(detail.field('body')).first().click();
    await detail.bytesTab('Body');
    await detail.frame.locator('.body-words', { hasText: /^application\/json/ }).waitFor();
    await detail.frame.locator('.body-view .text-row', { hasText: /^ {4}"sku"|^ {4}"id"|^ {2}"/ }).first().waitFor();
    await editor.screenshot('inspector body');
    await detail.bytesTab('Hex');
  });

  test('follows a conversation while it goes on, one side of it, as hex', async () => {
    // Redis keeps a connection that says nothing for a while, which a web server does not.
    const redis = connect(port, '127.0.0.1');
    redis.on('error', () => undefined);
    redis.resume();
    const say = (words: string): void => void redis.write(`*2\r\n$4\r\nECHO\r\n$${words.length}\r\n${words}\r\n`);
    try {
      say('mark-one');
      await detail.choose('summary ~ "*mark-one*"', 'mark-one');
      await detail.tab('Conversation');
      await detail.followAs('Text');
      await detail.until(() => detail.followed(), (rows) => rows.some((row) => row.startsWith('→') && row.includes('mark-one')), 'the first command');
      say('mark-two');
      await detail.until(() => detail.followed(), (rows) => rows.some((row) => row.startsWith('←') && row.includes('mark-two')), 'the second answer');
      await editor.screenshot('inspector conversation followed');
      await detail.followSide('client');
      await detail.until(() => detail.followed(), (rows) => 0 < rows.length && rows.every((row) => row.startsWith('→')), 'the client alone');
      await detail.followAs('Hex');
      await detail.until(() => detail.followed(), (rows) => rows.some((row) => /2a 32 0d 0a 24 34 0d 0a/.test(row.replace(/ +/g, ' '))), 'the command in hex');
      await detail.followAs('Decoded');
      await detail.followSide('Both');
      await detail.until(() => detail.followed(), (rows) => rows.some((row) => /^←.*mark-two/.test(row)), 'the answer, decoded');
    } finally {
      redis.destroy();
    }
  });

  test('saves the conversation to a file', async () => {
    await detail.followAs('Text');
    await detail.frame.getByRole('button', { name: 'Save…' }).click();
    const box = editor.page.locator('.quick-input-widget input[type=text]');
    // The dialog names a file beside the workspace's own ones, once it has looked into the folder; before that it would write over what is typed.
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: '.vscode' }).first().waitFor();
    const file = await detail.until(() => box.inputValue(), (value) => /conversation-\d+\.txt$/.test(value), 'the proposed name');
    await editor.page.locator('.quick-input-widget .monaco-button', { hasText: /^OK$/ }).click();
    const text = await detail.until(() => Promise.resolve(readIfThere(file)), (written) => /upstream[^]*mark-two/.test(written), 'the file');
    assert.match(text, /^--- client → after [\d.]+ s ---\n\*2\r?\n\$4\r?\nECHO\r?\n\$8\r?\nmark-one\r?\n\n--- upstream ← after/);
  });
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it is not written yet
  }
}
