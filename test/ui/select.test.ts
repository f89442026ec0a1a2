// A person selects several rows by keyboard and mouse, and takes them along: as packets that tshark reads, as an HTTP archive, side by side in a diff.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Locator } from 'playwright-core';
import { harProblems } from '../unit/harSchema.js';
import { seriousViolations } from './accessibility.js';
import { DetailPage } from './detailPage.js';
import { Editor } from './editor.js';
import { openDemo, pictureFailures, type TestWindow } from './windows.js';

suite('a person selects several rows', () => {
  let editor: Editor;
  let opened: TestWindow;
  let port: number;
  let page: DetailPage;

  suiteSetup(async () => {
    opened = await openDemo(8200);
    ({ editor, port } = opened);
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    page = await DetailPage.opened(editor);
    for (let number = 1; number <= 5; number++) await ask(`/v1/products?mark=sel-${number}`);
    await page.choose('summary ~ "*mark=sel-*"', 'sel-1');
    await page.until(() => row(5).count(), (count) => count === 1, 'five rows');
  });

  suiteTeardown(async () => {
    await opened?.close();
  });

  pictureFailures(() => editor);

  /** One request on a connection of its own; resolves when it is over. */
  function ask(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const client = connect(port, '127.0.0.1', () => client.write(`GET ${path} HTTP/1.1\r\nhost: shop.localhost:${port}\r\ncookie: session=top-secret\r\nconnection: close\r\n\r\n`));
      client.resume().on('error', reject).on('close', () => resolve());
    });
  }

  const row = (number: number): Locator => page.frame.locator('.exchange-row', { hasText: `mark=sel-${number}` });
  const selectedWords = (): Locator => page.frame.locator('.selected-words');
  const link = (name: string): Locator => page.frame.locator('.selected-rows').getByRole('button', { name });
  const choice = (label: string): Locator => editor.page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();

  /** Numbers of the rows that are selected for a screen reader. */
  async function selected(expected: readonly number[]): Promise<void> {
    const read = (): Promise<string[]> => page.frame.locator('.exchange-row[aria-selected=true]').evaluateAll((rows) => rows.map((one) => /mark=sel-(\d)/.exec(one.textContent ?? '')?.[1] ?? '?').sort());
    await page.until(read, (found) => found.join() === expected.join(), `selected are to be ${expected.join()}`);
  }

  /** Answers the questions of an export, and waits for its file. */
  async function answer(format: string, secrets: string): Promise<string> {
    await choice(format).click();
    await choice(secrets).click();
    const box = editor.page.locator('.quick-input-widget input[type=text]');
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: '.vscode' }).first().waitFor();
    const file = await page.until(() => box.inputValue(), (value) => /messages\.\w+$/.test(value), 'the proposed name');
    await editor.page.locator('.quick-input-widget .monaco-button', { hasText: /^OK$/ }).click();
    await page.until(() => Promise.resolve(existsSync(file)), (isThere) => isThere, 'the file');
    return file;
  }

  test('by keyboard: Shift with the arrows, Ctrl+A, and Escape back to one', async () => {
    const grid = page.frame.locator('.exchange-list');
    assert.equal(await grid.getAttribute('aria-multiselectable'), 'true');
    await row(2).click();
    await selected([2]);
    await page.frame.page().keyboard.press('Shift+ArrowDown');
    await page.frame.page().keyboard.press('Shift+ArrowDown');
    await selected([2, 3, 4]);
    await selectedWords().filter({ hasText: /^3 of 5 selected$/ }).waitFor();
    await page.frame.locator('[aria-live=polite]', { hasText: '3 of 5 selected' }).waitFor({ state: 'attached' });
    // The details show the row that has the keyboard.
    await page.frame.locator('.message-list .is-message', { hasText: 'mark=sel-4' }).first().waitFor();
    await page.frame.page().keyboard.press('Control+a');
    await selected([1, 2, 3, 4, 5]);
    await page.frame.page().keyboard.press('Escape');
    await selected([4]);
    await selectedWords().waitFor({ state: 'hidden' });
    await page.frame.page().keyboard.press('Control+ArrowUp');
    await page.frame.page().keyboard.press('Control+ArrowUp');
    await page.frame.page().keyboard.press('Control+Space');
    await selected([2, 4]);
  });

  test('by mouse: three rows, exported as packets of which tshark reads exactly these', async () => {
    await row(1).click();
    await row(3).click({ modifiers: ['Control'] });
    await row(5).click({ modifiers: ['Control'] });
    await selected([1, 3, 5]);
    await editor.screenshot('inspector rows selected');
    assert.deepEqual(await seriousViolations(page.frame, '--vscode-editor-background'), []);
    // The menu of one of them is about all three.
    await editor.chooseFromMenu(row(3), 'Export Selected...');
    await editor.page.locator('.quick-input-widget', { hasText: '3 messages' }).waitFor();
    const file = await answer('Capture for Wireshark', 'Mask Secrets');
    const lines = execFileSync('tshark', ['-r', file, '-Y', 'http', '-T', 'fields', '-e', 'http.request.uri', '-e', 'http.response.code', '-e', 'http.cookie'], { encoding: 'utf8' }).trim().split('\n').map((line) => line.trim());
    assert.deepEqual(lines.filter((line) => line.startsWith('/')).map((line) => line.split('\t')[0]), [1, 3, 5].map((number) => `/v1/products?mark=sel-${number}`));
    assert.deepEqual(lines.filter((line) => !line.startsWith('/')), ['200', '200', '200']);
    assert.ok(!readFileSync(file).includes('top-secret'));
  });

  test('what is selected can be told in every theme', async () => {
    for (const theme of ['light', 'contrast', 'contrastLight', 'dark'] as const) {
      await editor.setTheme(theme);
      await selected([1, 3, 5]);
      assert.deepEqual(await seriousViolations(page.frame, '--vscode-editor-background'), [], theme);
      await editor.screenshot(`inspector rows selected ${theme}`);
    }
  });

  test('the selection stays with its messages when the list is sorted, and loses what a filter takes away', async () => {
    await row(1).click();
    await row(2).click({ modifiers: ['Control'] });
    await row(4).click({ modifiers: ['Control'] });
    const head = page.frame.locator('.exchange-list').getByRole('columnheader', { name: 'Message' });
    await head.click();
    await head.click();
    await page.until(() => row(5).getAttribute('aria-rowindex'), (index) => index === '2', 'the last one on top');
    await selected([1, 2, 4]);
    await head.click();
    const box = page.frame.locator('input.filter');
    await box.fill('summary ~ "*mark=sel-[2345]*"');
    await box.press('Enter');
    await row(1).waitFor({ state: 'detached' });
    await selected([2, 4]);
    await selectedWords().filter({ hasText: /^2 of 4 selected$/ }).waitFor();
  });

  test('exports the list as it is filtered, as an HTTP archive', async () => {
    await page.choose('summary ~ "*mark=sel-[234]*"', 'sel-3');
    await row(5).waitFor({ state: 'detached' });
    await page.frame.getByRole('toolbar', { name: 'Inspector' }).getByRole('button', { name: 'Export…' }).click();
    await editor.screenshot('inspector export menu');
    await page.frame.getByRole('menuitem', { name: 'All 3 rows of this list…' }).click();
    const file = await answer('HTTP Archive', 'Raw, Secrets Included');
    const archive = JSON.parse(readFileSync(file, 'utf8')) as { log: { entries: { request: { url: string; cookies: { value: string }[] } }[] } };
    assert.deepEqual(harProblems(archive), []);
    assert.deepEqual(archive.log.entries.map(({ request }) => request.url.replace(/.*mark=/, '')), ['sel-2', 'sel-3', 'sel-4']);
    assert.equal(archive.log.entries[0]?.request.cookies[0]?.value, 'top-secret');
  });

  test('compares two messages, and finds them selected when it comes back', async () => {
    await row(2).click();
    await row(4).click({ modifiers: ['Shift'] });
    await row(3).click({ modifiers: ['Control'] });
    await selected([2, 4]);
    await row(4).click({ button: 'right' });
    await editor.page.getByRole('menuitem', { name: 'Compare Selected Rows' }).waitFor();
    await editor.page.keyboard.press('Escape');
    await selected([2, 4]);
    await link('Compare').click();
    const diff = editor.page.locator('.monaco-diff-editor');
    await diff.waitFor();
    for (const [side, words] of [['original', 'sel-2'], ['modified', 'sel-4']] as const) await diff.locator(`.editor.${side} .view-lines`, { hasText: words }).waitFor();
    await editor.screenshot('inspector messages compared');
    await editor.page.locator('.tabs-container .tab', { hasText: 'Traffic' }).click();
    page = await DetailPage.opened(editor);
    await selected([2, 4]);
  });

  test('in a sorted list that goes on, the chosen row stays where it is on the screen', async () => {
    await page.choose('summary ~ "*mark=sel-*"', 'sel-1');
    const head = page.frame.locator('.exchange-list').getByRole('columnheader', { name: 'Time' });
    await head.click();
    await head.click();
    await page.until(() => row(5).getAttribute('aria-rowindex'), (index) => index === '2', 'the newest on top');
    const marked = (number: number): Locator => page.frame.locator('.exchange-row', { hasText: `mark=sel-x${number}` });
    // More than the list has room for: a list that does not scroll cannot hold a row in its place.
    for (let number = 100; number < 130; number++) await ask(`/v1/products?mark=sel-x${number}`);
    await page.frame.locator('.count-words', { hasText: /^35 of / }).waitFor();
    await row(1).click();
    await editor.page.keyboard.press('Home');
    await page.until(() => marked(129).getAttribute('aria-rowindex'), (index) => index === '2', 'the newest on top');
    await marked(127).click();
    const before = await marked(127).boundingBox();
    for (let number = 130; number < 150; number++) await ask(`/v1/products?mark=sel-x${number}`);
    await page.until(() => marked(127).getAttribute('aria-rowindex'), (index) => index === '24', 'twenty rows above it');
    await page.until(() => marked(127).boundingBox(), (box) => box?.y === before?.y, `the row at ${before?.y}`);
    await page.frame.locator('.exchange-row.is-selected', { hasText: 'mark=sel-x127' }).waitFor();
    await head.click();
  });

  test('records by filter: what is wrong is told while it is typed, the status bar says what is recorded', async () => {
    await editor.runCommand('Port Prism: Start Recording...');
    await choice('Only What a Filter Lets Through…').click();
    const box = editor.page.locator('.quick-input-widget input[type=text]');
    await editor.page.locator('.quick-input-widget', { hasText: 'Record by Filter' }).waitFor();
    await box.fill('summary ~ ');
    await editor.page.locator('.quick-input-widget', { hasText: /Character \d+:/ }).waitFor();
    await box.fill('summary ~ "*mark=rec-2"');
    await box.press('Enter');
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: '.vscode' }).first().waitFor();
    const file = await page.until(() => box.inputValue(), (value) => /traffic-[\d-]+\.pcapng$/.test(value), 'the proposed name');
    await editor.page.locator('.quick-input-widget .monaco-button', { hasText: /^OK$/ }).click();
    const item = editor.page.locator('.statusbar .statusbar-item[id*="portPrism.recording"]');
    await item.filter({ hasText: 'summary ~ "*mark=rec-2"' }).waitFor();
    for (const number of [1, 2, 3]) await ask(`/v1/products?mark=rec-${number}`);
    await editor.screenshot('recording by filter');
    await item.click();
    await item.waitFor({ state: 'hidden' });
    const recorded = (): Promise<string> => Promise.resolve(execFileSync('tshark', ['-r', file, '-Y', 'http.request', '-T', 'fields', '-e', 'http.request.uri'], { encoding: 'utf8' }).trim());
    // The item goes at once; the file is whole a moment later.
    await page.until(recorded, (uris) => uris !== '', 'what was recorded');
    assert.equal(await recorded(), '/v1/products?mark=rec-2');
  });

  test('opens the body of a message in an editor, in its language', async () => {
    await page.choose('summary ~ "*mark=sel-2"', 'sel-2');
    // The lines of the exchange open first, and would move away from below the pointer.
    await page.frame.locator('.message-list .is-message', { hasText: 'mark=sel-2' }).waitFor();
    await page.field('method').waitFor();
    await page.field('status').click();
    await page.bytesTab('Body');
    await page.frame.getByRole('button', { name: 'Open in an editor' }).click();
    await editor.page.locator('.statusbar', { hasText: 'JSON' }).waitFor();
    await editor.page.locator('.tabs-container .tab', { hasText: 'Traffic' }).click();
    page = await DetailPage.opened(editor);
  });

  test('selects connections, and exports these alone', async () => {
    await page.frame.getByRole('radio', { name: 'Flows', exact: true }).click();
    const flows = page.frame.locator('.flow-list [data-flow]');
    await flows.nth(3).click();
    await editor.page.keyboard.press('Shift+ArrowDown');
    await selectedWords().filter({ hasText: /^2 of [\d,]+ selected$/ }).waitFor();
    const chosen = page.frame.locator('.flow-list [aria-selected=true]');
    await chosen.nth(1).waitFor();
    assert.equal(await chosen.count(), 2);
    await link('Export…').click();
    await editor.page.locator('.quick-input-widget', { hasText: '2 connections' }).waitFor();
    await editor.page.keyboard.press('Escape');
  });

  test('in a capture file as well: all of its rows, as JSON Lines', async () => {
    await editor.page.locator('.activitybar .action-item', { has: editor.page.locator('[aria-label^="Explorer"]') }).click();
    await editor.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'messages.pcapng' }).dblclick();
    await editor.page.locator('.tabs-container .tab.active', { hasText: 'messages.pcapng' }).waitFor();
    await editor.webview('.page-inspector .file-words');
    page = await DetailPage.opened(editor);
    await row(5).click();
    await editor.page.keyboard.press('Control+a');
    await selectedWords().filter({ hasText: /^3 of 3 selected$/ }).waitFor();
    await link('Export…').click();
    const file = await answer('JSON Lines', 'Mask Secrets');
    const lines = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { event: string; kind?: string; summary?: string });
    assert.deepEqual(lines.filter(({ kind }) => kind === 'request').map(({ summary }) => summary), [1, 3, 5].map((number) => `GET /v1/products?mark=sel-${number}`));
    assert.equal(lines.filter(({ kind }) => kind === 'answer').length, 3);
  });
});
