// Kerberos 5 over TCP: what a client and a key distribution centre say.

import { byteAt, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { bigEndian } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// The smallest KRB-ERROR has about 60 bytes; tickets with long group lists have some 100 KiB.
const judgeSize = bigEndian(0, 4, 20, 1 << 20);

// Record length 4, tag 1, DER length of at most 4, tag of the sequence.
const maxBytes = 10;

// Application tags (RFC 4120 §5.4.1, §5.4.2, §5.9.1).
const requests = [0x6a, 0x6c] as const;
const answers = [0x6b, 0x6d, 0x7e] as const;

/**
 * Record length (RFC 4120 §7.2.2), application tag, a DER length that fills the record, SEQUENCE.
 *
 * False positives: none known; two lengths must agree and two tags must be right. The high bit of the record length (RFC 5021) is
 * refused: nobody is known to use it.
 */
function judgeRecord(bytes: Uint8Array, tags: readonly number[]): Verdict {
  if (judgeSize(bytes) === 'no') return 'no';
  const tag = byteAt(bytes, 4);
  if (0 <= tag && !tags.includes(tag)) return 'no';
  const form = byteAt(bytes, 5);
  if (form < 0) return 'more';
  const width = form < 0x80 ? 0 : form - 0x80;
  if (form === 0x80 || 3 < width) return 'no';
  if (bytes.length < 6 + width) return 'more';
  let length = width === 0 ? form : 0;
  for (let i = 0; i < width; i++) length = length * 256 + (bytes[6 + i] ?? 0);
  if (2 + width + length !== u32At(bytes, 0)) return 'no';
  const inner = byteAt(bytes, 6 + width);
  if (inner < 0) return 'more';
  return inner === 0x30 ? 'match' : 'no';
}

export const kerberos: Protocol = {
  id: 'kerberos',
  title: 'Kerberos',
  toldBy: 'AS-REQ or TGS-REQ whose DER length fills the record',
  firstSpeaker: 'client',
  port: 88,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('kerberos', maxBytes, (bytes) => judgeRecord(bytes, requests)),
  server: matcher('kerberos', maxBytes, (bytes) => judgeRecord(bytes, answers)),
};
