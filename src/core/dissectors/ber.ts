// Elements of ASN.1 in BER and DER (ITU-T X.690): tag, definite length, contents. What certificates and LDAP are made of.

import { latin1 } from '../bytes.js';
import { utf8Text } from './fieldReader.js';

/** One element. Positions are indexes of the bytes that it was found in. */
export interface Element {
  /** identifier octet: class, constructed bit and number */
  tag: number;
  start: number;
  /** first byte of the contents */
  at: number;
  end: number;
}

export const berTags = { boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, enumerated: 0x0a, bmpString: 0x1e, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31 } as const;

/**
 * The element at `at`.
 *
 * @returns a number while its header is cut: bytes from `at` that are needed; undefined for numbers above 30, for indefinite lengths and
 * for lengths of 2 GiB and more, which nothing here uses (X.690 §8.1.2.4, §8.1.3.6). `end` may pass the input's.
 */
export function headerAt(bytes: Uint8Array, at: number, end: number): Element | number | undefined {
  if (end <= at) return 1;
  const tag = bytes[at]!;
  if ((tag & 0x1f) === 0x1f) return undefined;
  if (end <= at + 1) return 2;
  const first = bytes[at + 1]!;
  if (first < 0x80) return { tag, start: at, at: at + 2, end: at + 2 + first };
  const count = first - 0x80;
  if (count < 1 || 4 < count) return undefined;
  if (end < at + 2 + count) return 2 + count;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!;
  return length < 0x80000000 ? { tag, start: at, at: at + 2 + count, end: at + 2 + count + length } : undefined;
}

/** @returns the element at `at` when all of it lies before `end` */
export function elementAt(bytes: Uint8Array, at: number, end: number): Element | undefined {
  const element = headerAt(bytes, at, end);
  return typeof element === 'object' && element.end <= end ? element : undefined;
}

/** Elements side by side in `[at, end)`, up to the first that is broken; at most `limit`. */
export function elementsIn(bytes: Uint8Array, at: number, end: number, limit = 256): Element[] {
  const found: Element[] = [];
  while (at < end && found.length < limit) {
    const element = elementAt(bytes, at, end);
    if (element === undefined) break;
    found.push(element);
    at = element.end;
  }
  return found;
}

/** @returns undefined for what does not fit into 48 bits */
export function integerOf(bytes: Uint8Array, { at, end }: Element): number | undefined {
  if (end <= at || at + 6 < end) return undefined;
  let value = (bytes[at]! << 24) >> 24;
  for (let i = at + 1; i < end; i++) value = value * 256 + bytes[i]!;
  return value;
}

/** Bits of a positive number, however long. */
export function bitLength(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] === 0) at += 1;
  return at === end ? 0 : (end - at) * 8 - Math.clz32(bytes[at]!) + 24;
}

/** @returns dotted numbers, `1.2.840.113549` */
export function oidOf(bytes: Uint8Array, { at, end }: Element): string {
  const parts: number[] = [];
  let value = 0;
  for (const stop = Math.min(end, at + 64); at < stop; at++) {
    value = value * 128 + (bytes[at]! & 0x7f);
    if (0x80 <= bytes[at]!) continue;
    // The first number carries two: 40 times the first arc, which is 2 at most (X.690 §8.19.4).
    if (parts.length === 0) parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else parts.push(value);
    value = 0;
  }
  return parts.join('.');
}

/** Text of any of ASN.1's strings. */
export function stringOf(bytes: Uint8Array, { tag, at, end }: Element): string {
  if (tag !== berTags.bmpString) return utf8Text(bytes, at, end);
  let text = '';
  for (let i = at; i + 1 < end && text.length < 1000; i += 2) text += String.fromCharCode((bytes[i]! << 8) | bytes[i + 1]!);
  return text;
}

/** @returns `2026-01-31 23:59:59 UTC`; the text as it is when it is no time */
export function timeOf(bytes: Uint8Array, element: Element): string {
  const text = latin1(bytes, element.at, Math.min(element.end, element.at + 32));
  // Two digits mean 1950 to 2049 (RFC 5280 §4.1.2.5.1).
  const full = element.tag === berTags.utcTime ? `${text < '5' ? '20' : '19'}${text}` : text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:\.\d+)?Z$/.exec(full);
  return parts === null ? text : `${parts[1]}-${parts[2]}-${parts[3]} ${parts[4]}:${parts[5]}:${parts[6] ?? '00'} UTC`;
}
