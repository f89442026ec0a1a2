// Apache Pulsar's binary protocol.

import { u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, bigEndian, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// maxMessageSize is 5 MiB; the first command is far smaller, but an authentication token may be in it.
const maxFrameBytes = 0xfffff;

/** A simple command has no payload: its size is the frame's less the four bytes of its own (Pulsar documentation, "Framing"). */
function judgeSizes(bytes: Uint8Array): Verdict {
  return bytes.length < 8 ? 'more' : u32At(bytes, 0) - 4 === u32At(bytes, 4) ? 'match' : 'no';
}

const sizes = allOf(bigEndian(0, 4, 8, maxFrameBytes), magic('00', 4), judgeSizes);

/**
 * CONNECT: BaseCommand with type 2 (field 1) and then field 2 (PulsarApi.proto).
 *
 * False positives: none known; the two sizes must fit each other.
 */
const connect = allOf(sizes, magic('08 02 12', 8));

/** CONNECTED, ERROR or an authentication challenge: types 3, 14, 36, each with the field of that number. */
const answer = allOf(sizes, anyOf(magic('08 03 1a', 8), magic('08 0e 72', 8), magic('08 24 a2 02', 8)));

export const pulsar: Protocol = {
  id: 'pulsar',
  title: 'Pulsar',
  toldBy: 'a CONNECT command in a frame of the right size',
  firstSpeaker: 'client',
  port: 6650,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('pulsar', 11, connect),
  server: matcher('pulsar', 12, answer),
};
