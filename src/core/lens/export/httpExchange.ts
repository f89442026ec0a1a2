// Requests and answers of HTTP as archives and commands need them: every header as it was written, and where the bytes of the bodies are. Read
// from the wire itself: what views show of it is masked and cut.

import type { Speaker } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import { say, type Sentence } from '../../../shared/sentences.js';
import { chunkLine } from '../../dissectors/http1Body.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import type { ExportFlow } from './exportFlow.js';
import { Http1Exchanges } from './http1Exchange.js';
import { Http2Exchanges } from './http2Exchange.js';

export interface Header {
  /** as it was written */
  name: string;
  value: string;
}

/** Half-open, in bytes of one speaker. */
export interface Piece {
  start: number;
  end: number;
}

/** A request or an answer. */
export interface HttpPart {
  index: number;
  startedAt: number;
  endedAt: number;
  headers: Header[];
  /** bytes of head, as on the wire */
  headBytes: number;
  /** where its body stands, framing of chunks included */
  body: Piece[];
  isChunked: boolean;
  /** its end was seen */
  isWhole: boolean;
}

export interface HttpRequest extends HttpPart {
  method: string;
  target: string;
  version: string;
  /** of HTTP/2; '' in HTTP/1 */
  scheme: string;
  authority: string;
}

export interface HttpAnswer extends HttpPart {
  status: number;
  reason: string;
  version: string;
}

export interface HttpExchange {
  protocol: 'http1' | 'http2';
  request: HttpRequest;
  answer?: HttpAnswer;
  stream?: number;
}

/** Collects the exchanges of one flow from its messages, in order. */
export class HttpExchanges {
  private readonly http1: Http1Exchanges;
  private readonly http2: Http2Exchanges;

  constructor(flow: ExportFlow) {
    this.http1 = new Http1Exchanges(flow);
    this.http2 = new Http2Exchanges(flow);
  }

  /** @returns exchanges that are complete with this message */
  take(message: Message): HttpExchange[] {
    switch (message.protocol) {
      case 'http1':
      case 'http-connect':
        return this.http1.take(message);
      case 'http2':
      case 'grpc': {
        // The request that asked for HTTP/2 is stream 1 (RFC 7540 §3.2).
        const upgraded = this.http1.takeUpgraded();
        if (upgraded !== undefined) this.http2.begin(1, upgraded);
        return this.http2.take(message);
      }
      default:
        this.http2.lose(message);
        return [];
    }
  }

  /** @returns those whose end has not come */
  finish(): HttpExchange[] {
    return [...this.http1.finish(), ...this.http2.finish()];
  }
}

/** The first value of a header; '' where it is not there. @param name in lower case */
export function headerOf({ headers }: Pick<HttpPart, 'headers'>, name: string): string {
  return headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';
}

/** All values of a header as one list (RFC 9110 §5.3). */
export function listOf({ headers }: Pick<HttpPart, 'headers'>, name: string): string {
  return headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value).join(', ');
}

/** A body as it was meant: without chunks and codings. */
export interface Body {
  /** bytes on the wire without the framing of chunks */
  size: number;
  bytes: Uint8Array;
  /** `bytes` are those of the wire, at these places */
  data: Piece[];
  /** codings that were undone */
  codings: string[];
  /** why `bytes` are not all of it: a phrase */
  missing?: Sentence;
}

/** A body of an archive is held as a whole while it is written. */
export const maxBodyBytes = 16 << 20;
/** What a compressed one may unfold to. */
const maxPlainBytes = 32 << 20;

/** @param isRaw codings are left as they are @returns undefined when there is none */
export function readBody(flow: ExportFlow, from: Speaker, part: HttpPart, context: DissectContext, isRaw = false): Body | undefined {
  const wireBytes = part.body.reduce((sum, { start, end }) => sum + end - start, 0);
  if (wireBytes === 0) return undefined;
  let room = maxBodyBytes;
  const pieces: Uint8Array[] = [];
  const places: Piece[] = [];
  let missing: Sentence | undefined;
  for (const { start, end } of part.body) {
    if (room === 0) break;
    const stop = Math.min(end, start + room);
    const bytes = flow.read(from, start, stop);
    if (bytes === undefined) {
      missing = say`bytes of it were not kept`;
      break;
    }
    pieces.push(bytes);
    places.push({ start, end: start + bytes.length });
    room -= bytes.length;
    if (bytes.length < stop - start) missing = say`its end is not there`;
  }
  const read = places.reduce((sum, { start, end }) => sum + end - start, 0);
  if (read < wireBytes) missing ??= say`it has ${wireBytes} bytes, more than the ${maxBodyBytes} that are taken along`;
  if (!part.isWhole) missing ??= say`its end is not there`;
  let [bytes, data] = [joined(pieces), places];
  if (part.isChunked) [bytes, data] = withoutChunks(bytes, places);
  const body: Body = { size: part.isChunked ? bytes.length : wireBytes, bytes, data, codings: [], ...(missing === undefined ? {} : { missing }) };
  for (const coding of isRaw ? [] : codingsOf(part)) {
    const plain = context.decompress(coding, body.bytes, maxPlainBytes);
    if (typeof plain === 'string') {
      body.missing = say`it is not decompressed: ${plain}`;
      body.codings.push(`${coding}?`);
      break;
    }
    body.bytes = plain;
    body.codings.push(coding);
  }
  return body;
}

/** Codings in the order in which they are undone: the last one first (RFC 9110 §8.4, RFC 9112 §6.1). */
function codingsOf(part: HttpPart): string[] {
  const names = `${listOf(part, 'content-encoding')},${listOf(part, 'transfer-encoding')}`.split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '' && name !== 'identity' && name !== 'chunked').reverse().slice(0, 4);
}

/** RFC 9112 §7.1: the data, and where on the wire it stands. What breaks the framing ends it. */
function withoutChunks(bytes: Uint8Array, places: readonly Piece[]): [Uint8Array, Piece[]] {
  const pieces: Uint8Array[] = [];
  const data: Piece[] = [];
  for (let at = 0; at < bytes.length; ) {
    const line = chunkLine(bytes, at, bytes.length);
    if (typeof line !== 'object' || line.size === 0) break;
    const end = Math.min(line.end + line.size, bytes.length);
    pieces.push(bytes.subarray(line.end, end));
    data.push(...placed(places, line.end, end));
    at = end + (bytes[end] === 0x0d ? 2 : 1);
  }
  return [joined(pieces), data];
}

/** @returns where [start, end) of what `places` make up together stands on the wire */
export function placed(places: readonly Piece[], start: number, end: number): Piece[] {
  const found: Piece[] = [];
  let before = 0;
  for (const place of places) {
    const length = place.end - place.start;
    const from = Math.max(start, before);
    const to = Math.min(end, before + length);
    if (from < to) found.push({ start: place.start + from - before, end: place.start + to - before });
    before += length;
    if (end <= before) break;
  }
  return found;
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
