// RTMP, and RTMPE's opening.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

// Version 1, time 4, zero or version 4, random 1528 (RTMP 1.0 §5.2.2, §5.2.3).
const handshakeBytes = 1537;
const headBytes = 9;
// As many random bytes as are looked at, and how many of them must not be zero: 62 of 64 are, on average.
const randomBytes = 64;
const minNonZero = 48;

/** Version 3 or RTMPE's 6, any time, then four zeros or the program's version: Flash Player's (9.0.124.2, 128.0.7.2) or a server's. */
function judgeHead(bytes: Uint8Array): Verdict {
  const version = byteAt(bytes, 0);
  if (0 <= version && version !== 3 && version !== 6) return 'no';
  const major = byteAt(bytes, 5);
  if (0x40 < major && major !== 0x80) return 'no';
  if (6 < bytes.length && (major === 0 ? 0 : 0x14) < (bytes[6] ?? 0)) return 'no';
  if (major === 0) for (let at = 7; at < headBytes && at < bytes.length; at++) if (bytes[at] !== 0) return 'no';
  return bytes.length < headBytes ? 'more' : 'match';
}

/**
 * The head, and behind it either what looks random or all that a handshake has.
 *
 * False positives: TPKT (RDP, S7, H.323) and CQL v3 start with 3 and have small numbers where the random bytes are; whatever is left
 * is named only while the server does not contradict.
 */
function judge(bytes: Uint8Array): Verdict {
  const head = judgeHead(bytes);
  if (head !== 'match') return head;
  if (bytes.length < headBytes + randomBytes) return 'more';
  let nonZero = 0;
  for (let at = headBytes; at < headBytes + randomBytes; at++) if (bytes[at] !== 0) nonZero++;
  return minNonZero <= nonZero || handshakeBytes <= bytes.length ? 'match' : 'more';
}

export const rtmp: Protocol = {
  id: 'rtmp',
  title: 'RTMP',
  toldBy: 'the handshake of 1537 bytes',
  firstSpeaker: 'client',
  port: 1935,
  evidence: { client: 'good', server: 'good' },
  client: matcher('rtmp', handshakeBytes, judge),
  server: matcher('rtmp', handshakeBytes, judge),
  // Random parts made of zeros are legal: both sides' nine bytes are enough then.
  loose: { client: matcher('rtmp', headBytes, judgeHead), server: matcher('rtmp', headBytes, judgeHead) },
};
