// Forms as browsers send them: `name=value&name=value` (URL Standard, "application/x-www-form-urlencoded"), also the query of a target.

import { latin1 } from '../../bytes.js';
import { utf8Text, type FieldReader } from '../fieldReader.js';
import { isSecretName, maskedText } from './values.js';

/** Reads the next `length` bytes: a group whose fields are the pairs. */
export function form(reader: FieldReader, name: string, length: number): void {
  const end = reader.at + Math.min(length, reader.left);
  const start = reader.at;
  let hasSecret = false;
  reader.group(name, () => {
    hasSecret = pairs(reader, end);
  }, () => (hasSecret ? maskedText : utf8Text(reader.bytes, start, end)));
}

/** Reads pairs up to `end` into the present group. @returns whether one of them is a secret */
export function pairs(reader: FieldReader, end: number): boolean {
  const { bytes } = reader;
  let hasSecret = false;
  while (reader.at < end && 1 < reader.room) {
    const start = reader.at;
    const found = bytes.indexOf(0x26, start);
    const stop = found < 0 || end < found ? end : found;
    let nameEnd = start;
    while (nameEnd < stop && bytes[nameEnd] !== 0x3d) nameEnd += 1;
    const key = percentDecoded(bytes, start, nameEnd);
    const isSecret = isSecretName(key);
    if (start < stop) {
      const field = reader.add(key, start, stop, isSecret ? maskedText : nameEnd < stop ? percentDecoded(bytes, nameEnd + 1, stop) : '');
      if (isSecret && field !== undefined) field.isSecret = hasSecret = true;
    }
    reader.at = stop < end ? stop + 1 : end;
  }
  reader.at = end;
  return hasSecret;
}

/** `%41` and `+` undone; at most the first 4,000 bytes are looked at, which is more than a field's text keeps. */
export function percentDecoded(bytes: Uint8Array, start: number, end: number): string {
  const raw = latin1(bytes, start, Math.min(end, start + 4000));
  if (!/[%+\u0080-\u00ff]/.test(raw)) return raw;
  const decoded = new Uint8Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    const hex = code === 0x25 ? raw.slice(at + 1, at + 3) : '';
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      decoded[length++] = parseInt(hex, 16);
      at += 2;
    } else {
      decoded[length++] = code === 0x2b ? 0x20 : code;
    }
  }
  return utf8Text(decoded, 0, length);
}
