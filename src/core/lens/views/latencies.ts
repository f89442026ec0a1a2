// How long answers took, as percentiles: exact while there are few, by a histogram of fixed size when there are many.

/** Values kept one by one: 8 KB. */
const maxExact = 1000;
/** Buckets grow by 2 %, so that the middle of one is at most 1 % from all that is in it. */
const growth = 1.02;
/** 1 microsecond and below, up to 1,000 seconds and more: 1,048 buckets of 4 bytes. */
const smallestMs = 0.001;
const largestMs = 1e6;
const logGrowth = Math.log(growth);
const bucketCount = bucketOf(largestMs) + 1;

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export class Latencies {
  private exact: number[] | undefined = [];
  private buckets: Uint32Array | undefined;
  private count = 0;
  /** of the values up to then */
  private told: { count: number; percentiles: Percentiles } | undefined;

  get memoryBytes(): number {
    return (this.exact?.length ?? 0) * 8 + (this.buckets?.byteLength ?? 0);
  }

  add(ms: number): void {
    this.count += 1;
    if (this.exact !== undefined && this.exact.length < maxExact) {
      this.exact.push(ms);
      return;
    }
    const buckets = (this.buckets ??= new Uint32Array(bucketCount));
    for (const before of this.exact ?? []) count(buckets, before);
    this.exact = undefined;
    count(buckets, ms);
  }

  /** A time that was counted turned out to be another one; one that is not there any more (after `clear`) stays away. */
  replace(before: number, ms: number): void {
    this.told = undefined;
    if (this.exact !== undefined) {
      const at = this.exact.lastIndexOf(before);
      if (0 <= at) this.exact[at] = ms;
      return;
    }
    const bucket = bucketOf(before);
    if (this.buckets![bucket] === 0) return;
    this.buckets![bucket]! -= 1;
    count(this.buckets!, ms);
  }

  clear(): void {
    this.exact = [];
    this.buckets = undefined;
    this.count = 0;
    this.told = undefined;
  }

  /** @returns undefined when there is nothing */
  percentiles(): Percentiles | undefined {
    if (this.count === 0) return undefined;
    if (this.told?.count !== this.count) this.told = { count: this.count, percentiles: this.reckon() };
    return this.told.percentiles;
  }

  private reckon(): Percentiles {
    if (this.exact === undefined) return { p50: this.bucketAt(0.5), p95: this.bucketAt(0.95), p99: this.bucketAt(0.99) };
    const values = Float64Array.from(this.exact).sort();
    const at = (part: number): number => values[rank(values.length, part)]!;
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  private bucketAt(part: number): number {
    let left = rank(this.count, part);
    const buckets = this.buckets!;
    for (let bucket = 0; bucket < buckets.length; bucket++) {
      if (left < buckets[bucket]!) return smallestMs * growth ** (bucket + 0.5);
      left -= buckets[bucket]!;
    }
    return largestMs;
  }
}

/** The nearest rank: the smallest value that is not exceeded by this part of all. */
function rank(count: number, part: number): number {
  return Math.max(0, Math.ceil(count * part) - 1);
}

function count(buckets: Uint32Array, ms: number): void {
  const bucket = bucketOf(ms);
  buckets[bucket] = buckets[bucket]! + 1;
}

function bucketOf(ms: number): number {
  if (!(smallestMs < ms)) return 0;
  return Math.floor(Math.log(Math.min(ms, largestMs) / smallestMs) / logGrowth);
}
