// Bytes per second, from a running total that is looked at now and then.

/** The rate is measured over at least this long; snapshots come faster than that. */
const windowMs = 1000;

/** Remembers totals at earlier looks. */
export class RateMeter {
  private readonly looks: { at: number; total: number }[] = [];

  /** @returns bytes per second over the last second or two */
  sample(total: number, now: number): number {
    this.looks.push({ at: now, total });
    while (2 < this.looks.length && windowMs <= now - (this.looks[1]?.at ?? now)) this.looks.shift();
    const first = this.looks[0];
    if (first === undefined || now - first.at <= 0) return 0;
    return Math.round(((total - first.total) * 1000) / Math.max(now - first.at, windowMs));
  }
}
