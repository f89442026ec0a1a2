// Looking through all bytes of a speaker, piece by piece, in either direction and around the end; what was overwritten is never found.

import type { BytesPiece, Speaker } from '../../../src/shared/flow.js';
import { maxReadBytes, type ReadBytes } from './bytesCache.js';
import { findBackward, findForward, type SearchPattern } from './searchPattern.js';

export interface FindQuery {
  from: Speaker;
  /** bytes of the speaker: [first, total) is looked through */
  first: number;
  total: number;
  pattern: SearchPattern;
  /** the first place to try; going backwards, the first place that is not tried */
  start: number;
  direction: 'next' | 'previous';
}

export interface Found {
  at: number;
  /** the end (or the start) was passed */
  hasWrapped: boolean;
}

/**
 * @param onProgress share of the bytes looked at, 0 to 1, after each piece
 * @param signal stops it before the next piece
 * @returns undefined when there is none, or when it was stopped
 */
export async function findBytes(read: ReadBytes, query: FindQuery, onProgress: (share: number) => void, signal: AbortSignal): Promise<Found | undefined> {
  const { first, total, start, direction, pattern } = query;
  const overlap = pattern.values.length - 1;
  const place = Math.min(Math.max(first, start), total);
  // Around the end, up to where it began: places before `place`, whose bytes may reach beyond it.
  const stretches: [start: number, end: number][] = direction === 'next'
    ? [[place, total], [first, Math.min(total, place + overlap)]]
    : [[first, Math.min(total, place + overlap)], [place, total]];
  const all = stretches.reduce((sum, [from, to]) => sum + Math.max(0, to - from), 0);
  let done = 0;
  for (const [turn, [from, to]] of stretches.entries()) {
    for (const piece of pieces(from, to, overlap, direction)) {
      if (signal.aborted) return undefined;
      const got = await read(query.from, piece.start, piece.end - piece.start);
      if (signal.aborted) return undefined;
      const at = direction === 'next' ? firstKept(got, pattern) : lastKept(got, pattern);
      if (at !== undefined) return { at: piece.start + at, hasWrapped: turn === 1 };
      done += piece.end - piece.start;
      onProgress(all === 0 ? 1 : Math.min(1, done / all));
    }
  }
  return undefined;
}

function* pieces(from: number, to: number, overlap: number, direction: 'next' | 'previous'): Generator<{ start: number; end: number }> {
  const step = maxReadBytes - overlap;
  if (direction === 'next') {
    for (let start = from; start < to; start += step) yield { start, end: Math.min(to, start + maxReadBytes) };
  } else {
    for (let end = to; from < end; end -= step) yield { start: Math.max(from, end - maxReadBytes), end };
  }
}

function firstKept({ bytes, gaps, offset }: BytesPiece, pattern: SearchPattern): number | undefined {
  for (let at = findForward(bytes, pattern, 0); at >= 0; at = findForward(bytes, pattern, at + 1)) if (isKept(gaps, offset + at, pattern)) return at;
  return undefined;
}

function lastKept({ bytes, gaps, offset }: BytesPiece, pattern: SearchPattern): number | undefined {
  for (let at = findBackward(bytes, pattern, bytes.length); at >= 0; at = findBackward(bytes, pattern, at)) if (isKept(gaps, offset + at, pattern)) return at;
  return undefined;
}

/** Overwritten bytes are zeros in a piece: a pattern of zeros must not be found in them. */
function isKept(gaps: BytesPiece['gaps'], at: number, pattern: SearchPattern): boolean {
  return !gaps.some((gap) => gap.start < at + pattern.values.length && at < gap.end);
}
