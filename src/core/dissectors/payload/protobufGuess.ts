// What bytes of Protocol Buffers may well be when nobody has their schema.

import { plainText } from '../fieldReader.js';

export interface Varint {
  /** bigint from 2^49 on; never negative: signed types read it as such */
  value: number | bigint;
  /** position behind it */
  end: number;
}

/** A 64-bit number has ten groups of seven bits. */
const maxVarintBytes = 10;

/** @returns undefined when it does not end before `stop`, or is longer than any */
export function varintAt(bytes: Uint8Array, at: number, stop: number): Varint | undefined {
  let value = 0;
  let scale = 1;
  // Seven groups have 49 bits, which a number holds exactly.
  for (let i = at; i < stop && i < at + 7; i++) {
    const byte = bytes[i]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: i + 1 };
    scale *= 128;
  }
  let big = BigInt(value);
  for (let i = at + 7; i < stop && i < at + maxVarintBytes; i++) {
    const byte = bytes[i]!;
    big |= BigInt(byte & 0x7f) << BigInt(7 * (i - at));
    if (byte < 0x80) return { value: BigInt.asUintN(64, big), end: i + 1 };
  }
  return undefined;
}

/** Field numbers that people give; one byte of tag reaches to 15, two to 2047. */
const maxLikelyNumber = 2047;

/**
 * What a length-delimited value most likely is: a message, when it is one from end to end; a text; several small numbers; bytes.
 *
 * A text that begins with a printable character is rather a text, though " A" is also field 4 with value 65.
 */
export function guessOf(bytes: Uint8Array, start: number, end: number): 'message' | 'text' | 'packed' | 'bytes' {
  if (start === end) return 'text';
  const isText = plainText(bytes.subarray(start, end)) !== undefined;
  if (isText && 0x20 <= bytes[start]!) return 'text';
  if (isMessage(bytes, start, end)) return 'message';
  if (isText) return 'text';
  return isPacked(bytes, start, end) ? 'packed' : 'bytes';
}

/** Whole fields one after the other; what is inside of them is judged when it is read. */
function isMessage(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const tag = varintAt(bytes, at, end);
    if (tag === undefined || typeof tag.value === 'bigint') return false;
    const number = Math.floor(tag.value / 8);
    if (number < 1 || maxLikelyNumber < number) return false;
    switch (tag.value & 7) {
      case 0: {
        const value = varintAt(bytes, tag.end, end);
        if (value === undefined) return false;
        at = value.end;
        break;
      }
      case 1:
        at = tag.end + 8;
        break;
      case 2: {
        const length = varintAt(bytes, tag.end, end);
        if (length === undefined) return false;
        at = length.end + Number(length.value);
        break;
      }
      case 5:
        at = tag.end + 4;
        break;
      default:
        return false;
    }
    if (end < at) return false;
  }
  return true;
}

/** Numbers below 2^21, in as few bytes as they need. Identifiers of 16, 20 and 32 bytes are rather that. */
function isPacked(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < 2 || length === 16 || length === 20 || length === 32) return false;
  for (let at = start, groups = 1; at < end; at++) {
    const byte = bytes[at]!;
    if (0x80 <= byte) {
      if (3 < ++groups) return false;
    } else {
      if (1 < groups && byte === 0) return false;
      groups = 1;
    }
  }
  return bytes[end - 1]! < 0x80;
}
