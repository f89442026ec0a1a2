// Where in the bytes of a field its value stands: the range of a field may hold a length or a name before it, and a terminator behind, which have
// to stay when the value is overwritten. What looks like none of these is the value as a whole.

import type { Piece } from './httpExchange.js';

/** @param bytes of one field */
export function valueIn(bytes: Uint8Array): Piece {
  const length = bytes.length;
  // A bulk string of RESP: `$6` CR LF, the bytes, CR LF.
  const feed = bytes[0] === 0x24 ? bytes.indexOf(0x0a) : -1;
  if (0 < feed && feed < 14) return { start: feed + 1, end: trimmed(bytes, feed + 1) };
  // A string of BSON: type, name, length, bytes (bsonspec.org); binary has its subtype before them.
  const name = bytes[0] === 0x02 || bytes[0] === 0x05 ? bytes.indexOf(0) : -1;
  if (0 < name && name + 5 < length) {
    const size = little(bytes, name + 1, 4);
    if (bytes[0] === 0x02 && name + 5 + size === length) return { start: name + 5, end: length - 1 };
    if (bytes[0] === 0x05 && name + 6 + size === length) return { start: name + 6, end: length };
  }
  // A tag and a length of one or two bytes: protobuf, BER.
  for (const start of [2, 3]) {
    if (length <= start) break;
    const said = start === 2 ? bytes[1]! : 0x80 <= bytes[1]! ? (bytes[1]! & 0x7f) | (bytes[2]! << 7) : bytes[2]!;
    if (said === length - start && (start === 3 || said < 0x80)) return { start, end: length };
  }
  // A length of 1, 2 or 4 bytes.
  for (const size of [1, 2, 4]) {
    if (length <= size) break;
    const rest = length - size;
    if (big(bytes, 0, size) === rest || little(bytes, 0, size) === rest || (size === 1 && bytes[0] === rest + 1)) return { start: size, end: length };
  }
  // A string of JSON with its quotes.
  if (1 < length && bytes[0] === 0x22 && bytes[length - 1] === 0x22) return { start: 1, end: length - 1 };
  return { start: 0, end: trimmed(bytes, 0) };
}

/** Without the NUL or the line end behind it. */
function trimmed(bytes: Uint8Array, start: number): number {
  let end = bytes.length;
  if (start < end && bytes[end - 1] === 0) return end - 1;
  if (start < end && bytes[end - 1] === 0x0a) end -= 1;
  if (start < end && bytes[end - 1] === 0x0d) end -= 1;
  return end;
}

function big(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i]!;
  return value;
}

function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; 0 <= i; i--) value = value * 256 + bytes[at + i]!;
  return value;
}
