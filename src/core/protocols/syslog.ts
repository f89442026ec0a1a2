// Syslog over TCP, both framings and both formats.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { nothing } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// MSG-LEN: messages of some collectors reach megabytes.
const maxLengthDigits = 7;
const maxPriority = 191;
// Length, space, `<`, three digits, `>`, one letter.
const maxBytes = maxLengthDigits + 1 + 5 + 1;

/**
 * Priority in angle brackets, with an octet count before it or not (RFC 6587 §3.4.1, §3.4.2; RFC 5424 §6.2.1; RFC 3164 §4.1.1).
 *
 * False positives: no name in XML begins with a digit. Nothing answers syslog, so a server that says anything contradicts.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  let at = 0;
  const first = byteAt(bytes, 0);
  if (first < 0) return 'more';
  if (first !== 0x3c) {
    if (first < 0x31 || 0x39 < first) return 'no';
    while (at < bytes.length && at <= maxLengthDigits && isDigit(bytes[at] ?? 0)) at++;
    if (maxLengthDigits < at) return 'no';
    if (at === bytes.length) return 'more';
    if (bytes[at] !== 0x20) return 'no';
    at++;
  }
  if (at < bytes.length && bytes[at] !== 0x3c) return 'no';
  let priority = 0;
  const start = at + 1;
  for (at = start; at < bytes.length && isDigit(bytes[at] ?? 0); at++) {
    // No leading zeros but in 0 itself.
    if (at === start + 1 && priority === 0) return 'no';
    priority = priority * 10 + (bytes[at] ?? 0) - 0x30;
    if (maxPriority < priority) return 'no';
  }
  if (bytes.length <= at) return 'more';
  if (at === start || bytes[at] !== 0x3e) return 'no';
  const text = byteAt(bytes, at + 1);
  if (text < 0) return 'more';
  return (0x20 <= text && text !== 0x7f) || text === 0x09 ? 'match' : 'no';
}

function isDigit(byte: number): boolean {
  return 0x30 <= byte && byte <= 0x39;
}

export const syslog: Protocol = {
  id: 'syslog',
  title: 'Syslog',
  toldBy: 'a priority such as `<34>`, with an octet count or without',
  firstSpeaker: 'client',
  port: 601,
  evidence: { client: 'good', server: 'weak' },
  client: matcher('syslog', maxBytes, judgeClient),
  server: nothing('syslog'),
};
