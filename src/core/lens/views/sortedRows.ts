// The rows of a view by a column. Sorted as a whole once all are judged; what comes or changes later is put in its place a batch at a time.

import type { Column, SortKey } from './columns.js';
import type { RowList } from './rowList.js';
import { untilWoken } from './slices.js';
import { compareKeys, sorted, type Steps } from './sorting.js';

/** Lists that move under one's eyes more often than this cannot be read, and each batch goes through all rows. */
const mergeEveryMs = 500;
/** A batch greater than this part of the list is sorted with it. */
const mergedPart = 1 / 16;
const stepLength = 4096;

export class SortedRows {
  private order: Uint32Array = new Uint32Array(0);
  /** came, went or changed since the order was made */
  private touched = new Set<number>();
  private work: Steps<Uint32Array> | undefined;
  private lastMergeAt = -Infinity;
  /** values may have changed of any row */
  private isStale = false;
  /** 0 = nothing, 1 = of the rows that were judged first, 2 = of all */
  private stage: 0 | 1 | 2 = 0;
  private isWorkWhole = false;
  /** rows below were taken out */
  private first = 0;

  /** @param rows what the view holds by now; @param rowsFrom first row that the ledger has */
  constructor(private readonly rows: () => RowList, private readonly rowsFrom: () => number, private readonly column: Column, private readonly isDescending: boolean, private readonly now: () => number) {}

  get count(): number {
    return this.order.length;
  }

  get memoryBytes(): number {
    return this.order.byteLength + this.touched.size * 16;
  }

  /** all rows were sorted once, and none waits for its place */
  get isDone(): boolean {
    return this.stage === 2 && !this.isStale && this.work === undefined && this.touched.size === 0;
  }

  at(position: number): number {
    return this.order[position]!;
  }

  /** @returns -1 when it has no place (yet) */
  positionOf(row: number): number {
    return this.order.indexOf(row);
  }

  /** A row came, went or changed. */
  touch(row: number): void {
    if (this.stage === 2 || this.isWorkWhole) this.touched.add(row);
  }

  /** Takes rows out that the ledger forgot: they have nothing to show. Goes through all of them. */
  dropBelow(row: number): void {
    if (row <= this.first) return;
    this.first = row;
    let kept = 0;
    for (const one of this.order) if (row <= one) this.order[kept++] = one;
    this.order = this.order.subarray(0, kept);
  }

  /** What it is sorted by may be another value, of any row. */
  sortAgain(): void {
    this.isStale = true;
  }

  /**
   * @param isFirstPartJudged the rows that people see first are there
   * @param isJudged all are
   * @returns milliseconds until there is something to do
   */
  advance(until: number, isFirstPartJudged: boolean, isJudged: boolean): number {
    if (this.work === undefined) {
      if (isJudged && (this.stage < 2 || this.isStale)) this.beginWhole();
      else if (isFirstPartJudged && this.stage === 0) {
        this.stage = 1;
        this.work = this.whole();
      } else if (this.stage === 2 && 0 < this.touched.size) {
        const wait = this.lastMergeAt + mergeEveryMs - this.now();
        if (0 < wait) return wait;
        if (this.order.length * mergedPart < this.touched.size) this.beginWhole();
        else this.work = this.merged(this.takeTouched());
      }
    }
    if (this.work === undefined) return untilWoken;
    do {
      const { done, value } = this.work.next();
      if (!done) continue;
      this.order = value;
      this.first = 0;
      this.work = undefined;
      this.lastMergeAt = this.now();
      if (this.isWorkWhole) this.stage = 2;
      this.isWorkWhole = false;
      break;
    } while (this.now() < until);
    return 0;
  }

  private beginWhole(): void {
    this.isStale = false;
    this.isWorkWhole = true;
    this.touched.clear();
    this.work = this.whole();
  }

  private whole(): Steps<Uint32Array> {
    return sorted(this.rows().toArray(), (row) => this.keyOf(row), this.isDescending);
  }

  /** The ledger may have forgotten the row since the work began: then its place does not matter any more. */
  private keyOf(row: number): SortKey {
    return this.rowsFrom() <= row ? this.column.key(row) : undefined;
  }

  private takeTouched(): Set<number> {
    const { touched } = this;
    this.touched = new Set();
    return touched;
  }

  /** The order without the rows of a batch, and then those of them that are in the view, each where it belongs. */
  private *merged(batch: ReadonlySet<number>): Steps<Uint32Array> {
    const rest = new Uint32Array(this.order.length);
    let count = 0;
    for (let at = 0; at < this.order.length; at++) {
      const row = this.order[at]!;
      if (this.rowsFrom() <= row && !batch.has(row)) rest[count++] = row;
      if (at % stepLength === 0) yield;
    }
    const rows = this.rows();
    const coming = yield* sorted(Uint32Array.from(batch).sort().filter((row) => rows.has(row)), (row) => this.keyOf(row), this.isDescending);
    const result = new Uint32Array(count + coming.length);
    let taken = 0;
    let at = 0;
    for (const row of coming) {
      const place = this.placeOf(row, rest, taken, count);
      result.set(rest.subarray(taken, place), at);
      at += place - taken;
      taken = place;
      result[at++] = row;
      yield;
    }
    result.set(rest.subarray(taken, count), at);
    return result;
  }

  private placeOf(row: number, rest: Uint32Array, from: number, to: number): number {
    const key = this.keyOf(row);
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.isBefore(rest[middle]!, row, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private isBefore(other: number, row: number, key: SortKey): boolean {
    const order = compareKeys(this.keyOf(other), key, this.isDescending);
    return order < 0 || (order === 0 && other < row);
  }
}
