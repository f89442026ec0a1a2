// SMPP: short messages between applications and message centres.

import { allOf, anyOf, bigEndian, byteIn, magic, printable } from './build.js';
import type { Verdict } from '../match/matcher.js';
import { byteAt } from '../bytes.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

const headerBytes = 16;
const maxPduBytes = 0xffff;

/** system_id: text of at most 15 characters and a NUL (SMPP 3.4 §4.1.1). Only its first byte is read; it may be empty. */
function judgeSystemId(bytes: Uint8Array): Verdict {
  const first = byteAt(bytes, headerBytes);
  if (first < 0) return 'more';
  return first === 0 ? 'match' : printable(headerBytes, headerBytes + 1)(bytes);
}

/** Sequence numbers run from 1 to 7FFFFFFF (§5.1.4). */
const sequence = bigEndian(12, 4, 1, 0x7fffffff);
const length = (least: number): Judge => bigEndian(0, 4, least, maxPduBytes);

/**
 * A bind (commands 1, 2, 9), or outbind (11) of a message centre that connects by itself: length, command, status 0, sequence
 * number (SMPP 3.4 §4.1). Or enquire_link (21), which is a header and nothing else.
 *
 * False positives: Kafka's Produce with an empty client id looks like it, so Kafka's rule refuses that.
 */
const bind = allOf(length(headerBytes + 3), magic('00 00 00', 4), byteIn(7, 1, 2, 9, 11), magic('00 00 00 00', 8), sequence, judgeSystemId);
const enquireLink = allOf(magic('00 00 00 10 00 00 00 15 00 00 00 00'), sequence);

/** Responses to those, with a status below 0x500, or generic_nack; what was called by an outbind binds. */
const response = allOf(length(headerBytes), magic('80 00 00', 4), byteIn(7, 0, 1, 2, 9, 0x15), bigEndian(8, 4, 0, 0x4ff), sequence);

/** Any request: query, submit, deliver, unbind, replace, cancel, submit_multi, alert, data (§5.1.2.1); and any response. */
const command = anyOf(allOf(magic('00', 6), byteIn(7, [1, 9], 11, 0x15, 0x21)), allOf(magic('01', 6), byteIn(7, 2, 3)));
const request = allOf(length(headerBytes), magic('00 00', 4), command, magic('00 00 00 00', 8), sequence);
const anyResponse = allOf(length(headerBytes), magic('80 00', 4), byteIn(6, 0, 1), bigEndian(8, 4, 0, 0x4ff), sequence);

export const smpp: Protocol = {
  id: 'smpp',
  title: 'SMPP',
  toldBy: 'a bind request, outbind or enquire_link',
  firstSpeaker: 'client',
  port: 2775,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('smpp', headerBytes + 1, anyOf(bind, enquireLink)),
  server: matcher('smpp', headerBytes + 1, anyOf(response, bind)),
  loose: { client: matcher('smpp', headerBytes + 1, anyOf(bind, request)), server: matcher('smpp', headerBytes + 1, anyOf(anyResponse, bind)) },
};
