// FTP and SMTP greet alike (`220 …`): what tells them apart is the greeting's text, and then the client's verb.

import { anyCaseTextAt, byteAt, latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import type { Inner } from './protocol.js';

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

/** `match` as soon as the client's first bytes are one of the verbs (upper case or lower) followed by a space or a line end. */
export function judgeVerb(bytes: Uint8Array, verbs: readonly string[]): Verdict {
  let isOpen = false;
  for (const verb of verbs) {
    const standing = anyCaseTextAt(bytes, 0, verb);
    if (standing === 'part') isOpen = true;
    if (standing !== 'whole') continue;
    const next = byteAt(bytes, verb.length);
    if (next < 0) isOpen = true;
    else if (next === 0x20 || next === 0x0d || next === 0x0a) return 'match';
  }
  return isOpen ? 'more' : 'no';
}

/** A greeting that is this protocol's or may be: one that names neither needs the client's verb. */
export function couldGreet(bytes: Uint8Array, greeter: Greeter): Verdict {
  const told = greeterOf(bytes);
  if (told === 'more') return 'more';
  return told === greeter || told === 'either' ? 'match' : 'no';
}

/** @returns where TLS starts: behind the line that asks for it, in the client's bytes */
export function insideAfterLine(client: Uint8Array, server: Uint8Array, lines: readonly string[]): Inner | 'more' {
  const at = afterLine(client, lines);
  // Until the client asks it may still do so; it does before anything else of note, within the first kilobytes.
  return at < 0 ? 'more' : { client: at, server: server.length, only: 'tls' };
}

/** @returns position after the line that asks for TLS (`STARTTLS`, `AUTH TLS`), or -1 */
function afterLine(bytes: Uint8Array, lines: readonly string[]): number {
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0) return -1;
    for (const line of lines) {
      if (anyCaseTextAt(bytes, start, line) === 'whole' && feed <= start + line.length + 1) return feed + 1;
    }
    start = feed + 1;
  }
  return -1;
}
