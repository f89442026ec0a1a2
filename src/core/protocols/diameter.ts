// Diameter: authentication and accounting, in mobile networks above all.

import { u24At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, bigEndian, byteIn, magic } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

const headerBytes = 20;
const avpHeaderBytes = 8;
const maxMessageBytes = 0x3ffff;
const knownBytes = headerBytes + avpHeaderBytes;

/** Version 1, a length that is a multiple of 4 (RFC 6733 §3). */
const start = allOf(magic('01'), bigEndian(1, 3, headerBytes, maxMessageBytes), byteIn(3, ...Array.from({ length: 64 }, (_, i) => 4 * i)));

/** Commands from 257 (CER) on; the base protocol's have application 0, others come first from who skips the exchange of capabilities. */
const command = allOf(bigEndian(5, 3, 257, 0x800200), magic('00', 8));

/** The first AVP lies inside the message; its reserved flags are 0 (§4.1). Error answers may have none. */
function judgeAvp(bytes: Uint8Array): Verdict {
  const at = headerBytes;
  if (at < bytes.length && bytes[at] !== 0) return 'no';
  if (at + 4 < bytes.length && ((bytes[at + 4] ?? 0) & 0x1f) !== 0) return 'no';
  if (bytes.length < knownBytes) return 'more';
  const length = u24At(bytes, at + 5);
  return avpHeaderBytes <= length && length <= u24At(bytes, 1) - headerBytes ? 'match' : 'no';
}

/** Flags: request, proxiable, error, retransmitted; four reserved bits. */
function message(flags: Judge): Judge {
  return allOf(start, flags, command, judgeAvp);
}

const request = message(byteIn(4, 0x80, 0x90, 0xc0, 0xd0));
const answer = message(byteIn(4, 0x00, 0x20, 0x40, 0x60));

/** False positives: none known; the length, seven flags and the first AVP must fit. DICOM and FastCGI part by byte 4. */
export const diameter: Protocol = {
  id: 'diameter',
  title: 'Diameter',
  toldBy: 'the header of a request and of its first AVP',
  firstSpeaker: 'client',
  port: 3868,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('diameter', knownBytes, request),
  // A server may send requests of its own, a watchdog among them.
  server: matcher('diameter', knownBytes, anyOf(answer, request)),
};
