// Plays the engine for lens.
import assert from 'node:assert/strict';
import { CaptureStore, notKept } from '../../src/core/capture/store.js';
import { chunkStride, totalsStride, type CaptureBatch } from '../../src/shared/protocol.js';
import type { FlowFacts, Speaker } from '../../src/shared/flow.js';

/** Records into a real store and hands lens what the engine would. */
export class CaptureFeed {
  readonly store: CaptureStore;
  private hasSentHeader = false;
  private chunks: number[] = [];
  private totals = new Map<number, [number, number]>();
  private flows: FlowFacts[] = [];
  private readonly facts = new Map<number, FlowFacts>();
  private readonly sums = new Map<number, [number, number]>();

  constructor(segments = 4) {
    this.store = new CaptureStore(segments);
  }

  open(id: number, more: Partial<FlowFacts> = {}): this {
    return this.change(id, { id, listenerId: 'rules/dev', listenerName: 'dev', openedAt: 1000 + id, client: { host: '127.0.0.1', port: 40_000 + (id % 20_000) }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [], ...more });
  }

  change(id: number, more: Partial<FlowFacts>): this {
    const facts = { ...this.facts.get(id), ...more } as FlowFacts;
    this.facts.set(id, facts);
    this.flows.push(facts);
    return this;
  }

  close(id: number, closedAt = 9000): this {
    return this.change(id, { closedAt, endReason: 'clientClosed' });
  }

  says(id: number, from: Speaker, bytes: Uint8Array | string, at = 2000, isKept = true): this {
    const view = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    const speaker = from === 'client' ? 0 : 1;
    this.chunks.push(id * 2 + speaker, at, view.length, isKept ? this.store.append(view) : notKept);
    return this.counts(id, from, view.length);
  }

  /** Bytes that passed without a record. */
  counts(id: number, from: Speaker, length: number): this {
    const sums = this.sums.get(id) ?? [0, 0];
    sums[from === 'client' ? 0 : 1] += length;
    this.sums.set(id, sums);
    this.totals.set(id, sums);
    return this;
  }

  take(): CaptureBatch {
    assert.equal(chunkStride, 4);
    assert.equal(totalsStride, 3);
    const batch: CaptureBatch = {
      segments: this.store.takeNewSegments(),
      ...(this.hasSentHeader ? {} : { header: this.store.header }),
      flows: this.flows,
      chunks: Float64Array.from(this.chunks),
      totals: Float64Array.from([...this.totals].flatMap(([id, [client, upstream]]) => [id, client, upstream])),
    };
    this.hasSentHeader = true;
    this.flows = [];
    this.chunks = [];
    this.totals.clear();
    return batch;
  }
}
