// FTP and SMTP greet alike (`220 …`): what tells them apart is the greeting's text, and then the client's verb.

import { byteAt, latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';

// RFC 5321 §4.5.3.1.5 limits a reply line to 512 bytes; FTP banners of several lines fit twice over.
export const maxGreetingBytes = 1024;

export type Greeter = 'ftp' | 'smtp';

const smtpWords = /\b(?:E?SMTPS?|LMTP|Postfix|Exim|Sendmail|Exchange)\b/i;
const ftpWords = /FTP|FileZilla|\bServ-U\b/i;

/**
 * Who greets so? Codes: 220 ready (RFC 959 §4.2, RFC 5321 §4.2.3), 421 and 554 or 530 when refusing, 120 for FTP's "ready in n minutes".
 *
 * @returns 'either' when the reply is complete and names neither, 'more' while it is cut, undefined when it is no greeting
 */
export function greeterOf(bytes: Uint8Array): Greeter | 'either' | 'more' | undefined {
  const code = latin1(bytes, 0, bytes.length < 3 ? bytes.length : 3);
  if (!['220', '421', '554', '530', '120'].some((known) => known.startsWith(code))) return undefined;
  const separator = byteAt(bytes, 3);
  if (separator < 0) return 'more';
  if (separator !== 0x20 && separator !== 0x2d && separator !== 0x0d && separator !== 0x0a) return undefined;
  // Line by line, and only whole lines: the first that names one decides, so that what comes later cannot change the answer. The
  // reply ends at the line with a space behind its code (RFC 959 §4.2, RFC 5321 §4.2.1).
  for (let start = 0; ; ) {
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0) return 'more';
    const line = latin1(bytes, start, feed);
    if (smtpWords.test(line)) return 'smtp';
    if (ftpWords.test(line)) return 'ftp';
    if (line.startsWith(code) && line[3] !== '-') break;
    start = feed + 1;
  }
  if (code === '554') return 'smtp';
  return code === '120' || code === '530' ? 'ftp' : 'either';
}

/**
 * A greeting that may be this protocol's: one that names neither needs the client's verb, and EHLO is mail's whatever the host is called.
 */
export function couldGreet(bytes: Uint8Array, greeter: Greeter): Verdict {
  const told = greeterOf(bytes);
  if (told === 'more') return 'more';
  return told === greeter || told === 'either' || (told === 'ftp' && greeter === 'smtp') ? 'match' : 'no';
}
