// What was read, chunk by chunk, over all flows: a ring of numbers that knows for every flow which bytes can still be read back.
// Numbers live in typed arrays (no object per chunk); each flow's chunks are chained, with a mark every 64 to find one fast.

import type { Speaker } from '../../shared/flow.js';
import { segmentBytes } from '../capture/store.js';

/** 2,000,000 chunks at 32 bytes each are 64 MB: hours of ordinary traffic, and a bound for the rest. */
export const defaultMaxChunks = 2_000_000;

/** Lengths are kept in 31 bits. Only sums of bytes that were not kept are longer: they are cut into several chunks. */
export const maxChunkLength = 2 ** 30;

/** Finding a chunk walks at most this many; a mark costs 24 bytes. */
const chunksPerMark = 64;
const numbersPerMark = 3;
const none = 0xffff_ffff;
const initialCapacity = 4096;

/** The part of the capture store that the index asks: is this position's segment still the one it was? */
export interface KeptTest {
  isKept(position: number): boolean;
}

/** One flow's chunks. Made by `ChunkIndex.open`; only the index changes it. */
export interface ChunkList {
  readonly slot: number;
  /** as given to `open` */
  readonly flow: number;
  /** chunks so far; the next one gets this index */
  count: number;
  /** index of the oldest chunk that the ring still holds; `count` = none */
  first: number;
  head: number;
  tail: number;
  /** bytes per speaker so far, in chunks: 0 = client, 1 = upstream */
  readonly bytes: [number, number];
  /** bytes per speaker that can be read back */
  readonly kept: [number, number];
  /** offset per speaker at which the chunk `first` starts */
  readonly headOffset: [number, number];
  /** for every 64th chunk: its place in the ring, client offset and upstream offset before it */
  marks: number[];
  /** number of the first mark in `marks` */
  firstMark: number;
}

/** A chunk while walking a flow; `advance` moves the same object on. */
export interface ChunkCursor {
  index: number;
  from: Speaker;
  offset: number;
  length: number;
  at: number;
  /** -1 = was not kept or is overwritten */
  position: number;
  place: number;
  /** offsets per speaker before this chunk */
  before: [number, number];
}

/** A chunk while walking the ring over all flows; `read` writes to the same object again. */
export interface RingChunk {
  flow: number;
  /** 0 = client, 1 = upstream */
  speaker: 0 | 1;
  length: number;
  at: number;
  /** -1 = was not kept or is overwritten */
  position: number;
}

interface SegmentChunks {
  head: number;
  tail: number;
}

export class ChunkIndex {
  private capacity: number;
  private times: Float64Array;
  private positions: Float64Array;
  /** length * 2 + (from upstream ? 1 : 0) */
  private lengths: Uint32Array;
  private nextInFlow: Uint32Array;
  private nextInSegment: Uint32Array;
  private owners: Uint32Array;
  private write = 0;
  private used = 0;

  private readonly lists: (ChunkList | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private readonly segments = new Map<number, SegmentChunks>();
  private lastSequence = -1;
  private lastSegment: SegmentChunks | undefined;

  /** bytes of all flows that can be read back */
  keptBytes = 0;
  /** chunks that the ring had to let go, and their bytes */
  forgottenChunks = 0;
  forgottenBytes = 0;
  /** bytes of all chunks so far, kept or not */
  appendedBytes = 0;

  constructor(private readonly maxChunks = defaultMaxChunks) {
    this.capacity = Math.min(initialCapacity, maxChunks);
    this.times = new Float64Array(this.capacity);
    this.positions = new Float64Array(this.capacity);
    this.lengths = new Uint32Array(this.capacity);
    this.nextInFlow = new Uint32Array(this.capacity);
    this.nextInSegment = new Uint32Array(this.capacity);
    this.owners = new Uint32Array(this.capacity);
  }

  /** Number that the next chunk gets: all chunks are counted from 0 in the order in which they came, over all flows. */
  get nextSequence(): number {
    return this.forgottenChunks + this.used;
  }

  /** Number of the oldest chunk that the ring holds. */
  get firstSequence(): number {
    return this.forgottenChunks;
  }

  get byteLength(): number {
    return this.capacity * 32;
  }

  /** @param flow its id, for who walks the ring */
  open(flow = 0): ChunkList {
    const slot = this.freeSlots.pop() ?? this.lists.length;
    const list: ChunkList = { slot, flow, count: 0, first: 0, head: none, tail: none, bytes: [0, 0], kept: [0, 0], headOffset: [0, 0], marks: [], firstMark: 0 };
    this.lists[slot] = list;
    return list;
  }

  /** Lets go of a flow's chunks; their bytes count as kept no more. */
  forget(list: ChunkList): void {
    for (let place = list.head; place !== none; place = this.nextInFlow[place]!) this.owners[place] = none;
    this.keptBytes -= list.kept[0] + list.kept[1];
    list.kept[0] = list.kept[1] = 0;
    list.head = list.tail = none;
    list.first = list.count;
    list.marks = [];
    this.lists[list.slot] = undefined;
    this.freeSlots.push(list.slot);
  }

  /**
   * @param speaker 0 = client, 1 = upstream
   * @param position in the store; -1 = was not kept
   */
  append(list: ChunkList, speaker: 0 | 1, at: number, length: number, position: number): void {
    if (this.used === this.capacity) {
      if (this.capacity < this.maxChunks) this.grow();
      else this.dropOldest();
    }
    const place = this.write;
    this.write = place + 1 === this.capacity ? 0 : place + 1;
    this.used += 1;

    this.times[place] = at;
    this.positions[place] = position;
    this.lengths[place] = length * 2 + speaker;
    this.appendedBytes += length;
    this.nextInFlow[place] = none;
    this.nextInSegment[place] = none;
    this.owners[place] = list.slot;

    if (list.count % chunksPerMark === 0) {
      if (list.marks.length === 0) list.firstMark = list.count / chunksPerMark;
      list.marks.push(place, list.bytes[0], list.bytes[1]);
    }
    if (list.tail === none) {
      list.head = place;
      list.first = list.count;
      list.headOffset[0] = list.bytes[0];
      list.headOffset[1] = list.bytes[1];
    } else {
      this.nextInFlow[list.tail] = place;
    }
    list.tail = place;
    list.count += 1;
    list.bytes[speaker] += length;

    if (position < 0) return;
    list.kept[speaker] += length;
    this.keptBytes += length;
    this.chainInSegment(place, position);
  }

  /** Marks the chunks whose segments were overwritten since. Costs one look per segment of the store. */
  dropOverwritten(store: KeptTest): void {
    for (const [sequence, segment] of this.segments) {
      if (store.isKept(sequence * segmentBytes)) continue;
      this.segments.delete(sequence);
      if (sequence === this.lastSequence) this.lastSequence = -1;
      for (let place = segment.head; place !== none; place = this.nextInSegment[place]!) {
        this.positions[place] = -1;
        this.uncount(place);
      }
    }
  }

  /**
   * The chunk with that number, of whichever flow.
   *
   * @param sequence in [firstSequence, nextSequence)
   * @returns false when its flow was forgotten
   */
  read(sequence: number, into: RingChunk): boolean {
    const place = sequence % this.maxChunks;
    const packed = this.lengths[place]!;
    into.speaker = (packed & 1) as 0 | 1;
    into.length = (packed - into.speaker) / 2;
    const owner = this.owners[place]!;
    const list = owner === none ? undefined : this.lists[owner];
    if (list === undefined) return false;
    into.flow = list.flow;
    into.at = this.times[place]!;
    into.position = this.positions[place]!;
    return true;
  }

  /** @returns the chunk with that index in its flow, or undefined when the ring does not hold it */
  at(list: ChunkList, index: number): ChunkCursor | undefined {
    if (index < list.first || list.count <= index) return undefined;
    const cursor = this.nearest(list, Math.floor(index / chunksPerMark));
    while (cursor.index < index) this.advance(cursor);
    return cursor;
  }

  /** @returns the first chunk that ends after `offset` of that speaker's bytes, or undefined when there is none */
  find(list: ChunkList, from: Speaker, offset: number): ChunkCursor | undefined {
    if (list.head === none) return undefined;
    const column = from === 'client' ? 1 : 2;
    // The last mark that is not past the offset; marks of chunks that are gone are cut off by `nearest`.
    let low = 0;
    let high = list.marks.length / numbersPerMark;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (list.marks[middle * numbersPerMark + column]! <= offset) low = middle + 1;
      else high = middle;
    }
    const cursor = this.nearest(list, list.firstMark + Math.max(0, low - 1));
    do {
      if (cursor.from === from && offset < cursor.offset + cursor.length) return cursor;
    } while (this.advance(cursor));
    return undefined;
  }

  /** Moves on to the flow's next chunk; false at its last one. */
  advance(cursor: ChunkCursor): boolean {
    const place = this.nextInFlow[cursor.place]!;
    if (place === none) return false;
    cursor.before[cursor.from === 'client' ? 0 : 1] += cursor.length;
    cursor.index += 1;
    cursor.place = place;
    this.fill(cursor);
    return true;
  }

  /** Walks from the nearest known place at or before a mark. */
  private nearest(list: ChunkList, mark: number): ChunkCursor {
    const at = (mark - list.firstMark) * numbersPerMark;
    const isKnown = list.first <= mark * chunksPerMark && 0 <= at && at < list.marks.length;
    const cursor: ChunkCursor = {
      index: isKnown ? mark * chunksPerMark : list.first,
      from: 'client',
      offset: 0,
      length: 0,
      at: 0,
      position: -1,
      place: isKnown ? list.marks[at]! : list.head,
      before: isKnown ? [list.marks[at + 1]!, list.marks[at + 2]!] : [list.headOffset[0], list.headOffset[1]],
    };
    this.fill(cursor);
    return cursor;
  }

  private fill(cursor: ChunkCursor): void {
    const { place } = cursor;
    const packed = this.lengths[place]!;
    const speaker = packed & 1;
    cursor.from = speaker === 0 ? 'client' : 'upstream';
    cursor.offset = cursor.before[speaker as 0 | 1];
    cursor.length = (packed - speaker) / 2;
    cursor.at = this.times[place]!;
    cursor.position = this.positions[place]!;
  }

  private chainInSegment(place: number, position: number): void {
    const sequence = Math.floor(position / segmentBytes);
    let segment = sequence === this.lastSequence ? this.lastSegment : this.segments.get(sequence);
    if (segment === undefined) {
      segment = { head: place, tail: place };
      this.segments.set(sequence, segment);
    } else {
      if (segment.head === none) segment.head = place;
      else this.nextInSegment[segment.tail] = place;
      segment.tail = place;
    }
    this.lastSequence = sequence;
    this.lastSegment = segment;
  }

  private dropOldest(): void {
    const place = this.write;
    this.used -= 1;
    this.forgottenChunks += 1;
    this.forgottenBytes += this.lengths[place]! >>> 1;
    const position = this.positions[place]!;
    const list = this.lists[this.owners[place]!];
    if (position >= 0) {
      // Chunks are chained in the order they came, so the oldest one is its segment's first.
      const segment = this.segments.get(Math.floor(position / segmentBytes));
      if (segment !== undefined && segment.head === place) segment.head = this.nextInSegment[place]!;
      this.uncount(place);
    }
    if (list === undefined || this.owners[place] === none) return;
    const packed = this.lengths[place]!;
    const speaker = (packed & 1) as 0 | 1;
    list.headOffset[speaker] += (packed - speaker) / 2;
    list.first += 1;
    list.head = this.nextInFlow[place]!;
    if (list.head === none) list.tail = none;
    // Half of the marks are stale: let them go together, so that it costs nothing per chunk.
    const staleMarks = Math.floor(list.first / chunksPerMark) - list.firstMark;
    if (32 < staleMarks && list.marks.length < staleMarks * 2 * numbersPerMark) {
      list.marks = list.marks.slice(staleMarks * numbersPerMark);
      list.firstMark += staleMarks;
    }
  }

  private uncount(place: number): void {
    const owner = this.owners[place]!;
    const list = owner === none ? undefined : this.lists[owner];
    if (list === undefined) return;
    const packed = this.lengths[place]!;
    const speaker = (packed & 1) as 0 | 1;
    const length = (packed - speaker) / 2;
    list.kept[speaker] -= length;
    this.keptBytes -= length;
  }

  /** Only before the ring wrapped for the first time, so everything stays at its place. */
  private grow(): void {
    const capacity = Math.min(this.capacity * 2, this.maxChunks);
    this.times = enlarge(this.times, new Float64Array(capacity));
    this.positions = enlarge(this.positions, new Float64Array(capacity));
    this.lengths = enlarge(this.lengths, new Uint32Array(capacity));
    this.nextInFlow = enlarge(this.nextInFlow, new Uint32Array(capacity));
    this.nextInSegment = enlarge(this.nextInSegment, new Uint32Array(capacity));
    this.owners = enlarge(this.owners, new Uint32Array(capacity));
    this.write = this.capacity;
    this.capacity = capacity;
  }
}

function enlarge<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
