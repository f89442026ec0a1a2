// DNS over TCP.

import { byteAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

// Queries with a GSS-TSIG negotiation (RFC 3645) have up to some 3 KiB. The bound refuses whatever starts with a letter.
const maxQueryBytes = 4096;
// Header 12, the root's name 1, type and class 4 (RFC 1035 §4.1).
const minQueryBytes = 17;
const headerBytes = 12;

// Length 2, header 12, a name of at most 255 (RFC 1035 §2.3.4), type and class 4.
const nameStart = 2 + headerBytes;
const maxNameBytes = 255;
const maxBytes = nameStart + maxNameBytes + 4;

/** IN, CH, HS, and NONE and ANY of updates and queries (RFC 1035 §3.2.4, RFC 2136 §1.3). */
const classes: readonly number[] = [1, 3, 4, 254, 255];

/**
 * Most records a request may have per section, by opcode: QUERY (an IXFR has one authority record, RFC 1995 §3), NOTIFY (RFC 1996
 * §3.7), UPDATE (RFC 2136 §2.2). The last section holds OPT and signatures.
 */
const mostRecords: Readonly<Record<number, readonly number[]>> = { 0: [0, 1, 3], 4: [1, 1, 3], 5: [255, 1023, 3] };

/**
 * A request: length, flags and counts that a client may set, one question (RFC 9619) whose name parses inside that length.
 *
 * False positives: OpenFlow hellos and Sun RPC pass the counts by chance, which is why the whole question is read; a server that
 * does not answer like one takes the name away.
 */
function judgeQuery(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (0 < available && maxQueryBytes >> 8 < (bytes[0] ?? 0)) return 'no';
  if (available < 2) return 'more';
  const length = u16At(bytes, 0);
  if (length < minQueryBytes || maxQueryBytes < length) return 'no';
  if (available < 5) return 'more';
  const flags = bytes[4] ?? 0;
  const most = mostRecords[(flags >> 3) & 15];
  // Not an answer, not cut; "authoritative" only in a NOTIFY (RFC 1996 §4.7).
  if (most === undefined || (flags & 0x82) !== 0 || ((flags & 0x04) !== 0 && (flags & 0x78) !== 0x20)) return 'no';
  if (5 < available && ((bytes[5] ?? 0) & 0xcf) !== 0) return 'no';
  if (6 < available && bytes[6] !== 0) return 'no';
  if (7 < available && bytes[7] !== 1) return 'no';
  for (let i = 0; i < 3; i++) {
    const at = 8 + 2 * i;
    const limit = most[i] ?? 0;
    if (at < available && limit >> 8 < (bytes[at] ?? 0)) return 'no';
    if (available < at + 2) return 'more';
    if (limit < u16At(bytes, at)) return 'no';
  }
  return judgeQuestion(bytes, 2 + length);
}

/** An answer: the question again, or just a header with an error code (RFC 1035 §4.1.1, RFC 9619). */
function judgeAnswer(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (available < 2) return 'more';
  const length = u16At(bytes, 0);
  if (length < headerBytes) return 'no';
  if (available < 5) return 'more';
  const flags = bytes[4] ?? 0;
  if ((flags & 0x82) !== 0x80 || mostRecords[(flags >> 3) & 15] === undefined) return 'no';
  if (available < 6) return 'more';
  const code = (bytes[5] ?? 0) & 0x0f;
  if (((bytes[5] ?? 0) & 0x40) !== 0 || 11 < code) return 'no';
  if (6 < available && bytes[6] !== 0) return 'no';
  const questions = byteAt(bytes, 7);
  if (1 < questions) return 'no';
  if (questions === 1) return length < minQueryBytes ? 'no' : judgeQuestion(bytes, 2 + length);
  if (questions === 0 && code === 0) return 'no';
  for (let at = 8; at < 12 && at < available; at++) if (bytes[at] !== 0) return 'no';
  return available < 12 ? 'more' : 'match';
}

/** @param end where the message ends */
function judgeQuestion(bytes: Uint8Array, end: number): Verdict {
  let at = nameStart;
  for (;;) {
    const label = byteAt(bytes, at);
    if (label < 0) return 'more';
    if (label === 0) break;
    const next = at + 1 + label;
    if (63 < label || maxNameBytes < next + 1 - nameStart || end < next + 5) return 'no';
    // Labels may hold any byte (RFC 2181 §11), but names that are asked for hold text.
    for (let i = at + 1; i < next && i < bytes.length; i++) if ((bytes[i] ?? 0) < 0x20) return 'no';
    at = next;
  }
  at++;
  if (end < at + 4) return 'no';
  if (bytes.length < at + 4) return 'more';
  return u16At(bytes, at) !== 0 && classes.includes(u16At(bytes, at + 2)) ? 'match' : 'no';
}

export const dns: Protocol = {
  id: 'dns',
  title: 'DNS over TCP',
  toldBy: 'header and one whole question inside the message’s length',
  firstSpeaker: 'client',
  port: 53,
  evidence: { client: 'good', server: 'good' },
  client: matcher('dns', maxBytes, judgeQuery),
  server: matcher('dns', maxBytes, judgeAnswer),
};
