// SOCKS5: a client and a proxy agree on how to log in and where to connect, and then whatever is spoken inside.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, byteIn } from './build.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

// Real clients offer one to three methods. DNP3's 05 64 reads as a hundred, and CQL v5's 05 10 as sixteen.
const maxMethods = 10;

const noLogin = 0x00;
const password = 0x02;

/** Methods that are assigned (0-9, IANA "SOCKS Methods") or private (80-FE); 0A-7F are not assigned, FF is an answer (RFC 1928 §3). */
const method = (at: number): ReturnType<typeof byteIn> => byteIn(at, [0, 9], [0x80, 0xfe]);
const methods = Array.from({ length: maxMethods }, (_, i) => method(2 + i));

/**
 * Version 5, a count, and as many methods (RFC 1928 §3). Three bytes may be all there is: the client waits for the answer.
 *
 * False positives: any protocol that starts with 05, a small count and a small number; the answer of the server takes the name away.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 5) return 'no';
  const count = byteAt(bytes, 1);
  if (count < 0) return 'more';
  if (count < 1 || maxMethods < count) return 'no';
  for (let i = 0; i < count; i++) {
    const verdict = methods[i]?.(bytes) ?? 'no';
    if (verdict !== 'match') return verdict;
  }
  return 'match';
}

/** Walks both halves of the handshake: methods, a password if that was chosen (RFC 1929 §2), request and reply (RFC 1928 §4, §6). */
function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  if (server.length < 2) return 'more';
  const chosen = server[1];
  // GSSAPI wraps what follows, private methods do what they like, and FF ends the connection.
  if (chosen !== noLogin && chosen !== password) return 'no';
  let at = 2 + (client[1] ?? 0);
  let serverAt = 2;
  if (chosen === password) {
    const name = byteAt(client, at + 1);
    const secret = name < 0 ? -1 : byteAt(client, at + 2 + name);
    if (secret < 0 || server.length < 4) return 'more';
    if (client[at] !== 1 || server[3] !== 0) return 'no';
    at += 3 + name + secret;
    serverAt = 4;
  }
  const end = endOfAddress(client, at);
  if (typeof end === 'string') return end;
  // BIND is answered twice and UDP ASSOCIATE carries nothing here.
  if (client[at + 1] !== 1) return 'no';
  const answered = endOfAddress(server, serverAt);
  if (typeof answered === 'string') return answered;
  return server[serverAt + 1] === 0 ? { client: end, server: answered } : 'no';
}

/** Version, command or reply, 0, address type, address, port. */
function endOfAddress(bytes: Uint8Array, at: number): number | 'more' | 'no' {
  if (bytes.length < at + 5) return 'more';
  if (bytes[at] !== 5 || bytes[at + 2] !== 0) return 'no';
  const type = bytes[at + 3];
  const length = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? 1 + (bytes[at + 4] ?? 0) : -1;
  if (length < 0) return 'no';
  const end = at + 4 + length + 2;
  return bytes.length < end ? 'more' : end;
}

export const socks5: Protocol = {
  id: 'socks5',
  title: 'SOCKS5',
  toldBy: 'version, count and login methods; what the tunnel carries is told as well',
  firstSpeaker: 'client',
  port: 1080,
  evidence: { client: 'good', server: 'weak' },
  client: matcher('socks5', 2 + maxMethods, judgeClient),
  server: matcher('socks5', 2, allOf(byteIn(0, 5), byteIn(1, [0, 9], [0x80, 0xff]))),
  inside,
};
