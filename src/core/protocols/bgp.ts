// BGP-4 between routers.

import { allOf, bigEndian, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

const headerBytes = 19;
// RFC 8654 extends it to 65535 for what comes after an OPEN.
const maxMessageBytes = 4096;

/**
 * Marker of sixteen FF, length, type: OPEN, or the NOTIFICATION of a peer that refuses; the others too, for what was joined late
 * (RFC 4271 §4.1).
 *
 * False positives: none known.
 */
const message = allOf(magic('ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff'), bigEndian(16, 2, headerBytes, maxMessageBytes), byteIn(18, [1, 5]));

export const bgp: Protocol = {
  id: 'bgp',
  title: 'BGP',
  toldBy: 'the marker of sixteen FF and a message type',
  firstSpeaker: 'either',
  port: 179,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('bgp', headerBytes, message),
  server: matcher('bgp', headerBytes, message),
};
