// What a person does to stop a message on its way: say which, see the clock, look, change it, let it go; and send a captured one again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Frame, Locator } from 'playwright-core';
import { Editor } from './editor.js';
import { openListener, pictureFailures, type TestWindow } from './windows.js';

interface Heard {
  method: string;
  length: string | undefined;
  body: string;
}

/** A cache that answers each piece it reads, whatever is asked, and keeps what it heard. */
interface Cache {
  server: net.Server;
  heard: string[];
}

async function startCache(tea: string): Promise<Cache> {
  const heard: string[] = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined).setEncoding('utf8').on('data', (said: string) => {
      heard.push(said);
      socket.write(said.includes('GET') ? `$${tea.length}\r\n${tea}\r\n` : '+OK\r\n');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, heard };
}

const redisSays = ['*3\r\n$3\r\nSET\r\n$3\r\ntea\r\n$5\r\ngreen\r\n', '*2\r\n$3\r\nGET\r\n$3\r\ntea\r\n', '*2\r\n$3\r\nDEL\r\n$3\r\ntea\r\n'];

suite('a person holds a message, and sends one again', () => {
  let editor: Editor;
  let opened: TestWindow;
  let port: number;
  let server: http.Server;
  let cache: Cache;
  let other: Cache;
  let inspector: Frame;
  const heard: Heard[] = [];

  suiteSetup(async () => {
    server = http.createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text)).on('end', () => {
        heard.push({ method: request.method ?? '', length: request.headers['content-length'], body });
        response.setHeader('content-type', 'text/plain');
        response.end(`order ${heard.length} taken\n`);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    [cache, other] = await Promise.all([startCache('green'), startCache('black')]);
    opened = await openListener(7900, {
      routes: [{ name: 'cache', match: { protocol: 'redis' }, to: String((cache.server.address() as AddressInfo).port) }],
      default: String((server.address() as AddressInfo).port),
    });
    ({ editor, port } = opened);
  });

  suiteTeardown(async () => {
    await opened?.close();
    server?.close();
    server?.closeAllConnections();
    cache?.server.close();
    other?.server.close();
  });

  pictureFailures(() => editor);

  /** What the client gets. */
  function post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/orders', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve(text));
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  const status = (): Locator => editor.page.locator('.statusbar .statusbar-item[id*="portPrism.hold"]');
  const tab = (name: RegExp): Locator => editor.page.locator('.tabs-container .tab', { hasText: name });
  const choice = (label: string): Locator => editor.page.locator('.quick-input-list .monaco-list-row').filter({ has: editor.page.getByText(label, { exact: true }) }).first();
  /** A line of one side of the diff that is in front. */
  const compared = (side: 'original' | 'modified', text: RegExp): Locator => editor.page.locator(`.monaco-diff-editor .${side} .view-line`, { hasText: text }).and(editor.page.locator(':visible')).first();
  const row = (text: string | RegExp): Locator => inspector.locator('.exchange-row', { hasText: text });
  let answer: Promise<string>;

  test('says which messages stop, and the status bar says that it holds', async () => {
    await editor.runCommand('Port Prism: Hold Messages…');
    const box = editor.page.locator('.quick-input-widget input[type=text]');
    await editor.page.locator('.quick-input-widget', { hasText: 'Messages that match this filter' }).waitFor();
    await box.fill('http.method == "POST"');
    await box.press('Enter');
    await choice('Only the next one').click();
    await status().filter({ hasText: 'holds' }).waitFor();
  });

  test('a request stops, and the status bar counts down', async () => {
    answer = post('{"item":"tea","count":1}');
    await status().filter({ hasText: /1 held · \d+ s/ }).waitFor();
    const first = Number(/(\d+) s/.exec((await status().textContent()) ?? '')?.[1]);
    await status().filter({ hasText: new RegExp(`held · (${[1, 2, 3].map((less) => first - less).join('|')}) s`) }).waitFor();
    assert.equal(heard.length, 0, 'the server has heard nothing');
  });

  test('the list says that it is held', async () => {
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    inspector = await editor.webview('.page-inspector .toolbar');
    await row('POST /orders').locator('.pause-note', { hasText: /^held$/ }).waitFor();
    await editor.screenshot('held in the list');
  });

  test('opens it from the status bar and changes it', async () => {
    await status().click();
    await tab(/POST-orders.*\.http/).waitFor();
    const line = editor.page.locator('.view-line', { hasText: '"item":"tea"' });
    await line.waitFor();
    await editor.page.locator('.codelens-decoration', { hasText: /Let go.*Drop.*Answer with this text.*goes on by itself in \d+ s/ }).waitFor();
    await editor.screenshot('held message');
    await line.click();
    await editor.page.keyboard.press('End');
    await editor.page.keyboard.press('ArrowLeft');
    await editor.page.keyboard.type('2');
    await editor.page.locator('.codelens-decoration', { hasText: 'Send as edited' }).waitFor();
  });

  test('lets it go as edited: the server hears that, with its right length, and the client is answered', async () => {
    await editor.page.locator('.codelens-decoration a', { hasText: 'Send as edited' }).click();
    assert.equal(await answer, 'order 1 taken\n');
    assert.deepEqual(heard, [{ method: 'POST', length: '25', body: '{"item":"tea","count":12}' }]);
    await tab(/POST-orders/).waitFor({ state: 'detached' });
    await status().waitFor({ state: 'hidden' });
    // The inspector was behind the message's editor: it is a page of its own again.
    inspector = await editor.webview('.page-inspector .toolbar');
  });

  test('the list says who changed it, also to a screen reader', async () => {
    await row('POST /orders').locator('.pause-note', { hasText: /^changed by you$/ }).waitFor();
    assert.match((await row('POST /orders').first().getAttribute('aria-label')) ?? '', /changed by you/);
    await editor.screenshot('changed in the list');
    await row('POST /orders').first().click();
    await inspector.getByRole('tab', { name: 'Flow', exact: true }).click();
    await inspector.locator('.facts', { hasText: /Held.*from client, bytes 0–\d+: changed by you · held .* · \d+ bytes instead/ }).waitFor();
  });

  test('only the next one was held: another passes at once', async () => {
    assert.equal(await post('{\n"item":"milk"\n}\n'), 'order 2 taken\n');
    assert.equal(heard.at(-1)?.body, '{\n"item":"milk"\n}\n');
    await row('POST /orders').nth(1).waitFor();
    assert.equal(await inspector.locator('.pause-note').count(), 1);
  });

  test('sends a captured request again, edited, and compares the answers', async () => {
    await editor.chooseFromMenu(row('POST /orders').nth(1), 'Edit and Send Again');
    await tab(/request\.http/).waitFor();
    await editor.page.locator('.view-line', { hasText: '"item":"milk"' }).click();
    await editor.page.keyboard.press('End');
    await editor.page.keyboard.press('ArrowLeft');
    await editor.page.keyboard.type('y');
    await editor.page.locator('.codelens-decoration a', { hasText: `Send to 127.0.0.1:${port}` }).click();
    await tab(/Answer before and now/).waitFor();
    await compared('original', /order\s2\staken/).waitFor();
    await compared('modified', /order\s3\staken/).waitFor();
    assert.deepEqual(heard.at(-1), { method: 'POST', length: '19', body: '{\n"item":"milky"\n}\n' });
    await editor.screenshot('answers compared');
  });

  test('says all that a client of another protocol said again, to another upstream, waiting where the client waited', async () => {
    const client = net.connect(port, '127.0.0.1');
    for (const said of redisSays) await new Promise((resolve) => client.once('data', resolve).write(said));
    client.end();
    await tab(/Traffic/).click();
    inspector = await editor.webview('.page-inspector .toolbar');
    await inspector.getByRole('radio', { name: 'Flows', exact: true }).click();
    await editor.chooseFromMenu(inspector.locator('.flow-row', { hasText: 'redis' }).first(), 'Send Client Side Again…');
    await choice('Elsewhere…').click();
    await editor.page.locator('.quick-input-widget', { hasText: 'Address to send to' }).waitFor();
    const box = editor.page.locator('.quick-input-widget input[type=text]');
    await box.fill('nowhere');
    await editor.page.locator('.quick-input-widget', { hasText: 'Write a port, or host and port' }).waitFor();
    await box.fill(String((other.server.address() as AddressInfo).port));
    await box.press('Enter');
    await tab(/Answer before and now/).last().waitFor();
    await compared('original', /green/).waitFor();
    await compared('modified', /black/).waitFor();
    assert.deepEqual(other.heard, redisSays, 'each after the answer to the one before');
    assert.deepEqual(cache.heard, redisSays, 'the upstream of the listener hears nothing more');
    await editor.screenshot('client side sent again');
  });
});
