// Java Debug Wire Protocol (JDWP specification, "JDWP Packets" and "Java Debug Wire Protocol Details").

import type { Speaker } from '../../shared/flow.js';
import { say, verbatim, type Sentence } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { commandOf, composite, errorNames, idSizes, keyOf } from './jdwpCommands.js';
import { readItems, usualSizes, type IdSizes } from './jdwpValues.js';

/** A list of all classes of an application server is longer; the list of fields is full long before. */
const maxMessageBytes = 256 << 10;
/** The longest is the contents of an array. */
const longestBytes = 1 << 30;
const headerBytes = 11;
const handshake = 'JDWP-Handshake';
/** Commands whose replies are awaited. A debugger asks a few at a time; what was forgotten is a reply without fields. */
const maxAsked = 1024;

interface JdwpState {
  isGreeted: boolean;
  sizes: IdSizes;
  /** by who asked and packet id: key of the command. Its reply says nothing but that id */
  asked: Map<number, number>;
}

export const jdwp: Dissector<JdwpState> = {
  id: 'jdwp',
  maxMessageBytes,
  start: () => ({ isGreeted: false, sizes: usualSizes, asked: new Map() }),
  next,
  mayStart,
};

/** A packet of a length that is usual, with a command that exists or an error that does. */
function mayStart(_state: JdwpState, { bytes, at, end }: Input): Verdict {
  if (bytes[at] !== 0) return 'no';
  if (end - at < headerBytes) return 'more';
  if (u32(bytes, at) < headerBytes) return 'no';
  const last = keyOf(bytes[at + 9]!, bytes[at + 10]!);
  return (bytes[at + 8] === 0 ? commandOf(last) : bytes[at + 8] === 0x80 ? errorNames[last] : undefined) === undefined ? 'no' : 'match';
}

function next(state: JdwpState, input: Input): Next {
  const { bytes, at, end } = input;
  // As a length it would be more than a gigabyte.
  if (bytes[at] === handshake.charCodeAt(0)) return greeting(state, input);
  if (end - at < headerBytes) return headerBytes;
  const length = u32(bytes, at);
  if (length < headerBytes || longestBytes < length) return { lost: say`no packet of JDWP has ${length} bytes` };
  if ((bytes[at + 8]! & 0x7f) !== 0) return { lost: say`flags 0x${bytes[at + 8]!.toString(16).padStart(2, '0')} do not exist` };
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length < maxMessageBytes ? length : maxMessageBytes);
  reader.u32('length');
  reader.u32('id');
  const told = reader.u8('flags', { 0: 'command', 0x80: 'reply' }) === 0 ? command(state, reader, input.from) : reply(state, reader, input.from);
  if (maxMessageBytes < length) {
    // Where the looking ends is no fault of the packet.
    if (reader.isBroken) reader.problems.pop();
    reader.problem('note', say`only the first ${maxMessageBytes} bytes are read`, reader.end, reader.end);
  }
  reader.isBroken = false;
  reader.rest();
  return { length, fields: reader.fields, problems: reader.problems, ...told };
}

/** "JDWP Start-up": the debugger says it, the virtual machine says it back. */
function greeting(state: JdwpState, { bytes, at, end, base }: Input): Next {
  const { length } = handshake;
  for (let i = 0; i < length; i++) {
    if (end <= at + i) return length;
    if (bytes[at + i] !== handshake.charCodeAt(i)) return { lost: say`neither the handshake nor a packet` };
  }
  const isAnswer = state.isGreeted;
  state.isGreeted = true;
  const fields = [{ name: 'handshake', range: { start: base + at, end: base + at + length }, text: handshake }];
  return { length, kind: isAnswer ? 'answer' : 'request', summary: handshake, fields, problems: [], ...(isAnswer ? { answers: 'handshake' } : { asks: 'handshake' }) };
}

type Told = Pick<Exclude<Next, number | { lost: Sentence }>, 'kind' | 'summary' | 'asks' | 'answers'>;

function command(state: JdwpState, reader: FieldReader, from: Speaker): Told {
  const { at } = reader;
  const key = keyOf(reader.peek(), reader.peek(1));
  const known = commandOf(key);
  const name = known?.name ?? `command ${reader.peek()}.${reader.peek(1)}`;
  reader.u8('command set', known?.setWords);
  reader.u8('command', known?.words);
  const words = readItems(reader, known?.out ?? [], state.sizes);
  // The policy comes last: what happened is told first.
  if (key === composite) return { kind: 'notice', summary: told(words.reverse()) };
  const pair = pairKey(from, reader.bytes, at);
  if (maxAsked <= state.asked.size) for (const oldest of state.asked.keys()) if (state.asked.delete(oldest)) break;
  state.asked.set(pair, key);
  return { kind: 'request', summary: `${name} ${told(words)}`.trim(), asks: pair };
}

function reply(state: JdwpState, reader: FieldReader, from: Speaker): Told {
  const { at } = reader;
  const pair = pairKey(from === 'client' ? 'upstream' : 'client', reader.bytes, at);
  const key = state.asked.get(pair);
  state.asked.delete(pair);
  const known = key === undefined ? undefined : commandOf(key);
  const name = known?.name ?? (key === undefined ? 'reply' : `command ${key >> 8}.${key & 0xff}`);
  const error = reader.u16('error', errorNames);
  if (error !== 0) {
    const problem = errorNames[error] ?? `error ${error}`;
    reader.problem('error', verbatim(problem), at, at + 2);
    return { kind: 'answer', summary: `${name}: ${problem}`, answers: pair };
  }
  const words = told(readItems(reader, known?.reply ?? [], state.sizes));
  if (key === idSizes && !reader.isBroken) learnSizes(state, reader);
  return { kind: 'answer', summary: words === '' ? name : `${name}: ${words}`, answers: pair };
}

/** @param at behind the flags @returns ids of the two directions are counted apart */
function pairKey(asker: Speaker, bytes: Uint8Array, at: number): number {
  return u32(bytes, at - 5) * 2 + (asker === 'client' ? 0 : 1);
}

const maxWords = 8;

function told(words: readonly string[]): string {
  const said = words.filter((word) => word !== '');
  return said.length <= maxWords ? said.join(', ') : `${said.slice(0, maxWords).join(', ')}, …`;
}

/** Sizes that no virtual machine has are left out. */
function learnSizes(state: JdwpState, reader: FieldReader): void {
  const [field = 8, method = 8, object = 8, type = 8, frame = 8] = reader.fields.slice(-5).map(({ value }) => (typeof value === 'number' && 1 <= value && value <= 8 ? value : 8));
  state.sizes = { field, method, object, type, frame };
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
