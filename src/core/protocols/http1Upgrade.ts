// What an HTTP/1 connection becomes after 101.

import { say } from '../../shared/sentences.js';
import { eachHeader, hasToken, isNamed, statusOf, valueOf } from './http1Head.js';
import type { Classified } from './protocol.js';

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
  told.why = say`${told.why}, and 101 with Upgrade to ${inner}`;
}
