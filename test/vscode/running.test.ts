import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/extension.js';
import type { LensClient } from '../../src/host/services.js';
import type { FlowRow } from '../../src/shared/flow.js';
import { access, freePort, isFree, readRules, recordTold, say, startOver, startService, until, writeRules } from './support.js';

suite('listeners that run', () => {
  let it: TestAccess;
  let web: Awaited<ReturnType<typeof startService>>;
  let cache: Awaited<ReturnType<typeof startService>>;
  let port: number;
  let told: string[];

  suiteSetup(async () => {
    it = await access();
    web = await startService('web');
    cache = await startService('cache');
  });

  setup(async () => {
    await startOver();
    told = recordTold(it.answerWith);
    port = await freePort();
    await writeRules(rulesFor(port));
  });

  teardown(startOver);

  suiteTeardown(async () => {
    await web.close();
    await cache.close();
  });

  test('send each protocol to its service, through one port', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    const http = await say(port, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    const redis = await say(port, '*1\r\n$4\r\nPING\r\n');
    assert.equal(http.answer, '+web heard 27');
    assert.equal(redis.answer, '+cache heard 14');
    http.socket.destroy();
    redis.socket.destroy();
    assert.deepEqual(told, []);
  });

  test('show live counts in the Rules view and the connection with its protocol in Connections', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    const { socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    await until(it.engine.onStatus, () => it.engine.status.listeners[0]?.live === 1);
    const [listener] = await it.rulesTree.getChildren();
    assert.ok(listener);
    assert.match(String(it.rulesTree.getTreeItem(listener).description), /1 live/);
    assert.match(String(it.rulesTree.getTreeItem(listener).contextValue), /listening/);

    await vscode.commands.executeCommand('portPrism.connections.focus');
    const isShown = (): boolean => it.connectionsTree.rows.some(({ row }) => row.classification.protocol === 'redis' && row.state === 'open');
    await until(it.connectionsTree.onDidChangeTreeData, isShown);
    const shown = it.connectionsTree.rows.find(({ row }) => row.classification.protocol === 'redis');
    assert.ok(shown);
    assert.equal(it.connectionsTree.getTreeItem(shown).label, 'redis › cache');

    const ended = once(socket, 'close');
    socket.resume();
    await vscode.commands.executeCommand('portPrism.connection.close', shown);
    await ended;
  });

  test('say beside a route in a few words that its upstream refuses, and in its tooltip which one', async () => {
    const nobody = await freePort();
    await writeRules((await readRules()).replace(`"to": "${cache.port}"`, `"to": "${nobody}"`));
    await vscode.commands.executeCommand('portPrism.startAll');
    const socket = net.connect(port, '127.0.0.1', () => socket.write('*1\r\n$4\r\nPING\r\n'));
    socket.on('error', () => socket.destroy());
    socket.resume();
    await until(it.engine.onStatus, () => it.engine.status.listeners[0]?.routes[1]?.upstreams[0]?.health === 'failing');
    const [listener] = await it.rulesTree.getChildren();
    const route = (await it.rulesTree.getChildren(listener))[1];
    assert.ok(route);
    const item = it.rulesTree.getTreeItem(route);
    assert.match(String(item.description), new RegExp(`^redis → ${nobody} · refused \\d+ s ago$`));
    const tooltip = it.rulesTree.resolveTreeItem(item, route).tooltip as vscode.MarkdownString;
    assert.match(tooltip.value.replaceAll('&nbsp;', ' '), new RegExp(`127.0.0.1:${nobody} refused the connection: nothing listens there`));

    await vscode.commands.executeCommand('portPrism.connections.focus');
    const own = () => it.connectionsTree.rows.find(({ row }) => row.endReason === 'connectRefused');
    await until(it.connectionsTree.onDidChangeTreeData, () => own() !== undefined);
    assert.match(String(it.connectionsTree.getTreeItem(own()!).description), /^upstream refused, \d+ s ago · /);
  });

  test('free their ports and end the engine worker when stopped, and leave what was captured', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    const { socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    socket.resume();
    const ended = once(socket, 'close');
    const clientPort = socket.localPort;
    await vscode.commands.executeCommand('portPrism.stopAll');
    await ended;
    assert.equal(await isFree(port), true);
    assert.equal(it.engine.workers.engine, undefined);
    const { lens } = it.engine;
    assert.ok(lens);
    const [row] = await closedRows(lens, (rows) => rows.filter(({ client }) => 'port' in client && client.port === clientPort), 1);
    assert.ok(row);
    assert.equal(row.endReason, 'stopped');
    const kept = await lens.request('bytes/read', { flow: row.id, from: 'client', start: 0, length: 100 });
    assert.equal(new TextDecoder().decode(kept.bytes), '*1\r\n$4\r\nPING\r\n');
  });

  test('keep what was captured when they are stopped and started again', async () => {
    const { lens } = it.engine;
    await lens?.request('flows/clear', null);
    for (const text of ['*1\r\n$4\r\nPING\r\n', '*1\r\n$4\r\nTIME\r\n']) {
      await vscode.commands.executeCommand('portPrism.startAll');
      (await say(port, text)).socket.destroy();
      await vscode.commands.executeCommand('portPrism.stopAll');
    }
    assert.ok(it.engine.lens);
    const rows = await closedRows(it.engine.lens, (all) => all, 2);
    const said = await Promise.all(rows.slice(-2).map(async ({ id }) => new TextDecoder().decode((await it.engine.lens!.request('bytes/read', { flow: id, from: 'client', start: 8, length: 4 })).bytes)));
    assert.deepEqual(said, ['PING', 'TIME']);
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  });

  test('follow a saved change at once, without touching a live connection', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    const { socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    const edited = (await readRules()).replace(`"to": "${cache.port}"`, `"to": "${web.port}"`);
    await writeRules(edited);
    await it.engine.start();
    const after = await say(port, '*1\r\n$4\r\nPING\r\n');
    assert.equal(after.answer, '+web heard 14');
    socket.write('again');
    const [data] = (await once(socket, 'data')) as [Buffer];
    assert.equal(data.toString().trim(), '+cache heard 5');
    socket.destroy();
    after.socket.destroy();
  });

  test('keep running on the last good rules when the file breaks', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    await writeRules((await readRules()).replace('"routes"', '"rotes"'));
    const { answer, socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    assert.equal(answer, '+cache heard 14');
    socket.destroy();
  });

  test('come back after their worker died, and the person is told once what was cut', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    const { socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    await until(it.engine.onStatus, () => it.engine.status.liveFlows === 1);
    socket.resume();
    socket.on('error', () => socket.destroy());
    const cut = once(socket, 'close');
    const loss = new Promise((resolve) => it.engine.onWorkerLost(resolve));
    await it.engine.workers.engine?.crash();
    await cut;
    assert.deepEqual(await loss, { which: 'engine', why: 'exit code 1', connections: 1, isBack: true });
    const again = await say(port, '*1\r\n$4\r\nPING\r\n');
    assert.equal(again.answer, '+cache heard 14');
    again.socket.destroy();
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /1 open connection was cut; the listeners are back/);
  });

  test('go on when only the viewer died, and it sees new traffic again', async () => {
    await vscode.commands.executeCommand('portPrism.startAll');
    const { socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    const known = it.engine.lens;
    assert.ok(known);
    await until(known.onChanged, () => known.summary.liveFlows === 1);
    const loss = new Promise((resolve) => it.engine.onWorkerLost(resolve));
    await it.engine.workers.lens?.crash();
    await loss;
    assert.match(told.join(), /viewer ended unexpectedly .* was started again\. What it had kept of \d+ connections? is lost/);
    socket.write('still there');
    const [data] = (await once(socket, 'data')) as [Buffer];
    assert.equal(data.toString().trim(), '+cache heard 11');
    socket.destroy();
    const { lens } = it.engine;
    assert.ok(lens);
    await until(lens.onChanged, () => lens.summary.totalFlows > 0);
  });

  test('on a port in use say who holds it, and move to a free one when asked', async () => {
    const holder = net.createServer().listen(port, '127.0.0.1');
    await once(holder, 'listening');
    told = recordTold(it.answerWith, () => 'Use a Free Port');
    await vscode.commands.executeCommand('portPrism.startAll');
    await until(it.engine.onStatus, () => it.engine.status.listeners[0]?.state === 'listening');
    holder.close();
    assert.match(told[0] ?? '', new RegExp(`"dev" did not start\\. 127\\.0\\.0\\.1:${port} is in use by .*\\(${process.pid}\\)`));
    const bound = it.engine.status.listeners[0]?.address;
    assert.ok(bound?.kind === 'tcp' && bound.port !== port);
    assert.ok((await readRules()).includes(`"listen": "127.0.0.1:${bound.port}"`));
    assert.ok((await readRules()).includes('// kept'));
  });

  test('ask once before other machines can reach them, and stay off when the answer is no', async () => {
    await writeRules(rulesFor(port).replace('127.0.0.1:', '0.0.0.0:'));
    let asked = 0;
    it.answerWith({ confirm: () => Promise.resolve(++asked > 1) });
    await vscode.commands.executeCommand('portPrism.startAll');
    assert.equal(it.engine.workers.engine, undefined);
    await vscode.commands.executeCommand('portPrism.startAll');
    const { answer, socket } = await say(port, '*1\r\n$4\r\nPING\r\n');
    assert.equal(answer, '+cache heard 14');
    socket.destroy();
    await vscode.commands.executeCommand('portPrism.stopAll');
    await vscode.commands.executeCommand('portPrism.startAll');
    assert.equal(asked, 2);
    await vscode.commands.executeCommand('portPrism.forgetExposures');
  });

  function rulesFor(listen: number): string {
    return `{
  // kept
  "listeners": [
    {
      "name": "dev",
      "listen": "127.0.0.1:${listen}",
      "routes": [
        { "name": "web", "match": { "protocol": "http" }, "to": "${web.port}" },
        { "name": "cache", "match": { "protocol": "redis" }, "to": "${cache.port}" }
      ]
    }
  ]
}
`;
  }
});

/** Lens hears of an end a moment after the engine: asks again at each change until that many of the chosen flows are closed. */
async function closedRows(lens: LensClient, choose: (rows: FlowRow[]) => FlowRow[], count: number): Promise<FlowRow[]> {
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      const subscription = lens.onChanged(() => {
        subscription.dispose();
        resolve();
      });
    });
    const { rows } = await lens.request('flows/list', { order: 'opened', start: 0, count: 100 });
    const closed = choose(rows).filter(({ state }) => state === 'closed');
    if (count <= closed.length) return closed;
    await changed;
  }
}
