// VNC (RFB): the server speaks first.

import { allOf, byteIn, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

const versionBytes = 12;

/**
 * `RFB 003.008` and a line feed, from both sides (RFC 6143 §7.1.1); Apple says 003.889, repeaters 000.000.
 *
 * False positives: none known. It is also what a server says that dials its viewer, so the client's half counts as well.
 */
const judge = allOf(text('RFB '), byteIn(4, [0x30, 0x39]), byteIn(5, [0x30, 0x39]), byteIn(6, [0x30, 0x39]), text('.', 7), byteIn(8, [0x30, 0x39]), byteIn(9, [0x30, 0x39]), byteIn(10, [0x30, 0x39]), text('\n', 11));

export const vnc: Protocol = {
  id: 'vnc',
  title: 'VNC (RFB)',
  toldBy: 'the version line',
  firstSpeaker: 'server',
  port: 5900,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('vnc', versionBytes, judge),
  server: matcher('vnc', versionBytes, judge),
};
