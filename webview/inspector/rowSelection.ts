// Which rows of a list are chosen, as people know it from file lists: one by a click, more with Ctrl and Shift. Rows are known by the number of
// their message or connection, not by their place: a selection stays with them while the list grows, is sorted or loses its oldest rows.

import { RowSet, type RowBits } from '../../src/shared/rowSet.js';
import type { Reach } from '../widgets/listReach.js';

export interface SelectionSource {
  /** number of the row at an index; undefined = it is not here */
  rowAt(index: number): number | undefined;
  /** undefined = it is not among the rows that are here */
  indexOf(row: number): number | undefined;
  /** rows of the list from one to another, in either order; without an end all of them */
  between(range?: { one: number; other: number }): Promise<RowBits>;
  /** other rows are chosen */
  changed(): void;
  report(fault: unknown): void;
}

/** Rows between two that are looked up one by one; more are asked for. */
const maxLocal = 3000;
/** Numbers that are remembered while the page is hidden: pairs of first row and count. */
const maxRemembered = 100;

export class RowSelection {
  private rows = new RowSet();
  private anchor: number | undefined;
  private at: number | undefined;
  /** answers about earlier steps come too late */
  private step = 0;

  constructor(private readonly source: SelectionSource) {}

  get size(): number {
    return this.rows.size;
  }

  /** the row that has the keyboard, chosen or not */
  get current(): number | undefined {
    return this.at;
  }

  has(row: number): boolean {
    return this.rows.has(row);
  }

  values(): IterableIterator<number> {
    return this.rows.values();
  }

  pack(): RowBits {
    return this.rows.pack();
  }

  /** How many rows are selected, when the details show one of them, another one that was chosen elsewhere, or none. */
  sizeWith(shown: number | null): number {
    if (shown === null) return this.rows.size < 2 ? 0 : this.rows.size;
    return shown === this.at ? this.rows.size : 1;
  }

  /** Whether a row is selected then. */
  hasWith(row: number, shown: number | null): boolean {
    if (shown !== null && shown !== this.at) return row === shown;
    return this.rows.has(row) && (shown !== null || 1 < this.rows.size);
  }

  /** The person went to a row. */
  reach(row: number, reach: Reach): void {
    switch (reach) {
      case 'only': this.only(row); return;
      case 'toggle': this.toggle(row); return;
      case 'range': this.extend(row, false); return;
      case 'further': this.extend(row, true); return;
      case 'menu':
        if (this.rows.has(row)) this.move(row);
        else this.only(row);
        return;
      case 'move': this.move(row); return;
    }
  }

  only(row: number): void {
    this.anchor = row;
    this.take(RowSet.of([row]), row);
  }

  all(): void {
    this.ask(undefined, (rows) => this.take(rows, this.at ?? firstOf(rows)));
  }

  /** @returns false when there is no more than one already */
  toOne(): boolean {
    if (this.at === undefined || (this.rows.size === 1 && this.rows.has(this.at))) return false;
    this.only(this.at);
    return true;
  }

  clear(): void {
    this.anchor = undefined;
    this.take(new RowSet(), undefined);
  }

  /** Rows that are no longer in the list are no longer chosen. @returns how many went */
  async keepListed(): Promise<number> {
    if (this.rows.size < 2) return 0;
    const step = ++this.step;
    const listed = RowSet.from(await this.source.between());
    if (step !== this.step) return 0;
    const kept = RowSet.of(filter(this.rows.values(), (row) => listed.has(row)));
    const gone = this.rows.size - kept.size;
    if (0 < gone) this.take(kept, this.at);
    return gone;
  }

  /** What can be kept while the page is hidden. Undefined = it is too much, or one row alone. */
  remembered(): number[] | undefined {
    if (this.rows.size < 2) return undefined;
    const runs: number[] = [];
    for (const row of this.rows.values()) {
      const end = runs.length === 0 ? undefined : runs.at(-2)! + runs.at(-1)!;
      if (end === row) runs[runs.length - 1]! += 1;
      else runs.push(row, 1);
      if (maxRemembered * 2 < runs.length) return undefined;
    }
    return runs;
  }

  restore(runs: readonly number[] | null, current: number | undefined): void {
    const rows = new RowSet();
    for (let at = 0; at + 1 < (runs?.length ?? 0); at += 2) for (let row = runs![at]!; row < runs![at]! + runs![at + 1]!; row++) rows.add(row);
    if (rows.size === 0 && current !== undefined) rows.add(current);
    this.rows = rows;
    this.anchor = this.at = current;
  }

  private toggle(row: number): void {
    this.step++;
    if (!this.rows.delete(row)) this.rows.add(row);
    this.anchor = this.at = row;
    this.source.changed();
  }

  private move(row: number): void {
    this.step++;
    this.at = row;
    this.source.changed();
  }

  /** @param isAdded to what is chosen; otherwise in its place */
  private extend(row: number, isAdded: boolean): void {
    const anchor = (this.anchor ??= this.at ?? row);
    this.at = row;
    const put = (rows: RowSet): void => {
      if (isAdded) for (const one of this.rows.values()) rows.add(one);
      this.take(rows, row);
    };
    const known = this.known(anchor, row);
    if (known !== undefined) put(known);
    else this.ask({ one: anchor, other: row }, put);
  }

  /** @returns undefined when not all of it is here */
  private known(one: number, other: number): RowSet | undefined {
    const [a, b] = [this.source.indexOf(one), this.source.indexOf(other)];
    if (a === undefined || b === undefined || maxLocal < Math.abs(a - b)) return undefined;
    const rows = new RowSet();
    for (let index = Math.min(a, b); index <= Math.max(a, b); index++) {
      const row = this.source.rowAt(index);
      if (row === undefined) return undefined;
      rows.add(row);
    }
    return rows;
  }

  private ask(range: { one: number; other: number } | undefined, put: (rows: RowSet) => void): void {
    const step = ++this.step;
    this.source.between(range).then((packed) => {
      if (step === this.step) put(RowSet.from(packed));
    }, (fault: unknown) => this.source.report(fault));
  }

  private take(rows: RowSet, current: number | undefined): void {
    this.step++;
    this.rows = rows;
    this.at = current;
    this.source.changed();
  }
}

function firstOf(rows: RowSet): number | undefined {
  for (const row of rows.values()) return row;
  return undefined;
}

function* filter(rows: Iterable<number>, stays: (row: number) => boolean): IterableIterator<number> {
  for (const row of rows) if (stays(row)) yield row;
}

