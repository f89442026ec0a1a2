// Stretches of time, merged, with the answer to "how much of [from, to) do they cover?" in logarithmic time.

export interface Interval {
  start: number;
  /** Infinity = it has not ended */
  end: number;
}

export class Intervals {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  /** what the intervals before each one cover together */
  private readonly before: number[] = [];

  /** @param parts in any order; they may overlap */
  constructor(parts: readonly Interval[]) {
    let covered = 0;
    for (const { start, end } of [...parts].sort((a, b) => a.start - b.start)) {
      if (end <= start) continue;
      const last = this.ends.length - 1;
      const lastEnd = this.ends[last];
      if (lastEnd !== undefined && start <= lastEnd) {
        if (lastEnd < end) {
          covered += end - lastEnd;
          this.ends[last] = end;
        }
        continue;
      }
      this.starts.push(start);
      this.ends.push(end);
      this.before.push(covered);
      covered += end - start;
    }
  }

  /** @returns how much of [from, to) is covered; `to` is finite */
  overlap(from: number, to: number): number {
    return to <= from ? 0 : this.coveredUntil(to) - this.coveredUntil(from);
  }

  /** Time covered before `at`. */
  private coveredUntil(at: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! < at) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const last = low - 1;
    return this.before[last]! + Math.min(at, this.ends[last]!) - this.starts[last]!;
  }
}
