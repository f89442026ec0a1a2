// Which bytes of a flow are secrets, so that they can be overwritten in place: lengths, framing and sequence numbers stay as they are. Every byte
// is looked at twice: as text, whatever the protocol, and as what its dissector says it is.

import type { Speaker } from '../../../shared/flow.js';
import type { Field, Message } from '../../../shared/message.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import type { ExportFlow } from './exportFlow.js';
import { HttpExchanges, placed, readBody, type HttpExchange, type HttpPart, type Piece } from './httpExchange.js';
import { Http2Exchanges, type PlacedHeader } from './http2Exchange.js';
import { isSecretKey, maskedHeader, secretSpans } from './secretText.js';
import { valueIn } from './valuePlace.js';
import { WebSocketPayloads } from './webSocketPayload.js';

/** What is written over a secret. */
const star = 0x2a;
/** The same in the code of HPACK, where `*` is a whole byte (RFC 7541 appendix B). */
const huffmanStar = 0xf9;

/** A text is looked through in windows of this size, so that a secret may lie over several reads. */
const windowBytes = 128 << 10;
/** What a window shares with the one before: longer than any token. */
const overlapBytes = 16 << 10;

interface Mask extends Piece {
  fill: number;
  /** of a WebSocket client (RFC 6455 §5.3): the fill is written with it, from its `phase`-th byte on */
  key?: Uint8Array;
  phase?: number;
}

/** The secrets of one flow, by their place. */
export class WireMasks {
  private readonly masks: Record<Speaker, Mask[]> = { client: [], upstream: [] };
  /** where the last bytes were that were asked about, and the first mask that mattered */
  private readonly at: Record<Speaker, { offset: number; next: number }> = { client: { offset: 0, next: 0 }, upstream: { offset: 0, next: 0 } };
  /** bodies that were overwritten as a whole, because what was in them was compressed or could not be looked into */
  wholeBodies = 0;

  add(from: Speaker, start: number, end: number, fill = star): void {
    if (start < end) this.masks[from].push({ start, end, fill });
  }

  addKeyed(from: Speaker, start: number, end: number, key: Uint8Array, phase: number): void {
    if (start < end) this.masks[from].push({ start, end, fill: star, key, phase });
  }

  get count(): number {
    return this.masks.client.length + this.masks.upstream.length;
  }

  /** After everything was found: in order, none told twice. */
  settle(): this {
    for (const from of ['client', 'upstream'] as const) {
      const sorted = this.masks[from].sort((a, b) => a.start - b.start || b.end - a.end);
      const kept: Mask[] = [];
      for (const mask of sorted) {
        const last = kept.at(-1);
        // Inside another one: the outer fill stands, unless the inner one knows better how its bytes are coded.
        if (last !== undefined && mask.end <= last.end && last.fill === mask.fill && mask.key === last.key) continue;
        kept.push(mask);
      }
      this.masks[from] = kept;
    }
    return this;
  }

  /** Overwrites what is secret in `length` bytes at `at` of `into`, which one speaker said from `offset` on. */
  apply(from: Speaker, offset: number, length: number, into: Uint8Array, at: number): void {
    const masks = this.masks[from];
    if (masks.length === 0) return;
    // Nearly always asked in order.
    let next = offset < this.at[from].offset ? 0 : this.at[from].next;
    while (next < masks.length && masks[next]!.end <= offset) next += 1;
    this.at[from] = { offset, next };
    for (let index = next; index < masks.length && masks[index]!.start < offset + length; index++) {
      const { start, end, fill, key, phase = 0 } = masks[index]!;
      const first = Math.max(start, offset);
      const stop = Math.min(end, offset + length);
      for (let position = first; position < stop; position++) into[at + position - offset] = key === undefined ? fill : fill ^ key[(phase + position - start) & 3]!;
    }
  }
}

/**
 * Looks for the secrets of a flow.
 *
 * @param masks receives them; settled at the end
 * @returns a walk that yields the bytes that it went through
 */
export function* findMasks(flow: ExportFlow, context: DissectContext, masks: WireMasks): Generator<number> {
  const search = new Search(flow, context, masks);
  const walk = flow.messages((chunk, bytes) => search.chunk(chunk.from, chunk.offset, bytes));
  for (const { messages, bytes } of walk) {
    for (const message of messages) search.message(message);
    yield bytes;
  }
  search.finish();
  masks.settle();
}

/** Text of one speaker that is not looked through yet. */
interface Window {
  pieces: Uint8Array[];
  start: number;
  length: number;
}

class Search {
  private readonly windows: Record<Speaker, Window> = { client: emptyWindow(0), upstream: emptyWindow(0) };
  private readonly exchanges: HttpExchanges;
  private readonly frames: Http2Exchanges;
  private readonly sockets: WebSocketPayloads;
  private isHttp2 = false;

  constructor(private readonly flow: ExportFlow, private readonly context: DissectContext, private readonly masks: WireMasks) {
    this.exchanges = new HttpExchanges(flow);
    this.frames = new Http2Exchanges(flow, (from, header) => this.header(from, header));
    this.sockets = new WebSocketPayloads(flow);
  }

  chunk(from: Speaker, offset: number, bytes: Uint8Array | undefined): void {
    const window = this.windows[from];
    if (bytes === undefined || offset !== window.start + window.length) {
      this.look(from, 0);
      this.windows[from] = emptyWindow(offset);
    }
    if (bytes === undefined) return;
    const own = this.windows[from];
    own.pieces.push(bytes);
    own.length += bytes.length;
    if (windowBytes <= own.length) this.look(from, overlapBytes);
  }

  message(message: Message): void {
    const { protocol } = message;
    for (const exchange of this.exchanges.take(message)) this.exchange(exchange);
    switch (protocol) {
      case 'http1':
      case 'http-connect':
        return;
      case 'http2':
      case 'grpc':
        this.isHttp2 = true;
        this.frames.take(message);
        if (protocol === 'grpc' && hasSecrets(message.fields)) this.call(message);
        return;
      case 'websocket':
      case 'cdp':
        this.socket(message);
        return;
      default:
        if (this.isHttp2) this.frames.lose(message);
        this.fields(message.fields, message);
    }
  }

  finish(): void {
    for (const exchange of this.exchanges.finish()) this.exchange(exchange);
    this.look('client', 0);
    this.look('upstream', 0);
  }

  /** Looks through a window as text. @param keep bytes at its end that are looked at again with what follows */
  private look(from: Speaker, keep: number): void {
    const { pieces, start, length } = this.windows[from];
    if (length === 0) return;
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    for (const span of secretSpans(latin1Of(bytes))) this.masks.add(from, start + span.start, start + span.end);
    const rest = Math.min(keep, length);
    this.windows[from] = rest === 0 ? emptyWindow(start + length) : { pieces: [bytes.slice(length - rest)], start: start + length - rest, length: rest };
  }

  // ---- HTTP ----

  /** What the text of the wire does not show: bodies in chunks, in frames, compressed. */
  private exchange({ protocol, request, answer }: HttpExchange): void {
    this.body('client', request, protocol);
    if (answer !== undefined) this.body('upstream', answer, protocol);
  }

  private body(from: Speaker, part: HttpPart, protocol: HttpExchange['protocol']): void {
    const isPlain = protocol === 'http1' && !part.isChunked && !part.headers.some(({ name }) => /^(?:content|transfer)-encoding$/i.test(name));
    if (isPlain || part.body.length === 0) return;
    const body = readBody(this.flow, from, part, this.context);
    if (body === undefined) return;
    if (body.codings.length === 0) {
      for (const { start, end } of secretSpans(latin1Of(body.bytes))) for (const piece of placed(body.data, start, end)) this.masks.add(from, piece.start, piece.end);
      return;
    }
    // Inside of something compressed nothing can be overwritten; what cannot be looked into is not believed.
    const isOpaque = body.codings.at(-1)!.endsWith('?') || body.missing !== undefined;
    if (!isOpaque && secretSpans(latin1Of(body.bytes)).length === 0) return;
    this.masks.wholeBodies += 1;
    for (const { start, end } of isOpaque ? part.isChunked ? body.data : part.body : body.data) this.masks.add(from, start, end);
  }

  /** A header in the code of HPACK: its value is overwritten by as many bytes that mean as many stars. */
  private header(from: Speaker, { name, value, isRepeated, places, bytes }: PlacedHeader): void {
    if (isRepeated || (maskedHeader(name, value) ?? value) === value) return;
    const place = hpackValue(bytes);
    if (place === undefined) return;
    for (const { start, end } of placed(places, place.start, place.end)) this.masks.add(from, start, end, place.isHuffman ? huffmanStar : star);
  }

  /** A message of gRPC with a secret in it. */
  private call({ from, fields, stream }: Message): void {
    for (const top of fields) for (const field of secretsOf(top.fields ?? [top])) {
      const isExact = field.range.start !== top.range.start || field.range.end !== top.range.end;
      if (isExact) {
        this.value(from, field);
        continue;
      }
      // Compressed, or over several frames: all that came of the body so far.
      const exchange = stream === undefined ? undefined : this.frames.exchangeOf(stream);
      const part = from === 'client' ? exchange?.request : exchange?.answer;
      for (const { start, end } of part?.body ?? [field.range]) this.masks.add(from, Math.min(end, start + grpcPrefixBytes), end);
    }
  }

  private socket(message: Message): void {
    const { from, content } = message;
    const payloads = this.sockets.take(message);
    if (content === undefined || payloads.length === 0) return;
    const spans = secretSpans(latin1Of(content.bytes));
    if (spans.length === 0 && !hasSecrets(message.fields)) return;
    const [only] = payloads;
    // One frame, not compressed: what is in it stands on the wire byte for byte.
    if (payloads.length === 1 && 0 < spans.length && only!.end - only!.start === content.bytes.length && !only!.isCompressed) {
      for (const { start, end } of spans) this.masks.addKeyed(from, only!.start + start, only!.start + end, only!.key, start);
      return;
    }
    this.masks.wholeBodies += 1;
    for (const { start, end, key } of payloads) this.masks.addKeyed(from, start, end, key, 0);
  }

  // ---- everything else ----

  private fields(fields: readonly Field[], message: Message): void {
    for (const field of secretsOf(fields)) this.value(message.from, field);
    const { content } = message;
    if (content?.isDecoded !== true || secretSpans(latin1Of(content.bytes)).length === 0) return;
    this.masks.wholeBodies += 1;
    this.masks.add(message.from, content.range.start, content.range.end);
  }

  private value(from: Speaker, { range }: Field): void {
    const bytes = this.flow.read(from, range.start, range.end);
    const place = bytes === undefined ? { start: 0, end: range.end - range.start } : valueIn(bytes);
    this.masks.add(from, range.start + place.start, range.start + place.end);
  }
}

/** Whether it is compressed, and its length, before each message (gRPC over HTTP/2). */
const grpcPrefixBytes = 5;

function emptyWindow(start: number): Window {
  return { pieces: [], start, length: 0 };
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Fields without children that are secrets, by what the dissector says or by their name. */
export function* secretsOf(fields: readonly Field[]): Generator<Field> {
  for (const field of fields) {
    if (field.isSecret === true) yield field;
    else if (field.fields !== undefined) yield* secretsOf(field.fields);
    else if (field.text !== '' && isSecretKey(field.name)) yield field;
    else if (0 < secretSpans(field.text).length) yield field;
  }
}

export function hasSecrets(fields: readonly Field[]): boolean {
  return secretsOf(fields).next().done !== true;
}

/** Where the value of a literal stands (RFC 7541 §6.2); undefined for an index alone. */
function hpackValue(bytes: Uint8Array): { start: number; end: number; isHuffman: boolean } | undefined {
  const first = bytes[0] ?? 0x80;
  if (0x80 <= first) return undefined;
  const index = integer(bytes, 0, (first & 0x40) !== 0 ? 6 : 4);
  let at = index.end;
  if (index.value === 0) {
    const name = integer(bytes, at, 7);
    at = name.end + name.value;
  }
  const isHuffman = (bytes[at] ?? 0) >= 0x80;
  const length = integer(bytes, at, 7);
  return { start: length.end, end: Math.min(bytes.length, length.end + length.value), isHuffman };
}

/** RFC 7541 §5.1. */
function integer(bytes: Uint8Array, at: number, prefixBits: number): { value: number; end: number } {
  const most = (1 << prefixBits) - 1;
  let value = (bytes[at] ?? 0) & most;
  let end = at + 1;
  if (value < most) return { value, end };
  for (let shift = 0; shift <= 21 && end < bytes.length; shift += 7) {
    const byte = bytes[end++]!;
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return { value, end };
}
