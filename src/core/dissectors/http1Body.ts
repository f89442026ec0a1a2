// Bodies of HTTP/1 (RFC 9112 §6, §7): chunks are put together, codings undone, and what comes out is shown as what it is.

import type { Content } from '../../shared/message.js';
import { say, type Sentence } from '../../shared/sentences.js';
import type { DissectContext } from './dissector.js';
import type { FieldReader } from './fieldReader.js';
import { headers, type Head } from './http1Head.js';
import { sizeText } from './payload/values.js';
import { essence, viewDecoded, viewPayload } from './payload/view.js';

/** A size, and extensions that hardly anybody sends. */
const maxSizeLineBytes = 4 << 10;
/** Trailer fields are a few lines (RFC 9112 §7.1.2). */
const maxTrailerBytes = 64 << 10;
/** Larger than any chunk, and still exact as a number. */
const maxChunkBytes = 2 ** 48;
/** A body of 1 MiB may be that much once decompressed; text shrinks to a tenth at best. */
const maxDecodedBytes = 8 << 20;
/** Chunks that are listed; the body is shown as a whole anyway. */
const maxListedChunks = 100;

const lineFeed = 0x0a;

/** The line in front of a chunk. */
export interface ChunkLine {
  size: number;
  /** position behind the line */
  end: number;
}

/** @returns the line at `at`; a number while it is not whole (position that is needed); a phrase when it is none */
export function chunkLine(bytes: Uint8Array, at: number, end: number): ChunkLine | number | Sentence {
  let size = 0;
  let stop = at;
  for (; stop < end; stop++) {
    const digit = hexDigit(bytes[stop]!);
    if (digit < 0) break;
    size = size * 16 + digit;
    if (maxChunkBytes < size) return say`no chunk is that long`;
  }
  if (stop === end) return end + 1;
  const after = bytes[stop]!;
  if (stop === at || (after !== 0x0d && after !== lineFeed && after !== 0x3b && after !== 0x20 && after !== 0x09)) return say`the size of a chunk should stand here`;
  const feed = bytes.indexOf(lineFeed, stop);
  if (feed < 0 || end <= feed) return maxSizeLineBytes < end - at ? say`the line of a chunk has no end` : end + 1;
  return maxSizeLineBytes < feed - at ? say`the line of a chunk has no end` : { size, end: feed + 1 };
}

function hexDigit(byte: number): number {
  if (0x30 <= byte && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return 0x61 <= letter && letter <= 0x66 ? letter - 0x57 : -1;
}

/** @returns position behind the empty line after the last chunk; a number past `end` while it is not there; a phrase when there are too many trailers */
export function trailersEnd(bytes: Uint8Array, at: number, end: number): number | Sentence {
  for (let start = at; ; ) {
    const feed = bytes.indexOf(lineFeed, start);
    if (feed < 0 || end <= feed) return maxTrailerBytes < end - at ? say`the trailers have no end` : end + 1;
    if (feed === start || (feed === start + 1 && bytes[start] === 0x0d)) return feed + 1;
    start = feed + 1;
    if (maxTrailerBytes < start - at) return say`the trailers have no end`;
  }
}

/** @returns position behind the line end after a chunk's data; a number past `end` while it is not there; a phrase when it is none */
export function chunkEnd(bytes: Uint8Array, at: number, end: number): number | Sentence {
  if (end <= at) return at + 2;
  if (bytes[at] === lineFeed) return at + 1;
  if (bytes[at] !== 0x0d) return say`a chunk is longer than its size`;
  if (end <= at + 1) return at + 2;
  return bytes[at + 1] === lineFeed ? at + 2 : say`a chunk is longer than its size`;
}

/** How far a chunked body goes. */
export interface Chunked {
  /** position behind it, or at which it breaks */
  stop: number;
  /** position up to which bytes are needed; `stop` when it is whole */
  needs: number;
  fault?: Sentence;
}

export function measureChunked(bytes: Uint8Array, start: number, end: number): Chunked {
  for (let at = start; ; ) {
    const line = chunkLine(bytes, at, end);
    if (typeof line === 'string') return { stop: at, needs: at, fault: line };
    if (typeof line === 'number') return { stop: at, needs: line };
    const next = line.size === 0 ? trailersEnd(bytes, line.end, end) : chunkEnd(bytes, line.end + line.size, end);
    if (typeof next === 'string') return { stop: line.size === 0 ? line.end : line.end + line.size, needs: 0, fault: next };
    if (end < next) return { stop: at, needs: next };
    if (line.size === 0) return { stop: next, needs: next };
    at = next;
  }
}

/** A body as it goes into a message. */
export interface Body {
  /** "json · 4.8 KB" */
  words: string;
  content: Content | undefined;
}

/**
 * @param stop end of the body, or of what is there of it; the reader stands at its beginning and is moved there
 * @param size of the whole body where more of it comes, else undefined
 */
export function readBody(reader: FieldReader, context: DissectContext, stop: number, isChunked: boolean, head: Head, isCut: boolean, size?: number): Body {
  const { at } = reader;
  const pieces = isChunked ? chunks(reader, at, stop, head) : [at, stop];
  return readPieces(reader, context, at, stop, pieces, head, isCut, size);
}

/** @param pieces starts and ends of the data inside `[start, stop)` */
export function readPieces(reader: FieldReader, context: DissectContext, start: number, stop: number, pieces: readonly number[], head: Head, isCut: boolean, wholeSize?: number): Body {
  const { bytes } = reader;
  const outerEnd = reader.end;
  const size = sizeOf(pieces);
  reader.at = stop;
  if (size === 0) return { words: '', content: undefined };
  let data = pieces.length === 2 ? bytes.subarray(pieces[0], pieces[1]) : joined(bytes, pieces);
  const codings = codingsOf(head);
  let isDecoded = 2 < pieces.length;
  for (const coding of codings) {
    const plain = context.decompress(coding, data, maxDecodedBytes);
    if (typeof plain === 'string') {
      reader.problem(isCut ? 'note' : 'warning', say`the body is not decompressed: ${plain}`, start, stop);
      break;
    }
    data = plain;
    isDecoded = true;
  }
  let word: string;
  if (isDecoded) {
    word = viewDecoded(reader, data, start, stop, head.contentType, isCut);
  } else {
    reader.at = pieces[0]!;
    reader.end = pieces[1]!;
    word = viewPayload(reader, size, head.contentType, isCut);
    reader.end = outerEnd;
  }
  reader.at = stop;
  const kind = codings.length === 0 ? word : [word, ...codings].filter((one) => one !== '').join(', ');
  return {
    words: `${kind} · ${sizeText(wholeSize ?? size)}`,
    // What is decoded is a new array already.
    content: { bytes: isDecoded ? data : data.slice(), mediaType: essence(head.contentType), range: reader.range(start, stop), isDecoded },
  };
}

/** Codings in the order in which they are undone: the last one first (RFC 9110 §8.4, RFC 9112 §6.1). */
function codingsOf(head: Head): string[] {
  if (head.contentEncoding === '' && (head.transferEncoding === '' || head.transferEncoding.length === 7)) return [];
  const names = `${head.contentEncoding},${head.transferEncoding}`.split(',').map((name) => name.trim().toLowerCase());
  // More than a few are only sent to hurt.
  return names.filter((name) => name !== '' && name !== 'identity' && name !== 'chunked').reverse().slice(0, 4);
}

function sizeOf(pieces: readonly number[]): number {
  let size = 0;
  for (let i = 0; i < pieces.length; i += 2) size += pieces[i + 1]! - pieces[i]!;
  return size;
}

export function joined(bytes: Uint8Array, pieces: readonly number[]): Uint8Array {
  const whole = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (let i = 0; i < pieces.length; i += 2) {
    whole.set(bytes.subarray(pieces[i], pieces[i + 1]), at);
    at += pieces[i + 1]! - pieces[i]!;
  }
  return whole;
}

/** Lists chunks, their extensions and the trailers. @returns starts and ends of their data */
function chunks(reader: FieldReader, start: number, stop: number, head: Head): number[] {
  const { bytes } = reader;
  const pieces: number[] = [];
  let trailersAt = stop;
  let size = 0;
  let count = 0;
  reader.group('chunks', () => {
    for (let at = start; at < stop; count++) {
      const line = chunkLine(bytes, at, stop);
      if (typeof line !== 'object') break;
      const dataEnd = Math.min(stop, line.end + line.size);
      const after = chunkEnd(bytes, dataEnd, stop);
      const next = typeof after === 'string' || stop < after ? stop : after;
      if (line.size === 0) {
        trailersAt = line.end;
        if (count < maxListedChunks) chunk(reader, at, line.end, 'last');
        break;
      }
      if (count < maxListedChunks) {
        reader.at = at;
        chunk(reader, at, next, sizeText(line.size), line.end);
      }
      if (line.end < dataEnd) pieces.push(line.end, dataEnd);
      size += dataEnd - line.end;
      at = next;
    }
    reader.at = trailersAt;
  }, () => `${count === 1 ? '1 chunk' : `${count} chunks`}, ${sizeText(size)}`);
  if (trailersAt < stop) {
    const isEmpty = stop - trailersAt <= 2 && bytes[stop - 1] === lineFeed;
    reader.at = trailersAt;
    if (!isEmpty) headers(reader, 'trailers', stop, { ...head });
  }
  reader.at = stop;
  return pieces.length === 0 ? [start, start] : pieces;
}

/** Extensions (RFC 9112 §7.1.1) are a field of their own. */
function chunk(reader: FieldReader, start: number, end: number, text: string, lineEnd = end): void {
  const { bytes } = reader;
  let semicolon = start;
  while (semicolon < lineEnd && bytes[semicolon] !== 0x3b) semicolon += 1;
  if (semicolon === lineEnd) {
    reader.add('chunk', start, end, text);
    return;
  }
  reader.at = start;
  reader.group('chunk', () => {
    let stop = lineEnd - 1;
    if (semicolon + 1 < stop && bytes[stop - 1] === 0x0d) stop -= 1;
    reader.at = Math.min(semicolon + 1, stop);
    reader.text('extension', stop - reader.at);
    reader.at = end;
  }, text);
}
