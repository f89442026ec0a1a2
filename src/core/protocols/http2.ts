// HTTP/2 with prior knowledge.

import { textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { frameHeaderAt, frameHeaderBytes, frameType, preface } from './http2Frames.js';
import { matcher, verdictOf, type Protocol } from './protocol.js';

/** The 24-byte preface (RFC 9113 §3.4), made so that nothing else starts like it: `PRI` is reserved in HTTP/1 for this. */
function judgeClient(bytes: Uint8Array): Verdict {
  return verdictOf(textAt(bytes, 0, preface));
}

/**
 * A first frame that is SETTINGS without ACK on stream 0, with whole settings of 6 bytes (RFC 9113 §3.4, §6.5).
 *
 * False positives: nine bytes with five fixed ones; binary protocols with 24-bit lengths (MySQL: sequence number at byte 3) differ there.
 */
function judgeServer(bytes: Uint8Array): Verdict {
  const length = bytes.length;
  if (0 < length && bytes[0] !== 0) return 'no';
  // 16 KiB is the largest frame before SETTINGS have been exchanged (RFC 9113 §4.2).
  if (1 < length && 0x40 < (bytes[1] ?? 0)) return 'no';
  if (3 < length && bytes[3] !== frameType.settings) return 'no';
  if (4 < length && bytes[4] !== 0) return 'no';
  const frame = frameHeaderAt(bytes, 0);
  if (frame === undefined) return 'more';
  return frame.length % 6 === 0 && frame.stream === 0 ? 'match' : 'no';
}

export const http2: Protocol = {
  id: 'http2',
  title: 'HTTP/2',
  toldBy: 'the connection preface of HTTP/2 without TLS',
  firstSpeaker: 'client',
  port: 80,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('http2', preface.length, judgeClient),
  server: matcher('http2', frameHeaderBytes, judgeServer),
};
