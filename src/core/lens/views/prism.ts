// The prism: which listeners lead over which protocols to which upstreams, and how much passes. Kept up as flows change, so that asking costs what is shown.

import type { Classification, FlowFacts } from '../../../shared/flow.js';
import type { PrismPath } from '../../../shared/inspect.js';
import { Latencies } from './latencies.js';
import type { PathCounts } from './runningStatistics.js';

/** Paths with an upstream of their own; a SOCKS listener has as many as there are hosts. The rest shares one. */
const maxPaths = 500;
const otherUpstreams = '…';

/** A rate over two seconds, in steps of a quarter. */
const slotMs = 250;
const slotCount = 8;

/** What is asked of a flow: `FlowRecord` has it. */
export interface PrismFlow {
  readonly facts: FlowFacts;
  readonly classification: Classification;
  readonly isClosed: boolean;
  /** bytes that passed so far */
  readonly totals: readonly [client: number, upstream: number];
}

class Path implements PathCounts {
  live = 0;
  flows = 0;
  messages = 0;
  errors = 0;
  readonly latencies = new Latencies();
  private readonly slots = new Float64Array(slotCount);
  private slot = 0;

  constructor(readonly key: string, readonly listener: string, readonly protocol: string, readonly upstream: string) {}

  addBytes(now: number, bytes: number): void {
    this.moveTo(now);
    this.slots[this.slot % slotCount]! += bytes;
  }

  row(now: number): PrismPath {
    this.moveTo(now);
    const { listener, protocol, upstream, live, flows, messages, errors } = this;
    const bytes = this.slots.reduce((sum, one) => sum + one, 0);
    const p95 = this.latencies.percentiles()?.p95;
    return { listener, protocol, upstream, live, flows, bytesPerSecond: (bytes * 1000) / (slotMs * slotCount), messages, errors, ...(p95 === undefined ? {} : { p95 }) };
  }

  private moveTo(now: number): void {
    const slot = Math.floor(now / slotMs);
    for (let empty = Math.max(this.slot + 1, slot - slotCount + 1); empty <= slot; empty++) this.slots[empty % slotCount] = 0;
    this.slot = Math.max(this.slot, slot);
  }
}

interface Known {
  path: Path;
  isLive: boolean;
  bytes: number;
  facts: FlowFacts;
  classification: Classification;
}

export class Prism {
  private readonly paths = new Map<string, Path>();
  private readonly flows = new Map<number, Known>();

  constructor(private readonly now: () => number) {}

  /** A flow was opened, spoke, or changed. */
  note(flow: PrismFlow): void {
    const { facts, classification, isClosed, totals } = flow;
    let known = this.flows.get(facts.id);
    if (known === undefined) {
      const path = this.pathFor(flow);
      known = { path, isLive: !isClosed, bytes: 0, facts, classification };
      this.flows.set(facts.id, known);
      this.count(known, 1);
    } else if (known.facts !== facts || known.classification !== classification || known.isLive === isClosed) {
      this.count(known, -1);
      known.path = this.pathFor(flow);
      known.isLive = !isClosed;
      known.facts = facts;
      known.classification = classification;
      this.count(known, 1);
    }
    const bytes = totals[0] + totals[1];
    if (known.bytes < bytes) known.path.addBytes(this.now(), bytes - known.bytes);
    known.bytes = bytes;
  }

  forget(flow: number): void {
    const known = this.flows.get(flow);
    if (known === undefined) return;
    this.flows.delete(flow);
    this.count(known, -1);
  }

  /** Where messages of a flow are counted. */
  pathOf(flow: number): PathCounts | undefined {
    return this.flows.get(flow)?.path;
  }

  get(): { paths: PrismPath[] } {
    const now = this.now();
    return { paths: [...this.paths.values()].filter(({ flows }) => 0 < flows).map((path) => path.row(now)) };
  }

  /** Messages are counted anew. */
  clearMessages(): void {
    for (const [key, path] of this.paths) {
      if (path.flows === 0) this.paths.delete(key);
      path.messages = 0;
      path.errors = 0;
      path.latencies.clear();
    }
  }

  private count(known: Known, sign: 1 | -1): void {
    known.path.flows += sign;
    if (known.isLive) known.path.live += sign;
  }

  private pathFor({ facts, classification }: PrismFlow): Path {
    const { listenerName, upstream = '' } = facts;
    const known = this.paths.get(keyOf(listenerName, classification.protocol, upstream));
    if (known !== undefined) return known;
    if (maxPaths <= this.paths.size) this.sweep();
    const shown = this.paths.size < maxPaths ? upstream : otherUpstreams;
    const key = keyOf(listenerName, classification.protocol, shown);
    let path = this.paths.get(key);
    if (path === undefined) this.paths.set(key, (path = new Path(key, listenerName, classification.protocol, shown)));
    return path;
  }

  private sweep(): void {
    for (const [key, { flows }] of this.paths) if (flows === 0) this.paths.delete(key);
  }
}

function keyOf(listener: string, protocol: string, upstream: string): string {
  return `${listener}\n${protocol}\n${upstream}`;
}
