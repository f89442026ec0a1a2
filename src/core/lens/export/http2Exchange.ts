// Exchanges of HTTP/2 (RFC 9113) from the frames of a flow: header blocks are read again from the wire with a table of their own, so that
// values are whole, and it is known where each of them stands.

import type { Speaker } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import { u24At, u32At } from '../../bytes.js';
import { forgetTable, readBlock, startTable, type HeaderField, type HpackTable } from '../../protocols/hpack.js';
import { flag, frameHeaderBytes, frameType } from '../../protocols/http2Frames.js';
import type { ExportFlow } from './exportFlow.js';
import { joined, placed, type HttpExchange, type HttpPart, type Piece } from './httpExchange.js';

const endStream = 0x1;
const pushPromise = 5;
const tableSizeSetting = 1;
/** A header block of more than this is not read: the dissector does not either. */
const maxBlockBytes = 256 << 10;
/** Streams that are open at once; the oldest is told as it is. */
const maxOpen = 4096;

/** Where a header stands on the wire. */
export interface PlacedHeader extends HeaderField {
  isRepeated: boolean;
  /** its representation, over several frames where its block is */
  places: Piece[];
  /** the bytes of the representation */
  bytes: Uint8Array;
}

interface Side {
  table: HpackTable;
  /** a header block whose end is still to come */
  block: { stream: number; pieces: Uint8Array[]; places: Piece[]; length: number; isEnd: boolean; isPromise: boolean; message: Message } | undefined;
  ended: Set<number>;
}

/** Frames of one flow, in order. */
export class Http2Exchanges {
  private readonly open = new Map<number, HttpExchange>();
  private readonly sides: Record<Speaker, Side> = { client: startSide(), upstream: startSide() };

  /** @param onHeader is told every header with its place */
  constructor(private readonly flow: ExportFlow, private readonly onHeader?: (from: Speaker, header: PlacedHeader) => void) {}

  /** A stream that began elsewhere: the request of an Upgrade. */
  begin(stream: number, exchange: HttpExchange): void {
    this.open.set(stream, { ...exchange, stream });
    this.sides.client.ended.add(stream);
  }

  take(message: Message): HttpExchange[] {
    const { from, range, kind } = message;
    if (kind === 'gap' || kind === 'undecoded') {
      this.lose(message);
      return [];
    }
    const head = this.flow.read(from, range.start, Math.min(range.end, range.start + frameHeaderBytes + 1));
    if (head === undefined) {
      this.lose(message);
      return [];
    }
    // The preface is told as a message, and has no frame header.
    if (head.length < frameHeaderBytes || (head[0] === 0x50 && head[1] === 0x52 && head[2] === 0x49)) return [];
    const length = u24At(head, 0);
    const type = head[3]!;
    const flags = head[4]!;
    const stream = u32At(head, 5) & 0x7fffffff;
    switch (type) {
      case frameType.headers:
      case pushPromise:
        return this.headers(message, type, flags, stream);
      case frameType.continuation:
        return this.continuation(message, flags);
      case frameType.data: {
        const padding = (flags & flag.padded) === 0 ? 0 : 1 + (head[frameHeaderBytes] ?? 0);
        const start = range.start + frameHeaderBytes + (padding === 0 ? 0 : 1);
        return this.data(message, stream, { start, end: Math.max(start, range.start + frameHeaderBytes + length - (padding === 0 ? 0 : padding - 1)) }, (flags & endStream) !== 0);
      }
      case frameType.reset:
        return this.close(stream);
      case frameType.settings:
        this.settings(message, flags);
        return [];
      default:
        return [];
    }
  }

  /** Bytes of a speaker are missing: what its header blocks lean on is not known. */
  lose({ from, kind }: Message): void {
    if (kind !== 'gap' && kind !== 'undecoded') return;
    this.sides[from].block = undefined;
    forgetTable(this.sides[from].table);
  }

  finish(): HttpExchange[] {
    const rest = [...this.open.values()];
    this.open.clear();
    return rest;
  }

  /** The body of an open exchange as far as it came; for what must be told of it before its end. */
  exchangeOf(stream: number): HttpExchange | undefined {
    return this.open.get(stream);
  }

  private headers(message: Message, type: number, flags: number, stream: number): HttpExchange[] {
    const { from, range } = message;
    const isPromise = type === pushPromise;
    const payload = this.flow.read(from, range.start, range.end);
    if (payload === undefined) {
      forgetTable(this.sides[from].table);
      return [];
    }
    const padding = (flags & flag.padded) === 0 ? 0 : payload[frameHeaderBytes]!;
    const start = frameHeaderBytes + ((flags & flag.padded) === 0 ? 0 : 1) + (!isPromise && (flags & flag.priority) !== 0 ? 5 : 0) + (isPromise ? 4 : 0);
    const end = Math.max(start, payload.length - padding);
    const promised = isPromise ? u32At(payload, start - 4) & 0x7fffffff : stream;
    this.sides[from].block = { stream: promised, pieces: [payload.subarray(start, end)], places: [{ start: range.start + start, end: range.start + end }], length: end - start, isEnd: !isPromise && (flags & endStream) !== 0, isPromise, message };
    return (flags & flag.endHeaders) === 0 ? [] : this.section(from, message);
  }

  private continuation(message: Message, flags: number): HttpExchange[] {
    const { from, range } = message;
    const { block } = this.sides[from];
    const payload = this.flow.read(from, range.start + frameHeaderBytes, range.end);
    if (block === undefined || payload === undefined || maxBlockBytes < block.length + payload.length) {
      this.sides[from].block = undefined;
      forgetTable(this.sides[from].table);
      return [];
    }
    block.pieces.push(payload);
    block.places.push({ start: range.start + frameHeaderBytes, end: range.end });
    block.length += payload.length;
    return (flags & flag.endHeaders) === 0 ? [] : this.section(from, message);
  }

  /** A whole header block. */
  private section(from: Speaker, last: Message): HttpExchange[] {
    const side = this.sides[from];
    const block = side.block!;
    side.block = undefined;
    const bytes = joined(block.pieces);
    const fields: HeaderField[] = [];
    const fault = readBlock(side.table, bytes, 0, bytes.length, (field, start, end, as) => {
      if (as !== 'unknown') fields.push(field);
      this.onHeader?.(from, { ...field, isRepeated: as === 'indexed', places: placed(block.places, start, end), bytes: bytes.subarray(start, end) });
      return true;
    });
    if (fault !== undefined) forgetTable(side.table);
    const one = (name: string): string => fields.find((field) => field.name === name)?.value ?? '';
    const headers = fields.filter(({ name }) => !name.startsWith(':'));
    const known = this.open.get(block.stream);
    const part: HttpPart = { index: block.message.index, startedAt: block.message.startedAt, endedAt: last.endedAt, headers, headBytes: block.length, body: [], isChunked: false, isWhole: false };
    if (known === undefined && (from === 'client' || block.isPromise)) {
      if (maxOpen <= this.open.size) for (const oldest of this.open.keys()) {
        this.open.delete(oldest);
        break;
      }
      this.open.set(block.stream, { protocol: 'http2', stream: block.stream, request: { ...part, method: one(':method'), target: one(':path'), version: 'HTTP/2.0', scheme: one(':scheme'), authority: one(':authority') } });
      if (block.isPromise) this.sides.client.ended.add(block.stream);
    } else if (known !== undefined && from === 'upstream' && known.answer === undefined) {
      const status = Number(one(':status'));
      if (100 <= status && status <= 199) return [];
      known.answer = { ...part, status, reason: '', version: 'HTTP/2.0' };
    } else if (known !== undefined) {
      // Trailers.
      const own = from === 'client' ? known.request : known.answer;
      own?.headers.push(...headers);
      if (own !== undefined) own.endedAt = last.endedAt;
    }
    return block.isEnd ? this.end(from, block.stream) : [];
  }

  private data({ from, endedAt }: Message, stream: number, { start, end }: Piece, isEnd: boolean): HttpExchange[] {
    const exchange = this.open.get(stream);
    const part = from === 'client' ? exchange?.request : exchange?.answer;
    if (part !== undefined) {
      if (start < end) part.body.push({ start, end });
      part.endedAt = endedAt;
    }
    return isEnd ? this.end(from, stream) : [];
  }

  private end(from: Speaker, stream: number): HttpExchange[] {
    const exchange = this.open.get(stream);
    const part = from === 'client' ? exchange?.request : exchange?.answer;
    if (part !== undefined) part.isWhole = true;
    this.sides[from].ended.add(stream);
    return this.sides[from === 'client' ? 'upstream' : 'client'].ended.has(stream) ? this.close(stream) : [];
  }

  private close(stream: number): HttpExchange[] {
    const exchange = this.open.get(stream);
    this.open.delete(stream);
    this.sides.client.ended.delete(stream);
    this.sides.upstream.ended.delete(stream);
    return exchange === undefined ? [] : [exchange];
  }

  /** How large a table the other side's header blocks may count on (RFC 9113 §6.5.2). */
  private settings({ from, range }: Message, flags: number): void {
    if ((flags & flag.ack) !== 0) return;
    const payload = this.flow.read(from, range.start + frameHeaderBytes, range.end);
    if (payload === undefined) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (((payload[at]! << 8) | payload[at + 1]!) === tableSizeSetting) this.sides[from === 'client' ? 'upstream' : 'client'].table.maxLimit = u32At(payload, at + 2);
    }
  }
}

function startSide(): Side {
  return { table: startTable(), block: undefined, ended: new Set() };
}
