// Reads Thrift's structs, of the binary and the compact protocol (thrift-binary-protocol.md, thrift-compact-protocol.md). The wire has
// numbers in place of names: field 3 is called `3`.

import type { Field } from '../../shared/message.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { counted } from './counts.js';
import { bytesText, utf8Text, type FieldReader } from './fieldReader.js';
import { varintAt } from './payload/protobufGuess.js';
import { uuidText } from './payload/values.js';
import { compactTypes, typeOf } from './thriftTypes.js';

/** Fields up to the stop byte, into what the reader is reading. @returns how many */
export function structFields(reader: FieldReader, isCompact: boolean): number {
  let id = 0;
  let count = 0;
  while (0 < reader.left) {
    const start = reader.at;
    const head = reader.peek();
    reader.at += 1;
    if (head === 0) return count;
    if (!isCompact) {
      if (!has(reader, 2, say`the number of a field`)) return count;
      id = ((reader.peek(0) << 24) >> 16) | reader.peek(1);
      reader.at += 2;
      value(reader, false, head, String(id));
    } else {
      id = 0x10 <= head ? id + (head >> 4) : Number(zigzag(varint(reader, say`the number of a field`)));
      const code = head & 0x0f;
      // A boolean has its value in its header.
      if (code === 1 || code === 2) reader.add(String(id), start, reader.at, String(code === 1), undefined, code === 1);
      else value(reader, true, typeOf(compactTypes, code), String(id));
    }
    count += 1;
  }
  has(reader, 1, say`the end of a struct`);
  return count;
}

function value(reader: FieldReader, isCompact: boolean, type: number, name: string): void {
  switch (type) {
    case 2: {
      if (!has(reader, 1, name)) return;
      const isTrue = reader.peek() === 1;
      reader.at += 1;
      reader.add(name, reader.at - 1, reader.at, String(isTrue), undefined, isTrue);
      return;
    }
    case 3:
      reader.i8(name);
      return;
    case 4:
      reader.f64(name, isCompact);
      return;
    case 6:
    case 8:
    case 10:
      if (isCompact) varintField(reader, name, zigzag);
      else if (type === 6) reader.i16(name);
      else if (type === 8) reader.i32(name);
      else reader.i64(name);
      return;
    case 11: {
      const start = reader.at;
      const view = sizedBytes(reader, isCompact, name);
      if (view !== undefined) reader.add(name, start, reader.at, view.length === 0 ? '""' : bytesText(view));
      return;
    }
    case 12:
      reader.group(name, () => structFields(reader, isCompact), (count) => counted(count, 'field'));
      return;
    case 13:
      reader.group(name, () => map(reader, isCompact), (count) => counted(count, 'pair'));
      return;
    case 14:
    case 15:
      reader.group(name, () => list(reader, isCompact), (count) => counted(count, 'element'));
      return;
    case 16:
      reader.value(name, 16, uuidText);
      return;
    default:
      fail(reader, say`the type of ${name} is none of Thrift’s`);
  }
}

/** Element type and count; compact: four bits each, 15 = the count follows. */
function list(reader: FieldReader, isCompact: boolean): number {
  if (!has(reader, 1, 'a list')) return 0;
  const head = reader.peek();
  reader.at += 1;
  const count = !isCompact || head >> 4 === 15 ? size(reader, isCompact, say`the size of a list`) : head >> 4;
  const type = isCompact ? typeOf(compactTypes, head & 0x0f) : head;
  for (let i = 0; i < count && !reader.isBroken; i++) {
    if (isUnlisted(reader)) break;
    value(reader, isCompact, type, 'element');
  }
  return count;
}

function map(reader: FieldReader, isCompact: boolean): number {
  let count = 0;
  if (isCompact) {
    count = size(reader, true, say`the size of a map`);
    if (count === 0) return 0;
  }
  if (!has(reader, isCompact ? 1 : 2, say`the types of a map`)) return 0;
  const first = reader.peek();
  const key = isCompact ? typeOf(compactTypes, first >> 4) : first;
  const mapped = isCompact ? typeOf(compactTypes, first & 0x0f) : reader.peek(1);
  reader.at += isCompact ? 1 : 2;
  if (!isCompact) count = size(reader, false, say`the size of a map`);
  for (let i = 0; i < count && !reader.isBroken; i++) {
    if (isUnlisted(reader)) break;
    value(reader, isCompact, key, 'key');
    value(reader, isCompact, mapped, 'value');
  }
  return count;
}

/** Once no field can be added any more, the rest is not read: a million elements are told by the first ones. */
function isUnlisted(reader: FieldReader): boolean {
  if (0 < reader.room) return false;
  reader.rest();
  return true;
}

/** Text that is not quoted: names and keys. */
export function nameField(reader: FieldReader, isCompact: boolean, name: string): string {
  const start = reader.at;
  const view = sizedBytes(reader, isCompact, name);
  if (view === undefined) return '';
  const text = utf8Text(view, 0, view.length);
  reader.add(name, start, reader.at, text);
  return text;
}

/** @returns a view of bytes behind their length; undefined when they are not there */
export function sizedBytes(reader: FieldReader, isCompact: boolean, name: string): Uint8Array | undefined {
  const length = size(reader, isCompact, name);
  if (!has(reader, length, name)) return undefined;
  reader.at += length;
  return reader.bytes.subarray(reader.at - length, reader.at);
}

function size(reader: FieldReader, isCompact: boolean, name: string): number {
  if (isCompact) return Number(varint(reader, name));
  if (!has(reader, 4, name)) return 0;
  const value = ((reader.peek() << 24) | (reader.peek(1) << 16) | (reader.peek(2) << 8) | reader.peek(3)) >>> 0;
  reader.at += 4;
  return value;
}

/** A number of variable length as a field. */
export function varintField(reader: FieldReader, name: string, read: (value: number | bigint) => number | bigint = (value) => value): number {
  const start = reader.at;
  const found = read(varint(reader, name));
  if (reader.isBroken) return 0;
  const isSafe = Number.isSafeInteger(Number(found));
  reader.add(name, start, reader.at, String(found), undefined, isSafe ? Number(found) : undefined);
  return Number(found);
}

export function varint(reader: FieldReader, name: string): number | bigint {
  if (reader.isBroken) return 0;
  const found = varintAt(reader.bytes, reader.at, reader.end);
  if (found === undefined) {
    fail(reader, say`${name} has no end`);
    return 0;
  }
  reader.at = found.end;
  return found.value;
}

function zigzag(value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return (value >> 1n) ^ -(value & 1n);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function has(reader: FieldReader, length: number, name: string): boolean {
  if (!reader.isBroken && length <= reader.left) return true;
  // What was left out of the list has no end either.
  if (0 < reader.room) fail(reader, reader.left === 1 ? say`${name} needs ${counted(length)}, 1 is left` : say`${name} needs ${counted(length)}, ${reader.left} are left`);
  reader.isBroken = true;
  return false;
}

function fail(reader: FieldReader, why: Sentence): void {
  if (!reader.isBroken) reader.problem('error', why, reader.at, reader.end);
  reader.isBroken = true;
}

// ---- words for summaries --------------------------------------------------------------------------------------------

const fieldsShown = 6;

/** @returns `1: 42, 2: "ann", 3: {1: …}` */
export function fieldWords(fields: readonly Field[]): string {
  return listed(fields.slice(0, fieldsShown).map((field) => `${field.name}: ${valueWords(field)}`), fields.length);
}

/** @param isInner what is inside of it is left out */
export function valueWords({ text, fields }: Field, isInner = false): string {
  if (fields === undefined) return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
  const shown = fields.slice(0, fieldsShown * 2);
  // Groups are told apart by what their text counts.
  if (/ elements?$/.test(text)) return isInner ? '[…]' : `[${listed(shown.map((one) => valueWords(one, true)), fields.length)}]`;
  if (isInner) return '{…}';
  if (/ pairs?$/.test(text)) {
    const pairs = shown.flatMap((one, i) => (one.name === 'key' ? [`${valueWords(one, true)}: ${shown[i + 1] === undefined ? '…' : valueWords(shown[i + 1]!, true)}`] : []));
    return `{${listed(pairs, Math.ceil(fields.length / 2))}}`;
  }
  return `{${listed(shown.map((one) => `${one.name}: ${valueWords(one, true)}`), fields.length)}}`;
}

function listed(words: readonly string[], count: number): string {
  return `${words.slice(0, fieldsShown).join(', ')}${fieldsShown < count ? ', …' : ''}`;
}
