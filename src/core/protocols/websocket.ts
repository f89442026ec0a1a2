// WebSocket: an upgrade inside HTTP/1.1, or an extended CONNECT inside HTTP/2.

import { byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { http2 } from './http2.js';
import { eachHeader, hasToken, isNamed, requestLine, statusOf, valueOf } from './http1Head.js';
import { fieldOf, firstRequest, maxHeadBytes } from './http2Head.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * A GET with `Upgrade: websocket`, `Connection: …upgrade…` and a `Sec-WebSocket-Key` (RFC 6455 §4.1), or an HTTP/2 CONNECT with
 * `:protocol websocket` (RFC 8441 §4).
 *
 * False positives: none known; all three headers are asked for because proxies add the first two for other upgrades.
 * `Connection: keep-alive, Upgrade` is common, so tokens are compared and not whole values.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  if (textAt(bytes, 0, 'PRI') !== 'not') return 0 < bytes.length ? judgeHttp2(bytes) : 'more';
  const line = requestLine(bytes);
  if (line.verdict === 'no') return 'no';
  const method = textAt(bytes, line.methodStart < 0 ? bytes.length : line.methodStart, 'GET ');
  if (method === 'not') return 'no';
  return line.verdict === 'more' ? 'more' : upgradeAsked(bytes, line.targetEnd);
}

/** @param from a position in the request line */
function upgradeAsked(bytes: Uint8Array, from: number): Verdict {
  let hasUpgrade = false;
  let hasConnection = false;
  let hasKey = false;
  const head = eachHeader(bytes, from, (line) => {
    if (isNamed(bytes, line, 'upgrade')) hasUpgrade ||= hasToken(valueOf(bytes, line), 'websocket');
    else if (isNamed(bytes, line, 'connection')) hasConnection ||= hasToken(valueOf(bytes, line), 'upgrade');
    else if (isNamed(bytes, line, 'sec-websocket-key')) hasKey = true;
    return hasUpgrade && hasConnection && hasKey;
  });
  return head === 'stopped' ? 'match' : head === 'part' ? 'more' : 'no';
}

function judgeHttp2(bytes: Uint8Array): Verdict {
  const request = firstRequest(bytes);
  if (typeof request === 'string') return request;
  return fieldOf(request, ':method') === 'CONNECT' && fieldOf(request, ':protocol') === 'websocket' ? 'match' : 'no';
}

/** `101` with `Upgrade: websocket` (RFC 6455 §4.2.2); any other status is HTTP. */
function judgeServer(bytes: Uint8Array): Verdict {
  const status = statusOf(bytes);
  if (status < 0) return 'more';
  if (status !== 101) return 'no';
  const head = eachHeader(bytes, 0, (line) => isNamed(bytes, line, 'upgrade') && hasToken(valueOf(bytes, line), 'websocket'));
  return head === 'stopped' ? 'match' : head === 'part' ? 'more' : 'no';
}

/** As above, or an HTTP/2 server's SETTINGS. */
function judgeEither(bytes: Uint8Array): Verdict {
  return byteAt(bytes, 0) === 0 ? http2.server.match(bytes, false) : judgeServer(bytes);
}

export const websocket: Protocol = {
  id: 'websocket',
  title: 'WebSocket',
  toldBy: 'the upgrade request',
  firstSpeaker: 'client',
  port: 80,
  evidence: { client: 'good', server: 'good' },
  client: matcher('websocket', maxHeadBytes, judgeClient),
  server: matcher('websocket', 4096, judgeServer),
  loose: { server: matcher('websocket', 4096, judgeEither) },
  within: ['http1', 'http2'],
};
