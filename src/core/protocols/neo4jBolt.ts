// Bolt, the protocol of Neo4j and Memgraph. Browsers speak it inside WebSocket, which is told as that.

import { allOf, anyOf, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** The magic preamble; four versions of four bytes follow, and then the client waits (Bolt handshake specification). */
const preamble = magic('60 60 b0 17');

/** The version that was chosen, 0 for none, or a manifest of versions (000001FF): too little to tell anything by itself. */
const version = allOf(magic('00 00'), anyOf(magic('01 ff', 2), allOf(byteIn(2, [0, 0x1f]), byteIn(3, [0, 0x1f]))));

/** False positives: none known; the preamble was chosen to be no text in any character set. */
export const neo4jBolt: Protocol = {
  id: 'neo4j-bolt',
  title: 'Neo4j (Bolt)',
  toldBy: 'the magic preamble 6060B017',
  firstSpeaker: 'client',
  port: 7687,
  evidence: { client: 'strong', server: 'weak' },
  client: matcher('neo4j-bolt', 4, preamble),
  server: matcher('neo4j-bolt', 4, version),
};
