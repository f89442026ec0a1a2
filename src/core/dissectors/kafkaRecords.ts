// Kafka's record batches (Kafka documentation, "Message Format"): version 2, and the message sets of versions 0 and 1.

import { say } from '../../shared/sentences.js';
import type { DissectContext } from './dissector.js';
import { bytesText, FieldReader } from './fieldReader.js';

const compressions: Readonly<Record<number, string>> = { 0: 'none', 1: 'gzip', 2: 'snappy', 3: 'lz4', 4: 'zstd' };
/** Offset, length, epoch or checksum, and the magic byte: there in every version. */
const prefixBytes = 17;
/** Header of a batch of version 2. */
const batchHeaderBytes = 61;
/** What a batch may become; records are listed while there is room for fields. */
const maxPlainBytes = 1 << 20;

interface Told {
  count: number;
  compression: string;
}

/**
 * Reads batches up to the reader's end. A fetch may bring the beginning of one more: that one is no mistake.
 *
 * @param isCut the last batch goes on where nobody looks: it is read as far as it goes
 */
export function records(reader: FieldReader, context: DissectContext, isCut = false, depth = 0): Told {
  const told: Told = { count: 0, compression: '' };
  while (0 < reader.left) {
    const whole = reader.left < prefixBytes ? 0 : word(reader, 8) + 12;
    const length = isCut && batchHeaderBytes < reader.left && reader.left < whole && reader.peek(16) === 2 ? reader.left : whole;
    if (length <= prefixBytes || reader.left < length) {
      reader.data('incomplete batch', reader.left);
      break;
    }
    const magic = reader.peek(16);
    reader.group(magic === 2 ? 'batch' : 'message', () => reader.within(length, () => {
      const one = magic === 2 ? batch(reader, context) : message(reader, context, depth);
      told.count += one.count;
      if (one.compression !== '') told.compression = one.compression;
    }), magic === 2 ? () => '' : '');
  }
  return told;
}

function batch(reader: FieldReader, context: DissectContext): Told {
  const base = reader.i64('base offset');
  reader.i32('length');
  reader.i32('partition leader epoch');
  reader.u8('magic');
  reader.u32('crc', hex);
  const attributes = reader.u16('attributes', attributeText);
  reader.i32('last offset delta');
  const time = reader.i64('base timestamp', timeText);
  reader.i64('max timestamp', timeText);
  reader.i64('producer id');
  reader.i16('producer epoch');
  reader.i32('base sequence');
  const count = reader.i32('count');
  const isControl = (attributes & 0x20) !== 0;
  const compression = attributes & 7;
  unpacked(reader, context, compression, (inner) => {
    for (let i = 0; i < count && 0 < inner.left && 0 < inner.room; i++) record(inner, base, time, isControl);
    if (0 < inner.left) inner.rest(inner.room === 0 ? 'further records' : 'not decoded');
  });
  return { count: Math.max(0, count), compression: compression === 0 ? '' : (compressions[compression] ?? `compression ${compression}`) };
}

/** Hands over the reader itself, or one over the decompressed rest. */
function unpacked(reader: FieldReader, context: DissectContext, compression: number, read: (inner: FieldReader) => void): void {
  if (compression === 0 || reader.left === 0) {
    read(reader);
    return;
  }
  const start = reader.at;
  const { left, end } = reader;
  const plain = context.decompress(compressions[compression] ?? String(compression), reader.bytes.subarray(start, end), maxPlainBytes);
  if (typeof plain === 'string') {
    reader.data('compressed', left);
    reader.problem('warning', plain, start, end);
    return;
  }
  const inner = new FieldReader(plain, 0, 0, plain.length, reader.range(start, end));
  read(inner);
  reader.add('compressed', start, end, `${left} bytes, ${plain.length} bytes of ${compressions[compression]} inside`, inner.fields);
  reader.problems.push(...inner.problems);
  reader.at = end;
}

/** Numbers are varints in zigzag order ("Record"). */
function record(reader: FieldReader, base: bigint, time: bigint, isControl: boolean): void {
  reader.group('record', () => {
    const length = varint(reader);
    if (length < 0) {
      reader.rest();
      return '';
    }
    return reader.within(length, () => {
      reader.skip(1);
      let start = reader.at;
      const timeDelta = varint(reader);
      reader.add('timestamp', start, reader.at, timeText(time + BigInt(timeDelta)));
      start = reader.at;
      const offset = base + BigInt(varint(reader));
      reader.add('offset', start, reader.at, String(offset));
      const key = isControl ? controlKey(reader) : sized(reader, 'key');
      const value = sized(reader, 'value');
      const headers = varint(reader);
      for (let i = 0; i < headers && 0 < reader.left; i++) reader.group('header', () => `${sized(reader, 'key')} = ${sized(reader, 'value')}`, (text) => text);
      return `${offset}: ${key === 'null' ? '' : `${short(key)} → `}${short(value)}`;
    }) ?? '';
  }, (text) => text);
}

/** Key of a control record: version and type ("Control Records"). */
function controlKey(reader: FieldReader): string {
  const length = varint(reader);
  return reader.within(Math.max(0, length), () => {
    reader.u16('control version');
    const type = reader.u16('control type', { 0: 'abort', 1: 'commit' });
    return type === 0 ? 'abort' : type === 1 ? 'commit' : `control ${type}`;
  }) ?? 'control';
}

function sized(reader: FieldReader, name: string): string {
  const start = reader.at;
  const length = varint(reader);
  const { at } = reader;
  if (0 < length) reader.skip(length);
  if (reader.isBroken) return '';
  const text = length < 0 ? 'null' : bytesText(reader.bytes.subarray(at, reader.at));
  reader.add(name, start, reader.at, text);
  return text;
}

function short(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function varint(reader: FieldReader): number {
  let value = 0;
  for (let i = 0, scale = 1; i < 10; i++, scale *= 128) {
    const byte = reader.peek();
    reader.skip(1);
    if (byte < 0) return 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  if (Number.MAX_SAFE_INTEGER < value) return 0;
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** A message of version 0 or 1; a compressed one holds a set of them. */
function message(reader: FieldReader, context: DissectContext, depth: number): Told {
  reader.i64('offset');
  reader.i32('size');
  reader.u32('crc', hex);
  const magic = reader.u8('magic');
  if (1 < magic) reader.problem('error', say`${magic} is no version of messages`, reader.at - 1, reader.at);
  const attributes = reader.u8('attributes', (value) => compressions[value & 7] ?? String(value));
  if (magic === 1) reader.i64('timestamp', timeText);
  nullable(reader, 'key');
  const compression = attributes & 7;
  if (compression === 0 || 0 < depth) {
    nullable(reader, 'value');
    return { count: 1, compression: '' };
  }
  reader.i32('value length');
  let count = 0;
  unpacked(reader, context, compression, (inner) => {
    count = records(inner, context, false, depth + 1).count;
  });
  return { count, compression: compressions[compression] ?? `compression ${compression}` };
}

function nullable(reader: FieldReader, name: string): void {
  if (4 <= reader.left && word(reader, 0) < 0) {
    reader.add(name, reader.at, reader.at + 4, 'null');
    reader.skip(4);
  } else reader.prefixedData(name, 4);
}

function word(reader: FieldReader, ahead: number): number {
  const at = reader.at + ahead;
  const { bytes } = reader;
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function attributeText(value: number): string {
  const words = [compressions[value & 7] ?? `compression ${value & 7}`, (value & 8) === 0 ? '' : 'log append time', (value & 0x10) === 0 ? '' : 'transactional', (value & 0x20) === 0 ? '' : 'control'];
  return words.filter((word) => word !== '').join(', ');
}

function timeText(milliseconds: bigint): string {
  return 0n <= milliseconds && milliseconds < 253402300800000n ? new Date(Number(milliseconds)).toISOString() : String(milliseconds);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
