// Bytes over time, for the picture above the lists: sums per second of the last day and per tenth of a second of the last ten minutes, so that any
// stretch is answered without going through what was recorded.

/** A day, 16 bytes a second: 1.4 MB. */
const seconds = 86_400;
/** Ten minutes: 96 KB. */
const tenths = 6000;
/** Buckets of one answer: more than a screen has columns. */
const maxBuckets = 4000;

class Ring {
  readonly client: Float64Array;
  readonly upstream: Float64Array;
  /** number of the newest slot, counted from the epoch; -1 = nothing yet */
  newest = -1;
  /** the oldest slot that has something */
  first = -1;

  constructor(readonly slotMs: number, readonly length: number) {
    this.client = new Float64Array(length);
    this.upstream = new Float64Array(length);
  }

  get oldest(): number {
    return Math.max(this.first, this.newest - this.length + 1);
  }

  add(at: number, speaker: 0 | 1, bytes: number): void {
    const slot = Math.floor(at / this.slotMs);
    if (this.newest < 0) {
      this.newest = this.first = slot;
    } else if (this.newest < slot) {
      for (let empty = Math.max(this.newest + 1, slot - this.length + 1); empty <= slot; empty++) {
        this.client[empty % this.length] = 0;
        this.upstream[empty % this.length] = 0;
      }
      if (this.newest + this.length <= slot) this.first = slot;
      this.newest = slot;
    } else if (slot <= this.newest - this.length) {
      // Older than what is kept.
      return;
    }
    this.first = Math.min(this.first, slot);
    (speaker === 0 ? this.client : this.upstream)[slot % this.length]! += bytes;
  }

  covers(from: number): boolean {
    return this.newest - this.length < Math.floor(from / this.slotMs);
  }
}

export class Throughput {
  private readonly coarse = new Ring(1000, seconds);
  private readonly fine = new Ring(100, tenths);

  get memoryBytes(): number {
    return (seconds + tenths) * 2 * Float64Array.BYTES_PER_ELEMENT;
  }

  /** @param at epoch milliseconds; @param speaker 0 = client, 1 = upstream */
  add(at: number, speaker: 0 | 1, bytes: number): void {
    this.coarse.add(at, speaker, bytes);
    this.fine.add(at, speaker, bytes);
  }

  /** @param from without it, everything that is known; a slot that lies in two buckets is shared by them */
  get(params: { from?: number; to?: number; buckets: number }): { from: number; to: number; client: Float64Array; upstream: Float64Array } {
    const count = Math.max(1, Math.min(maxBuckets, Math.floor(params.buckets) || 1));
    const client = new Float64Array(count);
    const upstream = new Float64Array(count);
    const { coarse, fine } = this;
    if (coarse.newest < 0) return { from: params.from ?? 0, to: params.to ?? 0, client, upstream };
    const isAll = fine.oldest * fine.slotMs < (coarse.oldest + 1) * coarse.slotMs;
    const from = params.from ?? (isAll ? fine.oldest * fine.slotMs : coarse.oldest * coarse.slotMs);
    const ring = fine.covers(from) ? fine : coarse;
    const to = Math.max(from, params.to ?? (ring.newest + 1) * ring.slotMs);
    const width = (to - from) / count;
    const start = Math.max(ring.oldest, Math.floor(from / ring.slotMs));
    const end = Math.min(ring.newest, Math.floor(to / ring.slotMs));
    if (width === 0) return { from, to, client, upstream };
    for (let slot = start; slot <= end; slot++) {
      const place = slot % ring.length;
      if (ring.client[place] === 0 && ring.upstream[place] === 0) continue;
      const slotFrom = slot * ring.slotMs;
      const first = Math.max(0, Math.floor((slotFrom - from) / width));
      const last = Math.min(count - 1, Math.ceil((slotFrom + ring.slotMs - from) / width) - 1);
      for (let bucket = first; bucket <= last; bucket++) {
        const overlap = Math.min(slotFrom + ring.slotMs, from + (bucket + 1) * width) - Math.max(slotFrom, from + bucket * width);
        const part = Math.max(0, overlap / ring.slotMs);
        client[bucket]! += ring.client[place]! * part;
        upstream[bucket]! += ring.upstream[place]! * part;
      }
    }
    return { from, to, client, upstream };
  }
}
