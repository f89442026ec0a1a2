// BitTorrent between peers.

import { allOf, byteIn, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * Length 19 and the name, from both peers (BEP 3, "peer protocol").
 *
 * False positives: none. Peers that obfuscate their handshake look like random bytes and stay unknown; trackers speak HTTP.
 */
const judge = allOf(byteIn(0, 0x13), text('BitTorrent protocol', 1));

export const bittorrent: Protocol = {
  id: 'bittorrent',
  title: 'BitTorrent',
  toldBy: 'the handshake’s name',
  firstSpeaker: 'client',
  port: 6881,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('bittorrent', 20, judge),
  server: matcher('bittorrent', 20, judge),
};
