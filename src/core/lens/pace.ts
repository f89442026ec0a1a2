// How fast looking on may go. While traffic keeps the processors busy, decoding takes a small share of them and lags; it takes what is idle, and
// catches up when the traffic is over, whatever else the machine does. A thread's lower priority is not enough: two processors of one core slow each other, whoever runs there.

/** What the processors did since the machine started, all of them together, in milliseconds. */
export interface ProcessorTimes {
  count: number;
  idleMs: number;
  allMs: number;
}

export interface PaceOptions {
  /** milliseconds, never going back */
  now: () => number;
  times: () => ProcessorTimes;
}

/** Of all processors, while others want them all: traffic is to lose less than 5 % to being looked at, the reading of the index included. */
const leastShare = 0.04;
/** Reads of the engine per second from which on traffic needs processors: a person's requests are far below, any load far above. */
const busyReadsPerSecond = 500;
/** Processors that wait for each other are never quite busy, and have nothing to give: so much of one is not counted as idle. */
const unusableIdle = 0.15;
/** Is left to the others of each processor, for two of them at most, so that traffic finds room when it grows. */
const headroom = 0.25;
/** The processors are asked again after so long, in milliseconds: their times are counted in steps of 10. */
const sampleMs = 250;
/** Work that is done at once though the share is small, in milliseconds: a few messages are seen without a wait. */
const mostCreditMs = 30;
/** Less idle than that and a slice is short, so that whoever waits for this processor waits no longer, in milliseconds. */
const shortSliceMs = 4;

export class Pace {
  /** part of one processor's time that work may take */
  private share = 1;
  private creditMs = mostCreditMs;
  private creditAt: number;
  private sampled: ProcessorTimes;
  private sampledAt: number;
  private workedMs = 0;
  private reads = 0;

  constructor(private readonly options: PaceOptions) {
    this.creditAt = this.sampledAt = options.now();
    this.sampled = options.times();
  }

  /** How long a slice of work may take now, in milliseconds. @param most when nobody waits */
  sliceMs(most: number): number {
    return this.share < 1 ? Math.min(most, shortSliceMs) : most;
  }

  /** The engine read so many chunks. */
  passed(reads: number): void {
    this.reads += reads;
  }

  /** A slice of work took so long. @returns milliseconds to rest before the next one; 0 = none */
  worked(tookMs: number): number {
    const now = this.options.now();
    this.workedMs += tookMs;
    if (sampleMs <= now - this.sampledAt) this.sample(now);
    this.creditMs = Math.min(mostCreditMs, this.creditMs + (now - this.creditAt) * this.share) - tookMs;
    this.creditAt = now;
    // Never longer than a sample: by then the processors may be idle.
    return 1 <= this.share || 0 <= this.creditMs ? 0 : Math.min(sampleMs, -this.creditMs / this.share);
  }

  private sample(now: number): void {
    const times = this.options.times();
    const allMs = times.allMs - this.sampled.allMs;
    // Some systems do not tell (they say 0 of everything): then the priority alone has to do.
    if (0 < allMs) {
      const idle = (times.count * (times.idleMs - this.sampled.idleMs)) / allMs;
      const own = this.workedMs / (now - this.sampledAt);
      const free = Math.max(0, idle - unusableIdle) + own;
      const isWanted = busyReadsPerSecond * (now - this.sampledAt) <= this.reads * 1000;
      this.share = isWanted ? Math.min(1, Math.max(leastShare * times.count, free - headroom * Math.min(2, times.count))) : 1;
    }
    this.sampled = times;
    this.sampledAt = now;
    this.workedMs = this.reads = 0;
  }
}
