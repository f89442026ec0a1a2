// THeader (fbthrift's and Apache's HeaderFormat.md): a header with transforms and key-value pairs in front of a message.

import { say, type Sentence } from '../../shared/sentences.js';
import { counted } from './counts.js';
import type { Input } from './dissector.js';
import { FieldReader, utf8Text } from './fieldReader.js';
import { isSecretName, maskedText } from './payload/values.js';
import { sizedBytes, varint, varintField } from './thriftValues.js';

const protocols: Readonly<Record<number, string>> = { 0: 'binary', 1: 'json', 2: 'compact' };
const transforms: Readonly<Record<number, string>> = { 1: 'zlib', 2: 'hmac', 3: 'snappy', 4: 'qlz', 5: 'zstd' };
/** Names that `decompress` knows them by. */
const formats: Readonly<Record<number, string>> = { 1: 'deflate', 3: 'snappy', 5: 'zstd' };
/** What a compressed message may become, and is decoded of it. */
const maxPlainBytes = 1 << 20;
/** There are five; each may be applied once. */
const maxTransforms = 5;

/**
 * Reads the header, up to the message.
 *
 * @param isCut not all of the message is there: what is compressed cannot be told
 * @returns its sequence number, and a reader over the message: another one when that was compressed; undefined when it cannot be read
 */
export function header(reader: FieldReader, input: Input, isCut: boolean): { sequence: number; inner: FieldReader | undefined; isCut?: boolean } {
  reader.value('magic', 2, () => 'THeader');
  reader.u16('flags', (flags) => `0x${flags.toString(16).padStart(4, '0')}`);
  const sequence = reader.u32('sequence number');
  const words = reader.u16('header size', (size) => `${size} × 4 bytes`);
  const applied: number[] = [];
  reader.group('header', () => reader.within(words * 4, () => {
    varintField(reader, 'protocol');
    name(reader, protocols);
    const count = varintField(reader, 'transforms');
    for (let i = 0; i < count && 0 < reader.left; i++) {
      applied.push(varintField(reader, 'transform'));
      name(reader, transforms);
    }
    infos(reader);
  }), counted(words * 4));
  if (reader.isBroken) return { sequence, inner: undefined };
  const start = reader.at;
  if (applied.length === 0) return { sequence, inner: reader };
  let plain: Uint8Array | Sentence = isCut ? say`too long to be decompressed` : maxTransforms < applied.length ? say`too many transforms` : reader.bytes.subarray(start, reader.end);
  // What was applied last is undone first.
  for (const id of applied.reverse()) if (typeof plain !== 'string') plain = input.context.decompress(formats[id] ?? transforms[id] ?? `transform ${id}`, plain, maxPlainBytes);
  const range = reader.range(start, reader.end);
  reader.at = reader.end;
  if (typeof plain !== 'string') return { sequence, inner: new FieldReader(plain, 0, 0, plain.length, range), isCut: plain.length === maxPlainBytes };
  reader.problem('note', plain, start, reader.end);
  reader.add('transformed', start, reader.end, counted(reader.end - start));
  return { sequence, inner: undefined };
}

/** Puts a name before the number that was read last. */
function name(reader: FieldReader, names: Readonly<Record<number, string>>): void {
  const field = reader.fields[reader.fields.length - 1];
  const word = names[Number(field?.text)];
  if (field !== undefined && word !== undefined) field.text = `${word} (${field.text})`;
}

/** Kind 1: pairs for this message, 2: for all that follow; 0 is what pads to whole words. */
function infos(reader: FieldReader): void {
  while (0 < reader.left) {
    const start = reader.at;
    const kind = Number(varint(reader, 'info'));
    if (kind === 0) {
      reader.add('padding', start, reader.end, counted(reader.end - start));
      reader.at = reader.end;
      return;
    }
    if (kind !== 1 && kind !== 2) {
      reader.at = start;
      return;
    }
    reader.group(kind === 1 ? 'info' : 'persistent info', () => {
      const count = varintField(reader, 'count');
      for (let i = 0; i < count && 0 < reader.left; i++) pair(reader);
      return count;
    }, (count) => counted(count, 'pair'));
  }
}

function pair(reader: FieldReader): void {
  const start = reader.at;
  const key = sizedBytes(reader, true, 'key');
  const value = sizedBytes(reader, true, 'value');
  if (key === undefined || value === undefined) return;
  const name = utf8Text(key, 0, key.length);
  const isSecret = isSecretName(name);
  const field = reader.add(name === '' ? '(no name)' : name, start, reader.at, isSecret ? maskedText : utf8Text(value, 0, value.length));
  if (isSecret && field !== undefined) field.isSecret = true;
}
