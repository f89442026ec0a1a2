// Where captured bytes live: a ring of shared memory segments. The engine writes, lens reads, nobody waits for a lock.
// A segment has a sequence number while it holds bytes; a position names sequence and offset in one number, so a reader
// can tell that the memory was given to newer bytes meanwhile.

/**
 * Bytes of one segment: what a busy direction leases at a time, and the most that one read takes. Reads of up to 1 MiB cost a third
 * less CPU per gigabyte than 256 KiB ones when three processes shared two cores: each wakes the other side less often.
 */
export const segmentBytes = 1 << 20;

/** Room below this in a leased segment is not worth a read of its own; the lease ends and the rest stays unused. */
const smallestSliceBytes = 64 << 10;

/** More segments than this are never kept (4 GiB): bounds the header. */
export const maxSegments = 4096;

/** Sequence numbers that can be looked up at a time; twice the segments, so that long-pinned ones seldom stand in the way. */
const tableEntries = 2 * maxSegments;

// Header layout, in 32-bit words: sequence (low 32 bits, 0 = none) per table entry, slot per table entry, 1 per allocated slot.
const sequenceWords = 0;
const slotWords = tableEntries;
const allocatedWords = 2 * tableEntries;
const headerBytes = 4 * (2 * tableEntries + maxSegments);

/** Position of bytes that were not kept. */
export const notKept = -1;

/** Memory of the ring as it goes to readers. */
export interface SegmentMemory {
  slot: number;
  memory: SharedArrayBuffer;
}

interface Segment extends SegmentMemory {
  readonly bytes: Uint8Array;
  sequence: number;
  used: number;
  isPinned: boolean;
  /** number of the feed batch that carries its newest record; see `CaptureStore.mayRecycle` */
  lastBatch: number;
}

/**
 * The writing side of the ring. One per engine.
 *
 * Small reads are copied with `append`; a busy direction leases whole segments and reads straight into them. Oldest bytes
 * are given up first, but never those of a segment with a lease. What finds no room is reported
 * as not kept, for the caller to count; `mayRecycle` is how a recording protects what it has not read yet.
 */
export class CaptureStore {
  /** for readers: which sequence lives in which slot */
  readonly header = new SharedArrayBuffer(headerBytes);
  /** The feed batch that records written now will travel in. */
  currentBatch = 0;
  /** While set, a segment is recycled only when this says that its newest record (by feed batch) has been read. */
  mayRecycle: ((lastBatch: number) => boolean) | undefined;

  private readonly words = new Int32Array(this.header);
  /** segments that hold bytes, oldest first; the one being appended to included */
  private readonly filled: Segment[] = [];
  private readonly bySlot = new Map<number, Segment>();
  private unannounced: SegmentMemory[] = [];
  private nextSequence = 1;
  private leases = 0;
  private shared: Segment | undefined;

  /** @param limit segments to keep at most; 0 = capture off */
  constructor(private limit: number) {
    this.limit = Math.min(limit, maxSegments);
  }

  get isOn(): boolean {
    return this.limit > 0;
  }

  /** Segments that have memory at present. */
  get allocated(): number {
    return this.bySlot.size;
  }

  /** @returns memory that was allocated since the last call */
  takeNewSegments(): SegmentMemory[] {
    const taken = this.unannounced;
    this.unannounced = [];
    return taken;
  }

  /** Every segment again, for a reader that starts now. */
  announceAll(): void {
    this.unannounced = [...this.bySlot.values()].map(({ slot, memory }) => ({ slot, memory }));
  }

  /** Changes how much is kept. Growing keeps everything; shrinking gives up the oldest segments that nobody is writing to. */
  setLimit(segments: number): void {
    this.limit = Math.min(segments, maxSegments);
    if (this.limit === 0) this.shared = undefined;
    this.trim();
  }

  /**
   * Copies bytes into the ring.
   *
   * @param view at most `segmentBytes` long
   * @returns their position, or `notKept` when no segment is free (the caller counts that as dropped)
   */
  append(view: Uint8Array): number {
    let segment = this.shared;
    if (segment === undefined || segmentBytes - segment.used < view.length) {
      this.shared = undefined;
      segment = this.takeSegment();
      if (segment === undefined) return notKept;
      this.shared = segment;
    }
    const at = segment.used;
    segment.bytes.set(view, at);
    segment.used = at + view.length;
    segment.lastBatch = this.currentBatch;
    return segment.sequence * segmentBytes + at;
  }

  /** @returns a segment of its own for a busy direction, or undefined when too many are leased already: a quarter stays for small reads */
  lease(): Lease | undefined {
    if (this.limit - Math.ceil(this.limit / 4) <= this.leases) return undefined;
    const segment = this.takeSegment();
    if (segment === undefined) return undefined;
    segment.isPinned = true;
    this.leases++;
    return new Lease(segment, () => {
      segment.isPinned = false;
      this.leases--;
      this.trim();
    }, () => this.currentBatch);
  }

  /** A fresh segment: new memory within the limit, else the oldest that may go. The appended-to one may go only when it is full. */
  private takeSegment(): Segment | undefined {
    let segment: Segment | undefined;
    if (this.bySlot.size < this.limit) {
      segment = this.allocate();
    } else {
      const oldest = this.filled.findIndex((candidate) => this.isFree(candidate));
      segment = oldest === -1 || this.bySlot.size > this.limit ? undefined : this.filled.splice(oldest, 1)[0];
      if (segment !== undefined) this.forget(segment);
    }
    if (segment === undefined) return undefined;
    segment.sequence = this.claimSequence();
    segment.used = 0;
    segment.lastBatch = 0;
    const entry = segment.sequence % tableEntries;
    Atomics.store(this.words, slotWords + entry, segment.slot);
    Atomics.store(this.words, sequenceWords + entry, segment.sequence | 0);
    this.filled.push(segment);
    return segment;
  }

  private isFree(segment: Segment): boolean {
    if (segment.isPinned || segment === this.shared) return false;
    return this.mayRecycle === undefined || this.mayRecycle(segment.lastBatch);
  }

  private allocate(): Segment {
    let slot = this.bySlot.size;
    if (this.bySlot.has(slot)) for (slot = 0; this.bySlot.has(slot); slot++);
    const memory = new SharedArrayBuffer(segmentBytes);
    const segment: Segment = { slot, memory, bytes: new Uint8Array(memory), sequence: 0, used: 0, isPinned: false, lastBatch: 0 };
    this.bySlot.set(slot, segment);
    this.unannounced.push({ slot, memory });
    Atomics.store(this.words, allocatedWords + slot, 1);
    return segment;
  }

  /** Tells readers that the bytes are gone, before anything is written over them. */
  private forget(segment: Segment): void {
    Atomics.store(this.words, sequenceWords + (segment.sequence % tableEntries), 0);
  }

  /** Next sequence number whose table entry is free: a pinned old segment keeps its entry, so its number's successors are skipped. */
  private claimSequence(): number {
    for (;;) {
      const sequence = this.nextSequence++;
      if ((sequence | 0) !== 0 && Atomics.load(this.words, sequenceWords + (sequence % tableEntries)) === 0) return sequence;
    }
  }

  private trim(): void {
    for (let index = 0; this.bySlot.size > this.limit && index < this.filled.length; ) {
      const segment = this.filled[index];
      if (segment === undefined || segment.isPinned || segment === this.shared) {
        index++;
        continue;
      }
      this.filled.splice(index, 1);
      this.forget(segment);
      this.bySlot.delete(segment.slot);
      Atomics.store(this.words, allocatedWords + segment.slot, 0);
    }
  }
}

/** A segment that one direction reads into, slice after slice. It is not recycled until released. */
export class Lease {
  constructor(
    private readonly segment: Segment,
    private readonly whenReleased: () => void,
    private readonly currentBatch: () => number,
  ) {}

  private isReleased = false;

  /** @returns where the next read may go, as a view of all that is left; undefined when the segment is full */
  slice(): Uint8Array | undefined {
    const { used, memory } = this.segment;
    const room = segmentBytes - used;
    if (room < smallestSliceBytes) return undefined;
    return new Uint8Array(memory, used, room);
  }

  /** Keeps the first `length` bytes of the last slice. @returns their position */
  commit(length: number): number {
    const { segment } = this;
    const at = segment.used;
    segment.used = at + length;
    segment.lastBatch = this.currentBatch();
    return segment.sequence * segmentBytes + at;
  }

  /** Whether `view` lies in the leased memory. */
  holds(view: Uint8Array): boolean {
    return view.buffer === (this.segment.memory as ArrayBufferLike);
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.whenReleased();
  }
}

/** The reading side, on another thread: told of header and segments as batches bring them. */
export class CaptureReader {
  private words: Int32Array | undefined;
  private readonly bySlot = new Map<number, Uint8Array>();

  constructor(header?: SharedArrayBuffer) {
    if (header !== undefined) this.setHeader(header);
  }

  /** A header belongs to one store; a new one means that everything read before is another store's. */
  setHeader(header: SharedArrayBuffer): void {
    this.words = new Int32Array(header);
    this.bySlot.clear();
  }

  /** Adds memory, and lets go of memory that the store no longer has. */
  add(segments: readonly SegmentMemory[]): void {
    const { words } = this;
    if (words === undefined || segments.length === 0) return;
    for (const { slot, memory } of segments) this.bySlot.set(slot, new Uint8Array(memory));
    for (const slot of this.bySlot.keys()) {
      if (Atomics.load(words, allocatedWords + slot) === 0) this.bySlot.delete(slot);
    }
  }

  /** @returns whether the bytes at a position have not been overwritten yet */
  isKept(position: number): boolean {
    return this.locate(position) !== undefined;
  }

  /**
   * Copies bytes out of the ring.
   *
   * @param position as a chunk record carries it
   * @param length bytes; a chunk never crosses a segment's end
   * @param into receives them at `at`
   * @returns false when they were never kept, or were overwritten before or while they were copied: `into` then holds nothing of use
   */
  read(position: number, length: number, into: Uint8Array, at = 0): boolean {
    const bytes = this.locate(position);
    const { words } = this;
    if (bytes === undefined || words === undefined) return false;
    const start = position % segmentBytes;
    if (start + length > segmentBytes || at + length > into.length) return false;
    into.set(bytes.subarray(start, start + length), at);
    // A read-modify-write rather than a load: on ARM a plain load may be seen before the copy above it (the seqlock's reader side).
    const sequence = Math.floor(position / segmentBytes);
    return Atomics.add(words, sequenceWords + (sequence % tableEntries), 0) === (sequence | 0);
  }

  private locate(position: number): Uint8Array | undefined {
    const { words } = this;
    if (words === undefined || position < 0) return undefined;
    const sequence = Math.floor(position / segmentBytes);
    const entry = sequence % tableEntries;
    if (Atomics.load(words, sequenceWords + entry) !== (sequence | 0)) return undefined;
    return this.bySlot.get(Atomics.load(words, slotWords + entry));
  }
}
