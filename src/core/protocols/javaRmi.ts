// Java RMI (JRMP).

import { byteAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, byteIn, magic, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * `JRMI`, version 1 or 2, stream, single-operation or multiplex protocol (Java RMI Specification §10.2).
 *
 * False positives: none known. A bare serialised stream (`AC ED 00 05`) is not RMI.
 */
const request = allOf(text('JRMI'), byteIn(4, 0), byteIn(5, 1, 2), byteIn(6, [0x4b, 0x4d]));

// Name's length 2, a name of at most 253, two bytes of the port's four.
const maxAnswerBytes = 1 + 2 + 253 + 2;

/** The acknowledgement with the client's address as text, or the answer to a single operation: a return in a serialised stream. */
const answer = anyOf(judgeAcknowledgement, magic('51 ac ed 00 05'));

function judgeAcknowledgement(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 0x4e) return 'no';
  if (1 < bytes.length && bytes[1] !== 0) return 'no';
  if (bytes.length < 3) return 'more';
  const end = 3 + u16At(bytes, 1);
  if (end === 3 || maxAnswerBytes < end + 2) return 'no';
  for (let at = 3; at < end; at++) {
    const byte = byteAt(bytes, at);
    if (byte < 0) return 'more';
    // Host names and addresses, with a zone perhaps.
    if (byte <= 0x20 || 0x7e < byte) return 'no';
  }
  // The port's 4 bytes: at most 65535.
  for (let at = end; at < end + 2 && at < bytes.length; at++) if (bytes[at] !== 0) return 'no';
  return bytes.length < end + 2 ? 'more' : 'match';
}

export const javaRmi: Protocol = {
  id: 'java-rmi',
  title: 'Java RMI',
  toldBy: '`JRMI`, version and kind of protocol',
  firstSpeaker: 'client',
  port: 1099,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('java-rmi', 7, request),
  server: matcher('java-rmi', maxAnswerBytes, answer),
  // `4F`: the protocol is not supported.
  loose: { server: matcher('java-rmi', maxAnswerBytes, anyOf(answer, byteIn(0, 0x4f, 0x51))) },
};
