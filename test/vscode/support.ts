// What the tests inside the editor share: the extension, a rule file to write, local services, and waiting for events.

import { once } from 'node:events';
import net from 'node:net';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/extension.js';
import type { Dialogs } from '../../src/host/dialogs.js';

export const extensionId = 'port-prism.port-prism';

export async function access(): Promise<TestAccess> {
  const extension = vscode.extensions.getExtension<TestAccess>(extensionId);
  if (extension === undefined) throw new Error(`${extensionId} is not there`);
  return extension.activate();
}

export function ruleFileUri(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('The tests need a folder.');
  return vscode.Uri.joinPath(folder.uri, '.vscode', 'port-prism.json');
}

/** Puts a rule file on the disk, as git or another editor would, and waits until it is in force. */
export async function writeRules(text: string): Promise<void> {
  const { ruleFiles } = await access();
  await ruleFiles.load();
  const uri = ruleFileUri();
  // A dirty editor of the test before may have the same text: what counts is the file.
  const seen = until(ruleFiles.onDidChange, () => ruleFiles.at(uri)?.exists === true && ruleFiles.at(uri)?.text === text);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  await seen;
}

/** The rule file in an editor, once the editor has caught up with the disk. */
export async function showRules(text: string): Promise<vscode.TextDocument> {
  const { document } = await vscode.window.showTextDocument(ruleFileUri());
  await until(vscode.workspace.onDidChangeTextDocument, () => document.getText() === text);
  return document;
}

export async function readRules(): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(ruleFileUri()));
}

/** Stops everything and takes the rule file away: each suite starts from nothing. */
export async function startOver(): Promise<void> {
  const { engine, ruleFiles } = await access();
  await engine.stop();
  // A dirty editor would ask whether to save, and nobody is there to answer.
  for (const document of vscode.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && uri.scheme === 'file')) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  await ruleFiles.load();
  const gone = until(ruleFiles.onDidChange, () => !ruleFiles.exists);
  await vscode.workspace.fs.delete(ruleFileUri()).then(undefined, () => undefined);
  await gone;
}

/** Resolves once the condition holds: now, or after one of the events. */
export function until(event: vscode.Event<never> | vscode.Event<unknown>, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = (event as vscode.Event<unknown>)(() => {
      if (!holds()) return;
      subscription.dispose();
      resolve();
    });
  });
}

/** A service that answers everything as a Redis simple string with its own name, and keeps the connection open. */
export async function startService(name: string): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => socket.write(`+${name} heard ${data.length}\r\n`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Says something and resolves with the first answer; the connection stays open. */
export async function say(port: number, text: string): Promise<{ answer: string; socket: net.Socket }> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return { answer: data.toString().trim(), socket };
}

/** @returns a port that nobody listens on at the moment */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Everything that the person was told, and an answer to each. */
export function recordTold(answers: TestAccess['answerWith'], press: (message: string) => string | undefined = () => undefined): string[] {
  const told: string[] = [];
  const tell: Dialogs['tell'] = (_severity, message) => {
    told.push(message);
    return Promise.resolve(press(message));
  };
  answers({ tell });
  return told;
}

/** Starts the fake debugger of test/vscode/fakeDebugger, and resolves with its session once it runs. */
export async function startFake(name: string, more: object = {}): Promise<vscode.DebugSession> {
  const started = new Promise<vscode.DebugSession>((resolve) => {
    const subscription = vscode.debug.onDidStartDebugSession((session) => {
      if (session.name !== name) return;
      subscription.dispose();
      resolve(session);
    });
  });
  if (!(await vscode.debug.startDebugging(vscode.workspace.workspaceFolders?.[0], { type: 'portPrismFake', request: 'launch', name, ...more }))) throw new Error(`${name} did not start`);
  return started;
}
