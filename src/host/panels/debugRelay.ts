// What a page may ask about debug sessions, and what it hears of them: the sessions, the times at which a debugger held a program, and what the
// person narrowed the lists to.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { DebugPageNotifications } from '../../shared/debug.js';
import type { DebugFollower } from '../services.js';
import type { PageRpc } from './lensRelay.js';
import * as validate from './validate.js';

/** Bands on a screen; a list a thousand rows long shows them all. */
const maxBands = 1000;

/** The page hears at most this often, in milliseconds: who steps through a program changes pauses many times a second. */
const everyMs = 100;

export type PushDebug = <K extends keyof DebugPageNotifications & string>(name: K, payload: DebugPageNotifications[K]) => void;

/** What a page hears that shows a file: no session was there. */
export const nothingDebugged: DebugFollower = {
  sessions: [],
  narrowing: {},
  pausesRevision: 0,
  onDidChange: () => new vscode.Disposable(() => undefined),
  idOf: () => undefined,
  nameOf: () => undefined,
  timeline: () => [],
  narrow: () => undefined,
};

export class DebugRelay extends Owner {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStale = false;

  /** @param push to the page, when there is one */
  constructor(rpc: PageRpc, private readonly debug: DebugFollower, private readonly push: PushDebug) {
    super();
    this.register(debug.onDidChange(() => this.tell()));
    this.register({ dispose: () => clearTimeout(this.timer) });
    rpc.handle('debug/sessions', () => ({ sessions: [...debug.sessions], narrowing: debug.narrowing }));
    rpc.handle('debug/timeline', (raw) => {
      const { from = 0, to = Number.MAX_VALUE } = validate.debugTimeline(raw);
      return { pauses: debug.timeline(from, to, maxBands) };
    });
    rpc.handle('debug/narrow', (raw) => {
      debug.narrow(validate.debugNarrowing(raw));
      return null;
    });
    rpc.handle('debug/reveal', async (raw) => {
      const { file, line } = validate.debugPlace(raw);
      // A page opens what a debugger named, and no other file.
      if (!debug.timeline(0, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER).some((pause) => pause.file === file)) throw validate.refused('file');
      const at = new vscode.Position(Math.max(0, line - 1), 0);
      await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at), viewColumn: vscode.window.visibleTextEditors[0]?.viewColumn ?? vscode.ViewColumn.Beside });
      return null;
    });
  }

  private tell(): void {
    if (this.timer !== undefined) {
      this.isStale = true;
      return;
    }
    this.isStale = false;
    const { sessions, narrowing, pausesRevision } = this.debug;
    this.push('debug/changed', { sessions: [...sessions], narrowing, pausesRevision });
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isStale) this.tell();
    }, everyMs);
  }
}
