// What nodes of Elasticsearch and OpenSearch speak among themselves. Clients use HTTP.

import { allOf, anyOf, byteIn, magic, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// `ES`, length 4, request id 8, status 1: what versions 0.20 to 9 agree in (TcpHeader in the source).
const statusAt = 14;

/** Length below 16 MiB, a request id below 2^32. */
const start = allOf(text('ES'), magic('00 ?? ?? ?? 00 00 00 00', 2));
/** A ping is a length of -1 and nothing else. */
const ping = allOf(text('ES'), magic('ff ff ff ff', 2));

/** Status bits: 1 response, 2 error, 4 compressed, 8 handshake. */
const request = byteIn(statusAt, 0, 4, 8, 12);
const response = byteIn(statusAt, 1, 3, 5, 7, 9, 11, 13, 15);

/** False positives: none known; text that begins `ES` has no zero behind it. */
export const elasticsearchTransport: Protocol = {
  id: 'elasticsearch-transport',
  title: 'Elasticsearch transport',
  toldBy: 'the header `ES`, a length, a request id and its status',
  firstSpeaker: 'client',
  port: 9300,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('elasticsearch-transport', statusAt + 1, anyOf(allOf(start, request), ping)),
  server: matcher('elasticsearch-transport', statusAt + 1, anyOf(allOf(start, response), ping)),
};
