// The flows that have a dissector at hand. Beyond a bound the ones that have been idle longest are put away as bytes, and beyond another
// bound dropped.

import type { DissectContext } from '../../dissectors/dissector.js';
import { ChunkDecoder } from './chunkDecoder.js';
import type { DecodedFlow } from './decodedFlow.js';

/** Dissectors of flows that say small things take about 3 KB each: 60 MB. */
const defaultMaxLive = 20_000;
/** Put away a tenth at a time, so that looking for the idle ones costs little per flow. */
const shareToPark = 0.1;
/** Bytes of states that were put away: as many flows again. */
const maxParkedBytes = 32 << 20;
/** A guess that is said to be one: what a dissector's state takes beside its bytes. */
const bytesPerLive = 3000;

export class LiveFlows {
  private readonly live = new Set<DecodedFlow>();
  /** longest ago first */
  private readonly parked = new Set<DecodedFlow>();
  private parkedBytes = 0;

  constructor(private readonly maxLive = defaultMaxLive) {}

  get memoryBytes(): number {
    return this.live.size * bytesPerLive + this.parkedBytes;
  }

  /** All whose state is known, at hand or put away. */
  *[Symbol.iterator](): Generator<DecodedFlow> {
    yield* this.live;
    yield* this.parked;
  }

  /** @returns its decoder, taken up again if it was put away */
  use(flow: DecodedFlow, context: DissectContext): ChunkDecoder {
    if (flow.decoder !== undefined) return flow.decoder;
    const { parked } = flow;
    if (parked !== undefined) {
      this.unpark(flow);
      flow.decoder = ChunkDecoder.restore(context, flow.hint, parked);
    }
    else if (flow.rows.nextIndex === 0 && flow.offsets[0] + flow.offsets[1] === 0) flow.decoder = ChunkDecoder.start(context, flow.hint);
    // Its state is gone: everything since the last message is missing.
    flow.decoder ??= ChunkDecoder.resume(context, flow.layers.at(-1) ?? flow.hint, flow.rows.nextIndex, flow.nextChunk, flow.told, flow.offsets);
    this.live.add(flow);
    if (this.maxLive < this.live.size) this.parkIdle(flow);
    return flow.decoder;
  }

  drop(flow: DecodedFlow): void {
    this.live.delete(flow);
    this.unpark(flow);
    flow.decoder = undefined;
  }

  clear(): void {
    this.live.clear();
    this.parked.clear();
    this.parkedBytes = 0;
  }

  private unpark(flow: DecodedFlow): void {
    if (flow.parked === undefined) return;
    this.parked.delete(flow);
    this.parkedBytes -= flow.parked.length;
    flow.parked = undefined;
  }

  private parkIdle(except: DecodedFlow): void {
    const byUse = [...this.live].sort((a, b) => a.lastSequence - b.lastSequence);
    for (const flow of byUse.slice(0, Math.max(1, Math.ceil(this.maxLive * shareToPark)))) {
      if (flow === except || flow.decoder === undefined) continue;
      flow.parked = flow.decoder.save();
      flow.decoder = undefined;
      this.live.delete(flow);
      this.parked.add(flow);
      this.parkedBytes += flow.parked.length;
    }
    for (const flow of this.parked) {
      if (this.parkedBytes <= maxParkedBytes) return;
      this.unpark(flow);
    }
  }
}
