// How long a Thrift message without a frame is: its end is where its last struct ends, so it is walked through without being read.

import { say, type Sentence } from '../../shared/sentences.js';
import { compactTypes, maxNameBytes, typeOf } from './thriftTypes.js';

/** Structs in structs; FieldReader goes no deeper either. */
const maxNesting = 64;
/** DEFAULT_MAX_MESSAGE_SIZE of the implementations (TConfiguration). */
export const longestBytes = 100 << 20;

/** Length in bytes; or how many bytes are needed to go on; or why it is no message. */
export type Measured = { length: number } | { needs: number } | { lost: Sentence };

/**
 * @param maxBytes a message that goes on behind so many is measured up to the value that passes them
 */
export function measure(bytes: Uint8Array, at: number, end: number, maxBytes: number): Measured {
  const walk = new Walk(bytes, at, end, maxBytes);
  walk.message();
  if (walk.wrong !== '') return { lost: walk.wrong };
  // Any number of bytes may come before the verdict above; this one is about what the walk passed.
  if (maxBytes < walk.at - at) return end - at < maxBytes ? { needs: maxBytes } : { length: walk.at - at };
  if (walk.needs !== 0) return { needs: walk.needs };
  return end < walk.at ? { needs: walk.at - at } : { length: walk.at - at };
}

class Walk {
  /** bytes from the start that must be there to go on; 0 = none are missing yet */
  needs = 0;
  wrong: Sentence | '' = '';
  /** nothing more is read: bytes are missing, something is wrong, or it went as far as is looked at */
  private isDone = false;
  private readonly start: number;

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
    private readonly maxBytes: number,
  ) {
    this.start = at;
  }

  message(): void {
    const first = this.byte();
    if (first === 0x82) {
      const kind = this.byte();
      if (!this.isDone && ((kind & 0x1f) !== 1 || kind < 0x20 || 0xa0 <= kind)) this.fail(say`version or type of the message are none of the compact protocol`);
      this.varint();
      this.name(this.varint());
      this.struct(true, 0);
    } else if (first === 0x80) {
      const second = this.byte();
      if (second !== 1) this.fail(say`the binary protocol has version 1`);
      this.byte();
      this.type(this.byte());
      this.name(this.u32());
      this.take(4);
      this.struct(false, 0);
    } else {
      this.at = this.start;
      this.name(this.u32());
      this.type(this.byte());
      this.take(4);
      this.struct(false, 0);
    }
  }

  private type(type: number): void {
    if (!this.isDone && (type < 1 || 4 < type)) this.fail(say`${type} is no type of a message`);
  }

  private name(length: number): void {
    if (!this.isDone && maxNameBytes < length) this.fail(say`no method has a name of ${length} bytes`);
    this.take(length);
  }

  private struct(isCompact: boolean, depth: number): void {
    if (maxNesting < depth) this.fail(say`nested more than ${maxNesting} deep`);
    while (!this.isDone) {
      const head = this.byte();
      if (this.isDone || head === 0) return;
      if (isCompact) {
        if (head < 0x10) this.varint();
        const code = head & 0x0f;
        // The header has the value of a boolean.
        if (code !== 1 && code !== 2) this.value(true, typeOf(compactTypes, code), depth);
      } else {
        this.take(2);
        this.value(false, head, depth);
      }
    }
  }

  private value(isCompact: boolean, type: number, depth: number): void {
    switch (type) {
      case 2:
      case 3:
        return this.take(1);
      case 4:
        return this.take(8);
      case 6:
      case 8:
      case 10:
        return isCompact ? void this.varint() : this.take(type === 6 ? 2 : type === 8 ? 4 : 8);
      case 11:
        return this.size(isCompact ? this.varint() : this.u32(), 1);
      case 12:
        return this.struct(isCompact, depth + 1);
      case 13:
        return this.map(isCompact, depth);
      case 14:
      case 15:
        return this.list(isCompact, depth);
      case 16:
        return this.take(16);
      default:
        this.fail(say`${type} is no type of a value`);
    }
  }

  private list(isCompact: boolean, depth: number): void {
    if (maxNesting < depth) return this.fail(say`nested more than ${maxNesting} deep`);
    const head = this.byte();
    const count = isCompact ? (head >> 4 === 15 ? this.varint() : head >> 4) : this.u32();
    this.elements(isCompact, count, [isCompact ? typeOf(compactTypes, head & 0x0f) : head], depth);
  }

  private map(isCompact: boolean, depth: number): void {
    if (maxNesting < depth) return this.fail(say`nested more than ${maxNesting} deep`);
    if (isCompact) {
      const count = this.varint();
      if (this.isDone || count === 0) return;
      const types = this.byte();
      this.elements(true, count, [typeOf(compactTypes, types >> 4), typeOf(compactTypes, types & 0x0f)], depth);
    } else {
      const types = [this.byte(), this.byte()];
      this.elements(false, this.u32(), types, depth);
    }
  }

  private elements(isCompact: boolean, count: number, types: readonly number[], depth: number): void {
    if (this.isDone) return;
    const size = types.length === 1 ? fixedSize(isCompact, types[0]!) : 0;
    if (size !== 0 || longestBytes < count) return this.size(count, size);
    for (let i = 0; i < count && !this.isDone; i++) for (const type of types) this.value(isCompact, type, depth + 1);
  }

  private size(count: number, each: number): void {
    if (this.isDone) return;
    if (longestBytes < count) return this.fail(say`a length of ${count} is more than a message has`);
    this.take(count * each);
  }

  private fail(why: Sentence): void {
    if (!this.isDone) this.wrong = why;
    this.isDone = true;
  }

  private take(length: number): void {
    if (this.isDone) return;
    this.at += length;
    if (this.maxBytes < this.at - this.start) this.isDone = true;
  }

  private byte(): number {
    if (this.isDone) return 0;
    if (this.end <= this.at) {
      this.needs = this.at + 1 - this.start;
      this.isDone = true;
      return 0;
    }
    const byte = this.bytes[this.at++]!;
    if (this.maxBytes < this.at - this.start) this.isDone = true;
    return byte;
  }

  private u32(): number {
    return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
  }

  private varint(): number {
    let value = 0;
    for (let i = 0, scale = 1; i < 10 && !this.isDone; i++, scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    this.fail(say`a number of variable length has no end`);
    return value;
  }
}

/** Bytes of each value, where all have the same number; else 0. */
function fixedSize(isCompact: boolean, type: number): number {
  switch (type) {
    case 2:
    case 3:
      return 1;
    case 4:
      return 8;
    case 6:
      return isCompact ? 0 : 2;
    case 8:
      return isCompact ? 0 : 4;
    case 10:
      return isCompact ? 0 : 8;
    case 16:
      return 16;
    default:
      return 0;
  }
}
