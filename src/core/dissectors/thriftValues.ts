// Structures of Thrift's binary and compact protocols as trees of fields (thrift-binary-protocol.md, thrift-compact-protocol.md).
// The wire has numbers of fields, no names.

import { bytesText, maxDepth, plainText, type FieldReader } from './fieldReader.js';

const typeNames: Readonly<Record<number, string>> = { 2: 'bool', 3: 'byte', 4: 'double', 6: 'i16', 8: 'i32', 10: 'i64', 11: 'string', 12: 'struct', 13: 'map', 14: 'set', 15: 'list', 16: 'uuid' };
/** Types of the compact protocol in terms of the binary one's; 1 and 2 are flags that carry their value. */
const compactTypes = [0, 2, 2, 3, 6, 8, 10, 4, 11, 15, 14, 13, 12, 16];
/** Elements that are written down; a list of a million numbers is told by its first ones. */
const maxShown = 8;

export type Encoding = 'binary' | 'compact';

/** Reads a structure up to its stop field. @returns it in short: `1: "ada", 2: 42` */
export function struct(reader: FieldReader, encoding: Encoding, depth = 0): string {
  const shown: string[] = [];
  let count = 0;
  let id = 0;
  while (0 < reader.left) {
    const header = reader.peek();
    if (header === 0) {
      reader.skip(1);
      return words(shown, count);
    }
    let type: number;
    let flag = -1;
    const start = reader.at;
    reader.skip(1);
    if (encoding === 'binary') {
      type = header;
      id = i16(reader);
    } else {
      const compact = header & 0x0f;
      type = compactTypes[compact] ?? 0;
      if (compact === 1 || compact === 2) flag = compact === 1 ? 1 : 0;
      // Four bits of distance from the field before, or a zigzag number behind the byte.
      id = header >> 4 === 0 ? zigzag(reader) : id + (header >> 4);
    }
    if (reader.isBroken) break;
    if (typeNames[type] === undefined) {
      reader.isBroken = true;
      reader.problem('error', `${header} is no type of a field`, start, start + 1);
      break;
    }
    const text = value(reader, `${id}`, type, encoding, depth + 1, start, flag);
    count += 1;
    if (shown.length < maxShown) shown.push(`${id}: ${text}`);
  }
  if (!reader.isBroken) {
    reader.isBroken = true;
    reader.problem('error', 'a structure has no end');
  }
  return words(shown, count);
}

function words(shown: readonly string[], count: number): string {
  return `${shown.join(', ')}${shown.length < count ? ', …' : ''}`;
}

/** @param start where the field begins that the value belongs to; @param flag value of a flag whose field carries it, else -1 */
function value(reader: FieldReader, name: string, type: number, encoding: Encoding, depth: number, start: number, flag = -1): string {
  const isCompact = encoding === 'compact';
  const told = (text: string, number?: number | boolean): string => {
    if (!reader.isBroken) reader.add(name, start, reader.at, text, undefined, number);
    return text;
  };
  if (maxDepth <= depth) {
    reader.isBroken = true;
    reader.problem('error', `nested more than ${maxDepth} deep`);
    return '…';
  }
  switch (type) {
    case 2: {
      const isTrue = 0 <= flag ? flag === 1 : byte(reader) === 1;
      return told(String(isTrue), isTrue);
    }
    case 3: {
      const number = (byte(reader) << 24) >> 24;
      return told(String(number), number);
    }
    case 4: {
      const { at } = reader;
      reader.skip(8);
      if (reader.isBroken) return '';
      const number = new DataView(reader.bytes.buffer, reader.bytes.byteOffset + at, 8).getFloat64(0, isCompact);
      return told(String(number), number);
    }
    case 6:
    case 8: {
      const number = isCompact ? zigzag(reader) : type === 6 ? i16(reader) : i32(reader);
      return told(String(number), number);
    }
    case 10: {
      const number = isCompact ? bigZigzag(reader) : i64(reader);
      return told(String(number), -Number.MAX_SAFE_INTEGER <= number && number <= Number.MAX_SAFE_INTEGER ? Number(number) : undefined);
    }
    case 11: {
      const length = isCompact ? varint(reader) : i32(reader);
      const { at } = reader;
      reader.skip(length);
      if (reader.isBroken) return '';
      const view = reader.bytes.subarray(at, at + length);
      const text = length === 0 ? '""' : plainText(view) === undefined ? bytesText(view) : JSON.stringify(plainText(view));
      return short(told(text));
    }
    case 16: {
      const { at } = reader;
      reader.skip(16);
      if (reader.isBroken) return '';
      return told(uuidText(reader.bytes, at));
    }
    case 12:
      return short(`{${grouped(reader, name, start, () => struct(reader, encoding, depth))}}`);
    case 13:
      return short(grouped(reader, name, start, () => map(reader, encoding, depth)));
    default:
      return short(grouped(reader, name, start, () => list(reader, encoding, depth)));
  }
}

/** A group that begins with its header, which was read already. */
function grouped(reader: FieldReader, name: string, start: number, build: () => string): string {
  const { at } = reader;
  reader.at = start;
  return reader.group(name, () => {
    reader.at = at;
    return build();
  }, (text) => text);
}

/** Lists and sets: type of the elements, count, elements. */
function list(reader: FieldReader, encoding: Encoding, depth: number): string {
  let type = byte(reader);
  let count: number;
  if (encoding === 'binary') count = i32(reader);
  else {
    count = type >> 4 === 15 ? varint(reader) : type >> 4;
    type = compactTypes[type & 0x0f] ?? 0;
  }
  if (!known(reader, type, count)) return '';
  const shown: string[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const text = value(reader, 'element', type, encoding, depth + 1, reader.at);
    if (shown.length < maxShown) shown.push(text);
  }
  ended(reader, count, shown.length);
  return `[${words(shown, count)}]`;
}

/** Maps: types of keys and values and their count; the compact protocol has the count first, and no types when it is zero. */
function map(reader: FieldReader, encoding: Encoding, depth: number): string {
  let keyType: number;
  let valueType: number;
  let count: number;
  if (encoding === 'binary') {
    keyType = byte(reader);
    valueType = byte(reader);
    count = i32(reader);
  } else {
    count = varint(reader);
    const types = count === 0 ? 0 : byte(reader);
    keyType = compactTypes[types >> 4] ?? 0;
    valueType = compactTypes[types & 0x0f] ?? 0;
  }
  if (count === 0 || !known(reader, keyType, count) || !known(reader, valueType, count)) return '{}';
  const shown: string[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const text = reader.group('entry', () => `${value(reader, 'key', keyType, encoding, depth + 1, reader.at)}: ${value(reader, 'value', valueType, encoding, depth + 1, reader.at)}`, (one) => one);
    if (shown.length < maxShown) shown.push(text);
  }
  ended(reader, count, shown.length);
  return `{${words(shown, count)}}`;
}

function known(reader: FieldReader, type: number, count: number): boolean {
  if (reader.isBroken) return false;
  if (0 <= count && (typeNames[type] !== undefined || count === 0)) return true;
  reader.isBroken = true;
  reader.problem('error', count < 0 ? `${count} is no count` : `${type} is no type of an element`);
  return false;
}

function ended(reader: FieldReader, count: number, shown: number): void {
  if (reader.isBroken || maxShown <= shown || shown === count) return;
  reader.isBroken = true;
  reader.problem('error', `${count} elements are announced, ${shown} are there`);
}

function short(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}

function uuidText(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let i = 0; i < 16; i++) text += `${i === 4 || i === 6 || i === 8 || i === 10 ? '-' : ''}${bytes[at + i]!.toString(16).padStart(2, '0')}`;
  return text;
}

// ---- numbers without a field ----------------------------------------------------------------------------------------

function byte(reader: FieldReader): number {
  const found = reader.peek();
  reader.skip(1);
  return found < 0 ? 0 : found;
}

function i16(reader: FieldReader): number {
  const { at, bytes } = reader;
  reader.skip(2);
  return reader.isBroken ? 0 : ((bytes[at]! << 24) >> 16) | bytes[at + 1]!;
}

function i32(reader: FieldReader): number {
  const { at, bytes } = reader;
  reader.skip(4);
  return reader.isBroken ? 0 : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function i64(reader: FieldReader): bigint {
  const high = i32(reader);
  return (BigInt(high) << 32n) | BigInt(i32(reader) >>> 0);
}

/** Unsigned, little end first, seven bits a byte. */
export function varint(reader: FieldReader): number {
  let found = 0;
  for (let i = 0, scale = 1; i < 5; i++, scale *= 128) {
    const one = byte(reader);
    found += (one & 0x7f) * scale;
    if (one < 0x80) break;
  }
  return found;
}

function zigzag(reader: FieldReader): number {
  const found = varint(reader);
  return found % 2 === 0 ? found / 2 : -(found + 1) / 2;
}

function bigZigzag(reader: FieldReader): bigint {
  let found = 0n;
  for (let i = 0n; i < 70n; i += 7n) {
    const one = byte(reader);
    found |= BigInt(one & 0x7f) << i;
    if (one < 0x80) break;
  }
  return (found >> 1n) ^ -(found & 1n);
}
