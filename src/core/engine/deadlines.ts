// Many deadlines of one duration with one timer: what was added first is due first, so a Set in insertion order is the whole queue.

import type { Disposable } from '../../shared/lifecycle.js';

/** Timers are this coarse, in milliseconds: many deadlines that fall together share one wake-up. */
const graceMs = 2;

/** Things that expire a fixed time after they were added, unless removed before. */
export class Deadlines<T> implements Disposable {
  private readonly dueAt = new Map<T, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly durationMs: number,
    private readonly expired: (item: T) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.dueAt.size;
  }

  add(item: T): void {
    this.dueAt.set(item, this.now() + this.durationMs);
    if (this.timer === undefined) this.arm(this.durationMs);
  }

  remove(item: T): void {
    this.dueAt.delete(item);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.dueAt.clear();
  }

  private arm(afterMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), Math.max(1, Math.ceil(afterMs)));
  }

  private check(): void {
    this.timer = undefined;
    const now = this.now();
    for (const [item, dueAt] of this.dueAt) {
      if (now + graceMs < dueAt) {
        this.arm(dueAt - now);
        return;
      }
      this.dueAt.delete(item);
      this.expired(item);
    }
  }
}
