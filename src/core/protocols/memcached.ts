// Memcached's text protocol. The binary one is memcachedBinary.ts.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { firstWord } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// KEY_MAX_LENGTH (protocol.txt, "Keys").
const maxKeyBytes = 250;
// Verb of 9 letters, key, and two or three numbers of at most 20 digits with their spaces.
const maxBytes = 10 + maxKeyBytes + 4 * 21;

/** What stands behind the verb: k = a key, n = a number, - = a line end, * = a line end or anything. */
const forms: Readonly<Record<string, string>> = {
  get: 'k', gets: 'k', gat: 'nk', gats: 'nk', mg: 'k', md: 'k', ma: 'k', me: 'k', delete: 'k',
  set: 'knnn', add: 'knnn', replace: 'knnn', append: 'knnn', prepend: 'knnn', cas: 'knnnn', ms: 'kn',
  incr: 'kn', decr: 'kn', touch: 'kn', verbosity: 'n', flush_all: '*', stats: '*', version: '-', mn: '-',
};
const verbs = Object.keys(forms);
const maxVerbBytes = 9;

/**
 * A command line: verb in lower case, key, numbers (memcached protocol.txt and "Meta Commands").
 *
 * False positives: the verbs are words of other line protocols too, so what stands behind them must be of the right form, and the answer
 * be one of memcached's. Beanstalkd shares `delete`, `touch`, `stats`: with a number behind `delete` or `touch` nothing tells the
 * two apart.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  let length = 0;
  while (length < bytes.length && length <= maxVerbBytes && isVerbLetter(bytes[length] ?? 0)) length++;
  const word = String.fromCharCode(...bytes.subarray(0, length));
  if (length === bytes.length) return verbs.some((verb) => verb.startsWith(word)) ? 'more' : 'no';
  if (!Object.hasOwn(forms, word)) return 'no';
  return judgeForm(bytes, length, forms[word] ?? '');
}

function isVerbLetter(byte: number): boolean {
  return (0x61 <= byte && byte <= 0x7a) || byte === 0x5f;
}

function isEnd(byte: number): boolean {
  return byte === 0x20 || byte === 0x0d || byte === 0x0a;
}

function judgeForm(bytes: Uint8Array, start: number, form: string): Verdict {
  if (form === '*') return isEnd(bytes[start] ?? 0) ? 'match' : 'no';
  if (form === '-') return bytes[start] !== 0x20 && isEnd(bytes[start] ?? 0) ? 'match' : 'no';
  let at = start;
  for (const kind of form) {
    const gap = byteAt(bytes, at);
    if (gap < 0) return 'more';
    if (gap !== 0x20) return 'no';
    const from = ++at;
    if (kind === 'n' && byteAt(bytes, at) === 0x2d) at++;
    for (; at < bytes.length && !isEnd(bytes[at] ?? 0); at++) {
      const byte = bytes[at] ?? 0;
      if (kind === 'n' ? byte < 0x30 || 0x39 < byte || 20 < at - from : byte < 0x21 || byte === 0x7f || maxKeyBytes <= at - from) return 'no';
    }
    if (at === bytes.length) return 'more';
    if (at === from) return 'no';
  }
  return 'match';
}

/** All verbs, for a connection whose server answers as memcached does. */
const anyVerb = firstWord([...verbs, 'watch', 'lru', 'lru_crawler', 'slabs', 'cache_memlimit']);

/** Replies that begin with a word of their own. */
const told = [
  'STORED\r\n', 'NOT_STORED\r\n', 'VERSION ', 'VALUE ', 'STAT ', 'END\r\n', 'CLIENT_ERROR ', 'SERVER_ERROR ',
] as const;
/** Replies that are common words, or too short (protocol.txt; meta commands answer with two letters). */
const shared = ['DELETED\r\n', 'NOT_FOUND\r\n', 'EXISTS\r\n', 'TOUCHED\r\n', 'OK\r\n', 'ERROR\r\n', 'RESET\r\n', 'BUSY ', 'HD', 'VA ', 'EN\r\n', 'NF', 'NS', 'EX', 'MN\r\n', 'ME '] as const;
const own = firstWord(told, { followers: '' });
const others = firstWord([...told, ...shared], { followers: '' });

/** Any reply: one of the above, or the number that `incr` and `decr` answer. */
function judgeReply(bytes: Uint8Array): Verdict {
  const first = byteAt(bytes, 0);
  if (first < 0x30 || 0x39 < first) return others(bytes);
  for (let at = 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x0d || byte === 0x20) return 'match';
    if (byte < 0x30 || 0x39 < byte) return 'no';
  }
  return 'more';
}

export const memcached: Protocol = {
  id: 'memcached',
  title: 'Memcached',
  toldBy: 'a command line of the text protocol, meta commands included',
  firstSpeaker: 'client',
  port: 11211,
  evidence: { client: 'good', server: 'good' },
  client: matcher('memcached', maxBytes, judgeClient),
  server: matcher('memcached', 13, own),
  loose: { client: matcher('memcached', 16, anyVerb), server: matcher('memcached', 22, judgeReply) },
};
