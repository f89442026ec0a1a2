// Decodes a whole flow: finds out what is spoken, runs that protocol's dissector, and goes on with the next one where the protocol changes
// inside the connection (HTTP Upgrade, STARTTLS, CONNECT, a PROXY header in front).

import type { Speaker } from '../../shared/flow.js';
import type { Message } from '../../shared/message.js';
import { say } from '../../shared/sentences.js';
import { classify, classifyBytes, protocolOf } from '../protocols/index.js';
import type { DissectContext, Dissector, Handover } from './dissector.js';
import { end, gap, savedState, startDissection, step, takeRest, type Chunk, type DissectionState, type SavedDissection } from './dissection.js';
import { bytesText, oneLine } from './fieldReader.js';
import { dissectorOf } from './index.js';

declare const structuredClone: <T>(value: T) => T;

/** Layers inside layers; more is only sent to hurt. */
const maxLayers = 8;
/** Bytes that wait until it is known what they are. Both sides' heads fit many times over. */
const maxQueuedBytes = 64 << 10;

/** Looks at growing heads; from then on only a doubling counts: a flow that talks byte by byte would be judged for each of them. */
const maxPlainRounds = 64;

type Event = { kind: 'chunk'; chunk: Chunk } | { kind: 'gap'; from: Speaker; offset: number; length: number; at: number } | { kind: 'end'; from: Speaker };

/** What the bytes of the present layer are taken for. */
type Mode =
  | { kind: 'detecting'; queue: Event[]; queuedBytes: number; heads: Record<Speaker, Head>; first: Speaker | undefined; rounds: number; seen: number }
  | { kind: 'dissecting'; dissector: Dissector<unknown>; state: DissectionState<unknown> }
  | { kind: 'raw'; protocol: string };

/** Everything that a FlowDissector goes on from: plain data, but still its own. To keep it, copy it (structuredClone, v8.serialize). */
export interface SavedFlow {
  layers: string[];
  nextIndex: number;
  ended: Record<Speaker, boolean>;
  heardEnd: Record<Speaker, boolean>;
  mode: Exclude<Mode, { kind: 'dissecting' }> | { kind: 'dissecting'; id: string; state: SavedDissection };
}

/** The first bytes of a speaker in the present layer, up to the first gap. */
interface Head {
  bytes: Uint8Array;
  length: number;
  hasEnded: boolean;
}

/**
 * Takes chunks, gaps and ends in the order in which they happened; answers with the messages that are complete. Memory per flow: at
 * most twice the dissector's `maxMessageBytes`, its tables, and 64 KiB while it is not known what is spoken.
 */
export class FlowDissector {
  /** catalogue ids from the outside in, as far as they are known */
  readonly layers: string[] = [];
  private mode: Mode = detecting();
  private nextIndex: number;
  private readonly ended = { client: false, upstream: false };
  /** ends that a dissector has heard of: those that still wait in a queue come to the next layer in their turn */
  private readonly heardEnd = { client: false, upstream: false };

  /**
   * @param hint what the flow is known to speak, for when its first bytes are not there to tell
   * @param firstIndex index of its first message
   */
  constructor(private readonly context: DissectContext, private readonly hint?: string, firstIndex = 0) {
    this.nextIndex = firstIndex;
  }

  /** @param saved a copy of what `save` gave: it is written to */
  static from(context: DissectContext, hint: string | undefined, saved: SavedFlow): FlowDissector {
    const flow = new FlowDissector(context, hint, saved.nextIndex);
    flow.layers.push(...saved.layers);
    Object.assign(flow.ended, saved.ended);
    Object.assign(flow.heardEnd, saved.heardEnd);
    const { mode } = saved;
    flow.mode = mode.kind === 'dissecting' ? { kind: 'dissecting', dissector: dissectorOf(mode.id)!, state: { ...mode.state, context } } : mode;
    return flow;
  }

  /** Where it stands: `from` goes on there, independently once it was copied. */
  save(): SavedFlow {
    const { layers, nextIndex, ended, heardEnd, mode } = this;
    return { layers, nextIndex, ended, heardEnd, mode: mode.kind === 'dissecting' ? { kind: 'dissecting', id: mode.dissector.id, state: savedState(mode.state) } : mode };
  }

  copy(): FlowDissector {
    return FlowDissector.from(this.context, this.hint, structuredClone(this.save()));
  }

  /** bytes that wait for the rest of their message, or for what the other speaker says */
  get pendingBytes(): number {
    const { mode } = this;
    switch (mode.kind) {
      case 'detecting':
        return mode.queuedBytes;
      case 'dissecting':
        return mode.state.client.end - mode.state.client.at + mode.state.upstream.end - mode.state.upstream.at;
      case 'raw':
        return 0;
    }
  }

  step(chunk: Chunk): Message[] {
    return chunk.bytes.length === 0 ? [] : this.take({ kind: 'chunk', chunk });
  }

  /** `length` bytes of a speaker are missing. */
  gap(from: Speaker, offset: number, length: number, at: number): Message[] {
    return length <= 0 ? [] : this.take({ kind: 'gap', from, offset, length, at });
  }

  /** The speaker says nothing more. */
  end(from: Speaker): Message[] {
    if (this.ended[from]) return [];
    this.ended[from] = true;
    return this.take({ kind: 'end', from });
  }

  /** Something was said, and it is not known yet what is spoken. */
  get isUndecided(): boolean {
    return this.mode.kind === 'detecting' && this.mode.queuedBytes > 0;
  }

  /** One speaker lets the other wait: where what was said so far tells a protocol that is decoded, decoding begins with it. */
  decideEarly(): Message[] {
    const { mode } = this;
    if (mode.kind !== 'detecting') return [];
    const { layers } = classify(headOf(mode.heads.client), headOf(mode.heads.upstream), firstOf(mode.first));
    return layers[0] === undefined || dissectorOf(layers[0]) === undefined ? [] : this.decide();
  }

  /** What is there and not told yet, as it would be told if nothing more came: for a look at a flow that goes on. Changes nothing. */
  provisional(): Message[] {
    const copy = this.copy();
    const messages = copy.mode.kind === 'detecting' ? copy.decide() : [];
    return [...messages, ...copy.end('client'), ...copy.end('upstream')];
  }

  private take(event: Event): Message[] {
    const { mode } = this;
    switch (mode.kind) {
      case 'detecting':
        return this.detect(mode, event);
      case 'dissecting':
        return this.dissect(mode, event);
      case 'raw':
        return this.raw(mode.protocol, event);
    }
  }

  // ---- what is it? ----

  private detect(mode: Extract<Mode, { kind: 'detecting' }>, event: Event): Message[] {
    mode.queue.push(event);
    let hasGrown = true;
    if (event.kind === 'chunk') {
      mode.first ??= event.chunk.from;
      mode.queuedBytes += event.chunk.bytes.length;
      // The memory of a chunk is the caller's.
      event.chunk = { ...event.chunk, bytes: event.chunk.bytes.slice() };
      hasGrown = appendTo(mode.heads[event.chunk.from], event.chunk.bytes);
    } else {
      mode.heads[event.from].hasEnded = true;
    }
    const { client, upstream } = mode.heads;
    // Its beginning is gone: nothing that comes will say what it is.
    if (event.kind === 'gap' && mode.queue.length === 1 && this.hint !== undefined) return this.decide();
    const isAll = (client.hasEnded || classifyBytes <= client.length) && (upstream.hasEnded || classifyBytes <= upstream.length);
    if (isAll || maxQueuedBytes <= mode.queuedBytes) return this.decide();
    // Bytes behind the heads change no answer.
    if (!hasGrown || (client.length === 0 && upstream.length === 0)) return [];
    const seen = client.length + upstream.length;
    if (maxPlainRounds <= mode.rounds && seen < 2 * mode.seen) return [];
    mode.rounds += 1;
    mode.seen = seen;
    const told = classify(headOf(client), headOf(upstream), firstOf(mode.first));
    return told.isSettled || (told.protocol !== 'unknown' && 0 < client.length && 0 < upstream.length) ? this.decide() : [];
  }

  /** No more waiting: what is queued goes to the dissector of what it looks like. */
  private decide(): Message[] {
    const { mode } = this;
    if (mode.kind !== 'detecting') return [];
    const told = classify(headOf(mode.heads.client), headOf(mode.heads.upstream), firstOf(mode.first));
    const offsets = { client: startOf(mode.queue, 'client'), upstream: startOf(mode.queue, 'upstream') };
    const isHeadless = mode.queue[0]?.kind === 'gap' && this.layers.length === 0;
    this.enter({ to: told.layers[0] ?? (isHeadless ? this.hint : undefined) ?? 'unknown' }, offsets);
    return mode.queue.flatMap((event) => this.take(event));
  }

  private enter({ to, options }: Handover, offsets: Record<Speaker, number>): void {
    if (maxLayers <= this.layers.length) {
      this.mode = { kind: 'raw', protocol: 'unknown' };
      return;
    }
    if (to === 'detect') {
      this.mode = detecting();
      return;
    }
    // What is entered by a hint stands inside of what it usually does.
    if (to !== 'unknown') this.layers.push(...(this.layers.length === 0 ? (protocolOf(to)?.within?.slice(0, 1) ?? []) : []), to);
    const dissector = dissectorOf(to);
    this.mode = dissector === undefined ? { kind: 'raw', protocol: to } : { kind: 'dissecting', dissector, state: startDissection(dissector, this.context, options, offsets, this.nextIndex) };
  }

  // ---- what does it say? ----

  private dissect({ dissector, state }: Extract<Mode, { kind: 'dissecting' }>, event: Event): Message[] {
    const messages =
      event.kind === 'chunk' ? step(dissector, state, event.chunk)
      : event.kind === 'gap' ? gap(dissector, state, event.from, event.length, event.at)
      : end(dissector, state, event.from);
    if (event.kind === 'end') this.heardEnd[event.from] = true;
    this.nextIndex = state.nextIndex;
    for (const { protocol } of messages) if (protocol !== dissector.id && protocol !== 'unknown' && !this.layers.includes(protocol)) this.layers.push(protocol);
    const rest = takeRest(state);
    if (rest === undefined) return messages;
    const offsets = { client: state.client.base + state.client.at, upstream: state.upstream.base + state.upstream.at };
    this.enter(rest.handover, offsets);
    for (const chunk of rest.chunks) messages.push(...this.step(chunk));
    for (const from of ['client', 'upstream'] as const) if (this.heardEnd[from]) messages.push(...this.take({ kind: 'end', from }));
    return messages;
  }

  /** Bytes of a protocol without a dissector: as they were read. */
  private raw(protocol: string, event: Event): Message[] {
    if (event.kind === 'end') return [];
    const isGap = event.kind === 'gap';
    const { from, offset, at } = isGap ? event : event.chunk;
    const length = isGap ? event.length : event.chunk.bytes.length;
    return [{
      index: this.nextIndex++,
      from,
      protocol,
      range: { start: offset, end: offset + length },
      startedAt: at,
      endedAt: at,
      kind: isGap ? 'gap' : 'undecoded',
      summary: isGap ? say`${length} bytes are missing` : oneLine(bytesText(event.chunk.bytes)),
      fields: [],
      problems: [],
    }];
  }
}

function detecting(): Mode {
  return { kind: 'detecting', queue: [], queuedBytes: 0, heads: { client: emptyHead(), upstream: emptyHead() }, first: undefined, rounds: 0, seen: 0 };
}

function emptyHead(): Head {
  return { bytes: new Uint8Array(256), length: 0, hasEnded: false };
}

/** @returns whether there was room for any of it */
function appendTo(head: Head, bytes: Uint8Array): boolean {
  if (head.hasEnded || classifyBytes <= head.length) return false;
  const taken = bytes.subarray(0, classifyBytes - head.length);
  if (head.bytes.length < head.length + taken.length) {
    const larger = new Uint8Array(Math.min(classifyBytes, (head.length + taken.length) * 2));
    larger.set(head.bytes.subarray(0, head.length));
    head.bytes = larger;
  }
  head.bytes.set(taken, head.length);
  head.length += taken.length;
  return true;
}

function headOf(head: Head): Uint8Array {
  return head.bytes.subarray(0, head.length);
}

function firstOf(first: Speaker | undefined): 'client' | 'server' | undefined {
  return first === 'upstream' ? 'server' : first;
}

/** Offset at which a speaker's queued bytes begin; of a speaker that has said nothing yet, 0 will be put right by its first chunk. */
function startOf(queue: readonly Event[], from: Speaker): number {
  for (const event of queue) {
    if (event.kind === 'chunk' && event.chunk.from === from) return event.chunk.offset;
    if (event.kind === 'gap' && event.from === from) return event.offset;
  }
  return 0;
}
