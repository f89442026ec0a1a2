// Numbers, texts and values of MySQL and MariaDB: length-encoded, and the binary forms of column types (MySQL Source Code Documentation,
// "Client/Server Protocol", "Binary Protocol Resultset").

import { say } from '../../shared/sentences.js';
import { plainText, bytesText, utf8Text, type FieldReader } from './fieldReader.js';

/** enum_field_types, as SQL words them. */
const names: Readonly<Record<number, string>> = {
  0: 'DECIMAL', 1: 'TINYINT', 2: 'SMALLINT', 3: 'INT', 4: 'FLOAT', 5: 'DOUBLE', 6: 'NULL', 7: 'TIMESTAMP', 8: 'BIGINT', 9: 'MEDIUMINT', 10: 'DATE', 11: 'TIME', 12: 'DATETIME',
  13: 'YEAR', 14: 'DATE', 15: 'VARCHAR', 16: 'BIT', 17: 'TIMESTAMP', 18: 'DATETIME', 19: 'TIME', 242: 'VECTOR', 245: 'JSON', 246: 'DECIMAL', 247: 'ENUM', 248: 'SET',
  249: 'TINYBLOB', 250: 'MEDIUMBLOB', 251: 'LONGBLOB', 252: 'BLOB', 253: 'VARCHAR', 254: 'CHAR', 255: 'GEOMETRY',
};

/** Number of the character set that means bytes. */
const binaryCharset = 63;

export interface Column {
  name: string;
  type: number;
  isUnsigned: boolean;
  isBinary: boolean;
}

/** @param charset 63 tells bytes from characters */
export function typeName(type: number, charset = 0): string {
  const name = names[type] ?? `type ${type}`;
  if (249 <= type && type <= 252) return charset === binaryCharset ? name : name.replace('BLOB', 'TEXT');
  if (charset === binaryCharset && type === 253) return 'VARBINARY';
  return charset === binaryCharset && type === 254 ? 'BINARY' : name;
}

export function isBinaryCharset(charset: number): boolean {
  return charset === binaryCharset;
}

export function isNumeric(type: number): boolean {
  return type <= 5 || type === 8 || type === 9 || type === 13 || type === 246;
}

// ---- length-encoded -------------------------------------------------------------------------------------------------

/** Length-encoded integer ("Integer Types"). @returns -1 for NULL (0xFB) */
export function readLength(reader: FieldReader, name: string): number {
  const first = reader.peek();
  if (first < 0xfb) return reader.u8(name);
  switch (first) {
    case 0xfb:
      reader.u8(name, () => 'NULL');
      return -1;
    case 0xfc:
      return wide(reader, name, 3);
    case 0xfd:
      return wide(reader, name, 4);
    default:
      return wide(reader, name, 9);
  }
}

/** The first byte tells the width, the others are the number, little-endian. */
function wide(reader: FieldReader, name: string, size: number): number {
  const { bytes, at } = reader;
  const value = numberAt(bytes, at + 1, size - 1);
  reader.value(name, size, () => String(value));
  return reader.isBroken ? 0 : value;
}

function numberAt(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = size - 1; 0 <= i; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

/**
 * Steps over a length-encoded integer without a field.
 *
 * @returns -1 for NULL
 */
export function skipLength(reader: FieldReader): number {
  const first = reader.peek();
  const size = first < 0xfc ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
  const value = first < 0xfb ? first : first === 0xfb ? -1 : numberAt(reader.bytes, reader.at + 1, size - 1);
  reader.skip(size);
  return reader.isBroken ? 0 : value;
}

/** Length-encoded text, as one field without its length. @returns '' for NULL */
export function readText(reader: FieldReader, name: string): string {
  const length = skipLength(reader);
  return length < 0 ? '' : reader.text(name, length);
}

export function readSecret(reader: FieldReader, name: string): void {
  const length = skipLength(reader);
  if (0 < length) reader.secret(name, length);
}

// ---- values ---------------------------------------------------------------------------------------------------------

/** Longest value in a summary. */
const maxQuoted = 120;

function quoted(text: string): string {
  return text.length <= maxQuoted ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, maxQuoted)).slice(0, -1)}…"`;
}

/**
 * A value of a text row: length-encoded text, or NULL.
 *
 * @returns as it is worded in a summary
 */
export function readTextValue(reader: FieldReader, name: string, column: Column | undefined): string {
  const { at } = reader;
  const length = skipLength(reader);
  if (reader.isBroken) return '…';
  if (length < 0) {
    reader.add(name, at, at + 1, 'NULL');
    return 'NULL';
  }
  return readBytes(reader, name, length, column);
}

/** Texts, and what is told as text in either protocol. */
function readBytes(reader: FieldReader, name: string, length: number, column: Column | undefined): string {
  const { bytes, at } = reader;
  const stop = at + length <= reader.end ? at + length : reader.end;
  reader.at = stop;
  if (stop - at < length) {
    reader.problem('error', say`${name} says ${length} bytes, ${stop - at} are left`, at, stop);
    reader.isBroken = true;
  }
  if (column?.isBinary === true) {
    const view = bytes.subarray(at, stop);
    const text = column.type === 16 ? bitText(view) : (plainText(view) ?? bytesText(view));
    reader.add(name, at, stop, text);
    return plainText(view) === text ? quoted(text) : text;
  }
  const text = utf8Text(bytes, at, stop);
  if (column !== undefined && isNumeric(column.type) && length < 17) {
    const value = Number(text);
    reader.add(name, at, stop, text, undefined, Number.isFinite(value) && text !== '' ? value : undefined);
    return text;
  }
  reader.add(name, at, stop, text);
  return column !== undefined && isNumeric(column.type) ? text : quoted(text);
}

function bitText(view: Uint8Array): string {
  return `b'${Array.from(view, (byte) => byte.toString(2)).join(' ')}'`;
}

/**
 * A value of a binary row, or of a parameter ("Binary Protocol Value").
 *
 * @returns as it is worded in a summary
 */
export function readBinaryValue(reader: FieldReader, name: string, column: Column): string {
  const text = fixedValue(reader, name, column);
  if (text !== undefined) return text;
  const length = skipLength(reader);
  return length < 0 ? 'NULL' : readBytes(reader, name, length, column);
}

function fixedValue(reader: FieldReader, name: string, { type, isUnsigned }: Column): string | undefined {
  switch (type) {
    case 1:
      return String(isUnsigned ? reader.u8(name) : reader.i8(name));
    case 2:
    case 13:
      return String(isUnsigned || type === 13 ? reader.u16Le(name) : signed16(reader, name));
    case 3:
    case 9:
      return String(isUnsigned ? reader.u32Le(name) : reader.i32Le(name));
    case 8:
      return String(isUnsigned ? reader.u64Le(name) : reader.i64Le(name));
    case 4: {
      const { at, fields } = reader;
      const value = reader.f32(name, true);
      const text = String(Number(value.toPrecision(6)));
      // A float is shown by the digits that it has, not by those of the double that it is read into.
      const field = fields[fields.length - 1];
      if (field !== undefined && at < reader.at) field.text = text;
      return text;
    }
    case 5:
      return String(reader.f64(name, true));
    case 6:
      return 'NULL';
    case 7: case 10: case 12: case 14:
      return quoted(readDate(reader, name, type));
    case 11:
      return quoted(readTime(reader, name));
    default:
      return undefined;
  }
}

function signed16(reader: FieldReader, name: string): number {
  const { bytes, at } = reader;
  const value = (((bytes[at + 1] ?? 0) << 24) >> 16) | (bytes[at] ?? 0);
  reader.value(name, 2, () => String(value));
  return value;
}

/** 0, 4, 7 or 11 bytes behind their number: zeros at the end are left out. */
function readDate(reader: FieldReader, name: string, type: number): string {
  const { bytes, at } = reader;
  const length = reader.peek();
  const two = (i: number): string => String(bytes[at + i] ?? 0).padStart(2, '0');
  const date = length < 4 ? '0000-00-00' : `${String(numberAt(bytes, at + 1, 2)).padStart(4, '0')}-${two(3)}-${two(4)}`;
  const time = length < 7 ? '00:00:00' : `${two(5)}:${two(6)}:${two(7)}${length < 11 ? '' : fraction(numberAt(bytes, at + 8, 4))}`;
  const text = type === 10 || type === 14 ? date : `${date} ${time}`;
  reader.value(name, 1 + Math.max(0, length), () => text);
  return text;
}

/** 0, 8 or 12 bytes behind their number: sign, days, time. */
function readTime(reader: FieldReader, name: string): string {
  const { bytes, at } = reader;
  const length = reader.peek();
  const hours = length < 8 ? 0 : numberAt(bytes, at + 2, 4) * 24 + (bytes[at + 6] ?? 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const text = `${8 <= length && bytes[at + 1] === 1 ? '-' : ''}${two(hours)}:${two(length < 8 ? 0 : (bytes[at + 7] ?? 0))}:${two(length < 8 ? 0 : (bytes[at + 8] ?? 0))}${length < 12 ? '' : fraction(numberAt(bytes, at + 9, 4))}`;
  reader.value(name, 1 + Math.max(0, length), () => text);
  return text;
}

function fraction(micros: number): string {
  return `.${String(micros).padStart(6, '0')}`;
}
