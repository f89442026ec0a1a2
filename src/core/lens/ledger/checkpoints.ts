// Where decoding can be taken up again: saved states along each flow, thinned out when they are too many, so that any message is found by
// decoding a little.

import type { ChunkDecoder } from './chunkDecoder.js';

/** A checkpoint after so many messages or bytes: decoding them again takes a few milliseconds. */
const messagesApart = 256;
const bytesApart = 256 << 10;
/** Bytes in the middle of a message would be saved with it: better wait for its end, unless it is very long. */
const maxPendingBytes = 64 << 10;
const longestWaitBytes = 4 << 20;

/** Saved states of one flow: 200,000 messages of most protocols have 2 MB of them. */
const defaultMaxFlowBytes = 8 << 20;
/** Of all flows. */
const defaultMaxBytes = 64 << 20;
/** About what the object beside the bytes takes. */
const overheadBytes = 100;

export interface Checkpoint {
  /** of the next message */
  index: number;
  saved: Uint8Array;
}

/** One flow's, oldest first. Made by `Checkpoints.open`. */
export class FlowCheckpoints {
  list: Checkpoint[] = [];
  bytes = 0;
  /** how many times less often than at first */
  thinness = 1;
  lastIndex = 0;
  bytesSince = 0;

  /** @returns the last one before the message with that index, or undefined: from the start */
  before(index: number): Checkpoint | undefined {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle]!.index <= index) low = middle + 1;
      else high = middle;
    }
    return this.list[low - 1];
  }
}

export class Checkpoints {
  bytes = 0;
  private readonly flows = new Set<FlowCheckpoints>();

  constructor(private readonly maxBytes = defaultMaxBytes, private readonly maxFlowBytes = defaultMaxFlowBytes) {}

  /**
   * Saves where a flow stands, when it is time.
   *
   * @param nextIndex index of its next message
   * @param bytes decoded since the last call
   */
  note(own: FlowCheckpoints, decoder: ChunkDecoder, nextIndex: number, bytes: number): void {
    own.bytesSince += bytes;
    if (nextIndex - own.lastIndex < messagesApart * own.thinness && own.bytesSince < bytesApart * own.thinness) return;
    if (nextIndex === own.lastIndex || (maxPendingBytes < decoder.pendingBytes && own.bytesSince < longestWaitBytes * own.thinness)) return;
    const saved = decoder.save();
    own.list.push({ index: nextIndex, saved });
    own.lastIndex = nextIndex;
    own.bytesSince = 0;
    this.count(own, saved.length + overheadBytes);
    this.flows.add(own);
    if (this.maxFlowBytes < own.bytes) this.thin(own);
    if (this.maxBytes < this.bytes) this.thinLargest();
  }

  forget(own: FlowCheckpoints): void {
    this.count(own, -own.bytes);
    own.list = [];
    this.flows.delete(own);
  }

  clear(): void {
    for (const own of this.flows) own.list = [];
    this.flows.clear();
    this.bytes = 0;
  }

  private count(own: FlowCheckpoints, bytes: number): void {
    own.bytes += bytes;
    this.bytes += bytes;
  }

  /** Every other one goes. */
  private thin(own: FlowCheckpoints): void {
    const kept = own.list.filter((_, at) => at % 2 === 1);
    const bytes = kept.reduce((sum, { saved }) => sum + saved.length + overheadBytes, 0);
    this.count(own, bytes - own.bytes);
    own.list = kept;
    own.thinness *= 2;
    if (kept.length === 0) this.flows.delete(own);
  }

  /** Down to three quarters, so that the next time is far. */
  private thinLargest(): void {
    for (const own of [...this.flows].sort((a, b) => b.bytes - a.bytes)) {
      if (this.bytes <= this.maxBytes * 0.75) return;
      this.thin(own);
    }
  }
}
