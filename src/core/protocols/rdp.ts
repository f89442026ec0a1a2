// RDP: the connection request and its confirmation, in ISO's TPKT and X.224 frames.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, byteIn, magic, printable } from './build.js';
import { matcher, type Inner, type Judge, type Protocol } from './protocol.js';

// TPKT 4, X.224 header 7 (MS-RDPBCGR §2.2.1.1).
const bareBytes = 11;
// The first words of a routing token.
const maxBytes = bareBytes + 8;

/** TPKT of version 3, an X.224 unit of one `kind` that fills it, class 0. */
function frame(kind: number): Judge {
  return allOf(magic('03 00 00'), judgeLengths, byteIn(5, kind), magic('00 00', 6), byteIn(10, 0));
}

function judgeLengths(bytes: Uint8Array): Verdict {
  const length = byteAt(bytes, 3);
  if (0 <= length && length < bareBytes) return 'no';
  const indicator = byteAt(bytes, 4);
  if (indicator < 0) return 'more';
  return indicator === length - 5 ? 'match' : 'no';
}

/** Nothing behind the header, which old clients do and which says little. */
const isBare: Judge = byteIn(3, bareBytes);

const request = frame(0xe0);
const confirm = frame(0xd0);

/**
 * What only RDP has there: a cookie or routing token, a negotiation request (type 1, length 8), or one for correlation (type 6).
 *
 * False positives: none known. S7 and MMS have the same frame with parameters C0, C1, C2; H.323 has the same TPKT with Q.931's 08.
 */
const requestData = anyOf(allOf(judgeToken, printable(bareBytes, maxBytes)), magic('01 ?? 08 00', bareBytes), magic('06 00 24 00', bareBytes));

/** `Cookie: mstshash=…`, `Cookie: msts=…`, or a load balancer's token, which is any text (MS-RDPBCGR §2.2.1.1): `tsv://…`. */
function judgeToken(bytes: Uint8Array): Verdict {
  const first = byteAt(bytes, bareBytes);
  if (first < 0) return 'more';
  return (0x41 <= first && first <= 0x5a) || (0x61 <= first && first <= 0x7a) ? 'match' : 'no';
}

/** A negotiation response or failure, both of 8 bytes (MS-RDPBCGR §2.2.1.2). */
const answerData = anyOf(magic('02 ?? 08 00', bareBytes), magic('03 ?? 08 00', bareBytes));

/** Longer than the header only with data that is RDP's. */
function withData(head: Judge, data: Judge): Judge {
  return allOf(head, (bytes) => (isBare(bytes) === 'match' ? 'no' : data(bytes)));
}

/** TLS follows a response that chose it, alone or with CredSSP (MS-RDPBCGR §5.4.5.1). */
function tlsBehind(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  if (bareBytes < server.length && server[bareBytes] !== 2) return 'no';
  if (client.length < 4 || server.length < bareBytes + 8) return server.length === bareBytes && server[3] === bareBytes ? 'no' : 'more';
  // The protocol that was chosen: 0 is RDP's own encryption.
  return server[15] === 0 ? 'no' : { client: client[3] ?? 0, server: server[3] ?? 0, only: 'tls' };
}

export const rdp: Protocol = {
  id: 'rdp',
  title: 'RDP',
  toldBy: 'an X.224 connection request with a cookie, a token or a negotiation request',
  firstSpeaker: 'client',
  port: 3389,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('rdp', maxBytes, withData(request, requestData)),
  server: matcher('rdp', bareBytes + 4, withData(confirm, answerData)),
  loose: {
    client: matcher('rdp', maxBytes, allOf(request, anyOf(isBare, requestData))),
    server: matcher('rdp', bareBytes + 4, allOf(confirm, anyOf(isBare, answerData))),
  },
  inside: tlsBehind,
};
