// SIP over TCP.

import { anyCaseTextAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';
import { maxMessageBytes, textMessage } from './textMessage.js';

/** Schemes of request URIs (RFC 3261 §19.1, RFC 3966, 5031, 3860, 3859): HTTP's absolute form fails at its first letters. */
const schemes = ['sip:', 'sips:', 'tel:', 'urn:', 'im:', 'pres:'] as const;

/**
 * A request line with a SIP URI and `SIP/2.0`, or a status line (RFC 3261 §7.1, §7.2); either end may send either, since a server
 * opens a connection to answer when the first is gone (§18.2.2).
 *
 * False positives: none known. OPTIONS and others are HTTP's and RTSP's verbs too: the scheme and the third word tell.
 */
const judge = textMessage('SIP/', (bytes, at): Verdict => {
  let isOpen = false;
  for (const scheme of schemes) {
    const standing = anyCaseTextAt(bytes, at, scheme);
    if (standing === 'whole') return 'match';
    if (standing === 'part') isOpen = true;
  }
  return isOpen ? 'more' : 'no';
});

export const sip: Protocol = {
  id: 'sip',
  title: 'SIP',
  toldBy: 'a request for a SIP URI, or a status line, with `SIP/2.0`',
  firstSpeaker: 'either',
  port: 5060,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('sip', maxMessageBytes, judge),
  server: matcher('sip', maxMessageBytes, judge),
};
