// The PROXY protocol: a header that a proxy puts before the client's bytes to tell whose they are. Versions 1 (text) and 2 (binary).

import { u16At } from '../bytes.js';
import { allOf, anyOf, byteIn, magic, nothing, text } from './build.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

// PROXY protocol §2.1: the longest line of version 1, its CRLF included.
const maxLineBytes = 107;
// §2.2: signature 12, version and command, family, length 2.
const fixedBytes = 16;

/** The line ends with CRLF; what follows is as if the header were not there. */
function behindLine(client: Uint8Array): Inner | 'more' | 'no' {
  const feed = client.indexOf(0x0a);
  if (feed < 0) return client.length < maxLineBytes ? 'more' : 'no';
  return feed < maxLineBytes && client[feed - 1] === 0x0d ? { client: feed + 1, server: 0 } : 'no';
}

function behindBlock(client: Uint8Array): Inner | 'more' {
  return client.length < fixedBytes ? 'more' : { client: fixedBytes + u16At(client, 14), server: 0 };
}

/** `PROXY`, the family, a space or for UNKNOWN the line's end (§2.1). False positives: none known, the words are spelt out. */
export const proxyV1: Protocol = {
  id: 'proxy-v1',
  title: 'PROXY protocol v1',
  toldBy: '`PROXY TCP4`, `TCP6` or `UNKNOWN`; what follows the header is told as well',
  firstSpeaker: 'client',
  port: 80,
  evidence: { client: 'strong', server: 'weak' },
  client: matcher('proxy-v1', 14, anyOf(text('PROXY TCP4 '), text('PROXY TCP6 '), text('PROXY UNKNOWN '), text('PROXY UNKNOWN\r'))),
  server: nothing('proxy-v1'),
  loose: { server: 'any' },
  inside: behindLine,
};

/** The 12 bytes of §2.2, made so that no other protocol starts with them, version 2, and command LOCAL or PROXY. */
export const proxyV2: Protocol = {
  id: 'proxy-v2',
  title: 'PROXY protocol v2',
  toldBy: 'the 12-byte signature; what follows the header is told as well',
  firstSpeaker: 'client',
  port: 80,
  evidence: { client: 'strong', server: 'weak' },
  client: matcher('proxy-v2', 13, allOf(magic('0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a'), byteIn(12, 0x20, 0x21))),
  server: nothing('proxy-v2'),
  loose: { server: 'any' },
  inside: behindBlock,
};
