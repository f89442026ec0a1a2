// DNP3: control of utilities.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

const headerBytes = 10;
const minLength = 5;

/**
 * Link frame: 05 64, length, control, destination, source, and a check sum over them (IEEE 1815 §9.2).
 *
 * False positives: none known; the check sum tells it from SOCKS5 with a hundred methods, which looks the same for two bytes.
 */
function judge(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 0x05) return 'no';
  if (1 < bytes.length && bytes[1] !== 0x64) return 'no';
  const length = byteAt(bytes, 2);
  if (0 <= length && length < minLength) return 'no';
  if (bytes.length < headerBytes) return 'more';
  const sum = checkSum(bytes, headerBytes - 2);
  return bytes[8] === (sum & 0xff) && bytes[9] === sum >> 8 ? 'match' : 'no';
}

/** CRC-16 with polynomial 3D65, bits reversed, complemented, low byte first (IEEE 1815 annex E). */
function checkSum(bytes: Uint8Array, end: number): number {
  let sum = 0;
  for (let at = 0; at < end; at++) {
    sum ^= bytes[at] ?? 0;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >> 1 : (sum >> 1) ^ 0xa6bc;
  }
  return ~sum & 0xffff;
}

export const dnp3: Protocol = {
  id: 'dnp3',
  title: 'DNP3',
  toldBy: 'a link frame whose check sum is right',
  firstSpeaker: 'either',
  port: 20000,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('dnp3', headerBytes, judge),
  server: matcher('dnp3', headerBytes, judge),
};
