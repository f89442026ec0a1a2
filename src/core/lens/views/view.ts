// One view: which rows a query holds, found in slices. The rows at the ledger's end are judged first, since they are what a list that sticks to its end
// shows; then all others from the oldest on, and new ones as they come.

import type { ViewQuery } from '../../../shared/inspect.js';
import { exchangeEnd } from './exchanges.js';
import type { Column } from './columns.js';
import { RowList } from './rowList.js';
import { Pace, untilWoken, type SlicedTask } from './slices.js';
import { SortedRows } from './sortedRows.js';
import type { SubjectTest, ViewSource } from './viewSource.js';

/** Rows at the end that are judged before all others. */
const firstRows = 20_000;
/** The whole list is gone through again this often at most: for rows whose flow was forgotten, and when debug sessions change. */
const againEveryMs = 2000;

export interface ViewProgress {
  total: number;
  judged: number;
  all: number;
  isDone: boolean;
  forgotten: number;
  growsAt?: number;
}

export class View implements SlicedTask {
  /** from the ledger's first row up to where judging is; takes over `last` when it gets there */
  private rows = new RowList();
  /** rows from `lastFrom` on */
  private last: RowList | undefined;
  private readonly lastFrom: number;
  private firstCursor: number;
  private lastCursor: number;
  /** rows that were there at the beginning: their answers were known when they were judged */
  private readonly openedAt: number;
  /** oldest row that is in the lists */
  private first: number;
  private forgotten = 0;
  private readonly order: SortedRows | undefined;
  private readonly pace: Pace;
  private readonly isAlone: boolean;
  private fault: unknown;
  /** how many rows without a flow the ledger had when they were last looked for, and where looking is */
  private orphans: number;
  private sweepAt: number | undefined;
  private sweptAt = -Infinity;
  private isJudgedAgain = false;
  private againAt: number | undefined;
  private beganAgainAt = -Infinity;

  /**
   * @param test undefined = all rows pass
   * @param sort column by which the rows are sorted; undefined = as in the ledger
   * @param changed there is more to see
   */
  constructor(
    private readonly source: ViewSource,
    private readonly query: ViewQuery,
    private readonly test: SubjectTest | undefined,
    sort: Column | undefined,
    private readonly changed: () => void,
  ) {
    const { ledger } = source;
    this.isAlone = query.listing === 'messages';
    this.openedAt = ledger.end;
    this.orphans = ledger.orphans ?? 0;
    this.first = this.firstCursor = ledger.first;
    this.lastFrom = this.lastCursor = Math.max(ledger.first, ledger.end - firstRows);
    this.last = ledger.first < this.lastFrom ? new RowList() : undefined;
    this.pace = new Pace(() => source.now());
    this.order = sort && new SortedRows(() => this.last ?? this.rows, () => ledger.first, sort, query.sort?.isDescending === true, () => source.now());
  }

  get memoryBytes(): number {
    return this.rows.memoryBytes + (this.last?.memoryBytes ?? 0) + (this.order?.memoryBytes ?? 0);
  }

  advance(until: number): number {
    this.dropForgotten();
    const before = this.judgedRows;
    const hasMore = this.judgeSome(until);
    if (before < this.judgedRows) this.changed();
    const later = hasMore ? 0 : Math.min(this.sweep(until), this.judgeAgain(until));
    if (this.order === undefined) return later;
    const wasDone = this.order.isDone;
    const wait = this.order.advance(until, this.openedAt <= this.lastCursor, this.last === undefined);
    if (wait === 0 || wasDone !== this.order.isDone) this.changed();
    return Math.min(later, wait);
  }

  fail(fault: unknown): void {
    this.fault = fault;
  }

  /** Rows are not what they were, any of them: they are judged again, in slices. */
  reconsiderAll(): void {
    this.isJudgedAgain = true;
  }

  /** A row is not what it was: an answer came, or a mark. */
  reconsider(row: number): void {
    this.reconsiderRow(this.rowWith(row), true);
  }

  /** @throws the fault that ended it */
  progress(): ViewProgress {
    if (this.fault !== undefined) throw this.fault;
    this.dropForgotten();
    const { ledger } = this.source;
    this.order?.dropBelow(ledger.first);
    return {
      total: this.count,
      judged: this.judgedRows,
      all: ledger.end - ledger.first,
      isDone: this.last === undefined && this.lastCursor === ledger.end && (this.order === undefined || this.order.isDone),
      forgotten: this.forgotten,
      ...(this.last === undefined || this.order !== undefined ? {} : { growsAt: this.rows.count }),
    };
  }

  at(position: number): number {
    if (this.order !== undefined) return this.order.at(position);
    return position < this.rows.count ? this.rows.at(position) : this.last!.at(position - this.rows.count);
  }

  /** @returns null = it is not in the view (yet) */
  positionOf(row: number): number | null {
    const listed = this.rowWith(row);
    if (this.order !== undefined) return orNull(this.order.positionOf(listed));
    if (this.last === undefined || listed < this.lastFrom) return orNull(this.rows.positionOf(listed));
    const position = this.last.positionOf(listed);
    return position < 0 ? null : this.rows.count + position;
  }

  private get count(): number {
    return this.order?.count ?? this.rows.count + (this.last?.count ?? 0);
  }

  private get judgedRows(): number {
    if (this.last === undefined) return this.lastCursor - this.first;
    return Math.max(0, this.firstCursor - this.first) + this.lastCursor - Math.max(this.first, this.lastFrom);
  }

  /** @returns whether there is more to judge */
  private judgeSome(until: number): boolean {
    const { ledger } = this.source;
    const start = this.source.now();
    this.pace.begin();
    // What people look at first; afterwards new rows and old ones share the time.
    const isFirstPart = this.lastCursor < this.openedAt;
    const untilOld = isFirstPart || this.last === undefined ? until : start + (until - start) / 2;
    this.lastCursor = this.judge(this.lastCursor, ledger.end, this.last ?? this.rows, untilOld);
    if (this.last === undefined) return this.lastCursor < ledger.end;
    if (this.lastCursor < this.openedAt) return true;
    this.firstCursor = this.judge(this.firstCursor, this.lastFrom, this.rows, until);
    if (this.firstCursor < this.lastFrom) return true;
    this.rows.append(this.last);
    this.last = undefined;
    return true;
  }

  /** @returns where it came to */
  private judge(from: number, to: number, list: RowList, until: number): number {
    let row = from;
    while (row < to) {
      for (const stop = Math.min(to, row + this.pace.stride); row < stop; row++) this.consider(row, list);
      if (this.pace.isOver(until)) break;
    }
    return row;
  }

  private consider(row: number, list: RowList): void {
    const request = this.source.ledger.request(row);
    if (0 <= request) {
      if (this.openedAt <= row) this.reconsider(request);
      if (!this.isAlone) return;
    }
    if (!this.passes(row)) return;
    list.push(row);
    this.order?.touch(row);
  }

  /** @param hasChanged what it is sorted by may be another value */
  private reconsiderRow(row: number, hasChanged: boolean): void {
    const list = this.listWith(row);
    if (list === undefined) return;
    const was = list.has(row);
    const is = this.passes(row);
    if (is && !was) list.insert(row);
    else if (!is && was) list.delete(row);
    if (hasChanged ? is || was : is !== was) this.order?.touch(row);
  }

  private passes(row: number): boolean {
    const { query, source } = this;
    const { ledger } = source;
    if (ledger.isForgotten?.(row) === true) return false;
    if (query.flow !== undefined && ledger.flow(row) !== query.flow) return false;
    if (query.to !== undefined && query.to <= ledger.startedAt(row)) return false;
    if (query.from !== undefined && (this.isAlone ? ledger.endedAt(row) : exchangeEnd(ledger, row)) < query.from) return false;
    if (query.listenerId !== undefined && source.facts(ledger.flow(row))?.listenerId !== query.listenerId) return false;
    if (query.session === undefined && this.test === undefined) return true;
    const subject = source.subject(row, this.isAlone);
    return (query.session === undefined || subject.session.includes(query.session)) && (this.test === undefined || this.test(subject));
  }

  /** The row that lists it: an answer stands with its request. */
  private rowWith(row: number): number {
    const { ledger } = this.source;
    if (this.isAlone || row < ledger.first || ledger.end <= row) return row;
    const request = ledger.request(row);
    return request < 0 ? row : request;
  }

  /** @returns the list in which a judged row is, or would be; undefined = it is not judged yet, or forgotten */
  private listWith(row: number): RowList | undefined {
    if (row < this.source.ledger.first) return undefined;
    if (this.last === undefined) return row < this.lastCursor ? this.rows : undefined;
    if (row < this.firstCursor) return this.rows;
    return this.lastFrom <= row && row < this.lastCursor ? this.last : undefined;
  }

  /** Takes out rows whose flow was forgotten. @returns milliseconds until there is more to do */
  private sweep(until: number): number {
    const { ledger } = this.source;
    if (ledger.isForgotten === undefined || ledger.orphans === undefined) return untilWoken;
    if (this.sweepAt === undefined) {
      if (ledger.orphans === this.orphans) return untilWoken;
      const now = this.source.now();
      if (now < this.sweptAt + againEveryMs) return this.sweptAt + againEveryMs - now;
      this.orphans = ledger.orphans;
      this.sweptAt = now;
      this.sweepAt = ledger.first;
    }
    do {
      this.sweepAt = this.rows.sweep(this.sweepAt, (row) => !ledger.isForgotten!(row), (row) => this.order?.touch(row));
    } while (this.sweepAt !== undefined && this.source.now() < until);
    this.changed();
    return this.sweepAt === undefined ? untilWoken : 0;
  }

  /** @returns milliseconds until there is more to do */
  private judgeAgain(until: number): number {
    const { ledger } = this.source;
    if (this.againAt === undefined) {
      if (!this.isJudgedAgain) return untilWoken;
      const now = this.source.now();
      if (now < this.beganAgainAt + againEveryMs) return this.beganAgainAt + againEveryMs - now;
      this.isJudgedAgain = false;
      this.beganAgainAt = now;
      this.againAt = ledger.first;
      this.order?.sortAgain();
    }
    let row = Math.max(this.againAt, ledger.first);
    this.pace.begin();
    while (row < this.lastCursor) {
      for (const stop = Math.min(this.lastCursor, row + this.pace.stride); row < stop; row++) if (this.isAlone || ledger.request(row) < 0) this.reconsiderRow(row, false);
      if (this.pace.isOver(until)) break;
    }
    this.againAt = row < this.lastCursor ? row : undefined;
    this.changed();
    return this.againAt === undefined ? untilWoken : 0;
  }

  private dropForgotten(): void {
    const { first } = this.source.ledger;
    if (first === this.first) return;
    this.first = first;
    this.forgotten += this.rows.dropBelow(first);
    if (this.last !== undefined) {
      this.forgotten += this.last.dropBelow(first);
      this.firstCursor = Math.max(this.firstCursor, Math.min(first, this.lastFrom));
    }
    this.lastCursor = Math.max(this.lastCursor, first);
  }
}

function orNull(position: number): number | null {
  return position < 0 ? null : position;
}
