// MySQL and MariaDB: the server speaks first.

import { byteAt, u24LittleAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

// Header 4, protocol 1, version text, its NUL. Version texts of the wild stay below 64.
const maxVersionBytes = 64;
const maxServerBytes = 5 + maxVersionBytes + 1;
// Header 4, capabilities 4, packet size 4, charset 1, and the part of the filler that MariaDB leaves zero (19 of 23).
const loginBytes = 4 + 4 + 4 + 1 + 19;
const protocol41 = 0x0200;
const sslCapability = 0x0800;
// Client capability packet that asks for TLS: 4 bytes of header and 32 of body (MySQL internals, "SSLRequest").
const sslRequestBytes = 36;

/**
 * What a client answers to the greeting: sequence number 1, capabilities with PROTOCOL_41, 19 zero bytes of filler
 * (MySQL internals, "HandshakeResponse41").
 *
 * For labels only: a client says nothing before the greeting, so no route can wait for this. False positives: the zeros decide.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  // A login of 64 KiB or more does not happen; neither does one shorter than its fixed part.
  if (2 < bytes.length && bytes[2] !== 0) return 'no';
  if (3 < bytes.length && bytes[3] !== 1) return 'no';
  if (2 < bytes.length && u24LittleAt(bytes, 0) < sslRequestBytes - 4) return 'no';
  if (5 < bytes.length && (((bytes[5] ?? 0) << 8) & protocol41) === 0) return 'no';
  for (let i = loginBytes - 19; i < loginBytes && i < bytes.length; i++) if (bytes[i] !== 0) return 'no';
  return bytes.length < loginBytes ? 'more' : 'match';
}

/**
 * Greeting: 3-byte length, sequence 0, protocol 10, version text that starts with a digit, NUL (MySQL internals, "HandshakeV10"); or
 * an error in its place (0xFF and a code from 1000), which is what a refused host gets.
 *
 * False positives: none known; the text between fixed bytes decides.
 */
function judgeServer(bytes: Uint8Array): Verdict {
  if (1 < bytes.length && 1 < (bytes[1] ?? 0)) return 'no';
  if (2 < bytes.length && bytes[2] !== 0) return 'no';
  if (3 < bytes.length && bytes[3] !== 0) return 'no';
  const kind = byteAt(bytes, 4);
  if (kind < 0) return 'more';
  if (kind === 0xff) {
    if (bytes.length < 7) return 'more';
    const code = (bytes[5] ?? 0) | ((bytes[6] ?? 0) << 8);
    return 1000 <= code && code < 5000 && u24LittleAt(bytes, 0) < 600 ? 'match' : 'no';
  }
  if (kind !== 10) return 'no';
  for (let i = 5; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (i === 5 && (byte < 0x30 || 0x39 < byte)) return 'no';
    if (byte === 0) return 'match';
    if (byte < 0x20 || 0x7e < byte) return 'no';
  }
  return 'more';
}

/** TLS follows when the client's first packet is a request for it, and not a login. */
function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  if (client.length < sslRequestBytes) return 'more';
  const asksForTls = u24LittleAt(client, 0) === sslRequestBytes - 4 && client[3] === 1 && (((client[5] ?? 0) << 8) & sslCapability) !== 0;
  return asksForTls ? { client: sslRequestBytes, server: server.length, only: 'tls' } : 'no';
}

export const mysql: Protocol = {
  id: 'mysql',
  title: 'MySQL / MariaDB',
  toldBy: 'the server’s greeting',
  firstSpeaker: 'server',
  port: 3306,
  evidence: { client: 'good', server: 'strong' },
  client: matcher('mysql', loginBytes, judgeClient),
  server: matcher('mysql', maxServerBytes, judgeServer),
  inside,
};
