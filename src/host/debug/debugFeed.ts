// Tells lens about debug sessions and their pauses, as a whole, whenever they change.

import type * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import { MutableDisposable, Owner, background } from '../../shared/lifecycle.js';
import type { EngineClient, LensClient } from '../services.js';
import type { DebugSessions } from './debugSessions.js';

/** Who steps through a program changes the snapshot many times a second; 10,000 pauses take some milliseconds to copy. */
const everyMs = 100;

export class DebugFeed extends Owner {
  private readonly following = this.register(new MutableDisposable<Owner>());
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStale = false;

  constructor(private readonly engine: EngineClient, private readonly sessions: DebugSessions, private readonly log: vscode.LogOutputChannel) {
    super();
    this.register(engine.onDidChangeLens((lens) => this.follow(lens)));
    this.register(sessions.onDidChange(() => this.send()));
    this.register({ dispose: () => clearTimeout(this.timer) });
    this.follow(engine.lens);
  }

  private follow(lens: LensClient | undefined): void {
    const owner = new Owner();
    if (lens !== undefined) owner.register(lens.onReset(() => this.send()));
    this.following.value = owner;
    if (0 < this.sessions.sessions.length) this.send();
  }

  private send(): void {
    const { lens } = this.engine;
    if (lens === undefined) return;
    if (this.timer !== undefined) {
      this.isStale = true;
      return;
    }
    this.isStale = false;
    background(this.tell(lens), (fault) => this.log.error(fault instanceof Error ? fault : String(fault)));
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isStale) this.send();
    }, everyMs);
  }

  private async tell(lens: LensClient): Promise<void> {
    try {
      await lens.request('debug/set', this.sessions.snapshot);
    } catch (fault) {
      // The worker went away meanwhile; its successor says "reset" and gets it then.
      if (!(fault instanceof MuxError && fault.code === 'requestCancelled')) throw fault;
    }
  }
}
