// The messages of one flow, decoded when somebody looks: its chunks go through the dissectors in slices, so that lens stays free for the
// engine's batches, and what was decoded is kept within a bound.

import type { Speaker } from '../../shared/flow.js';
import type { Field, Message } from '../../shared/message.js';
import type { MessagePage, MessageRow } from '../../shared/protocol.js';
import type { DissectContext } from '../dissectors/dissector.js';
import { FlowDissector } from '../dissectors/index.js';
import type { StoreReader } from './byteReader.js';
import type { ChunkCursor, ChunkIndex } from './chunkIndex.js';
import type { FlowRecord } from './flowTable.js';

/** How long one slice may take, in milliseconds: a batch of the engine waits no longer than that. */
const sliceMs = 12;
/** Rows of one flow, about 300 bytes each: what comes later is not listed, and the list says so. */
const maxMessages = 200_000;
/** Fields and bodies that are kept, in bytes as estimated below; older ones are decoded again when they are asked for. */
const maxDetailBytes = 32 << 20;
/** A page larger than this is cut. */
export const maxMessagesPerPage = 1000;

export class MessageBook {
  readonly rows: MessageRow[] = [];
  layers: string[] = [];
  isCut = false;
  private readonly details = new Map<number, Message>();
  private detailBytes = 0;
  private flow: FlowDissector;
  /** index of the next chunk to decode */
  private nextChunk = 0;
  private readonly offsets: Record<Speaker, number> = { client: 0, upstream: 0 };
  private isEnded = false;
  /** told when nothing more came: shown at the end of the list, and replaced by the next look */
  private provisional: Message[] | undefined;

  constructor(
    private readonly record: FlowRecord,
    private readonly index: ChunkIndex,
    private readonly store: StoreReader,
    private readonly context: DissectContext,
    private readonly now: () => number,
  ) {
    this.flow = new FlowDissector(context, record.classification.layers.at(-1));
  }

  /** every chunk that was read so far is decoded */
  get isCaughtUp(): boolean {
    return this.isCut || (this.record.chunks.count <= this.nextChunk && (this.isEnded || !this.record.isClosed));
  }

  /**
   * Decodes for one slice.
   *
   * @returns whether there is nothing left to do for now
   */
  advance(): boolean {
    const until = this.now() + sliceMs;
    const { chunks } = this.record;
    if (this.nextChunk < chunks.count && !this.isCut) {
      this.provisional = undefined;
      this.skipForgotten();
      const cursor = this.index.at(chunks, this.nextChunk);
      for (let hasMore = cursor !== undefined; cursor !== undefined && hasMore && !this.isCut; ) {
        this.take(this.decode(cursor));
        this.nextChunk += 1;
        hasMore = this.index.advance(cursor);
        if (until <= this.now()) break;
      }
    }
    if (!this.isEnded && !this.isCut && this.record.isClosed && chunks.count <= this.nextChunk) {
      this.isEnded = true;
      this.provisional = undefined;
      this.take([...this.flow.end('client'), ...this.flow.end('upstream')]);
    }
    this.layers = this.flow.layers;
    return this.isCaughtUp;
  }

  list(start: number, count: number): MessagePage {
    const first = Math.max(0, Math.floor(start));
    const wanted = Math.max(0, Math.min(Math.floor(count), maxMessagesPerPage));
    const pending = this.pending();
    const all = this.rows.length + pending.length;
    const rows = this.rows.slice(first, first + wanted);
    for (let at = Math.max(first, this.rows.length); at < all && rows.length < wanted; at++) rows.push(rowOf(pending[at - this.rows.length]!, true));
    return { rows, start: first, total: all, layers: [...this.layers], isCaughtUp: this.isCaughtUp, isCut: this.isCut };
  }

  /** @returns the whole message, or undefined when there is none with that index */
  get(index: number): Message | undefined {
    const known = this.details.get(index) ?? this.pending().find((message) => message.index === index);
    if (known !== undefined || this.rows.length <= index) return known;
    return this.decodeAgain(index);
  }

  /** What has been said and is no message yet: bytes in the middle of one, or of what nobody recognises so far. */
  private pending(): Message[] {
    if (this.isEnded || this.isCut || !this.isCaughtUp) return [];
    return (this.provisional ??= this.flow.provisional());
  }

  /** Chunks that the ring let go were never seen here: the dissector hears of a gap with the first one that is there. */
  private skipForgotten(): void {
    if (this.nextChunk < this.record.chunks.first) this.nextChunk = this.record.chunks.first;
  }

  private decode(cursor: ChunkCursor): Message[] {
    const { from, offset, length, at } = cursor;
    const messages: Message[] = [];
    const missing = offset - this.offsets[from];
    if (0 < missing) messages.push(...this.flow.gap(from, this.offsets[from], missing, at));
    this.offsets[from] = offset + length;
    const bytes = cursor.position < 0 ? undefined : new Uint8Array(length);
    const isKept = bytes !== undefined && this.store.read(cursor.position, length, bytes, 0);
    messages.push(...(isKept ? this.flow.step({ from, offset, bytes, at }) : this.flow.gap(from, offset, length, at)));
    return messages;
  }

  private take(messages: readonly Message[]): void {
    for (const message of messages) {
      if (maxMessages <= this.rows.length) {
        this.isCut = true;
        return;
      }
      this.rows.push(rowOf(message, false));
      this.details.set(message.index, message);
      this.detailBytes += sizeOf(message);
    }
    for (const [index, message] of this.details) {
      if (this.detailBytes <= maxDetailBytes) break;
      this.details.delete(index);
      this.detailBytes -= sizeOf(message);
    }
  }

  /** From the start, up to the wanted message: rare, and bounded by what the ring holds. */
  private decodeAgain(index: number): Message | undefined {
    const again = new MessageBook(this.record, this.index, this.store, this.context, this.now);
    while (again.rows.length <= index && again.nextChunk < this.record.chunks.count) again.advance();
    const found = again.details.get(index);
    // The ring may have let bytes go since: then another message stands there.
    const row = this.rows[index];
    return found !== undefined && row !== undefined && found.range.start === row.range.start && found.from === row.from ? found : undefined;
  }
}

function rowOf(message: Message, isOpen: boolean): MessageRow {
  const { index, from, protocol, range, startedAt, endedAt, kind, summary, problems, fields, answers, latencyMs, stream } = message;
  return {
    index, from, protocol, range, startedAt, endedAt, kind, summary,
    hasFields: 0 < fields.length,
    ...(problems.length === 0 ? {} : { severity: problems.some(({ severity }) => severity === 'error') ? 'error' as const : problems.some(({ severity }) => severity === 'warning') ? 'warning' as const : 'note' as const }),
    ...(answers === undefined ? {} : { answers }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(stream === undefined ? {} : { stream }),
    ...(isOpen ? { isOpen } : {}),
  };
}

/** About what a message takes in memory. */
function sizeOf(message: Message): number {
  return 200 + fieldsSize(message.fields) + (message.content?.bytes.length ?? 0);
}

function fieldsSize(fields: readonly Field[]): number {
  let size = 0;
  for (const field of fields) size += 150 + 2 * field.text.length + (field.fields === undefined ? 0 : fieldsSize(field.fields));
  return size;
}
