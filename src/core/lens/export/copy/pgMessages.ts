// Messages of a PostgreSQL client, byte for byte: what views show of them is cut (PostgreSQL documentation, "Message Formats").

import { u32At } from '../../../bytes.js';
import { typeName } from '../../../dissectors/postgresTypes.js';

/** Type and length. */
const headBytes = 5;

/** @returns the SQL of a Query; undefined when it has no end */
export function readQuery(bytes: Uint8Array): Uint8Array | undefined {
  return new Reader(bytes).zeroEnded();
}

/** @returns SQL and types of parameters, 0 = not given; undefined when the message is not whole */
export function readParse(bytes: Uint8Array): { sql: Uint8Array; types: number[] } | undefined {
  const reader = new Reader(bytes);
  const name = reader.zeroEnded();
  const sql = reader.zeroEnded();
  if (name === undefined || sql === undefined) return undefined;
  return { sql, types: reader.list(() => reader.number(4)) };
}

/** @returns types of the parameters, of a ParameterDescription */
export function readParameterTypes(bytes: Uint8Array): number[] | undefined {
  if (bytes[0] !== 0x74) return undefined;
  const reader = new Reader(bytes);
  return reader.list(() => reader.number(4));
}

export interface BoundValue {
  /** undefined = NULL */
  value: Uint8Array | undefined;
  isBinary: boolean;
}

/** @returns undefined when the message is not whole */
export function readBind(bytes: Uint8Array): { values: BoundValue[] } | undefined {
  const reader = new Reader(bytes);
  if (reader.zeroEnded() === undefined || reader.zeroEnded() === undefined) return undefined;
  const formats = reader.list(() => reader.number(2));
  const values = reader.list((i) => ({ value: reader.counted(), isBinary: (formats.length === 1 ? formats[0] : formats[i]) === 1 }));
  return reader.isShort ? undefined : { values };
}

/** @returns `(int4, text)`; undefined when one of the types has no name here, or none was given */
export function typeList(types: readonly number[]): string | undefined {
  const names = types.map((type) => (type === 0 ? 'unknown' : typeName(type)));
  return types.every((type) => type === 0) || names.some((name) => /^type \d/.test(name)) ? undefined : ` (${names.join(', ')})`;
}

class Reader {
  isShort = false;
  private at = headBytes;

  constructor(private readonly bytes: Uint8Array) {}

  zeroEnded(): Uint8Array | undefined {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) return undefined;
    const text = this.bytes.subarray(this.at, end);
    this.at = end + 1;
    return text;
  }

  number(size: 2 | 4): number {
    if (this.bytes.length < this.at + size) this.isShort = true;
    if (this.isShort) return 0;
    const value = size === 4 ? u32At(this.bytes, this.at) : (this.bytes[this.at]! << 8) | this.bytes[this.at + 1]!;
    this.at += size;
    return value;
  }

  /** Behind its length; undefined = NULL. */
  counted(): Uint8Array | undefined {
    const length = this.number(4);
    if (length === 0xffffffff) return undefined;
    if (this.bytes.length < this.at + length) this.isShort = true;
    const value = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return value;
  }

  list<T>(read: (index: number) => T): T[] {
    const all: T[] = [];
    const count = this.number(2);
    for (let i = 0; i < count && !this.isShort; i++) all.push(read(i));
    return all;
  }
}
