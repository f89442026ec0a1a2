// The Chrome DevTools Protocol: browsers and Node.js' inspector, over WebSocket, and the HTTP requests that find the targets.

import { byteAt, latin1, lower, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { eachHeader, isNamed, requestLine, statusOf, valueOf } from './http1Head.js';
import { maxHeadBytes } from './http2Head.js';
import { afterSpace, eachKey } from './jsonKeys.js';
import { matcher, verdictOf, type Protocol } from './protocol.js';
import { websocket } from './websocket.js';

/** A browser's and its pages' (CDP "HTTP Endpoints"). */
const socketPath = /^\/devtools\/[a-z_]+\//;
/** Node.js': an identifier alone. Others have such paths too, so the first message must agree. */
const nodePath = /^\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Discovery. The bare `/json` and the commands are left to the answer. */
const discoveryPath = /^\/json\/(?:version|list|protocol)\/?$/;
/** A longer path is none of the above. */
const maxPathBytes = 256;

/**
 * A WebSocket for `/devtools/…`; one for an identifier whose first message calls a method; or a request that lists targets.
 *
 * False positives: a service of its own may answer `/json/list`; an answer that is no JSON takes the name away.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  // Every HTTP connection comes by here, so the first characters decide before anything is cut out.
  const start = judgeStart(bytes);
  if (start !== 'match') return start;
  const line = requestLine(bytes);
  if (line.verdict === 'no') return 'no';
  if (line.verdict === 'more') return line.targetEnd < 0 && maxPathBytes < bytes.length - line.targetStart ? 'no' : 'more';
  const target = latin1(bytes, line.targetStart, line.targetEnd).split('?', 1)[0] ?? '';
  if (discoveryPath.test(target)) return 'match';
  if (socketPath.test(target)) return websocket.client.match(bytes, false);
  if (!nodePath.test(target)) return 'no';
  const upgrade = websocket.client.match(bytes, false);
  return upgrade === 'match' ? judgeFirstMessage(bytes) : upgrade;
}

/** `GET /`, then `devtools/`, `json/`, or a hexadecimal digit of an identifier and its hyphen. */
function judgeStart(bytes: Uint8Array): Verdict {
  const method = textAt(bytes, 0, 'GET /');
  if (method !== 'whole') return verdictOf(method);
  const devtools = textAt(bytes, 5, 'devtools/');
  if (devtools !== 'not') return verdictOf(devtools);
  const json = textAt(bytes, 5, 'json/');
  if (json !== 'not') return verdictOf(json);
  for (let at = 5; at < 13; at++) {
    const digit = lower(byteAt(bytes, at));
    if (digit < 0) return 'more';
    if (digit < 0x30 || 0x66 < digit || (0x39 < digit && digit < 0x61)) return 'no';
  }
  return verdictOf(textAt(bytes, 13, '-'));
}

/** The first frame from a client (RFC 6455 §5.2): final, text, masked, an object with an `id` and a `method` like `Runtime.enable`. */
function judgeFirstMessage(bytes: Uint8Array): Verdict {
  const head = latin1(bytes).indexOf('\r\n\r\n');
  if (head < 0) return 'more';
  const start = head + 4;
  if (start < bytes.length && bytes[start] !== 0x81 && bytes[start] !== 0xc1) return 'no';
  const size = byteAt(bytes, start + 1);
  if (size < 0) return 'more';
  // Without compression: Node.js' inspector refuses it.
  if (size < 0x80 || bytes[start] !== 0x81) return 'no';
  const mask = start + 2 + (size === 0xfe ? 2 : size === 0xff ? 8 : 0);
  if (bytes.length < mask + 5) return 'more';
  const text = bytes.slice(mask + 4);
  for (let i = 0; i < text.length; i++) text[i] = (text[i] ?? 0) ^ (bytes[mask + (i & 3)] ?? 0);
  let method = '';
  const keys = eachKey(text, afterSpace(text, 0), (key, valueAt) => {
    if (key !== 'method') return false;
    method = latin1(text, valueAt, valueAt + 40);
    return true;
  });
  if (keys !== 'stopped') return keys === 'part' ? 'more' : 'no';
  if (/^"[A-Z][A-Za-z]+\.[a-z]/.test(method)) return 'match';
  return /^"(?:[A-Z][A-Za-z]*\.?)?$/.test(method) && method.length < 40 ? 'more' : 'no';
}

/** The answer to discovery: an object or a list of targets, named by keys that only this protocol has. */
const targetKeys = ['"webSocketDebuggerUrl"', '"devtoolsFrontendUrl"', '"Protocol-Version"'] as const;

function judgeServer(bytes: Uint8Array): Verdict {
  const status = statusOf(bytes);
  if (status < 0) return 'more';
  if (status !== 200) return 'no';
  const text = latin1(bytes);
  return targetKeys.some((key) => text.includes(key)) ? 'match' : 'more';
}

/** The upgrade, or JSON. */
function judgeEither(bytes: Uint8Array): Verdict {
  const status = statusOf(bytes);
  if (status < 0) return 'more';
  if (status === 101) return 'match';
  if (status !== 200) return 'no';
  let isJson = false;
  const head = eachHeader(bytes, 0, (line) => {
    isJson = isNamed(bytes, line, 'content-type') && valueOf(bytes, line).toLowerCase().startsWith('application/json');
    return isJson;
  });
  return isJson ? 'match' : head === 'part' ? 'more' : 'no';
}

export const cdp: Protocol = {
  id: 'cdp',
  title: 'Chrome DevTools Protocol',
  toldBy: 'a WebSocket for a DevTools target, or the request that lists targets',
  firstSpeaker: 'client',
  port: 9222,
  evidence: { client: 'good', server: 'good' },
  client: matcher('cdp', maxHeadBytes, judgeClient),
  server: matcher('cdp', 4096, judgeServer),
  loose: { server: matcher('cdp', 4096, judgeEither) },
  within: ['websocket', 'http1'],
};
