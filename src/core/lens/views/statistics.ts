// Tables of counts and times, by protocol, upstream, operation or program.

import type { FilterProblem, InspectRequests, StatRow } from '../../../shared/inspect.js';
import { RunningStatistics, type PathCounts } from './runningStatistics.js';
import type { Slices } from './slices.js';
import { StatisticsRun } from './statisticsRun.js';
import { isProblem, type ViewSource } from './viewSource.js';

/** Runs over a filter that are kept: one window's tables. */
const maxRuns = 4;
/** How long an answer may wait for what was not counted yet. */
const countMs = 4;

export class Statistics {
  private running: RunningStatistics | undefined;
  /** the last one asked for comes last */
  private readonly runs = new Map<string, StatisticsRun>();

  constructor(
    private readonly source: ViewSource,
    private readonly slices: Slices,
    private readonly pathOf: (flow: number) => PathCounts | undefined,
    private readonly changed: () => void,
  ) {}

  get memoryBytes(): number {
    let sum = this.running?.memoryBytes ?? 0;
    for (const run of this.runs.values()) sum += run.memoryBytes;
    return sum;
  }

  table(params: InspectRequests['stats/table']['params']): { rows: StatRow[]; isDone: boolean } | { problem: FilterProblem } {
    const filter = params.filter.trim();
    if (filter === '' && params.from === undefined && params.to === undefined) {
      const running = this.start();
      return { rows: running.rows(params.by), isDone: running.isDone };
    }
    const key = JSON.stringify([params.by, filter, params.from ?? null, params.to ?? null]);
    let run = this.runs.get(key);
    if (run === undefined) {
      const test = filter === '' ? undefined : this.source.parse(filter);
      if (test !== undefined && isProblem(test)) return { problem: test };
      run = new StatisticsRun(this.source, params, test, this.changed);
      this.slices.add(run);
    } else if (run.refresh()) {
      this.slices.wake();
    }
    this.runs.delete(key);
    this.runs.set(key, run);
    for (const [oldest, task] of this.runs) {
      if (this.runs.size <= maxRuns) break;
      this.runs.delete(oldest);
      this.slices.remove(task);
    }
    this.slices.advance(run, countMs);
    return run.table();
  }

  /** Counts from now on, beginning with what the ledger has. */
  start(): RunningStatistics {
    if (this.running === undefined) {
      this.running = new RunningStatistics(this.source, this.pathOf, this.changed);
      this.slices.add(this.running);
    }
    this.slices.advance(this.running, countMs);
    return this.running;
  }

  /** Debug sessions or their pauses changed. */
  sessionsChanged(): void {
    this.running?.correct();
  }

  clear(): void {
    this.running?.clear();
    for (const run of this.runs.values()) this.slices.remove(run);
    this.runs.clear();
  }
}
