// What a person makes of the list of messages: columns, order, colours, a pause, a fresh start; filters that stay in the rule file; a request as a command.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Frame, Locator } from 'playwright-core';
import type { Editor } from './editor.js';
import { openListener, pictureFailures, type TestWindow } from './windows.js';

const body = `{"note":"it's \\"five\\" o'clock: $(id) \`id\`"}`;

suite('a person arranges the list', () => {
  let opened: TestWindow;
  let editor: Editor;
  let frame: Frame;
  let server: http.Server;
  const heard: { url: string; method: string; body: string }[] = [];

  suiteSetup(async () => {
    server = http.createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => {
        heard.push({ url: request.url ?? '', method: request.method ?? '', body: text });
        response.writeHead(request.url === '/broken' ? 503 : request.url === '/gone' ? 404 : 200, { 'content-type': 'application/json' }).end('{"sold":true}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened = await openListener(8280, { default: String((server.address() as AddressInfo).port) });
    ({ editor } = opened);
    await editor.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    for (const path of ['/v1/orders/1', '/broken', '/v1/orders/2', '/gone', '/v1/orders/3']) await ask(path);
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    frame = await editor.webview('.page-inspector .toolbar');
    await rows(['/v1/orders/1', '/broken', '/v1/orders/2', '/gone', '/v1/orders/3']);
  });

  suiteTeardown(async () => {
    await opened?.close();
    server?.close();
    server?.closeAllConnections();
  });

  pictureFailures(() => editor);

  async function ask(path: string, method = 'GET', said?: string): Promise<void> {
    const request = http.request({ port: opened.port, host: '127.0.0.1', path, method, agent: false, headers: said === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(said) } });
    request.end(said);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    await once(response, 'end');
  }

  const row = (path: string): Locator => frame.locator('.exchange-row:not(.is-loading)', { has: frame.locator('.column-message', { hasText: new RegExp(`^(GET|POST) ${path}$`) }) });
  const head = (title: string): Locator => frame.getByRole('columnheader', { name: title, exact: true });
  const button = (name: string | RegExp): Locator => frame.getByRole('toolbar', { name: 'Inspector' }).getByRole('button', { name });

  /** Waits until the list has requests for just these paths, from the top. */
  async function rows(paths: readonly string[]): Promise<void> {
    await frame.waitForFunction((wanted) => {
      const shown = [...document.querySelectorAll<HTMLElement>('.exchange-row:not(.is-loading)')].filter((one) => one.offsetParent !== null && one.textContent !== '');
      shown.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
      return shown.map((one) => /(?:GET|POST) (\S+)/.exec(one.querySelector('.column-message')?.textContent ?? '')?.[1]).join() === wanted;
    }, paths.join());
  }

  test('makes a decoded field a column, sorts by it both ways, and takes it away again', async () => {
    await head('Took').click({ button: 'right' });
    await frame.getByRole('menuitem', { name: 'Add column…' }).click();
    const name = frame.getByRole('combobox', { name: 'Field of the new column' });
    await name.pressSequentially('http.stat');
    await frame.locator('#column-suggestions').getByText('http.status', { exact: true }).first().waitFor();
    await name.fill('http.status');
    await name.press('Enter');
    await head('http.status').waitFor();
    await row('/broken').locator('.column-field', { hasText: /^503$/ }).waitFor();
    await head('http.status').click();
    await rows(['/v1/orders/1', '/v1/orders/2', '/v1/orders/3', '/gone', '/broken']);
    await head('http.status').click();
    await frame.waitForFunction(() => document.querySelector('[data-column="http.status"]')?.getAttribute('aria-sort') === 'descending');
    await row('/broken').waitFor();
    await frame.waitForFunction(() => {
      const shown = [...document.querySelectorAll<HTMLElement>('.exchange-row:not(.is-loading)')].filter((one) => one.offsetParent !== null && one.textContent !== '');
      shown.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
      return shown.slice(0, 2).map((one) => one.querySelector('.column-field')?.textContent).join() === '503,404';
    });
    await editor.screenshot('list with a field as column');
    await head('http.status').focus();
    await head('http.status').press('Delete');
    await head('http.status').waitFor({ state: 'detached' });
    await rows(['/v1/orders/1', '/broken', '/v1/orders/2', '/gone', '/v1/orders/3']);
  });

  test('marks a row with a colour, and finds it by that', async () => {
    await row('/gone').click();
    await editor.page.keyboard.press('m');
    await frame.getByRole('menuitem', { name: 'Blue' }).click();
    await frame.locator('.exchange-row.color-blue', { hasText: '/gone' }).waitFor();
    await frame.locator('input.filter').fill('marked');
    await rows(['/gone']);
    await frame.locator('input.filter').fill('');
    await rows(['/v1/orders/1', '/broken', '/v1/orders/2', '/gone', '/v1/orders/3']);
  });

  test('saves a filter into the rule file; with a colour in it rows that fit are painted', async () => {
    await frame.locator('input.filter').fill('http.status >= 500');
    await rows(['/broken']);
    await button('Saved filters').click();
    await frame.getByRole('menuitem', { name: 'Save this filter…' }).click();
    const box = editor.page.locator('.quick-input-widget input[type=text]');
    await editor.page.locator('.quick-input-widget', { hasText: 'Name of the filter' }).waitFor();
    await box.fill('broken ones');
    await box.press('Enter');
    const file = join(opened.workspace, '.vscode', 'port-prism.json');
    const saved = (): { filters?: { name: string; filter: string; color?: string }[] } => JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof saved>;
    await editor.page.locator('.statusbar', { hasText: 'Saved as broken ones.' }).waitFor();
    assert.deepEqual(saved().filters, [{ name: 'broken ones', filter: 'http.status >= 500' }]);
    await frame.locator('input.filter').fill('');
    await rows(['/v1/orders/1', '/broken', '/v1/orders/2', '/gone', '/v1/orders/3']);
    await button('Saved filters').click();
    await frame.getByRole('menuitem', { name: /broken ones/ }).click();
    await rows(['/broken']);
    assert.equal(await frame.locator('input.filter').inputValue(), 'http.status >= 500');
    writeFileSync(file, JSON.stringify({ ...saved(), filters: [{ name: 'broken ones', filter: 'http.status >= 500', color: 'red' }] }));
    await frame.locator('.exchange-row.color-red', { hasText: '/broken' }).waitFor();
    await frame.locator('input.filter').fill('');
    await rows(['/v1/orders/1', '/broken', '/v1/orders/2', '/gone', '/v1/orders/3']);
    assert.equal(await frame.locator('.exchange-row.color-red').count(), 1);
    await editor.screenshot('list with colours');
  });

  test('copies a request as a command, which says the same again', async () => {
    await ask('/v1/notes', 'POST', body);
    await editor.chooseFromMenu(row('/v1/notes'), 'Copy As...');
    await editor.page.locator('.quick-input-list .monaco-list-row', { hasText: 'curl' }).first().click();
    await editor.page.locator('.statusbar, .notifications-toasts', { hasText: 'Copied as curl' }).first().waitFor();
    const command = await editor.page.evaluate(() => navigator.clipboard.readText());
    await promisify(execFile)('sh', ['-c', command]);
    assert.deepEqual(heard.slice(-2), [{ url: '/v1/notes', method: 'POST', body }, { url: '/v1/notes', method: 'POST', body }]);
  });

  test('pauses: what comes meanwhile is there afterwards; clears: only what comes from then on is listed', async () => {
    await button('Pause').click();
    await ask('/v1/while/paused');
    await ask('/v1/while/paused/too');
    await button('Resume').waitFor();
    assert.equal(await row('/v1/while/paused').count(), 0);
    await button('Resume').click();
    await row('/v1/while/paused/too').waitFor();
    await button(/^Clear:/).click();
    await frame.locator('.empty').first().waitFor();
    await ask('/v1/afterwards');
    await rows(['/v1/afterwards']);
  });
});
