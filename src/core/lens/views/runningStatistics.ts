// Statistics over all messages, kept up as they come: each row is looked at once, and an answer adds to what its request counts under.
// Begins when somebody asks for the first time.

import type { StatRow } from '../../../shared/inspect.js';
import { Aggregate, Groups, Keys, groupings, isCounted, isErrorRow, type Grouping } from './aggregate.js';
import { latencyOf, ownBytes } from './exchanges.js';
import { Pace, untilWoken, type SlicedTask } from './slices.js';
import type { ViewSource } from './viewSource.js';

/**
 * Requests that are remembered, by the last bits of their row: their places in the tables, whether they failed, so that the next answer does not fail
 * them again, and the time that was counted for them, which a pause of the debugger may still shorten.
 */
const remembered = 8192;

/** What counts beside the tables, by flow. */
export interface PathCounts extends Pick<Aggregate, 'latencies'> {
  messages: number;
  errors: number;
}

export class RunningStatistics implements SlicedTask {
  private tables = freshTables();
  private next: number;
  private readonly failed = new Float64Array(remembered).fill(-1);
  private readonly asked = new Float64Array(remembered).fill(-1);
  /** the time that was counted for it; NaN = none */
  private readonly timed = new Float64Array(remembered).fill(Number.NaN);
  private readonly places: (readonly Aggregate[] | undefined)[] = [];
  private readonly keys: Keys;
  private readonly pace: Pace;
  private fault: unknown;

  /** @param pathOf where else messages of a flow are counted */
  constructor(private readonly source: ViewSource, private readonly pathOf: (flow: number) => PathCounts | undefined, private readonly changed: () => void) {
    this.keys = new Keys(source);
    this.pace = new Pace(() => source.now());
    this.next = source.ledger.first;
  }

  get isDone(): boolean {
    return this.next === this.source.ledger.end;
  }

  get memoryBytes(): number {
    return groupings.reduce((sum, by) => sum + this.tables[by].memoryBytes, 0) + remembered * 32;
  }

  /** @throws the fault that ended it */
  rows(by: Grouping): StatRow[] {
    if (this.fault !== undefined) throw this.fault;
    return this.tables[by].rows();
  }

  advance(until: number): number {
    const { ledger } = this.source;
    this.next = Math.max(this.next, ledger.first);
    const start = this.next;
    this.pace.begin();
    while (this.next < ledger.end) {
      for (const stop = Math.min(ledger.end, this.next + this.pace.stride); this.next < stop; this.next++) this.take(this.next);
      if (this.pace.isOver(until)) break;
    }
    if (start < this.next) this.changed();
    return this.isDone ? untilWoken : 0;
  }

  fail(fault: unknown): void {
    this.fault = fault;
  }

  /** A pause became known, maybe after the answers that it held up: the times of the newest requests, which are those it can concern, are set right. */
  correct(): void {
    const { ledger } = this.source;
    let isOther = false;
    for (let slot = 0; slot < remembered; slot++) {
      const before = this.timed[slot]!;
      const row = this.asked[slot]!;
      if (Number.isNaN(before) || row < ledger.first || ledger.isForgotten?.(row) === true) continue;
      const ms = latencyOf(this.source, row)?.ms;
      if (ms === undefined || ms === before) continue;
      this.timed[slot] = ms;
      isOther = true;
      for (const { latencies } of this.places[slot]!) latencies.replace(before, ms);
      this.pathOf(ledger.flow(row))?.latencies.replace(before, ms);
    }
    if (isOther) this.changed();
  }

  /** Counts from nothing, with the rows that the ledger has. */
  clear(): void {
    this.tables = freshTables();
    this.failed.fill(-1);
    this.asked.fill(-1);
    this.timed.fill(Number.NaN);
    this.next = this.source.ledger.first;
  }

  private take(row: number): void {
    const { ledger } = this.source;
    if (ledger.isForgotten?.(row) === true) return;
    const request = ledger.request(row);
    const path = this.pathOf(ledger.flow(row));
    const isError = isErrorRow(ledger, row);
    if (0 <= request) this.takeAnswer(row, request, isError, path);
    else if (isCounted(ledger, row)) this.takeRequest(row, isError, path);
  }

  private takeRequest(row: number, isError: boolean, path: PathCounts | undefined): void {
    const bytes = ownBytes(this.source.ledger, row);
    const places = this.placesOf(row);
    for (const aggregate of places) {
      aggregate.count += 1;
      aggregate.bytes += bytes;
      if (isError) aggregate.errors += 1;
    }
    const slot = row % remembered;
    this.asked[slot] = row;
    this.timed[slot] = Number.NaN;
    this.places[slot] = places;
    if (isError) this.failed[slot] = row;
    if (path === undefined) return;
    path.messages += 1;
    if (isError) path.errors += 1;
  }

  private takeAnswer(row: number, request: number, isError: boolean, path: PathCounts | undefined): void {
    const { ledger } = this.source;
    if (path !== undefined) path.messages += 1;
    if (!isCounted(ledger, request)) return;
    const bytes = ownBytes(ledger, row);
    const latency = ledger.firstAnswer(request) === row ? latencyOf(this.source, request)?.ms : undefined;
    const slot = request % remembered;
    const isNewError = isError && this.failed[slot] !== request;
    const places = this.asked[slot] === request ? this.places[slot]! : this.placesOf(request);
    for (const aggregate of places) {
      aggregate.bytes += bytes;
      if (latency !== undefined) aggregate.latencies.add(latency);
      if (isNewError) aggregate.errors += 1;
    }
    if (isNewError) this.failed[slot] = request;
    if (latency !== undefined && this.asked[slot] === request) this.timed[slot] = latency;
    if (path === undefined) return;
    if (latency !== undefined) path.latencies.add(latency);
    if (isNewError) path.errors += 1;
  }

  private placesOf(row: number): Aggregate[] {
    const places: Aggregate[] = [];
    for (const by of groupings) {
      const key = this.keys.of(by, row);
      if (key !== undefined) places.push(this.tables[by].get(key));
    }
    return places;
  }
}

function freshTables(): Record<Grouping, Groups> {
  return { protocol: new Groups(), upstream: new Groups(), operation: new Groups(), program: new Groups() };
}
