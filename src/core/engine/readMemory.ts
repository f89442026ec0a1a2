// Where one direction's next read goes: a small pooled buffer while it is quiet, larger ones while reads fill them, and a leased
// piece of the capture ring when it is busy, so that the kernel itself does the recording (design.md §5).

import type { CaptureStore, Lease } from '../capture/store.js';
import { readSizes, topLevel, type BufferPool, type ReadLevel } from './buffers.js';

/** This many reads in a row that would have fitted the next smaller buffer make it smaller. One is not enough: bulk traffic has thin reads between full ones. */
const thinReadsToShrink = 8;

/** What a direction reads into. Memory whose bytes are still being written on is given back only when that write has gone. */
export class ReadMemory {
  private level: ReadLevel = 0;
  private buffer: Uint8Array | undefined;
  private lease: Lease | undefined;
  private thinReads = 0;
  private retiredBuffer: { level: ReadLevel; buffer: Uint8Array } | undefined;
  private retiredLease: Lease | undefined;

  constructor(
    private readonly pool: BufferPool,
    /** undefined while nothing is recorded */
    private readonly store: () => CaptureStore | undefined,
  ) {}

  /** Holds more than the smallest buffer. */
  get isLarge(): boolean {
    return 0 < this.level;
  }

  /** @returns memory for the first read */
  first(): Uint8Array {
    this.buffer ??= this.pool.take(this.level);
    return this.buffer;
  }

  /**
   * @param last bytes of the read before
   * @param isInUse those bytes are still being written on: their memory is kept aside
   * @returns the memory for the next read; undefined = the same as before
   */
  next(last: number, isInUse: boolean): Uint8Array | undefined {
    const size = this.buffer?.length ?? 0;
    if (last === size && this.level < topLevel) return this.change((this.level + 1) as ReadLevel, isInUse);
    this.thinReads = last < (readSizes[this.level - 1] ?? 0) ? this.thinReads + 1 : 0;
    if (thinReadsToShrink <= this.thinReads && 0 < this.level) return this.change((this.level - 1) as ReadLevel, isInUse);
    if (this.lease === undefined) return undefined;
    const slice = this.lease.slice();
    if (slice !== undefined) return (this.buffer = slice);
    return this.change(topLevel, isInUse);
  }

  /** @returns the position of bytes just read when they lie in the ring already */
  commit(view: Uint8Array): number | undefined {
    return this.lease !== undefined && this.lease.holds(view) ? this.lease.commit(view.length) : undefined;
  }

  /** The write that used memory kept aside has gone. */
  freeRetired(): void {
    if (this.retiredBuffer !== undefined) this.pool.give(this.retiredBuffer.level, this.retiredBuffer.buffer);
    this.retiredLease?.release();
    this.retiredBuffer = undefined;
    this.retiredLease = undefined;
  }

  /** Back to the smallest buffer; only while no write uses the memory. @returns it, for the wire */
  shrink(): Uint8Array {
    this.freeRetired();
    return this.change(0, false);
  }

  /** Gives everything back. Only once the sockets are closed: nothing reads or writes this memory any more. */
  release(): void {
    this.freeRetired();
    this.putAway(false);
    this.buffer = undefined;
    this.lease = undefined;
  }

  private change(level: ReadLevel, isInUse: boolean): Uint8Array {
    this.putAway(isInUse);
    this.thinReads = 0;
    this.lease = level === topLevel ? this.store()?.lease() : undefined;
    this.level = level === topLevel && this.lease === undefined && !this.pool.hasLarge ? 2 : level;
    this.buffer = this.lease?.slice() ?? this.pool.take(this.level);
    return this.buffer;
  }

  private putAway(isInUse: boolean): void {
    const { buffer, lease, level } = this;
    if (buffer === undefined) return;
    if (lease !== undefined) {
      if (isInUse) this.retiredLease = lease;
      else lease.release();
    } else if (isInUse) this.retiredBuffer = { level, buffer };
    else this.pool.give(level, buffer);
  }
}
