// gRPC inside HTTP/2 (gRPC "PROTOCOL-HTTP2"): messages in DATA frames, several in one or one over several, and the status in the trailers.

import type { Speaker } from '../../shared/flow.js';
import type { Content } from '../../shared/message.js';
import { say } from '../../shared/sentences.js';
import { u32At } from '../bytes.js';
import type { DissectContext } from './dissector.js';
import { FieldReader, utf8Text } from './fieldReader.js';
import type { Head } from './http2Headers.js';
import { appended, maxBodyBytes, release, type Http2State, type Stream, type StreamHalf } from './http2Streams.js';
import { grpcStatusNames } from './http2Words.js';
import { json } from './payload/json.js';
import { protobufFields } from './payload/protobuf.js';
import { essence } from './payload/view.js';

/** Messages of one direction of a call. Plain data. */
export interface GrpcHalf {
  /** `grpc-encoding`: how compressed messages are compressed */
  encoding: string;
  /** the beginning of a message whose end is still to come: its first `length` bytes */
  pending: Uint8Array;
  length: number;
  /** bytes of a message that is too large, still to come */
  skip: number;
  count: number;
  /** bytes went missing: where messages begin is not known */
  isLost: boolean;
}

/** One byte says whether it is compressed, four how long it is. */
const prefixBytes = 5;
const nothing = new Uint8Array(0);

export function startGrpc(encoding: string): GrpcHalf {
  return { encoding, pending: nothing, length: 0, skip: 0, count: 0, isLost: false };
}

/** `application/grpc`, `application/grpc+proto`, but not `application/grpc-web`. @param contentType parameters and all */
export function isGrpcMedia(contentType: string): boolean {
  return contentType.length <= 200 && /^application\/grpc(?:$|[+; ])/i.test(contentType);
}

/** @returns `shop.Stock/Reserve` */
export function callName(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}

// ---- messages -------------------------------------------------------------------------------------------------------

/** What a DATA frame brought. */
export interface Told {
  /** messages that it completed */
  count: number;
  /** the first one as a line: `{sku: "A-11", n: 2}` */
  text: string;
  /** bytes that are there of a message whose end is still to come */
  rest: { have: number; of: number | undefined } | undefined;
  /** the only message that it completed */
  content: Content | undefined;
}

interface Place {
  state: Http2State;
  stream: Stream;
  half: StreamHalf;
  grpc: GrpcHalf;
  from: Speaker;
  context: DissectContext;
}

/** Reads the next `length` bytes, which are the data of one frame. */
export function grpcData(state: Http2State, stream: Stream, from: Speaker, context: DissectContext, reader: FieldReader, length: number): Told {
  const half = stream[from];
  const grpc = (half.grpc ??= startGrpc(half.encoding));
  const place: Place = { state, stream, half, grpc, from, context };
  const told: Told = { count: 0, text: '', rest: undefined, content: undefined };
  const stop = reader.at + length;
  while (reader.at < stop) {
    const left = stop - reader.at;
    if (grpc.isLost) {
      // Most messages come in a frame of their own: that one is found again.
      const isWhole = prefixBytes <= left && reader.bytes[reader.at]! <= 1 && prefixBytes + u32At(reader.bytes, reader.at + 1) === left;
      if (!isWhole) {
        reader.data('not decoded', left);
        break;
      }
      grpc.isLost = false;
    }
    if (0 < grpc.skip) skip(place, reader, left, told);
    else if (grpc.length === 0 && prefixBytes <= left && prefixBytes + u32At(reader.bytes, reader.at + 1) <= left) whole(place, reader, told);
    else piece(place, reader, stop, told);
  }
  return told;
}

function whole(place: Place, reader: FieldReader, told: Told): void {
  reader.group('message', () => message(place, reader, told), (text) => text);
}

/** What stands in this frame of a message that began before, or ends behind it. */
function piece(place: Place, reader: FieldReader, stop: number, told: Told): void {
  const { state, half, grpc } = place;
  const start = reader.at;
  if (grpc.length < prefixBytes) take(place, reader, Math.min(prefixBytes, grpc.length + stop - reader.at));
  const needs = prefixBytes <= grpc.length ? prefixBytes + u32At(grpc.pending, 1) : undefined;
  if (needs !== undefined && needs <= maxBodyBytes) take(place, reader, Math.min(needs, grpc.length + stop - reader.at));
  if (grpc.isLost) return;
  if (needs !== undefined && maxBodyBytes < needs) {
    grpc.skip = needs - grpc.length;
    release(state, half);
    reader.add('message', start, reader.at, `${needs - prefixBytes} bytes, more than are put together`);
    told.rest = { have: 0, of: needs };
    return;
  }
  if (grpc.length !== needs) {
    reader.add('part', start, reader.at, needs === undefined ? `${grpc.length} bytes` : `${grpc.length} of ${needs} bytes`);
    told.rest = { have: grpc.length, of: needs };
    return;
  }
  const inner = new FieldReader(grpc.pending, 0, 0, needs, reader.range(start, reader.at));
  const text = message(place, inner, told);
  reader.add('message', start, reader.at, text, inner.fields);
  reader.problems.push(...inner.problems);
  release(state, half);
}

/** Keeps bytes until `length` of the message are there. */
function take({ state, grpc }: Place, reader: FieldReader, length: number): void {
  const bytes = length - grpc.length;
  const pending = appended(state, grpc.pending, grpc.length, reader.bytes, reader.at, reader.at + bytes);
  if (pending === undefined) {
    grpc.pending = nothing;
    grpc.length = 0;
    grpc.isLost = true;
    reader.problem('note', say`too many messages are under way at once: this one is not put together`, reader.at, reader.at + bytes);
    return;
  }
  grpc.pending = pending;
  grpc.length = length;
  reader.at += bytes;
}

function skip({ grpc }: Place, reader: FieldReader, left: number, told: Told): void {
  const bytes = grpc.skip < left ? grpc.skip : left;
  reader.add('part', reader.at, reader.at + bytes, `${bytes} bytes of a message that is not put together`);
  reader.at += bytes;
  grpc.skip -= bytes;
  if (0 < grpc.skip) return;
  grpc.count += 1;
  told.count += 1;
  if (told.count === 1) told.text = '(a large message)';
}

/** @returns its text */
function message(place: Place, reader: FieldReader, told: Told): string {
  const { grpc, half } = place;
  const isCompressed = reader.u8('compressed', compressedWords);
  const size = reader.u32('length');
  const start = reader.at;
  const range = reader.range(start, start + size);
  let text = '';
  let bytes: Uint8Array | undefined;
  if (1 < isCompressed) {
    reader.problem('error', say`a message begins with ${isCompressed}, which is neither plain nor compressed`, start - prefixBytes, start);
    reader.data('not decoded', size);
    grpc.isLost = true;
  } else if (isCompressed === 1) {
    const plain = grpc.encoding === '' || grpc.encoding === 'identity' ? say`it is compressed, and no grpc-encoding says how` : place.context.decompress(grpc.encoding, reader.bytes.subarray(start, start + size), maxBodyBytes);
    if (typeof plain === 'string') {
      reader.problem('warning', plain, start, start + size);
      reader.data('not decoded', size);
      text = `${size} bytes, ${grpc.encoding || 'compressed'}`;
    } else {
      const inner = new FieldReader(plain, 0, 0, plain.length, range);
      text = payload(place, inner, plain.length);
      reader.add(`from ${grpc.encoding}`, start, start + size, `${plain.length} bytes`, inner.fields);
      reader.problems.push(...inner.problems);
      bytes = plain;
    }
  } else {
    text = reader.within(size, () => payload(place, reader, size)) ?? '';
    bytes = reader.bytes.slice(start, start + size);
  }
  reader.at = start + size;
  grpc.count += 1;
  told.count += 1;
  if (told.count === 1) told.text = text;
  const isJson = essence(half.contentType).endsWith('+json');
  told.content = told.count === 1 && bytes !== undefined ? { bytes, mediaType: isJson ? 'application/json' : 'application/protobuf', range, isDecoded: isCompressed === 1 || grpc.length !== 0 } : undefined;
  return text;
}

const compressedWords = { 0: 'no', 1: 'yes' };

function payload({ stream, from, context, half }: Place, reader: FieldReader, length: number): string {
  if (essence(half.contentType).endsWith('+json')) {
    const text = utf8Text(reader.bytes, reader.at, reader.at + length);
    json(reader, 'json', length);
    return text;
  }
  const method = context.schemas?.method(stream.path);
  return protobufFields(reader, length, from === 'client' ? method?.request : method?.response);
}

// ---- status ---------------------------------------------------------------------------------------------------------

/** The outcome of a call, from its trailers. */
export interface GrpcStatus {
  code: number;
  /** `OK`, or `NOT_FOUND: no such sku` */
  text: string;
}

/** @returns undefined when there is none in this header section */
export function grpcStatus({ grpcStatus: status, grpcMessage }: Head): GrpcStatus | undefined {
  if (!/^\d{1,9}$/.test(status)) return undefined;
  const code = Number(status);
  const name = grpcStatusNames[code] ?? `status ${code}`;
  return { code, text: grpcMessage === '' || code === 0 ? name : `${name}: ${percentDecoded(grpcMessage)}` };
}

/** `%41` undone; what is no UTF-8 then stays as it was. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-fA-F]{2})/g, '%25'));
  } catch {
    return text;
  }
}
