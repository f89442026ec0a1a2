// Which bytes of a flow are secrets, so that they can be overwritten in place: lengths, framing and sequence numbers stay as they are. Every byte
// is looked at twice: as text, whatever the protocol, and as what its dissector says it is.

import type { Speaker } from '../../../shared/flow.js';
import type { Field, Message } from '../../../shared/message.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import type { ExportFlow } from './exportFlow.js';
import { frameHeaderBytes } from '../../protocols/http2Frames.js';
import { HttpExchanges, maxBodyBytes, placed, readBody, type HttpExchange, type HttpPart, type Piece } from './httpExchange.js';
import { Http2Exchanges, type PlacedHeader } from './http2Exchange.js';
import { tellsByName } from './maskedValues.js';
import { isSecretKey, maskedHeader, secretSpans } from './secretText.js';
import { valueIn } from './valuePlace.js';
import { frameOf, WebSocketPayloads } from './webSocketPayload.js';

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
  /** what holds messages together, and stays whatever a text around it may look like */
  private readonly framing: Record<Speaker, Piece[]> = { client: [], upstream: [] };
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

  keep(from: Speaker, start: number, end: number): void {
    if (start < end) this.framing[from].push({ start, end });
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
      this.masks[from] = without(kept, this.framing[from].sort((a, b) => a.start - b.start));
      this.framing[from] = [];
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
  for (const { messages, bytes } of flow.messages()) {
    for (const message of messages) search.message(message);
    yield bytes;
  }
  search.finish();
  masks.settle();
}

class Search {
  /** bytes that nobody decoded and that were not looked through yet: a secret may lie over several reads */
  private readonly waiting: Record<Speaker, Piece> = { client: { start: 0, end: 0 }, upstream: { start: 0, end: 0 } };
  private readonly exchanges: HttpExchanges;
  private readonly frames: Http2Exchanges;
  private readonly sockets: WebSocketPayloads;

  constructor(private readonly flow: ExportFlow, private readonly context: DissectContext, private readonly masks: WireMasks) {
    this.exchanges = new HttpExchanges(flow);
    this.frames = new Http2Exchanges(flow, (from, header) => this.header(from, header));
    this.sockets = new WebSocketPayloads(flow);
  }

  message(message: Message): void {
    const { protocol } = message;
    for (const exchange of this.exchanges.take(message)) this.exchange(exchange);
    switch (protocol) {
      case 'http2':
      case 'grpc':
        this.frames.take(message);
        this.masks.keep(message.from, message.range.start, Math.min(message.range.end, message.range.start + frameHeaderBytes));
        this.text(message);
        if (protocol === 'grpc' && hasSecrets(message.fields)) this.call(message);
        return;
      case 'websocket':
      case 'cdp':
        this.socket(message);
        return;
      default:
        this.frames.lose(message);
        this.text(message);
        // What HTTP/1 has beside its text is looked at with its bodies.
        if (protocol !== 'http1' && protocol !== 'http-connect') this.fields(message.fields, message);
    }
  }

  finish(): void {
    for (const exchange of this.exchanges.finish()) this.exchange(exchange);
    for (const from of ['client', 'upstream'] as const) this.lookAtWaiting(from);
  }

  // ---- text ----

  /** A message as text. Of what nobody decoded, reads that follow one another are one text. */
  private text({ from, range, kind }: Message): void {
    const waiting = this.waiting[from];
    if (kind === 'gap' || kind !== 'undecoded' || waiting.end !== range.start) this.lookAtWaiting(from);
    if (kind === 'gap') return;
    if (kind !== 'undecoded') {
      this.look(from, range.start, range.end);
      return;
    }
    if (this.waiting[from].end !== range.start) this.waiting[from] = { ...range };
    else this.waiting[from].end = range.end;
    if (windowBytes <= this.waiting[from].end - this.waiting[from].start) {
      this.look(from, this.waiting[from].start, range.end);
      this.waiting[from].start = Math.max(this.waiting[from].start, range.end - overlapBytes);
    }
  }

  private lookAtWaiting(from: Speaker): void {
    const { start, end } = this.waiting[from];
    this.waiting[from] = { start: end, end };
    this.look(from, start, end);
  }

  /** In windows that share their edges. */
  private look(from: Speaker, start: number, end: number): void {
    const stop = Math.min(end, this.flow.total(from));
    for (let at = start; at < stop; ) {
      const next = Math.min(stop, at + windowBytes);
      const bytes = this.flow.read(from, at, next);
      if (bytes !== undefined) for (const span of secretSpans(latin1Of(bytes))) this.masks.add(from, at + span.start, at + span.end);
      at = next === stop ? stop : next - overlapBytes;
    }
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
    if (part.isChunked) for (const piece of between(part.body, body.data)) this.masks.keep(from, piece.start, piece.end);
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
    const own = frameOf(this.flow, message);
    // Each frame for itself: the message that it begins may have no end.
    const bytes = own === undefined || own.isCompressed ? undefined : this.flow.read(from, own.start, Math.min(own.end, own.start + maxBodyBytes));
    if (own !== undefined && bytes !== undefined) {
      for (let i = 0; i < bytes.length; i++) bytes[i]! ^= own.key[i & 3]!;
      for (const { start, end } of secretSpans(latin1Of(bytes))) this.masks.addKeyed(from, own.start + start, own.start + end, own.key, start);
    }
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
    for (const field of secretsOf(fields, tellsByName(message.protocol))) this.value(message.from, field);
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

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Fields that are secrets, by what the dissector says, by their name or by how they look. */
export function* secretsOf(fields: readonly Field[], byName = true): Generator<Field> {
  for (const field of fields) {
    if (field.isSecret === true) yield field;
    else if (byName && field.text !== '' && isSecretKey(field.name)) yield field;
    else if (field.fields !== undefined) yield* secretsOf(field.fields, byName);
    else if (0 < secretSpans(field.text).length) yield field;
  }
}

export function hasSecrets(fields: readonly Field[]): boolean {
  return secretsOf(fields).next().done !== true;
}

/** What stands between and behind pieces, inside of others. Both in order. */
function between(outer: readonly Piece[], inner: readonly Piece[]): Piece[] {
  return outer.flatMap((piece) => {
    const gaps: Piece[] = [];
    let at = piece.start;
    for (const { start, end } of inner) {
      if (end <= piece.start || piece.end <= start) continue;
      if (at < start) gaps.push({ start: at, end: start });
      at = end;
    }
    if (at < piece.end) gaps.push({ start: at, end: piece.end });
    return gaps;
  });
}

/** Masks with holes where the framing is. Both in order of their starts. */
function without(masks: Mask[], framing: readonly Piece[]): Mask[] {
  if (framing.length === 0) return masks;
  let first = 0;
  return masks.flatMap((mask) => {
    while (first < framing.length && framing[first]!.end <= mask.start) first += 1;
    const rest: Mask[] = [];
    let at = mask.start;
    for (let index = first; index < framing.length && framing[index]!.start < mask.end; index++) {
      const { start, end } = framing[index]!;
      if (at < start) rest.push({ ...mask, start: at, end: start, ...(mask.phase === undefined ? {} : { phase: mask.phase + at - mask.start }) });
      at = Math.max(at, end);
    }
    if (at === mask.start) return [mask];
    if (at < mask.end) rest.push({ ...mask, start: at, ...(mask.phase === undefined ? {} : { phase: mask.phase + at - mask.start }) });
    return rest;
  });
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
