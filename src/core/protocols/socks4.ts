// SOCKS4 and SOCKS4a: a request to a proxy for a connection, and whatever is spoken inside.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, byteIn } from './build.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

// Version, command, port 2, address 4.
const fixedBytes = 8;
// A user id and a host name, each with its NUL: 255 is the most that a host name can have (RFC 1035 §2.3.4), and nobody's id is longer.
const maxTextBytes = 256;
const replyBytes = 8;
const granted = 0x5a;

/**
 * Version 4, command CONNECT or BIND, port, address, user id and NUL; with an address 0.0.0.x the name of the host follows ("SOCKS: A
 * protocol for TCP proxy across firewalls" and "SOCKS 4A").
 *
 * False positives: CQL v4 and OpenFlow 1.3 start with 04, but with 00 behind it. The reply decides where it is known.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 4) return 'no';
  if (1 < bytes.length && bytes[1] !== 1 && bytes[1] !== 2) return 'no';
  const end = endOfRequest(bytes);
  return typeof end === 'number' ? 'match' : end;
}

function endOfRequest(bytes: Uint8Array): number | 'more' | 'no' {
  if (bytes.length < fixedBytes) return 'more';
  const isNamed = bytes[4] === 0 && bytes[5] === 0 && bytes[6] === 0;
  // Address 0.0.0.0 is neither a host nor the mark of a name.
  if (isNamed && bytes[7] === 0) return 'no';
  const end = endOfText(bytes, fixedBytes);
  if (!isNamed || typeof end === 'string') return end;
  return byteAt(bytes, end) === 0 ? 'no' : endOfText(bytes, end);
}

/** @returns position behind the NUL of a text of printable characters */
function endOfText(bytes: Uint8Array, start: number): number | 'more' | 'no' {
  for (let at = start; at < start + maxTextBytes; at++) {
    const byte = byteAt(bytes, at);
    if (byte < 0) return 'more';
    if (byte === 0) return at + 1;
    if (byte < 0x20 || byte === 0x7f) return 'no';
  }
  return 'no';
}

function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  const end = endOfRequest(client);
  if (typeof end === 'string') return end;
  // BIND is answered twice, the second time when the other host has called; what comes then is rarely more than one file.
  if (client[1] !== 1 || (1 < server.length && server[1] !== granted)) return 'no';
  return server.length < replyBytes ? 'more' : { client: end, server: replyBytes };
}

export const socks4: Protocol = {
  id: 'socks4',
  title: 'SOCKS4',
  toldBy: 'a SOCKS4 or 4a request; what the tunnel carries is told as well',
  firstSpeaker: 'client',
  port: 1080,
  evidence: { client: 'good', server: 'weak' },
  client: matcher('socks4', fixedBytes + 2 * maxTextBytes, judgeClient),
  // Version 0 and one of four codes.
  server: matcher('socks4', 2, allOf(byteIn(0, 0), byteIn(1, [0x5a, 0x5d]))),
  inside,
};
