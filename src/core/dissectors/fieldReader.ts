// Reads a structure and writes down what it reads: every number and text becomes a field with its byte range.

import type { Field, Problem, Range, Severity } from '../../shared/message.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import type { Input } from './dissector.js';
import { bytesText, maxTextLength, utf8Text } from './text.js';

export { bytesText, maxTextLength, oneLine, plainText, utf8Text } from './text.js';

/** Fields of one message. A list of a million elements is told by its first ones, and says so. */
export const maxFields = 2000;
/** Groups inside groups. Deeper nesting is only sent to hurt. */
export const maxDepth = 64;

/** How a value is worded: a table, or a function. */
export type Words<T = number> = Readonly<Record<number, string>> | ((value: T) => string);

/**
 * Reads `[at, end)` of `bytes`. Reading past the end answers 0 or '' and sets `isBroken`, once and for all: a loop over a broken
 * structure ends with `while (0 < reader.left)`, and the message gets one problem that says where.
 */
export class FieldReader {
  /** fields of the group that is being read; at the outermost level those of the message */
  fields: Field[] = [];
  readonly problems: Problem[] = [];
  isBroken = false;
  private depth = 0;
  private count = 0;

  /** @param fixed every field gets this range: what is read was decompressed, and has no place of its own on the wire */
  constructor(
    readonly bytes: Uint8Array,
    readonly base: number,
    public at: number,
    public end: number,
    private readonly fixed?: Range,
  ) {}

  /** A reader over the next `length` bytes of an input (all of it without `length`). */
  static of(input: Input, length: number = input.end - input.at): FieldReader {
    return new FieldReader(input.bytes, input.base, input.at, input.end - input.at < length ? input.end : input.at + length);
  }

  get left(): number {
    return this.isBroken ? 0 : this.end - this.at;
  }

  /** Fields that may still be added. */
  get room(): number {
    return this.count < maxFields ? maxFields - this.count : 0;
  }

  /** Position in the speaker's bytes. */
  get offset(): number {
    return this.base + this.at;
  }

  // ---- reading without a field ----

  /** @returns the byte `ahead` of the next one, or -1 */
  peek(ahead = 0): number {
    const at = this.at + ahead;
    return at < this.end ? (this.bytes[at] ?? -1) : -1;
  }

  /** @returns whether `length` bytes may be taken; breaks the reader when not */
  private has(length: number, name: string): boolean {
    if (this.isBroken) return false;
    if (0 <= length && length <= this.end - this.at) return true;
    this.isBroken = true;
    this.problem('error', say`${name} needs ${length} bytes, ${this.end - this.at} are left`, this.at, this.end);
    return false;
  }

  skip(length: number): void {
    if (this.has(length, say`what is skipped`)) this.at += length;
  }

  // ---- numbers: big-endian, and little-endian with Le ----

  u8(name: string, words?: Words): number {
    return this.number(name, 1, words, () => this.bytes[this.at]!);
  }

  i8(name: string, words?: Words): number {
    return this.number(name, 1, words, () => (this.bytes[this.at]! << 24) >> 24);
  }

  u16(name: string, words?: Words): number {
    return this.number(name, 2, words, () => (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!);
  }

  u16Le(name: string, words?: Words): number {
    return this.number(name, 2, words, () => this.bytes[this.at]! | (this.bytes[this.at + 1]! << 8));
  }

  i16(name: string, words?: Words): number {
    return this.number(name, 2, words, () => ((this.bytes[this.at]! << 24) >> 16) | this.bytes[this.at + 1]!);
  }

  u24(name: string, words?: Words): number {
    return this.number(name, 3, words, () => (this.bytes[this.at]! << 16) | (this.bytes[this.at + 1]! << 8) | this.bytes[this.at + 2]!);
  }

  u24Le(name: string, words?: Words): number {
    return this.number(name, 3, words, () => this.bytes[this.at]! | (this.bytes[this.at + 1]! << 8) | (this.bytes[this.at + 2]! << 16));
  }

  u32(name: string, words?: Words): number {
    return this.number(name, 4, words, () => this.word(this.at) >>> 0);
  }

  u32Le(name: string, words?: Words): number {
    return this.number(name, 4, words, () => this.wordLe(this.at) >>> 0);
  }

  i32(name: string, words?: Words): number {
    return this.number(name, 4, words, () => this.word(this.at));
  }

  i32Le(name: string, words?: Words): number {
    return this.number(name, 4, words, () => this.wordLe(this.at));
  }

  u64(name: string, words?: Words<bigint>): bigint {
    return this.big(name, words, () => (BigInt(this.word(this.at) >>> 0) << 32n) | BigInt(this.word(this.at + 4) >>> 0));
  }

  i64(name: string, words?: Words<bigint>): bigint {
    return this.big(name, words, () => (BigInt(this.word(this.at)) << 32n) | BigInt(this.word(this.at + 4) >>> 0));
  }

  u64Le(name: string, words?: Words<bigint>): bigint {
    return this.big(name, words, () => (BigInt(this.wordLe(this.at + 4) >>> 0) << 32n) | BigInt(this.wordLe(this.at) >>> 0));
  }

  i64Le(name: string, words?: Words<bigint>): bigint {
    return this.big(name, words, () => (BigInt(this.wordLe(this.at + 4)) << 32n) | BigInt(this.wordLe(this.at) >>> 0));
  }

  f32(name: string, isLittle = false): number {
    return this.number(name, 4, undefined, () => this.view().getFloat32(0, isLittle));
  }

  f64(name: string, isLittle = false): number {
    return this.number(name, 8, undefined, () => this.view().getFloat64(0, isLittle));
  }

  private number(name: string, length: number, words: Words | undefined, read: () => number): number {
    if (!this.has(length, name)) return 0;
    const value = read();
    this.push(name, length, worded(value, words), value);
    return value;
  }

  private big(name: string, words: Words<bigint> | undefined, read: () => bigint): bigint {
    if (!this.has(8, name)) return 0n;
    const value = read();
    const text = typeof words === 'function' ? words(value) : String(value);
    this.push(name, 8, text, -Number.MAX_SAFE_INTEGER <= value && value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined);
    return value;
  }

  private word(at: number): number {
    const { bytes } = this;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  private wordLe(at: number): number {
    const { bytes } = this;
    return (bytes[at + 3]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!;
  }

  private view(): DataView {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, this.end - this.at);
  }

  // ---- texts and bytes ----

  /** UTF-8; what is not becomes U+FFFD. */
  text(name: string, length: number): string {
    if (!this.has(length, name)) return '';
    const value = utf8Text(this.bytes, this.at, this.at + length);
    this.push(name, length, value);
    return value;
  }

  /** One character per byte. */
  latin1(name: string, length: number): string {
    if (!this.has(length, name)) return '';
    const value = latin1(this.bytes, this.at, this.at + Math.min(length, maxTextLength));
    this.push(name, length, value);
    return value;
  }

  /** UTF-8 up to a zero byte, which belongs to the field and not to the value. */
  zeroEnded(name: string): string {
    if (this.isBroken) return '';
    const zero = this.bytes.indexOf(0, this.at);
    if (zero < 0 || this.end <= zero) {
      this.isBroken = true;
      this.problem('error', say`${name} has no zero byte at its end`, this.at, this.end);
      return '';
    }
    const value = utf8Text(this.bytes, this.at, zero);
    this.push(name, zero + 1 - this.at, value);
    return value;
  }

  /** UTF-8 behind its length, a big-endian number of `size` bytes: both are one field. */
  prefixedText(name: string, size: 1 | 2 | 4): string {
    const length = this.prefix(name, size);
    if (length === undefined) return '';
    const value = utf8Text(this.bytes, this.at + size, this.at + size + length);
    this.push(name, size + length, value);
    return value;
  }

  /** Bytes behind their length; as `data`. */
  prefixedData(name: string, size: 1 | 2 | 4): Uint8Array {
    const length = this.prefix(name, size);
    if (length === undefined) return nothing;
    const view = this.bytes.subarray(this.at + size, this.at + size + length);
    this.push(name, size + length, bytesText(view));
    return view;
  }

  /** @returns the length that stands here, once that many bytes behind it are there */
  private prefix(name: string, size: 1 | 2 | 4): number | undefined {
    if (!this.has(size, name)) return undefined;
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + this.bytes[this.at + i]!;
    return this.has(size + length, name) ? length : undefined;
  }

  /** Bytes as hex, or as text where they are text: "3 bytes 01 02 03". @returns a view */
  data(name: string, length: number): Uint8Array {
    if (!this.has(length, name)) return nothing;
    const view = this.bytes.subarray(this.at, this.at + length);
    this.push(name, length, bytesText(view));
    return view;
  }

  /** As `data`, worded by you, for values such as addresses and UUIDs. */
  value(name: string, length: number, words: (view: Uint8Array) => string): Uint8Array {
    if (!this.has(length, name)) return nothing;
    const view = this.bytes.subarray(this.at, this.at + length);
    this.push(name, length, words(view));
    return view;
  }

  /** A password, token or key: its text is masked for good. @returns nothing, so that it cannot end up in a summary */
  secret(name: string, length: number): void {
    if (!this.has(length, name)) return;
    this.push(name, length, '••••••');
    const field = this.fields[this.fields.length - 1];
    if (field !== undefined) field.isSecret = true;
  }

  /** What nobody reads stays visible as such. */
  rest(name = 'not decoded'): void {
    if (0 < this.left) this.data(name, this.left);
  }

  // ---- structure ----

  /**
   * A field whose children are what `build` reads. Its range is what was read meanwhile.
   *
   * @param text the group's own text, once its children are known
   */
  group<T>(name: string, build: () => T, text: string | ((value: T) => string) = ''): T {
    const outer = this.fields;
    const start = this.at;
    const own: Field[] = [];
    this.fields = own;
    this.depth += 1;
    if (maxDepth < this.depth && !this.isBroken) {
      this.isBroken = true;
      this.problem('error', say`nested more than ${maxDepth} deep`, start, this.end);
    }
    const value = build();
    this.depth -= 1;
    this.fields = outer;
    this.add(name, start, this.at, typeof text === 'string' ? text : text(value), own);
    return value;
  }

  /**
   * Reads the next `length` bytes as a structure of its own: reading inside cannot pass them, what is left over there stays as
   * `not decoded`, and what is broken there does not break what follows.
   */
  within<T>(length: number, build: () => T): T | undefined {
    if (!this.has(length, 'the structure')) return undefined;
    const { end } = this;
    const inner = this.at + length;
    this.end = inner;
    const value = build();
    const wasBroken = this.isBroken;
    this.isBroken = false;
    if (this.at < inner) this.data('not decoded', inner - this.at);
    this.end = end;
    this.at = inner;
    return wasBroken ? undefined : value;
  }

  /** A field made by hand. Positions are indexes of `bytes`. */
  add(name: string, start: number, end: number, text: string, fields?: Field[], value?: number | boolean): Field | undefined {
    if (maxFields <= this.count) {
      if (this.count === maxFields) {
        this.count += 1;
        this.problem('note', say`only the first ${maxFields} fields are listed`, start, this.end);
      }
      return undefined;
    }
    this.count += 1;
    const field: Field = { name, range: this.range(start, end), text: text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…` };
    if (value !== undefined) field.value = value;
    if (fields !== undefined && 0 < fields.length) field.fields = fields;
    this.fields.push(field);
    return field;
  }

  problem(severity: Severity, text: Sentence, start: number = this.at, end: number = this.at): void {
    this.problems.push({ severity, text, range: this.range(start, end) });
  }

  range(start: number, end: number): Range {
    return this.fixed ?? { start: this.base + start, end: this.base + end };
  }

  private push(name: string, length: number, text: string, value?: number): void {
    this.add(name, this.at, this.at + length, text, undefined, value);
    this.at += length;
  }
}

const nothing = new Uint8Array(0);

function worded(value: number, words: Words | undefined): string {
  if (words === undefined) return String(value);
  if (typeof words === 'function') return words(value);
  const word = words[value];
  return word === undefined ? String(value) : `${word} (${value})`;
}
