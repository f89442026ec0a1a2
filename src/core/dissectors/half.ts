// One direction of a dissection: the bytes that are not part of a message yet, where they stand in the flow, and when they were read.

import type { Speaker } from '../../shared/flow.js';
import type { Message } from '../../shared/message.js';
import type { Sentence } from '../../shared/sentences.js';
import type { Decoded } from './dissector.js';

export interface Chunk {
  from: Speaker;
  /** offset of `bytes[0]` in the speaker's bytes */
  offset: number;
  bytes: Uint8Array;
  /** epoch milliseconds at which they were read */
  at: number;
}

/** One direction. Plain data. */
export interface Half {
  readonly from: Speaker;
  /** bytes that are not part of a message yet: `[at, end)` of `buffer` */
  buffer: Uint8Array;
  at: number;
  end: number;
  /** offset in the flow of `buffer[0]` */
  base: number;
  /** offsets (of first bytes) and times of the reads that are still in the buffer, oldest first */
  reads: { offset: number; at: number }[];
  lastAt: number;
  /** bytes from `at` that are needed before it is worth asking again; 0 = the other speaker must say something first */
  needs: number;
  /** bytes that were looked at in vain since the last message */
  judged: number;
  isEnded: boolean;
  /** a message whose end has not come: what is skipped */
  skipping: { message: Message; decoded: Decoded; end: number } | undefined;
  /** start of undecoded bytes that have not been told yet */
  lostAt: number | undefined;
  lostWhy: Sentence | '';
  lostStartedAt: number;
  /** where sense was lost: that position need not be tried again; -1 behind a gap, where nothing has been tried */
  triedAt: number;
  /** while looking for the next message: the byte in front of `at`, or -1 */
  before: number;
}

/** @param offset where the speaker's bytes begin */
export function startHalf(from: Speaker, offset: number): Half {
  return { from, buffer: nothing, at: 0, end: 0, base: offset, reads: [], lastAt: 0, needs: 1, judged: 0, isEnded: false, skipping: undefined, lostAt: undefined, lostWhy: '', lostStartedAt: 0, triedAt: -1, before: -1 };
}

const nothing = new Uint8Array(0);

/** Puts what was read behind what is pending. */
export function take(half: Half, { bytes, at, offset: chunkOffset }: Chunk): void {
  half.lastAt = at;
  const offset = half.at === half.end ? chunkOffset : half.base + half.end;
  if (half.reads.length === 0 || at !== half.reads[half.reads.length - 1]!.at) half.reads.push({ offset, at });
  if (half.at === half.end) {
    // Nothing is pending: the chunk itself is read, without a copy. What is left over is copied when it returns (settle).
    half.base = offset;
    half.buffer = bytes;
    half.at = 0;
    half.end = bytes.length;
    return;
  }
  const pending = half.end - half.at;
  const needed = pending + bytes.length;
  if (half.buffer.length - half.end < bytes.length || !owns(half)) {
    const target = needed <= half.buffer.length && owns(half) ? half.buffer : new Uint8Array(needed < 1024 ? 1024 : needed * 2);
    if (target === half.buffer) target.copyWithin(0, half.at, half.end);
    else target.set(half.buffer.subarray(half.at, half.end));
    half.base += half.at;
    half.buffer = target;
    half.at = 0;
    half.end = pending;
  }
  half.buffer.set(bytes, half.end);
  half.end += bytes.length;
}

/** Buffers of our own are larger than what is in them, chunks never are. */
function owns(half: Half): boolean {
  return half.end < half.buffer.length;
}

/** Copies what is left of a chunk that is not ours: its memory may be used again once `step` returns. */
export function settle(half: Half): void {
  const pending = half.end - half.at;
  if (pending === 0) {
    half.base += half.end;
    half.buffer = nothing;
    half.at = half.end = 0;
    half.reads = [];
  } else if (!owns(half)) {
    const target = new Uint8Array(pending < 512 ? 1024 : pending * 2);
    target.set(half.buffer.subarray(half.at, half.end));
    half.base += half.at;
    half.buffer = target;
    half.at = 0;
    half.end = pending;
  }
}

/** The same with a buffer of its own that holds just the pending bytes, for keeping. */
export function trimmed(half: Half): Half {
  const { buffer, at, end, base } = half;
  return { ...half, buffer: buffer.slice(at, end), at: 0, end: end - at, base: base + at };
}

/** Steps over bytes that are not there. */
export function forward(half: Half, length: number): void {
  half.base += half.end + length;
  half.buffer = nothing;
  half.at = half.end = 0;
  half.reads = [];
}

/** Epoch milliseconds at which a byte in the buffer was read. */
export function readAt(half: Half, position: number): number {
  const offset = half.base + position;
  const { reads } = half;
  let found = half.lastAt;
  for (let i = reads.length - 1; 0 <= i; i--) {
    const read = reads[i]!;
    found = read.at;
    if (read.offset <= offset) break;
  }
  return found;
}

/** Forgets reads that lie before the pending bytes. */
export function forgetReads(half: Half): void {
  const { reads } = half;
  const offset = half.base + half.at;
  let gone = 0;
  while (gone + 1 < reads.length && reads[gone + 1]!.offset <= offset) gone += 1;
  if (0 < gone) reads.splice(0, gone);
}

/** @returns copies of what is pending, as it was read */
export function chunksOf(half: Half): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = half.at; at < half.end; ) {
    const time = readAt(half, at);
    const next = half.reads.find((read) => half.base + at < read.offset);
    const stop = next === undefined || half.base + half.end < next.offset ? half.end : next.offset - half.base;
    chunks.push({ from: half.from, offset: half.base + at, bytes: half.buffer.slice(at, stop), at: time });
    at = stop;
  }
  return chunks;
}
