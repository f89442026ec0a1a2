// HTTP/1.0 and HTTP/1.1 (RFC 9112): requests and answers with their bodies, pipelines, and what a connection becomes after Upgrade and
// CONNECT. Whatever two readers could understand differently (request smuggling) is a problem of the message.

import { say, type Sentence } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import type { Decoded, Dissector, Handover, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { measureChunked, readBody } from './http1Body.js';
import { measureHead, readHead, type Framing, type Head } from './http1Head.js';
import { nextPiece, type OpenBody } from './http1Stream.js';
import { websocketOptions } from './websocketOptions.js';

/** A body up to this size is one message with its head: most are, and each is shown as a whole. Larger ones are shown by their beginning. */
const maxMessageBytes = 1 << 20;
/** Requests whose answer is awaited. Pipelines are far shorter. */
const maxAsked = 4096;

/** A request without its answer, as far as the answer depends on it. */
interface Asked {
  key: number;
  method: string;
  target: string;
}

interface Http1State {
  asked: Asked[];
  nextKey: number;
  /**
   * An answer that came before its request was whole (413 to an upload): 'now' = that request waits for none any more. It is believed once,
   * since servers close afterwards, and since an answer without a request may also mean that watching began in the middle.
   */
  early: 'not yet' | 'now' | 'was';
  /** request after which the connection may speak something else: what the client says behind it waits for the answer */
  leaving: number | undefined;
  client: OpenBody | undefined;
  upstream: OpenBody | undefined;
}

export const http1: Dissector<Http1State> = {
  id: 'http1',
  maxMessageBytes,
  start: () => ({ asked: [], nextKey: 1, early: 'not yet', leaving: undefined, client: undefined, upstream: undefined }),
  next,
  mayStart,
  lost: (state, from) => {
    // Which answer belongs to which request is not known any more.
    state[from] = undefined;
    state.asked = [];
    state.early = 'was';
    state.leaving = undefined;
  },
};

/** The same, where the connection begins with CONNECT: what comes behind the answer is another layer. */
export const httpConnect: Dissector<Http1State> = { ...http1, id: 'http-connect' };

function next(state: Http1State, input: Input): Next {
  const { bytes, at, end, from } = input;
  const body = state[from];
  if (body !== undefined) return nextPiece(body, input, () => (state[from] = undefined));
  if (from === 'client' && state.leaving !== undefined && !input.isOtherEnded) return 0;
  // Empty lines in front are ignored (RFC 9112 §2.2).
  if (bytes[at] === 0x0a) return emptyLine(1);
  if (bytes[at] === 0x0d) {
    if (end <= at + 1) return 2;
    return bytes[at + 1] === 0x0a ? emptyLine(2) : { lost: say`CR alone starts no message` };
  }
  const framing = measureHead(input);
  if (typeof framing === 'number' || 'lost' in framing) return framing;
  return from === 'client' ? request(state, input, framing) : answer(state, input, framing);
}

function emptyLine(length: number): Decoded {
  return { length, kind: 'notice', summary: 'empty line', fields: [], problems: [] };
}

/** A method that is known and a target; a status line. Bodies need not end with a line end, so any position will do. */
function mayStart(_state: Http1State, { bytes, at, end, from, before }: Input): Verdict {
  if (from === 'upstream') return begins(bytes, at, end, 'HTTP/1.');
  if (isLetter(before)) return 'no';
  let verdict: Verdict = 'no';
  for (const start of starts) {
    const found = begins(bytes, at, end, start);
    if (found === 'match') return 'match';
    if (found === 'more') verdict = 'more';
  }
  return verdict;
}

const starts = ['GET /', 'POST /', 'PUT /', 'DELETE /', 'HEAD /', 'OPTIONS /', 'OPTIONS *', 'PATCH /', 'GET http', 'POST http', 'CONNECT ', 'PROPFIND /', 'REPORT /', 'TRACE /'];

function begins(bytes: Uint8Array, at: number, end: number, text: string): Verdict {
  for (let i = 0; i < text.length; i++) {
    if (end <= at + i) return 'more';
    if (bytes[at + i] !== text.charCodeAt(i)) return 'no';
  }
  return 'match';
}

function isLetter(byte: number): boolean {
  return 0x41 <= byte && byte <= 0x5a;
}

// ---- where a message ends -------------------------------------------------------------------------------------------

/** How the end of the body is found (RFC 9112 §6.3). */
type Ending = { by: 'length'; length: number } | { by: 'chunks' } | { by: 'close' };

/** What of a message is there, and what it will be told as. */
interface Extent {
  /** position behind what is there of the body */
  stop: number;
  /** bytes of the message, as far as it is known; may pass what is there */
  length: number;
  isCut: boolean;
  fault?: Sentence;
}

/** @returns 'split' when head and body are told apart; a number while more is needed */
function extentOf(input: Input, framing: Framing, ending: Ending): Extent | 'split' | number {
  const { bytes, at, end, isEnded } = input;
  const start = at + framing.headLength;
  const there = end - at;
  switch (ending.by) {
    case 'length': {
      const length = framing.headLength + ending.length;
      if (maxMessageBytes < length && maxMessageBytes <= there) return { stop: at + maxMessageBytes, length, isCut: true };
      if (length <= there) return { stop: at + length, length, isCut: false };
      if (isEnded) return { stop: end, length: there, isCut: true, fault: say`Content-Length says ${ending.length} bytes, ${end - start} are there` };
      return Math.min(length, maxMessageBytes);
    }
    case 'chunks': {
      const { stop, needs, fault } = measureChunked(bytes, start, end);
      if (maxMessageBytes < stop - at || maxMessageBytes < needs - at) return 'split';
      if (fault !== undefined) return { stop, length: stop - at, isCut: true, fault };
      if (needs === stop) return { stop, length: stop - at, isCut: false };
      return isEnded ? { stop: end, length: there, isCut: true, fault: say`the chunked body has no end` } : needs - at;
    }
    case 'close':
      if (maxMessageBytes < there) return 'split';
      return isEnded ? { stop: end, length: there, isCut: false } : there + 1;
  }
}

function openBody(framing: Framing, ending: Ending, head: Head, key: number | undefined): OpenBody {
  const isCoded = head.contentEncoding !== '' && head.contentEncoding !== 'identity';
  // Of something compressed, events and lines cannot be seen one by one.
  const unit = framing.stream === undefined ? 'piece' : framing.stream === 'parts' || isCoded ? 'chunk' : framing.stream === 'events' ? 'event' : 'line';
  return {
    framing: ending.by === 'chunks' ? 'chunked' : ending.by,
    unit,
    left: ending.by === 'length' ? ending.length : -1,
    key,
    mediaType: head.contentType,
    contentEncoding: isCoded ? head.contentEncoding : '',
    told: 0,
    isInside: false,
  };
}

// ---- requests -------------------------------------------------------------------------------------------------------

function request(state: Http1State, input: Input, framing: Framing): Next {
  const ending: Ending = framing.isChunked ? { by: 'chunks' } : { by: 'length', length: framing.contentLength < 0 || framing.hasTransferCoding ? 0 : framing.contentLength };
  const hasBody = ending.by === 'chunks' || (ending.by === 'length' && 0 < ending.length);
  // The answer 100 comes between the two (RFC 9110 §10.1.1).
  const isApart = hasBody && (framing.expectsContinue || (framing.stream !== undefined && ending.by === 'chunks'));
  const extent = isApart ? 'split' : extentOf(input, framing, ending);
  if (typeof extent === 'number') return extent;
  const reader = FieldReader.of(input);
  const head = readHead(reader, input.at + framing.headLength, framing, true);
  const key = state.nextKey++;
  const asks = expectAnswer(state, key, head, framing);
  const content = hasBody && extent !== 'split' ? bodyOf(reader, input, extent, ending, head).content : undefined;
  if (extent === 'split') state.client = openBody(framing, ending, head, undefined);
  return {
    length: extent === 'split' ? framing.headLength : extent.length,
    kind: 'request',
    summary: `${head.method} ${head.target}`,
    fields: reader.fields,
    problems: reader.problems,
    asks,
    content,
  };
}

/** @returns what its answer will name; undefined when it was answered already */
function expectAnswer(state: Http1State, key: number, head: Head, framing: Framing): number | undefined {
  if (state.early === 'now') {
    state.early = 'was';
    return undefined;
  }
  if (maxAsked <= state.asked.length) state.asked.shift();
  state.asked.push({ key, method: head.method, target: head.target });
  if (head.method === 'CONNECT' || framing.hasUpgrade) state.leaving = key;
  return key;
}

function bodyOf(reader: FieldReader, input: Input, extent: Extent, ending: Ending, head: Head): ReturnType<typeof readBody> {
  const start = reader.at;
  const body = readBody(reader, input.context, extent.stop, ending.by === 'chunks', head, extent.isCut, ending.by === 'length' && extent.fault === undefined ? ending.length : undefined);
  if (extent.fault !== undefined) reader.problem('error', extent.fault, start, extent.stop);
  return body;
}

// ---- answers --------------------------------------------------------------------------------------------------------

function answer(state: Http1State, input: Input, framing: Framing): Next {
  const { bytes, at } = input;
  const status = (bytes[at + 9]! - 0x30) * 100 + (bytes[at + 10]! - 0x30) * 10 + (bytes[at + 11]! - 0x30);
  const asked = state.asked[0];
  const isInterim = 100 <= status && status <= 199;
  const isTunnel = asked?.method === 'CONNECT' && 200 <= status && status <= 299;
  const hasBody = !isInterim && !isTunnel && status !== 204 && status !== 304 && asked?.method !== 'HEAD';
  const ending = hasBody ? endingOf(framing) : { by: 'length' as const, length: 0 };
  const isApart = framing.stream !== undefined && hasBody && ending.by !== 'length';
  const extent = isApart ? 'split' : extentOf(input, framing, ending);
  if (typeof extent === 'number') return extent;
  const reader = FieldReader.of(input);
  const head = readHead(reader, at + framing.headLength, framing, false);
  const key = asked?.key;
  const decoded: Decoded = {
    length: framing.headLength,
    kind: 'answer',
    summary: statusWords(head),
    fields: reader.fields,
    problems: reader.problems,
    answers: key,
    isPartial: false,
    handover: undefined,
    content: undefined,
  };
  if (isInterim && status !== 101) {
    decoded.isPartial = true;
    return decoded;
  }
  settle(state, asked);
  if (status === 101) {
    decoded.handover = upgrade(head, asked);
    decoded.summary += ` · ${head.upgrade}`;
  } else if (isTunnel) {
    decoded.handover = { to: 'detect' };
  } else if (extent === 'split') {
    state.upstream = openBody(framing, ending, head, key);
    decoded.summary += ` · ${framing.stream ?? 'body follows'}`;
    decoded.isPartial = true;
  } else {
    decoded.length = extent.length;
    if (hasBody && at + framing.headLength < extent.stop) {
      const { words, content } = bodyOf(reader, input, extent, ending, head);
      if (words !== '') decoded.summary += ` · ${words}`;
      decoded.content = content;
    }
  }
  return decoded;
}

function endingOf(framing: Framing): Ending {
  if (framing.hasTransferCoding) return framing.isChunked ? { by: 'chunks' } : { by: 'close' };
  return framing.contentLength < 0 ? { by: 'close' } : { by: 'length', length: framing.contentLength };
}

/** The final answer is there. */
function settle(state: Http1State, asked: Asked | undefined): void {
  if (asked === undefined) {
    if (state.early === 'not yet') state.early = 'now';
    return;
  }
  state.asked.shift();
  if (state.leaving === asked.key) state.leaving = undefined;
}

/** `302 Found → /login`; the query of a location often holds a token. */
function statusWords({ status, reason, location }: Head): string {
  const words = reason === '' ? String(status) : `${status} ${reason}`;
  return location === '' ? words : `${words} → ${location.replace(/[?#].*$/s, '?…')}`;
}

/** What `Upgrade` of a 101 names (RFC 9110 §7.8, §15.2.2). */
function upgrade(head: Head, asked: Asked | undefined): Handover {
  const to = head.upgrade.toLowerCase().split(',')[0]?.trim() ?? '';
  if (to === 'websocket') return { to, options: websocketOptions(head.extensions, head.subprotocol, asked?.target ?? '') };
  // The request that asked for it is stream 1 (RFC 7540 §3.2).
  if (to === 'h2c') return { to: 'http2', options: { upgraded: true, method: asked?.method ?? '', path: asked?.target ?? '' } };
  return { to: to.startsWith('tls/') ? 'tls' : 'detect' };
}
