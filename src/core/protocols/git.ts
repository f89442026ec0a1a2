// git's own transport (git://).

import { allOf, anyOf, byteIn, firstWord, text } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

const hexDigits = [[0x30, 0x39], [0x41, 0x46], [0x61, 0x66]] as const;

/** A packet's length in four hexadecimal digits (gitprotocol-common, "pkt-line Format"); ADB's server frames its requests alike. */
export const hexLength: Judge = allOf(...[0, 1, 2, 3].map((at) => byteIn(at, ...hexDigits)));

const services = ['git-upload-pack ', 'git-receive-pack ', 'git-upload-archive '] as const;

/**
 * A packet with the service and a path (gitprotocol-pack, "Git Transport").
 *
 * False positives: none known; the service is spelt out. Git over HTTP is HTTP, over SSH is SSH.
 */
const request = allOf(hexLength, anyOf(...services.map((service) => text(service, 4))));

/** The first 40 digits of an object's name, a space or a NUL behind them or behind 64. */
const advertisement = allOf(hexLength, ...Array.from({ length: 40 }, (_, i) => byteIn(4 + i, ...hexDigits)), byteIn(44, 0, 0x20, ...hexDigits));

/** References of protocol 0, the version of protocols 1 and 2 (gitprotocol-v2, "Initial Client Request"), or an error. */
const answer = anyOf(advertisement, allOf(hexLength, anyOf(text('version ', 4), text('ERR ', 4))));

/** As above, or an empty repository's flush packet, or the answer to an archive's request. */
const anyAnswer = anyOf(answer, firstWord(['0000', '0008ACK', '0008NACK', '0009NACK'], { followers: '' }));

export const git: Protocol = {
  id: 'git',
  title: 'git',
  toldBy: 'a packet that asks for git’s upload-pack, receive-pack or upload-archive',
  firstSpeaker: 'client',
  port: 9418,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('git', 24, request),
  server: matcher('git', 45, answer),
  loose: { server: matcher('git', 45, anyAnswer) },
};
