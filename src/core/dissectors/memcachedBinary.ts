// Memcached's binary protocol (BinaryProtocolRevamped), and what Couchbase adds to it: framing extras, messages of the server, snappy.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { u16At, u32At } from '../bytes.js';
import { available, type Decoded, type DissectContext, type Dissector, type Input, type Next } from './dissector.js';
import { bytesText, FieldReader } from './fieldReader.js';

/** A value above this size is shown by its beginning. */
const maxMessageBytes = 256 << 10;
const headerBytes = 24;
/** Couchbase stores 20 MiB; memcached can be told to take a gigabyte. */
const maxBodyBytes = 1 << 30;
const maxWaiting = 4096;
/** Quiet requests, and those of others, that may stand before the one that is answered. */
const maxPassedOver = 256;

interface Waiting {
  key: number;
  opaque: number;
  opcode: number;
  isQuiet: boolean;
}

interface BinaryState {
  waiting: Waiting[];
  nextKey: number;
}

export const memcachedBinary: Dissector<BinaryState> = {
  id: 'memcached-binary',
  maxMessageBytes,
  start: () => ({ waiting: [], nextKey: 0 }),
  next,
  mayStart,
  lost(state) {
    state.waiting = [];
  },
};

/** First bytes: requests and responses, with framing extras, and of the server's own requests. */
const magics: Readonly<Record<number, string>> = {
  0x80: 'request', 0x81: 'response', 0x08: 'request with framing extras', 0x18: 'response with framing extras', 0x82: 'server request', 0x83: 'response to a server request',
};

const opcodes: Readonly<Record<number, string>> = {
  0x00: 'Get', 0x01: 'Set', 0x02: 'Add', 0x03: 'Replace', 0x04: 'Delete', 0x05: 'Increment', 0x06: 'Decrement', 0x07: 'Quit', 0x08: 'Flush', 0x09: 'GetQ', 0x0a: 'No-op',
  0x0b: 'Version', 0x0c: 'GetK', 0x0d: 'GetKQ', 0x0e: 'Append', 0x0f: 'Prepend', 0x10: 'Stat', 0x11: 'SetQ', 0x12: 'AddQ', 0x13: 'ReplaceQ', 0x14: 'DeleteQ', 0x15: 'IncrementQ',
  0x16: 'DecrementQ', 0x17: 'QuitQ', 0x18: 'FlushQ', 0x19: 'AppendQ', 0x1a: 'PrependQ', 0x1b: 'Verbosity', 0x1c: 'Touch', 0x1d: 'GAT', 0x1e: 'GATQ', 0x1f: 'Hello',
  0x20: 'SASL list mechanisms', 0x21: 'SASL auth', 0x22: 'SASL step', 0x23: 'GATK', 0x24: 'GATKQ', 0x50: 'DCP open', 0x53: 'DCP stream request', 0x57: 'DCP mutation',
  0x58: 'DCP deletion', 0x5c: 'DCP no-op', 0x5d: 'DCP buffer acknowledgement', 0x5e: 'DCP control', 0x89: 'Select bucket', 0x91: 'Observe seqno', 0x92: 'Observe',
  0x94: 'Get and lock', 0x95: 'Unlock', 0xb5: 'Get cluster config', 0xbb: 'Get collections manifest', 0xbe: 'Get collection id', 0xc5: 'Subdoc get', 0xc6: 'Subdoc exists',
  0xc7: 'Subdoc dict add', 0xc8: 'Subdoc dict upsert', 0xc9: 'Subdoc delete', 0xca: 'Subdoc replace', 0xd0: 'Subdoc multi lookup', 0xd1: 'Subdoc multi mutation', 0xfe: 'Get error map',
};

/** Requests that say nothing when there is nothing to say. */
const quiet = new Set([0x09, 0x0d, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1e, 0x24]);

const statuses: Readonly<Record<number, string>> = {
  0x00: 'success', 0x01: 'key not found', 0x02: 'key exists', 0x03: 'value too large', 0x04: 'invalid arguments', 0x05: 'item not stored', 0x06: 'increment or decrement of a value that is no number',
  0x07: 'vbucket belongs to another server', 0x08: 'no bucket', 0x09: 'locked', 0x1f: 'authentication stale', 0x20: 'authentication failed', 0x21: 'authentication goes on', 0x22: 'out of range',
  0x23: 'rollback', 0x24: 'no access', 0x25: 'node is initialising', 0x80: 'unknown frame', 0x81: 'unknown command', 0x82: 'out of memory', 0x83: 'not supported', 0x84: 'internal error', 0x85: 'busy', 0x86: 'temporary failure',
  0x88: 'unknown collection', 0xc0: 'subdoc path not found', 0xc1: 'subdoc path mismatch', 0xc2: 'subdoc path invalid', 0xcc: 'subdoc multi path failure',
};
/** Answers that programs count on: a miss, a lost race, a login that has another step. */
const expected = new Set([0x00, 0x01, 0x02, 0x05, 0x21]);

function next(state: BinaryState, input: Input): Next {
  const { bytes, at, end } = input;
  const magic = bytes[at]!;
  if (magics[magic] === undefined) return { lost: say`0x${magic.toString(16).padStart(2, '0')} is no magic byte` };
  if (end - at < headerBytes) return headerBytes;
  const body = u32At(bytes, at + 8);
  const isFramed = magic === 0x08 || magic === 0x18;
  const keyBytes = isFramed ? bytes[at + 3]! : u16At(bytes, at + 2);
  const framingBytes = isFramed ? bytes[at + 2]! : 0;
  if (maxBodyBytes < body) return { lost: say`a body of ${body} bytes is longer than any value` };
  if (body < keyBytes + framingBytes + bytes[at + 4]!) return { lost: say`key and extras are longer than the body` };
  const length = headerBytes + body;
  if (!available(input, length, maxMessageBytes)) return length;
  return read(state, input, FieldReader.of(input, length), { length, keyBytes, framingBytes, extrasBytes: bytes[at + 4]! });
}

interface Sizes {
  length: number;
  keyBytes: number;
  framingBytes: number;
  extrasBytes: number;
}

/** Header, framing extras, extras, key, value ("Packet Structure"). */
function read(state: BinaryState, input: Input, reader: FieldReader, { length, keyBytes, framingBytes, extrasBytes }: Sizes): Decoded {
  const magic = reader.u8('magic', magics);
  const opcode = reader.u8('opcode', opcodes);
  const name = opcodes[opcode] ?? `opcode 0x${opcode.toString(16).padStart(2, '0')}`;
  const isAnswer = (magic & 0x01) === 1 || magic === 0x18;
  if (magic === 0x08 || magic === 0x18) {
    reader.u8('framing length');
    reader.u8('key length');
  } else {
    reader.u16('key length');
  }
  reader.u8('extras length');
  const dataType = reader.u8('data type', (bits) => dataTypes(bits));
  const status = isAnswer ? reader.u16('status', statuses) : (reader.u16('vbucket'), 0);
  reader.u32('body length');
  const opaque = reader.u32('opaque');
  reader.u64('cas');
  if (0 < framingBytes) reader.data('framing extras', framingBytes);
  extras(reader, opcode, isAnswer, extrasBytes);
  const key = 0 < keyBytes ? reader.text(opcode === 0x21 || opcode === 0x22 ? 'mechanism' : 'key', keyBytes) : '';
  const isCut = input.end - input.at < length;
  const valueLength = length - (reader.at - input.at);
  const shown = valueOf(reader, input.context, opcode, isAnswer, dataType, status !== 0 && status !== 0x21, Math.max(0, Math.min(valueLength, reader.left)));
  const word = status === 0 ? '' : (statuses[status] ?? `status 0x${status.toString(16)}`);
  if (isAnswer && !expected.has(status)) reader.problem('error', verbatim(`${name}: ${word}`), input.at, input.at + headerBytes);
  const problems = isCut ? [{ severity: 'note' as const, text: say`${length} bytes: only the first ${maxMessageBytes} are decoded`, range: reader.range(input.end, input.end) }] : reader.problems;
  const told = { length, fields: reader.fields, problems };
  if (!isAnswer) {
    const summary = [name, key, shown].filter((part) => part !== '').join(' ');
    // Requests of the server are answered by few clients, and by their own kind of message.
    const isNotice = magic === 0x82 || opcode === 0x17;
    return isNotice ? { ...told, kind: 'notice', summary } : { ...told, kind: 'request', summary, asks: wait(state, opaque, opcode) };
  }
  const summary = [name, key, word === '' ? (shown === '' ? 'success' : shown) : `${word}${shown === '' ? '' : `: ${shown}`}`].filter((part) => part !== '').join(' ');
  // Statistics come one by one, and end with an empty one.
  const isPartial = opcode === 0x10 && status === 0 && length !== headerBytes;
  const answers = magic === 0x83 ? undefined : answered(state, opaque, opcode, isPartial);
  if (answers === undefined) return { ...told, kind: 'answer', summary };
  return isPartial ? { ...told, kind: 'answer', summary, answers, isPartial } : { ...told, kind: 'answer', summary, answers };
}

function dataTypes(bits: number): string {
  return ['json', 'snappy', 'xattr'].filter((_, bit) => ((bits >> bit) & 1) === 1).join(', ') || 'raw';
}

function extras(reader: FieldReader, opcode: number, isAnswer: boolean, length: number): void {
  reader.within(length, () => {
    const base = baseOf(opcode);
    if (isAnswer && length === 4 && (base === 0x00 || base === 0x1d || base === 0x94)) reader.u32('flags');
    else if (!isAnswer && length === 8 && 0x01 <= base && base <= 0x03) {
      reader.u32('flags');
      reader.u32('expiration');
    } else if (!isAnswer && length === 20 && (base === 0x05 || base === 0x06)) {
      reader.u64('delta');
      reader.u64('initial');
      reader.u32('expiration');
    } else if (!isAnswer && length === 4 && (base === 0x1c || base === 0x1d || base === 0x08 || base === 0x94)) reader.u32('expiration');
    else if (!isAnswer && length === 4 && base === 0x1b) reader.u32('level');
    else if (0 < length) reader.data('extras', length);
  });
}

/** Opcode of the plain request that a quiet one, or one that asks for the key, is a form of. */
function baseOf(opcode: number): number {
  if (0x11 <= opcode && opcode <= 0x16) return opcode - 0x10;
  if (opcode === 0x09 || opcode === 0x0c || opcode === 0x0d) return 0x00;
  if (opcode === 0x18) return 0x08;
  return opcode === 0x1e || opcode === 0x23 || opcode === 0x24 ? 0x1d : opcode;
}

/** Bytes of a value in a summary. */
const maxShown = 80;
/** A value that is decompressed for being looked at. */
const maxValueBytes = 64 << 10;

/** @returns as it is worded in a summary */
function valueOf(reader: FieldReader, context: DissectContext, opcode: number, isAnswer: boolean, dataType: number, isRefused: boolean, length: number): string {
  if (length === 0) return '';
  const base = baseOf(opcode);
  // An error is explained in words.
  if ((opcode === 0x21 || opcode === 0x22) && !(isAnswer && isRefused)) {
    reader.secret('credentials', length);
    return '••••••';
  }
  if (isAnswer && length === 8 && (base === 0x05 || base === 0x06)) return String(reader.u64('value'));
  if (opcode === 0x1f && length % 2 === 0) {
    const features: number[] = [];
    while (0 < reader.left) features.push(reader.u16('feature', featureNames));
    return features.slice(0, 16).map((feature) => featureNames[feature] ?? String(feature)).join(', ');
  }
  const { at } = reader;
  const view = reader.bytes.subarray(at, at + length);
  const plain = (dataType & 2) === 0 ? view : context.decompress('snappy', view, maxValueBytes);
  // What cannot be decompressed is shown as it is.
  const value = typeof plain === 'string' ? view : plain;
  reader.value('value', length, () => bytesText(value));
  return bytesText(value.length <= maxShown ? value : value.subarray(0, maxShown)) + (maxShown < value.length ? '…' : '');
}

/** HELLO, features (Couchbase, BinaryProtocol). */
const featureNames: Readonly<Record<number, string>> = {
  1: 'datatype', 2: 'tls', 3: 'tcp nodelay', 4: 'mutation seqno', 5: 'tcp delay', 6: 'xattr', 7: 'xerror', 8: 'select bucket', 10: 'snappy', 11: 'json', 12: 'duplex',
  13: 'clustermap notifications', 14: 'unordered execution', 15: 'tracing', 16: 'alternative requests', 17: 'synchronous replication', 18: 'collections', 20: 'preserve ttl', 22: 'point in time recovery',
};

function wait(state: BinaryState, opaque: number, opcode: number): number {
  const key = state.nextKey++;
  if (maxWaiting <= state.waiting.length) state.waiting.shift();
  state.waiting.push({ key, opaque, opcode, isQuiet: quiet.has(opcode) });
  return key;
}

/** Answers name their request by its opaque; where all have the same one, they come in order, without those that had nothing to say. */
function answered(state: BinaryState, opaque: number, opcode: number, isPartial: boolean): number | undefined {
  const { waiting } = state;
  for (let i = 0; i < waiting.length && i < maxPassedOver; i++) {
    const one = waiting[i]!;
    if (one.opaque !== opaque || one.opcode !== opcode) continue;
    if (isPartial) return one.key;
    waiting.splice(i, 1);
    // Quiet ones before it will not answer any more; the server goes through its requests in order.
    let quietCount = 0;
    while (quietCount < i && waiting[quietCount]!.isQuiet) quietCount += 1;
    if (0 < quietCount) waiting.splice(0, quietCount);
    return one.key;
  }
  return undefined;
}

/** Magic byte, a known opcode, and lengths that fit each other. */
function mayStart(_state: BinaryState, { bytes, at, end, from }: Input): Verdict {
  const magic = bytes[at]!;
  const isOwn = from === 'client' ? magic === 0x80 || magic === 0x08 : magic === 0x81 || magic === 0x18;
  if (!isOwn) return 'no';
  if (at + 1 < end && opcodes[bytes[at + 1]!] === undefined) return 'no';
  if (end - at < 12) return 'more';
  const body = u32At(bytes, at + 8);
  const keyBytes = magic === 0x08 || magic === 0x18 ? bytes[at + 2]! + bytes[at + 3]! : u16At(bytes, at + 2);
  return bytes[at + 5]! <= 7 && keyBytes <= 250 && bytes[at + 4]! <= 64 && keyBytes + bytes[at + 4]! <= body && body <= 21 << 20 ? 'match' : 'no';
}
