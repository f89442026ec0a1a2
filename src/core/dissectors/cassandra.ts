// Cassandra's native protocol of versions 1 to 6, and DataStax' 65 and 66: frames, and the segments that version 5 packs them in
// (native_protocol_v5 §2). What nodes say among themselves is not decoded.

import type { Range } from '../../shared/message.js';
import type { Speaker } from '../../shared/flow.js';
import { say } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { body, opcodes, type CassandraMemory } from './cassandraBodies.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';

/** A segment has 128 KiB of payload at most (§2.1); of longer frames of earlier versions the first rows are shown. */
const maxMessageBytes = 256 << 10;
/** "A frame is limited to 256 MB" (§2.5). */
const longestBytes = 256 << 20;
/** Rows of a compressed frame are shown up to this size. */
const maxPlainBytes = 1 << 20;
const trailerBytes = 4;
const requests = new Set([1, 4, 5, 7, 9, 10, 11, 13, 15, 0xff]);
const responses = new Set([0, 2, 3, 6, 8, 12, 14, 16]);

interface Half {
  /** bytes of the segment's payload that were not told yet */
  left: number;
  /** bytes of a frame that further segments bring */
  following: number;
}

interface CassandraState extends CassandraMemory {
  /** since READY or AUTHENTICATE of version 5 on (§2.3.1) */
  isSegmented: boolean;
  /** a STARTUP of version 5 waits for its answer: the form of what follows depends on it */
  isStarting: boolean;
  isBetweenNodes: boolean;
  client: Half;
  upstream: Half;
}

export const cassandra: Dissector<CassandraState> = {
  id: 'cassandra',
  maxMessageBytes,
  start: () => ({ compression: '', asked: new Map(), prepared: new Map(), isSegmented: false, isStarting: false, isBetweenNodes: false, client: { left: 0, following: 0 }, upstream: { left: 0, following: 0 } }),
  next,
  mayStart,
  lost: (state, from) => {
    state[from] = { left: 0, following: 0 };
  },
};

/** A frame's header with an opcode of this speaker; a segment's header with its checksum. */
function mayStart(state: CassandraState, { bytes, at, end, from }: Input): Verdict {
  if (state.isBetweenNodes) return 'no';
  if (state.isSegmented) return end - at < headerBytes(state) ? 'more' : isSegment(state, bytes, at) ? 'match' : 'no';
  const opcodeAt = at + opcodeOffset(bytes[at]!);
  if (opcodeAt === at || 0x80 <= bytes[at]! !== (from === 'upstream')) return 'no';
  if (end < opcodeAt + 5) return 'more';
  return 0x1f < bytes[at + 1]! || !isOpcode(bytes[opcodeAt]!, from) || longestBytes < u32(bytes, opcodeAt + 1) ? 'no' : 'match';
}

function isOpcode(opcode: number, from: Speaker): boolean {
  return (from === 'client' ? requests : responses).has(opcode);
}

/** Versions 1 and 2 have one byte of stream id, later ones two. @returns 0 for no version */
function opcodeOffset(first: number): number {
  const version = first & 0x7f;
  if (version === 1 || version === 2) return 3;
  return (3 <= version && version <= 6) || version === 0x41 || version === 0x42 ? 4 : 0;
}

function next(state: CassandraState, input: Input): Next {
  if (input.from === 'client' && state.isStarting && !input.isOtherEnded) return 0;
  if (state.isSegmented) return state[input.from].left === 0 ? segment(state, input) : insideSegment(state, input);
  const { bytes, at, end, from } = input;
  const offset = opcodeOffset(bytes[at]!);
  if (bytes[at] === 0xca && (end - at < 2 || bytes[at + 1] === 0x55)) {
    if (end - at < 2) return 2;
    state.isBetweenNodes = true;
    return { lost: say`what nodes say among themselves is not decoded` };
  }
  if (offset === 0 || 0x80 <= bytes[at]! !== (from === 'upstream')) return { lost: from === 'client' ? say`0x${bytes[at]!.toString(16).padStart(2, '0')} is no version of a request` : say`0x${bytes[at]!.toString(16).padStart(2, '0')} is no version of a response` };
  if (end - at < offset + 5) return offset + 5;
  if (!isOpcode(bytes[at + offset]!, from)) return { lost: from === 'client' ? say`0x${bytes[at + offset]!.toString(16).padStart(2, '0')} is no opcode of a request` : say`0x${bytes[at + offset]!.toString(16).padStart(2, '0')} is no opcode of a response` };
  const size = u32(bytes, at + offset + 1);
  if (longestBytes < size) return { lost: say`no frame has ${size} bytes` };
  const length = offset + 5 + size;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  const told = frame(state, reader, input, false, maxMessageBytes < length);
  return { ...told, length };
}

type Told = Omit<Decoded, 'length'>;

/** Header and body (§2.4). @param isCut the body goes on where this reader cannot look */
function frame(state: CassandraState, reader: FieldReader, input: Input, isPacked: boolean, isCut: boolean): Told {
  const first = reader.u8('version', (byte) => `${byte & 0x7f}${0x80 <= byte ? ' response' : ' request'}`);
  const version = first & 0x7f;
  const flags = reader.u8('flags', (bits) => ['compressed', 'tracing', 'custom payload', 'warnings', 'beta'].filter((_, i) => (bits & (1 << i)) !== 0).join(', ') || 'none');
  const stream = version < 3 ? reader.i8('stream') : reader.i16('stream');
  const opcode = reader.u8('opcode', opcodes);
  const size = reader.u32('length');
  const isResponse = input.from === 'upstream';
  const rest: Told = { kind: 'notice', summary: opcodes[opcode] ?? `opcode ${opcode}`, fields: reader.fields, problems: reader.problems };
  const isSense = !reader.isBroken && isOpcode(opcode, input.from) && opcodeOffset(first) !== 0;
  if (!isSense) {
    if (!reader.isBroken) reader.problem('error', say`0x${opcode.toString(16).padStart(2, '0')} is no opcode here`, reader.at - 5, reader.at - 4);
    reader.rest();
    return rest;
  }
  const { end } = reader;
  if (size < reader.left) reader.end = reader.at + size;
  const told = unpacked(state, reader, input, flags, isPacked, (inner) => {
    const words = body(state, inner, opcode, version, flags, stream, isResponse);
    if (isCut && inner.isBroken) inner.problems.pop();
    if (isCut) inner.isBroken = false;
    inner.rest();
    return words;
  });
  reader.end = end;
  if (told === undefined) state.asked.delete(stream);
  if (opcode === 1 && 5 <= version && version <= 6) state.isStarting = true;
  else if (isResponse && state.isStarting) {
    state.isStarting = false;
    state.isSegmented = opcode === 2 || opcode === 3;
  }
  const pair: Partial<Told> = isResponse ? (stream < 0 ? {} : { kind: 'answer', answers: stream }) : { kind: 'request', asks: stream };
  return { ...rest, ...pair, ...told };
}

/** Compression of a body (§5 of v4): lz4 has the length in front. In segments it is the segment that is compressed. */
function unpacked<T>(state: CassandraState, reader: FieldReader, input: Input, flags: number, isPacked: boolean, read: (inner: FieldReader) => T): T | undefined {
  if ((flags & 1) === 0 || isPacked || reader.left === 0) return read(reader);
  const start = reader.at;
  const skipped = state.compression === 'lz4' ? 4 : 0;
  const { left, end } = reader;
  const plain = input.context.decompress(state.compression, reader.bytes.subarray(start + Math.min(skipped, left), end), maxPlainBytes);
  if (typeof plain === 'string') {
    reader.problem('warning', plain, start, end);
    reader.data('compressed', left);
    return undefined;
  }
  const inner = new FieldReader(plain, 0, 0, plain.length, reader.range(start, end));
  const told = read(inner);
  reader.fields.push(...inner.fields);
  reader.problems.push(...inner.problems);
  reader.at = end;
  return told;
}

// ---- segments (§2.1, §2.2) ------------------------------------------------------------------------------------------

function headerBytes(state: CassandraState): number {
  return state.compression === 'lz4' ? 8 : 6;
}

/** Whether a header has the checksum that it says. */
function isSegment(state: CassandraState, bytes: Uint8Array, at: number): boolean {
  const length = headerBytes(state) - 3;
  return crc24(bytes, at, at + length) === u24Le(bytes, at + length);
}

/** Length of the payload, length when decompressed (0 = it is not compressed), and whether only whole frames are in it. */
function segmentHeader(state: CassandraState, bytes: Uint8Array, at: number): { size: number; plainSize: number; isWhole: boolean } {
  if (headerBytes(state) === 6) {
    const word = u24Le(bytes, at);
    return { size: word & 0x1ffff, plainSize: 0, isWhole: (word & 0x20000) !== 0 };
  }
  const size = u24Le(bytes, at) & 0x1ffff;
  const plainSize = (bytes[at + 2]! >> 1) | (bytes[at + 3]! << 7) | ((bytes[at + 4]! & 3) << 15);
  return { size, plainSize, isWhole: (bytes[at + 4]! & 4) !== 0 };
}

function segment(state: CassandraState, input: Input): Next {
  const { bytes, at, end } = input;
  const head = headerBytes(state);
  if (end - at < head) return head;
  if (!isSegment(state, bytes, at)) return { lost: say`the header of a segment has another checksum` };
  const { size, plainSize, isWhole } = segmentHeader(state, bytes, at);
  const length = head + size + trailerBytes;
  if (end - at < length) return length;
  const half = state[input.from];
  const reader = FieldReader.of(input, length);
  reader.group('segment', () => {
    const start = reader.at;
    reader.add('payload length', start, start + 3, String(size), undefined, size);
    if (head === 8) reader.add('uncompressed length', start + 2, start + 5, plainSize === 0 ? 'not compressed' : String(plainSize), undefined, plainSize);
    reader.add('self contained', start + head - 4, start + head - 3, isWhole ? 'yes' : 'no', undefined, isWhole);
    reader.at = start + head - 3;
    reader.value('header crc', 3, crcText);
  });
  const sum = crc32(bytes, at + head, at + head + size);
  if (sum !== u32Le(bytes, at + head + size)) reader.problem('error', say`the payload has another checksum`, at, at + head);
  const payloadEnd = at + head + size;
  let told: Told;
  if (plainSize !== 0) {
    told = packed(state, reader, input, payloadEnd, plainSize, isWhole);
    reader.at = payloadEnd;
  } else if (!isWhole) {
    reader.end = payloadEnd;
    told = part(state, reader, input, size);
    reader.end = at + length;
    reader.at = payloadEnd;
  } else {
    const first = frameBytes(bytes, at + head, payloadEnd);
    reader.end = at + head + first;
    told = frame(state, reader, input, true, false);
    if (first < size) {
      half.left = size - first;
      return { ...told, length: head + first };
    }
    reader.end = at + length;
    reader.at = payloadEnd;
  }
  reader.isBroken = false;
  reader.value('payload crc', trailerBytes, crcText);
  return { ...told, length };
}

/** The next frame of a segment whose first ones were told; the last one brings the checksum. */
function insideSegment(state: CassandraState, input: Input): Next {
  const { bytes, at, end } = input;
  const half = state[input.from];
  if (end - at < Math.min(9, half.left)) return Math.min(9, half.left);
  const size = half.left < 9 ? half.left : frameBytes(bytes, at, at + half.left);
  const isLast = size === half.left;
  const length = size + (isLast ? trailerBytes : 0);
  if (end - at < length) return length;
  half.left -= size;
  const reader = FieldReader.of(input, size);
  const told = frame(state, reader, input, true, false);
  reader.end = at + length;
  reader.at = at + size;
  if (isLast) {
    reader.isBroken = false;
    reader.value('payload crc', trailerBytes, crcText);
  }
  return { ...told, length };
}

/** Length of the frame at `at`; what claims to pass the segment's end takes all of it. */
function frameBytes(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 9) return end - at;
  const length = 9 + u32(bytes, at + 5);
  return end - at < length ? end - at : length;
}

/** A frame that is larger than a segment: the first one is read as far as it goes, further ones are counted. */
function part(state: CassandraState, reader: FieldReader, input: Input, size: number): Told {
  const half = state[input.from];
  const { at } = reader;
  if (0 < half.following) {
    half.following -= Math.min(half.following, size);
    if (0 < size) reader.data('continued', size);
    return { kind: 'notice', summary: `continued, ${size} bytes`, fields: reader.fields, problems: reader.problems };
  }
  half.following = size < 9 ? 0 : Math.max(0, 9 + u32(reader.bytes, at + 5) - size);
  return frame(state, reader, input, true, 0 < half.following);
}

/** A compressed segment: one message, for its frames have no place of their own on the wire. The first one pairs. */
function packed(state: CassandraState, reader: FieldReader, input: Input, payloadEnd: number, plainSize: number, isWhole: boolean): Told {
  const start = reader.at;
  const plain = input.context.decompress('lz4', reader.bytes.subarray(start, payloadEnd), plainSize);
  if (typeof plain === 'string') {
    reader.problem('warning', plain, start, payloadEnd);
    reader.data('compressed', payloadEnd - start);
    return { kind: 'notice', summary: 'compressed segment', fields: reader.fields, problems: reader.problems };
  }
  const range: Range = reader.range(start, payloadEnd);
  const all: Told[] = [];
  for (let at = 0; at < plain.length; ) {
    const length = isWhole ? frameBytes(plain, at, plain.length) : plain.length - at;
    const inner = new FieldReader(plain, 0, at, at + length, range);
    all.push(isWhole ? frame(state, inner, input, true, false) : part(state, inner, input, length));
    at += length;
  }
  const shown = all.slice(0, 16);
  if (shown.length === 1) reader.fields.push(...shown[0]!.fields);
  else for (const one of shown) reader.fields.push({ name: 'frame', range, text: one.summary.slice(0, 300), fields: one.fields });
  for (const one of shown) reader.problems.push(...one.problems);
  const first = all[0] ?? { kind: 'notice', summary: 'empty segment', fields: [], problems: [] };
  return { ...first, summary: shown.map(({ summary }) => summary).join(' · '), fields: reader.fields, problems: reader.problems };
}

// ---- checksums ------------------------------------------------------------------------------------------------------

/** CRC-24 of a segment's header: polynomial 0x1974F0B, initial value 0x875060, little end first. */
function crc24(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0x875060;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at]! << 16;
    for (let i = 0; i < 8; i++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1974f0b;
    }
  }
  return crc;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let i = 0; i < 8; i++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** Before the payload these bytes go into its CRC-32. */
const crcSeed = Uint8Array.of(0xfa, 0x2d, 0x55, 0xca);

function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  for (const byte of crcSeed) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

function crcText(view: Uint8Array): string {
  return Array.from(view, (byte) => byte.toString(16).padStart(2, '0')).reverse().join('');
}

function u24Le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}

function u32Le(bytes: Uint8Array, at: number): number {
  return (u24Le(bytes, at) | (bytes[at + 3]! << 24)) >>> 0;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
