// IRC.

import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { anyOf, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// RFC 2812 §2.3: a message has at most 512 characters, its line end included; the tags of IRCv3 do not come first.
const maxLineBytes = 512;
// A server's name has at most 63 characters (RFC 2812 §1.1); some use longer ones.
const maxServerBytes = 160;

/** A whole line that only IRC has, one that may stand before it, and what may still become either. Case does not matter (RFC 2812 §2.3). */
const registers = /^(?:CAP (?:LS|LIST|REQ|END)(?: [^\n]*)?|NICK :?[^\s:@!/.,*?]{1,64}(?: \d+)?|USER [^\s\0]+ [^\s\0]+ [^\s\0]+ :?[^\s\0][^\n\0]*)$/i;
const precedes = /^PASS :?[^\s\0][^\n\0]*$/i;
const couldRegister =
  /^(?:C|CA|CAP|CAP (?:|L|LI|LIS|R|RE|E|EN|(?:LS|LIST|REQ|END)(?: [^\n]*|\r)?)|N|NI|NIC|NICK|NICK :?[^\s:@!/.,*?]{0,64}(?: \d*)?\r?|U|US|USE|USER|USER [^\n\0]*|P|PA|PAS|PASS|PASS [^\n\0]*)$/i;

/**
 * What a client registers with, in a form that only IRC has: `CAP LS`, `NICK` with one word, `USER` with four (RFC 2812 §3.1, IRCv3
 * "Capability negotiation"); `PASS` may come before.
 *
 * False positives: FTP and POP3 say USER and PASS as well, with one word, and after a greeting that is not IRC's.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  for (let start = 0; ; ) {
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0) return start === bytes.length || couldRegister.test(latin1(bytes, start)) ? 'more' : 'no';
    const line = latin1(bytes, start, start < feed && bytes[feed - 1] === 0x0d ? feed - 1 : feed);
    if (registers.test(line)) return 'match';
    if (!precedes.test(line)) return 'no';
    start = feed + 1;
  }
}

const prefixed = /^:[^\s:]+ (?:\d\d\d|NOTICE|CAP|MODE|PING) /;
const couldBePrefixed = /^:(?:[^\s:]+(?: (?:\d{0,3}|N|NO|NOT|NOTI|NOTIC|NOTICE|C|CA|CAP|M|MO|MOD|MODE|P|PI|PIN|PING)?)?)?$/;

/** A prefix with a numeric or a command (RFC 2812 §2.3, §5), or what servers say before anybody registered: `NOTICE AUTH`, `NOTICE *`. */
function judgeServer(bytes: Uint8Array): Verdict {
  if (bytes.length === 0) return 'more';
  if (bytes[0] !== 0x3a) return notice(bytes);
  const line = latin1(bytes);
  if (prefixed.test(line)) return 'match';
  return couldBePrefixed.test(line) ? 'more' : 'no';
}

const notice = anyOf(text('NOTICE AUTH :'), text('NOTICE Auth :'), text('NOTICE * :'));

export const irc: Protocol = {
  id: 'irc',
  title: 'IRC',
  toldBy: '`CAP`, `NICK`, `USER` with four words; the server’s prefix and numeric',
  // Clients register at once; many servers say NOTICE without waiting for it.
  firstSpeaker: 'either',
  port: 6667,
  evidence: { client: 'good', server: 'good' },
  client: matcher('irc', maxLineBytes, judgeClient),
  server: matcher('irc', maxServerBytes, judgeServer),
  loose: { server: matcher('irc', maxServerBytes, anyOf(judgeServer, text('PING '), text('ERROR '))) },
};
