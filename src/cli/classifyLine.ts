// Reads one question of `classify` out of raw bytes, without making strings of it: most of the time would go into those.
// It knows the plain form only, flat JSON without escapes; whatever else a line is, JSON.parse decides.

import { classifyBytes } from '../core/protocols/index.js';

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/** One question, overwritten by the next. */
export class LineReader {
  /** the id as JSON text, to be given back as it came */
  id = 'null';
  first: 'client' | 'server' | undefined;
  private readonly clientBytes = Buffer.alloc(classifyBytes);
  private readonly serverBytes = Buffer.alloc(classifyBytes);
  private clientLength = 0;
  private serverLength = 0;
  private at = 0;

  /** view, valid until the next `read` */
  get client(): Uint8Array {
    return this.clientBytes.subarray(0, this.clientLength);
  }

  get server(): Uint8Array {
    return this.serverBytes.subarray(0, this.serverLength);
  }

  /** @returns false when the line, bytes [start, end), is not of the plain form: nothing is known about it then */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.id = 'null';
    this.first = undefined;
    this.clientLength = this.serverLength = 0;
    this.at = start;
    if (!this.takes(bytes, openBrace)) return false;
    do {
      this.skipSpace(bytes);
      if (bytes[this.at] !== quote) return false;
      const keyStart = this.at + 1;
      const keyEnd = this.skipString(bytes, end);
      if (keyEnd < 0 || !this.takes(bytes, colon)) return false;
      this.skipSpace(bytes);
      if (!this.value(bytes, keyStart, keyEnd - keyStart, end)) return false;
    } while (this.takes(bytes, comma));
    if (!this.takes(bytes, closeBrace)) return false;
    this.skipSpace(bytes);
    return end <= this.at;
  }

  private value(bytes: Buffer, key: number, keyLength: number, end: number): boolean {
    const start = this.at;
    if (keyLength === 6 && isAt(bytes, key, 'client')) {
      this.clientLength = this.hex(bytes, this.clientBytes, end);
      return 0 <= this.clientLength;
    }
    if (keyLength === 6 && isAt(bytes, key, 'server')) {
      this.serverLength = this.hex(bytes, this.serverBytes, end);
      return 0 <= this.serverLength;
    }
    if (!this.skipValue(bytes, end)) return false;
    if (keyLength === 2 && isAt(bytes, key, 'id')) {
      this.id = bytes.toString('utf8', start, this.at);
    } else if (keyLength === 5 && isAt(bytes, key, 'first')) {
      this.first = isAt(bytes, start, '"client"') ? 'client' : isAt(bytes, start, '"server"') ? 'server' : undefined;
      return this.first !== undefined;
    }
    return true;
  }

  /** @returns bytes decoded, or -1 when it is not a string of hex digit pairs, or one that is longer than usual */
  private hex(bytes: Buffer, into: Buffer, end: number): number {
    if (bytes[this.at] !== quote) return -1;
    const start = this.at + 1;
    const close = bytes.indexOf(quote, start);
    const length = (close - start) / 2;
    if (close === -1 || end <= close || into.length < length) return -1;
    this.at = close + 1;
    // Node's own decoder, by way of a string, is faster than a loop over the bytes; it stops at what is no pair of digits.
    return into.write(bytes.toString('latin1', start, close), 'hex') === length ? length : -1;
  }

  /** A string, or a number of at most 15 digits; the rest is not the plain form. */
  private skipValue(bytes: Buffer, end: number): boolean {
    if (bytes[this.at] === quote) return 0 <= this.skipString(bytes, end);
    const start = this.at;
    while (isDigit(bytes[this.at]!)) this.at += 1;
    const digits = this.at - start;
    return 1 <= digits && digits <= 15 && (digits === 1 || bytes[start] !== 0x30);
  }

  /** @returns where its closing quote stands, or -1 when it has an escape or no end */
  private skipString(bytes: Buffer, end: number): number {
    for (let at = this.at + 1; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.at = at + 1;
        return at;
      }
      if (byte === backslash || byte < space) return -1;
    }
    return -1;
  }

  private takes(bytes: Buffer, byte: number): boolean {
    this.skipSpace(bytes);
    if (bytes[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  private skipSpace(bytes: Buffer): void {
    for (let byte = bytes[this.at]; byte === space || byte === 0x0d || byte === 0x09; byte = bytes[this.at]) this.at += 1;
  }
}

function isAt(bytes: Buffer, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return 0x30 <= byte && byte <= 0x39;
}
