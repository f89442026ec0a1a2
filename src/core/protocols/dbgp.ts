// DBGp: Xdebug and other engines, which dial the editor.

import { byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { anyOf, firstWord } from './build.js';
import { matcher, verdictOf, type Protocol } from './protocol.js';

// A packet of a gigabyte has 10 digits.
const maxDigits = 10;
// Digits, NUL, `<?xml`.
const packetBytes = maxDigits + 1 + 5;
// `property_value -i 1`: the longest command's name has some 20 characters.
const maxCommandBytes = 40;

/**
 * A length in decimal digits, NUL, XML (DBGp §6.3): the engine's `<init …>`.
 *
 * False positives: none known.
 */
function judgePacket(bytes: Uint8Array): Verdict {
  let at = 0;
  while (at < bytes.length && 0x30 <= (bytes[at] ?? 0) && (bytes[at] ?? 0) <= 0x39) at++;
  if (maxDigits < at) return 'no';
  if (at === bytes.length) return 'more';
  if (at === 0 || bytes[at] !== 0) return 'no';
  return verdictOf(textAt(bytes, at + 1, byteAt(bytes, at + 2) === 0x69 ? '<init' : '<?xml'));
}

/** To a proxy: an editor registers or leaves (DBGp §8). */
const proxyRequest = firstWord(['proxyinit', 'proxystop'], { followers: ' ' });

/** A command with its transaction number: `feature_get -i 1 -n …` (DBGp §6.2). */
function judgeCommand(bytes: Uint8Array): Verdict {
  let at = 0;
  while (at < bytes.length && ((0x61 <= (bytes[at] ?? 0) && (bytes[at] ?? 0) <= 0x7a) || bytes[at] === 0x5f)) at++;
  if (at === bytes.length) return 'more';
  return at === 0 ? 'no' : verdictOf(textAt(bytes, at, ' -i '));
}

export const dbgp: Protocol = {
  id: 'dbgp',
  title: 'DBGp (Xdebug)',
  toldBy: 'a length, NUL and XML from the engine, which dials the editor',
  firstSpeaker: 'client',
  port: 9003,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('dbgp', packetBytes, anyOf(judgePacket, proxyRequest)),
  server: matcher('dbgp', maxCommandBytes, judgeCommand),
};
