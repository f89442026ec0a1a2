// Windows that tests begin with: one on the demo and its traffic, one on a rule file of the test's own. Each is closed with all that was started for it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Editor } from './editor.js';
import { demoScript, demoWorkspaceScript } from './scripts.js';

export interface TestWindow {
  editor: Editor;
  /** of the listener */
  port: number;
  /** the folder that is open */
  workspace: string;
  /** what the test puts here goes with the window */
  folder: string;
  close(): Promise<void>;
}

/**
 * A window on the demo, whose clients talk from now on. Its setting starts the listener with the window.
 *
 * @param firstPort where free ports are looked for: suites differ
 * @param startsListeners false = a person starts them
 */
export async function openDemo(firstPort: number, { startsListeners = true } = {}): Promise<TestWindow> {
  const { freeBase, copyWorkspace } = await demoWorkspaceScript();
  const port = await freeBase(firstPort);
  return open(port, async (folder, closing) => {
    const workspace = copyWorkspace(port, join(folder, 'demo'));
    if (!startsListeners) writeFileSync(join(workspace, '.vscode', 'settings.json'), '{}');
    const { startDemo } = await demoScript();
    const demo = await startDemo({ base: port, say: () => {} });
    closing.push(() => demo.stop());
    return workspace;
  }, startsListeners);
}

/** A window on one listener, `dev`, which is started. @param rules its routes and default, as the rule file has them */
export async function openListener(firstPort: number, rules: Record<string, unknown>): Promise<TestWindow> {
  const { freeBase } = await demoWorkspaceScript();
  const port = await freeBase(firstPort);
  const window = await open(port, (folder) => {
    mkdirSync(join(folder, '.vscode'));
    writeFileSync(join(folder, '.vscode', 'port-prism.json'), JSON.stringify({ listeners: [{ name: 'dev', listen: String(port), routes: [], ...rules }] }));
    return Promise.resolve(folder);
  }, false);
  const { editor } = window;
  await editor.row('Rules', 'dev').waitFor();
  await editor.runCommand('Port Prism: Start All Listeners');
  await editor.spokenRow('Rules', 'listening').waitFor();
  return window;
}

/** Keeps a picture of what a person saw when a test of this suite failed, and shows what our part of the log ended with. */
export function pictureFailures(editor: () => Editor | undefined): void {
  teardown(async function () {
    const shown = editor();
    if (this.currentTest?.state !== 'failed' || shown === undefined) return;
    await shown.screenshot(`failed ${this.currentTest.title}`);
    console.error(shown.log().split('\n').filter((line) => /port.?prism/i.test(line)).slice(-20).join('\n'));
  });
}

async function open(port: number, prepare: (folder: string, closing: (() => Promise<void>)[]) => Promise<string>, isListening: boolean): Promise<TestWindow> {
  const folder = mkdtempSync(join(tmpdir(), 'port-prism-ui-'));
  const closing: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const workspace = await prepare(folder, closing);
    const editor = await Editor.open({ workspace });
    closing.push(() => editor.close());
    await editor.openContainer();
    if (isListening) await editor.spokenRow('Rules', 'listening').waitFor();
    return { editor, port, workspace, folder, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}
