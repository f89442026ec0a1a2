// Apache Thrift's RPC (thrift-rpc.md, thrift-binary-protocol.md, thrift-compact-protocol.md, HeaderFormat.md): the binary protocol, strict or
// not, and the compact one; unframed, framed, or in a THeader.

import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader, utf8Text } from './fieldReader.js';
import { structEnd } from './thriftMeasure.js';
import { struct, varint, type Encoding } from './thriftValues.js';

/** Arguments are shown by their first bytes; unframed messages must fit, for their end is found by reading them. */
const maxMessageBytes = 512 << 10;
/** DEFAULT_MAX_MESSAGE_SIZE of the implementations. */
const longestBytes = 104_857_600;
const maxNameBytes = 255;
/** What a compressed payload of a THeader may become. */
const maxPlainBytes = 1 << 20;
const headerMagic = 0x0fff;

const messageTypes: Readonly<Record<number, string>> = { 1: 'call', 2: 'reply', 3: 'exception', 4: 'oneway' };
/** TApplicationException. */
const exceptionTypes: Readonly<Record<number, string>> = {
  0: 'unknown', 1: 'unknown method', 2: 'invalid message type', 3: 'wrong method name', 4: 'bad sequence id', 5: 'missing result', 6: 'internal error', 7: 'protocol error', 8: 'invalid transform',
  9: 'invalid protocol', 10: 'unsupported client type',
};
const transforms: Readonly<Record<number, string>> = { 1: 'zlib', 2: 'hmac', 3: 'snappy', 4: 'qlz', 5: 'zstd' };
const formats: Readonly<Record<number, string>> = { 1: 'deflate', 3: 'snappy', 5: 'zstd' };

export const thrift: Dissector<null> = {
  id: 'thrift',
  maxMessageBytes,
  start: () => null,
  next: (_state, input) => next(input),
  mayStart,
};

/** A version with a type, or a length in front of one. */
function mayStart(_state: null, { bytes, at, end }: Input): Verdict {
  const first = bytes[at]!;
  if (first !== 0 && first !== 0x80 && first !== 0x82) return 'no';
  if (end - at < 8) return 'more';
  const start = first === 0 ? at + 4 : at;
  if (bytes[start] === 0x82) return isCompactType(bytes[start + 1]!) ? 'match' : 'no';
  if (first === 0 && bytes[start] === 0x0f) return bytes[start + 1] === 0xff ? 'match' : 'no';
  const type = bytes[start + 3]!;
  return bytes[start] === 0x80 && bytes[start + 1] === 1 && bytes[start + 2] === 0 && messageTypes[type] !== undefined ? 'match' : 'no';
}

function isCompactType(byte: number): boolean {
  return (byte & 0x1f) === 1 && messageTypes[byte >> 5] !== undefined;
}

function next(input: Input): Next {
  const { bytes, at, end } = input;
  const first = bytes[at]!;
  if (first === 0x80 || first === 0x82) return unframed(input);
  if (end - at < 5) return 5;
  const size = u32(bytes, at);
  // Without a version a message begins with the length of its name: then a letter stands here, in a frame a zero or a version.
  if (0x20 < bytes[at + 4]! && bytes[at + 4]! < 0x7f && size <= maxNameBytes) return unframed(input);
  if (size < 4 || longestBytes < size) return { lost: `no frame has ${size} bytes` };
  const start = bytes[at + 4]!;
  if (start !== 0x80 && start !== 0x82 && start !== 0x0f && start !== 0) return { lost: `0x${start.toString(16).padStart(2, '0')} starts no message` };
  const length = 4 + size;
  if (!available(input, length, maxMessageBytes)) return length;
  const isCut = maxMessageBytes < length;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  reader.u32('frame size');
  const told = start === 0x0f ? withHeader(reader, input) : message(reader);
  if (isCut && reader.isBroken) reader.problems.pop();
  if (!isCut) reader.rest();
  return { length, ...told } satisfies Decoded;
}

/** No length stands in front: name and structure are measured. */
function unframed(input: Input): Next {
  const { bytes, at, end } = input;
  const first = bytes[at]!;
  let start = at;
  if (first === 0x82) {
    if (end - at < 4) return 4;
    if (!isCompactType(bytes[at + 1]!)) return { lost: 'no version of the compact protocol stands here' };
    start += 2;
    while (start < end && 0x80 <= bytes[start]! && start - at < 7) start += 1;
    start += 1;
    if (end <= start) return start + 1 - at;
    const nameBytes = bytes[start]!;
    if (0x80 <= nameBytes) return { lost: 'a method’s name is not that long' };
    start += 1 + nameBytes;
  } else {
    const isStrict = first === 0x80;
    const lengthAt = isStrict ? at + 4 : at;
    if (end < lengthAt + 4) return lengthAt + 4 - at;
    if (isStrict && (bytes[at + 1] !== 1 || messageTypes[bytes[at + 3]!] === undefined)) return { lost: 'no version of the binary protocol stands here' };
    const nameBytes = u32(bytes, lengthAt);
    if (maxNameBytes < nameBytes) return { lost: 'a method’s name is not that long' };
    start = lengthAt + 4 + nameBytes + (isStrict ? 4 : 5);
    if (!isStrict && start - 5 < end && messageTypes[bytes[start - 5]!] === undefined) return { lost: 'no type stands behind the name' };
  }
  if (end <= start) return start + 1 - at;
  const stop = structEnd(bytes, start, end, first === 0x82 ? 'compact' : 'binary');
  if (Number.isNaN(stop)) return { lost: 'what follows the name is no structure' };
  if (stop < 0) return -stop - at;
  const reader = FieldReader.of(input, stop - at);
  return { length: stop - at, ...message(reader) };
}

type Told = Omit<Decoded, 'length'>;

/** @param sequence of the THeader, which pairs in its place */
function message(reader: FieldReader, sequence?: number): Told {
  let type: number;
  let encoding: Encoding = 'binary';
  let id: number;
  let name: string;
  const first = reader.peek();
  if (first === 0x82) {
    encoding = 'compact';
    reader.u8('protocol', () => 'compact');
    type = reader.u8('type', (byte) => messageTypes[byte >> 5] ?? String(byte >> 5)) >> 5;
    id = number(reader, 'sequence id', varint);
    name = compactName(reader);
  } else if (first === 0x80) {
    reader.u16('version', (value) => `binary ${value & 0x7fff}`);
    type = reader.u16('type', messageTypes) & 0xff;
    name = reader.prefixedText('method', 4);
    id = reader.i32('sequence id');
  } else {
    name = reader.prefixedText('method', 4);
    type = reader.u8('type', messageTypes);
    id = reader.i32('sequence id');
  }
  const key = sequence ?? id;
  const isCall = type === 1 || type === 4;
  const start = reader.at;
  const text = reader.isBroken ? '' : reader.group(isCall ? 'arguments' : type === 3 ? 'exception' : 'result', () => struct(reader, encoding), (words) => words);
  const told = { fields: reader.fields, problems: reader.problems };
  switch (type) {
    case 1:
      return { ...told, kind: 'request', asks: key, summary: `${name}(${text})` };
    case 2:
      return { ...told, kind: 'answer', answers: key, summary: resultWords(reader, name, text, start) };
    case 3:
      return { ...told, kind: 'answer', answers: key, summary: exceptionWords(reader, name, start) };
    case 4:
      return { ...told, kind: 'notice', summary: `${name}(${text}) oneway` };
    default:
      if (!reader.isBroken) reader.problem('error', `${type} is no type of a message`, start, start);
      return { ...told, kind: 'notice', summary: name };
  }
}

/** Field 0 is what the method returns, others are exceptions that it declares (thrift-rpc.md, "Response struct"). */
function resultWords(reader: FieldReader, name: string, text: string, start: number): string {
  const inside = reader.fields[reader.fields.length - 1]?.fields;
  const first = inside?.[0];
  if (first === undefined || reader.isBroken) return `${name} → ${text === '' ? 'void' : text}`;
  if (first.name === '0') return `${name} → ${text.slice(3)}`;
  reader.problem('error', `${name} threw ${text}`.slice(0, 300), start, reader.at);
  return `${name} threw ${text}`;
}

/** TApplicationException: 1 message, 2 type. */
function exceptionWords(reader: FieldReader, name: string, start: number): string {
  const inside = reader.fields[reader.fields.length - 1]?.fields ?? [];
  const text = inside.find((field) => field.name === '1')?.text ?? '';
  const type = inside.find((field) => field.name === '2')?.value;
  const words = `${name} failed: ${typeof type === 'number' ? `${exceptionTypes[type] ?? type}: ` : ''}${text}`;
  if (!reader.isBroken) reader.problem('error', words.slice(0, 300), start, reader.at);
  return words;
}

function compactName(reader: FieldReader): string {
  const start = reader.at;
  const length = varint(reader);
  const { at } = reader;
  reader.skip(length);
  if (reader.isBroken) return '';
  const name = utf8Text(reader.bytes, at, at + length);
  reader.add('method', start, reader.at, name);
  return name;
}

function number(reader: FieldReader, name: string, read: (reader: FieldReader) => number, words: (value: number) => string = String): number {
  const start = reader.at;
  const value = read(reader);
  if (!reader.isBroken) reader.add(name, start, reader.at, words(value), undefined, value);
  return value;
}

// ---- THeader (HeaderFormat.md) --------------------------------------------------------------------------------------

/** Magic, flags, sequence number, size of the header in words; then protocol, transforms, infos and padding, then the payload. */
function withHeader(reader: FieldReader, input: Input): Told {
  let sequence = 0;
  let protocol = 0;
  const applied: number[] = [];
  reader.group('header', () => {
    if (reader.u16('magic', hex) !== headerMagic && !reader.isBroken) reader.problem('error', 'another magic number', reader.at - 2, reader.at);
    reader.u16('flags', hex);
    sequence = reader.u32('sequence id');
    const size = reader.u16('header words') * 4;
    reader.within(size, () => {
      protocol = number(reader, 'protocol', varint, (id) => ['binary', 'json', 'compact'][id] ?? String(id));
      const count = number(reader, 'transforms', varint);
      for (let i = 0; i < count && 0 < reader.left; i++) applied.push(number(reader, 'transform', varint, (id) => transforms[id] ?? String(id)));
      while (0 < reader.left && reader.peek() !== 0) infos(reader);
      if (0 < reader.left) reader.value('padding', reader.left, (view) => (view.length === 1 ? '1 byte' : `${view.length} bytes`));
    });
  });
  const start = reader.at;
  const base: Told = { kind: 'notice', summary: 'THeader', fields: reader.fields, problems: reader.problems };
  if (reader.left === 0 || protocol === 1) return base;
  if (applied.length === 0) return message(reader, sequence);
  const { end } = reader;
  let plain: Uint8Array | string = reader.bytes.subarray(start, end);
  // They were applied in this order, so the last one is undone first.
  for (const one of applied.slice(-4).reverse()) if (typeof plain !== 'string') plain = input.context.decompress(formats[one] ?? transforms[one] ?? String(one), plain, maxPlainBytes);
  reader.at = end;
  if (typeof plain === 'string') {
    reader.problem('warning', plain, start, end);
    reader.add('compressed', start, end, `${end - start} bytes`);
    return base;
  }
  const inner = new FieldReader(plain, 0, 0, plain.length, reader.range(start, end));
  const told = message(inner, sequence);
  inner.rest();
  return { ...told, fields: [...reader.fields, ...inner.fields], problems: [...reader.problems, ...inner.problems] };
}

/** Pairs of key and value, for this message (1) or from here on (2). */
function infos(reader: FieldReader): void {
  const id = varint(reader);
  if (id !== 1 && id !== 2) {
    reader.rest('info');
    return;
  }
  const count = varint(reader);
  for (let i = 0; i < count && 0 < reader.left; i++) reader.group(id === 1 ? 'info' : 'persistent info', () => {
    const key = infoText(reader, 'key', false);
    const isSecret = /auth|token|secret|password|cookie/i.test(key);
    const text = infoText(reader, 'value', isSecret);
    return `${key}: ${text}`;
  }, (text) => text);
}

function infoText(reader: FieldReader, name: string, isSecret: boolean): string {
  const start = reader.at;
  const length = varint(reader);
  if (isSecret) {
    if (0 < length) reader.secret(name, length);
    return '••••••';
  }
  const { at } = reader;
  reader.skip(length);
  if (reader.isBroken) return '';
  const text = utf8Text(reader.bytes, at, at + length);
  reader.add(name, start, reader.at, text);
  return text;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
