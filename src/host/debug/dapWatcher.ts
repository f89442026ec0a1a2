// What passes between the editor and one debug adapter, as far as it tells which processes are debugged and when they are held.
// Messages are those of the Debug Adapter Protocol (microsoft.github.io/debug-adapter-protocol/specification); they are looked at, never kept or changed.

import { posix, win32 } from 'node:path';

/** One stretch of time in which the adapter's programs were held. */
export interface WatchedPause {
  startedAt: number;
  endedAt?: number;
  reason: string;
  where?: string;
  file?: string;
  line?: number;
  /** undefined = the adapter did not say */
  threadId?: number;
}

export interface WatcherEvents {
  /** process ids or the state of a pause changed */
  changed(): void;
  paused(pause: WatchedPause): void;
  /** the adapter has taken the editor's breakpoints, and lets its program run */
  configured(): void;
  /** the editor asked the adapter to start its program again */
  restarted(): void;
}

/** Requests that let a program run on when they are answered. */
const resuming = new Set(['continue', 'next', 'stepIn', 'stepOut', 'stepBack', 'reverseContinue', 'goto', 'restartFrame']);
const remembered = new Set([...resuming, 'stackTrace', 'runInTerminal', 'configurationDone']);

/** Requests that wait for their answer at a time; an adapter that answers none must not fill memory. */
const maxPending = 1000;
/** Names come from the program: a function's may be as long as it likes. */
const maxWhere = 200;

interface Pending {
  command: string;
  args: Record<string, unknown>;
  /** the pause that a resuming request was about */
  pause: WatchedPause | undefined;
}

export class DapWatcher {
  /** debugged programs */
  readonly programs = new Set<number>();
  /** shells of terminals that the adapter had a program started in */
  readonly shells = new Set<number>();
  private current: WatchedPause | undefined;
  private readonly threads = new Set<number | 'all'>();
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly events: WatcherEvents, private readonly now: () => number) {}

  /** the pause that is going on */
  get pause(): WatchedPause | undefined {
    return this.current;
  }

  /** A message from the editor to the adapter. */
  toAdapter(raw: unknown): void {
    const message = asRecord(raw);
    if (message['type'] === 'request') {
      if (message['command'] === 'restart') this.restart();
      this.remember('editor', message);
    } else if (message['type'] === 'response') this.answered('adapter', message);
  }

  /** A message from the adapter to the editor. */
  fromAdapter(raw: unknown): void {
    const message = asRecord(raw);
    if (message['type'] === 'request') this.remember('adapter', message);
    else if (message['type'] === 'response') this.answered('editor', message);
    else if (message['type'] === 'event') this.happened(String(message['event']), asRecord(message['body']));
  }

  /** The adapter is gone, and with it what it held. */
  end(): void {
    this.threads.clear();
    this.pending.clear();
    this.resume();
  }

  addProgram(pid: unknown): void {
    this.add(this.programs, pid);
  }

  /** Where the program stands, from the frames of a `stackTrace` answer. */
  locate(pause: WatchedPause, frames: unknown): void {
    if (pause.where !== undefined || !Array.isArray(frames)) return;
    // Labels such as "await" stand between frames.
    const frame = frames.map(asRecord).find(({ presentationHint }) => presentationHint !== 'label');
    if (frame === undefined) return;
    const { path, name } = asRecord(frame['source']);
    const line = Number(frame['line']);
    const file = typeof path === 'string' && (posix.isAbsolute(path) || win32.isAbsolute(path)) ? path : undefined;
    const called = file === undefined ? name : file.includes('\\') ? win32.basename(file) : posix.basename(file);
    if (typeof called === 'string' && 0 < line) pause.where = `${called}:${line}`.slice(-maxWhere);
    else pause.where = String(frame['name'] ?? '').slice(0, maxWhere);
    if (file !== undefined && 0 < line) Object.assign(pause, { file, line });
    this.events.changed();
  }

  private restart(): void {
    this.end();
    this.events.restarted();
  }

  private remember(asker: 'editor' | 'adapter', message: Record<string, unknown>): void {
    const command = String(message['command']);
    if (!remembered.has(command)) return;
    if (maxPending <= this.pending.size) this.pending.clear();
    this.pending.set(`${asker} ${String(message['seq'])}`, { command, args: asRecord(message['arguments']), pause: resuming.has(command) ? this.current : undefined });
  }

  private answered(asker: 'editor' | 'adapter', message: Record<string, unknown>): void {
    const key = `${asker} ${String(message['request_seq'])}`;
    const request = this.pending.get(key);
    if (request === undefined) return;
    this.pending.delete(key);
    if (message['success'] !== true) return;
    const body = asRecord(message['body']);
    if (resuming.has(request.command)) this.resumed(request, body);
    else if (request.command === 'stackTrace') this.sawStack(request.args, body);
    else if (request.command === 'configurationDone') this.events.configured();
    else {
      this.addProgram(body['processId']);
      this.add(this.shells, body['shellProcessId']);
    }
  }

  private happened(event: string, body: Record<string, unknown>): void {
    switch (event) {
      case 'process':
        if (body['isLocalProcess'] !== false) this.addProgram(body['systemProcessId']);
        return;
      case 'stopped':
        this.stopped(body);
        return;
      case 'continued':
        // Omitted means all (ContinuedEvent).
        this.run(threadOf(body), body['allThreadsContinued'] !== false);
        return;
      case 'terminated':
      case 'exited':
        this.threads.clear();
        this.resume();
        return;
    }
  }

  private stopped(body: Record<string, unknown>): void {
    const threadId = threadOf(body);
    // A step may reach its end before its request is answered: it was another stretch all the same.
    const isAfterStep = [...this.pending.values()].some(({ pause }) => pause !== undefined && pause === this.current);
    if (isAfterStep) {
      this.threads.clear();
      this.resume();
    }
    this.threads.add(body['allThreadsStopped'] === true || threadId === undefined ? 'all' : threadId);
    if (this.current !== undefined) return;
    this.current = { startedAt: this.now(), reason: String(body['reason'] ?? '').slice(0, maxWhere), ...(threadId === undefined ? {} : { threadId }) };
    this.events.paused(this.current);
  }

  private resumed({ command, args, pause }: Pending, body: Record<string, unknown>): void {
    if (pause === undefined || pause !== this.current) return;
    const isAlone = command === 'continue' ? body['allThreadsContinued'] === false : args['singleThread'] === true;
    this.run(threadOf(args), !isAlone);
  }

  private run(threadId: number | undefined, areAll: boolean): void {
    if (areAll || threadId === undefined) this.threads.clear();
    else {
      this.threads.delete('all');
      this.threads.delete(threadId);
    }
    if (this.threads.size === 0) this.resume();
  }

  private resume(): void {
    if (this.current === undefined) return;
    this.current.endedAt = this.now();
    this.current = undefined;
    this.events.changed();
  }

  private sawStack(args: Record<string, unknown>, body: Record<string, unknown>): void {
    const pause = this.current;
    if (pause === undefined || (args['startFrame'] ?? 0) !== 0 || (pause.threadId !== undefined && args['threadId'] !== pause.threadId)) return;
    this.locate(pause, body['stackFrames']);
  }

  private add(to: Set<number>, pid: unknown): void {
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0 || to.has(pid)) return;
    to.add(pid);
    this.events.changed();
  }
}

function threadOf(body: Record<string, unknown>): number | undefined {
  const { threadId } = body;
  return typeof threadId === 'number' ? threadId : undefined;
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
