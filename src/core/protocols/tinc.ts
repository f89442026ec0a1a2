// tinc.

import { byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, verdictOf, type Protocol } from './protocol.js';

// Node names are short; an invitation's key has 43 characters (tinc manual, "Invitations").
const maxNameBytes = 64;
// `0`, space, name, space, `17.`, minor version of 2 digits, line feed.
const maxBytes = 2 + maxNameBytes + 1 + 3 + 3;

/**
 * `0 NAME 17` or `0 NAME 17.7` and a line feed, from both ends (tinc manual, "Authentication protocol"; 17 since 1.0).
 *
 * False positives: none known: LDAP, SNMP, git and ADB start with the same digit and have no space there.
 */
function judge(bytes: Uint8Array): Verdict {
  const start = textAt(bytes, 0, '0 ');
  if (start !== 'whole') return verdictOf(start);
  let at = 2;
  // Somebody who was invited sends a key there (tinc 1.1).
  if (bytes[at] === 0x3f) at++;
  const name = at;
  while (at < bytes.length && isNameByte(bytes[at] ?? 0)) at++;
  if (maxNameBytes < at - name) return 'no';
  if (at === bytes.length) return 'more';
  if (at === name) return 'no';
  const version = textAt(bytes, at, ' 17');
  if (version !== 'whole') return verdictOf(version);
  const next = byteAt(bytes, at + 3);
  if (next < 0) return 'more';
  return next === 0x0a || next === 0x2e ? 'match' : 'no';
}

function isNameByte(byte: number): boolean {
  return (0x30 <= byte && byte <= 0x39) || (0x41 <= byte && byte <= 0x5a) || (0x61 <= byte && byte <= 0x7a) || byte === 0x5f || byte === 0x2d;
}

export const tinc: Protocol = {
  id: 'tinc',
  title: 'tinc',
  toldBy: 'the ID line of protocol 17',
  firstSpeaker: 'either',
  port: 655,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('tinc', maxBytes, judge),
  server: matcher('tinc', maxBytes, judge),
};
