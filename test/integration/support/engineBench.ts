// An engine with real sockets for tests: rules as small objects, upstreams as tiny servers, lens as a list of batches.

import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { CaptureReader } from '../../../src/core/capture/store.js';
import type { ProcessLookup } from '../../../src/core/engine/context.js';
import { Engine } from '../../../src/core/engine/engine.js';
import { chooseSockets, streamSockets, type Sockets } from '../../../src/core/engine/sockets.js';
import { chunkStride, totalsStride, type CaptureBatch, type EngineSettings } from '../../../src/shared/protocol.js';
import type { FlowFacts } from '../../../src/shared/flow.js';
import type { Address, Condition, Destination, ListenerRule, RouteRule } from '../../../src/shared/rules.js';

/** Both ways to read; every conversation is held over each. */
export const socketKinds: readonly { kind: string; sockets: () => Promise<Sockets> }[] = [
  {
    kind: 'handles',
    sockets: async () => {
      const chosen = await chooseSockets();
      assert.equal(chosen.kind, process.platform === 'win32' ? 'streams' : 'handles', 'bare handles work on this Node');
      return chosen;
    },
  },
  { kind: 'streams', sockets: async () => streamSockets },
];

export const tcp = (port: number, host = '127.0.0.1'): Address => ({ kind: 'tcp', host, port });

export function to(...upstreams: (number | Address)[]): Destination {
  return { upstreams: upstreams.map((upstream) => (typeof upstream === 'number' ? tcp(upstream) : upstream)), balance: 'first' };
}

export function route(name: string, condition: Condition, destination: Destination): RouteRule {
  return { name, isEnabled: true, condition, to: destination };
}

export const starts = (text: string): Condition => ({ kind: 'payload', offset: 0, hex: [Buffer.from(text).toString('hex')] });

export function listener(parts: Partial<ListenerRule> = {}): ListenerRule {
  const name = parts.name ?? 'test';
  return {
    id: `test/${name}`,
    name,
    isEnabled: true,
    listen: tcp(0),
    inspect: { timeoutMs: 200, maxBytes: 16384 },
    idleMs: 0,
    connectTimeoutMs: 2000,
    routes: [],
    ...parts,
  };
}

export const settings: EngineSettings = { captureMemoryMB: 8, confirmedExposures: [], resolvesProcesses: false };

export const noProcesses: ProcessLookup = { now: () => Promise.resolve(null), later: () => undefined, laterListening: () => undefined, isRested: false };

/** What lens would know, from the feed alone. */
export class FeedLog {
  readonly flows = new Map<number, FlowFacts>();
  readonly totals = new Map<number, { client: number; upstream: number }>();
  readonly chunks: { flow: number; from: 'client' | 'upstream'; at: number; length: number; position: number }[] = [];
  reader: CaptureReader | undefined;
  batches = 0;
  /** off: batches are taken but not acknowledged, as by a lens that is too slow */
  acknowledges = true;
  private readonly waiters = new Set<() => void>();

  constructor(readonly port: MessagePort) {
    port.on('message', (message: { kind: string; name: string; payload: CaptureBatch }) => {
      if (message.name === 'capture/batch') this.take(message.payload);
    });
  }

  notify(name: string, payload: unknown): void {
    this.port.postMessage({ kind: 'notification', name, payload });
  }

  /** Resolves once a condition over what was heard holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.waiters.add(resolve));
  }

  async closed(id: number): Promise<FlowFacts> {
    await this.until(() => this.flows.get(id)?.closedAt !== undefined);
    return this.flows.get(id) as FlowFacts;
  }

  /** Everything one speaker said, from the ring. */
  bytes(flow: number, from: 'client' | 'upstream'): Buffer {
    const pieces = this.chunks.filter((chunk) => chunk.flow === flow && chunk.from === from).map((chunk) => {
      const into = Buffer.alloc(chunk.length);
      assert.ok(this.reader?.read(chunk.position, chunk.length, into), `chunk at ${chunk.position} is kept`);
      return into;
    });
    return Buffer.concat(pieces);
  }

  private take(batch: CaptureBatch): void {
    this.batches++;
    if (batch.header !== undefined) this.reader = new CaptureReader(batch.header);
    this.reader?.add(batch.segments);
    for (const facts of batch.flows) this.flows.set(facts.id, facts);
    for (let at = 0; at < batch.chunks.length; at += chunkStride) {
      const [key = 0, time = 0, length = 0, position = 0] = batch.chunks.subarray(at, at + chunkStride);
      this.chunks.push({ flow: Math.floor(key / 2), from: key % 2 === 0 ? 'client' : 'upstream', at: time, length, position });
    }
    for (let at = 0; at < batch.totals.length; at += totalsStride) {
      const [id = 0, client = 0, upstream = 0] = batch.totals.subarray(at, at + totalsStride);
      this.totals.set(id, { client, upstream });
    }
    if (this.acknowledges) this.notify('capture/ack', { batches: 1 });
    for (const wake of this.waiters) wake();
    this.waiters.clear();
  }
}

/** Engine, feed and the servers of one test; `close` ends them all. */
export class EngineBench {
  readonly feed: FeedLog;
  readonly logs: { level: string; message: string }[] = [];
  private readonly servers: net.Server[] = [];
  private readonly sockets = new Set<net.Socket>();

  private constructor(readonly engine: Engine) {
    const { port1, port2 } = new MessageChannel();
    this.feed = new FeedLog(port2);
    engine.onLog((entry) => this.logs.push(entry));
    engine.attach(port1);
  }

  static async make(sockets: Sockets, parts: { processes?: ProcessLookup; portHolder?: (address: Address) => Promise<string | undefined> } = {}): Promise<EngineBench> {
    return new EngineBench(new Engine({ sockets, processes: parts.processes ?? noProcesses, portHolder: parts.portHolder ?? (async () => undefined) }));
  }

  /** Applies rules and starts all. @returns the bound address of each listener */
  async run(rules: ListenerRule[], changed: Partial<EngineSettings> = {}): Promise<Address[]> {
    await this.engine.apply({ listeners: rules }, { ...settings, ...changed });
    const status = await this.engine.start(undefined);
    return status.listeners.map((entry) => {
      assert.equal(entry.state, 'listening', entry.error?.message);
      return entry.address as Address;
    });
  }

  /** Runs one listener. @returns its port */
  async port(rule: ListenerRule): Promise<number> {
    const [address] = await this.run([rule]);
    assert.ok(address?.kind === 'tcp');
    return address.port;
  }

  /** Time in which nobody speaks: what is tested is that nothing happens, so there is no event to wait for. */
  silence(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** @returns bytes forwarded, once two snapshots in a row show the same */
  async settledBytes(): Promise<number> {
    let before = -1;
    return new Promise((resolve) => {
      const subscription = this.engine.onStatus((status) => {
        const now = status.listeners[0]?.bytes ?? 0;
        if (now === before && 0 < now) {
          subscription.dispose();
          resolve(now);
        }
        before = now;
      });
    });
  }

  /** A server on a free port. */
  async server(onConnection: (socket: net.Socket) => void, listen: net.ListenOptions = { host: '127.0.0.1', port: 0 }): Promise<number> {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      this.keep(socket);
      onConnection(socket);
    });
    this.servers.push(server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(listen, resolve));
    return listen.path === undefined ? (server.address() as AddressInfo).port : 0;
  }

  /** A server that says its name and then repeats what it hears. */
  echo(name = ''): Promise<number> {
    return this.server((socket) => {
      if (name !== '') socket.write(`${name}:`);
      socket.pipe(socket);
    });
  }

  /** A connected client, half-open allowed. */
  async client(target: number | net.NetConnectOpts): Promise<net.Socket> {
    const options = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target;
    const socket = net.connect({ ...options, allowHalfOpen: true });
    this.keep(socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await this.engine.close();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
    this.feed.port.close();
  }

  private keep(socket: net.Socket): void {
    this.sockets.add(socket);
    // Resets are what some tests are about; what they mean is asserted through events and facts.
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }
}

/** @returns what the socket says until it has said `text` (or ends) */
export async function hears(socket: net.Socket, text: string): Promise<string> {
  let heard = '';
  return new Promise((resolve, reject) => {
    const onData = (data: Buffer): void => {
      heard += data.toString('latin1');
      if (heard.includes(text)) done();
    };
    const done = (): void => {
      socket.off('data', onData).off('end', done).off('error', reject);
      resolve(heard);
    };
    socket.on('data', onData).on('end', done).once('error', reject);
  });
}

/** @returns everything until FIN */
export async function hearsAll(socket: net.Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    socket.on('data', (data: Buffer) => pieces.push(data));
    socket.on('end', () => resolve(Buffer.concat(pieces)));
    socket.on('error', reject);
  });
}

/** Closes with the other side. @returns the error code a socket ends with, or 'closed' */
export function outcome(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('error', (fault: NodeJS.ErrnoException) => resolve(fault.code ?? 'error'));
    socket.on('close', () => resolve('closed'));
    socket.on('end', () => socket.end());
    socket.resume();
  });
}
