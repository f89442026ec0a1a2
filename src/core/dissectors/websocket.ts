// WebSocket (RFC 6455): every frame is a message; the last one of a fragmented message shows it whole. Messages compressed with
// permessage-deflate (RFC 7692) are shown as what they were; what is JSON is shown as a tree, and remote calls inside are told as such.

import type { Content, Field } from '../../shared/message.js';
import type { Speaker } from '../../shared/flow.js';
import { say } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { bytesText, FieldReader, utf8Text } from './fieldReader.js';
import { looksLikeJson } from './payload/json.js';
import { sizeText } from './payload/values.js';
import { viewDecoded, viewPayload } from './payload/view.js';
import { callOf, member, type Call } from './rpcWords.js';
import { closeWords, isSendable, opcodeNames } from './websocketWords.js';

/** Larger frames are shown by their beginning. */
const maxMessageBytes = 1 << 20;
/** Fragments that are kept until the last one comes, per speaker; what is longer is not put together. */
const maxGatheredBytes = 1 << 20;
/** What a message may be once decompressed. */
const maxInflatedBytes = 4 << 20;
/** The window of deflate (RFC 1951 §3.2.5). */
const windowBytes = 32 << 10;
/** RFC 7692 §7.2.2: the sender took these off. */
const flushTail = [0x00, 0x00, 0xff, 0xff];

interface Side {
  /** fragments of a message that is not whole */
  gathered: Uint8Array[];
  gatheredBytes: number;
  opcode: number;
  isCompressed: boolean;
  /** what came before, as far as deflate may refer to it */
  window: Uint8Array;
  /** something is missing that later messages refer to */
  isBlind: boolean;
  forgets: boolean;
  hasClosed: boolean;
}

interface WebsocketState {
  client: Side;
  upstream: Side;
  isDeflated: boolean;
  isDevtools: boolean;
}

export const websocket: Dissector<WebsocketState> = {
  id: 'websocket',
  maxMessageBytes,
  start: (_context, options) => ({
    client: side(options?.clientForgets === true),
    upstream: side(options?.upstreamForgets === true),
    isDeflated: options?.deflate === true,
    isDevtools: options?.isDevtools === true,
  }),
  next,
  mayStart,
  lost: (state, from) => {
    state[from].gathered = [];
    state[from].gatheredBytes = 0;
    state[from].opcode = 0;
    state[from].isBlind = !state[from].forgets;
  },
};

function side(forgets: boolean): Side {
  return { gathered: [], gatheredBytes: 0, opcode: 0, isCompressed: false, window: new Uint8Array(0), isBlind: false, forgets, hasClosed: false };
}

/** Behind a gap: a frame of an opcode that is in use, masked as that speaker has to, and text that begins as text does. */
function mayStart(_state: WebsocketState, { bytes, at, end, from }: Input): Verdict {
  const first = bytes[at]!;
  if (first !== 0x81 && first !== 0x82 && first !== 0xc1 && first !== 0xc2 && first !== 0x89 && first !== 0x8a && first !== 0x88) return 'no';
  if (end <= at + 1) return 'more';
  if (0x80 <= bytes[at + 1]! !== (from === 'client')) return 'no';
  if (first !== 0x81 || from === 'client') return 'match';
  const start = at + (bytes[at + 1] === 126 ? 4 : bytes[at + 1] === 127 ? 10 : 2);
  if (end <= start) return 'more';
  return 0x20 <= bytes[start]! && bytes[start]! < 0x7f ? 'match' : 'no';
}

// ---- frames ---------------------------------------------------------------------------------------------------------

interface Frame {
  isFinal: boolean;
  reserved: number;
  opcode: number;
  isMasked: boolean;
  headLength: number;
  length: number;
}

/** RFC 6455 §5.2. */
function frameAt({ bytes, at, end }: Input): Frame | number {
  if (end - at < 2) return 2;
  const first = bytes[at]!;
  const second = bytes[at + 1]!;
  const short = second & 0x7f;
  const isMasked = 0x80 <= second;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const headLength = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (end - at < headLength) return headLength;
  let length = short;
  if (0 < lengthBytes) {
    length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[at + 2 + i]!;
  }
  return { isFinal: 0x80 <= first, reserved: (first >> 4) & 7, opcode: first & 15, isMasked, headLength, length };
}

function next(state: WebsocketState, input: Input): Next {
  const frame = frameAt(input);
  if (typeof frame === 'number') return frame;
  if (Number.MAX_SAFE_INTEGER < frame.length) return { lost: say`no frame is that long` };
  const whole = frame.headLength + frame.length;
  if (!available(input, whole, maxMessageBytes)) return Math.min(whole, maxMessageBytes);
  const there = Math.min(whole, maxMessageBytes);
  const reader = FieldReader.of(input, there);
  readHead(reader, frame, input, state);
  const payload = payloadOf(reader, frame);
  const decoded = 8 <= frame.opcode ? control(state[input.from], input.from, reader, frame, payload) : data(state, input, reader, frame, payload, there < whole);
  decoded.length = whole;
  return decoded;
}

function readHead(reader: FieldReader, { isFinal, reserved, opcode, isMasked, headLength, length }: Frame, { at, from }: Input, state: WebsocketState): void {
  const name = opcodeNames[opcode];
  reader.add('fin', at, at + 1, String(isFinal), undefined, isFinal);
  if (reserved !== 0) reader.add('reserved', at, at + 1, reserved === 4 ? 'compressed' : String(reserved), undefined, reserved);
  reader.add('opcode', at, at + 1, name ?? `${opcode}, which is not in use`, undefined, opcode);
  const maskStart = at + headLength - (isMasked ? 4 : 0);
  reader.add('length', at + 1, maskStart, String(length), undefined, length);
  if (isMasked) reader.add('masking key', maskStart, at + headLength, bytesText(reader.bytes.subarray(maskStart, maskStart + 4)));
  reader.at = at + headLength;
  const isControl = 8 <= opcode;
  if (name === undefined) reader.problem('error', say`opcode ${opcode} is not in use`, at, at + 1);
  if (isControl && !isFinal) reader.problem('error', say`a control frame is not fragmented`, at, at + 1);
  if (isControl && 125 < length) reader.problem('error', say`a control frame has 125 bytes at most`, at + 1, maskStart);
  // RFC 7692 §6.1: only the first frame of a message has the bit.
  if ((reserved & 3) !== 0 || (reserved === 4 && (isControl || opcode === 0 || !state.isDeflated))) reader.problem('error', say`reserved bits without an extension that uses them`, at, at + 1);
  if (isMasked !== (from === 'client')) reader.problem('error', from === 'client' ? say`what a client sends is masked` : say`what a server sends is not masked`, at + 1, at + 2);
  const lengthBytes = maskStart - at - 2;
  if ((lengthBytes === 2 && length < 126) || (lengthBytes === 8 && length < 65536)) reader.problem('error', say`the length is written longer than it has to be`, at + 1, maskStart);
  if (state[from].hasClosed) reader.problem('error', say`nothing follows a close frame`, at, at + 1);
}

/** @returns the payload as far as it is there: unmasked, as a copy, or a view */
function payloadOf({ bytes, at, end }: FieldReader, { isMasked }: Frame): Uint8Array {
  if (!isMasked) return bytes.subarray(at, end);
  const plain = bytes.slice(at, end);
  const key = [bytes[at - 4]!, bytes[at - 3]!, bytes[at - 2]!, bytes[at - 1]!];
  for (let i = 0; i < plain.length; i++) plain[i]! ^= key[i & 3]!;
  return plain;
}

// ---- control frames -------------------------------------------------------------------------------------------------

/** RFC 6455 §5.5. A pong names its ping by what is in it. */
function control(own: Side, from: Speaker, reader: FieldReader, { opcode }: Frame, payload: Uint8Array): Decoded {
  const { at, end } = reader;
  const other = from === 'client' ? 'upstream' : 'client';
  const decoded: Decoded = { length: 0, kind: 'notice', summary: opcodeNames[opcode] ?? `opcode ${opcode}`, fields: reader.fields, problems: reader.problems, asks: undefined, answers: undefined };
  if (opcode === 8) {
    own.hasClosed = true;
    decoded.summary = `close${close(reader, payload)}`;
  } else {
    if (0 < payload.length) reader.add('payload', at, end, bytesText(payload));
    if (0 < payload.length) decoded.summary += ` ${bytesText(payload)}`;
    const key = utf8Text(payload, 0, Math.min(payload.length, 125));
    if (opcode === 9) {
      decoded.kind = 'request';
      decoded.asks = `${from} ${key}`;
    } else if (opcode === 10) {
      decoded.kind = 'answer';
      decoded.answers = `${other} ${key}`;
    }
  }
  return decoded;
}

function close(reader: FieldReader, payload: Uint8Array): string {
  const { at, end } = reader;
  if (payload.length === 0) return '';
  if (payload.length === 1) {
    reader.problem('error', say`a close code has two bytes`, at, end);
    return '';
  }
  const code = (payload[0]! << 8) | payload[1]!;
  const words = closeWords(code);
  reader.add('code', at, at + 2, words, undefined, code);
  if (!isSendable(code)) reader.problem('error', say`close code ${code} is never sent`, at, at + 2);
  if (payload.length === 2) return ` ${words}`;
  const reason = utf8Text(payload, 2, payload.length);
  reader.add('reason', at + 2, end, reason);
  return ` ${words}: ${reason}`;
}

// ---- data -----------------------------------------------------------------------------------------------------------

function data(state: WebsocketState, input: Input, reader: FieldReader, frame: Frame, payload: Uint8Array, isCut: boolean): Decoded {
  const own = state[input.from];
  const { at, end } = reader;
  const decoded: Decoded = { length: 0, kind: 'notice', summary: '', fields: reader.fields, problems: reader.problems, asks: undefined, answers: undefined, content: undefined, protocol: undefined };
  const isFirst = frame.opcode !== 0;
  if (isFirst && own.opcode !== 0) reader.problem('error', say`the message before it has no end`, at, at);
  if (!isFirst && own.opcode === 0) reader.problem('error', say`it goes on with a message that has not begun`, at, at);
  const opcode = isFirst ? frame.opcode : own.opcode;
  const isCompressed = isFirst ? state.isDeflated && (frame.reserved & 4) !== 0 : own.isCompressed;
  const name = opcode === 0 ? 'continuation' : (opcodeNames[opcode] ?? `opcode ${opcode}`);
  if (!frame.isFinal || isCut) {
    gather(own, payload, opcode, isCompressed, isFirst);
    if (isCut) giveUp(own);
    if (frame.isFinal) release(own);
    if (0 < reader.left && isCut && !isCompressed) viewDecoded(reader, payload, at, end, '', true);
    else if (0 < reader.left) reader.add('fragment', at, end, bytesText(payload));
    decoded.summary = isCut ? `${name} · ${sizeText(frame.length)}` : `${isFirst ? name : 'continuation'}, not the last fragment · ${sizeText(frame.length)}`;
    return decoded;
  }
  const count = isFirst ? 1 : own.gathered.length + 1;
  const isWhole = isFirst || own.gatheredBytes <= maxGatheredBytes;
  const bytes = count === 1 || !isWhole ? payload : joined([...own.gathered, payload]);
  release(own);
  const plain = isCompressed ? inflate(own, input, reader, bytes, isWhole) : bytes;
  const shown = plain ?? bytes;
  const isDecoded = frame.isMasked || 1 < count || plain !== bytes;
  const word = plain === undefined ? asBytes(reader, bytes) : show(reader, shown, isDecoded, opcode);
  const call = opcode === 1 ? tellCall(state, input, reader, decoded, shown) : undefined;
  const tail = 1 < count ? ` · ${count} fragments` : '';
  // The field's text, and not the bytes: it is masked where it has to be.
  const text = opcode === 1 && plain !== undefined ? bodyOf(reader)?.text : undefined;
  decoded.summary = call?.summary ?? `${name}${text !== undefined ? ` ${text}` : word === '' ? ', empty' : ` ${word} · ${sizeText(frame.length)}`}${tail}`;
  if (0 < shown.length) decoded.content = contentOf(reader, shown, at, end, isDecoded);
  reader.at = end;
  return decoded;
}

function show(reader: FieldReader, plain: Uint8Array, isDecoded: boolean, opcode: number): string {
  const { at, end } = reader;
  const word = isDecoded ? viewDecoded(reader, plain, at, end, '') : viewPayload(reader, end - at, '');
  if (opcode !== 1 || word !== 'bytes') return word;
  // RFC 6455 §5.6: text is UTF-8; control characters are allowed (STOMP ends its frames with a zero byte).
  const text = utf8Text(plain, 0, plain.length);
  const body = bodyOf(reader);
  if (text.includes('\ufffd')) reader.problem('error', say`text that is not UTF-8`, at, end);
  else if (body !== undefined) body.text = text;
  return word;
}

function asBytes(reader: FieldReader, bytes: Uint8Array): string {
  reader.add('body', reader.at, reader.end, bytesText(bytes));
  return 'compressed';
}

function contentOf(reader: FieldReader, shown: Uint8Array, at: number, end: number, isDecoded: boolean): Content {
  return { bytes: isDecoded ? shown : shown.slice(), mediaType: '', range: reader.range(at, end), isDecoded };
}

function bodyOf(reader: FieldReader): Field | undefined {
  return reader.fields.find((field) => field.name === 'body');
}

/** Remote calls: of the developer tools where the target says so, and JSON-RPC wherever it names itself. */
function tellCall(state: WebsocketState, input: Input, reader: FieldReader, decoded: Decoded, shown: Uint8Array): Call | undefined {
  if (shown[0] !== 0x7b && shown[0] !== 0x5b) return undefined;
  const body = bodyOf(reader);
  if (body?.fields === undefined || !looksLikeJson(shown, 0, shown.length)) return undefined;
  const isRpc = !state.isDevtools && (member(body, 'jsonrpc') ?? member(body.fields[0] ?? body, 'jsonrpc')) !== undefined;
  if (!state.isDevtools && !isRpc) return undefined;
  const call = callOf(body, input.from, state.isDevtools ? 'cdp' : 'json-rpc');
  if (call === undefined) return undefined;
  decoded.protocol = state.isDevtools ? 'cdp' : 'json-rpc';
  decoded.kind = call.kind;
  decoded.asks = call.asks;
  decoded.answers = call.answers;
  if (call.problem !== undefined) reader.problem(call.problem.severity, call.problem.text, reader.at, reader.end);
  return call;
}

// ---- messages in fragments, and compressed --------------------------------------------------------------------------

function gather(own: Side, payload: Uint8Array, opcode: number, isCompressed: boolean, isFirst: boolean): void {
  if (isFirst) release(own);
  own.opcode = opcode;
  own.isCompressed = isCompressed;
  own.gatheredBytes += payload.length;
  // The input's memory is used again.
  own.gathered.push(own.gatheredBytes <= maxGatheredBytes ? payload.slice() : new Uint8Array(0));
}

/** Part of the message is not kept: it cannot be put together, nor can what refers to it. */
function giveUp(own: Side): void {
  own.gatheredBytes = maxGatheredBytes + 1;
  if (own.isCompressed && !own.forgets) own.isBlind = true;
}

function release(own: Side): void {
  own.gathered = [];
  own.gatheredBytes = 0;
  own.opcode = 0;
}

/** RFC 7692 §7.2.2. @returns undefined where it cannot be done; a problem says why */
function inflate(own: Side, input: Input, reader: FieldReader, bytes: Uint8Array, isWhole: boolean): Uint8Array | undefined {
  if (!isWhole || own.isBlind) {
    own.isBlind = !own.forgets;
    reader.problem('note', isWhole ? say`not decompressed: it refers to messages that are missing` : say`not decompressed: it is too long`, reader.at, reader.end);
    return undefined;
  }
  const plain = input.context.decompress('deflate-raw', joined([bytes, Uint8Array.from(flushTail)]), maxInflatedBytes, own.window.length === 0 ? undefined : own.window);
  if (typeof plain === 'string') {
    own.isBlind = !own.forgets;
    reader.problem('warning', say`not decompressed: ${plain}`, reader.at, reader.end);
    return undefined;
  }
  if (!own.forgets) own.window = windowBytes <= plain.length ? plain.slice(plain.length - windowBytes) : lastOf(own.window, plain);
  return plain;
}

function lastOf(before: Uint8Array, plain: Uint8Array): Uint8Array {
  const kept = Math.min(before.length, windowBytes - plain.length);
  return joined([before.subarray(before.length - kept), plain]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
