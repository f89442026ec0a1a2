// Work that would take seconds, done in slices of a few milliseconds between the engine's batches and the host's questions.

import { Owner, toDisposable } from '../../../shared/lifecycle.js';

/** How long all tasks together may take before others are heard again: a question waits no longer than that. */
const sliceMs = 8;
/** The clock is looked at after this many steps at most: rows that cost a read of the capture may follow thousands that cost nothing. */
const maxStride = 64;

/** Returned by a task that has nothing to do until it is woken. */
export const untilWoken = Infinity;

export interface SlicedTask {
  /**
   * Works until the clock says `until`.
   *
   * @returns milliseconds after which it wants to go on: 0 = as soon as others had their turn
   */
  advance(until: number): number;
  /** A fault of ours ended it: it is not asked again. */
  fail(fault: unknown): void;
}

/** Tasks take turns; each slice is shared by all that have work. */
export class Slices extends Owner {
  private readonly tasks = new Set<SlicedTask>();
  private immediate: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds; @param report hears the fault that ended a task */
  constructor(private readonly now: () => number, private readonly report: (fault: unknown) => void) {
    super();
    this.register(toDisposable(() => clearImmediate(this.immediate)));
    this.register(toDisposable(() => clearTimeout(this.timer)));
  }

  add(task: SlicedTask): void {
    this.tasks.add(task);
    this.wake();
  }

  remove(task: SlicedTask): void {
    this.tasks.delete(task);
  }

  /** There may be work. */
  wake(): void {
    if (this.isDisposed || this.immediate !== undefined || this.tasks.size === 0) return;
    this.immediate = setImmediate(() => {
      this.immediate = undefined;
      this.run();
    });
  }

  /** A turn for one task, out of order: somebody waits for what it has. */
  advance(task: SlicedTask, forMs: number): void {
    if (!this.tasks.has(task)) return;
    const wait = this.turn(task, this.now() + forMs);
    if (wait === 0) this.wake();
    else if (wait !== untilWoken) this.wakeIn(wait);
  }

  private run(): void {
    const end = this.now() + sliceMs;
    let wait = untilWoken;
    let left = this.tasks.size;
    for (const task of [...this.tasks]) {
      const now = this.now();
      wait = Math.min(wait, this.turn(task, now + Math.max(1, end - now) / left));
      left -= 1;
    }
    if (wait === 0) this.wake();
    else if (wait !== untilWoken) this.wakeIn(wait);
  }

  private turn(task: SlicedTask, until: number): number {
    try {
      return task.advance(until);
    } catch (fault) {
      // A bug of ours, or of a filter: it ends this task alone.
      this.tasks.delete(task);
      task.fail(fault);
      this.report(fault);
      return untilWoken;
    }
  }

  private wakeIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.isDisposed) return;
    this.timer = setTimeout(() => this.wake(), Math.max(1, ms));
    // Nobody is kept alive for a list that could be in better order.
    this.timer.unref();
  }
}

/** How many steps to take between two looks at the clock, from what the last ones cost. */
export class Pace {
  stride = 1;
  private last = 0;

  constructor(private readonly now: () => number) {}

  begin(): void {
    this.last = this.now();
  }

  /** To be asked after every `stride` steps. */
  isOver(until: number): boolean {
    const now = this.now();
    const took = now - this.last;
    this.last = now;
    if (took < 0.5) this.stride = Math.min(maxStride, this.stride * 2);
    else if (1 < took) this.stride = Math.max(1, this.stride >> 2);
    return until <= now;
  }
}
