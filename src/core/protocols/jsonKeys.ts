// The keys of a JSON object that may be cut off, without parsing its values.

import { latin1 } from '../bytes.js';

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Positions that are none: the bytes end before, or they are no JSON. */
const cut = -1;
const wrong = -2;

/** @returns position of the first byte that is not white space; the end of the bytes when there is none */
export function afterSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && isSpace(bytes[at] ?? 0)) at++;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Calls `visit` for each key of the object that starts at `start`, in order, when the first byte of its value is there.
 *
 * @param visit answers true to stop; gets the key with its escapes as they stand, and the position of the value
 * @returns 'stopped', 'whole' at the closing brace, 'part' while keys may follow, 'not' when these bytes are no JSON object
 */
export function eachKey(bytes: Uint8Array, start: number, visit: (key: string, valueAt: number) => boolean): 'stopped' | 'whole' | 'part' | 'not' {
  if (bytes.length <= start) return 'part';
  if (bytes[start] !== openBrace) return 'not';
  let at = afterSpace(bytes, start + 1);
  if (bytes[at] === closeBrace) return 'whole';
  for (;;) {
    const keyEnd = endOfString(bytes, at);
    if (keyEnd < 0) return keyEnd === cut ? 'part' : 'not';
    const divider = afterSpace(bytes, keyEnd);
    if (divider === bytes.length) return 'part';
    if (bytes[divider] !== colon) return 'not';
    const valueAt = afterSpace(bytes, divider + 1);
    if (valueAt === bytes.length) return 'part';
    if (visit(latin1(bytes, at + 1, keyEnd - 1), valueAt)) return 'stopped';
    const valueEnd = endOfValue(bytes, valueAt);
    if (valueEnd < 0) return valueEnd === cut ? 'part' : 'not';
    at = afterSpace(bytes, valueEnd);
    if (at === bytes.length) return 'part';
    if (bytes[at] === closeBrace) return 'whole';
    if (bytes[at] !== comma) return 'not';
    at = afterSpace(bytes, at + 1);
  }
}

/** @returns position behind the closing quote */
function endOfString(bytes: Uint8Array, start: number): number {
  if (bytes.length <= start) return cut;
  if (bytes[start] !== quote) return wrong;
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) return at + 1;
    if (byte === backslash) at++;
    else if (byte < 0x20) return wrong;
  }
  return cut;
}

/** @returns position behind the value */
function endOfValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start] ?? 0;
  if (first === quote) return endOfString(bytes, start);
  if (first !== openBrace && first !== openBracket) return endOfWord(bytes, start);
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      const end = endOfString(bytes, at);
      if (end < 0) return end;
      at = end - 1;
    } else if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      depth--;
      if (depth === 0) return at + 1;
    } else if (byte < 0x20 && !isSpace(byte)) return wrong;
  }
  return cut;
}

/** Numbers, `true`, `false`, `null`. */
function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && isWordByte(bytes[at] ?? 0)) at++;
  if (at === bytes.length) return cut;
  return at === start ? wrong : at;
}

function isWordByte(byte: number): boolean {
  return (0x30 <= byte && byte <= 0x39) || (0x61 <= byte && byte <= 0x7a) || byte === 0x45 || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}
