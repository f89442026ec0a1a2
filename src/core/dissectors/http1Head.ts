// The head of an HTTP/1 message (RFC 9112 §2-§6): first measured without a single string, which says where the message ends, then read.

import { say, type Sentence } from '../../shared/sentences.js';
import { latin1, lower } from '../bytes.js';
import type { Input, Lost } from './dissector.js';
import { utf8Text, type FieldReader } from './fieldReader.js';
import { pairs } from './payload/form.js';
import { maskedText } from './payload/values.js';

/** Servers refuse heads of 8 to 32 KiB; what is longer is no head. */
const maxHeadBytes = 64 << 10;
/** Larger than any body, and still exact as a number. */
const maxContentLength = 2 ** 50;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;

/** What decides how long a message is, and whether it must be told before it is whole. */
export interface Framing {
  /** bytes of the head with its empty line */
  headLength: number;
  /** -1 = not there, -2 = no number, or several that differ */
  contentLength: number;
  hasTransferCoding: boolean;
  /** the last transfer coding is `chunked` */
  isChunked: boolean;
  /** the body is told as it comes, not when it is whole */
  stream: 'events' | 'lines' | 'parts' | undefined;
  expectsContinue: boolean;
  hasUpgrade: boolean;
}

/**
 * Walks over the lines of a head.
 *
 * @returns what is needed (bytes from `at`) while it is not whole
 */
export function measureHead({ bytes, at, end, from }: Input): Framing | Lost | number {
  const firstFault = from === 'client' ? requestFault(bytes, at, end) : statusFault(bytes, at, end);
  if (firstFault !== undefined) return { lost: firstFault };
  const framing: Framing = { headLength: 0, contentLength: -1, hasTransferCoding: false, isChunked: false, stream: undefined, expectsContinue: false, hasUpgrade: false };
  for (let start = at, isFirst = true; ; isFirst = false) {
    const feed = bytes.indexOf(lineFeed, start);
    if (feed < 0 || end <= feed) return maxHeadBytes < end - at ? { lost: say`the head has more than ${maxHeadBytes} bytes` } : end - at + 1;
    const stop = start < feed && bytes[feed - 1] === carriageReturn ? feed - 1 : feed;
    if (stop === start) {
      framing.headLength = feed + 1 - at;
      return framing;
    }
    if (!isFirst) frame(framing, bytes, start, stop);
    start = feed + 1;
    if (maxHeadBytes < start - at) return { lost: say`the head has more than ${maxHeadBytes} bytes` };
  }
}

/** Only a few names matter here: they are told apart by their first letter and length before anything is compared. */
function frame(framing: Framing, bytes: Uint8Array, start: number, stop: number): void {
  switch (lower(bytes[start]!)) {
    case 0x63:
      if (isNamed(bytes, start, stop, 'content-length')) framing.contentLength = lengthOf(bytes, start + 15, stop, framing.contentLength);
      else if (isNamed(bytes, start, stop, 'content-type')) framing.stream = streamOf(latin1(bytes, start + 13, Math.min(stop, start + 80)));
      return;
    case 0x74:
      if (!isNamed(bytes, start, stop, 'transfer-encoding')) return;
      framing.hasTransferCoding = true;
      framing.isChunked = /(?:^|[,\s])chunked\s*$/i.test(latin1(bytes, start + 18, Math.min(stop, start + 200)));
      return;
    case 0x65:
      if (isNamed(bytes, start, stop, 'expect')) framing.expectsContinue = /100-continue/i.test(latin1(bytes, start + 7, Math.min(stop, start + 80)));
      return;
    case 0x75:
      if (isNamed(bytes, start, stop, 'upgrade')) framing.hasUpgrade = true;
  }
}

function isNamed(bytes: Uint8Array, start: number, stop: number, name: string): boolean {
  if (stop < start + name.length + 1) return false;
  // A blank before the colon is wrong, and taken for the same name by some: that is what smuggling lives on.
  const after = bytes[start + name.length];
  if (after !== colon && after !== 0x20) return false;
  for (let i = 1; i < name.length; i++) if (lower(bytes[start + i]!) !== name.charCodeAt(i)) return false;
  return true;
}

/** RFC 9112 §6.3: the same number several times is one number; anything else is none. */
function lengthOf(bytes: Uint8Array, start: number, stop: number, known: number): number {
  // Nearly always: one blank and digits.
  let number = 0;
  let at = bytes[start] === 0x20 ? start + 1 : start;
  const from = at;
  for (; at < stop && at < from + 15; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || 9 < digit) break;
    number = number * 10 + digit;
  }
  if (at === stop && from < at && (known === -1 || known === number)) return number;
  const text = latin1(bytes, start, Math.min(stop, start + 100)).replace(/^\s*:/, '');
  const numbers = text.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : -2));
  const first = numbers[0]!;
  if (numbers.some((number) => number !== first) || maxContentLength < first || (known !== -1 && known !== first)) return -2;
  return first;
}

function streamOf(mediaType: string): Framing['stream'] {
  const type = mediaType.trim().toLowerCase();
  if (type.startsWith('text/event-stream')) return 'events';
  if (/^application\/(?:x-ndjson|ndjson|jsonl|stream\+json|json-seq|x-json-stream)/.test(type)) return 'lines';
  return type.startsWith('multipart/x-mixed-replace') ? 'parts' : undefined;
}

/** A method is a token (RFC 9110 §5.6.2), and what is there of the line must go on as one. @returns what is wrong */
function requestFault(bytes: Uint8Array, at: number, end: number): Sentence | undefined {
  let stop = at;
  while (stop < end && isToken[bytes[stop]!] === 1) stop += 1;
  if (stop === end) return stop - at < 64 ? undefined : say`no method is that long`;
  return at < stop && bytes[stop] === 0x20 ? undefined : say`byte 0x${bytes[stop]!.toString(16).padStart(2, '0')} is in no method`;
}

function statusFault(bytes: Uint8Array, at: number, end: number): Sentence | undefined {
  const text = 'HTTP/';
  for (let i = 0; i < text.length && at + i < end; i++) if (bytes[at + i] !== text.charCodeAt(i)) return say`a response begins with HTTP/`;
  return undefined;
}

/** Token characters (RFC 9110 §5.6.2). */
const isToken = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") isToken[char.charCodeAt(0)] = 1;

// ---- reading --------------------------------------------------------------------------------------------------------

/** What a head says, as far as somebody asks. Values are empty where the header is not there. */
export interface Head {
  method: string;
  /** with secrets masked */
  target: string;
  status: number;
  reason: string;
  contentType: string;
  contentEncoding: string;
  transferEncoding: string;
  connection: string;
  upgrade: string;
  extensions: string;
  subprotocol: string;
  location: string;
}

/** Reads a whole head: the reader stands behind it afterwards. @param stop position behind the empty line */
export function readHead(reader: FieldReader, stop: number, framing: Framing, isRequest: boolean): Head {
  const head: Head = { method: '', target: '', status: 0, reason: '', contentType: '', contentEncoding: '', transferEncoding: '', connection: '', upgrade: '', extensions: '', subprotocol: '', location: '' };
  const { bytes, at } = reader;
  const feed = bytes.indexOf(lineFeed, at);
  const isBare = bytes[feed - 1] !== carriageReturn;
  const lineEnd = isBare ? feed : feed - 1;
  if (isRequest) requestLine(reader, lineEnd, head);
  else statusLine(reader, lineEnd, head);
  if (isBare) reader.problem('warning', say`a line ends with LF alone`, feed, feed + 1);
  reader.at = feed + 1;
  const is11 = bytes[lineEnd - 1] === 0x31 && bytes[lineEnd - 2] === 0x2e;
  // Two bytes are the empty line alone.
  if (2 < stop - reader.at || (isRequest && is11)) headers(reader, 'headers', stop, head, isRequest && is11, isBare);
  else reader.at = stop;
  if (framing.hasTransferCoding) {
    if (framing.contentLength !== -1) reader.problem('warning', say`both Content-Length and Transfer-Encoding: where this ends is read in two ways`, at, stop);
    if (!framing.isChunked) reader.problem('error', say`chunked is not the last transfer coding`, at, stop);
  } else if (framing.contentLength === -2) {
    reader.problem('error', say`Content-Length is no single number`, at, stop);
  }
  return head;
}

/** RFC 9112 §3. */
function requestLine(reader: FieldReader, lineEnd: number, head: Head): void {
  const { bytes, at } = reader;
  const methodEnd = bytes.indexOf(0x20, at);
  head.method = methodOf(bytes, at, methodEnd);
  reader.add('method', at, methodEnd, head.method);
  const last = bytes.lastIndexOf(0x20, lineEnd - 1);
  const hasVersion = methodEnd < last && bytes[last + 1] === 0x48 && bytes[last + 2] === 0x54;
  const targetEnd = hasVersion ? last : lineEnd;
  if (methodEnd + 1 < targetEnd) target(reader, methodEnd + 1, targetEnd, head);
  else reader.problem('error', say`the request line has no target`, at, lineEnd);
  if (hasVersion) reader.add('version', last + 1, lineEnd, utf8Text(bytes, last + 1, lineEnd));
  else reader.problem('error', say`the request line has no version`, at, lineEnd);
}

/** Methods that nearly all requests have: no string is made for them. */
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'CONNECT'];

function methodOf(bytes: Uint8Array, start: number, end: number): string {
  for (const method of methods) if (method.length === end - start && bytes[start] === method.charCodeAt(0) && bytes[start + 1] === method.charCodeAt(1)) return utf8Text(bytes, start, end) === method ? method : utf8Text(bytes, start, end);
  return utf8Text(bytes, start, end);
}

/** Path and query, in origin, absolute, authority and asterisk form (RFC 9112 §3.2). */
function target(reader: FieldReader, start: number, end: number, head: Head): void {
  const { bytes } = reader;
  let pathStart = start;
  if (bytes[start] !== 0x2f && bytes[start] !== 0x2a) {
    // Absolute form: the path begins behind the authority.
    let slashes = 0;
    while (pathStart < end && slashes < 3) if (bytes[pathStart++] === 0x2f) slashes += 1;
    pathStart = slashes === 3 ? pathStart - 1 : start;
  }
  let queryStart = pathStart;
  while (queryStart < end && bytes[queryStart] !== 0x3f) queryStart += 1;
  let hasSecret = false;
  const path = utf8Text(bytes, pathStart, queryStart);
  if (pathStart === start && queryStart === end) head.target = path;
  reader.at = pathStart;
  const outer = reader.fields;
  const own: typeof outer = [];
  reader.fields = own;
  reader.add('path', pathStart, queryStart, path);
  if (queryStart < end) {
    reader.at = queryStart + 1;
    if (reader.at < end) reader.group('query', () => {
      hasSecret = pairs(reader, end);
    }, () => (hasSecret ? maskedText : utf8Text(bytes, queryStart + 1, end)));
  }
  reader.fields = outer;
  if (head.target === '') {
    // `http://user:password@host/`: nobody should, and some do.
    const before = utf8Text(bytes, start, pathStart).replace(/\/\/[^/@]*@/, `//${maskedText}@`);
    head.target = `${before}${path}${queryStart < end ? `?${hasSecret ? maskedText : utf8Text(bytes, queryStart + 1, end)}` : ''}`;
  }
  reader.add('target', start, end, head.target, own);
  reader.at = end;
}

/** RFC 9112 §4. */
function statusLine(reader: FieldReader, lineEnd: number, head: Head): void {
  const { bytes, at } = reader;
  let space = at;
  while (space < lineEnd && bytes[space] !== 0x20) space += 1;
  reader.add('version', at, space, utf8Text(bytes, at, space));
  let codeEnd = space + 1;
  while (codeEnd < lineEnd && bytes[codeEnd] !== 0x20) codeEnd += 1;
  const code = utf8Text(bytes, Math.min(space + 1, lineEnd), Math.min(codeEnd, lineEnd));
  if (/^[1-9]\d\d$/.test(code)) {
    head.status = Number(code);
    reader.add('status', space + 1, codeEnd, code, undefined, head.status);
  } else {
    reader.problem('error', say`the status is no number of three digits`, at, lineEnd);
  }
  if (codeEnd + 1 < lineEnd) {
    head.reason = utf8Text(bytes, codeEnd + 1, lineEnd);
    reader.add('reason', codeEnd + 1, lineEnd, head.reason);
  }
}

/** Header or trailer lines up to `stop`, the empty line included (RFC 9112 §5). */
export function headers(reader: FieldReader, name: string, stop: number, head: Head, needsHost = false, isToldBare = false): void {
  const { bytes, at: start } = reader;
  let count = 0;
  let hosts = 0;
  let isBareTold = isToldBare;
  let feed = start - 1;
  reader.group(name, () => {
    while (reader.at < stop) {
      const { at } = reader;
      feed = bytes.indexOf(lineFeed, at);
      if (feed < 0 || stop <= feed) feed = stop - 1;
      let lineEnd = bytes[feed - 1] === carriageReturn && at < feed ? feed - 1 : feed;
      if (lineEnd === feed && !isBareTold) {
        isBareTold = true;
        reader.problem('warning', say`a line ends with LF alone`, feed, feed + 1);
      }
      if (lineEnd === at) break;
      // Continuation lines (RFC 9112 §5.2) belong to the value before them.
      let next = feed + 1;
      while (next < stop && (bytes[next] === 0x20 || bytes[next] === 0x09)) {
        reader.problem('warning', say`a folded header line`, at, next);
        const folded = bytes.indexOf(lineFeed, next);
        feed = folded < 0 || stop <= folded ? stop - 1 : folded;
        lineEnd = bytes[feed - 1] === carriageReturn ? feed - 1 : feed;
        next = feed + 1;
      }
      if (header(reader, at, lineEnd, head)) hosts += 1;
      count += 1;
      reader.at = next;
    }
    reader.at = stop;
  }, () => (count === 1 ? '1 header' : `${count} headers`));
  if (1 < hosts) reader.problem('error', say`two Host headers`, start, stop);
  if (needsHost && hosts === 0) reader.problem('warning', say`no Host header`, start, stop);
}

/** @returns whether it is `host` */
function header(reader: FieldReader, start: number, end: number, head: Head): boolean {
  const { bytes } = reader;
  let nameEnd = start;
  while (nameEnd < end && isToken[bytes[nameEnd]!] === 1) nameEnd += 1;
  let valueStart = nameEnd;
  if (bytes[nameEnd] !== colon || nameEnd === start || nameEnd === end) {
    while (valueStart < end && bytes[valueStart] !== colon) valueStart += 1;
    if (valueStart === end) {
      reader.problem('error', say`a header line without a colon`, start, end);
      reader.add('line', start, end, utf8Text(bytes, start, end));
      return false;
    }
    const isBlank = nameEnd < valueStart && (bytes[nameEnd] === 0x20 || bytes[nameEnd] === 0x09);
    reader.problem('error', isBlank ? say`a blank before the colon` : say`a header name with characters that none has`, start, valueStart);
  }
  const name = nameOf(bytes, start, nameEnd === start ? valueStart : nameEnd);
  valueStart += 1;
  while (valueStart < end && isBlank(bytes[valueStart]!)) valueStart += 1;
  let valueEnd = end;
  while (valueStart < valueEnd && isBlank(bytes[valueEnd - 1]!)) valueEnd -= 1;
  const value = utf8Text(bytes, valueStart, valueEnd);
  const shown = maskedValue(name, value);
  const field = reader.add(name, start, end, shown ?? value);
  if (shown !== undefined && field !== undefined) field.isSecret = true;
  keep(head, name, value);
  return name === 'host';
}

function keep(head: Head, name: string, value: string): void {
  switch (name) {
    case 'content-type':
      head.contentType = value;
      return;
    case 'content-encoding':
      head.contentEncoding = joined(head.contentEncoding, value);
      return;
    case 'transfer-encoding':
      head.transferEncoding = joined(head.transferEncoding, value);
      return;
    case 'connection':
      head.connection = joined(head.connection, value);
      return;
    case 'upgrade':
      head.upgrade = joined(head.upgrade, value);
      return;
    case 'sec-websocket-extensions':
      head.extensions = joined(head.extensions, value);
      return;
    case 'sec-websocket-protocol':
      head.subprotocol = value;
      return;
    case 'location':
      head.location = value;
  }
}

/** Lines of the same name are one list (RFC 9110 §5.3). */
function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'api-key', 'x-auth-token', 'x-access-token', 'x-amz-security-token', 'x-goog-api-key', 'x-vault-token', 'private-token', 'x-csrf-token', 'x-xsrf-token']);

/** @returns what is shown instead of a secret: the scheme and the names of cookies stay, since they are what one looks for; undefined for other headers */
export function maskedValue(name: string, value: string): string | undefined {
  if (!secretHeaders.has(name)) return undefined;
  switch (name) {
    case 'authorization':
    case 'proxy-authorization': {
      const scheme = /^[\w-]+(?= )/.exec(value)?.[0];
      return scheme === undefined ? maskedText : `${scheme} ${maskedText}`;
    }
    case 'cookie':
      return value.replace(/=[^;]*/g, `=${maskedText}`);
    case 'set-cookie':
      return value.replace(/=[^;]*/, `=${maskedText}`);
    default:
      return maskedText;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

/** Names that nearly all heads are made of: no string is made for them, whatever their case. */
const known = new Map<number, string>();
for (const name of `host user-agent accept accept-encoding accept-language connection content-type content-length content-encoding cache-control pragma cookie set-cookie
  authorization origin referer date server etag last-modified if-none-match if-modified-since vary location transfer-encoding upgrade keep-alive expires age via
  x-forwarded-for x-forwarded-proto x-forwarded-host x-real-ip x-request-id x-powered-by access-control-allow-origin access-control-allow-headers
  access-control-allow-methods access-control-allow-credentials strict-transport-security x-content-type-options x-frame-options x-xss-protection
  content-security-policy referrer-policy accept-ranges range content-range sec-fetch-site sec-fetch-mode sec-fetch-dest sec-fetch-user sec-ch-ua sec-ch-ua-mobile
  sec-ch-ua-platform upgrade-insecure-requests dnt traceparent tracestate content-disposition x-requested-with te trailer expect allow priority`.split(/\s+/)) known.set(hashOf(Uint8Array.from(name, (char) => char.charCodeAt(0)), 0, name.length), name);

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + lower(bytes[at]!)) | 0;
  return hash;
}

function nameOf(bytes: Uint8Array, start: number, end: number): string {
  const name = known.get(hashOf(bytes, start, end));
  if (name !== undefined && name.length === end - start) {
    let i = 0;
    while (i < name.length && lower(bytes[start + i]!) === name.charCodeAt(i)) i += 1;
    if (i === name.length) return name;
  }
  return latin1(bytes, start, Math.min(end, start + 200)).toLowerCase();
}
