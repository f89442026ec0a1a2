// Exports, documents, comparisons and recordings, as commands of the editor.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/extension.js';
import type { Choice } from '../../src/host/dialogs.js';
import type { FlowRow } from '../../src/shared/flow.js';
import { access, freePort, recordTold, startOver, until, writeRules } from './support.js';

suite('taking traffic along', () => {
  const folder = mkdtempSync(join(tmpdir(), 'port-prism-take-'));
  let it: TestAccess;
  let server: Server;
  let port: number;
  let told: string[];

  suiteSetup(async () => {
    it = await access();
    server = createServer((request, response) => response.setHeader('content-type', 'application/json').end(`{"path":"${request.url}","ok":true}`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  setup(async () => {
    await startOver();
    told = recordTold(it.answerWith);
    port = await freePort();
    await writeRules(JSON.stringify({ listeners: [{ name: 'dev', listen: String(port), routes: [], default: String((server.address() as AddressInfo).port) }] }));
    await vscode.commands.executeCommand('portPrism.startAll');
  });

  teardown(startOver);

  suiteTeardown(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  async function newest(): Promise<FlowRow | undefined> {
    return (await it.engine.lens?.request('flows/list', { order: 'opened', start: 0, count: 1000 }))?.rows.at(-1);
  }

  /** Sends a request and waits until the editor knows of its end. */
  async function ask(path: string): Promise<FlowRow> {
    // The connection of the request before may be all that lens has heard of.
    const known = await newest();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: 'Bearer not-for-others', connection: 'close' } });
    await response.text();
    const lens = it.engine.lens!;
    for (;;) {
      const row = await newest();
      if (row !== undefined && row.id !== known?.id && row.state === 'closed' && 0 < row.fromUpstream.total) return row;
      await new Promise<void>((resolve) => {
        const subscription = lens.onChanged(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
  }

  /** Picks by label, in the order of the questions. */
  function pick(...labels: string[]): void {
    const rest = [...labels];
    it.answerWith({
      pick: <T>(choices: readonly Choice<T>[]): Promise<T | undefined> => {
        const wanted = rest.shift();
        const found = choices.find(({ label }) => label === wanted);
        assert.ok(found !== undefined, `${wanted} among ${choices.map(({ label }) => label).join(', ')}`);
        return Promise.resolve(found.value);
      },
    });
  }

  test('a connection goes into a HAR, without its secrets, and the person is told how many were masked', async () => {
    const flow = await ask('/cart');
    const file = join(folder, 'cart.har');
    pick('HTTP Archive', 'Mask Secrets');
    it.answerWith({ save: () => Promise.resolve(vscode.Uri.file(file)) });
    await vscode.commands.executeCommand('portPrism.connection.export', { flow: flow.id });
    const { log } = JSON.parse(readFileSync(file, 'utf8')) as { log: { creator: { name: string }; entries: { request: { url: string; headers: { name: string; value: string }[] } }[] } };
    assert.equal(log.creator.name, 'Port Prism');
    assert.deepEqual(log.entries.map(({ request }) => request.url), [`http://127.0.0.1:${port}/cart`]);
    assert.equal(log.entries[0]!.request.headers.find(({ name }) => name === 'authorization')?.value, 'Bearer ••••••');
    assert.match(told.at(-1) ?? '', /Exported to cart\.har: 1 connection · .* · 1 secret masked\./);
  });

  test('a body opens in an editor with its language, laid out and not to be edited', async () => {
    const flow = await ask('/body');
    await vscode.commands.executeCommand('portPrism.message.openBody', { flow: flow.id, index: 0, answer: 1 });
    const document = vscode.window.activeTextEditor?.document;
    assert.deepEqual([document?.uri.scheme, document?.languageId, document?.getText()], ['port-prism', 'json', '{\n  "path": "/body",\n  "ok": true\n}']);
    assert.match(document!.fileName, /\.json$/);
    assert.equal(vscode.workspace.fs.isWritableFileSystem('port-prism') ?? false, false);
  });

  test('two messages and two connections stand beside each other in the standard diff', async () => {
    const [one, other] = [await ask('/one'), await ask('/two')];
    await vscode.commands.executeCommand('portPrism.message.selectForCompare', { flow: one.id, index: 1 });
    await vscode.commands.executeCommand('portPrism.message.compare', { flow: other.id, index: 1 });
    const shown = (): vscode.TabInputTextDiff | undefined => {
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      return input instanceof vscode.TabInputTextDiff ? input : undefined;
    };
    await until(vscode.window.tabGroups.onDidChangeTabs, () => shown() !== undefined);
    const text = async (uri: vscode.Uri): Promise<string> => (await vscode.workspace.openTextDocument(uri)).getText();
    assert.match(await text(shown()!.original), /"path": "\/one"/);
    assert.match(await text(shown()!.modified), /"path": "\/two"/);
    await vscode.commands.executeCommand('portPrism.connections.focus');
    await until(it.connectionsTree.onDidChangeTreeData, () => 2 <= it.connectionsTree.rows.filter(({ row }) => row.id === one.id || row.id === other.id).length);
    const nodes = it.connectionsTree.rows.filter(({ row }) => row.id === one.id || row.id === other.id);
    await vscode.commands.executeCommand('portPrism.flow.compare', nodes[0], nodes);
    await until(vscode.window.tabGroups.onDidChangeTabs, () => shown()?.original.path.startsWith(`/connection-${one.id}`) === true);
    assert.match(await text(shown()!.original), /→ GET \/one/);
  });

  test('what was captured before a reload says that it is gone', async () => {
    const uri = vscode.Uri.from({ scheme: 'port-prism', path: '/1-0-GET.json', query: JSON.stringify({ lens: 'another', kind: 'body', flow: 1, index: 0 }) });
    assert.match((await vscode.workspace.openTextDocument(uri)).getText(), /earlier session and is gone/);
  });

  test('copy as cURL masks secrets and offers the command with them', async () => {
    const flow = await ask('/copy');
    pick('curl');
    await vscode.commands.executeCommand('portPrism.message.copyAs', { flow: flow.id, index: 0 });
    const command = await vscode.env.clipboard.readText();
    assert.match(command, new RegExp(`^curl http://127\\.0\\.0\\.1:${port}/copy `));
    assert.ok(!command.includes('not-for-others'), command);
    assert.match(told.at(-1) ?? '', /Copied as curl\. 1 secret is masked in it\./);
  });

  test('a recording is written while traffic passes, and ends with the engine', async () => {
    const file = join(folder, 'recorded.pcapng');
    pick('Everything');
    it.answerWith({ save: () => Promise.resolve(vscode.Uri.file(file)) });
    await vscode.commands.executeCommand('portPrism.record.start');
    await ask('/recorded');
    await vscode.commands.executeCommand('portPrism.stopAll');
    await until(it.engine.onStatus, () => it.engine.status.listeners.length === 0);
    while (!told.some((message) => message.startsWith('Recorded to recorded.pcapng'))) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(readFileSync(file, 'latin1').includes('GET /recorded HTTP/1.1'));
    assert.ok(100 < statSync(file).size);
  });

  test('a recording by filter has what fits alone; a filter that is wrong is refused with its place while it is typed', async () => {
    const file = join(folder, 'by filter.pcapng');
    const problems: (string | undefined)[] = [];
    pick('Only What a Filter Lets Through…');
    it.answerWith({
      input: async ({ check }) => {
        for (const text of ['', 'http.path ~', 'http.path ~ "/wanted*"']) problems.push(await check?.(text));
        return 'http.path ~ "/wanted*"';
      },
      save: () => Promise.resolve(vscode.Uri.file(file)),
    });
    await vscode.commands.executeCommand('portPrism.record.start');
    assert.match(problems[0] ?? '', /Write a filter/);
    assert.match(problems[1] ?? '', /^Character 12: /);
    assert.equal(problems[2], undefined);
    for (const path of ['/other', '/wanted', '/another']) await ask(path);
    await vscode.commands.executeCommand('portPrism.record.stop');
    const text = readFileSync(file, 'latin1');
    assert.deepEqual([text.includes('GET /wanted'), text.includes('"path":"/wanted"'), text.includes('/other'), text.includes('/another')], [true, true, false, false]);
  });
});
