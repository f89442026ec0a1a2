// MQTT 3.1, 3.1.1 and 5.

import { byteAt, textAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

// Fixed header of at most 5 bytes, name length 2, `MQIsdp` 6, level 1.
const maxBytes = 14;

/**
 * CONNECT: 0x10, remaining length, protocol name and level (MQTT 3.1.1 and 5 §3.1).
 *
 * False positives: none known; the name is spelt out. Bridges set the level's top bit, so it is masked.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 0x10) return 'no';
  let at = 1;
  for (; ; at++) {
    const byte = byteAt(bytes, at);
    if (byte < 0) return 'more';
    // A CONNECT of fewer than 12 bytes cannot be: name, level, flags, keep-alive and the client id's length are that long.
    if (at === 1 && byte < 12) return 'no';
    if (byte < 0x80) break;
    // A fourth length byte must be the last (MQTT 5 §1.5.5).
    if (at === 4) return 'no';
  }
  at++;
  if (at < bytes.length && bytes[at] !== 0) return 'no';
  if (bytes.length < at + 2) return 'more';
  const nameBytes = u16At(bytes, at);
  const name = nameBytes === 4 ? 'MQTT' : nameBytes === 6 ? 'MQIsdp' : undefined;
  if (name === undefined) return 'no';
  const standing = textAt(bytes, at + 2, name);
  if (standing !== 'whole') return standing === 'part' ? 'more' : 'no';
  const level = byteAt(bytes, at + 2 + nameBytes);
  if (level < 0) return 'more';
  const version = level & 0x7f;
  return (nameBytes === 4 ? version === 4 || version === 5 : version === 3) ? 'match' : 'no';
}

/**
 * CONNACK: `20 02`, flags, return code 0-5 (MQTT 3.1.1 §3.2); for MQTT 5 flags and a reason with properties (§3.2).
 *
 * Weak: four or five bytes of small numbers. Used for a label when the client's half was not seen.
 */
function judgeServer(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 0x20) return 'no';
  const length = byteAt(bytes, 1);
  if (0 <= length && (length < 2 || 0x7f < length)) return 'no';
  if (2 < bytes.length && 1 < (bytes[2] ?? 0)) return 'no';
  if (bytes.length < 4) return 'more';
  const reason = bytes[3] ?? 0;
  if (length === 2) return reason <= 5 ? 'match' : 'no';
  const properties = byteAt(bytes, 4);
  if (properties < 0) return 'more';
  return (reason === 0 || 0x80 <= reason) && properties === length - 3 ? 'match' : 'no';
}

export const mqtt: Protocol = {
  id: 'mqtt',
  title: 'MQTT',
  toldBy: 'CONNECT of version 3.1, 3.1.1 or 5',
  firstSpeaker: 'client',
  port: 1883,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('mqtt', maxBytes, judgeClient),
  server: matcher('mqtt', 5, judgeServer),
};
