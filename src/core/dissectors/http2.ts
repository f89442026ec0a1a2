// HTTP/2 (RFC 9113): every frame is a message; header sections open requests and answers, bodies are put together where they are small,
// and calls of gRPC are told as such (grpc.ts).

import { say } from '../../shared/sentences.js';
import { textAt, u24At, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { forgetTable } from '../protocols/hpack.js';
import { frameHeaderBytes, frameType, preface } from '../protocols/http2Frames.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { data } from './http2Bodies.js';
import { control, goAway } from './http2Control.js';
import type { Frame, Told } from './http2Frame.js';
import { continuation, headers, promise } from './http2Sections.js';
import { defaultFrameBytes, endHalf, loseBody, openStream, startState, type Http2State } from './http2Streams.js';
import { definedFlags, flagText, frameNames } from './http2Words.js';

/** Frames have 16 KiB unless both sides agreed on more; of larger ones the beginning is looked at. */
const maxMessageBytes = 256 << 10;

export const http2: Dissector<Http2State> = {
  id: 'http2',
  maxMessageBytes,
  start: (_context, options) => {
    const state = startState(false);
    // Upgrade from HTTP/1.1 (RFC 7540 §3.2): the request that asked for it is stream 1, and complete.
    if (options?.upgraded === true) endHalf(state, 1, openStream(state, 1, String(options.method ?? ''), String(options.path ?? '')), 'client');
    return state;
  },
  next,
  mayStart,
  lost,
};

/** For flows that are known to speak gRPC though their beginning is gone, and with it what says so. */
export const grpc: Dissector<Http2State> = { ...http2, id: 'grpc', start: () => startState(true) };

function next(state: Http2State, input: Input): Next {
  const { bytes, at, end, base, from } = input;
  const side = state[from];
  if (!side.hasBegun && from === 'client') {
    const start = textAt(end < bytes.length ? bytes.subarray(0, end) : bytes, at, preface);
    if (start === 'part') return preface.length;
    if (start === 'not') return { lost: say`it does not begin with the preface of HTTP/2` };
    side.hasBegun = true;
    return { length: preface.length, kind: 'notice', summary: 'HTTP/2 preface', fields: [{ name: 'preface', range: { start: base + at, end: base + at + preface.length }, text: preface.trim() }], problems: [] };
  }
  if (end - at < frameHeaderBytes) return frameHeaderBytes;
  const length = u24At(bytes, at);
  if (side.maxFrameBytes < length) return { lost: say`a frame of ${length} bytes, ${side.maxFrameBytes} are allowed` };
  const total = frameHeaderBytes + length;
  if (!available(input, total, maxMessageBytes)) return total;
  const reader = FieldReader.of(input, Math.min(total, maxMessageBytes));
  const type = bytes[at + 3]!;
  const flags = bytes[at + 4]!;
  const id = u32At(bytes, at + 5) & 0x7fffffff;
  const frame: Frame = { state, side, input, reader, length, type, flags, id };
  // By hand: of these there are more than of anything else.
  reader.add('length', at, at + 3, String(length), undefined, length);
  reader.add('type', at + 3, at + 4, typeTexts[type]!, undefined, type);
  reader.add('flags', at + 4, at + 5, flagText(type, flags), undefined, flags);
  reader.add('stream', at + 5, at + 9, String(id), undefined, id);
  reader.at += frameHeaderBytes;
  checkPlace(frame);
  const told = frameOf(frame) as Decoded;
  side.hasBegun = true;
  // Nothing of a skipped frame's rest is looked at.
  if (reader.end - at === total) reader.rest();
  told.length = total;
  told.fields = reader.fields;
  told.problems = reader.problems;
  if (id !== 0) told.stream = id;
  return told;
}

const typeTexts = Array.from({ length: 256 }, (_, type) => (frameNames[type] === undefined ? String(type) : `${frameNames[type]} (${type})`));

/** Payload lengths that are the same for all frames of a type (RFC 9113 §6). */
const fixedLengths: Readonly<Record<number, number>> = { 2: 5, 3: 4, 6: 8, 8: 4 };

/** Which frames belong to streams and which to the connection (RFC 9113 §6); what may come within a header block (§6.10). */
function checkPlace({ side, input, reader, length, type, id }: Frame): void {
  const { at } = input;
  const name = frameNames[type] ?? `frame type ${type}`;
  const isOfConnection = type === frameType.settings || type === frameType.ping || type === goAway;
  if (isOfConnection && id !== 0) reader.problem('error', say`${name} on stream ${id}`, at + 5, at + 9);
  if (id === 0 && !isOfConnection && type !== frameType.windowUpdate && type <= frameType.continuation) reader.problem('error', say`${name} on stream 0`, at + 5, at + 9);
  if (!side.hasBegun && type !== frameType.settings) reader.problem('warning', say`${name} before SETTINGS`, at + 3, at + 4);
  const fixed = fixedLengths[type];
  if (fixed !== undefined && fixed < length) reader.problem('error', say`${name} has ${fixed} bytes, not ${length}`, at, at + 3);
  const { block } = side;
  if (block === undefined || (type === frameType.continuation && block.stream === id)) return;
  reader.problem('error', say`the header block of stream ${block.stream} has no end`, at, at + frameHeaderBytes);
  side.block = undefined;
  forgetTable(side.table);
}

const pushPromise = 5;

function frameOf(frame: Frame): Told {
  switch (frame.type) {
    case frameType.data:
      return data(frame);
    case frameType.headers:
      return headers(frame);
    case pushPromise:
      return promise(frame);
    case frameType.continuation:
      return continuation(frame);
    default:
      return control(frame);
  }
}

// ---- finding its feet again -----------------------------------------------------------------------------------------

/**
 * A frame header that the types allow, and where the frame is short, a second one behind it.
 *
 * False positives: a byte 0, a type of ten, flags that it has, a stream below 2^24 are about 2 in 10^7 random positions.
 */
function mayStart(_state: Http2State, input: Input): Verdict {
  const first = headerVerdict(input, input.at);
  if (first !== 'match') return first;
  const behind = input.at + frameHeaderBytes + u24At(input.bytes, input.at);
  return behind + frameHeaderBytes <= input.at + 64 ? headerVerdict(input, behind) : 'match';
}

function headerVerdict({ bytes, end, isEnded }: Input, at: number): Verdict {
  if (end < at + frameHeaderBytes) return isEnded && end <= at ? 'match' : 'more';
  const length = u24At(bytes, at);
  const type = bytes[at + 3]!;
  const flags = bytes[at + 4]!;
  const id = u32At(bytes, at + 5);
  if (defaultFrameBytes < length || frameType.continuation < type || 0xffffff < id) return 'no';
  if ((flags & ~definedFlags[type]!) !== 0 || (fixedLengths[type] ?? length) !== length) return 'no';
  if (type === frameType.settings && length % 6 !== 0) return 'no';
  const isOfConnection = type === frameType.settings || type === frameType.ping || type === goAway;
  return type === frameType.windowUpdate || isOfConnection === (id === 0) ? 'match' : 'no';
}

/** Frames of this speaker are missing: what leans on them is forgotten. */
function lost(state: Http2State, from: Input['from']): void {
  const side = state[from];
  const other = state[from === 'client' ? 'upstream' : 'client'];
  side.hasBegun = true;
  side.block = undefined;
  forgetTable(side.table);
  // Both windows: DATA of this speaker is not counted, and what it allowed the other one is not known.
  side.window = other.window = NaN;
  side.streamWindow = other.streamWindow = NaN;
  if (other.maxFrameBytes < unknownFrameBytes) other.maxFrameBytes = unknownFrameBytes;
  if (other.table.maxLimit < unknownTableBytes) other.table.maxLimit = unknownTableBytes;
  for (const stream of state.streams.values()) {
    stream.client.window = stream.upstream.window = NaN;
    loseBody(state, stream[from]);
  }
}

/** What a speaker may do whose peer's SETTINGS are missing: Go's servers allow frames of 1 MiB. */
const unknownFrameBytes = 1 << 20;
const unknownTableBytes = 1 << 20;
