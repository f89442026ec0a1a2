// Several bodies in one (RFC 2046 §5.1), as forms with files send them (RFC 7578).

import { say } from '../../../shared/sentences.js';
import { latin1 } from '../../bytes.js';
import type { FieldReader } from '../fieldReader.js';

/** Parts that are listed; a form of more is sent to hurt. */
const maxParts = 200;
/** A part's head is a few short lines. */
const maxHeadBytes = 16 << 10;

/**
 * Reads the next `length` bytes.
 *
 * @param boundary the parameter of the media type
 * @param view how the body of a part is shown, given its bytes (from where the reader stands) and its media type
 * @returns number of parts
 */
export function multipart(reader: FieldReader, name: string, length: number, boundary: string, view: (length: number, mediaType: string) => void): number {
  const end = reader.at + Math.min(length, reader.left);
  let count = 0;
  reader.group(name, () => {
    const { bytes } = reader;
    let at = delimiter(bytes, reader.at, end, boundary);
    if (at === undefined) reader.problem('error', say`no boundary is in it`, reader.at, end);
    while (at !== undefined && !at.isLast && count < maxParts && 64 < reader.room) {
      const next: Delimiter | undefined = delimiter(bytes, at.end, end, boundary);
      if (next === undefined) reader.problem('error', say`the last boundary is missing`, end, end);
      reader.at = at.end;
      part(reader, next === undefined ? end : next.start, view);
      count += 1;
      at = next;
    }
    reader.at = end;
  }, () => (count === 1 ? '1 part' : `${count} parts`));
  return count;
}

interface Delimiter {
  /** where the line end before the boundary begins: the body's end */
  start: number;
  /** behind the line */
  end: number;
  isLast: boolean;
}

function delimiter(bytes: Uint8Array, from: number, end: number, boundary: string): Delimiter | undefined {
  for (let at = bytes.indexOf(0x2d, from); 0 <= at && at + 2 + boundary.length <= end; at = bytes.indexOf(0x2d, at + 1)) {
    if (bytes[at + 1] !== 0x2d || (from < at && bytes[at - 1] !== 0x0a) || !isThere(bytes, at + 2, boundary)) continue;
    const stop = at + 2 + boundary.length;
    const isLast = bytes[stop] === 0x2d && bytes[stop + 1] === 0x2d;
    const feed = bytes.indexOf(0x0a, stop);
    const start = from < at ? (from < at - 1 && bytes[at - 2] === 0x0d ? at - 2 : at - 1) : at;
    return { start, end: feed < 0 || end <= feed ? end : feed + 1, isLast };
  }
  return undefined;
}

function isThere(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

function part(reader: FieldReader, stop: number, view: (length: number, mediaType: string) => void): void {
  const { bytes } = reader;
  let title = '';
  reader.group('part', () => {
    let mediaType = 'text/plain';
    const from = reader.at;
    while (reader.at < stop && reader.at - from < maxHeadBytes) {
      const feed = bytes.indexOf(0x0a, reader.at);
      const next = feed < 0 || stop <= feed ? stop : feed + 1;
      const line = latin1(bytes, reader.at, next).trimEnd();
      const colon = line.indexOf(':');
      if (line !== '') {
        const value = line.slice(colon + 1).trim();
        const key = line.slice(0, Math.max(0, colon)).toLowerCase();
        reader.add(key === '' ? 'line' : key, reader.at, next, value);
        if (key === 'content-type') mediaType = value;
        if (key === 'content-disposition') title = titleOf(value);
      }
      reader.at = next;
      if (line === '') break;
    }
    if (reader.at < stop) view(stop - reader.at, mediaType);
    reader.at = stop;
  }, () => title);
}

/** `form-data; name="file"; filename="a.png"` is "file: a.png". */
function titleOf(value: string): string {
  const name = parameterOf(value, 'name');
  const file = parameterOf(value, 'filename');
  return file === undefined ? (name ?? '') : `${name ?? 'file'}: ${file}`;
}

/** A parameter of a header value: `text/html; charset="utf-8"` (RFC 9110 §5.6.6). */
export function parameterOf(value: string, name: string): string | undefined {
  for (const [, key, quoted, token] of value.matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/g)) {
    if (key?.toLowerCase() === name) return quoted?.replace(/\\(.)/g, '$1') ?? token;
  }
  return undefined;
}
