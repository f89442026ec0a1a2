// Reading bytes without ever running off their end: a cursor for binary structures, and a few helpers for text and hex.

/**
 * Reads big-endian numbers and slices from `[position, end)` of `bytes`.
 *
 * Every read that would pass the end answers `undefined` and does not move, so "not there yet" is a value and never an exception.
 */
export class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public position = 0,
    readonly end: number = bytes.length,
  ) {
    if (end > bytes.length) this.end = bytes.length;
  }

  get left(): number {
    return this.position < this.end ? this.end - this.position : 0;
  }

  u8(): number | undefined {
    return this.left < 1 ? undefined : this.bytes[this.position++];
  }

  u16(): number | undefined {
    if (this.left < 2) return undefined;
    const value = u16At(this.bytes, this.position);
    this.position += 2;
    return value;
  }

  u24(): number | undefined {
    if (this.left < 3) return undefined;
    const value = u24At(this.bytes, this.position);
    this.position += 3;
    return value;
  }

  u32(): number | undefined {
    if (this.left < 4) return undefined;
    const value = u32At(this.bytes, this.position);
    this.position += 4;
    return value;
  }

  /** @returns a view (not a copy) of the next `length` bytes */
  take(length: number): Uint8Array | undefined {
    if (length < 0 || this.left < length) return undefined;
    const view = this.bytes.subarray(this.position, this.position + length);
    this.position += length;
    return view;
  }

  /** @returns a cursor over the next `length` bytes, which this cursor steps over */
  within(length: number): Cursor | undefined {
    if (length < 0 || this.left < length) return undefined;
    const inner = new Cursor(this.bytes, this.position, this.position + length);
    this.position += length;
    return inner;
  }

  skip(length: number): boolean {
    if (length < 0 || this.left < length) return false;
    this.position += length;
    return true;
  }
}

/** @returns the byte at `at`, or -1 past the end */
export function byteAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (bytes[at] ?? -1) : -1;
}

/** Big-endian numbers; bytes past the end count as 0, so check the length first. */
export function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u24At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

export function u32At(bytes: Uint8Array, at: number): number {
  // Multiplied, not shifted: a length with the top bit set must not become negative.
  return (bytes[at] ?? 0) * 0x1000000 + u24At(bytes, at + 1);
}

/** Little-endian, for MySQL. */
export function u24LittleAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

/** How much of `text` (ASCII) stands at `at`: 'whole', 'part' (the bytes end first), or 'not'. */
export function textAt(bytes: Uint8Array, at: number, text: string): 'whole' | 'part' | 'not' {
  const available = bytes.length - at;
  const length = available < text.length ? available : text.length;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return 'not';
  return text.length <= available ? 'whole' : 'part';
}

/** As `textAt`, for lower-case `text`, whatever the case of the bytes. */
export function anyCaseTextAt(bytes: Uint8Array, at: number, text: string): 'whole' | 'part' | 'not' {
  const available = bytes.length - at;
  const length = available < text.length ? available : text.length;
  for (let i = 0; i < length; i++) if (lower(bytes[at + i] ?? 0) !== text.charCodeAt(i)) return 'not';
  return text.length <= available ? 'whole' : 'part';
}

/** @returns the lower-case form of an ASCII letter, any other byte as it is */
export function lower(byte: number): number {
  return 0x41 <= byte && byte <= 0x5a ? byte + 0x20 : byte;
}

// Arguments of one fromCharCode call; far below every engine's limit.
const textPiece = 4096;

/** Text with one character per byte (latin1): never fails, and offsets in the text are offsets in the bytes. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = '';
  for (let at = start; at < end; at += textPiece) {
    const stop = at + textPiece < end ? at + textPiece : end;
    text += String.fromCharCode.apply(undefined, bytes.subarray(at, stop) as unknown as number[]);
  }
  return text;
}

/** @returns bytes of a hex text (white space, `:` and a leading `0x` are allowed), or undefined when it is not hex */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/^\s*0x/i, '').replace(/[\s:]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}
