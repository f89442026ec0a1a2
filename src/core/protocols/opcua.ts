// OPC UA's binary protocol.

import { allOf, anyOf, littleEndian, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// Header 8, version and four limits 20, the length of an endpoint's address and at most 4096 bytes of it, twice in a ReverseHello.
const minBytes = 16;
const maxBytes = 8 + 20 + 2 * (4 + 4096);

const size = littleEndian(4, 4, minBytes, maxBytes);

/** Hello, or the ReverseHello of a server that connects to its client (OPC 10000-6 §7.1.2). False positives: none known. */
const hello = allOf(anyOf(text('HELF'), text('RHEF')), size);

/** Acknowledge or Error; a client that was called says Hello. */
const answer = allOf(anyOf(text('ACKF'), text('ERRF'), text('HELF')), size);

export const opcua: Protocol = {
  id: 'opcua',
  title: 'OPC UA',
  toldBy: 'a Hello message and its size',
  firstSpeaker: 'client',
  port: 4840,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('opcua', 8, hello),
  server: matcher('opcua', 8, answer),
};
