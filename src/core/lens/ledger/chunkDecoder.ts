// Feeds one flow's recorded chunks to its dissector: in pieces, with what is missing told as gaps. Where it stands can be saved as bytes,
// and decoding goes on from there later, or for a second time.

import { deserialize, serialize } from 'node:v8';
import type { Speaker } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import { FlowDissector, type SavedFlow } from '../../dissectors/index.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkList } from '../chunkIndex.js';

/**
 * A chunk of up to a mebibyte is fed in pieces of this size: dense ones hold thousands of messages, and between two pieces one can stop. What
 * is decoded does not depend on it (style.md §1).
 */
export const pieceBytes = 32 << 10;

/** Bytes of a speaker that are not there; chunks that lie side by side make one gap. */
interface Missing {
  start: number;
  end: number;
  at: number;
}

type Offsets = [client: number, upstream: number];

interface Saved {
  nextChunk: number;
  within: number;
  offsets: Offsets;
  isLate: boolean;
  missing: [Missing | undefined, Missing | undefined];
  flow: SavedFlow;
}

const speakers: readonly Speaker[] = ['client', 'upstream'];

export class ChunkDecoder {
  /** index in its flow of the next chunk, and how many of its bytes are decoded already */
  nextChunk = 0;
  within = 0;
  /** of the next byte of each speaker */
  readonly offsets: Offsets = [0, 0];
  private readonly missing: [Missing | undefined, Missing | undefined] = [undefined, undefined];

  /** what was said before is not known any more: the first chunk is told as missing, for sense to be found behind it */
  private isLate = false;

  private constructor(private readonly flow: FlowDissector) {}

  /** At the first byte of a flow. */
  static start(context: DissectContext, hint: string | undefined): ChunkDecoder {
    return new ChunkDecoder(new FlowDissector(context, hint));
  }

  /**
   * In the middle of a flow whose state was dropped.
   *
   * @param told offsets up to which everything is in messages; @param offsets those of the next chunk
   */
  static resume(context: DissectContext, hint: string | undefined, index: number, nextChunk: number, told: Offsets, offsets: Offsets): ChunkDecoder {
    const decoder = new ChunkDecoder(new FlowDissector(context, hint, index));
    Object.assign(decoder, { nextChunk, isLate: true, offsets: [...told] });
    for (const speaker of [0, 1] as const) decoder.miss(speaker, offsets[speaker] - told[speaker], 0);
    return decoder;
  }

  /** @param saved what `save` gave; it stays as it is */
  static restore(context: DissectContext, hint: string | undefined, saved: Uint8Array): ChunkDecoder {
    // What is read from it may lie in its memory, and is written to.
    const { flow, ...own } = deserialize(Buffer.from(saved)) as Saved;
    return Object.assign(new ChunkDecoder(FlowDissector.from(context, hint, flow)), own);
  }

  save(): Uint8Array {
    const { nextChunk, within, offsets, isLate, missing, flow } = this;
    return serialize({ nextChunk, within, offsets, isLate, missing, flow: flow.save() } satisfies Saved);
  }

  /** catalogue ids from the outside in */
  get layers(): string[] {
    return this.flow.layers;
  }

  get pendingBytes(): number {
    return this.flow.pendingBytes;
  }

  /** bytes are known to be missing and were not told yet */
  get hasMissing(): boolean {
    return this.missing[0] !== undefined || this.missing[1] !== undefined;
  }

  /** Passes over the chunks that the ring let go before they were decoded. */
  skipForgotten(list: ChunkList, at: number): void {
    if (list.first <= this.nextChunk) return;
    this.miss(0, list.headOffset[0] - this.offsets[0], at);
    this.miss(1, list.headOffset[1] - this.offsets[1], at);
    this.nextChunk = list.first;
    this.within = 0;
  }

  /**
   * Decodes the next piece of the flow's next chunk.
   *
   * @param position of the chunk in the store; -1 = it was not kept
   * @param scratch room for a piece; undefined = memory of its own, for messages that are kept
   * @param messages receives what is complete with it
   * @returns whether the chunk is done
   */
  take(chunk: { speaker: 0 | 1; length: number; at: number; position: number }, store: StoreReader, scratch: Uint8Array | undefined, messages: Message[]): boolean {
    const { speaker, length, at, position } = chunk;
    const left = length - this.within;
    const size = Math.min(left, pieceBytes);
    const bytes = position < 0 || this.isLate ? undefined : (scratch?.subarray(0, size) ?? new Uint8Array(size));
    if (bytes !== undefined && store.read(position + this.within, size, bytes, 0)) {
      if (this.hasMissing) this.tellMissing(messages);
      const told = this.flow.step({ from: speakers[speaker]!, offset: this.offsets[speaker], bytes, at });
      for (const message of told) messages.push(message);
      this.offsets[speaker] += size;
      this.within += size;
    } else {
      this.miss(speaker, left, at);
      this.within = length;
      this.isLate = false;
    }
    if (this.within < length) return false;
    this.nextChunk += 1;
    this.within = 0;
    return true;
  }

  /** Nothing more is there to join what is missing: it is told. */
  tellMissing(messages: Message[]): void {
    for (const speaker of [0, 1] as const) {
      const gap = this.missing[speaker];
      if (gap === undefined) continue;
      this.missing[speaker] = undefined;
      messages.push(...this.flow.gap(speakers[speaker]!, gap.start, gap.end - gap.start, gap.at));
    }
  }

  get isUndecided(): boolean {
    return this.flow.isUndecided;
  }

  /** One side lets the other wait: what was said is told, where it is known what it is. */
  decideEarly(messages: Message[]): void {
    messages.push(...this.flow.decideEarly());
  }

  /** Neither side says anything more. */
  end(messages: Message[]): void {
    this.tellMissing(messages);
    messages.push(...this.flow.end('client'), ...this.flow.end('upstream'));
  }

  /** What is there and not told yet, as it would be told if nothing more came. Changes nothing. */
  provisional(): Message[] {
    return this.flow.provisional();
  }

  private miss(speaker: 0 | 1, length: number, at: number): void {
    if (length <= 0) return;
    const start = this.offsets[speaker];
    const gap = (this.missing[speaker] ??= { start, end: start, at });
    gap.end = start + length;
    this.offsets[speaker] = gap.end;
  }
}
