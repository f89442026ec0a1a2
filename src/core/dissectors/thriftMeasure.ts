// How long a structure of Thrift is, without reading it: unframed messages end where their structure does.

import { maxDepth } from './fieldReader.js';
import type { Encoding } from './thriftValues.js';

/** Bytes of values of the binary protocol that always have as many. */
const binarySizes: Readonly<Record<number, number>> = { 2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8, 16: 16 };

/**
 * @param start first byte of the structure
 * @returns position behind it; negative = so many bytes from the beginning of `bytes` are needed before more can be said; NaN = it is none
 */
export function structEnd(bytes: Uint8Array, start: number, end: number, encoding: Encoding): number {
  const cursor = new Cursor(bytes, start, end);
  if (encoding === 'binary') binaryStruct(cursor, 0);
  else compactStruct(cursor, 0);
  return cursor.isBroken ? NaN : cursor.needs === 0 ? cursor.at : -cursor.needs;
}

class Cursor {
  /** position that must be there; 0 = so far it is */
  needs = 0;
  isBroken = false;

  constructor(readonly bytes: Uint8Array, public at: number, readonly end: number) {}

  get isDone(): boolean {
    return this.isBroken || this.needs !== 0;
  }

  skip(length: number): void {
    if (this.isDone) return;
    if (length < 0) this.isBroken = true;
    else if (this.end - this.at < length) this.needs = this.at + length;
    else this.at += length;
  }

  byte(): number {
    const { at } = this;
    this.skip(1);
    return this.isDone ? 0 : this.bytes[at]!;
  }

  i32(): number {
    const { at, bytes } = this;
    this.skip(4);
    return this.isDone ? 0 : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  varint(): number {
    let found = 0;
    for (let i = 0, scale = 1; i < 10; i++, scale *= 128) {
      const one = this.byte();
      found += (one & 0x7f) * scale;
      if (one < 0x80) return found;
    }
    this.isBroken = true;
    return 0;
  }
}

function binaryStruct(cursor: Cursor, depth: number): void {
  if (maxDepth < depth) cursor.isBroken = true;
  while (!cursor.isDone) {
    const type = cursor.byte();
    if (type === 0) return;
    cursor.skip(2);
    binaryValue(cursor, type, depth);
  }
}

function binaryValue(cursor: Cursor, type: number, depth: number): void {
  const size = binarySizes[type];
  if (size !== undefined) {
    cursor.skip(size);
    return;
  }
  switch (type) {
    case 11:
      cursor.skip(cursor.i32());
      return;
    case 12:
      binaryStruct(cursor, depth + 1);
      return;
    case 13: {
      const key = cursor.byte();
      const value = cursor.byte();
      const count = cursor.i32();
      elements(cursor, count, binarySizes[key] !== undefined && binarySizes[value] !== undefined ? binarySizes[key] + binarySizes[value] : undefined, depth, () => {
        binaryValue(cursor, key, depth + 1);
        binaryValue(cursor, value, depth + 1);
      });
      return;
    }
    case 14:
    case 15: {
      const element = cursor.byte();
      const count = cursor.i32();
      elements(cursor, count, binarySizes[element], depth, () => binaryValue(cursor, element, depth + 1));
      return;
    }
    default:
      cursor.isBroken = true;
  }
}

/** @param size bytes of one, where all have as many */
function elements(cursor: Cursor, count: number, size: number | undefined, depth: number, one: () => void): void {
  if (count < 0 || maxDepth < depth) cursor.isBroken = true;
  if (size !== undefined) cursor.skip(count * size);
  else for (let i = 0; i < count && !cursor.isDone; i++) one();
}

function compactStruct(cursor: Cursor, depth: number): void {
  if (maxDepth < depth) cursor.isBroken = true;
  while (!cursor.isDone) {
    const header = cursor.byte();
    if (header === 0) return;
    if (header >> 4 === 0) cursor.varint();
    const type = header & 0x0f;
    // Flags of fields carry their value in the type.
    if (type !== 1 && type !== 2) compactValue(cursor, type, depth);
  }
}

function compactValue(cursor: Cursor, type: number, depth: number): void {
  switch (type) {
    case 1:
    case 2:
    case 3:
      cursor.skip(1);
      return;
    case 4:
    case 5:
    case 6:
      cursor.varint();
      return;
    case 7:
      cursor.skip(8);
      return;
    case 8:
      cursor.skip(cursor.varint());
      return;
    case 9:
    case 10: {
      const header = cursor.byte();
      const count = header >> 4 === 15 ? cursor.varint() : header >> 4;
      const element = header & 0x0f;
      elements(cursor, count, undefined, depth, () => compactValue(cursor, element, depth + 1));
      return;
    }
    case 11: {
      const count = cursor.varint();
      const types = count === 0 ? 0 : cursor.byte();
      elements(cursor, count, undefined, depth, () => {
        compactValue(cursor, types >> 4, depth + 1);
        compactValue(cursor, types & 0x0f, depth + 1);
      });
      return;
    }
    case 12:
      compactStruct(cursor, depth + 1);
      return;
    case 13:
      cursor.skip(16);
      return;
    default:
      cursor.isBroken = true;
  }
}
