// The editor's debug sessions as they run: their programs' process ids, and when and where a debugger holds them. Works with any adapter that
// speaks the protocol; js-debug, which tells no process ids, writes them into its sessions' names.

import * as vscode from 'vscode';
import { maxDebugPauses, maxDebugSessions, type DebugNarrowing, type DebugPause, type DebugSessionFacts, type DebugSnapshot } from '../../shared/debug.js';
import { isLoopbackHost } from '../../shared/address.js';
import { Owner } from '../../shared/lifecycle.js';
import type { DebugFollower } from '../services.js';
import { DapWatcher, type WatchedPause } from './dapWatcher.js';

/** The editor asks where a program stands when it shows it; for a session that is not shown, nobody does, and we ask after this long, in milliseconds. */
const whereAfterMs = 300;
/** A test run may start thousands of programs. */
const maxPids = 1000;

/** A session with all that its debugger started under it. */
interface Root {
  facts: DebugSessionFacts;
  pids: Set<number>;
  /** sessions of it that run, by id */
  readonly running: Set<string>;
}

interface Pause {
  root: Root;
  watched: WatchedPause;
  programs: ReadonlySet<number>;
}

export class DebugSessions extends Owner implements DebugFollower {
  /** in the order they started */
  private readonly roots = new Map<string, Root>();
  /** of every session, the root's id */
  private readonly rootIds = new Map<string, string>();
  private pauses: Pause[] = [];
  private narrowed: DebugNarrowing = {};
  private revision = 0;
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly changed = this.register(new vscode.EventEmitter<void>());

  /** sessions, process ids, pauses or the narrowing are others; many times in a row */
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    super();
    this.register(vscode.debug.registerDebugAdapterTrackerFactory('*', { createDebugAdapterTracker: (session) => this.track(session) }));
    this.register(vscode.debug.onDidTerminateDebugSession((session) => this.guarded(() => this.ended(session))));
    this.register({ dispose: () => this.timers.forEach((timer) => clearTimeout(timer)) });
  }

  /** counts up with every change of the pauses */
  get pausesRevision(): number {
    return this.revision;
  }

  get sessions(): DebugSessionFacts[] {
    return [...this.roots.values()].map(({ facts, pids }) => ({ ...facts, pids: [...pids] }));
  }

  get snapshot(): DebugSnapshot {
    return { sessions: this.sessions, pauses: this.pauses.map(toPause) };
  }

  get narrowing(): DebugNarrowing {
    return this.narrowed;
  }

  /** Narrows the inspector to a session or a time; {} = to nothing. */
  narrow(narrowing: DebugNarrowing): void {
    this.narrowed = narrowing;
    this.changed.fire();
  }

  /** @returns pauses that overlap [from, to), at most `most`, the latest of them */
  timeline(from: number, to: number, most: number): DebugPause[] {
    return this.pauses.filter(({ watched }) => watched.startedAt < to && from < (watched.endedAt ?? Number.POSITIVE_INFINITY)).slice(-most).map(toPause);
  }

  nameOf(id: string): string | undefined {
    return this.roots.get(id)?.facts.name;
  }

  /** @returns the id that flows, rows and narrowing know a session by: that of the one it was started under */
  idOf(session: string): string | undefined {
    return this.rootIds.get(session);
  }

  /** Nothing here may take long or throw: the editor would go on without any tracker, or lose the message. */
  private track(session: vscode.DebugSession): vscode.DebugAdapterTracker | undefined {
    return this.guarded(() => {
      const root = this.started(session);
      const watcher: DapWatcher = new DapWatcher({
        changed: () => this.take(root, watcher),
        paused: (pause) => this.paused(root, session, watcher, pause),
        configured: () => this.askProcess(session, watcher),
        restarted: () => this.restarted(root),
      }, () => Date.now());
      for (const pid of knownPids(session)) watcher.addProgram(pid);
      const end = (): void => {
        this.guarded(() => watcher.end());
      };
      return {
        onWillReceiveMessage: (message: unknown) => this.guarded(() => watcher.toAdapter(message)),
        onDidSendMessage: (message: unknown) => this.guarded(() => watcher.fromAdapter(message)),
        onWillStopSession: end,
        onExit: end,
      };
    });
  }

  private started(session: vscode.DebugSession): Root {
    const top = rootOf(session);
    this.rootIds.set(session.id, top.id);
    const known = this.roots.get(top.id);
    if (known !== undefined) {
      // Without a restart of its own an adapter is started again under the same session.
      if (session === top || known.running.size === 0) this.restarted(known);
      known.running.add(session.id);
      return known;
    }
    const root: Root = { facts: { id: top.id, name: top.name, type: top.type, startedAt: Date.now(), pids: [] }, pids: new Set(), running: new Set([session.id]) };
    this.roots.set(top.id, root);
    this.forgetOld();
    this.follow(root);
    this.changed.fire();
    return root;
  }

  private restarted(root: Root): void {
    root.facts = { ...root.facts, restartedAt: Date.now() };
    delete root.facts.endedAt;
    if (this.narrowed.isSinceRestart === true && this.narrowed.session === root.facts.id) this.narrowed = { ...this.narrowed, from: root.facts.restartedAt! };
    this.changed.fire();
  }

  private ended(session: vscode.DebugSession): void {
    const root = this.roots.get(rootOf(session).id);
    if (root === undefined) return;
    root.running.delete(session.id);
    if (session.parentSession !== undefined && 0 < root.running.size) return;
    root.running.clear();
    root.facts = { ...root.facts, endedAt: Date.now() };
    this.changed.fire();
  }

  /** Who narrowed the view to a session and starts the same one again means the new one. */
  private follow(root: Root): void {
    const before = this.narrowed.session === undefined ? undefined : this.roots.get(this.narrowed.session)?.facts;
    if (before?.endedAt === undefined || before.name !== root.facts.name || before.type !== root.facts.type) return;
    this.narrowed = { session: root.facts.id, ...(this.narrowed.isSinceRestart === true ? { from: root.facts.startedAt, isSinceRestart: true } : {}) };
  }

  private take(root: Root, watcher: DapWatcher): void {
    for (const pid of [...watcher.programs, ...watcher.shells]) if (root.pids.size < maxPids) root.pids.add(pid);
    this.revision += 1;
    this.changed.fire();
  }

  private paused(root: Root, session: vscode.DebugSession, watcher: DapWatcher, watched: WatchedPause): void {
    this.pauses.push({ root, watched, programs: watcher.programs });
    if (maxDebugPauses < this.pauses.length) this.pauses = this.pauses.slice(-maxDebugPauses);
    this.revision += 1;
    this.changed.fire();
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.askWhere(session, watcher, watched);
    }, whereAfterMs);
    this.timers.add(timer);
  }

  /** js-debug names a program that was attached to by port "[0]": it is asked itself. One elsewhere has an id of another machine or container. */
  private askProcess(session: vscode.DebugSession, watcher: DapWatcher): void {
    const { type, configuration, parentSession } = session;
    if (type !== 'pwa-node' || parentSession === undefined || 0 < watcher.programs.size) return;
    const { address, remoteRoot } = { ...configuration, ...parentSession.configuration } as { address?: unknown; remoteRoot?: unknown };
    if ((typeof address === 'string' && !isLoopbackHost(address)) || (remoteRoot !== undefined && remoteRoot !== null)) return;
    session.customRequest('evaluate', { expression: 'process.pid', context: 'repl' }).then(
      (body: unknown) => this.guarded(() => watcher.addProgram(Number((body as { result?: unknown } | undefined)?.result))),
      // A worker thread or something that has no process: its connections are shown without a session.
      () => undefined,
    );
  }

  private askWhere(session: vscode.DebugSession, watcher: DapWatcher, watched: WatchedPause): void {
    if (watched.where !== undefined || watcher.pause !== watched || watched.threadId === undefined) return;
    session.customRequest('stackTrace', { threadId: watched.threadId, startFrame: 0, levels: 1 }).then(
      (body: unknown) => this.guarded(() => watcher.locate(watched, (body as { stackFrames?: unknown } | undefined)?.stackFrames)),
      // It runs again, or has ended: where it stood stays unknown, which rows can do without.
      () => undefined,
    );
  }

  private forgetOld(): void {
    for (const [id, { facts }] of this.roots) {
      if (this.roots.size <= maxDebugSessions) return;
      if (facts.endedAt === undefined) continue;
      this.roots.delete(id);
      for (const [session, root] of this.rootIds) if (root === id) this.rootIds.delete(session);
      this.pauses = this.pauses.filter(({ root }) => root.facts.id !== id);
    }
  }

  private guarded<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (fault) {
      this.log.error(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
      return undefined;
    }
  }
}

function rootOf(session: vscode.DebugSession): vscode.DebugSession {
  let top = session;
  while (top.parentSession !== undefined) top = top.parentSession;
  return top;
}

/** Process ids that a session carries before its adapter says anything: what was attached to, and js-debug's `server.js [1234]`. */
function knownPids(session: vscode.DebugSession): number[] {
  const { processId, __pendingTargetId: target } = session.configuration as { processId?: unknown; __pendingTargetId?: unknown };
  const named = target === undefined ? undefined : /\[(\d+)\]$/.exec(session.name)?.[1];
  return [session.configuration.request === 'attach' ? Number(processId) : Number.NaN, Number(named)].filter((pid) => Number.isSafeInteger(pid) && 0 < pid);
}

function toPause({ root, watched, programs }: Pause): DebugPause {
  const { threadId: _, ...rest } = watched;
  return { session: root.facts.id, ...rest, pids: [...programs] };
}
