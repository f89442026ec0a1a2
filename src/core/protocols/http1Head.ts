// The head of an HTTP/1.x request or response, as far as it has arrived: lines found in place, without copying (RFC 9112 §2-§5).

import { latin1, lower, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';

// RFC 9112 §2.2: a server should ignore at least one empty line before the request line. Two cover what is seen; SIP's keep-alive
// (RFC 5626) is two empty lines and then nothing, which the next byte or the timeout tells apart.
const maxLeadingBytes = 4;

// Longest registered method: UPDATEREDIRECTREF, 17 characters. The rest is room for private ones.
const maxMethodBytes = 32;

const space = 0x20;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const colon = 0x3a;

/** Upper-case letters, `-` and `_`: see the comment in http1.ts for why not every token character. */
const isMethodByte = new Uint8Array(256);
for (let byte = 0x41; byte <= 0x5a; byte++) isMethodByte[byte] = 1;
isMethodByte[0x2d] = 1;
isMethodByte[0x5f] = 1;

/** First byte of a request target in origin, asterisk, absolute or authority form (RFC 9112 §3.2). */
const isTargetStart = new Uint8Array(256);
for (const char of '/*[0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.%') isTargetStart[char.charCodeAt(0)] = 1;

/** Positions in the bytes; -1 = not there yet. */
export interface RequestLine {
  /** is this an HTTP/1.x request line? */
  verdict: Verdict;
  methodStart: number;
  methodEnd: number;
  targetStart: number;
  targetEnd: number;
}

/**
 * Finds the parts of a request line. `match` as soon as `HTTP/1.` is seen in its place.
 *
 * @param line filled and returned, so that a hot caller need not allocate
 */
export function requestLine(bytes: Uint8Array, line: RequestLine = { verdict: 'more', methodStart: -1, methodEnd: -1, targetStart: -1, targetEnd: -1 }): RequestLine {
  line.methodStart = line.methodEnd = line.targetStart = line.targetEnd = -1;
  line.verdict = scan(bytes, line);
  return line;
}

function scan(bytes: Uint8Array, line: RequestLine): Verdict {
  const length = bytes.length;
  let at = 0;
  while (at < length && at < maxLeadingBytes && (bytes[at] === carriageReturn || bytes[at] === lineFeed)) {
    if (bytes[at] === carriageReturn && at + 1 < length && bytes[at + 1] !== lineFeed) return 'no';
    at++;
  }
  if (at === length) return 'more';
  line.methodStart = at;
  while (at < length && isMethodByte[bytes[at] ?? 0] === 1) at++;
  if (at === line.methodStart || maxMethodBytes < at - line.methodStart) return 'no';
  if (at === length) return 'more';
  if (bytes[at] !== space) return 'no';
  line.methodEnd = at;
  // PRI is reserved so that an HTTP/2 preface is never taken for HTTP/1 (RFC 9113 §11.6).
  if (at - line.methodStart === 3 && textAt(bytes, line.methodStart, 'PRI') === 'whole') return 'no';
  // Exactly one space is right; servers accept more (RFC 9112 §3 allows it), so a client that sends two still gets its server.
  while (at < length && bytes[at] === space) at++;
  if (at === length) return 'more';
  if (isTargetStart[bytes[at] ?? 0] !== 1) return 'no';
  line.targetStart = at;
  while (at < length && space < (bytes[at] ?? 0) && bytes[at] !== 0x7f) at++;
  if (at === length) return 'more';
  if (bytes[at] !== space) return 'no';
  line.targetEnd = at;
  while (at < length && bytes[at] === space) at++;
  if (at === length) return 'more';
  const version = textAt(bytes, at, 'HTTP/1.');
  return version === 'whole' ? 'match' : version === 'part' ? 'more' : 'no';
}

/** One header line, in place. */
export interface HeaderLine {
  nameStart: number;
  nameEnd: number;
  valueStart: number;
  valueEnd: number;
}

/**
 * Calls `visit` for each complete header line after the first line of the message.
 *
 * @param from any position in the first line
 * @param visit answers true to stop
 * @returns 'stopped', 'whole' when the empty line was reached, or 'part' while lines may follow
 */
export function eachHeader(bytes: Uint8Array, from: number, visit: (line: HeaderLine) => boolean): 'stopped' | 'whole' | 'part' {
  let start = bytes.indexOf(lineFeed, from) + 1;
  if (start === 0) return 'part';
  const line: HeaderLine = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0 };
  for (;;) {
    const feed = bytes.indexOf(lineFeed, start);
    if (feed < 0) return 'part';
    // A lone LF ends a line too: servers accept it (RFC 9112 §2.2).
    const end = start < feed && bytes[feed - 1] === carriageReturn ? feed - 1 : feed;
    if (end === start) return 'whole';
    const nameEnd = bytes.indexOf(colon, start);
    // Lines without a colon, and continuation lines of the obsolete folding, carry no name: they are stepped over.
    if (start < nameEnd && nameEnd < end && !isBlank(bytes[start] ?? 0)) {
      line.nameStart = start;
      line.nameEnd = nameEnd;
      line.valueStart = nameEnd + 1;
      line.valueEnd = end;
      while (line.valueStart < line.valueEnd && isBlank(bytes[line.valueStart] ?? 0)) line.valueStart++;
      while (line.valueStart < line.valueEnd && isBlank(bytes[line.valueEnd - 1] ?? 0)) line.valueEnd--;
      if (visit(line)) return 'stopped';
    }
    start = feed + 1;
  }
}

/** @param name lower case */
export function isNamed(bytes: Uint8Array, line: HeaderLine, name: string): boolean {
  if (line.nameEnd - line.nameStart !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (lower(bytes[line.nameStart + i] ?? 0) !== name.charCodeAt(i)) return false;
  return true;
}

export function valueOf(bytes: Uint8Array, line: HeaderLine): string {
  return latin1(bytes, line.valueStart, line.valueEnd);
}

/** Is `token` (lower case) one of the comma-separated tokens of the value? `Connection: keep-alive, Upgrade` has `upgrade`. */
export function hasToken(value: string, token: string): boolean {
  return value.split(',').some((part) => part.trim().toLowerCase() === token);
}

/** @returns status code of a response's first line, -1 while it is cut, 0 when these are not response bytes */
export function statusOf(bytes: Uint8Array): number {
  const version = textAt(bytes, 0, 'HTTP/1.');
  if (version !== 'whole') return version === 'part' ? -1 : 0;
  if (bytes.length < 12) return -1;
  const code = Number(latin1(bytes, 9, 12));
  return Number.isInteger(code) && 100 <= code && code <= 999 ? code : 0;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === 0x09;
}
