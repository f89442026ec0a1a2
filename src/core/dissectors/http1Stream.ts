// Bodies that are told while they come: server-sent events, lines of JSON, parts that replace each other, and what is larger than is
// held back. Chunks (RFC 9112 §7.1) may end anywhere inside an event, and events inside a chunk.

import type { Content } from '../../shared/message.js';
import { say, type Sentence } from '../../shared/sentences.js';
import type { Decoded, Input, Next } from './dissector.js';
import { eventSummary, readEvent } from './eventStream.js';
import { FieldReader, utf8Text } from './fieldReader.js';
import { chunkEnd, chunkLine, joined, readPieces, trailersEnd } from './http1Body.js';
import { headers, type Head } from './http1Head.js';
import { json, looksLikeJson } from './payload/json.js';
import { sizeText } from './payload/values.js';

/** Pieces of what has no end of its own, and of an event or line that is longer: large enough for few messages, small enough to be shown soon. */
const pieceBytes = 256 << 10;

/** A body that comes behind `100 Continue` is shown like one that comes at once. */
const maxBodyBytes = 1 << 20;

/** A body of which the head was told. Plain data. */
export interface OpenBody {
  framing: 'chunked' | 'length' | 'close';
  /** what becomes a message: an event, a line, a chunk, or so many bytes */
  unit: 'event' | 'line' | 'chunk' | 'piece';
  /** data bytes until the next size line, or until the end of a body of known length; -1 = a size line is next */
  left: number;
  /** request that it belongs to; undefined = it is the body of a request, or nobody asked */
  key: number | undefined;
  mediaType: string;
  contentEncoding: string;
  /** data bytes that were told */
  told: number;
  /** the last piece ended inside an event or line */
  isInside: boolean;
}

/** Where a message of an open body ends. */
interface Piece {
  stop: number;
  left: number;
  data: number[];
  /** it is as long as pieces may be, and its event or line goes on */
  goesOn?: boolean;
}

/**
 * @param body is written to when a message is told
 * @param isOver called when the body is at its end
 */
export function nextPiece(body: OpenBody, input: Input, isOver: () => void): Next {
  if (body.framing === 'length') return rest(body, input, isOver);
  if (body.framing === 'chunked' && body.left < 0) {
    const line = chunkLine(input.bytes, input.at, input.end);
    if (typeof line === 'number') return input.isEnded ? { lost: say`the body ends inside the size of a chunk` } : line - input.at;
    if (typeof line === 'object' && line.size === 0) return last(body, input, line.end, isOver);
  }
  const found = body.framing === 'chunked' ? walkChunks(body, input) : walkPlain(body, input);
  if (typeof found === 'number') return found - input.at;
  if (typeof found === 'string') {
    isOver();
    return { lost: found };
  }
  const decoded = tell(body, input, found);
  body.left = found.left;
  body.told += sizeOf(found.data);
  body.isInside = found.goesOn === true;
  return decoded;
}

/** The body of a request that waited for `100 Continue`. */
function rest(body: OpenBody, input: Input, isOver: () => void): Next {
  const { at, end } = input;
  const there = Math.min(body.left, end - at);
  if (there < body.left && there < maxBodyBytes && !input.isEnded) return Math.min(body.left, maxBodyBytes);
  isOver();
  const told = tell(body, input, { stop: at + there, left: 0, data: [at, at + there] }, there < body.left);
  told.length = input.isEnded ? there : body.left;
  told.isPartial = false;
  return told;
}

/** Last chunk and trailers. */
function last(body: OpenBody, input: Input, lineEnd: number, isOver: () => void): Next {
  const stop = trailersEnd(input.bytes, lineEnd, input.end);
  if (typeof stop === 'string') {
    isOver();
    return { lost: stop };
  }
  if (input.end < stop) return stop - input.at;
  const reader = FieldReader.of(input, stop - input.at);
  reader.add('chunk', input.at, lineEnd, 'last');
  reader.at = lineEnd;
  if (2 < stop - lineEnd) headers(reader, 'trailers', stop, headOf(body));
  isOver();
  const told = decodedOf(body, input, stop, reader, `end of the body, ${sizeText(body.told)}`);
  told.isPartial = false;
  return told;
}

// ---- where a message ends -------------------------------------------------------------------------------------------

/** @returns a piece; a position up to which bytes are needed; a phrase when the chunks break here */
function walkChunks({ unit, left: first }: OpenBody, { bytes, at: start, end, isEnded }: Input): Piece | number | Sentence {
  const data: number[] = [];
  const seeker: Seeker = { unit, isLineEmpty: true };
  let at = start;
  let left = first;
  for (;;) {
    if (left < 0) {
      const line = chunkLine(bytes, at, end);
      const isLast = typeof line === 'object' && line.size === 0;
      // What stands before the last chunk, or before what is broken, is told first.
      if (at !== start && (isLast || typeof line === 'string' || (typeof line === 'number' && isEnded))) return { stop: at, left: -1, data };
      if (typeof line === 'string') return line;
      if (typeof line === 'number') return line;
      at = line.end;
      left = line.size;
    }
    const limit = start + pieceBytes;
    const dataEnd = Math.min(at + left, end, at < limit ? limit : at);
    const stop = seek(seeker, bytes, at, dataEnd);
    const taken = stop < 0 ? dataEnd : stop;
    if (at < taken) data.push(at, taken);
    left -= taken - at;
    at = taken;
    const isFull = limit <= at;
    const goesOn = stop < 0;
    if (0 < left && (0 <= stop || isFull)) return { stop: at, left, data, goesOn };
    if (0 < left) return isEnded ? { stop: at, left, data } : end + 1;
    const next = chunkEnd(bytes, at, end);
    if (typeof next === 'string') return at === start ? next : { stop: at, left: 0, data };
    if (end < next) return isEnded && at !== start ? { stop: end, left: -1, data } : isEnded ? say`the body ends in the middle of a chunk` : next;
    at = next;
    left = -1;
    if (0 <= stop || isFull || unit === 'chunk') return { stop: at, left, data, goesOn };
  }
}

function walkPlain({ unit }: OpenBody, { bytes, at, end, isEnded }: Input): Piece | number {
  const limit = Math.min(end, at + pieceBytes);
  const found = seek({ unit, isLineEmpty: true }, bytes, at, limit);
  if (found < 0 && !isEnded && end < at + pieceBytes) return end + 1;
  const stop = found < 0 ? limit : found;
  return { stop, left: 0, data: [at, stop], goesOn: found < 0 };
}

interface Seeker {
  unit: OpenBody['unit'];
  /** nothing but CR has come since the last line feed */
  isLineEmpty: boolean;
}

/** @returns position behind the end of the line, or of the event's empty line; -1 when it is not in `[at, end)` */
function seek(seeker: Seeker, bytes: Uint8Array, at: number, end: number): number {
  if (seeker.unit !== 'event' && seeker.unit !== 'line') return -1;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x0a) {
      if (seeker.isLineEmpty || seeker.unit === 'line') return i + 1;
      seeker.isLineEmpty = true;
    } else if (byte !== 0x0d) {
      seeker.isLineEmpty = false;
    }
  }
  return -1;
}

// ---- what it says ---------------------------------------------------------------------------------------------------

function tell(body: OpenBody, input: Input, { stop, data }: Piece, isCut = false): Decoded {
  const { at, bytes } = input;
  const reader = FieldReader.of(input, stop - at);
  const size = sizeOf(data);
  if (size === 0) return decodedOf(body, input, stop, reader, 'empty line');
  if (!body.isInside && (body.unit === 'event' || body.unit === 'line')) {
    const isWhole = data.length === 2;
    const view = isWhole ? bytes : joined(bytes, data);
    const inner = isWhole ? new FieldReader(bytes, input.base, data[0]!, data[1]!) : new FieldReader(view, 0, 0, view.length, reader.range(at, stop));
    const content = { bytes: view.slice(inner.at, inner.end), mediaType: body.unit === 'event' ? '' : 'application/json', range: reader.range(at, stop), isDecoded: !isWhole };
    const summary = body.unit === 'event' ? eventSummary(readEvent(inner)) : line(inner);
    return decodedOf(body, input, stop, inner, summary, content);
  }
  // A piece of something larger is no JSON, and pieces of something compressed make no sense each for itself.
  const head = body.framing === 'length' && !isCut ? headOf(body) : { ...headOf(body), contentType: 'application/octet-stream', contentEncoding: '' };
  const { words, content } = readPieces(reader, input.context, at, stop, data, head, isCut);
  const from = body.framing === 'length' ? 'body' : `body from byte ${body.told}`;
  return decodedOf(body, input, stop, reader, `${from} · ${words}`, content);
}

function line(reader: FieldReader): string {
  const { bytes, at, end } = reader;
  if (bytes[at] === 0x1e) reader.at += 1;
  if (looksLikeJson(bytes, reader.at, end)) return json(reader, 'line', end - reader.at)?.text ?? '';
  const text = utf8Text(bytes, reader.at, end).trimEnd();
  reader.add('line', at, end, text);
  return text === '' ? 'empty line' : text;
}

/** Pieces of an answer answer the same request; pieces of a request are nobody's answer, and ask for nothing more. */
function decodedOf(body: OpenBody, input: Input, stop: number, { fields, problems }: FieldReader, summary: string, content?: Content): Decoded {
  const isAnswer = input.from === 'upstream';
  return { length: stop - input.at, kind: isAnswer ? 'answer' : 'notice', summary, fields, problems, answers: isAnswer ? body.key : undefined, isPartial: isAnswer, content };
}

function headOf(body: OpenBody): Head {
  return { method: '', target: '', status: 0, reason: '', location: '', contentType: body.mediaType, contentEncoding: body.contentEncoding, transferEncoding: '', connection: '', upgrade: '', extensions: '', subprotocol: '' };
}

function sizeOf(pieces: readonly number[]): number {
  let size = 0;
  for (let i = 0; i < pieces.length; i += 2) size += pieces[i + 1]! - pieces[i]!;
  return size;
}
