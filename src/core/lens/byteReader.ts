// Puts one speaker's bytes together again from its chunks, and says where bytes are missing.

import type { BytesPiece, ChunkRow, Speaker } from '../../shared/flow.js';
import type { ChunkCursor, ChunkIndex, ChunkList } from './chunkIndex.js';

/** The capture store as it is read: copies, and tells whether the copy is the bytes that were asked for. */
export interface StoreReader {
  /** @returns false when the bytes were overwritten before or while they were copied; `into` is then garbage */
  read(position: number, length: number, into: Uint8Array, at: number): boolean;
}

/** A request for more than this is cut: the answer crosses a thread and is shown on a screen. */
export const maxReadBytes = 256 * 1024;

/** A page larger than this is cut. */
export const maxChunksPerPage = 1000;

/** What fits a line of a list; longer text is cut by the view anyway. */
const previewBytes = 120;

/** @param total bytes of that speaker so far, so that reading stops there */
export function readBytes(index: ChunkIndex, list: ChunkList, store: StoreReader | undefined, from: Speaker, start: number, length: number, total: number): BytesPiece {
  const offset = Math.max(0, Math.min(Math.floor(start), total));
  const end = Math.min(offset + Math.max(0, Math.min(Math.floor(length), maxReadBytes)), total);
  const bytes = new Uint8Array(end - offset);
  const gaps: BytesPiece['gaps'] = [];
  let done = offset;
  const cursor = done < end ? index.find(list, from, done) : undefined;
  let hasMore = cursor !== undefined;
  while (cursor !== undefined && hasMore && done < end) {
    if (cursor.from === from) {
      if (end <= cursor.offset) break;
      addGap(gaps, done, cursor.offset);
      const chunkStart = Math.max(offset, cursor.offset);
      const chunkEnd = Math.min(end, cursor.offset + cursor.length);
      const isRead = 0 <= cursor.position && store?.read(cursor.position + chunkStart - cursor.offset, chunkEnd - chunkStart, bytes, chunkStart - offset) === true;
      if (!isRead) {
        bytes.fill(0, chunkStart - offset, chunkEnd - offset);
        addGap(gaps, chunkStart, chunkEnd);
      }
      done = chunkEnd;
    }
    hasMore = index.advance(cursor);
  }
  addGap(gaps, done, end);
  return { from, offset, bytes, gaps, total };
}

/** Neighbouring gaps become one. */
function addGap(gaps: BytesPiece['gaps'], start: number, end: number): void {
  if (end <= start) return;
  const last = gaps.at(-1);
  if (last !== undefined && last.end === start) last.end = end;
  else gaps.push({ start, end });
}

/** @param start index of the first chunk wanted; what the ring let go is passed over */
export function listChunks(index: ChunkIndex, list: ChunkList, store: StoreReader | undefined, start: number, count: number): ChunkRow[] {
  const rows: ChunkRow[] = [];
  const wanted = Math.max(0, Math.min(Math.floor(count), maxChunksPerPage));
  const cursor = index.at(list, Math.max(Math.floor(start), list.first));
  if (cursor === undefined) return rows;
  const scratch = new Uint8Array(previewBytes);
  while (rows.length < wanted) {
    rows.push(chunkRow(cursor, store, scratch));
    if (!index.advance(cursor)) break;
  }
  return rows;
}

function chunkRow(cursor: ChunkCursor, store: StoreReader | undefined, scratch: Uint8Array): ChunkRow {
  const length = Math.min(cursor.length, previewBytes);
  const isKept = 0 <= cursor.position && store?.read(cursor.position, length, scratch, 0) === true;
  return {
    index: cursor.index,
    from: cursor.from,
    offset: cursor.offset,
    length: cursor.length,
    at: cursor.at,
    // Segments are overwritten whole, and a chunk never spans two: all of it is there, or nothing.
    missing: isKept ? 0 : cursor.length,
    preview: isKept ? previewOf(scratch, length) : '',
  };
}

function previewOf(bytes: Uint8Array, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) {
    const byte = bytes[index]!;
    text += 0x20 <= byte && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return text;
}
