// Redis: RESP2 and RESP3, pipelines, publish/subscribe, transactions, inline commands (RESP specification, "Redis serialization
// protocol specification").

import type { Problem } from '../../shared/message.js';
import { say, verbatim, type Sentence } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader, maxDepth, utf8Text } from './fieldReader.js';

/** Values are shown by their first bytes: a command of 256 KiB has its verb and keys in the first few. */
const maxMessageBytes = 256 << 10;

/** A type, ten digits and a line end fit three times over. */
const maxLineBytes = 32;

interface RedisState {
  /** RESP2 tells a subscriber's messages as plain arrays: after SUBSCRIBE those are not answers */
  isSubscribed: boolean;
}

export const redis: Dissector<RedisState> = {
  id: 'redis',
  maxMessageBytes,
  start: () => ({ isSubscribed: false }),
  next: (state, input) => (input.from === 'client' ? command(state, input) : reply(state, input)),
  mayStart,
};

/** A line that begins as a command or a reply does, behind a line's end. */
function mayStart(_state: RedisState, { bytes, at, end, from, before }: Input): Verdict {
  if (before !== 0x0a && before !== -1) return 'no';
  if (from === 'upstream') return isType(bytes[at]!) ? 'match' : 'no';
  if (bytes[at] !== 0x2a) return 'no';
  return at + 1 < end ? (isDigit(bytes[at + 1]!) ? 'match' : 'no') : 'more';
}

// ---- what the client says -------------------------------------------------------------------------------------------

function command(state: RedisState, input: Input): Next {
  const { bytes, at } = input;
  if (bytes[at] !== 0x2a) return inline(state, input);
  const length = measure(input, at);
  if (typeof length !== 'number') return length;
  if (length < 0) return -length;
  const reader = FieldReader.of(input, length);
  const words: string[] = [];
  readLine(reader, 'count');
  while (0 < reader.left) words.push(bulk(reader, words.length === 0 ? 'command' : 'argument', isSecretWord(words)));
  return ask(state, words, length, reader);
}

/** A line of words: what a person types, and `PING` of health checks. */
function inline(state: RedisState, input: Input): Next {
  const { bytes, at, end } = input;
  const feed = bytes.indexOf(0x0a, at);
  if (feed < 0 || end <= feed) return input.end - at + 1;
  const length = feed + 1 - at;
  const reader = FieldReader.of(input, length);
  const words: string[] = [];
  const line = latin1(bytes, at, feed);
  for (const word of line.matchAll(/[^\s]+/g)) {
    const isSecret = isSecretWord(words);
    words.push(isSecret ? '••••••' : word[0]);
    const start = at + word.index;
    const field = reader.add(words.length === 1 ? 'command' : 'argument', start, start + word[0].length, words.at(-1)!);
    if (isSecret && field !== undefined) field.isSecret = true;
  }
  if (words.length === 0) return { length, kind: 'notice', summary: 'empty line', fields: [], problems: [] };
  if (/[^\t\r -~]/.test(line)) return { lost: say`byte ${hex(bytes[at]!)} starts no command` };
  return ask(state, words, length, reader);
}

function ask(state: RedisState, words: string[], length: number, reader: FieldReader): Decoded {
  const verb = (words[0] ?? '').toUpperCase();
  // From here on the server also speaks unasked; RESET and leaving the last channel end that, and the next reply tells.
  if (verb === 'SUBSCRIBE' || verb === 'PSUBSCRIBE' || verb === 'SSUBSCRIBE' || verb === 'MONITOR') state.isSubscribed = true;
  if (verb === 'RESET') state.isSubscribed = false;
  return { length, kind: 'request', summary: words.length === 0 ? 'empty command' : [verb, ...words.slice(1, 32).map(quoteIfNeeded)].join(' '), fields: reader.fields, problems: reader.problems, asks: '' };
}

/** AUTH [user] password, HELLO 3 AUTH user password, MIGRATE … AUTH password, CONFIG SET requirepass, ACL SETUSER >password: never shown. */
function isSecretWord(words: readonly string[]): boolean {
  const verb = words[0]?.toUpperCase();
  if (verb === 'AUTH') return 0 < words.length;
  if (verb === 'HELLO') return words.at(-2)?.toUpperCase() === 'AUTH';
  if (verb === 'MIGRATE') return words.at(-1)?.toUpperCase() === 'AUTH' || words.at(-2)?.toUpperCase() === 'AUTH2';
  return (verb === 'CONFIG' && /^(requirepass|masterauth)$/i.test(words.at(-1) ?? '')) || (verb === 'ACL' && 2 < words.length);
}

function quoteIfNeeded(word: string): string {
  return word === '' || /[\s"]/.test(word) ? JSON.stringify(word) : word;
}

// ---- what the server says -------------------------------------------------------------------------------------------

const pushWords = new Set(['message', 'pmessage', 'smessage', 'subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe']);

function reply(state: RedisState, input: Input): Next {
  const { bytes, at } = input;
  if (!isType(bytes[at]!)) return { lost: say`byte ${hex(bytes[at]!)} starts no reply` };
  const length = measure(input, at);
  if (typeof length !== 'number') return length;
  if (length < 0) return -length;
  const reader = FieldReader.of(input, length);
  const summary = value(reader, 'reply');
  const first = reader.fields[0]?.fields?.find((field) => field.name === 'element')?.text ?? '';
  const isPush = bytes[at] === 0x3e || (state.isSubscribed && bytes[at] === 0x2a && /message$/.test(first) && pushWords.has(first));
  const problems: Problem[] = reader.problems;
  if (bytes[at] === 0x2d || bytes[at] === 0x21) problems.push({ severity: 'error', text: verbatim(summary), range: { start: input.base + at, end: input.base + at + length } });
  return { length, kind: isPush ? 'notice' : 'answer', summary, fields: reader.fields, problems, ...(isPush ? {} : { answers: '' }) };
}

// ---- values ---------------------------------------------------------------------------------------------------------

/** First bytes of values (RESP specification, "RESP protocol description"). */
function isType(byte: number): boolean {
  return 0x20 < byte && byte < 0x7f && '+-:$*_#,(!=%~>|'.includes(String.fromCharCode(byte));
}

const names: Readonly<Record<string, string>> = {
  '+': 'simple string', '-': 'error', ':': 'integer', '$': 'bulk string', '*': 'array', '_': 'null', '#': 'boolean', ',': 'double', '(': 'big number',
  '!': 'bulk error', '=': 'verbatim string', '%': 'map', '~': 'set', '>': 'push', '|': 'attributes',
};

/**
 * Length of a value without reading it.
 *
 * @returns bytes; negative = so many bytes are needed before more can be said; Lost when it is none
 */
function measure(input: Input, start: number): number | { lost: Sentence } {
  const { bytes, end } = input;
  let at = start;
  let values = 1;
  for (let depth = 0; 0 < values; values--) {
    if (end <= at) return -(at - start + 1);
    const type = String.fromCharCode(bytes[at]!);
    if (!isType(bytes[at]!)) return { lost: say`byte ${hex(bytes[at]!)} starts no value` };
    const found = bytes.indexOf(0x0a, at);
    const feed = found < 0 || end <= found ? -1 : found;
    // A header line is short; a simple string may be as long as the most that is looked at.
    if (!'+-,('.includes(type) && maxLineBytes < (feed < 0 ? end : feed) - at) return { lost: say`the line of a ${names[type]} has no end` };
    if (feed < 0) return -(end - start + 1);
    const count = countAt(bytes, at + 1, feed);
    at = feed + 1;
    switch (type) {
      case '$':
      case '!':
      case '=':
        if (count === undefined) return { lost: say`a ${names[type]} has no length` };
        if (0 <= count) at += count + 2;
        break;
      case '*':
      case '~':
      case '>':
      case '%':
      case '|':
        if (count === undefined) return { lost: say`a ${names[type]} has no count` };
        if (0 < count) values += type === '%' || type === '|' ? count * 2 : count;
        // Attributes stand in front of the value that they belong to.
        if (type === '|') values += 1;
        depth += 1;
        break;
    }
    // What is longer than is looked at ends where it says; what stands behind it in an array cannot be told.
    if (!available(input, at - start, maxMessageBytes)) return -(at - start);
    if (maxMessageBytes < at - start) return at - start;
  }
  return at - start;
}

/** @returns the number of a header line, -1 for null, undefined when it is none */
function countAt(bytes: Uint8Array, start: number, feed: number): number | undefined {
  const stop = bytes[feed - 1] === 0x0d ? feed - 1 : feed;
  if (bytes[start] === 0x2d && stop - start === 2 && bytes[start + 1] === 0x31) return -1;
  if (stop <= start || 10 < stop - start) return undefined;
  let value = 0;
  for (let at = start; at < stop; at++) {
    if (!isDigit(bytes[at]!)) return undefined;
    value = value * 10 + bytes[at]! - 0x30;
  }
  return value;
}

/** Reads the header line of a value. @returns what stands behind the type */
function readLine(reader: FieldReader, name: string): string {
  const feed = reader.bytes.indexOf(0x0a, reader.at);
  const stop = feed < 0 || reader.end <= feed ? reader.end : feed;
  const text = utf8Text(reader.bytes, reader.at + 1, stop - (reader.bytes[stop - 1] === 0x0d ? 1 : 0));
  reader.add(name, reader.at, Math.min(stop + 1, reader.end), text);
  reader.at = Math.min(stop + 1, reader.end);
  return text;
}

/** A bulk string as one field: header, bytes and line end. @returns its text */
function bulk(reader: FieldReader, name: string, isSecret: boolean): string {
  const { bytes } = reader;
  const start = reader.at;
  const feed = bytes.indexOf(0x0a, start);
  const count = feed < 0 || reader.end <= feed ? undefined : countAt(bytes, start + 1, feed);
  if (count === undefined || bytes[start] !== 0x24) return value(reader, name);
  const from = feed + 1;
  const to = Math.min(from + Math.max(0, count), reader.end);
  const text = isSecret ? '••••••' : count < 0 ? 'null' : utf8Text(bytes, from, to);
  const field = reader.add(name, start, Math.min(to + (count < 0 ? 0 : 2), reader.end), text);
  if (isSecret && field !== undefined) field.isSecret = true;
  reader.at = Math.min(to + (count < 0 ? 0 : 2), reader.end);
  return text;
}

/** Any value. @returns it as redis-cli would word it, shortened */
function value(reader: FieldReader, name: string, depth = 0): string {
  const type = String.fromCharCode(reader.peek());
  switch (type) {
    case '$':
    case '!':
    case '=':
      return type === '!' ? bulkOf(reader, name) : quoted(bulkOf(reader, name));
    case '*':
    case '~':
    case '>':
    case '%':
    case '|': {
      if (maxDepth <= depth) break;
      return reader.group(name, () => elements(reader, type, depth), (text) => text);
    }
    case ':':
      return `(integer) ${readLine(reader, name)}`;
    case '_':
      readLine(reader, name);
      return '(nil)';
    default:
      return readLine(reader, name);
  }
  reader.rest();
  return '…';
}

function bulkOf(reader: FieldReader, name: string): string {
  const start = reader.at;
  const feed = reader.bytes.indexOf(0x0a, start);
  const count = feed < 0 ? undefined : countAt(reader.bytes, start + 1, feed);
  if (count === undefined) return readLine(reader, name);
  const to = Math.min(feed + 1 + Math.max(0, count), reader.end);
  const stop = Math.min(to + (count < 0 ? 0 : 2), reader.end);
  const text = count < 0 ? '(nil)' : utf8Text(reader.bytes, feed + 1, to);
  reader.add(name, start, stop, text);
  reader.at = stop;
  return text;
}

function quoted(text: string): string {
  return text === '(nil)' ? text : JSON.stringify(text);
}

function elements(reader: FieldReader, type: string, depth: number): string {
  const count = Number(readLine(reader, 'count'));
  if (count < 0) return '(nil)';
  const all = type === '%' || type === '|' ? count * 2 : count;
  const shown: string[] = [];
  let read = 0;
  for (; read < all && 0 < reader.left; read++) {
    const text = value(reader, type === '%' || type === '|' ? (read % 2 === 0 ? 'key' : 'value') : 'element', depth + 1);
    if (shown.length < 8) shown.push(text);
  }
  // Attributes come before the value proper.
  if (type === '|') return value(reader, 'value', depth + 1);
  const words = type === '%' ? `${count} pairs` : count === 1 ? '1 element' : `${count} elements`;
  return count === 0 ? `(empty ${names[type]})` : `${words}: ${shown.join(', ')}${shown.length < all ? ', …' : ''}`;
}

function isDigit(byte: number): boolean {
  return 0x30 <= byte && byte <= 0x39;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
