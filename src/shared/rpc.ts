// Requests, replies and notifications over any pair of ports: worker, message port, webview.
// Message names and shapes live in protocol.ts; this file only carries them.

import { fromErrorData, toErrorData, type ErrorData } from './errors.js';
import type { Disposable } from './lifecycle.js';
import { MuxError } from './errors.js';
import { say } from './sentences.js';

/** One end of a channel. `transfer` lists buffers and ports that move instead of being copied, where the channel can. */
export interface Port {
  post(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): Disposable;
}

/** Names of requests with their parameter and result, and of notifications with their payload. */
export interface Contract {
  requests: Record<string, { params: unknown; result: unknown }>;
  notifications: Record<string, unknown>;
}

type Handler<C extends Contract, K extends keyof C['requests']> = (
  params: C['requests'][K]['params'],
) => C['requests'][K]['result'] | Promise<C['requests'][K]['result']>;

interface RequestMessage { kind: 'request'; id: number; name: string; params: unknown }
interface ReplyMessage { kind: 'reply'; id: number; result?: unknown; error?: ErrorData }
interface NotificationMessage { kind: 'notification'; name: string; payload: unknown }
type Message = RequestMessage | ReplyMessage | NotificationMessage;

/** More requests than this waiting on one channel means the other side is gone or a caller loops: the next one is refused. */
const maxPendingRequests = 1000;

const transfers = new WeakMap<object, readonly unknown[]>();

/** Marks a result so that its buffers are moved, not copied, when it is sent as a reply. */
export function withTransfer<T extends object>(result: T, transfer: readonly unknown[]): T {
  transfers.set(result, transfer);
  return result;
}

/**
 * One side of an RPC channel.
 *
 * `Serves` is what this side answers and hears, `Calls` what the other side answers and hears.
 * A handler that fails replies with code and sentence; disposal rejects what is pending with `requestCancelled`.
 */
export class Rpc<Serves extends Contract, Calls extends Contract> implements Disposable {
  private nextId = 1;
  private readonly pending = new Map<number, { resolve(value: unknown): void; reject(fault: unknown): void }>();
  private readonly handlers = new Map<string, (params: unknown) => unknown>();
  private readonly hearers = new Map<string, Set<(payload: unknown) => void>>();
  private readonly subscription: Disposable;
  private isDisposed = false;

  /** @param report hears faults of notification listeners, which have nobody to reply to */
  constructor(private readonly port: Port, private readonly report: (fault: unknown) => void) {
    this.subscription = port.onMessage((message) => this.receive(message));
  }

  handle<K extends keyof Serves['requests'] & string>(name: K, handler: Handler<Serves, K>): void {
    if (this.handlers.has(name)) throw new Error(`${name} has a handler already`);
    this.handlers.set(name, handler as (params: unknown) => unknown);
  }

  on<K extends keyof Serves['notifications'] & string>(name: K, listener: (payload: Serves['notifications'][K]) => void): Disposable {
    const set = this.hearers.get(name) ?? new Set();
    this.hearers.set(name, set);
    const entry = listener as (payload: unknown) => void;
    set.add(entry);
    return { dispose: () => void set.delete(entry) };
  }

  request<K extends keyof Calls['requests'] & string>(
    name: K,
    params: Calls['requests'][K]['params'],
    transfer?: readonly unknown[],
  ): Promise<Calls['requests'][K]['result']> {
    if (this.isDisposed) return Promise.reject(cancelled(name));
    if (this.pending.size >= maxPendingRequests) return Promise.reject(new MuxError('internal', say`Too many requests are waiting (${name}).`));
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      try {
        this.port.post({ kind: 'request', id, name, params } satisfies RequestMessage, transfer);
      } catch (fault) {
        this.pending.delete(id);
        reject(fault);
      }
    });
  }

  notify<K extends keyof Calls['notifications'] & string>(name: K, payload: Calls['notifications'][K], transfer?: readonly unknown[]): void {
    if (this.isDisposed) return;
    this.port.post({ kind: 'notification', name, payload } satisfies NotificationMessage, transfer);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.subscription.dispose();
    for (const { reject } of this.pending.values()) reject(cancelled('request'));
    this.pending.clear();
    this.hearers.clear();
  }

  private receive(raw: unknown): void {
    if (this.isDisposed || !isMessage(raw)) return;
    switch (raw.kind) {
      case 'request':
        void this.answer(raw);
        return;
      case 'reply': {
        const waiting = this.pending.get(raw.id);
        if (waiting === undefined) return;
        this.pending.delete(raw.id);
        if (raw.error !== undefined) waiting.reject(fromErrorData(raw.error));
        else waiting.resolve(raw.result);
        return;
      }
      case 'notification':
        for (const listener of this.hearers.get(raw.name) ?? []) {
          try {
            listener(raw.payload);
          } catch (fault) {
            this.report(fault);
          }
        }
        return;
    }
  }

  private async answer(message: RequestMessage): Promise<void> {
    let reply: ReplyMessage;
    let transfer: readonly unknown[] | undefined;
    try {
      const handler = this.handlers.get(message.name);
      if (handler === undefined) throw new MuxError('internal', say`Nothing answers ${message.name}.`);
      const result = await handler(message.params);
      if (typeof result === 'object' && result !== null) transfer = transfers.get(result);
      reply = { kind: 'reply', id: message.id, result };
    } catch (fault) {
      if (!(fault instanceof MuxError)) this.report(fault);
      reply = { kind: 'reply', id: message.id, error: toErrorData(fault) };
    }
    if (!this.isDisposed) this.port.post(reply, transfer);
  }
}

function cancelled(name: string): MuxError {
  return new MuxError('requestCancelled', say`The other side went away before it answered ${name}.`);
}

function isMessage(raw: unknown): raw is Message {
  if (typeof raw !== 'object' || raw === null) return false;
  const { kind, id, name } = raw as { kind?: unknown; id?: unknown; name?: unknown };
  if (kind === 'notification') return typeof name === 'string';
  if (kind === 'request') return typeof name === 'string' && typeof id === 'number';
  return kind === 'reply' && typeof id === 'number';
}
