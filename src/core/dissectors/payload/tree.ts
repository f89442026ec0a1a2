// What the readers of binary trees (MessagePack, CBOR, BSON) have in common: values without a field of their own, leaves, and room.

import { say } from '../../../shared/sentences.js';
import type { FieldReader } from '../fieldReader.js';
import { bytesText } from '../fieldReader.js';
import { isSecretName, isUuid, maskedText, timeText, uuidText } from './values.js';

/** Containers inside containers that are followed. */
export const maxNesting = 32;
/** Fields that are kept free for groups that are still open. */
const roomForGroups = 64;

/** A value as read: its text, and for comparisons its number or flag. */
export interface Scalar {
  text: string;
  value?: number | boolean;
}

/** A reader that also takes numbers without writing them down. */
export class TreeReader {
  private readonly view: DataView;

  constructor(readonly fields: FieldReader) {
    this.view = new DataView(fields.bytes.buffer, fields.bytes.byteOffset, fields.bytes.byteLength);
  }

  get at(): number {
    return this.fields.at;
  }

  get left(): number {
    return this.fields.left;
  }

  /** Steps over `length` bytes. @returns where they begin; breaks the reader when they are not there */
  take(length: number): number {
    const { at } = this.fields;
    this.fields.skip(length);
    return this.fields.isBroken ? -1 : at;
  }

  unsigned(size: 1 | 2 | 4 | 8, isLittle = false): number {
    const at = this.take(size);
    if (at < 0) return 0;
    switch (size) {
      case 1:
        return this.view.getUint8(at);
      case 2:
        return this.view.getUint16(at, isLittle);
      case 4:
        return this.view.getUint32(at, isLittle);
      case 8:
        return Number(this.view.getBigUint64(at, isLittle));
    }
  }

  /** @param size bytes @returns text with every digit, and the number as near as it comes */
  integer(size: 1 | 2 | 4 | 8, isSigned: boolean, isLittle = false): Scalar {
    const at = this.take(size);
    if (at < 0) return { text: '' };
    const { view } = this;
    if (size === 8) {
      const big = isSigned ? view.getBigInt64(at, isLittle) : view.getBigUint64(at, isLittle);
      return { text: String(big), value: Number(big) };
    }
    const value =
      size === 1 ? (isSigned ? view.getInt8(at) : view.getUint8(at))
      : size === 2 ? (isSigned ? view.getInt16(at, isLittle) : view.getUint16(at, isLittle))
      : isSigned ? view.getInt32(at, isLittle)
      : view.getUint32(at, isLittle);
    return { text: String(value), value };
  }

  float(size: 4 | 8, isLittle = false): Scalar {
    const at = this.take(size);
    if (at < 0) return { text: '' };
    const value = size === 4 ? this.view.getFloat32(at, isLittle) : this.view.getFloat64(at, isLittle);
    // A 32-bit float has 7 digits: the other ones are an artefact of showing it as a 64-bit one.
    return { text: String(size === 4 ? Number(value.toPrecision(7)) : value), value };
  }

  /** @returns a view of the next `length` bytes; empty when they are not there */
  bytes(length: number): Uint8Array {
    const at = this.take(length);
    return at < 0 ? this.fields.bytes.subarray(0, 0) : this.fields.bytes.subarray(at, at + length);
  }

  /** A field from `start` to where the reader stands. */
  leaf(name: string, start: number, { text, value }: Scalar): void {
    if (this.fields.isBroken) return;
    const isSecret = isSecretName(name) && text !== '';
    const time = typeof value === 'number' && text === String(value) ? timeText(name, value) : undefined;
    const field = this.fields.add(name, start, this.fields.at, isSecret ? maskedText : time === undefined ? text : `${text} · ${time}`, undefined, isSecret ? undefined : value);
    if (isSecret && field !== undefined) field.isSecret = true;
  }

  /** Is there no room for more? Then the rest is stepped over, and the message says so. */
  isFull(): boolean {
    if (roomForGroups < this.fields.room) return false;
    if (0 < this.fields.left) {
      this.fields.problem('note', say`not all values are listed`, this.fields.at, this.fields.end);
      this.fields.at = this.fields.end;
    }
    return true;
  }
}

/** @param isUuid 16 bytes that were said to be one */
export function binaryText(view: Uint8Array, isUuid = false): string {
  return isUuid && view.length === 16 ? uuidText(view) : bytesText(view);
}

/** Names of map keys that are no text: shown as they are. */
export function keyName(key: Scalar): string {
  return isUuid(key.text) ? key.text.toLowerCase() : key.text;
}
