// RTSP 1.0 and 2.0, AirPlay's dialect too.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';
import { maxMessageBytes, textMessage } from './textMessage.js';

/**
 * A request or status line with `RTSP/1.0` or `RTSP/2.0` (RFC 2326 §6.1, §7.1, RFC 7826 §7.1). Either end may ask: a Wi-Fi Display
 * source listens and speaks first.
 *
 * False positives: none known; the version word is the third. Targets are URLs, `*`, and plain paths: AirPlay asks `GET /info RTSP/1.0`.
 */
const judge = textMessage('RTSP/', (bytes, at): Verdict => {
  const byte = byteAt(bytes, at);
  if (byte < 0) return 'more';
  return byte === 0x2a || byte === 0x2f || (0x61 <= (byte | 0x20) && (byte | 0x20) <= 0x7a) ? 'match' : 'no';
});

export const rtsp: Protocol = {
  id: 'rtsp',
  title: 'RTSP',
  toldBy: 'a request or status line with `RTSP/1.0` or `RTSP/2.0`',
  firstSpeaker: 'either',
  port: 554,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('rtsp', maxMessageBytes, judge),
  server: matcher('rtsp', maxMessageBytes, judge),
};
