// A protobuf message as JSON, by its type (protobuf.dev, "ProtoJSON format"): what grpcurl takes.

import type { ProtobufField, ProtobufType } from '../../../dissectors/dissector.js';

/** Messages in messages. */
const maxDepth = 32;

/** @returns undefined when the bytes are not of that type; `isWhole`: it names every field of them */
export function protobufJson(bytes: Uint8Array, type: ProtobufType): { json: unknown; isWhole: boolean } | undefined {
  const reader = new Reader(bytes);
  const object = reader.message(0, bytes.length, type, 0);
  const json = object === undefined ? undefined : wellKnown(object, type.name);
  return json === undefined ? undefined : { json, isWhole: reader.isWhole };
}

class Reader {
  isWhole = true;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  message(start: number, end: number, type: ProtobufType, depth: number): Record<string, unknown> | undefined {
    if (maxDepth < depth) return undefined;
    const object: Record<string, unknown> = {};
    for (let at = start; at < end; ) {
      const tag = this.varint(at, end);
      if (tag === undefined) return undefined;
      const field = type.field(Number(tag.value >> 3n));
      const wire = Number(tag.value & 7n);
      const size = wire === 1 ? 8 : wire === 5 ? 4 : undefined;
      const length = wire === 2 ? this.varint(tag.end, end) : undefined;
      const valueStart = length?.end ?? tag.end;
      const valueEnd = wire === 0 ? this.varint(tag.end, end)?.end : size !== undefined ? tag.end + size : length === undefined ? undefined : length.end + Number(length.value);
      if (valueEnd === undefined || end < valueEnd) return undefined;
      at = valueEnd;
      // A field that the type does not have has no name, and JSON no place for it.
      if (field === undefined) {
        this.isWhole = false;
        continue;
      }
      if (!this.put(object, field, wire, valueStart, valueEnd, depth)) return undefined;
    }
    return object;
  }

  private put(object: Record<string, unknown>, field: ProtobufField, wire: number, start: number, end: number, depth: number): boolean {
    if (field.isMap === true && field.message !== undefined) {
      const entry = this.message(start, end, field.message, depth + 1);
      if (entry === undefined) return false;
      const map = (object[field.name] ??= {}) as Record<string, unknown>;
      Object.defineProperty(map, String(entry[field.message.field(1)?.name ?? 'key'] ?? ''), { value: entry[field.message.field(2)?.name ?? 'value'] ?? null, enumerable: true });
      return true;
    }
    const values = wire === 2 && field.type !== 'string' && field.type !== 'bytes' && field.type !== 'message' ? this.packed(field, start, end) : [this.value(field, wire, start, end, depth)];
    if (values === undefined || values.includes(undefined)) return false;
    if (field.isRepeated) ((object[field.name] ??= []) as unknown[]).push(...values);
    else object[field.name] = values.at(-1);
    return true;
  }

  private known(object: Record<string, unknown> | undefined, type: ProtobufType): unknown {
    return object === undefined ? undefined : wellKnown(object, type.name);
  }

  private packed(field: ProtobufField, start: number, end: number): unknown[] | undefined {
    const size = /64|double/.test(field.type) && /fixed|double/.test(field.type) ? 8 : /fixed|float/.test(field.type) ? 4 : undefined;
    const values: unknown[] = [];
    for (let at = start; at < end; ) {
      const stop = size === undefined ? this.varint(at, end)?.end : at + size;
      if (stop === undefined || end < stop) return undefined;
      values.push(this.value(field, size === 8 ? 1 : size === 4 ? 5 : 0, at, stop, 0));
      at = stop;
    }
    return values;
  }

  private value(field: ProtobufField, wire: number, start: number, end: number, depth: number): unknown {
    switch (field.type) {
      case 'message':
        return field.message === undefined ? undefined : this.known(this.message(start, end, field.message, depth + 1), field.message);
      case 'string':
        return utf8(this.bytes.subarray(start, end));
      case 'bytes':
        return Buffer.from(this.bytes.subarray(start, end)).toString('base64');
      case 'double':
        return wire === 1 ? number(this.view.getFloat64(start, true)) : undefined;
      case 'float':
        return wire === 5 ? number(this.view.getFloat32(start, true)) : undefined;
      case 'fixed32':
        return wire === 5 ? this.view.getUint32(start, true) : undefined;
      case 'sfixed32':
        return wire === 5 ? this.view.getInt32(start, true) : undefined;
      case 'fixed64':
        return wire === 1 ? String(this.view.getBigUint64(start, true)) : undefined;
      case 'sfixed64':
        return wire === 1 ? String(this.view.getBigInt64(start, true)) : undefined;
      default: {
        const varint = wire === 0 ? this.varint(start, end)?.value : undefined;
        return varint === undefined ? undefined : integer(field, varint);
      }
    }
  }

  private varint(at: number, end: number): { value: bigint; end: number } | undefined {
    let value = 0n;
    for (let i = 0; i < 10 && at + i < end; i++) {
      const byte = this.bytes[at + i]!;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + i + 1 };
    }
    return undefined;
  }
}

/** 64 bits are strings: numbers of JSON lose their last digits. */
function integer(field: ProtobufField, value: bigint): unknown {
  switch (field.type) {
    case 'bool':
      return value !== 0n;
    case 'enum':
      return field.enumName?.(Number(BigInt.asIntN(32, value))) ?? Number(BigInt.asIntN(32, value));
    case 'int32':
      return Number(BigInt.asIntN(32, value));
    case 'uint32':
      return Number(BigInt.asUintN(32, value));
    case 'sint32':
      return Number(BigInt.asIntN(32, (value >> 1n) ^ -(value & 1n)));
    case 'int64':
      return String(BigInt.asIntN(64, value));
    case 'sint64':
      return String(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)));
    case 'uint64':
      return String(value);
    default:
      return undefined;
  }
}

function number(value: number): number | string {
  return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
}

/** A string of protobuf is UTF-8, or is none. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a wrapper holds when its value is the default, which is not sent. */
const defaults: Readonly<Record<string, unknown>> = { Bool: false, String: '', Bytes: '', Int64: '0', UInt64: '0', Int32: 0, UInt32: 0, Double: 0, Float: 0 };

/** Google's own types have JSON of their own ("ProtoJSON format", table). @returns undefined where it cannot be made */
function wellKnown(object: Record<string, unknown>, name: string): unknown {
  if (!name.startsWith('google.protobuf.')) return object;
  const short = name.slice('google.protobuf.'.length);
  const wrapped = /^(.+)Value$/.exec(short)?.[1] ?? '';
  if (wrapped in defaults) return object['value'] ?? defaults[wrapped];
  const seconds = Number(object['seconds'] ?? 0);
  const nanos = Number(object['nanos'] ?? 0);
  switch (short) {
    case 'Timestamp':
      return Math.abs(seconds) <= 8_640_000_000_000 && 0 <= nanos && nanos < 1e9 ? new Date(seconds * 1000).toISOString().replace(/\.000Z$/, `${fraction(nanos)}Z`) : undefined;
    case 'Duration':
      return `${seconds < 0 || nanos < 0 ? '-' : ''}${Math.abs(seconds)}${fraction(Math.abs(nanos))}s`;
    case 'FieldMask':
      return ((object['paths'] ?? []) as string[]).map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).join(',');
    case 'Struct':
      return object['fields'] ?? {};
    case 'ListValue':
      return object['values'] ?? [];
    case 'Value':
      return ['number_value', 'string_value', 'bool_value', 'struct_value', 'list_value'].map((kind) => object[kind]).find((value) => value !== undefined) ?? null;
    case 'Any':
      // What is in it has a type that only its address tells.
      return undefined;
    default:
      return object;
  }
}

function fraction(nanos: number): string {
  return nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}
