// What becomes of bytes that people are shown as text: bounded, on one line where it must be.

import { latin1 } from '../bytes.js';

/** Characters of a value that are kept; the bytes stay where they are. */
export const maxTextLength = 1000;

// Part of every platform that this runs on (WHATWG Encoding), though not of the language's own library.
declare const TextDecoder: new (label: string) => { decode(view: Uint8Array): string };
const utf8 = new TextDecoder('utf-8');

/** Longest prefix of UTF-8 that is decoded for a text of `maxTextLength` characters. */
const maxUtf8Bytes = maxTextLength * 4;

/** @returns text of a piece of bytes, at most `maxTextLength` characters of it and an ellipsis */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  const stop = end - start <= maxUtf8Bytes ? end : start + maxUtf8Bytes;
  // Most values are short ASCII: eight at a time beats the decoder's set-up, and makes few strings on the way (4 x for 20 bytes).
  if (stop - start <= 48) {
    const text = asciiText(bytes, start, stop);
    if (text !== undefined) return text;
  }
  return cut(utf8.decode(isShared(bytes) ? bytes.slice(start, stop) : bytes.subarray(start, stop)), stop < end);
}

/** @returns undefined when one of the bytes is none of ASCII */
function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let seen = 0;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!, e = bytes[at + 4]!, f = bytes[at + 5]!, g = bytes[at + 6]!, h = bytes[at + 7]!;
    seen |= a | b | c | d | e | f | g | h;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  if (at + 4 <= end) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!;
    seen |= a | b | c | d;
    text += String.fromCharCode(a, b, c, d);
    at += 4;
  }
  for (; at < end; at++) {
    seen |= bytes[at]!;
    text += String.fromCharCode(bytes[at]!);
  }
  return seen <= 0x7f ? text : undefined;
}

/** @returns UTF-8 text when all of it is text without control characters other than white space, else undefined */
export function plainText(view: Uint8Array): string | undefined {
  const part = view.length <= maxUtf8Bytes ? view : view.subarray(0, maxTextLength);
  for (const byte of part) if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte === 0x7f) return undefined;
  if (isUtf8(part)) return cut(utf8.decode(isShared(part) ? part.slice() : part), part.length < view.length);
  // A cut in the middle of a character makes a long text look wrong; as Latin-1 it is at least shown.
  return part.length < view.length ? cut(latin1(part), true) : undefined;
}

/** RFC 3629 §4. A decoder that throws costs fifty times as much for every piece of binary. */
function isUtf8(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at += 1;
      continue;
    }
    const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length === 0 || bytes.length < at + length) return false;
    const second = bytes[at + 1]!;
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < least || most < second) return false;
    for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return false;
    at += length;
  }
  return true;
}

function cut(text: string, isCut: boolean): string {
  return text.length <= maxTextLength && !isCut ? text : `${text.slice(0, maxTextLength)}…`;
}

/** TextDecoder refuses views of shared memory in some hosts. */
function isShared(bytes: Uint8Array): boolean {
  return typeof SharedArrayBuffer !== 'undefined' && bytes.buffer instanceof SharedArrayBuffer;
}

const hexBytesShown = 32;

/** @returns "12 bytes 01 02 03 …", or the text in quotes when it is one */
export function bytesText(view: Uint8Array): string {
  const text = 0 < view.length ? plainText(view) : undefined;
  if (text !== undefined) return JSON.stringify(text);
  const shown = view.length <= hexBytesShown ? view : view.subarray(0, hexBytesShown);
  const hex = Array.from(shown, (byte) => (byte < 16 ? '0' : '') + byte.toString(16)).join(' ');
  return `${view.length === 1 ? '1 byte' : `${view.length} bytes`}${hex === '' ? '' : ` ${hex}`}${shown.length < view.length ? ' …' : ''}`;
}

const maxSummaryLength = 300;

/** @returns one line: white space and control characters become single blanks, at most 300 characters */
export function oneLine(text: string): string {
  const part = text.length <= maxSummaryLength * 2 ? text : text.slice(0, maxSummaryLength * 2);
  // Nearly all summaries have nothing to fold.
  const folded = /[\u0000-\u001f\u007f-\u009f]|\s\s/.test(part) ? part.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim() : part;
  return folded.length <= maxSummaryLength && part.length === text.length ? folded : `${folded.slice(0, maxSummaryLength - 1)}…`;
}
