// IEC 60870-5-104: control of power grids.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

const start = 0x68;
// Control fields only, and with the longest ASDU (§5.1).
const minLength = 4;
const maxLength = 253;
/** STARTDT, STOPDT, TESTFR: act and con. */
const unnumbered = [0x07, 0x0b, 0x13, 0x23, 0x43, 0x83];
const knownBytes = 10;

/**
 * Start 68, length, and the control fields of one of three formats (IEC 60870-5-104 §5.1): U is one of six constants; S
 * acknowledges; I has an ASDU, whose type, count and cause must be possible (IEC 60870-5-101 §7.2).
 *
 * A controlling station opens with STARTDT or TESTFR, but who connects again may go on. False positives: none known for U and I.
 */
function judge(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== start) return 'no';
  const length = byteAt(bytes, 1);
  if (length < 0) return 'more';
  if (length < minLength || maxLength < length) return 'no';
  const control = byteAt(bytes, 2);
  if (control < 0) return 'more';
  if ((control & 1) === 0) return judgeAsdu(bytes, length);
  if (length !== minLength) return 'no';
  const isSupervisory = control === 0x01;
  if (!isSupervisory && !unnumbered.includes(control)) return 'no';
  if (3 < bytes.length && bytes[3] !== 0) return 'no';
  if (4 < bytes.length && (isSupervisory ? ((bytes[4] ?? 0) & 1) !== 0 : bytes[4] !== 0)) return 'no';
  if (bytes.length < 6) return 'more';
  return isSupervisory || bytes[5] === 0 ? 'match' : 'no';
}

function judgeAsdu(bytes: Uint8Array, length: number): Verdict {
  // Type, count, cause, originator, address 2 and one object's address 3 at least.
  if (length < minLength + 9) return 'no';
  if (4 < bytes.length && ((bytes[4] ?? 0) & 1) !== 0) return 'no';
  const type = byteAt(bytes, 6);
  if (0 <= type && (type < 1 || 127 < type)) return 'no';
  if (7 < bytes.length && ((bytes[7] ?? 0) & 0x7f) === 0) return 'no';
  const cause = byteAt(bytes, 8);
  if (0 <= cause && ((cause & 0x3f) < 1 || 47 < (cause & 0x3f))) return 'no';
  return bytes.length < knownBytes ? 'more' : 'match';
}

export const iec104: Protocol = {
  id: 'iec104',
  title: 'IEC 60870-5-104',
  toldBy: 'a frame of format U, S or I',
  firstSpeaker: 'either',
  port: 2404,
  evidence: { client: 'good', server: 'good' },
  client: matcher('iec104', knownBytes, judge),
  server: matcher('iec104', knownBytes, judge),
};
