// A person who debugs: the request that waits at the breakpoint says so, its time there is told apart, and the lists are narrowed to the session.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import type { Editor } from './editor.js';
import { demoWorkspaceScript } from './scripts.js';
import { openListener, pictureFailures, type TestWindow } from './windows.js';

suite('a person debugs a program', () => {
  let opened: TestWindow;
  let editor: Editor;
  let other: http.Server;
  let frame: Frame;

  suiteSetup(async () => {
    other = http.createServer((_, response) => response.end('from elsewhere'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const elsewhere = (other.address() as AddressInfo).port;
    const { freeBase } = await demoWorkspaceScript();
    const programPort = await freeBase(8390);
    opened = await openListener(8360, {
      routes: [{ name: 'elsewhere', match: { http: { path: '/elsewhere/*' } }, to: String(elsewhere) }],
      default: String(programPort),
    });
    ({ editor } = opened);
    writeFileSync(join(opened.workspace, '.vscode', 'launch.json'), JSON.stringify({ version: '0.2.0', configurations: [{ type: 'node', request: 'launch', name: 'shop server', program: '${workspaceFolder}/server.js', console: 'internalConsole' }] }));
    writeFileSync(join(opened.workspace, 'server.js'), [
      'require("http").createServer((request, response) => {',
      '  if (request.url === "/cart") debugger;',
      '  response.end("sold");',
      // It says itself when it is there.
      `}).listen(${programPort}, "127.0.0.1", () => require("http").get("http://127.0.0.1:${elsewhere}/ready"));`,
    ].join('\n'));
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    frame = await editor.webview('.page-inspector .toolbar');
  });

  suiteTeardown(async () => {
    await opened?.close();
    other?.close();
    other?.closeAllConnections();
  });

  pictureFailures(() => editor);

  const row = (path: string): Locator => frame.locator('.exchange-row:not(.is-loading)', { hasText: `GET ${path}` });

  async function ask(path: string): Promise<number | undefined> {
    const [response] = (await once(http.get({ port: opened.port, host: '127.0.0.1', path, agent: false }), 'response')) as [http.IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  }

  test('sees the request wait at the breakpoint, and afterwards how long', async () => {
    const isReady = once(other, 'request');
    await editor.runCommand('Debug: Start Debugging');
    await isReady;
    const answer = ask('/cart');
    await editor.page.locator('.debug-toolbar .codicon-debug-continue').waitFor();
    await editor.page.locator('.debug-top-stack-frame-line').first().waitFor();
    await editor.page.locator('.tabs-container .tab', { hasText: 'Traffic' }).click();
    frame = await editor.webview('.page-inspector .toolbar');
    await row('/cart').getByText(/stopped at server\.js:2/).waitFor();
    await editor.screenshot('request at a breakpoint');
    await editor.runCommand('Debug: Continue');
    assert.equal(await answer, 200);
    await row('/cart').locator('.column-answer', { hasText: '200 OK' }).waitFor();
    assert.match((await row('/cart').getAttribute('aria-label')) ?? '', /waited for your breakpoint [\d.]+ m?s/);
  });

  test('looks at this session only, and at everything again', async () => {
    assert.equal(await ask('/elsewhere/1'), 200);
    await row('/elsewhere/1').waitFor();
    await frame.getByRole('button', { name: 'More' }).click();
    await frame.getByRole('menuitemcheckbox', { name: /^Only shop server/ }).click();
    const chip = frame.locator('button.chip.is-on', { hasText: 'shop server' });
    await chip.waitFor();
    await row('/elsewhere/1').waitFor({ state: 'detached' });
    await row('/cart').waitFor();
    await editor.screenshot('only this session');
    await chip.click();
    await row('/elsewhere/1').waitFor();
    await editor.runCommand('Debug: Stop');
    await editor.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
  });
});
