// NATS: the server speaks first.

import { anyOf, firstWord, text } from './build.js';
import { anyCaseTextAt, byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

const connect = 'connect';

/**
 * `CONNECT`, space or tab, and the brace of its JSON; case does not matter (NATS client protocol, "CONNECT"). For labels: clients wait
 * for INFO.
 *
 * False positives: none known. HTTP names a host in that place, STOMP ends the line.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const standing = anyCaseTextAt(bytes, 0, connect);
  if (standing !== 'whole') return standing === 'part' ? 'more' : 'no';
  const space = byteAt(bytes, connect.length);
  if (space < 0) return 'more';
  if (space !== 0x20 && space !== 0x09) return 'no';
  const brace = byteAt(bytes, connect.length + 1);
  if (brace < 0) return 'more';
  return brace === 0x7b ? 'match' : 'no';
}

/** A server may want TLS from the start: its INFO comes in the clear, and the client's first byte is a TLS record (`tls_required`). */
function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  if (client.length === 0) return 'more';
  return client[0] === 0x16 ? { client: 0, server: server.indexOf(0x0a) + 1, only: 'tls' } : 'no';
}

export const nats: Protocol = {
  id: 'nats',
  title: 'NATS',
  toldBy: 'the server’s INFO and the client’s CONNECT',
  firstSpeaker: 'server',
  port: 4222,
  evidence: { client: 'good', server: 'strong' },
  client: matcher('nats', connect.length + 2, judgeClient),
  server: matcher('nats', 7, anyOf(text('INFO {"'), text('INFO { '))),
  // TLS in place of CONNECT, and clients that skip it.
  loose: { client: matcher('nats', 9, anyOf(judgeClient, text('\x16\x03'), firstWord(['ping', 'pub', 'sub', 'hpub', 'pong'], { anyCase: true, followers: ' \t\r\n' }))) },
  inside,
};
