// Pauses the program that is being debugged, as far as its debugger can: through standard DAP, since the pause command of the window means the session
// that has the focus, which with js-debug is often one without a thread.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';

interface Threads {
  threads?: readonly { id: number }[];
}

export class DebugPauser extends Owner {
  private readonly sessions = new Set<vscode.DebugSession>();

  constructor() {
    super();
    this.register(vscode.debug.onDidStartDebugSession((session) => this.sessions.add(session)));
    this.register(vscode.debug.onDidTerminateDebugSession((session) => this.sessions.delete(session)));
  }

  /** Every thread of the session that the person is in and of those that belong to it; adapters that cannot pause are left as they are. */
  async pause(): Promise<void> {
    const { activeDebugSession } = vscode.debug;
    if (activeDebugSession === undefined) return;
    const root = rootOf(activeDebugSession);
    const own = [activeDebugSession, ...this.sessions].filter((session, at, all) => rootOf(session).id === root.id && all.findIndex(({ id }) => id === session.id) === at);
    await Promise.all(own.map(pauseThreads));
  }
}

async function pauseThreads(session: vscode.DebugSession): Promise<void> {
  try {
    const { threads = [] } = (await session.customRequest('threads')) as Threads;
    await Promise.all(threads.map(({ id }) => session.customRequest('pause', { threadId: id })));
  } catch {
    // Best effort, as the choice says: an adapter may refuse, or its program may have ended.
  }
}

function rootOf(session: vscode.DebugSession): vscode.DebugSession {
  return session.parentSession === undefined ? session : rootOf(session.parentSession);
}
