// XMPP: an XML stream each way.

import { byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, verdictOf, type Inner, type Protocol } from './protocol.js';

// An XML declaration has version, encoding and standalone; white space and a longer one of some library fit in this.
const maxBytes = 256;
const streamTag = '<stream:stream';

/**
 * `<stream:stream`, after white space and an XML declaration if there is one (RFC 6120 §4.2, §11.5). Both sides start so.
 *
 * False positives: none known. XML of other protocols (SOAP, DBGp, Flash policy) has other root elements, and the word `jabber` proves
 * nothing, since any text may contain it.
 */
function judge(bytes: Uint8Array): Verdict {
  let at = afterSpace(bytes, 0);
  const declaration = textAt(bytes, at, '<?xml');
  if (declaration !== 'not') {
    // `<` alone may still be either.
    if (declaration === 'part') return 'more';
    const close = bytes.indexOf(0x3e, at);
    if (close < 0) return bytes.indexOf(0x3c, at + 1) < 0 ? 'more' : 'no';
    if (bytes[close - 1] !== 0x3f) return 'no';
    at = afterSpace(bytes, close + 1);
  }
  const tag = textAt(bytes, at, streamTag);
  if (tag !== 'whole') return verdictOf(tag);
  const next = byteAt(bytes, at + streamTag.length);
  if (next < 0) return 'more';
  return isSpace(next) || next === 0x3e ? 'match' : 'no';
}

function afterSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isSpace(byteAt(bytes, at))) at++;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** TLS starts behind the client's `<starttls/>` element (RFC 6120 §5.4.2.1, §5.4.3.3). */
function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' {
  for (let open = client.indexOf(0x3c); 0 <= open; open = client.indexOf(0x3c, open + 1)) {
    if (textAt(client, open, '<starttls') !== 'whole') continue;
    let close = client.indexOf(0x3e, open);
    if (close < 0) return 'more';
    if (textAt(client, close + 1, '</starttls>') === 'whole') close += '</starttls>'.length;
    return { client: afterSpace(client, close + 1), server: server.length, only: 'tls' };
  }
  return 'more';
}

export const xmpp: Protocol = {
  id: 'xmpp',
  title: 'XMPP',
  toldBy: 'the `<stream:stream` tag',
  firstSpeaker: 'client',
  port: 5222,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('xmpp', maxBytes, judge),
  server: matcher('xmpp', maxBytes, judge),
  inside,
};
