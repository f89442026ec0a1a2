// AJP 1.3: web servers asking Tomcat and others.

import { allOf, anyOf, bigEndian, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// The default is 8 KiB, `packetSize` allows 64 (AJPv13, "Packet Structure").
const maxBodyBytes = 0xffff - 4;

/** Magic 1234, length, and a forward request with its method (1 to 27, 255 = spelt out), a shutdown, a ping or a CPing. */
const request = allOf(
  magic('12 34'),
  bigEndian(2, 2, 1, maxBodyBytes),
  anyOf(allOf(magic('02', 4), byteIn(5, [1, 27], 0xff)), allOf(magic('00 01', 2), byteIn(4, 7, 8, 10))),
);

/** `AB`, length, type: body, headers, end, "send more", CPong ("Response Packet Structure"). */
const answer = allOf(magic('41 42'), bigEndian(2, 2, 1, maxBodyBytes), byteIn(4, [3, 6], 9));

/** False positives: none known; TDS goes on 12 01. */
export const ajp: Protocol = {
  id: 'ajp',
  title: 'AJP 1.3',
  toldBy: 'a packet 1234 with a forwarded request or a ping',
  firstSpeaker: 'client',
  port: 8009,
  evidence: { client: 'strong', server: 'weak' },
  client: matcher('ajp', 6, request),
  server: matcher('ajp', 5, answer),
};
