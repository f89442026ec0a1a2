// Redis (RESP2 and RESP3), Valkey, KeyDB and others that speak it.

import { anyCaseTextAt, byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, verdictOf, type Protocol } from './protocol.js';

// A request array has at most 1,048,576 elements (redis `proto-max-multibulk`), 7 digits.
const maxDigits = 7;
// Empty line, `*`, digits, CRLF, `$`.
const maxBytes = 2 + 1 + maxDigits + 2 + 1;

/**
 * An array of bulk strings, `*<count>CRLF$` with any count: the fixed `*2` of tutorials misses PING (`*1`) and SET (`*3`).
 * A leading empty line is accepted, as Redis does. Of the inline commands only `PING` is taken, which health checks send.
 *
 * False positives: none known for arrays (RESP specification, "Arrays"). An inline `PING` is also what a person may type to IRC or
 * NATS, but those servers speak first and their clients start with other words.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  let at = 0;
  if (bytes[0] === 0x0d) {
    if (1 < bytes.length && bytes[1] !== 0x0a) return 'no';
    at = 2;
  }
  const first = byteAt(bytes, at);
  if (first < 0) return 'more';
  if (first === 0x2a) return judgeArray(bytes, at + 1);
  const ping = anyCaseTextAt(bytes, at, 'ping');
  if (ping !== 'whole') return verdictOf(ping);
  const next = byteAt(bytes, at + 4);
  if (next < 0) return 'more';
  if (next === 0x0a) return 'match';
  return next === 0x0d ? verdictOf(textAt(bytes, at + 4, '\r\n')) : 'no';
}

function judgeArray(bytes: Uint8Array, start: number): Verdict {
  let at = start;
  while (at < bytes.length && at - start < maxDigits && 0x30 <= (bytes[at] ?? 0) && (bytes[at] ?? 0) <= 0x39) at++;
  if (at === bytes.length) return 'more';
  if (at === start) return 'no';
  return verdictOf(textAt(bytes, at, '\r\n$'));
}

const serverStarts = ['+PONG\r\n', '-NOAUTH ', '-DENIED Redis', '-ERR unknown command', '-WRONGPASS ', '-LOADING Redis', '-MISCONF Redis'];

/** Replies that no other protocol gives. `+OK`, `$5` and the like need the client's half: POP3 and others start so too. */
function judgeServer(bytes: Uint8Array): Verdict {
  let isOpen = false;
  for (const start of serverStarts) {
    const standing = textAt(bytes, 0, start);
    if (standing === 'whole') return 'match';
    if (standing === 'part') isOpen = true;
  }
  return isOpen ? 'more' : 'no';
}

// First bytes of RESP2 and RESP3 replies (RESP specification, "RESP protocol description").
const isReplyStart = new Uint8Array(256);
for (const char of '+-:$*_#,(!=%~>|') isReplyStart[char.charCodeAt(0)] = 1;

/** A reply of any type: what a Redis server may say to a client that asked like one. */
function judgeReply(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return 'more';
  return isReplyStart[bytes[0] ?? 0] === 1 ? 'match' : 'no';
}

export const redis: Protocol = {
  id: 'redis',
  title: 'Redis',
  toldBy: 'an array of bulk strings (RESP2, RESP3); of the inline commands, `PING`',
  firstSpeaker: 'client',
  port: 6379,
  evidence: { client: 'good', server: 'good' },
  client: matcher('redis', maxBytes, judgeClient),
  server: matcher('redis', 24, judgeServer),
  loose: { server: matcher('redis', 1, judgeReply) },
};
