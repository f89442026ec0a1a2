// Messages in the shape of HTTP with another version word: SIP and RTSP. Both ends may ask and answer.

import { byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { anyOf } from './build.js';
import type { Judge } from './protocol.js';

// A URI of a kilobyte is unheard of in either.
export const maxMessageBytes = 2048;
// SIP's keep-alive is two empty lines, and several may precede the first message (RFC 5626 §4.4.1).
const maxLeadingBytes = 16;
// GET_PARAMETER is the longest registered method; the rest is room.
const maxMethodBytes = 24;

const space = 0x20;

/**
 * `METHOD SP target SP version` or `version SP code`, after any number of empty lines.
 *
 * Methods are any upper-case word, since the version in its place is proof enough and both protocols let anybody add methods.
 *
 * @param version with its slash: `SIP/`; a digit must follow
 * @param judgeTarget says whether a request may be for what stands at a position
 */
export function textMessage(version: string, judgeTarget: (bytes: Uint8Array, at: number) => Verdict): Judge {
  const judge = anyOf((bytes) => judgeStatus(bytes, version), (bytes) => judgeRequest(bytes, version, judgeTarget));
  return (bytes) => {
    const start = afterEmptyLines(bytes);
    return start < 0 ? 'no' : judge(start === 0 ? bytes : bytes.subarray(start));
  };
}

/** @returns -1 when too many come, or half of one */
function afterEmptyLines(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] === 0x0d || bytes[at] === 0x0a)) {
    if (at === maxLeadingBytes) return -1;
    if (bytes[at] === 0x0d && at + 1 < bytes.length && bytes[at + 1] !== 0x0a) return -1;
    at++;
  }
  return at;
}

function judgeStatus(bytes: Uint8Array, version: string): Verdict {
  const word = judgeVersion(bytes, 0, version);
  if (word !== 'match') return word;
  const blank = bytes.indexOf(space, version.length);
  if (blank < 0) return bytes.length < version.length + 4 ? 'more' : 'no';
  if (version.length + 3 < blank) return 'no';
  const digit = byteAt(bytes, blank + 1);
  if (digit < 0) return 'more';
  return 0x31 <= digit && digit <= 0x36 ? 'match' : 'no';
}

function judgeRequest(bytes: Uint8Array, version: string, judgeTarget: (bytes: Uint8Array, at: number) => Verdict): Verdict {
  const length = bytes.length;
  let at = 0;
  while (at < length && isMethodByte(bytes[at] ?? 0)) at++;
  if (maxMethodBytes < at) return 'no';
  if (at === length) return 'more';
  if (at === 0 || bytes[at] !== space) return 'no';
  const target = at + 1;
  if (judgeTarget(bytes, target) === 'no') return 'no';
  at = target;
  while (at < length && space < (bytes[at] ?? 0) && bytes[at] !== 0x7f) at++;
  if (at === length) return 'more';
  return bytes[at] === space && target < at ? judgeVersion(bytes, at + 1, version) : 'no';
}

function judgeVersion(bytes: Uint8Array, at: number, version: string): Verdict {
  const standing = textAt(bytes, at, version);
  if (standing === 'not') return 'no';
  const digit = byteAt(bytes, at + version.length);
  if (digit < 0) return 'more';
  return 0x31 <= digit && digit <= 0x32 ? 'match' : 'no';
}

function isMethodByte(byte: number): boolean {
  return (0x41 <= byte && byte <= 0x5a) || byte === 0x5f || byte === 0x2d;
}
