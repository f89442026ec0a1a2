// What a person does with it, in order: start, use the app on one port, watch, look inside, change a rule, break the file, stop.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Editor, patienceMs } from './editor.js';
import { InspectorPage } from './inspectorPage.js';
import { RuleEditorPage } from './ruleEditorPage.js';
import { openDemo, pictureFailures, type TestWindow } from './windows.js';

suite('a person with the demo', () => {
  let editor: Editor;
  let opened: TestWindow;
  let workspace: string;
  let port: number;
  const ruleFile = (): string => join(workspace, '.vscode', 'port-prism.json');

  suiteSetup(async () => {
    // A person starts the listeners here, so they must not be running already.
    opened = await openDemo(7174, { startsListeners: false });
    ({ editor, port, workspace } = opened);
  });

  suiteTeardown(async () => {
    await opened?.close();
  });

  pictureFailures(() => editor);

  test('sees the rules of the file, and that nothing runs yet', async () => {
    await editor.row('Rules', 'shop').waitFor();
    await editor.spokenRow('Rules', `Listener shop, 127.0.0.1:${port}, stopped`).waitFor();
    for (const route of ['stock', 'web', 'orders', 'events', 'cache', 'machine', 'payments', 'mailer']) await editor.row('Rules', route).waitFor();
    assert.equal(await accepts(port), false);
  });

  test('starts all listeners from the palette', async () => {
    await editor.runCommand('Port Prism: Start All Listeners');
    await editor.spokenRow('Rules', `Listener shop, 127.0.0.1:${port}, listening`).waitFor();
    assert.equal((await get(port, 'shop.localhost', '/v1/products')).status, 200);
  });

  test('watches the connections of every protocol arrive', async () => {
    for (const words of [/HTTP.*› web/i, /gRPC › stock/i, /PostgreSQL › orders|postgres › orders/i, /MQTT › events/i, /TLS › payments/i, /SSH › machine/i]) {
      await editor.row('Connections', words).waitFor();
    }
    await editor.statusItem().filter({ hasText: /\d/ }).waitFor();
  });

  test('clicks a connection, and reads its facts and its bytes with the protocol named', async () => {
    await editor.row('Connections', /postgres.* › orders/i).click();
    const inspector = await InspectorPage.opened(editor);
    const facts = await inspector.tab('Flow');
    await facts.filter({ hasText: /Protocol/ }).waitFor();
    // Rows of a busy list move while the mouse is on its way, as they do for a person: the one that is meant is picked in the filtered list.
    await inspector.filter('orders');
    await inspector.selectFlow('orders');
    await facts.filter({ hasText: /PostgreSQL/i }).waitFor();
    const words = (await facts.textContent()) ?? '';
    assert.match(words, new RegExp(`127\\.0\\.0\\.1:${port + 4}`), 'names the upstream');
    assert.match(words, /shop\.mjs/, 'names the program');
    // StartupMessage: 4 bytes of length, protocol 3.0, then "user".
    await inspector.untilHex('Client', /^[0-9a-f]{8}0003000075736572/);
    // AuthenticationOk: R, length 8, zero.
    await inspector.untilHex('Upstream', /^520000000800000000/);
    await inspector.filter('');
  });

  test('reads what was said, message by message, and sees the bytes of each field', async () => {
    const inspector = await InspectorPage.opened(editor);
    await inspector.filter('orders');
    await inspector.selectFlow('orders');
    await inspector.tab('Decoded');
    const startup = inspector.said(/^.*startup 3\.0: user/);
    await startup.dblclick();
    const user = inspector.field('user');
    await user.click();
    assert.match((await user.textContent()) ?? '', /postgres/);
    // "user\0postgres\0": the field's bytes are what is selected.
    await inspector.frame.locator('.hex .run-selected', { hasText: /75 73 65 72/ }).first().waitFor();
    await inspector.said(/authentication ok/).waitFor();
    await inspector.frame.locator('.message-list .is-message .cell-3', { hasText: /ms/ }).first().waitFor();
    await editor.screenshot('inspector decoded');
    await inspector.filter('');
  });

  test('asks why a connection went where it went', async () => {
    const inspector = await InspectorPage.opened(editor);
    await inspector.filter('mailer');
    await inspector.selectFlow('mailer');
    const why = await inspector.tab('Why here');
    await why.filter({ hasText: /mailer/ }).waitFor();
    assert.match((await why.textContent()) ?? '', /mailer\.mjs|the client is/);
    await inspector.filter('');
  });

  test('edits a route in the sidebar and saves: the change is live, and the comments are still there', async () => {
    assert.equal((await get(port, 'shop.localhost', '/who')).status, 404, 'the shop knows no /who');
    await editor.selectRule(/^web/);
    const form = await RuleEditorPage.opened(editor);
    await form.setTarget(String(port + 8));
    await form.save();
    await eventually(() => assert.match(readFileSync(ruleFile(), 'utf8'), new RegExp(`"web".*"to": "${port + 8}"`)));
    // The payment provider's port speaks TLS: plain HTTP gets no answer there.
    await eventually(async () => assert.equal((await get(port, 'shop.localhost', '/v1/products')).status, 0));
    const text = readFileSync(ruleFile(), 'utf8');
    assert.match(text, /\/\/ All of HTTP and WebSocket, for this host name only/);
    assert.match(text, /\/\/ The one port every client uses/);
    await form.setTarget(String(port + 1));
    await form.save();
    await eventually(async () => assert.equal((await get(port, 'shop.localhost', '/v1/products')).status, 200));
  });

  test('breaks the file: the Problems view says where, and the last good rules keep running', async () => {
    const good = readFileSync(ruleFile(), 'utf8');
    writeFileSync(ruleFile(), good.replace('"protocol": "redis"', '"protocoll": "redis"'));
    await editor.runCommand('View: Focus Problems');
    const problem = editor.page.locator('.markers-panel .monaco-list-row', { hasText: /protocoll/ }).first();
    await problem.waitFor();
    assert.match((await problem.textContent()) ?? '', /did you mean/i);
    assert.equal((await get(port, 'shop.localhost', '/v1/products')).status, 200);
    writeFileSync(ruleFile(), good);
    await problem.waitFor({ state: 'detached' });
  });

  test('stops everything, and the port is free', async () => {
    await editor.runCommand('Port Prism: Stop All Listeners');
    await editor.spokenRow('Rules', `Listener shop, 127.0.0.1:${port}, stopped`).waitFor();
    await eventually(async () => assert.equal(await accepts(port), false));
  });

  test('loads the window again: the inspector is back, empty, and complains of nothing', async () => {
    await editor.page.reload();
    const inspector = await InspectorPage.openedEmpty(editor);
    await inspector.detail().waitFor({ state: 'hidden' });
    assert.equal(await inspector.message().isVisible(), false, (await inspector.message().textContent()) ?? '');
  });
});

/** @returns status 0 when there was no answer that HTTP knows */
function get(port: number, host: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path, headers: { host: `${host}:${port}` }, agent: false, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data) => (text += String(data)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ status: 0, text: '' }));
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Tries until it holds; the last failure is the test's. */
async function eventually(holds: () => unknown): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await holds();
      return;
    } catch (fault) {
      if (Date.now() > deadline) throw fault;
      await new Promise((done) => setTimeout(done, 150));
    }
  }
}
