// MySQL 5.7 to 9 and MariaDB: packets, compressed frames, and whose turn it is (MySQL Source Code Documentation, "MySQL Packets",
// "Compression"). What is inside is read by mysqlConnect.ts, mysqlCommands.ts and mysqlResults.ts.

import { say } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { u24LittleAt } from '../bytes.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { command, commandNames, filePiece } from './mysqlCommands.js';
import { authenticationData, login } from './mysqlConnect.js';
import { serverPacket } from './mysqlResults.js';
import { answer, startFrames, startState, type Frames, type MysqlState, type Told } from './mysqlState.js';

/** Statements and rows are shown by their first fields; what is above this size carries one large value. */
const maxMessageBytes = 256 << 10;
/** A packet of this length is continued by the next one. */
const fullPacket = 0xffffff;
const headerBytes = 4;
const frameHeaderBytes = 7;
/** What a frame may hold once it is decompressed; servers send 16 KiB, a large row at once. */
const maxFrameBytes = 1 << 20;

export const mysql: Dissector<MysqlState> = {
  id: 'mysql',
  maxMessageBytes,
  start: startState,
  next: (state, input) => (state.compression === '' ? packet(state, input) : frame(state, input)),
  mayStart,
  lost(state, from) {
    // What waited may have been answered in what is missing.
    state.phase = 'commands';
    state.isGreeted = true;
    state.waiting = [];
    state.isFile = false;
    state.continues[from] = false;
  },
};

/** 3 bytes of length, sequence number, payload. */
function packet(state: MysqlState, input: Input): Next {
  const { bytes, at, end, from } = input;
  if (end - at < headerBytes) return headerBytes;
  const size = u24LittleAt(bytes, at);
  const length = headerBytes + size;
  if (from === 'client' && state.phase === 'greeting' && size < 32) return { lost: say`no login is ${size} bytes long` };
  // Sequence numbers begin with every command ("Sequence ID"); a file and the later parts of a packet go on counting.
  const isCommand = from === 'client' && state.phase === 'commands' && !state.isFile && !state.continues.client;
  if (isCommand && bytes[at + 3] !== 0) return { lost: say`no command has the sequence number ${bytes[at + 3]}` };
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  reader.skip(3);
  reader.u8('sequence');
  const told = read(state, from, reader, size);
  const isCut = end - at < length;
  if (!isCut) reader.rest();
  const problems = isCut ? [{ severity: 'note' as const, text: say`${length} bytes: only the first ${maxMessageBytes} are decoded`, range: reader.range(end, end) }] : reader.problems;
  return decoded(told, length, reader.fields, problems);
}

function decoded({ kind, summary, asks, answers, isPartial, handover }: Told, length: number, fields: Decoded['fields'], problems: Decoded['problems']): Decoded {
  const result: Decoded = { length, kind, summary, fields, problems };
  if (asks !== undefined) result.asks = asks;
  if (answers !== undefined) result.answers = answers;
  if (isPartial === true) result.isPartial = true;
  if (handover !== undefined) result.handover = handover;
  return result;
}

/** What a packet says. @param size as its header tells */
function read(state: MysqlState, from: Input['from'], reader: FieldReader, size: number): Told {
  const isContinued = state.continues[from];
  state.continues[from] = size === fullPacket;
  if (isContinued) {
    reader.rest('continuation');
    return from === 'client' ? { kind: 'notice', summary: `${size} more bytes` } : answer(state, `${size} more bytes`, false);
  }
  if (from === 'upstream') return serverPacket(state, reader, size);
  if (state.isFile) return filePiece(state, reader);
  switch (state.phase) {
    case 'greeting':
      return login(state, reader);
    case 'authentication':
      return authenticationData(reader);
    case 'commands':
      return size === 0 ? { kind: 'notice', summary: 'empty packet' } : command(state, reader);
  }
}

// ---- compressed frames ----------------------------------------------------------------------------------------------

/** Length, sequence number, length before compression (0 = it is not compressed), and a piece of the stream of packets. */
function frame(state: MysqlState, input: Input): Next {
  const { bytes, at, end, base, from } = input;
  if (end - at < frameHeaderBytes) return frameHeaderBytes;
  const size = u24LittleAt(bytes, at);
  const length = frameHeaderBytes + size;
  if (!available(input, length, maxMessageBytes)) return length;
  const sequence = bytes[at + 3]!;
  const plainSize = u24LittleAt(bytes, at + 4);
  // A command begins a count of its own: whatever was lost before, here a packet begins.
  if (from === 'client' && sequence === 0) state.frames = { client: startFrames(), upstream: startFrames() };
  const frames = state.frames[from];
  const reader = FieldReader.of(input, length);
  reader.u24Le('compressed length');
  reader.u8('frame');
  reader.u24Le('length');
  const payload = end - at < length ? `${length} bytes` : maxFrameBytes < plainSize ? `${plainSize} bytes` : payloadOf(state, input, length, plainSize);
  const kind = from === 'client' ? 'request' : 'answer';
  if (typeof payload === 'string' || frames.isLost) {
    frames.isLost = true;
    reader.rest();
    const why = typeof payload === 'string' ? say`a frame that is not decompressed: ${payload}` : say`a frame behind one that is not decompressed`;
    return { length, kind: from === 'client' ? 'notice' : kind, summary: why, fields: reader.fields, problems: [{ severity: 'note', text: why, range: reader.range(at, end < at + length ? end : at + length) }] };
  }
  const inner = new FieldReader(joined(frames.rest, payload), 0, 0, frames.rest.length + payload.length, { start: base + at + frameHeaderBytes, end: base + at + length });
  const told = packetsIn(state, from, frames, inner);
  return decoded(merged(told, kind), length, [...reader.fields, ...inner.fields], inner.problems);
}

function payloadOf(state: MysqlState, { bytes, at, context }: Input, length: number, plainSize: number): Uint8Array | string {
  const body = bytes.subarray(at + frameHeaderBytes, at + length);
  if (plainSize === 0) return body;
  const plain = context.decompress(state.compression, body, maxFrameBytes);
  return typeof plain === 'string' || plain.length === plainSize ? plain : say`${plain.length} bytes instead of ${plainSize}`;
}

function joined(rest: Uint8Array, payload: Uint8Array): Uint8Array {
  if (rest.length === 0) return payload;
  const whole = new Uint8Array(rest.length + payload.length);
  whole.set(rest);
  whole.set(payload, rest.length);
  return whole;
}

/** Reads the packets that end in a frame, and keeps the beginning of the next. */
function packetsIn(state: MysqlState, from: Input['from'], frames: Frames, reader: FieldReader): Told[] {
  const told: Told[] = [];
  const { bytes, end } = reader;
  if (0 < frames.skip) {
    const skipped = frames.skip < reader.left ? frames.skip : reader.left;
    frames.skip -= skipped;
    reader.at += skipped;
  }
  while (headerBytes <= end - reader.at) {
    const size = u24LittleAt(bytes, reader.at);
    const stop = reader.at + headerBytes + size;
    const isWhole = stop <= end;
    if (!isWhole && end - reader.at < maxMessageBytes) break;
    // What is larger than is looked at is told by its beginning.
    reader.end = isWhole ? stop : end;
    const before = reader.problems.length;
    reader.group('packet', () => {
      reader.skip(3);
      reader.u8('sequence');
      told.push(read(state, from, reader, size));
      if (isWhole) reader.rest();
    }, () => told[told.length - 1]?.summary ?? '');
    if (!isWhole) reader.problems.length = before;
    frames.skip = isWhole ? 0 : stop - end;
    reader.isBroken = false;
    reader.at = reader.end;
    reader.end = end;
  }
  frames.rest = bytes.slice(reader.at, end);
  return told;
}

/** One frame is one message: it is worded by its last packet, which says how things ended. */
function merged(told: readonly Told[], kind: 'request' | 'answer'): Told {
  const last = told[told.length - 1];
  if (last === undefined) return { kind: kind === 'request' ? 'notice' : kind, summary: 'the beginning of a packet' };
  if (told.length === 1) return last;
  const first = told.find(({ answers, asks }) => answers !== undefined || asks !== undefined) ?? last;
  const isOpen = told.every(({ answers, isPartial }) => answers !== first.answers || isPartial === true);
  const summary = `${last.summary} · ${told.length} packets`;
  return { kind: first.kind, summary, ...(first.asks === undefined ? {} : { asks: first.asks }), ...(first.answers === undefined ? {} : { answers: first.answers, isPartial: isOpen }) };
}

// ---- after something went wrong -------------------------------------------------------------------------------------

/**
 * A command, or the first packet of an answer: those that can be told from their first bytes. Inside compressed frames there is no
 * such thing.
 */
function mayStart(state: MysqlState, { bytes, at, end, from }: Input): Verdict {
  if (state.compression !== '') return 'no';
  if (2 < end - at && bytes[at + 2] !== 0) return 'no';
  if (3 < end - at && bytes[at + 3] !== (from === 'client' ? 0 : 1)) return 'no';
  if (end - at < 8) return 'more';
  const size = u24LittleAt(bytes, at);
  const first = bytes[at + 4]!;
  if (from === 'client') {
    if (commandNames[first] === undefined || first === 0) return 'no';
    if (first === 0x03 || first === 0x16) return isText(bytes[at + 5]!) && isText(bytes[at + 6]!) && 3 < size ? 'match' : 'no';
    return size === 1 ? (bytes[at + 7] === 0 || first === 0x0e || first === 0x01 ? 'match' : 'no') : 5 <= size && first !== 0x00 && size < 0x1000 ? 'match' : 'no';
  }
  if (first === 0) return 7 <= size && size < 0x400 ? 'match' : 'no';
  if (first === 0xff) return 9 <= size && size < 0x400 && bytes[at + 7] === 0x23 ? 'match' : 'no';
  // A number of columns, and the header of the first definition.
  return size === 1 && first < 0xfb && bytes[at + 7] === 0 ? 'match' : 'no';
}

function isText(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x09 || (0x20 <= byte && byte !== 0x7f);
}
