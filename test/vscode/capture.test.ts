import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CaptureDocument } from '../../src/host/panels/captureDocument.js';
import type { MessagePage } from '../../src/shared/protocol.js';
import { Conversation, pcap, pcapng } from '../unit/packets.js';
import { access, ruleFileUri, until } from './support.js';

const get = 'GET /orders HTTP/1.1\r\nHost: a\r\n\r\n';

function talk(port: number): Conversation {
  return new Conversation({ clientPort: port, serverPort: 8080 }).open().say('client', get).say('server', 'HTTP/1.1 204 No Content\r\n\r\n').close();
}

suite('capture files', () => {
  teardown(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  test('open in the inspector, read by a lens of their own, and let go of it when they are closed', async () => {
    const document = await opened('orders.pcapng', pcapng([...talk(50_001).frames, ...talk(50_002).frames]));
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom);
    assert.equal(input.viewType, 'portPrism.capture');
    const { lens } = document;
    assert.ok(lens);
    const { rows } = await lens.request('flows/list', { order: 'opened', start: 0, count: 10 });
    assert.deepEqual(rows.map(({ classification, state }) => [classification.protocol, state]), [['http1', 'closed'], ['http1', 'closed']]);
    const list = (): Promise<MessagePage> => lens.request('messages/list', { flow: 1, start: 0, count: 10 });
    let messages = await list();
    while (!messages.isCaughtUp) messages = await list();
    assert.deepEqual(messages.rows.map(({ summary }) => summary), ['GET /orders', '204 No Content']);
    const { captures, engine } = await access();
    assert.equal(engine.workers.engine, undefined);
    const gone = new Promise<void>((resolve) => document.register({ dispose: resolve }));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await gone;
    assert.equal(captures.documents.has(document), false);
    await assert.rejects(lens.request('lens/summary', null), { code: 'requestCancelled' });
  });

  test('say where they are damaged, and show what comes before', async () => {
    const whole = pcap(talk(50_001).frames);
    const document = await opened('damaged.pcap', whole.subarray(0, whole.length - 10));
    assert.match(document.state.file?.problem?.message ?? '', /damaged\.pcap is damaged at byte \d+/);
    assert.equal((await document.lens?.request('flows/list', { order: 'opened', start: 0, count: 10 }))?.total, 1);
  });

  test('that change on disk say so, and are read again when a person asks for it', async () => {
    const document = await opened('growing.pcapng', pcapng(talk(50_001).frames));
    await vscode.workspace.fs.writeFile(document.uri, pcapng([...talk(50_001).frames, ...talk(50_002).frames]));
    await until(document.onDidChangeFile, () => document.state.file?.since === 'changed');
    document.readAgain();
    await until(document.onDidChangeFile, () => document.state.file?.isDone === true);
    assert.deepEqual([document.state.file?.since, (await document.lens?.request('flows/list', { order: 'opened', start: 0, count: 10 }))?.total], [undefined, 2]);
  });
});

/** Puts a file into the workspace, opens it as a click in the Explorer does, and waits until it is read. */
async function opened(name: string, content: Uint8Array): Promise<CaptureDocument> {
  const { captures } = await access();
  const uri = vscode.Uri.joinPath(ruleFileUri(), '..', '..', name);
  await vscode.workspace.fs.writeFile(uri, content);
  await vscode.commands.executeCommand('vscode.open', uri);
  const document = [...captures.documents].find((open) => open.uri.toString() === uri.toString());
  if (document === undefined) throw new Error(`${name} did not open in the inspector`);
  await until(document.onDidChangeFile, () => document.state.file?.isDone === true);
  return document;
}
