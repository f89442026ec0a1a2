// What an HTTP/1 connection becomes inside: after 101 what `Upgrade` names, after a granted CONNECT whatever the two ends agree on.

import { textAt } from '../bytes.js';
import { eachHeader, hasToken, isNamed, statusOf, valueOf } from './http1Head.js';
import type { Classified, Inner } from './protocol.js';

/** After 101 the connection speaks what `Upgrade` names (RFC 9110 §15.2.2). */
export function upgraded(_client: Uint8Array, server: Uint8Array, told: Classified): void {
  const status = server.length === 0 ? -1 : statusOf(server);
  if (status === -1) told.isSettled = false;
  if (status !== 101) return;
  let inner: string | undefined;
  const head = eachHeader(server, 0, (line) => {
    if (!isNamed(server, line, 'upgrade')) return false;
    const value = valueOf(server, line);
    inner = hasToken(value, 'websocket') ? 'websocket' : hasToken(value, 'h2c') ? 'http2' : undefined;
    return true;
  });
  if (inner === undefined) {
    if (head === 'part') told.isSettled = false;
    return;
  }
  told.protocol = inner;
  told.layers.push(inner);
  told.why += `, and 101 with Upgrade to ${inner}`;
}

/** Behind both heads, once the server granted a CONNECT with 2xx (RFC 9110 §9.3.6). */
export function tunnel(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  const method = textAt(client, 0, 'CONNECT ');
  if (method === 'not') return 'no';
  const status = server.length === 0 ? -1 : statusOf(server);
  if (status < 0 || method === 'part') return 'more';
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
