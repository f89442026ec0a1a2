// Types of Cassandra's columns and the values of them (native_protocol_v5 §4.2.5.2, §6).

import { say } from '../../shared/sentences.js';
import { bytesText, plainText, type FieldReader } from './fieldReader.js';

export interface Column {
  name: string;
  /** id of the option; values of types that are made of others are shown as bytes */
  type: number;
}

const typeNames: Readonly<Record<number, string>> = {
  0x00: 'custom', 0x01: 'ascii', 0x02: 'bigint', 0x03: 'blob', 0x04: 'boolean', 0x05: 'counter', 0x06: 'decimal', 0x07: 'double', 0x08: 'float', 0x09: 'int', 0x0a: 'text', 0x0b: 'timestamp',
  0x0c: 'uuid', 0x0d: 'varchar', 0x0e: 'varint', 0x0f: 'timeuuid', 0x10: 'inet', 0x11: 'date', 0x12: 'time', 0x13: 'smallint', 0x14: 'tinyint', 0x15: 'duration', 0x20: 'list', 0x21: 'map',
  0x22: 'set', 0x30: 'udt', 0x31: 'tuple',
};
/** Types inside types. */
const maxDepth = 16;

/** Reads an [option] that describes a type. @returns its id and its CQL name: `map<text, int>` */
function type(reader: FieldReader, depth = 0): { id: number; text: string } {
  const id = short(reader);
  const name = typeNames[id] ?? `type ${id}`;
  if (maxDepth < depth) {
    reader.isBroken = true;
    reader.problem('error', say`types are nested more than ${maxDepth} deep`);
    return { id, text: name };
  }
  const inner = (): string => type(reader, depth + 1).text;
  switch (id) {
    case 0x00:
      return { id, text: string(reader) };
    case 0x20:
    case 0x22:
      return { id, text: `${name}<${inner()}>` };
    case 0x21:
      return { id, text: `${name}<${inner()}, ${inner()}>` };
    case 0x30: {
      const keyspace = string(reader);
      const own = string(reader);
      for (let left = short(reader); 0 < left && 0 < reader.left; left--) {
        string(reader);
        inner();
      }
      return { id, text: `${keyspace}.${own}` };
    }
    case 0x31: {
      const parts: string[] = [];
      for (let left = short(reader); 0 < left && 0 < reader.left; left--) parts.push(inner());
      return { id, text: `${name}<${parts.slice(0, 16).join(', ')}>` };
    }
    default:
      return { id, text: name };
  }
}

/** §4.2.5.2 <col_spec>: perhaps keyspace and table, then name and type. One field. */
export function column(reader: FieldReader, isGlobal: boolean): Column {
  const start = reader.at;
  const table = isGlobal ? '' : `${string(reader)}.${string(reader)}.`;
  const name = string(reader);
  const found = type(reader);
  if (!reader.isBroken) reader.add('column', start, reader.at, `${table}${name} ${found.text}`);
  return { name, type: found.id };
}

/** A [value] or [bytes] of a column as one field; -1 is null, -2 `not set`. */
export function value(reader: FieldReader, name: string, id: number): string {
  const start = reader.at;
  if (reader.left < 4) {
    reader.skip(4);
    return '';
  }
  const { bytes } = reader;
  const length = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
  reader.skip(4);
  if (0 < length) reader.skip(length);
  if (reader.isBroken) return '';
  const text = length === -2 ? 'not set' : length < 0 ? 'null' : valueText(bytes.subarray(start + 4, start + 4 + length), id);
  reader.add(name, start, reader.at, text);
  return text;
}

/** §6. What does not have the length that its type has is shown as bytes. */
function valueText(view: Uint8Array, id: number): string {
  const { length } = view;
  switch (id) {
    case 0x01:
    case 0x0a:
    case 0x0d: {
      const text = length === 0 ? '' : plainText(view);
      return text === undefined ? bytesText(view) : JSON.stringify(text);
    }
    case 0x02:
    case 0x05:
      return length === 8 ? String(big(view)) : bytesText(view);
    case 0x04:
      return length === 1 ? (view[0] === 0 ? 'false' : 'true') : bytesText(view);
    case 0x07:
      return length === 8 ? String(data(view).getFloat64(0)) : hexText(view);
    case 0x08:
      return length === 4 ? String(data(view).getFloat32(0)) : hexText(view);
    case 0x09:
      return length === 4 ? String(data(view).getInt32(0)) : hexText(view);
    case 0x0b:
      return length === 8 ? timeText(big(view)) : hexText(view);
    case 0x0c:
    case 0x0f:
      return length === 16 ? uuidText(view) : hexText(view);
    case 0x10:
      return inetText(view);
    case 0x11:
      return length === 4 ? timeText(BigInt(data(view).getUint32(0) - 0x80000000) * 86400000n).slice(0, 10) : hexText(view);
    case 0x13:
      return length === 2 ? String(data(view).getInt16(0)) : hexText(view);
    case 0x14:
      return length === 1 ? String(data(view).getInt8(0)) : hexText(view);
    default:
      return bytesText(view);
  }
}

function hexText(view: Uint8Array): string {
  return bytesText(view);
}

function data(view: Uint8Array): DataView {
  return new DataView(view.buffer, view.byteOffset, view.length);
}

function big(view: Uint8Array): bigint {
  return data(view).getBigInt64(0);
}

function timeText(milliseconds: bigint): string {
  return -62135596800000n <= milliseconds && milliseconds < 253402300800000n ? new Date(Number(milliseconds)).toISOString() : String(milliseconds);
}

export function uuidText(view: Uint8Array): string {
  return Array.from(view, (byte, i) => `${i === 4 || i === 6 || i === 8 || i === 10 ? '-' : ''}${byte.toString(16).padStart(2, '0')}`).join('');
}

export function inetText(view: Uint8Array): string {
  if (view.length === 4) return view.join('.');
  if (view.length !== 16) return bytesText(view);
  return Array.from({ length: 8 }, (_, i) => ((view[2 * i]! << 8) | view[2 * i + 1]!).toString(16)).join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
}

/** [short], without a field. */
function short(reader: FieldReader): number {
  const high = reader.peek();
  const low = reader.peek(1);
  reader.skip(2);
  return high < 0 || low < 0 ? 0 : (high << 8) | low;
}

/** [string], without a field. */
function string(reader: FieldReader): string {
  const length = short(reader);
  const { at } = reader;
  reader.skip(length);
  if (reader.isBroken) return '';
  return plainText(reader.bytes.subarray(at, at + length)) ?? '?';
}
