// Runs one dissector over both directions of a flow: asks it until a message is whole, skips what is larger than a dissector looks at, and
// turns what makes no sense into explicit undecoded ranges.

import type { Speaker } from '../../shared/flow.js';
import type { Message, Problem, Range } from '../../shared/message.js';
import { say, type Sentence } from '../../shared/sentences.js';
import type { Decoded, DissectContext, Dissector, Handover, Input, Lost } from './dissector.js';
import { oneLine } from './fieldReader.js';
import { chunksOf, forgetReads, forward, readAt, settle, startHalf, take, trimmed, type Chunk, type Half } from './half.js';
import { expectAnswer, noRequests, pair, type OpenRequests } from './pairing.js';

export type { Chunk } from './half.js';

declare const structuredClone: <T>(value: T) => T;

/** Undecoded bytes are told in pieces of this size, counted from where they began: the same pieces however the bytes were cut. */
const undecodedBytes = 64 << 10;
/** Bytes that `mayStart` may ask to wait for. */
const maxStartBytes = 64;
/** Bytes that are looked at again and again before a message must grow by a sixteenth to be looked at once more: byte by byte, a long one would cost its square. */
const eagerBytes = 4 << 20;

/** Bytes that one dissection leaves to the next, in the order in which they were read. */
export interface Rest {
  handover: Handover;
  chunks: Chunk[];
}

/** Plain data, but for `context`: `copyOf` makes a checkpoint. */
export interface DissectionState<S> {
  own: S;
  readonly context: DissectContext;
  client: Half;
  upstream: Half;
  open: OpenRequests;
  nextIndex: number;
  handover: Handover | undefined;
}

/** @param offsets where either speaker's bytes begin for this dissector; @param firstIndex index of its first message */
export function startDissection<S>(dissector: Dissector<S>, context: DissectContext, options: Handover['options'] = undefined, offsets = { client: 0, upstream: 0 }, firstIndex = 0): DissectionState<S> {
  return {
    own: dissector.start(context, options),
    context,
    client: startHalf('client', offsets.client),
    upstream: startHalf('upstream', offsets.upstream),
    open: noRequests(),
    nextIndex: firstIndex,
    handover: undefined,
  };
}

export type SavedDissection = Omit<DissectionState<unknown>, 'context'>;

/** @returns the part of a state that is plain data, with no more bytes than are pending; the rest of it is still the state's own */
export function savedState<S>(state: DissectionState<S>): Omit<DissectionState<S>, 'context'> {
  const { context: _, client, upstream, ...plainData } = state;
  return { ...plainData, client: trimmed(client), upstream: trimmed(upstream) };
}

/** @returns a state that goes on independently of this one */
export function copyOf<S>(state: DissectionState<S>): DissectionState<S> {
  return { ...structuredClone(savedState(state)), context: state.context };
}

/**
 * Takes the next bytes of a speaker in, which follow those before without a gap.
 *
 * @param state is written to
 * @returns messages that are complete now, in order
 */
export function step<S>(dissector: Dissector<S>, state: DissectionState<S>, chunk: Chunk): Message[] {
  const messages: Message[] = [];
  const half = state[chunk.from];
  take(half, chunk);
  run(dissector, state, half, messages);
  return messages;
}

/** The speaker has ended: what stayed incomplete is told. */
export function end<S>(dissector: Dissector<S>, state: DissectionState<S>, from: Speaker): Message[] {
  const messages: Message[] = [];
  const half = state[from];
  if (half.isEnded) return messages;
  half.isEnded = true;
  half.needs = 1;
  run(dissector, state, half, messages);
  if (state.handover === undefined) finish(dissector, state, half, messages, say`the connection ended in the middle of a message`);
  const other = otherOf(state, half);
  // Both have ended: nobody will say what this one waited for.
  if (other.isEnded && state.handover === undefined) finish(dissector, state, other, messages, say`the connection ended before this made sense`);
  return messages;
}

/** `length` bytes of the speaker are missing: overwritten, not captured, lost. */
export function gap<S>(dissector: Dissector<S>, state: DissectionState<S>, from: Speaker, length: number, at: number): Message[] {
  const messages: Message[] = [];
  const half = state[from];
  half.lastAt = at;
  const { skipping } = half;
  if (skipping !== undefined && half.base + half.end + length <= skipping.end) {
    note(skipping.message, { severity: 'warning', text: say`${length} bytes of it are missing`, range: { start: half.base + half.end, end: half.base + half.end + length } });
    forward(half, length);
    run(dissector, state, half, messages);
    return messages;
  }
  finish(dissector, state, half, messages, say`bytes are missing before its end`);
  const start = half.base + half.end;
  messages.push(plain(state, half, { start, end: start + length }, 'gap', say`${length} bytes are missing`, at, at, []));
  forward(half, length);
  lose(half, '');
  half.triedAt = -1;
  dissector.lost?.(state.own, from);
  return messages;
}

/** @returns what is left for the dissector that comes next, once this one has handed over; the state is of no use afterwards */
export function takeRest<S>(state: DissectionState<S>): Rest | undefined {
  const { handover } = state;
  if (handover === undefined) return undefined;
  const chunks = [...chunksOf(state.client), ...chunksOf(state.upstream)].sort((a, b) => a.at - b.at);
  return { handover, chunks };
}

// ---- messages -------------------------------------------------------------------------------------------------------

/** Asks for messages until neither speaker's bytes give another one. */
function run<S>(dissector: Dissector<S>, state: DissectionState<S>, first: Half, messages: Message[]): void {
  const other = otherOf(state, first);
  drain(dissector, state, first, messages, true);
  // The other one's bytes may have waited for the end of this one.
  if (first.isEnded && other.needs === 0) drain(dissector, state, other, messages, true);
  if (state.handover !== undefined) {
    // What was stepped over is gone: the next dissector gets only what is still here.
    tellSteppedOver(state, first, messages);
    tellSteppedOver(state, other, messages);
    return;
  }
  settle(first);
  settle(other);
}

function otherOf<S>(state: DissectionState<S>, half: Half): Half {
  return half.from === 'client' ? state.upstream : state.client;
}

/** @param isOutermost what the other speaker's bytes waited for may be what this one says: they are asked after each message */
function drain<S>(dissector: Dissector<S>, state: DissectionState<S>, half: Half, messages: Message[], isOutermost: boolean): void {
  const other = otherOf(state, half);
  while (state.handover === undefined && half.at < half.end) {
    if (half.skipping !== undefined && !skip(state, half, half.skipping, messages)) return;
    if (half.end <= half.at) return;
    if (half.lostAt !== undefined && !seek(dissector, state, half, messages)) return;
    const there = half.end - half.at;
    if (0 < half.needs && there < half.needs && !half.isEnded) return;
    const input = inputOf(state, half, other);
    const next = dissector.next(state.own, input);
    if (typeof next === 'number') {
      if (there <= dissector.maxMessageBytes && !(half.isEnded && 0 < next)) {
        half.needs = next === 0 ? 0 : Math.max(next, there + 1);
        // A message may be longer than what is looked at: then so much has to do.
        half.judged += there;
        if (eagerBytes < half.judged && half.needs !== 0) half.needs = Math.max(half.needs, there + (there >> 4));
        if (dissector.maxMessageBytes < half.needs) half.needs = dissector.maxMessageBytes < there + 1 ? there + 1 : dissector.maxMessageBytes;
        return;
      }
      if (half.isEnded && there <= dissector.maxMessageBytes) return;
      lose(half, say`no message is that long (more than ${dissector.maxMessageBytes} bytes)`);
    } else if ('lost' in next) {
      lose(half, next.lost);
    } else {
      half.needs = 1;
      half.judged = 0;
      accept(state, half, next, dissector.id, messages);
      if (isOutermost && other.needs === 0 && half.skipping === undefined) drain(dissector, state, other, messages, false);
    }
  }
}

function inputOf<S>({ context }: DissectionState<S>, half: Half, other: Half): Input {
  return { bytes: half.buffer, at: half.at, end: half.end, base: half.base, from: half.from, before: half.before, isEnded: half.isEnded, isOtherEnded: other.isEnded, context };
}

function accept<S>(state: DissectionState<S>, half: Half, decoded: Decoded, id: string, messages: Message[]): void {
  // A dissector that takes nothing would be asked for ever.
  const length = 0 < decoded.length ? decoded.length : 1;
  const start = half.base + half.at;
  const message: Message = {
    index: -1,
    from: half.from,
    protocol: decoded.protocol ?? id,
    range: { start, end: start + length },
    startedAt: readAt(half, half.at),
    endedAt: 0,
    kind: decoded.kind,
    summary: oneLine(decoded.summary),
    fields: decoded.fields,
    problems: decoded.problems,
  };
  if (decoded.stream !== undefined) message.stream = decoded.stream;
  if (decoded.content !== undefined) message.content = decoded.content;
  if (half.end - half.at < length) {
    half.skipping = { message, decoded, end: start + length };
    return;
  }
  half.at += length;
  emit(state, half, message, decoded, messages);
}

/** @returns whether the skipped message is complete */
function skip<S>(state: DissectionState<S>, half: Half, skipping: NonNullable<Half['skipping']>, messages: Message[]): boolean {
  const end = skipping.end - half.base;
  if (half.end < end) {
    half.at = half.end;
    return false;
  }
  half.at = end;
  half.skipping = undefined;
  emit(state, half, skipping.message, skipping.decoded, messages);
  return true;
}

function emit<S>(state: DissectionState<S>, half: Half, message: Message, decoded: Decoded, messages: Message[]): void {
  message.index = state.nextIndex++;
  // The last byte is the one before where reading goes on.
  message.endedAt = readAt(half, half.at - 1);
  if (decoded.answers !== undefined) pair(state.open, message, decoded);
  if (decoded.asks !== undefined) {
    message.expectsAnswer = true;
    const replaced = expectAnswer(state.open, decoded.asks, message, decoded.replacesRequest === true);
    if (replaced !== undefined) message.replaces = replaced;
  }
  if (decoded.handover !== undefined) state.handover = decoded.handover;
  forgetReads(half);
  messages.push(message);
}

// ---- bytes that make no sense ---------------------------------------------------------------------------------------

function lose(half: Half, why: Sentence | ''): void {
  half.lostAt = half.triedAt = half.base + half.at;
  half.lostWhy = why;
  half.lostStartedAt = readAt(half, half.at);
  half.needs = 1;
  half.before = -1;
}

/**
 * Looks for the next message among undecoded bytes.
 *
 * @returns whether one may start at `half.at` now
 */
function seek<S>(dissector: Dissector<S>, state: DissectionState<S>, half: Half, messages: Message[]): boolean {
  const other = otherOf(state, half);
  for (;;) {
    if (half.end <= half.at) return false;
    if (half.base + half.at !== half.triedAt) {
      const verdict = dissector.mayStart?.(state.own, inputOf(state, half, other)) ?? 'no';
      if (verdict === 'match') {
        tellLost(state, half, messages);
        half.lostAt = undefined;
        dissector.lost?.(state.own, half.from);
        return true;
      }
      if (verdict === 'more' && half.end - half.at < maxStartBytes && !half.isEnded) return false;
    }
    half.before = half.buffer[half.at]!;
    // Without `mayStart` no position will do: all of it at once.
    half.at = dissector.mayStart === undefined ? Math.min(half.end, half.lostAt! + undecodedBytes - half.base) : half.at + 1;
    if (undecodedBytes <= half.base + half.at - half.lostAt!) {
      tellLost(state, half, messages);
      half.lostAt = half.base + half.at;
      half.lostWhy = '';
      half.lostStartedAt = readAt(half, half.at);
    }
  }
}

function tellLost<S>(state: DissectionState<S>, half: Half, messages: Message[]): void {
  const range = { start: half.lostAt!, end: half.base + half.at };
  if (range.end <= range.start) return;
  const problems: Problem[] = half.lostWhy === '' ? [] : [{ severity: 'error', text: half.lostWhy, range: { start: range.start, end: range.start } }];
  messages.push(plain(state, half, range, 'undecoded', say`${byteWords(range)} not decoded`, half.lostStartedAt, readAt(half, half.at - 1), problems));
}

/** Everything that is pending becomes explicit: the speaker says nothing more, or nothing that joins on. */
function finish<S>(dissector: Dissector<S>, state: DissectionState<S>, half: Half, messages: Message[], why: Sentence): void {
  if (half.skipping !== undefined || half.lostAt !== undefined) half.at = half.end;
  tellSteppedOver(state, half, messages);
  if (half.at < half.end) {
    const range = { start: half.base + half.at, end: half.base + half.end };
    messages.push(plain(state, half, range, 'undecoded', say`${byteWords(range)} of an incomplete message`, readAt(half, half.at), half.lastAt, [{ severity: 'warning', text: why, range }], dissector.id));
    half.at = half.end;
  }
  settle(half);
}

/** A message that is being skipped ends where reading stands, and so do bytes that made no sense. */
function tellSteppedOver<S>(state: DissectionState<S>, half: Half, messages: Message[]): void {
  const { skipping } = half;
  if (skipping !== undefined) {
    half.skipping = undefined;
    const stop = half.base + half.at;
    note(skipping.message, { severity: 'warning', text: say`${skipping.end - stop} of its ${skipping.end - skipping.message.range.start} bytes are missing`, range: { start: stop, end: stop } });
    skipping.message.range.end = stop;
    emit(state, half, skipping.message, skipping.decoded, messages);
  }
  if (half.lostAt === undefined) return;
  tellLost(state, half, messages);
  half.lostAt = undefined;
}

function plain<S>(state: DissectionState<S>, half: Half, range: Range, kind: 'undecoded' | 'gap', summary: string, startedAt: number, endedAt: number, problems: Problem[], protocol = 'unknown'): Message {
  return { index: state.nextIndex++, from: half.from, protocol, range, startedAt, endedAt, kind, summary, fields: [], problems };
}

function note(message: Message, problem: Problem): void {
  message.problems.push(problem);
}

function byteWords({ start, end }: Range): string {
  return end - start === 1 ? say`1 byte` : say`${end - start} bytes`;
}

export type { Lost };
