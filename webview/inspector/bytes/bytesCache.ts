// Bytes of one speaker of one flow, fetched by page as they come into view. At most 4 MiB are kept.

import type { BytesPiece, Speaker } from '../../../src/shared/flow.js';
import type { Range } from '../../../src/shared/message.js';

/** A page is 1,024 rows of the hex view; lens hands out at most 256 KiB a request. */
export const bytesPageBytes = 16 * 1024;
const maxPages = 256;
const maxRequests = 2;
/** what one 'bytes/read' may ask for */
export const maxReadBytes = 256 * 1024;

export type ReadBytes = (from: Speaker, start: number, length: number) => Promise<BytesPiece>;

interface HeldPage {
  bytes: Uint8Array;
  gaps: { start: number; end: number }[];
}

export class BytesCache {
  private readonly pages = new Map<number, HeldPage>();
  private readonly underWay = new Set<number>();
  private wanted = { start: 0, end: 0 };
  private total = 0;
  private isOver = false;

  constructor(
    private readonly from: Speaker,
    private readonly read: ReadBytes,
    private readonly changed: () => void,
    private readonly failed: (fault: unknown) => void,
  ) {}

  /** Nothing that is still on its way will be used. */
  end(): void {
    this.isOver = true;
  }

  /** @param total bytes of this speaker so far: the last page is asked for again when it has grown */
  setTotal(total: number): void {
    if (total === this.total) return;
    this.total = total;
    this.pump();
  }

  want(start: number, end: number): void {
    this.wanted = { start, end };
    this.pump();
  }

  /** @returns bytes [start, end) as far as they are here; undefined when their first byte is not. Never crosses a page. */
  view(start: number, end: number): { bytes: Uint8Array; gaps: readonly { start: number; end: number }[] } | undefined {
    const page = Math.floor(start / bytesPageBytes);
    const held = this.pages.get(page);
    if (held === undefined) return undefined;
    const at = start - page * bytesPageBytes;
    if (at >= held.bytes.length) return undefined;
    return { bytes: held.bytes.subarray(at, end - page * bytesPageBytes), gaps: held.gaps };
  }

  private pump(): void {
    if (this.isOver || this.wanted.end <= this.wanted.start) return;
    const first = Math.floor(this.wanted.start / bytesPageBytes);
    const last = Math.floor((Math.min(this.wanted.end, this.total) - 1) / bytesPageBytes);
    for (let page = first; page <= last && this.underWay.size < maxRequests; page++) {
      const due = Math.min(bytesPageBytes, this.total - page * bytesPageBytes);
      const held = this.pages.get(page);
      if (this.underWay.has(page) || (held !== undefined && held.bytes.length >= due)) continue;
      this.load(page, due);
    }
  }

  private load(page: number, due: number): void {
    this.underWay.add(page);
    this.read(this.from, page * bytesPageBytes, due)
      .then((piece) => {
        if (this.isOver) return;
        this.pages.delete(page);
        this.pages.set(page, { bytes: piece.bytes, gaps: piece.gaps });
        for (const key of this.pages.keys()) if (this.pages.size > maxPages) this.pages.delete(key);
        this.changed();
      }, (fault: unknown) => {
        if (!this.isOver) this.failed(fault);
      })
      .finally(() => {
        this.underWay.delete(page);
        if ((this.pages.get(page)?.bytes.length ?? 0) >= due) this.pump();
      });
  }
}

/**
 * Reads a range of any size, piece by piece.
 *
 * @param maxBytes stops there
 * @returns the bytes, and what of them are gaps (zero bytes in the copy), in absolute offsets
 */
export async function readRange(read: ReadBytes, from: Speaker, start: number, end: number, maxBytes: number): Promise<{ bytes: Uint8Array; gaps: Range[]; gapBytes: number; isCut: boolean }> {
  const stop = Math.min(end, start + maxBytes);
  const bytes = new Uint8Array(stop - start);
  const gaps: Range[] = [];
  let at = start;
  while (at < stop) {
    const piece = await read(from, at, Math.min(maxReadBytes, stop - at));
    if (piece.bytes.length === 0) break;
    bytes.set(piece.bytes.subarray(0, stop - at), at - start);
    for (const gap of piece.gaps) {
      const inside = { start: Math.max(gap.start, at), end: Math.min(gap.end, stop, at + piece.bytes.length) };
      if (inside.start < inside.end) gaps.push(inside);
    }
    at += piece.bytes.length;
  }
  const gapBytes = gaps.reduce((sum, gap) => sum + gap.end - gap.start, 0);
  return { bytes: bytes.subarray(0, at - start), gaps, gapBytes, isCut: stop < end };
}
