// HTTP/1.0 and HTTP/1.1.

import { byteAt, latin1, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { requestLine, type RequestLine } from './http1Head.js';
import { upgraded } from './http1Upgrade.js';
import { matcher, type Protocol } from './protocol.js';

// RFC 9112 §3 asks for request lines of at least 8000 bytes; nothing real is longer.
const maxRequestLineBytes = 8192;

/** Registered methods (IANA HTTP Method Registry, WebDAV and its extensions included), and those that UPnP, caches and Icecast use. */
const knownMethods = new Set(
  `ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL
  MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND
  UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PURGE SOURCE`.split(/\s+/),
);

const scratch: RequestLine = { verdict: 'more', methodStart: -1, methodEnd: -1, targetStart: -1, targetEnd: -1 };

/**
 * `METHOD SP target SP HTTP/1.` at the start, after at most two empty lines (RFC 9112 §2.2, §3).
 *
 * Any method made of upper-case letters, `-` and `_` counts once the version is seen, since RFC 9110 §9.1 lets anybody add one.
 * Other token characters are legal and unused; leaving them out lets `SSH-2.0`, `*1` and `get k` be refused at their first odd byte.
 * Lower-case methods are refused: methods are case-sensitive and servers answer 400 or 501.
 *
 * False positives: none known. SIP, RTSP, ICAP and Icecast share verbs but have their own version word; NATS `CONNECT {` and
 * STOMP `CONNECT LF` fail at the target. HTTP/0.9 has no version and is refused, as current servers do.
 */
function judgeRequest(bytes: Uint8Array): Verdict {
  const line = requestLine(bytes, scratch);
  if (line.verdict !== 'more' || bytes.length < maxRequestLineBytes) return line.verdict;
  // A target that fills all of 8 KiB with legal characters after a registered method is HTTP, though its version is out of sight.
  const isKnown = 0 <= line.targetStart && knownMethods.has(latin1(bytes, line.methodStart, line.methodEnd));
  return isKnown ? 'match' : 'no';
}

/** `HTTP/1.` and a digit (RFC 9112 §4). RTSP and SIP servers start with their own names, Icecast with `ICY`. */
function judgeResponse(bytes: Uint8Array): Verdict {
  const version = textAt(bytes, 0, 'HTTP/1.');
  if (version !== 'whole') return version === 'part' ? 'more' : 'no';
  const digit = byteAt(bytes, 7);
  if (digit < 0) return 'more';
  return 0x30 <= digit && digit <= 0x39 ? 'match' : 'no';
}

export const http1: Protocol = {
  id: 'http1',
  title: 'HTTP/1.x',
  toldBy: 'method, target and version of a request, WebDAV methods too',
  firstSpeaker: 'client',
  port: 80,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('http1', maxRequestLineBytes, judgeRequest),
  server: matcher('http1', 8, judgeResponse),
  refine: upgraded,
};
