// Erlang's distribution between nodes (Elixir, RabbitMQ, CouchDB), and the port mapper (EPMD) that nodes ask first.

import { byteAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, byteIn, firstWord, magic, text } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

// A node's name is an atom of at most 255 characters; the rest of any first message is shorter than the other 256.
const maxLength = 511;
const maxBytes = 2 + maxLength;

const at = 0x40;

/**
 * Length, kind, and what belongs to that kind (Erlang documentation, "Distribution Protocol"): `N` with a name that fills the message,
 * `n` with version 5 and the name, of a node; `x` (register) and `z` (where is?) to a port mapper.
 *
 * False positives: none known once names are read. The mapper's one-letter requests are in `anyRequest`.
 */
function judgeRequest(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && maxLength >> 8 < (bytes[0] ?? 0)) return 'no';
  if (bytes.length < 2) return 'more';
  const length = u16At(bytes, 0);
  if (length < 2) return 'no';
  switch (byteAt(bytes, 2)) {
    case -1:
      return 'more';
    case 0x6e:
      return judgeOldName(bytes, length);
    case 0x4e:
      // Flags 8, creation 4, the name's length 2.
      if (length < 18) return 'no';
      if (bytes.length < 17) return 'more';
      return u16At(bytes, 15) === length - 15 ? judgeNodeName(bytes, 17, 2 + length) : 'no';
    case 0x78:
      return judgeRegistration(bytes, length);
    case 0x7a:
      return judgeShortName(bytes, 3, 2 + length);
    default:
      return 'no';
  }
}

const version5 = magic('00 05', 3);

/** Version 2, flags 4, and a name up to the end. */
function judgeOldName(bytes: Uint8Array, length: number): Verdict {
  const version = version5(bytes);
  return version === 'match' ? judgeNodeName(bytes, 9, 2 + length) : version;
}

/** `name@host`: settled at the `@`. */
function judgeNodeName(bytes: Uint8Array, start: number, end: number): Verdict {
  for (let position = start; position < end; position++) {
    const byte = byteAt(bytes, position);
    if (byte < 0) return 'more';
    if (byte === at) return start < position ? 'match' : 'no';
    if (byte <= 0x20 || byte === 0x7f) return 'no';
  }
  return 'no';
}

/** A name without host that fills the message. */
function judgeShortName(bytes: Uint8Array, start: number, end: number): Verdict {
  for (let position = start; position < end; position++) {
    const byte = byteAt(bytes, position);
    if (byte < 0) return 'more';
    if (byte <= 0x20 || byte === 0x7f || byte === at) return 'no';
  }
  return start < end ? 'match' : 'no';
}

/** ALIVE2_REQ: port 2, normal or hidden node, TCP, highest and lowest version (5 or 6), a name's length that fits. */
function judgeRegistration(bytes: Uint8Array, length: number): Verdict {
  const fields = allOf(byteIn(5, 0x4d, 0x48), byteIn(6, 0), byteIn(7, 0), byteIn(8, 5, 6), byteIn(9, 0), byteIn(10, 5, 6))(bytes);
  if (fields !== 'match') return fields;
  if (bytes.length < 13) return 'more';
  const name = u16At(bytes, 11);
  return 0 < name && name + 13 <= length ? 'match' : 'no';
}

/** NAMES, DUMP, KILL: a single letter, so only with the mapper's answer. */
const anyRequest: Judge = anyOf(judgeRequest, allOf(magic('00 01'), byteIn(2, 0x6e, 0x64, 0x6b)));

/** A node's status (`sok`, `snok`, …), or a mapper's answers: where a node is, and the list of names behind the mapper's port. */
const answer: Judge = anyOf(
  allOf(byteIn(0, 0), byteIn(1, [3, 0xff]), (bytes) => firstWord(['sok', 'snok', 'snot_allowed', 'salive', 'snamed:'], { followers: '' })(bytes.subarray(2))),
  allOf(magic('77 00'), byteIn(4, 0x4d, 0x48), byteIn(5, 0), byteIn(6, 0), byteIn(7, 5, 6)),
  allOf(magic('00 00'), text('name ', 4)),
);

/** Where it is unknown, that a node is registered, and an empty list. */
const anyAnswer: Judge = anyOf(answer, magic('77 01'), magic('79'), magic('76'), allOf(magic('00 00'), byteIn(2, [1, 0xff]), byteIn(3, [0, 0xff])));

export const erlangDist: Protocol = {
  id: 'erlang-dist',
  title: 'Erlang distribution and EPMD',
  toldBy: 'a node’s name in its first message, or a request to the port mapper',
  firstSpeaker: 'client',
  port: 4369,
  evidence: { client: 'good', server: 'good' },
  client: matcher('erlang-dist', maxBytes, judgeRequest),
  server: matcher('erlang-dist', 16, answer),
  loose: { client: matcher('erlang-dist', maxBytes, anyRequest), server: matcher('erlang-dist', 16, anyAnswer) },
};
