// Memcached's text protocol, meta commands included (protocol.txt of memcached). The binary one is memcachedBinary.ts.

import { say, verbatim, type Sentence } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { bytesText, FieldReader } from './fieldReader.js';

/** Lines are shorter by far; a value above this size is shown by its beginning. */
const maxMessageBytes = 256 << 10;
/** Keys of a large multiget; memcached itself gives up on a line without an end much earlier. */
const maxLineBytes = 64 << 10;
/** Values that are stored: memcached can be told to take so much. */
const maxValueBytes = 1 << 30;
/** Commands that wait for their answers. */
const maxWaiting = 4096;
/** Quiet commands that may stand before the one that is answered. */
const maxPassedOver = 256;

interface Waiting {
  key: number;
  verb: string;
  /** says nothing when there is nothing new: a miss of `mg`, a success of the others (meta command flag q) */
  isQuiet: boolean;
  /** flag O: comes back in the answer */
  opaque: string;
}

interface MemcachedState {
  waiting: Waiting[];
  nextKey: number;
  /** from here on the server tells its log, unasked */
  isWatching: boolean;
}

export const memcached: Dissector<MemcachedState> = {
  id: 'memcached',
  maxMessageBytes,
  start: () => ({ waiting: [], nextKey: 0, isWatching: false }),
  next: (state, input) => (input.from === 'client' ? command(state, input) : reply(state, input)),
  mayStart,
  lost(state) {
    state.waiting = [];
  },
};

// ---- lines and values -----------------------------------------------------------------------------------------------

interface Line {
  words: Word[];
  /** position behind its end */
  end: number;
}

interface Word {
  text: string;
  start: number;
  end: number;
}

/** @returns bytes that are needed, from `at`; a line; or why this is none */
function lineOf({ bytes, at, end }: Input, first: (byte: number) => boolean): Line | number | { lost: Sentence } {
  if (!first(bytes[at]!)) return { lost: say`byte 0x${bytes[at]!.toString(16).padStart(2, '0')} starts no line` };
  const feed = bytes.indexOf(0x0a, at);
  if (feed < 0 || end <= feed) return maxLineBytes < end - at ? { lost: say`a line has no end within ${maxLineBytes} bytes` } : end - at + 1;
  if (maxLineBytes < feed - at) return { lost: say`a line has no end within ${maxLineBytes} bytes` };
  const words: Word[] = [];
  let start = -1;
  for (let i = at; i <= feed; i++) {
    const byte = bytes[i]!;
    const isGap = byte === 0x20 || byte === 0x0a || (byte === 0x0d && i + 1 === feed);
    if (!isGap && start < 0) start = i;
    if (isGap && 0 <= start) {
      words.push({ text: latin1(bytes, start, i), start, end: i });
      start = -1;
    }
  }
  return { words, end: feed + 1 };
}

function isLetter(byte: number): boolean {
  return (0x61 <= byte && byte <= 0x7a) || (0x41 <= byte && byte <= 0x5a);
}

/** Bytes of the value behind a line, with its line end; 0 = there is none. */
function valueBytes(word: Word | undefined): number {
  if (word === undefined || !/^\d{1,10}$/.test(word.text)) return 0;
  const bytes = Number(word.text);
  return bytes <= maxValueBytes ? bytes + 2 : 0;
}

/** Reads the value between a line and its own line end. @returns it as it is worded in a summary */
function value(reader: FieldReader, length: number, isCut: boolean): string {
  const start = reader.at;
  const stop = Math.min(start + length - 2, reader.end);
  const view = reader.bytes.subarray(start, stop);
  reader.add('value', start, stop, bytesText(view));
  reader.at = reader.end;
  if (!isCut && (reader.bytes[stop] !== 0x0d || reader.bytes[stop + 1] !== 0x0a)) reader.problem('error', say`the value is longer or shorter than its line says`, stop, reader.end);
  return bytesText(view.length <= maxShown ? view : view.subarray(0, maxShown)) + (maxShown < view.length ? '…' : '');
}

/** Bytes of a value in a summary. */
const maxShown = 80;
/** Words of a line in a summary. */
const maxWords = 40;

function wordsOf(words: readonly Word[]): string {
  return words.slice(0, maxWords).map(({ text }) => (text.length <= 250 ? text : `${text.slice(0, 250)}…`)).join(' ');
}

function finish(input: Input, reader: FieldReader, length: number): Pick<Decoded, 'length' | 'fields' | 'problems'> {
  const isCut = input.end - input.at < length;
  const problems = isCut ? [{ severity: 'note' as const, text: say`${length} bytes: only the first ${maxMessageBytes} are decoded`, range: reader.range(input.end, input.end) }] : reader.problems;
  return { length, fields: reader.fields, problems };
}

// ---- what the client says -------------------------------------------------------------------------------------------

/** What the words behind a verb are; the last one repeats. Words that are left over are flags or `noreply`. */
const forms: Readonly<Record<string, readonly string[]>> = {
  get: ['key*'], gets: ['key*'], gat: ['exptime', 'key*'], gats: ['exptime', 'key*'], set: ['key', 'flags', 'exptime', 'bytes'], add: ['key', 'flags', 'exptime', 'bytes'],
  replace: ['key', 'flags', 'exptime', 'bytes'], append: ['key', 'flags', 'exptime', 'bytes'], prepend: ['key', 'flags', 'exptime', 'bytes'],
  cas: ['key', 'flags', 'exptime', 'bytes', 'cas'], delete: ['key'], incr: ['key', 'delta'], decr: ['key', 'delta'], touch: ['key', 'exptime'],
  mg: ['key', 'flag*'], ms: ['key', 'bytes', 'flag*'], md: ['key', 'flag*'], ma: ['key', 'flag*'], me: ['key', 'flag*'], mn: [],
  flush_all: ['delay'], verbosity: ['level'], stats: ['argument*'], version: [], quit: [], watch: ['argument*'], lru: ['argument*'], lru_crawler: ['argument*'],
  slabs: ['argument*'], cache_memlimit: ['megabytes'], shutdown: ['argument*'], misbehave: [], debugtime: ['argument*'], refresh_certs: [], extstore: ['argument*'],
};

const verbs = Object.keys(forms);

function command(state: MemcachedState, input: Input): Next {
  const line = lineOf(input, isLetter);
  if (typeof line === 'number' || 'lost' in line) return line;
  const verb = line.words[0]?.text ?? '';
  const form = Object.hasOwn(forms, verb) ? forms[verb]! : undefined;
  const behind = form === undefined ? 0 : valueBytes(line.words[1 + form.indexOf('bytes')]) * (form.includes('bytes') ? 1 : 0);
  const length = line.end - input.at + behind;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  line.words.forEach((word, i) => reader.add(nameOf(form, i, word.text), word.start, word.end, word.text));
  reader.at = line.end;
  const preview = behind === 0 ? '' : ` ${value(reader, behind, input.end - input.at < length)}`;
  const told = finish(input, reader, length);
  const summary = `${wordsOf(line.words)}${preview}`;
  if (verb === 'watch') state.isWatching = true;
  const isSilent = verb === 'quit' || line.words[line.words.length - 1]?.text === 'noreply';
  return isSilent ? { ...told, kind: 'notice', summary } : { ...told, kind: 'request', summary, asks: wait(state, verb, line.words) };
}

function nameOf(form: readonly string[] | undefined, index: number, text: string): string {
  if (index === 0) return 'command';
  if (text === 'noreply') return 'noreply';
  const last = form?.[form.length - 1];
  const name = form?.[index - 1] ?? (last?.endsWith('*') === true ? last : 'argument');
  return name.endsWith('*') ? name.slice(0, -1) : name;
}

function wait(state: MemcachedState, verb: string, words: readonly Word[]): number {
  const key = state.nextKey++;
  const isMeta = verb === 'mg' || verb === 'ms' || verb === 'md' || verb === 'ma';
  const flags = isMeta ? words.slice(2).map(({ text }) => text) : [];
  const opaque = flags.find((flag) => flag.startsWith('O')) ?? '';
  if (maxWaiting <= state.waiting.length) state.waiting.shift();
  state.waiting.push({ key, verb, isQuiet: flags.includes('q'), opaque: opaque.slice(0, 33) });
  return key;
}

// ---- what the server says -------------------------------------------------------------------------------------------

const replyForms: Readonly<Record<string, readonly string[]>> = {
  VALUE: ['key', 'flags', 'bytes', 'cas'], VA: ['bytes', 'flag*'], STAT: ['name', 'value*'], HD: ['flag*'], EN: [], NF: ['flag*'], NS: ['flag*'], EX: ['flag*'], MN: [], ME: ['key', 'fact*'],
  VERSION: ['version*'], STORED: [], NOT_STORED: [], EXISTS: [], NOT_FOUND: [], DELETED: [], TOUCHED: [], OK: [], END: [], RESET: [], BUSY: ['text*'], ERROR: [], CLIENT_ERROR: ['text*'], SERVER_ERROR: ['text*'],
};

const replies = Object.keys(replyForms);

/** Letters, and the digits of what `incr` and `decr` answer. */
function startsReply(byte: number): boolean {
  return isLetter(byte) || (0x30 <= byte && byte <= 0x39);
}

function reply(state: MemcachedState, input: Input): Next {
  const line = lineOf(input, startsReply);
  if (typeof line === 'number' || 'lost' in line) return line;
  const word = line.words[0]?.text ?? '';
  const form = Object.hasOwn(replyForms, word) ? replyForms[word]! : undefined;
  const behind = word === 'VALUE' ? valueBytes(line.words[3]) : word === 'VA' ? valueBytes(line.words[1]) : 0;
  const length = line.end - input.at + behind;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  line.words.forEach((one, i) => {
    const name = i === 0 ? (/^\d+$/.test(word) ? 'number' : 'reply') : nameOf(form, i, one.text);
    reader.add(name, one.start, one.end, one.text);
  });
  reader.at = line.end;
  const preview = behind === 0 ? '' : ` ${value(reader, behind, input.end - input.at < length)}`;
  const summary = `${wordsOf(line.words)}${preview}`;
  if (word.endsWith('ERROR')) reader.problem('error', verbatim(summary), input.at, line.end);
  const told = finish(input, reader, length);
  if (state.isWatching && state.waiting.length === 0) return { ...told, kind: 'notice', summary };
  const to = answered(state, word, line.words);
  if (to === undefined) return { ...told, kind: 'answer', summary };
  // Values, statistics and dumps go on until END.
  const isPartial = word === 'VALUE' || word === 'STAT' || (form === undefined && word.includes('='));
  if (!isPartial) state.waiting.splice(0, state.waiting.indexOf(to) + 1);
  return isPartial ? { ...told, kind: 'answer', summary, answers: to.key, isPartial } : { ...told, kind: 'answer', summary, answers: to.key };
}

/** The command that a reply belongs to: the oldest, but for quiet ones that had nothing to say. */
function answered(state: MemcachedState, word: string, words: readonly Word[]): Waiting | undefined {
  const { waiting } = state;
  const [first] = waiting;
  if (first === undefined || !first.isQuiet) return first;
  const opaque = words.find(({ text }) => text.startsWith('O') && word !== 'OK')?.text ?? '';
  for (let i = 0; i < waiting.length && i < maxPassedOver; i++) {
    const one = waiting[i]!;
    if (!one.isQuiet) return word === 'MN' && one.verb !== 'mn' ? undefined : one;
    if (word === 'MN' || (one.verb === 'mg' ? word === 'EN' : word === 'HD')) continue;
    if (one.opaque === opaque) return one;
  }
  return undefined;
}

// ---- after something went wrong -------------------------------------------------------------------------------------

/** Behind a line's end, a word that this side begins with. */
function mayStart(_state: MemcachedState, { bytes, at, end, from, before }: Input): Verdict {
  if (before !== 0x0a) return 'no';
  const words = from === 'client' ? verbs : replies;
  let length = 0;
  while (at + length < end && length <= 14 && (isLetter(bytes[at + length]!) || bytes[at + length] === 0x5f)) length += 1;
  const word = latin1(bytes, at, at + length);
  if (at + length === end && length <= 14) return words.some((one) => one.startsWith(word)) ? 'more' : 'no';
  const next = bytes[at + length];
  return words.includes(word) && (next === 0x20 || next === 0x0d || next === 0x0a) ? 'match' : 'no';
}
