// Apache Kafka, and what speaks its protocol (Redpanda, Event Hubs, WarpStream).

import { say } from '../../shared/sentences.js';
import { u16At, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, bigEndian, byteIn } from './build.js';
import { matcher, type Classified, type Protocol } from './protocol.js';

const metadata = 3;
const apiVersions = 18;
// Keys and versions grow with every release: 92 and 18 in 4.1, with some room.
const maxApiKey = 110;
const maxApiVersion = 24;
const minRequestBytes = 10;
// A first request that is larger does not happen: it asks for versions, metadata or a coordinator, or produces one batch.
const maxRequestBytes = 0xffffff;
const clientIdAt = 14;
// Of longer ids only the beginning is read.
const maxIdBytes = 64;

/**
 * Request header: size, API key, version, correlation id, client id (Kafka protocol guide, "Request Header"). Any request may come first:
 * clients since 0.10 ask ApiVersions (18), older ones Metadata (3), brokers Fetch (1).
 *
 * False positives: small numbers behind a length are common, so the client id must be text that fits, or null. An empty one is
 * taken only from requests that open a connection: ZooKeeper's connect, SMPP's bind and RabbitMQ's streams look like others with it.
 */
const request = allOf(bigEndian(0, 4, minRequestBytes, maxRequestBytes), bigEndian(4, 2, 0, maxApiKey), bigEndian(6, 2, 0, maxApiVersion), byteIn(8, [0, 0x7f]), judgeClientId);

function judgeClientId(bytes: Uint8Array): Verdict {
  if (bytes.length < clientIdAt) return 'more';
  const length = u16At(bytes, 12);
  const key = u16At(bytes, 4);
  if (length === 0xffff) return 'match';
  if (length === 0) return key === apiVersions || key === metadata ? 'match' : 'no';
  if (u32At(bytes, 0) + 4 < clientIdAt + length) return 'no';
  const end = clientIdAt + (length < maxIdBytes ? length : maxIdBytes);
  for (let at = clientIdAt; at < end && at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || 0x7e < byte) return 'no';
  }
  return bytes.length < end ? 'more' : 'match';
}

/** Size and the request's correlation id, which `refine` compares: by itself it tells nothing. */
const response = allOf(bigEndian(0, 4, 4, maxRequestBytes), bigEndian(4, 4, 0, 0x7fffffff));

/** Answers come in the order of the requests, so the first has the first one's id ("Network", "Response Header"). */
function refine(client: Uint8Array, server: Uint8Array, told: Classified): void {
  if (client.length < 12 || server.length < 8 || u32At(client, 8) === u32At(server, 4)) return;
  told.protocol = 'unknown';
  told.layers = [];
  told.by = 'none';
  told.why = say`the client’s first bytes look like Kafka, but the server answers something else`;
}

export const kafka: Protocol = {
  id: 'kafka',
  title: 'Kafka',
  toldBy: 'a request header: API key, version and client id',
  firstSpeaker: 'client',
  port: 9092,
  evidence: { client: 'good', server: 'weak' },
  client: matcher('kafka', clientIdAt + maxIdBytes, request),
  server: matcher('kafka', 8, response),
  refine,
};
