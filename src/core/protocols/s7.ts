// S7 communication with Siemens controllers, over ISO transport on TCP. RDP, H.323 and MMS use the same transport.

import { byteAt, textAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

const tpktBytes = 4;
const fixedBytes = 11;
// A connection request has a few parameters: their length is one byte.
const maxConnectBytes = tpktBytes + 1 + 254;
const dataBytes = 4 + 3 + 1;
const connectionRequest = 0xe0;
const connectionConfirm = 0xd0;
const calledTsap = 0xc2;
const s7Id = 0x32;
const s7PlusId = 0x72;

/**
 * TPKT, a connection request with its parameters C0 (size), C1 and C2 (selectors), then S7's first byte behind the data header
 * (RFC 1006 §6; ISO 8073 §13.3; there is no public specification of S7 itself).
 *
 * The called selector tells S7 before that: two bytes, the first a kind of connection (1 programmer, 2 operator, 3 other, or the
 * user's own) and the second rack and slot; or `SIMATIC-…`. Any other must wait for the data. False positives: MMS uses 00 01,
 * RDP a cookie or 01 where parameters begin, H.323 no connection request.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const end = judgeConnect(bytes, connectionRequest);
  if (typeof end === 'string') return end;
  const selector = called(bytes, end);
  if (selector === 'match') return 'match';
  return judgeData(bytes, end);
}

/** A confirmation, then S7's data. RDP's confirmation has 02 or 03 where parameters begin, if it has any. */
function judgeServer(bytes: Uint8Array): Verdict {
  const end = judgeConnect(bytes, connectionConfirm);
  return typeof end === 'string' ? end : judgeData(bytes, end);
}

function judgeAnswer(bytes: Uint8Array): Verdict {
  const end = judgeConnect(bytes, connectionConfirm);
  return typeof end === 'string' ? end : 'match';
}

/** @returns where the packet ends, once all of it is there */
function judgeConnect(bytes: Uint8Array, kind: number): number | 'more' | 'no' {
  const fixed = [0x03, 0x00, 0x00];
  for (let i = 0; i < fixed.length && i < bytes.length; i++) if (bytes[i] !== fixed[i]) return 'no';
  // With the length indicator, which counts all behind itself.
  const end = byteAt(bytes, 3);
  if (end < 0) return 'more';
  if (end < fixedBytes + 3 || maxConnectBytes < end) return 'no';
  if (tpktBytes < bytes.length && bytes[tpktBytes] !== end - tpktBytes - 1) return 'no';
  if (5 < bytes.length && bytes[5] !== kind) return 'no';
  // The destination reference of a request is 0; a class of 0 has no options.
  if (kind === connectionRequest) for (let at = 6; at < 8 && at < bytes.length; at++) if (bytes[at] !== 0) return 'no';
  for (let at = fixedBytes; at < end; ) {
    const code = byteAt(bytes, at);
    const length = byteAt(bytes, at + 1);
    if (0 <= code && (code < 0xc0 || calledTsap < code)) return 'no';
    if (length < 0) return 'more';
    at += 2 + length;
    if (end < at) return 'no';
  }
  return bytes.length < end ? 'more' : end;
}

function called(bytes: Uint8Array, end: number): 'match' | 'no' {
  for (let at = fixedBytes; at < end; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] !== calledTsap) continue;
    return (bytes[at + 1] === 2 && 0x100 <= u16At(bytes, at + 2)) || textAt(bytes, at + 2, 'SIMATIC-') === 'whole' ? 'match' : 'no';
  }
  return 'no';
}

/** Data header `02 F0 80`, then S7 or S7-plus. */
function judgeData(bytes: Uint8Array, start: number): Verdict {
  const wanted = [0x03, 0x00, -1, -1, 0x02, 0xf0, 0x80];
  for (let i = 0; i < wanted.length && start + i < bytes.length; i++) if (wanted[i] !== -1 && bytes[start + i] !== wanted[i]) return 'no';
  const id = byteAt(bytes, start + dataBytes - 1);
  if (id < 0) return 'more';
  return id === s7Id || id === s7PlusId ? 'match' : 'no';
}

export const s7: Protocol = {
  id: 's7',
  title: 'S7 (ISO on TCP)',
  toldBy: 'a connection request that calls a controller’s selector, or S7 data behind it',
  firstSpeaker: 'client',
  port: 102,
  evidence: { client: 'good', server: 'good' },
  client: matcher('s7', maxConnectBytes + dataBytes, judgeClient),
  server: matcher('s7', maxConnectBytes + dataBytes, judgeServer),
  loose: { server: matcher('s7', maxConnectBytes, judgeAnswer) },
};
