// Protocol Buffers ("Encoding" of the protobuf documentation): by the schema where one is known, else by what the bytes may well be.

import { say, type Sentence } from '../../../shared/sentences.js';
import type { ProtobufField, ProtobufType } from '../dissector.js';
import { bytesText, plainText, utf8Text, type FieldReader } from '../fieldReader.js';
import { guessOf, varintAt } from './protobufGuess.js';
import { isSecretName, isoText, maskedText, timeText } from './values.js';

/** Messages inside messages that are followed. */
const maxNesting = 32;
/** Fields that are kept free for groups that are still open. */
const roomForGroups = 64;
/** Fields of a message that its own line names. */
const maxShown = 16;
/** Characters of a value, and of a message, in the line of what they are part of. */
const maxValueLength = 80;
const maxLineLength = 240;

/** Adds a field `name` for the next `length` bytes, with a tree inside. @returns the message as one line */
export function protobuf(reader: FieldReader, name: string, length: number, type?: ProtobufType): string {
  return reader.group(name, () => protobufFields(reader, length, type), (text) => text);
}

/**
 * Reads the next `length` bytes as the fields of a message into the present group.
 *
 * @param type undefined = not known: fields are named by their numbers, and values are those that are likely
 * @returns the message as one line: `{sku: "A-11", n: 2}`, `{1: "A-11", 2: 2}`
 */
export function protobufFields(reader: FieldReader, length: number, type?: ProtobufType): string {
  const stop = reader.at + (length < reader.left ? length : reader.left);
  return lineOf(fieldsUpTo(reader, stop, type, 0), type);
}

/** A field as the line of its message shows it. */
interface Shown {
  name: string;
  text: string;
  /** the schema says that there may be several */
  field: ProtobufField | undefined;
}

/** @param group number of the group that an end-group tag closes; 0 = none */
function fieldsUpTo(reader: FieldReader, stop: number, type: ProtobufType | undefined, depth: number, group = 0): Shown[] {
  const { bytes } = reader;
  const shown: Shown[] = [];
  while (reader.at < stop && !reader.isBroken) {
    const start = reader.at;
    if (reader.room <= roomForGroups) {
      reader.problem('note', say`not all fields are listed`, start, stop);
      reader.at = stop;
      break;
    }
    const tag = varintAt(bytes, start, stop);
    const number = tag === undefined ? 0 : Math.floor(Number(tag.value) / 8);
    // Field numbers have 29 bits.
    if (tag === undefined || number < 1 || 0x1fffffff < number) {
      broken(reader, start, stop, tag === undefined ? say`a tag has no end` : say`there is no field ${number}`);
      break;
    }
    const wire = Number(tag.value) & 7;
    const field = type?.field(number);
    const name = field?.name ?? String(number);
    if (wire === endGroup && number === group) {
      reader.at = tag.end;
      break;
    }
    const value = oneField(reader, { name, field, wire, start, at: tag.end, stop, depth, number });
    if (value === undefined) break;
    if (shown.length <= maxShown) shown.push({ name, text: value, field });
  }
  return shown;
}

const startGroup = 3;
const endGroup = 4;

/** One field behind its tag. */
interface Wire {
  name: string;
  field: ProtobufField | undefined;
  wire: number;
  /** of the tag, and of what is behind it */
  start: number;
  at: number;
  stop: number;
  depth: number;
  number: number;
}

/** @returns the value as the line of its message shows it; undefined when nothing can follow */
function oneField(reader: FieldReader, wire: Wire): string | undefined {
  const { name, field, start, at, stop, depth, number } = wire;
  const { bytes } = reader;
  switch (wire.wire) {
    case 0: {
      const varint = varintAt(bytes, at, stop);
      if (varint === undefined) return broken(reader, start, stop, say`${name} has no end`);
      const isKnown = isOfType(reader, wire, varint.end, varintTypes);
      return leaf(reader, name, start, varint.end, isKnown ? varintText(varint.value, field!) : varintGuess(varint.value));
    }
    case 1:
    case 5: {
      const size = wire.wire === 1 ? 8 : 4;
      const end = at + size;
      if (stop < end) return broken(reader, start, stop, say`${name} needs ${size} bytes, ${stop - at} are left`);
      const isKnown = isOfType(reader, wire, end, size === 8 ? fixed64Types : fixed32Types);
      return leaf(reader, name, start, end, isKnown ? fixedText(view(reader, at), field!.type) : fixedGuess(view(reader, at), size));
    }
    case 2: {
      const length = varintAt(bytes, at, stop);
      if (length === undefined) return broken(reader, start, stop, say`${name} has no length`);
      const end = length.end + Number(length.value);
      if (stop < end) return broken(reader, start, stop, say`${name} says ${length.value} bytes, ${stop - length.end} are left`);
      return delimited(reader, { ...wire, at: length.end, stop: end });
    }
    case startGroup: {
      if (maxNesting <= depth) return broken(reader, start, stop, say`nested more than ${maxNesting} deep`);
      return reader.group(name, () => {
        reader.at = at;
        return lineOf(fieldsUpTo(reader, stop, field?.message, depth + 1, number), field?.message);
      }, (text) => text);
    }
    default:
      return broken(reader, start, stop, wire.wire === endGroup ? say`the end of group ${number}, which did not begin` : say`wire type ${wire.wire} of field ${number}`);
  }
}

function broken(reader: FieldReader, start: number, stop: number, why: Sentence): undefined {
  reader.problem('error', why, start, stop);
  reader.at = start;
  reader.data('not decoded', stop - start);
  return undefined;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

const varintTypes = new Set(['int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64', 'bool', 'enum']);
const fixed32Types = new Set(['fixed32', 'sfixed32', 'float']);
const fixed64Types = new Set(['fixed64', 'sfixed64', 'double']);

/** Is it what the schema says? Without a schema it is nothing in particular. */
function isOfType(reader: FieldReader, { name, field, start }: Wire, end: number, types: ReadonlySet<string>): boolean {
  // A type of no file is like none.
  if (field === undefined || field.type === '') return false;
  if (types.has(field.type)) return true;
  reader.problem('warning', say`${name} is no ${field.type}`, start, end);
  return false;
}

function view({ bytes }: FieldReader, at: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
}

/** A value: as the tree tells it, as the line does, and for comparisons. */
interface Told {
  text: string;
  short: string;
  value?: number | boolean;
}

function leaf(reader: FieldReader, name: string, start: number, end: number, { text, short, value }: Told): string {
  reader.at = end;
  if (isSecretName(name)) {
    const field = reader.add(name, start, end, maskedText);
    if (field !== undefined) field.isSecret = true;
    return maskedText;
  }
  const time = typeof value === 'number' ? timeText(name, value) : undefined;
  reader.add(name, start, end, time === undefined ? text : `${text} · ${time}`, undefined, value);
  return short;
}

/** What an integer may also mean: a flag, or a signed number in zigzag order. */
function varintGuess(value: number | bigint): Told {
  const number = signed64(value);
  const text = String(number);
  const flag = number === 0 ? ' · false' : number === 1 ? ' · true, zigzag -1' : ` · zigzag ${zigzag(value)}`;
  return { text: text + flag, short: text, value: Number(number) };
}

function varintText(value: number | bigint, field: Pick<ProtobufField, 'type' | 'enumName'>): Told {
  switch (field.type) {
    case 'bool': {
      const flag = Number(value) !== 0;
      return { text: String(flag), short: String(flag), value: flag };
    }
    case 'enum': {
      const number = Number(signed64(value));
      const word = field.enumName?.(number);
      return { text: word === undefined ? String(number) : `${word} (${number})`, short: word ?? String(number), value: number };
    }
    case 'sint32':
    case 'sint64':
      return plain(zigzag(value));
    case 'uint32':
      return plain(typeof value === 'bigint' ? BigInt.asUintN(32, value) : value);
    case 'uint64':
      return plain(value);
    case 'int32':
      return plain(typeof value === 'bigint' ? BigInt.asIntN(32, value) : value | 0);
    default:
      return plain(signed64(value));
  }
}

function plain(value: number | bigint): Told {
  return { text: String(value), short: String(value), value: Number(value) };
}

/** Negative numbers have ten bytes on the wire. */
function signed64(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
}

function zigzag(value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return (value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n;
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function fixedText(bytes: DataView, type: string): Told {
  switch (type) {
    case 'float':
      return plain(Number(bytes.getFloat32(0, true).toPrecision(7)));
    case 'double':
      return plain(bytes.getFloat64(0, true));
    case 'fixed32':
      return plain(bytes.getUint32(0, true));
    case 'sfixed32':
      return plain(bytes.getInt32(0, true));
    case 'fixed64':
      return plain(bytes.getBigUint64(0, true));
    default:
      return plain(bytes.getBigInt64(0, true));
  }
}

/** A float of a size that people use is one; other bits are an integer. */
function fixedGuess(bytes: DataView, size: number): Told {
  const float = fixedText(bytes, size === 4 ? 'float' : 'double');
  const integer = fixedText(bytes, size === 4 ? 'sfixed32' : 'sfixed64');
  const magnitude = Math.abs(Number(float.value));
  const isFloat = magnitude === 0 ? Number(integer.value) === 0 : 1e-6 <= magnitude && magnitude < 1e12;
  return isFloat ? { ...float, text: `${float.text} · int ${integer.text}` } : { ...integer, text: `${integer.text} · float ${float.text}` };
}

// ---- what has a length ----------------------------------------------------------------------------------------------

/** `at` and `stop` are those of the content. */
function delimited(reader: FieldReader, wire: Wire): string {
  const { name, field, start, at, stop, depth } = wire;
  const { bytes } = reader;
  const type = field?.type ?? '';
  if (type === 'message' && depth < maxNesting) return nested(reader, wire, field);
  if (type === 'string') return text(reader, wire);
  if (type === 'bytes') return binary(reader, wire);
  if (field !== undefined && field.isRepeated && (varintTypes.has(type) || fixed32Types.has(type) || fixed64Types.has(type))) return packed(reader, wire, field);
  if (type !== '') reader.problem('warning', say`${name} is no ${type}`, start, stop);
  switch (depth < maxNesting ? guessOf(bytes, at, stop) : 'bytes') {
    case 'message':
      return nested(reader, wire, undefined);
    case 'text':
      return text(reader, wire);
    case 'packed':
      return packed(reader, wire, undefined);
    case 'bytes':
      return binary(reader, wire);
  }
}

function nested(reader: FieldReader, { name, start, at, stop, depth }: Wire, field: ProtobufField | undefined): string {
  reader.at = start;
  const type = field?.message;
  return reader.group(name, () => {
    reader.at = at;
    const shown = fieldsUpTo(reader, stop, type, depth + 1);
    reader.at = stop;
    return field?.isMap === true ? entryText(shown) : lineOf(shown, type);
  }, (line) => line);
}

/** A map's entry: `"a": 1`. Keys and values that are zero or empty are not on the wire. */
function entryText(shown: readonly Shown[]): string {
  const of = (name: string): string => shown.find((one) => one.name === name)?.text ?? '""';
  return `${of('key')}: ${of('value')}`;
}

function text(reader: FieldReader, { name, start, at, stop }: Wire): string {
  const value = utf8Text(reader.bytes, at, stop);
  return leaf(reader, name, start, stop, { text: value, short: JSON.stringify(value.length <= maxValueLength ? value : `${value.slice(0, maxValueLength)}…`) });
}

function binary(reader: FieldReader, { name, start, at, stop }: Wire): string {
  const bytes = reader.bytes.subarray(at, stop);
  const words = bytesText(bytes);
  const short = bytes.length === 0 || plainText(bytes) !== undefined ? words : bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`;
  return leaf(reader, name, start, stop, { text: words, short: short.length <= maxValueLength ? short : `${short.slice(0, maxValueLength)}…` });
}

/** Numbers one after the other. @param field undefined = guessed */
function packed(reader: FieldReader, { name, start, at, stop }: Wire, field: ProtobufField | undefined): string {
  const { bytes } = reader;
  const type = field ?? { type: 'uint64' };
  const size = fixed32Types.has(type.type) ? 4 : fixed64Types.has(type.type) ? 8 : 0;
  const values: string[] = [];
  let position = at;
  let isCut = false;
  while (position < stop) {
    // A field's text has a thousand characters.
    if (500 <= values.length) {
      isCut = true;
      break;
    }
    const varint = size === 0 ? varintAt(bytes, position, stop) : undefined;
    const end = size === 0 ? varint?.end : position + size;
    if (end === undefined || stop < end) {
      reader.problem('error', say`${name} ends in the middle of a value`, position, stop);
      break;
    }
    values.push((varint === undefined ? fixedText(view(reader, position), type.type) : varintText(varint.value, type)).short);
    position = end;
  }
  const list = `[${values.join(', ')}${isCut ? ', …' : ''}]`;
  const short = list.length <= maxValueLength ? list : `${list.slice(0, maxValueLength)}…`;
  return leaf(reader, name, start, stop, { text: field === undefined ? `${list} · ${bytesText(bytes.subarray(at, stop))}` : list, short });
}

// ---- lines ----------------------------------------------------------------------------------------------------------

function lineOf(shown: readonly Shown[], type: ProtobufType | undefined): string {
  const known = type === undefined ? undefined : wellKnown(shown, type.name);
  if (known !== undefined) return known;
  let line = '';
  for (let i = 0; i < shown.length; ) {
    const first = shown[i]!;
    if (maxLineLength < line.length || maxShown <= i) return `{${line}, …}`;
    let next = i + 1;
    while (next < shown.length && shown[next]!.name === first.name) next += 1;
    line += `${i === 0 ? '' : ', '}${first.name}: ${together(shown.slice(i, next))}`;
    i = next;
  }
  return `{${line}}`;
}

/** Values of one field: a map, a list, or the only one. Numbers of a packed list are one already. */
function together(shown: readonly Shown[]): string {
  const texts = shown.map(({ text: value }) => value);
  const { field } = shown[0]!;
  if (field?.isMap === true) return `{${texts.join(', ')}}`;
  if (1 < texts.length) return `[${texts.join(', ')}]`;
  return field?.isRepeated === true && !texts[0]!.startsWith('[') ? `[${texts[0]}]` : texts[0]!;
}

/** Messages that stand for one value (protobuf documentation, "Well-Known Types"). */
function wellKnown(shown: readonly Shown[], name: string): string | undefined {
  if (!name.startsWith('google.protobuf.')) return undefined;
  const number = (field: string): number => Number(shown.find((one) => one.name === field)?.text ?? 0);
  switch (name) {
    case 'google.protobuf.Timestamp':
      return isoText(number('seconds') * 1000 + Math.floor(number('nanos') / 1e6));
    case 'google.protobuf.Duration':
      return `${number('seconds') + number('nanos') / 1e9}s`;
    default:
      return undefined;
  }
}
