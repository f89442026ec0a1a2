// One connection as an export reads it: what was recorded of it when the export began, walked through as often as a format needs. Traffic goes
// on meanwhile: what the capture lets go in between is a gap, what comes is not part of the export.

import type { FlowRow, Speaker } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import { say } from '../../../shared/sentences.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import { FlowDissector } from '../../dissectors/index.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkCursor, ChunkIndex } from '../chunkIndex.js';
import type { FlowRecord } from '../flowTable.js';

/** What an export needs of lens. */
export interface Capture {
  readonly index: ChunkIndex;
  readonly store: StoreReader;
  readonly context: DissectContext;
}

/** Bytes of one speaker as they were read; one object, overwritten by the next. */
export interface WalkedChunk {
  from: Speaker;
  offset: number;
  length: number;
  at: number;
  /** copies [start, start + length) of it; false = not kept */
  read(start: number, length: number, into: Uint8Array, at: number): boolean;
}

/** What was recorded of a flow up to now. */
export class ExportFlow {
  readonly row: FlowRow;
  /** bytes of both speakers */
  readonly bytes: number;
  private readonly count: number;
  private readonly totals: readonly [number, number];

  constructor(private readonly record: FlowRecord, private readonly capture: Capture) {
    this.row = record.row();
    this.count = record.chunks.count;
    this.totals = [record.chunks.bytes[0], record.chunks.bytes[1]];
    this.bytes = this.totals[0] + this.totals[1];
  }

  get id(): number {
    return this.row.id;
  }

  /** bytes that one speaker said, kept or not */
  total(from: Speaker): number {
    return this.totals[from === 'client' ? 0 : 1];
  }

  /** Chunks in the order read, from the oldest that the index still has. */
  *chunks(): Generator<WalkedChunk> {
    const { index, store } = this.capture;
    const { chunks } = this.record;
    let cursor: ChunkCursor | undefined;
    const walked: WalkedChunk = {
      from: 'client', offset: 0, length: 0, at: 0,
      read: (start, length, into, at) => cursor !== undefined && 0 <= cursor.position && store.read(cursor.position + start, length, into, at),
    };
    for (let next = chunks.first; next < this.count; next = cursor.index + 1) {
      // The ring may have let go of the place where the cursor stood while somebody else was served.
      const isThere = cursor !== undefined && chunks.first <= cursor.index && cursor.index === next - 1 && index.advance(cursor);
      if (!isThere) cursor = index.at(chunks, Math.max(next, chunks.first));
      if (cursor === undefined || this.count <= cursor.index) return;
      walked.from = cursor.from;
      walked.offset = cursor.offset;
      walked.length = cursor.length;
      walked.at = cursor.at;
      yield walked;
    }
  }

  /** Messages of each chunk in turn, also where there are none: an export may rest in between. They tile the bytes of both speakers, whatever happens. */
  *messages(): Generator<{ messages: Message[]; bytes: number }> {
    const decoder = new Decoder(new FlowDissector(this.capture.context, this.row.classification.layers.at(-1)));
    for (const chunk of this.chunks()) {
      const { from, offset, length, at } = chunk;
      const bytes = new Uint8Array(length);
      const isKept = chunk.read(0, length, bytes, 0);
      yield { messages: decoder.take(from, offset, length, isKept ? bytes : undefined, at), bytes: length };
    }
    yield { messages: decoder.end(this.row.state === 'closed'), bytes: 0 };
  }

  /** @returns a copy; undefined when some of it is not kept */
  read(from: Speaker, start: number, end: number): Uint8Array | undefined {
    const { index, store } = this.capture;
    const stop = Math.min(end, this.total(from));
    if (stop <= start) return new Uint8Array(0);
    const bytes = new Uint8Array(stop - start);
    let done = start;
    const cursor = index.find(this.record.chunks, from, start);
    for (let hasMore = cursor !== undefined; cursor !== undefined && hasMore && done < stop; hasMore = index.advance(cursor)) {
      if (cursor.from !== from) continue;
      if (done < cursor.offset || cursor.position < 0) return undefined;
      const pieceEnd = Math.min(stop, cursor.offset + cursor.length);
      if (!store.read(cursor.position + done - cursor.offset, pieceEnd - done, bytes, done - start)) return undefined;
      done = pieceEnd;
    }
    return done === stop ? bytes : undefined;
  }
}

/** A dissector that has a fault of its own costs the messages behind it, not the export: the rest of its flow is bytes. */
class Decoder {
  private readonly seen: Record<Speaker, number> = { client: 0, upstream: 0 };
  private readonly told: Record<Speaker, number> = { client: 0, upstream: 0 };
  private nextIndex = 0;
  private isBroken = false;

  constructor(private readonly flow: FlowDissector) {}

  take(from: Speaker, offset: number, length: number, bytes: Uint8Array | undefined, at: number): Message[] {
    const before = this.seen[from];
    this.seen[from] = offset + length;
    if (this.isBroken) return this.raw(from, at, bytes !== undefined);
    return this.guarded(() => [
      ...(before < offset ? this.flow.gap(from, before, offset - before, at) : []),
      ...(bytes === undefined ? this.flow.gap(from, offset, length, at) : this.flow.step({ from, offset, bytes, at })),
    ], () => this.raw(from, at, bytes !== undefined));
  }

  end(isClosed: boolean): Message[] {
    if (this.isBroken) return [];
    return this.guarded(() => (isClosed ? [...this.flow.end('client'), ...this.flow.end('upstream')] : this.flow.provisional()), () => [...this.raw('client', 0, true), ...this.raw('upstream', 0, true)]);
  }

  private guarded(work: () => Message[], instead: () => Message[]): Message[] {
    try {
      const messages = work();
      for (const { from, range, index } of messages) {
        this.told[from] = Math.max(this.told[from], range.end);
        this.nextIndex = Math.max(this.nextIndex, index + 1);
      }
      return messages;
    } catch {
      // A bug of a dissector: its flow is exported as bytes from here on.
      this.isBroken = true;
      return instead();
    }
  }

  /** What was read and is in no message so far. */
  private raw(from: Speaker, at: number, isKept: boolean): Message[] {
    const start = this.told[from];
    const end = this.seen[from];
    this.told[from] = end;
    if (end <= start) return [];
    return [{
      index: this.nextIndex++, from, protocol: 'unknown', range: { start, end }, startedAt: at, endedAt: at,
      kind: isKept ? 'undecoded' : 'gap', summary: isKept ? say`${end - start} bytes` : say`${end - start} bytes are missing`, fields: [], problems: [],
    }];
  }
}
