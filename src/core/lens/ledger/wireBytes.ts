// The bytes of a message as they were on the wire, for who searches them.

import type { Speaker } from '../../../shared/flow.js';
import { maxReadBytes, readBytes, type StoreReader } from '../byteReader.js';
import type { ChunkIndex, ChunkList } from '../chunkIndex.js';

/** Longer messages are looked at in pieces of this size. */
export const maxPieceBytes = 16 << 20;

/**
 * Shows a test what can be read back of `[start, end)`: in one piece where nothing is missing and it is no longer than 16 MiB.
 *
 * @param test must not keep the bytes
 * @returns whether it passed for some piece
 */
export function someKeptBytes(index: ChunkIndex, chunks: ChunkList, store: StoreReader, from: Speaker, start: number, end: number, test: (bytes: Uint8Array) => boolean): boolean {
  for (let at = start; at < end; at += maxPieceBytes) {
    const stop = Math.min(end, at + maxPieceBytes);
    if (stop - at <= maxReadBytes) {
      const { bytes, gaps } = readBytes(index, chunks, store, from, at, stop - at, stop);
      if (someStretch(bytes, at, gaps, test)) return true;
      continue;
    }
    const piece = new Uint8Array(stop - at);
    const missing: { start: number; end: number }[] = [];
    for (let part = at; part < stop; part += maxReadBytes) {
      const { bytes, gaps } = readBytes(index, chunks, store, from, part, Math.min(maxReadBytes, stop - part), stop);
      piece.set(bytes, part - at);
      missing.push(...gaps);
    }
    if (someStretch(piece, at, missing, test)) return true;
  }
  return false;
}

/** @param offset of `bytes[0]`; gaps are told in the same offsets */
function someStretch(bytes: Uint8Array, offset: number, gaps: readonly { start: number; end: number }[], test: (bytes: Uint8Array) => boolean): boolean {
  if (gaps.length === 0) return test(bytes);
  let start = 0;
  for (const gap of [...gaps, { start: offset + bytes.length, end: offset + bytes.length }]) {
    if (start < gap.start - offset && test(bytes.subarray(start, gap.start - offset))) return true;
    start = gap.end - offset;
  }
  return false;
}
