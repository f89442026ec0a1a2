import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/extension.js';
import type { FlowRow } from '../../src/shared/flow.js';
import type { ExchangeRow } from '../../src/shared/inspect.js';
import { access, freePort, startFake, startOver, startService, until, writeRules } from './support.js';

suite('beside the debugger', () => {
  let it: TestAccess;

  suiteSetup(async () => {
    it = await access();
  });

  setup(startOver);

  teardown(async () => {
    await vscode.debug.stopDebugging();
    await startOver();
  });

  test('any adapter\'s session is followed: its process, where it stops and for how long', async () => {
    const { debugSessions } = it;
    const session = await startFake('fake program');
    await until(debugSessions.onDidChange, () => debugSessions.sessions.at(-1)?.pids.length === 1);
    const known = debugSessions.sessions.at(-1);
    assert.deepEqual([known?.id, known?.name, known?.endedAt], [session.id, 'fake program', undefined]);

    const before = debugSessions.snapshot.pauses.length;
    await session.customRequest('test/stop', { path: '/srv/shop/server.js', line: 42 });
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.at(-1)?.where === 'server.js:42');
    const held = debugSessions.snapshot.pauses.at(-1);
    assert.deepEqual([held?.session, held?.file, held?.line, held?.endedAt, held?.pids], [session.id, '/srv/shop/server.js', 42, undefined, known?.pids]);
    await session.customRequest('continue', { threadId: 1 });
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.at(-1)?.endedAt !== undefined);
    assert.equal(debugSessions.snapshot.pauses.length, before + 1);

    await session.customRequest('test/stop', { path: '/srv/shop/server.js', line: 43 });
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.length === before + 2);
    await vscode.debug.stopDebugging(session);
    await until(debugSessions.onDidChange, () => debugSessions.sessions.at(-1)?.endedAt !== undefined);
    assert.notEqual(debugSessions.snapshot.pauses.at(-1)?.endedAt, undefined);
  });

  test('a connection says which session its client belongs to', async () => {
    const service = await startService('web');
    const port = await freePort();
    await writeRules(JSON.stringify({ listeners: [{ name: 'dev', listen: `127.0.0.1:${port}`, routes: [], default: String(service.port) }] }));
    await vscode.commands.executeCommand('portPrism.startAll');
    const session = await startFake('shop client');
    const { heard } = await session.customRequest('test/say', { port, text: 'GET / HTTP/1.1\r\nhost: x\r\n\r\n' }) as { heard: string };
    assert.match(heard, /web heard/);
    const row = await flowWhere((flow) => flow.session === session.id);
    assert.deepEqual([row.process?.pid], it.debugSessions.sessions.at(-1)?.pids);
    await vscode.commands.executeCommand('portPrism.connections.focus');
    const shown = (): boolean => it.connectionsTree.rows.some((node) => String(it.connectionsTree.getTreeItem(node).description).includes('shop client'));
    await until(it.connectionsTree.onDidChangeTreeData, shown);
    await service.close();
  });

  test('the traffic is narrowed to a session, or to its last start, which moves with every restart', async () => {
    const { debugSessions } = it;
    const session = await startFake('narrow');
    await vscode.commands.executeCommand('portPrism.inspector.onlySession');
    assert.deepEqual(debugSessions.narrowing, { session: session.id });
    await vscode.commands.executeCommand('portPrism.inspector.sinceRestart');
    const facts = debugSessions.sessions.at(-1);
    assert.deepEqual(debugSessions.narrowing, { session: session.id, from: facts?.startedAt, isSinceRestart: true });
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    await until(debugSessions.onDidChange, () => debugSessions.sessions.at(-1)?.restartedAt !== undefined);
    assert.equal(debugSessions.narrowing.from, debugSessions.sessions.at(-1)?.restartedAt);
    // Stopped, and started again by F5: the same narrowing, for the new session.
    await vscode.debug.stopDebugging(session);
    await until(debugSessions.onDidChange, () => debugSessions.sessions.at(-1)?.endedAt !== undefined);
    const next = await startFake('narrow');
    assert.deepEqual(debugSessions.narrowing, { session: next.id, from: debugSessions.sessions.at(-1)?.startedAt, isSinceRestart: true });
    await vscode.commands.executeCommand('portPrism.inspector.allSessions');
    assert.deepEqual(debugSessions.narrowing, {});
  });

  test('js-debug: a request that waits for a breakpoint has the session, the pause and the rest of its time', async function () {
    this.timeout(120_000);
    const { debugSessions } = it;
    const [upstream, port] = [await freePort(), await freePort()];
    const program = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'server.js');
    writeFileSync(program, [
      'const http = require("http");',
      'http.createServer((request, response) => {',
      '  const body = "stopped for " + request.url;',
      '  response.end(body);',
      `}).listen(${upstream}, "127.0.0.1", () => console.log("ready"));`,
    ].join('\n'));
    await writeRules(JSON.stringify({ listeners: [{ name: 'dev', listen: `127.0.0.1:${port}`, routes: [], default: String(upstream) }] }));
    await vscode.commands.executeCommand('portPrism.startAll');
    const breakpoint = new vscode.SourceBreakpoint(new vscode.Location(vscode.Uri.file(program), new vscode.Position(2, 0)));
    vscode.debug.addBreakpoints([breakpoint]);
    const ready = outputSays('ready');
    assert.ok(await vscode.debug.startDebugging(vscode.workspace.workspaceFolders![0], { type: 'node', request: 'launch', name: 'shop server', program, console: 'internalConsole' }));
    await ready;

    const asked = Date.now();
    const answer = fetch(`http://127.0.0.1:${port}/cart`);
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.at(-1)?.where === 'server.js:3');
    const session = debugSessions.sessions.find(({ name }) => name === 'shop server');
    assert.ok(session !== undefined && session.pids.length > 0);
    // It is held while this goes on: the pause is at least as long as what happens meanwhile takes.
    const row = await flowWhere((flow) => flow.session === session.id);
    assert.equal(row.upstreamProcess?.pid, session.pids.at(-1));
    await resumeHeld();
    assert.equal(await (await answer).text(), 'stopped for /cart');
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.at(-1)?.endedAt !== undefined);
    const pause = debugSessions.snapshot.pauses.at(-1);
    assert.ok(pause?.endedAt !== undefined && asked <= pause.startedAt && pause.startedAt < pause.endedAt);
    assert.deepEqual([pause.session, pause.reason, pause.file, pause.pids], [session.id, 'breakpoint', program, [row.upstreamProcess?.pid]]);
    vscode.debug.removeBreakpoints([breakpoint]);

    // What the list says of the request: the wait without the pause, and the pause.
    const exchange = await exchangeWhere(({ summary, answer: has, pausedMs }) => summary.includes('/cart') && has !== undefined && pausedMs !== undefined);
    const waited = exchange.answer!.startedAt - exchange.endedAt;
    const held = Math.min(pause.endedAt, exchange.answer!.startedAt) - Math.max(pause.startedAt, exchange.endedAt);
    assert.ok(Math.abs(exchange.pausedMs! - held) < 0.01, `${exchange.pausedMs} of ${held}`);
    assert.ok(Math.abs(exchange.latencyMs! + exchange.pausedMs! - waited) < 0.01, `${exchange.latencyMs} and ${exchange.pausedMs} of ${waited}`);
  });

  test('js-debug: a request is held and the program is paused at the same moment; both go on when told to', async function () {
    this.timeout(60_000);
    const { debugSessions, engine } = it;
    const [upstream, port] = [await freePort(), await freePort()];
    const program = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'busy.js');
    // Something runs all the time: a program that only waits is paused once it does something.
    writeFileSync(program, [
      'const http = require("http");',
      'setInterval(() => {}, 20);',
      `http.createServer((request, response) => response.end("heard " + request.url)).listen(${upstream}, "127.0.0.1", () => console.log("listening now"));`,
    ].join('\n'));
    await writeRules(JSON.stringify({ listeners: [{ name: 'dev', listen: `127.0.0.1:${port}`, routes: [], default: String(upstream) }] }));
    await vscode.commands.executeCommand('portPrism.startAll');
    const ready = outputSays('listening now');
    assert.ok(await vscode.debug.startDebugging(vscode.workspace.workspaceFolders![0], { type: 'node', request: 'launch', name: 'busy server', program, console: 'internalConsole' }));
    await ready;
    const status: { held: readonly { summary: string }[] }[] = [];
    const listening = engine.onHold((now) => status.push(now));
    it.answerWith({ input: () => Promise.resolve('http.path == "/held"'), pick: (choices) => Promise.resolve(choices.at(-1)?.value), tell: () => Promise.resolve(undefined) });
    await vscode.commands.executeCommand('portPrism.hold.start');

    const answer = fetch(`http://127.0.0.1:${port}/held`);
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.at(-1)?.file === program);
    assert.deepEqual(status.at(-1)?.held.map(({ summary }) => summary), ['GET /held']);
    assert.equal(debugSessions.snapshot.pauses.at(-1)?.endedAt, undefined);
    await resumeHeld();
    await until(debugSessions.onDidChange, () => debugSessions.snapshot.pauses.at(-1)?.endedAt !== undefined);
    assert.equal(status.at(-1)?.held.length, 1, 'the program runs, and the message still stands');
    await vscode.commands.executeCommand('portPrism.held.release');
    assert.equal(await (await answer).text(), 'heard /held');
    listening.dispose();
    await vscode.commands.executeCommand('portPrism.hold.stop');
  });

  test('js-debug: a program that is attached to by its port is known by its process', async function () {
    this.timeout(120_000);
    const { debugSessions } = it;
    const child = spawn('node', ['--inspect=127.0.0.1:0', '-e', 'setInterval(() => {}, 1000)'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [said] = (await once(child.stderr, 'data')) as [Buffer];
    const port = Number(/:(\d+)\//.exec(String(said))?.[1]);
    // With "localhost" js-debug tries both families at once, and leaves the failure of one unhandled.
    assert.ok(await vscode.debug.startDebugging(vscode.workspace.workspaceFolders![0], { type: 'node', request: 'attach', name: 'attached', address: '127.0.0.1', port }));
    await until(debugSessions.onDidChange, () => debugSessions.sessions.some(({ name, pids }) => name === 'attached' && pids.includes(child.pid!)));
    await vscode.debug.stopDebugging();
    child.kill();
  });

  /** The first row of the message list for which something holds, asked again whenever lens has more. */
  async function exchangeWhere(holds: (row: ExchangeRow) => boolean): Promise<ExchangeRow> {
    const { lens } = it.engine;
    assert.ok(lens);
    const opened = await lens.request('view/open', { filter: '', listing: 'exchanges' });
    assert.ok('view' in opened);
    for (;;) {
      const more = new Promise<void>((resolve) => {
        const subscription = lens.onChanged(() => {
          subscription.dispose();
          resolve();
        });
      });
      const found = (await lens.request('view/rows', { view: opened.view, start: 0, count: 1000, columns: [] })).rows.find(holds);
      if (found !== undefined) return found;
      await more;
    }
  }

  /** The first connection for which something holds, asked again whenever lens has more. */
  async function flowWhere(holds: (row: FlowRow) => boolean): Promise<FlowRow> {
    const { lens } = it.engine;
    assert.ok(lens);
    for (;;) {
      const more = new Promise<void>((resolve) => {
        const subscription = lens.onChanged(() => {
          subscription.dispose();
          resolve();
        });
      });
      const found = (await lens.request('flows/list', { order: 'opened', start: 0, count: 100 })).rows.find(holds);
      if (found !== undefined) return found;
      await more;
    }
  }

  /** Resolves once a debugged program prints the text. */
  function outputSays(text: string): Promise<void> {
    return new Promise((resolve) => {
      const registration = vscode.debug.registerDebugAdapterTrackerFactory('*', {
        createDebugAdapterTracker: () => ({
          onDidSendMessage: (message: { event?: string; body?: { output?: string } }) => {
            if (message.event !== 'output' || message.body?.output?.includes(text) !== true) return;
            registration.dispose();
            resolve();
          },
        }),
      });
    });
  }

  /** Presses "continue" for the program that is held. */
  async function resumeHeld(): Promise<void> {
    const isThere = (): boolean => vscode.debug.activeStackItem !== undefined && vscode.debug.activeDebugSession !== undefined;
    await until(vscode.debug.onDidChangeActiveStackItem, isThere);
    const item = vscode.debug.activeStackItem!;
    await item.session.customRequest('continue', { threadId: item.threadId });
  }
});
