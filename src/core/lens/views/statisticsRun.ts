// Statistics over the messages that pass a filter, or lie in a stretch of time: all rows are gone through in slices, and again when there are more and somebody
// still asks.

import type { StatRow } from '../../../shared/inspect.js';
import { Groups, Keys, isCounted, isFailed, type Grouping } from './aggregate.js';
import { exchangeBytes, exchangeEnd, latencyOf } from './exchanges.js';
import { Pace, untilWoken, type SlicedTask } from './slices.js';
import type { SubjectTest, ViewSource } from './viewSource.js';

/** What was counted is good for this long, and for as long as four times the counting took. */
const freshMs = 2000;

export interface StatisticsQuery {
  by: Grouping;
  /** epoch milliseconds: exchanges that overlap [from, to) */
  from?: number;
  to?: number;
}

export class StatisticsRun implements SlicedTask {
  private groups = new Groups();
  /** of the run before, until this one is done */
  private before: StatRow[] | undefined;
  private next: number;
  private end: number;
  private startedAt: number;
  private doneAt: number | undefined;
  private readonly keys: Keys;
  private readonly pace: Pace;
  private fault: unknown;

  constructor(private readonly source: ViewSource, private readonly query: StatisticsQuery, private readonly test: SubjectTest | undefined, private readonly changed: () => void) {
    this.keys = new Keys(source);
    this.pace = new Pace(() => source.now());
    this.next = source.ledger.first;
    this.end = source.ledger.end;
    this.startedAt = source.now();
  }

  get memoryBytes(): number {
    return this.groups.memoryBytes;
  }

  /** @returns whether it began again: it is to be woken. @throws the fault that ended it */
  refresh(): boolean {
    if (this.fault !== undefined) throw this.fault;
    const { ledger, now } = { ledger: this.source.ledger, now: this.source.now() };
    if (this.doneAt === undefined || ledger.end === this.end || now < this.doneAt + Math.max(freshMs, 4 * (this.doneAt - this.startedAt))) return false;
    this.before = this.groups.rows();
    this.groups = new Groups();
    this.next = ledger.first;
    this.end = ledger.end;
    this.startedAt = now;
    this.doneAt = undefined;
    return true;
  }

  table(): { rows: StatRow[]; isDone: boolean } {
    return { rows: this.before ?? this.groups.rows(), isDone: this.doneAt !== undefined || this.before !== undefined };
  }

  advance(until: number): number {
    if (this.doneAt !== undefined) return untilWoken;
    this.next = Math.max(this.next, this.source.ledger.first);
    this.pace.begin();
    while (this.next < this.end) {
      for (const stop = Math.min(this.end, this.next + this.pace.stride); this.next < stop; this.next++) this.take(this.next);
      if (this.pace.isOver(until)) break;
    }
    this.changed();
    if (this.next < this.end) return 0;
    this.doneAt = this.source.now();
    this.before = undefined;
    return untilWoken;
  }

  fail(fault: unknown): void {
    this.fault = fault;
  }

  private take(row: number): void {
    const { source, query } = this;
    const { ledger } = source;
    if (ledger.isForgotten?.(row) === true || 0 <= ledger.request(row) || !isCounted(ledger, row)) return;
    if (query.to !== undefined && query.to <= ledger.startedAt(row)) return;
    if (query.from !== undefined && exchangeEnd(ledger, row) < query.from) return;
    const key = this.keys.of(query.by, row);
    if (key === undefined || this.test?.(source.subject(row, false)) === false) return;
    const aggregate = this.groups.get(key);
    aggregate.count += 1;
    aggregate.bytes += exchangeBytes(ledger, row);
    const latency = latencyOf(source, row);
    if (latency !== undefined) aggregate.latencies.add(latency.ms);
    if (isFailed(ledger, row)) aggregate.errors += 1;
  }
}
