// `tls`: a TLS hello that asks for one of the given names, and offers one of the given protocols.

import type { Condition } from '../../shared/rules.js';
import { joinedAnd, say } from '../../shared/sentences.js';
import { clientHello, maxHelloPrefixBytes } from '../protocols/tlsHello.js';
import { tls as tlsProtocol } from '../protocols/tls.js';
import { anyGlob } from './glob.js';
import { atPhrase, routeMatcher, type RouteMatcher, type Verdict } from './matcher.js';

/**
 * Open until the name is known, over however many records and segments: an absent name is only believed of a complete hello.
 * With Encrypted ClientHello the name is the outer one, which names the provider and not the site (RFC 9849).
 */
export function tls(condition: Extract<Condition, { kind: 'tls' }>): RouteMatcher {
  const { sni, alpn } = condition;
  const isName = sni === undefined ? undefined : anyGlob(sni, true);
  const isOffered = alpn === undefined ? undefined : anyGlob(alpn, false);
  if (isName === undefined && isOffered === undefined) {
    return routeMatcher({
      maxBytes: tlsProtocol.client.maxBytes,
      match: (prefix, ended) => tlsProtocol.client.match(prefix, ended),
      explain: (verdict, prefix, atByte) => (verdict === 'match' ? say`client bytes are a TLS hello` : verdict === 'more' ? say`needs more bytes to tell whether this is TLS` : say`client bytes are not TLS (${atPhrase(prefix, atByte)})`),
    });
  }

  function judge(prefix: Uint8Array): Verdict {
    const hello = clientHello(prefix);
    if (hello === undefined) return 'no';
    const name = isName === undefined ? 'match' : hello.sni === undefined ? 'more' : hello.sni !== null && isName(hello.sni) ? 'match' : 'no';
    const offer = isOffered === undefined ? 'match' : hello.alpn === undefined ? 'more' : hello.alpn !== null && hello.alpn.some(isOffered) ? 'match' : 'no';
    if (name === 'no' || offer === 'no') return 'no';
    return name === 'more' || offer === 'more' ? 'more' : 'match';
  }

  return routeMatcher({
    maxBytes: maxHelloPrefixBytes,
    match(prefix, ended) {
      const verdict = judge(maxHelloPrefixBytes < prefix.length ? prefix.subarray(0, maxHelloPrefixBytes) : prefix);
      return verdict === 'more' && (ended || maxHelloPrefixBytes <= prefix.length) ? 'no' : verdict;
    },
    explain(verdict, prefix, atByte) {
      const hello = clientHello(prefix);
      if (hello === undefined) return say`client bytes are not a TLS hello (${atPhrase(prefix, atByte)})`;
      if (verdict === 'more') return prefix.length === 0 ? say`needs a TLS hello` : say`needs the rest of the TLS hello (${prefix.length} bytes so far)`;
      const asked = hello.sni === null || hello.sni === undefined ? say`no server name` : say`server name ${hello.sni}`;
      const offered = hello.alpn === null || hello.alpn === undefined ? say`no protocols` : say`protocols ${hello.alpn.join(', ')}`;
      const facts = joinedAnd([...(sni === undefined ? [] : [asked]), ...(alpn === undefined ? [] : [offered])]);
      const wanted = joinedAnd([...(sni === undefined ? [] : [say`sni ${sni.join(', ')}`]), ...(alpn === undefined ? [] : [say`alpn ${alpn.join(', ')}`])]);
      return verdict === 'match' ? say`TLS hello with ${facts}` : say`TLS hello with ${facts}, not ${wanted}`;
    },
    waitsForHello(prefix) {
      return prefix[0] === 0x16 && clientHello(prefix)?.isComplete === false;
    },
  });
}
