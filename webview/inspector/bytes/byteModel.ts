// The bytes that the right half shows: whose, how many, what of them is selected and what is lit. Hex, text and values draw from here.

import type { DirectionCounts, Speaker } from '../../../src/shared/flow.js';
import type { Range } from '../../../src/shared/message.js';
import { BytesCache, type ReadBytes } from './bytesCache.js';
import { selectedRange, selectionOf, type HexSelection } from './hexSelection.js';

/** 'flow': other bytes altogether · 'counts': there are more, or fewer are kept · 'bytes': some arrived */
export type ByteChange = 'flow' | 'counts' | 'bytes' | 'selection' | 'light';

export class ByteModel {
  from: Speaker = 'client';
  counts: Record<Speaker, DirectionCounts> = { client: none(), upstream: none() };
  selection: HexSelection | undefined;
  lit: Range | undefined;
  private reader: ReadBytes | undefined;
  private cache: BytesCache | undefined;

  constructor(private readonly changed: (what: ByteChange) => void, private readonly report: (fault: unknown) => void) {}

  /** Another flow is shown. */
  start(read: ReadBytes, counts: Record<Speaker, DirectionCounts>, from: Speaker): void {
    this.reader = read;
    this.counts = counts;
    this.setSpeaker(from);
  }

  setSpeaker(from: Speaker): void {
    const { reader } = this;
    this.from = from;
    this.cache?.end();
    this.cache = reader === undefined ? undefined : new BytesCache(from, reader, () => this.changed('bytes'), this.report);
    this.cache?.setTotal(this.total);
    this.selection = undefined;
    this.lit = undefined;
    this.changed('flow');
  }

  /** The flow went on. */
  update(counts: Record<Speaker, DirectionCounts>): void {
    this.counts = counts;
    this.cache?.setTotal(this.total);
    this.changed('counts');
  }

  get total(): number {
    return this.counts[this.from].total;
  }

  /** first byte that may still be there: what was overwritten is the oldest */
  get firstKept(): number {
    const { total, kept, dropped } = this.counts[this.from];
    return dropped > 0 && kept > 0 ? total - kept : 0;
  }

  get read(): ReadBytes | undefined {
    return this.reader;
  }

  get selected(): Range | undefined {
    return this.selection === undefined ? undefined : selectedRange(this.selection);
  }

  clamp(offset: number): number {
    return Math.min(Math.max(0, offset), Math.max(0, this.total - 1));
  }

  /** What was lit goes out: a selection that grows over it would not be seen. */
  select(selection: HexSelection | undefined): void {
    this.selection = selection;
    this.lit = undefined;
    this.changed('selection');
  }

  /** @returns whether there is such a byte */
  selectRange({ start, end }: Range): boolean {
    if (start >= this.total) return false;
    this.select(selectionOf(start, Math.min(end, this.total)));
    return true;
  }

  /** Lights up the bytes of a field that is pointed at. */
  light(range: Range | undefined): void {
    if (range?.start === this.lit?.start && range?.end === this.lit?.end) return;
    this.lit = range;
    this.changed('light');
  }

  want(start: number, end: number): void {
    this.cache?.want(start, end);
  }

  /** Bytes [start, end) as far as they are here. Never crosses a page of 16 KiB. */
  view(start: number, end: number): { bytes: Uint8Array; gaps: readonly Range[] } | undefined {
    return this.cache?.view(start, end);
  }
}

function none(): DirectionCounts {
  return { total: 0, kept: 0, dropped: 0 };
}
