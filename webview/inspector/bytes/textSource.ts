// Blocks of text rows over bytes that are read by range, or that are here already.

import type { Speaker } from '../../../src/shared/flow.js';
import type { BlockSource } from '../../widgets/blockList.js';
import { readRange, type ReadBytes } from './bytesCache.js';
import { layoutText, maxCharacterBytes, type TextEncoding, type TextPiece, type TextRow } from './textLayout.js';

/** One block is laid out at a time: some 1,000 rows, far below a frame. */
export const textBlockBytes = 64 * 1024;

/** A row that carries the bytes it is drawn from: blocks are let go of together with them. */
export interface PlacedRow extends TextRow {
  piece: TextPiece;
}

export function blockOf(offset: number): number {
  return Math.floor(offset / textBlockBytes);
}

/** @param first first byte that is still kept; what is before it has no rows */
export function readingSource(read: ReadBytes, from: Speaker, first: number, total: number, look: { encoding: TextEncoding; width: number }): BlockSource<PlacedRow> {
  const source = {
    start: blockOf(first),
    end: Math.ceil(total / textBlockBytes),
    total,
    async load(block: number): Promise<PlacedRow[]> {
      const known = source.total;
      const range = { start: block * textBlockBytes, end: Math.min(known, (block + 1) * textBlockBytes) };
      const start = Math.max(0, range.start - maxCharacterBytes);
      const { bytes, gaps } = await readRange(read, from, start, Math.min(known, range.end + maxCharacterBytes), textBlockBytes + 2 * maxCharacterBytes);
      const piece = { bytes, offset: start, gaps };
      return layoutText(piece, { start: range.start, end: Math.min(range.end, start + bytes.length) }, look.encoding, look.width).map((row) => ({ ...row, piece }));
    },
  };
  return source;
}

/** Tells a source that there is more. */
export function grow(source: BlockSource<PlacedRow>, first: number, total: number): void {
  source.start = blockOf(first);
  source.end = Math.ceil(total / textBlockBytes);
  (source as BlockSource<PlacedRow> & { total: number }).total = total;
}

export function memorySource(bytes: Uint8Array, look: { encoding: TextEncoding; width: number }): BlockSource<PlacedRow> {
  const piece = { bytes, offset: 0, gaps: [] };
  return {
    start: 0,
    end: Math.ceil(bytes.length / textBlockBytes),
    load(block: number) {
      const range = { start: block * textBlockBytes, end: Math.min(bytes.length, (block + 1) * textBlockBytes) };
      return Promise.resolve(layoutText(piece, range, look.encoding, look.width).map((row) => ({ ...row, piece })));
    },
  };
}
