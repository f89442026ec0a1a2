// The X Window System.

import { allOf, anyOf, bigEndian, byteIn, littleEndian, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// Byte order, unused, version 4, authorisation name's length 2 (X Window System Protocol, §8 "Connection Setup").
const clientBytes = 8;
const serverBytes = 8;

// MIT-MAGIC-COOKIE-1, XDM-AUTHORIZATION-1, SUN-DES-1: 18 and fewer characters.
const maxNameBytes = 64;

/**
 * Byte order `l` or `B`, version 11.0 in that order, the length of an authorisation name.
 *
 * False positives: none known. Cassandra's drivers also try a version 42, whose opcode at this place would be an error's.
 */
const client = anyOf(
  allOf(magic('6c ?? 0b 00 00 00'), littleEndian(6, 2, 0, maxNameBytes)),
  allOf(magic('42 ?? 00 0b 00 00'), bigEndian(6, 2, 0, maxNameBytes)),
);

/** Accepted (1) with more than 32 bytes to follow, or refused (0) with a reason's length in byte 1. */
const server = anyOf(
  allOf(magic('01 ?? 0b 00 00 00'), littleEndian(6, 2, 8, 0xffff)),
  allOf(magic('01 ?? 00 0b 00 00'), bigEndian(6, 2, 8, 0xffff)),
  allOf(byteIn(0, 0), byteIn(1, [1, 0xff]), magic('0b 00 00 00', 2), littleEndian(6, 2, 1, 64)),
  allOf(byteIn(0, 0), byteIn(1, [1, 0xff]), magic('00 0b 00 00', 2), bigEndian(6, 2, 1, 64)),
);

/** As above, or "authenticate" (2). */
const answer = anyOf(server, byteIn(0, 2));

export const x11: Protocol = {
  id: 'x11',
  title: 'X11',
  toldBy: 'byte order and version 11.0',
  firstSpeaker: 'client',
  port: 6000,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('x11', clientBytes, client),
  server: matcher('x11', serverBytes, server),
  loose: { server: matcher('x11', serverBytes, answer) },
};
