// Looking for something in the bytes on the wire.

import { say } from '../../../shared/sentences.js';
import type { TextTest, Value, Wrong } from './comparisons.js';

export type BytesTest = (bytes: Uint8Array) => boolean;

/** How much of one piece a pattern is tried on, in bytes: at some 50 MB/s the rest would keep lens from its batches. */
const maxPatternBytes = 1 << 20;

/** `0d0a??0a`, or with blanks between the bytes */
const hex = /^(?:[0-9a-f]{2}|\?\?)+$/i;
const spacedHex = /^(?:[0-9a-f]{2}|\?\?)(?:\s+(?:[0-9a-f]{2}|\?\?))+$/i;

/**
 * What `bytes contains` takes. A bare word of pairs of hex digits is bytes, `??` any byte; so is a text in quotes with blanks between the pairs, or with `??`.
 * Everything else is a text, looked for as UTF-8.
 *
 * @returns the wanted bytes, -1 for any byte
 */
export function wantedBytes({ kind, text }: Value): number[] | undefined {
  const isHex = kind === 'word' ? hex.test(text) : spacedHex.test(text) || (text.includes('??') && hex.test(text));
  if (!isHex) return undefined;
  return text.replace(/\s+/g, '').match(/../g)!.map((pair) => (pair === '??' ? -1 : Number.parseInt(pair, 16)));
}

export function bytesContain(value: Value): BytesTest | Wrong {
  if (value.kind === 'pattern') return { wrong: 'value', message: say`A pattern stands behind "~".` };
  const wanted = wantedBytes(value) ?? [...Buffer.from(value.text, 'utf8')];
  if (wanted.every((byte) => byte === -1)) return { wrong: 'value', message: say`Bytes to look for are missing: 0d0a, "0d ?? 0a", or a text in quotes.` };
  return sequence(wanted);
}

/** The longest run of fixed bytes is looked for by the platform; the places where it stands are compared in full. */
function sequence(wanted: readonly number[]): BytesTest {
  let start = 0;
  let length = 0;
  for (let at = 0; at < wanted.length; ) {
    const end = wanted.indexOf(-1, at);
    const runLength = (end < 0 ? wanted.length : end) - at;
    if (length < runLength) [start, length] = [at, runLength];
    at += runLength + 1;
  }
  const run = Buffer.from(wanted.slice(start, start + length));
  return (bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let found = buffer.indexOf(run, start); 0 <= found; found = buffer.indexOf(run, found + 1)) {
      if (fitsAt(wanted, bytes, found - start)) return true;
    }
    return false;
  };
}

function fitsAt(wanted: readonly number[], bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) if (wanted[i] !== -1 && wanted[i] !== bytes[at + i]) return false;
  return true;
}

/** A text in UTF-8, letters of ASCII in either case. */
export function bytesContainText(text: string): BytesTest {
  const wanted = Buffer.from(text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()), 'utf8');
  const last = wanted.length - 1;
  // How far to go on when this byte stands below the last one wanted (Horspool).
  const steps = new Uint16Array(256).fill(wanted.length);
  for (let i = 0; i < last; i++) {
    steps[wanted[i]!] = last - i;
    steps[upper(wanted[i]!)] = last - i;
  }
  return (bytes) => {
    if (wanted.length === 0) return true;
    for (let at = last; at < bytes.length; at += steps[bytes[at]!]!) {
      let i = last;
      while (0 <= i && lower(bytes[at - last + i]!) === wanted[i]) i -= 1;
      if (i < 0) return true;
    }
    return false;
  };
}

function lower(byte: number): number {
  return 0x41 <= byte && byte <= 0x5a ? byte + 0x20 : byte;
}

function upper(byte: number): number {
  return 0x61 <= byte && byte <= 0x7a ? byte - 0x20 : byte;
}

/** The bytes as UTF-8 text, what is none of it as U+FFFD. */
export function bytesAsText(test: TextTest): BytesTest {
  const decoder = new TextDecoder();
  return (bytes) => test(decoder.decode(bytes.length <= maxPatternBytes ? bytes : bytes.subarray(0, maxPatternBytes)));
}

/** The bytes one character each, so that `\xff` is that byte. */
export function bytesAsLatin1(test: TextTest): BytesTest {
  return (bytes) => test(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxPatternBytes)).toString('latin1'));
}
