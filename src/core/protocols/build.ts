// Common shapes of first bytes, to be put together: each says `no` at the first byte that contradicts it.

import type { Matcher, Verdict } from '../match/matcher.js';
import { anyCaseTextAt, byteAt, textAt } from '../bytes.js';
import { matcher, verdictOf, type Judge } from './protocol.js';

/** All parts: `no` as soon as one says so, `match` when all do. Put those that look at earlier bytes first. */
export function allOf(...judges: readonly Judge[]): Judge {
  return (bytes) => {
    let isOpen = false;
    for (const judge of judges) {
      const verdict = judge(bytes);
      if (verdict === 'no') return 'no';
      if (verdict === 'more') isOpen = true;
    }
    return isOpen ? 'more' : 'match';
  };
}

/** One part: `match` as soon as one says so, `no` when all do. */
export function anyOf(...judges: readonly Judge[]): Judge {
  return (bytes) => {
    let isOpen = false;
    for (const judge of judges) {
      const verdict = judge(bytes);
      if (verdict === 'match') return 'match';
      if (verdict === 'more') isOpen = true;
    }
    return isOpen ? 'more' : 'no';
  };
}

/** @param pattern hex pairs from `at` on, `??` for any byte: `magic('80 01 ?? 01')` */
export function magic(pattern: string, at = 0): Judge {
  const wanted = pattern.split(/\s+/).filter((pair) => pair !== '').map((pair) => (pair === '??' ? -1 : parseInt(pair, 16)));
  return (bytes) => {
    const available = bytes.length - at;
    const length = available < wanted.length ? available : wanted.length;
    for (let i = 0; i < length; i++) if (wanted[i] !== -1 && wanted[i] !== bytes[at + i]) return 'no';
    return wanted.length <= available ? 'match' : 'more';
  };
}

/** ASCII text at a fixed place, case as written. */
export function text(wanted: string, at = 0): Judge {
  return (bytes) => verdictOf(textAt(bytes, at, wanted));
}

/** @param values allowed values of the byte at `at`: single ones, or `[least, most]` */
export function byteIn(at: number, ...values: readonly (number | readonly [number, number])[]): Judge {
  const allowed = new Uint8Array(256);
  for (const value of values) {
    const [least, most] = typeof value === 'number' ? [value, value] : value;
    for (let byte = least; byte <= most; byte++) allowed[byte] = 1;
  }
  return (bytes) => {
    const byte = byteAt(bytes, at);
    if (byte < 0) return 'more';
    return allowed[byte] === 1 ? 'match' : 'no';
  };
}

/** A big-endian number of `size` bytes within `[least, most]`; `no` as soon as the bytes that are there rule it out. */
export function bigEndian(at: number, size: number, least: number, most: number): Judge {
  const all = 256 ** size - 1;
  return (bytes) => {
    let low = 0;
    let room = all;
    for (let i = 0; i < size; i++) {
      const byte = byteAt(bytes, at + i);
      if (byte < 0) return 'more';
      room = (room + 1) / 256 - 1;
      low += byte * (room + 1);
      if (most < low || low + room < least) return 'no';
    }
    return 'match';
  };
}

/** As `bigEndian`, lowest byte first. */
export function littleEndian(at: number, size: number, least: number, most: number): Judge {
  return (bytes) => {
    let low = 0;
    let place = 1;
    for (let i = 0; i < size; i++, place *= 256) {
      const byte = byteAt(bytes, at + i);
      if (byte < 0) return 'more';
      low += byte * place;
      if (most < low) return 'no';
    }
    return least <= low ? 'match' : 'no';
  };
}

/**
 * A first word, one of several, and what may follow it.
 *
 * @param words lower case when `anyCase`
 * @param followers characters of which one must follow; '' = none need
 */
export function firstWord(words: readonly string[], options: { anyCase?: boolean; followers?: string } = {}): Judge {
  const followers = options.followers ?? ' \r\n';
  const standing = options.anyCase === true ? anyCaseTextAt : textAt;
  return (bytes) => {
    let isOpen = false;
    for (const word of words) {
      const found = standing(bytes, 0, word);
      if (found === 'not') continue;
      if (found === 'whole' && followers === '') return 'match';
      const next = found === 'part' ? -1 : byteAt(bytes, word.length);
      if (next < 0) isOpen = true;
      else if (followers.includes(String.fromCharCode(next))) return 'match';
    }
    return isOpen ? 'more' : 'no';
  };
}

/** Printable ASCII in `[start, end)`; open while the bytes end before. */
export function printable(start: number, end: number): Judge {
  return (bytes) => {
    const stop = bytes.length < end ? bytes.length : end;
    for (let at = start; at < stop; at++) {
      const byte = bytes[at] ?? 0;
      if (byte < 0x20 || 0x7e < byte) return 'no';
    }
    return end <= bytes.length ? 'match' : 'more';
  };
}

/** For a side whose bytes never tell anything: `no` from the start. Mind `loose`, where it would contradict the other side. */
export function nothing(id: string): Matcher {
  return matcher(id, 0, (): Verdict => 'no');
}
