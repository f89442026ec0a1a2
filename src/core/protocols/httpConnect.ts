// HTTP/1 CONNECT: a request to a proxy for a tunnel, and whatever is spoken inside.

import { textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { nothing } from './build.js';
import { http1 } from './http1.js';
import { requestLine, statusOf } from './http1Head.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

/**
 * An HTTP/1.x request line whose method is CONNECT (RFC 9110 §9.3.6, RFC 9112 §3.2.3).
 *
 * False positives: none known. NATS says `CONNECT {` and STOMP `CONNECT` with a line end; both fail before the version. CONNECT over
 * HTTP/2 is a stream among others and stays `http2`.
 */
function judgeRequest(bytes: Uint8Array): Verdict {
  const line = requestLine(bytes);
  if (line.verdict === 'no') return 'no';
  if (0 <= line.methodStart && textAt(bytes, line.methodStart, 'CONNECT ') === 'not') return 'no';
  return line.verdict;
}

/** Behind both heads, once the server granted it with 2xx (RFC 9110 §9.3.6). */
function tunnel(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  const status = server.length === 0 ? -1 : statusOf(server);
  if (status < 0) return 'more';
  return 200 <= status && status <= 299 ? { client: endOfHead(client), server: endOfHead(server) } : 'no';
}

/** @returns position behind the empty line; the end of the bytes while it is not there */
function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0x0a); 0 <= at; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return bytes.length;
}

export const httpConnect: Protocol = {
  id: 'http-connect',
  title: 'HTTP CONNECT',
  toldBy: 'a CONNECT request; what the tunnel carries is told as well',
  firstSpeaker: 'client',
  port: 3128,
  evidence: { client: 'strong', server: 'weak' },
  client: matcher('http-connect', http1.client.maxBytes, judgeRequest),
  // Its answer is that of any HTTP server.
  server: nothing('http-connect'),
  loose: { server: http1.server },
  inside: tunnel,
};
