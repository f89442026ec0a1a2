// What lens is told: records of what was read, running totals, and facts of flows, gathered into batches a few times per frame.
// Forwarding never waits for any of it, unless lens records to disk and asked for that.

import type { MessagePort } from 'node:worker_threads';
import { Owner, toDisposable } from '../../shared/lifecycle.js';
import { chunkStride, totalsStride, type CaptureAckContract, type CaptureFeedContract } from '../../shared/protocol.js';
import { Rpc } from '../../shared/rpc.js';
import { notKept, type CaptureStore } from '../capture/store.js';
import type { Flow } from './flow.js';
import type { Half } from './forward.js';
import { nodePort } from './nodePort.js';

/** Two batches per frame at 60 frames a second: short flows mostly open and close within one batch and cost one message. */
const batchEveryMs = 8;

/** Batches that lens has not acknowledged. Beyond, records gather here instead of in the channel, in fewer, larger batches. */
const maxUnderWay = 4;

/** Records gathered at most (8 MiB); beyond, a flow's bytes are told as one sum that was not kept. */
const maxChunks = 256 << 10;

/** Closed flows whose facts wait for lens; beyond, the news of further flows that nobody saw open is lost, with a count. */
const maxFlows = 100_000;

/** The engine's end of the channel to lens. Without lens it costs one comparison per read. */
export class Feed extends Owner {
  /** lens is there and hears of everything */
  isOn = false;
  /** flows whose news was lost because lens was too far behind */
  lostFlows = 0;

  private rpc: Rpc<CaptureAckContract, CaptureFeedContract> | undefined;
  private connection: Owner | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sentBatches = 0;
  private handledBatches = 0;
  private needsHeader = false;
  private waitsForLens = false;

  private chunks = new Float64Array(chunkStride * 1024);
  private chunkCount = 0;
  private changedFlows: Flow[] = [];
  private movedFlows: Flow[] = [];
  private owedHalves: Half[] = [];
  private waiting: Half[] = [];

  constructor(
    private readonly store: CaptureStore,
    private readonly liveFlows: () => Iterable<Flow>,
    private readonly log: (level: 'info' | 'warn' | 'error', message: string) => void,
  ) {
    super();
    this.register(toDisposable(() => this.detach()));
  }

  /** For readers into the ring: the store while somebody will hear what is in it. */
  readonly storeInUse = (): CaptureStore | undefined => (this.isOn && this.store.isOn ? this.store : undefined);

  /** Lens listens at the other end; it hears header, segments and all live flows again, as if they had just opened. */
  attach(port: MessagePort): void {
    this.detach();
    const connection = new Owner();
    const rpc = connection.register(new Rpc<CaptureAckContract, CaptureFeedContract>(nodePort(port), (fault) => this.log('error', String(fault))));
    connection.register(toDisposable(() => port.close()));
    connection.register(rpc.on('capture/ack', ({ batches }) => this.acknowledged(batches)));
    connection.register(rpc.on('capture/mode', ({ waitsForLens }) => this.setMode(waitsForLens)));
    port.on('close', () => {
      if (this.connection === connection) this.detach();
    });
    this.connection = connection;
    this.rpc = rpc;
    this.isOn = true;
    this.needsHeader = true;
    this.sentBatches = 0;
    this.handledBatches = 0;
    this.store.currentBatch = 1;
    this.store.announceAll();
    for (const flow of this.liveFlows()) {
      this.changed(flow);
      for (const half of flow.halves()) this.owe(half, half.total);
    }
    this.flush();
  }

  /** A flow opened, closed, or something about it became known. */
  changed(flow: Flow): void {
    if (!this.isOn || flow.isChangeNoted) return;
    if (maxFlows <= this.changedFlows.length) {
      this.lostFlows++;
      if (this.lostFlows === 1) this.log('warn', `The capture is so far behind that news of connections is lost (more than ${maxFlows} wait).`);
      return;
    }
    flow.isChangeNoted = true;
    this.changedFlows.push(flow);
    this.schedule();
  }

  /**
   * Records what a half has read.
   *
   * @param position where the ring has the bytes already; undefined = they are copied in now
   * @returns false when a recording needs what would be overwritten: the half waits, and `retry` is called on it
   */
  record(half: Half, view: Uint8Array, position: number | undefined, at: number): boolean {
    const { flow } = half;
    if (!flow.isMoveNoted) {
      flow.isMoveNoted = true;
      this.movedFlows.push(flow);
      this.schedule();
    }
    if (!this.store.isOn) return true;
    // Order within a half is what offsets are counted by: while a sum is owed, everything adds to it.
    if (0 < half.untold || maxChunks <= this.chunkCount) {
      if (this.waitsForLens) return this.wait(half);
      this.owe(half, view.length);
      return true;
    }
    const stored = position ?? this.store.append(view);
    if (stored === notKept && this.waitsForLens) return this.wait(half);
    this.push(half.key, at, view.length, stored);
    return true;
  }

  private push(key: number, at: number, length: number, position: number): void {
    const start = this.chunkCount * chunkStride;
    if (this.chunks.length <= start) {
      const larger = new Float64Array(this.chunks.length * 2);
      larger.set(this.chunks);
      this.chunks = larger;
    }
    const { chunks } = this;
    chunks[start] = key;
    chunks[start + 1] = at;
    chunks[start + 2] = length;
    chunks[start + 3] = position;
    this.chunkCount++;
  }

  private owe(half: Half, length: number): void {
    if (length === 0) return;
    if (half.untold === 0) this.owedHalves.push(half);
    half.untold += length;
    this.schedule();
  }

  private wait(half: Half): false {
    this.waiting.push(half);
    this.schedule();
    return false;
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      try {
        this.flush();
      } catch (fault) {
        // Without a feed there is nothing to look at, but the traffic goes on.
        this.log('error', `The capture has stopped: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
        this.detach();
      }
    }, batchEveryMs);
  }

  /** Sends what has gathered, unless lens has enough to do: then the next acknowledgement sends it, or the `last` flush, after which none comes. */
  flush(how: 'bounded' | 'last' = 'bounded'): void {
    const { rpc } = this;
    if (rpc === undefined) return;
    if (how === 'bounded' && maxUnderWay <= this.sentBatches - this.handledBatches) return;
    for (const half of this.owedHalves) {
      this.push(half.key, half.lastReadAt, half.untold, notKept);
      half.untold = 0;
    }
    const totals = new Float64Array(this.movedFlows.length * totalsStride);
    let at = 0;
    for (const flow of this.movedFlows) {
      flow.isMoveNoted = false;
      totals[at++] = flow.id;
      totals[at++] = flow.client.total;
      totals[at++] = flow.upstream?.total ?? 0;
    }
    for (const flow of this.changedFlows) flow.isChangeNoted = false;
    const chunks = this.chunks.slice(0, this.chunkCount * chunkStride);
    const batch = {
      segments: this.store.takeNewSegments(),
      ...(this.needsHeader ? { header: this.store.header } : {}),
      flows: this.changedFlows.map((flow) => flow.facts),
      chunks,
      totals,
    };
    this.needsHeader = false;
    this.owedHalves = [];
    this.movedFlows = [];
    this.changedFlows = [];
    this.chunkCount = 0;
    this.sentBatches++;
    this.store.currentBatch = this.sentBatches + 1;
    rpc.notify('capture/batch', batch, [chunks.buffer, totals.buffer]);
  }

  private acknowledged(batches: number): void {
    this.handledBatches += batches;
    if (this.hasNews()) this.schedule();
    this.resumeWaiting();
  }

  private hasNews(): boolean {
    return 0 < this.chunkCount + this.changedFlows.length + this.movedFlows.length + this.owedHalves.length;
  }

  private setMode(waitsForLens: boolean): void {
    this.waitsForLens = waitsForLens;
    this.store.mayRecycle = waitsForLens ? (lastBatch) => lastBatch <= this.handledBatches : undefined;
    this.resumeWaiting();
  }

  private resumeWaiting(): void {
    const halves = this.waiting;
    if (halves.length === 0) return;
    this.waiting = [];
    // A half that has to wait again puts itself on the list.
    for (const half of halves) half.retry();
  }

  /** Lens is gone: nothing is kept for it, and nobody waits. */
  private detach(): void {
    this.connection?.dispose();
    this.connection = undefined;
    this.rpc = undefined;
    this.isOn = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const flow of this.movedFlows) flow.isMoveNoted = false;
    for (const flow of this.changedFlows) flow.isChangeNoted = false;
    for (const half of this.owedHalves) half.untold = 0;
    this.movedFlows = [];
    this.changedFlows = [];
    this.owedHalves = [];
    this.chunkCount = 0;
    this.setMode(false);
  }
}
