// TLS 1.0 to 1.3 and SSL 3: every record, with what it says as long as that is not encrypted (RFC 8446 §5, RFC 5246 §6).

import type { Speaker } from '../../shared/flow.js';
import { say } from '../../shared/sentences.js';
import { u16At, u24At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { counted, grouped } from './counts.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { bytesText, FieldReader } from './fieldReader.js';
import { readHandshake, readOldHello, type Agreed } from './tlsHandshake.js';
import { alertLevels, alertName, handshakeTypes, recordTypes, versionName } from './tlsNames.js';

const headerBytes = 5;
/** TLS 1.2 allows 2,048 bytes more than are in the clear, TLS 1.3 fewer (RFC 5246 §6.2.3). */
const maxFragmentBytes = 16384 + 2048;
/** The longest hello in SSLv2's form: 15 bits of length (RFC 5246 appendix E.2). */
const maxMessageBytes = 0x7fff + 2;
/** Handshake messages that are put together from records. OpenSSL takes hellos of 128 KiB and chains of 100 KiB; what is longer is told by its size. */
const maxHandshakeBytes = 256 << 10;
/** Words of one record's summary. */
const maxShown = 12;

const types = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;
const tls13 = 0x0304;

interface Side {
  /** has said something */
  hasStarted: boolean;
  /** ChangeCipherSpec was seen: up to TLS 1.2 all that follows is encrypted. In TLS 1.3 it means nothing (RFC 8446 appendix D.4) */
  hasChanged: boolean;
  hasFinished: boolean;
  /** bytes went missing: what a handshake record holds must be seen from itself */
  isUnsure: boolean;
  /** the beginning of a handshake message whose rest comes in further records: the first `joinedLength` bytes */
  joined: Uint8Array;
  joinedLength: number;
  /** bytes of an overlong handshake message that are still to come */
  skip: number;
}

interface TlsState extends Agreed {
  client: Side;
  upstream: Side;
  /** a ClientHello has no answer yet */
  isAsked: boolean;
}

const nothing = new Uint8Array(0);

function startSide(): Side {
  return { hasStarted: false, hasChanged: false, hasFinished: false, isUnsure: false, joined: nothing, joinedLength: 0, skip: 0 };
}

export const tls: Dissector<TlsState> = {
  id: 'tls',
  maxMessageBytes,
  start: () => ({ client: startSide(), upstream: startSide(), version: 0, suite: 0, isAsked: false }),
  next,
  mayStart,
  lost(state, from) {
    state[from].isUnsure = true;
    state[from].joinedLength = state[from].skip = 0;
  },
};

/** A record's header. Inside encrypted bytes one in 10 million positions looks like it. */
function mayStart({ version }: TlsState, { bytes, at, end }: Input): Verdict {
  const type = bytes[at]!;
  if (recordTypes[type] === undefined) return 'no';
  if (end <= at + 1) return 'more';
  if (bytes[at + 1] !== 3) return 'no';
  if (end <= at + 2) return 'more';
  // Since TLS 1.2 has been agreed upon all records say so, but for the first hello (RFC 8446 §5.1).
  if (version < 0x0303 ? 4 < bytes[at + 2]! : bytes[at + 2] !== 3) return 'no';
  if (end < at + headerBytes) return 'more';
  const length = u16At(bytes, at + 3);
  if (type === types.changeCipherSpec) return length === 1 ? 'match' : 'no';
  // In the clear, or with a nonce, a tag or a padded MAC.
  if (type === types.alert) return length === 2 || (16 <= length && length <= 80) ? 'match' : 'no';
  return 0 < length && length <= maxFragmentBytes ? 'match' : 'no';
}

function next(state: TlsState, input: Input): Next {
  const { bytes, at, end, from } = input;
  const side = state[from];
  const type = bytes[at]!;
  if (from === 'client' && !side.hasStarted && 0x80 <= type) return oldHello(state, input);
  if (recordTypes[type] === undefined) return { lost: say`${hex(type)} starts no record of TLS` };
  if (end < at + headerBytes) return headerBytes;
  if (bytes[at + 1] !== 3) return { lost: say`a record of TLS has version 3, this ${bytes[at + 1]}` };
  const length = u16At(bytes, at + 3);
  if (maxFragmentBytes < length) return { lost: say`a record has at most ${counted(maxFragmentBytes)}, this says ${counted(length)}` };
  const whole = headerBytes + length;
  if (!available(input, whole, maxMessageBytes)) return whole;
  side.hasStarted = true;
  const reader = FieldReader.of(input, whole);
  reader.u8('content type', recordTypes);
  reader.u16('record version', versionName);
  reader.u16('length');
  const told = content(state, reader, type, from);
  return { length: whole, kind: 'notice', fields: reader.fields, problems: reader.problems, ...told };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

function content(state: TlsState, reader: FieldReader, type: number, from: Speaker): Told {
  const side = state[from];
  const isEncrypted = side.hasChanged && state.version !== tls13;
  switch (type) {
    case types.changeCipherSpec:
      reader.u8('change', { 1: 'change_cipher_spec' });
      reader.rest();
      side.hasChanged = true;
      return { summary: 'ChangeCipherSpec' };
    case types.alert:
      return alert(state, reader, from);
    case types.handshake:
      return isEncrypted ? encryptedHandshake(side, reader) : handshake(state, reader, from);
    case types.applicationData:
      return encrypted(reader, 'application data');
    default:
      return isEncrypted ? encrypted(reader, 'heartbeat') : heartbeat(reader, from);
  }
}

function encrypted(reader: FieldReader, what: string): Told {
  const size = counted(reader.left);
  // In hex it tells nothing.
  reader.value('encrypted data', reader.left, () => size);
  return { summary: `${what}, ${size} (encrypted)` };
}

/** Finished is the first message behind ChangeCipherSpec (RFC 5246 §7.4.9); which ones follow cannot be seen. */
function encryptedHandshake(side: Side, reader: FieldReader): Told {
  const what = side.hasFinished || side.isUnsure ? 'handshake' : 'Finished';
  side.hasFinished = true;
  return encrypted(reader, what);
}

/** RFC 8446 §6. With a MAC or a tag it is never two bytes long. */
function alert(state: TlsState, reader: FieldReader, from: Speaker): Told {
  if (reader.left !== 2) return encrypted(reader, 'alert');
  const start = reader.at;
  const level = reader.u8('level', alertLevels);
  const code = reader.u8('description', alertName);
  const name = alertName(code);
  // An end, and a change of mind, are no faults (RFC 8446 §6.1).
  const isPolite = code === 0 || code === 90;
  if (!isPolite) reader.problem(level === 2 ? 'error' : 'warning', from === 'client' ? say`the client says ${name}` : say`the upstream says ${name}`, start, start + 2);
  const summary = isPolite ? `alert: ${name}` : `alert: ${level === 2 ? 'fatal' : 'warning'}, ${name}`;
  if (from !== 'upstream' || !state.isAsked || level !== 2) return { summary };
  state.isAsked = false;
  return { summary, kind: 'answer', answers: 'hello' };
}

/** RFC 6520 §4: type, length of the payload, payload, padding of at least 16 bytes. */
function heartbeat(reader: FieldReader, from: Speaker): Told {
  const start = reader.at;
  const type = reader.u8('type', { 1: 'heartbeat_request', 2: 'heartbeat_response' });
  const length = reader.u16('payload length');
  if (reader.left < length + 16) {
    // What asks for more than it brought got memory of OpenSSL back (CVE-2014-0160).
    reader.problem('error', say`the payload says ${counted(length)}, ${counted(reader.left)} are there with the padding`, start, reader.end);
    reader.rest('payload');
  } else {
    reader.data('payload', length);
    reader.rest('padding');
  }
  const isRequest = type === 1;
  return { summary: `heartbeat ${isRequest ? 'request' : 'response'}, ${counted(length)}`, ...(isRequest ? { kind: 'request', asks: `${from} heartbeat` } : { kind: 'answer', answers: `${from === 'client' ? 'upstream' : 'client'} heartbeat` }) };
}

// ---- handshake ------------------------------------------------------------------------------------------------------

/** A record holds part of a message, one, or several (RFC 8446 §5.1). */
function handshake(state: TlsState, reader: FieldReader, from: Speaker): Told {
  const side = state[from];
  if (side.isUnsure && side.joinedLength === 0 && !isWhole(reader)) return encrypted(reader, 'handshake');
  const words: string[] = [];
  const told: Told = { summary: '' };
  const read = (messages: FieldReader): void => {
    const type = messages.peek();
    const shown = readHandshake(messages, state, from);
    if (words.length < maxShown) words.push(shown);
    if (type === 1) {
      state.isAsked = true;
      told.kind = 'request';
      told.asks = 'hello';
    } else if (type === 2) {
      state.isAsked = false;
      told.kind = 'answer';
      told.answers = 'hello';
    }
  };
  if (reader.left === 0) reader.problem('warning', say`an empty record of the handshake`);
  while (0 < reader.left) {
    if (0 < side.skip) {
      const length = Math.min(side.skip, reader.left);
      side.skip -= length;
      reader.data('not decoded', length);
      words.push(`more of an overlong message, ${counted(length)}`);
    } else if (side.joinedLength === 0 && 4 <= reader.left && u24At(reader.bytes, reader.at + 1) <= reader.left - 4) {
      read(reader);
    } else {
      words.push(join(side, reader, read));
    }
  }
  told.summary = words.filter((word) => word !== '').join(' · ') || 'empty handshake record';
  return told;
}

/** @returns whether the record is made of known messages, to its very end */
function isWhole(reader: FieldReader): boolean {
  let { at } = reader;
  while (at + 4 <= reader.end && handshakeTypes[reader.bytes[at]!] !== undefined) at += 4 + u24At(reader.bytes, at + 1);
  return at === reader.end;
}

/** Takes what belongs to a message over several records. @returns words for a part; none for the one that completes it, which is read */
function join(side: Side, reader: FieldReader, read: (messages: FieldReader) => void): string {
  const { bytes, at: start } = reader;
  const before = side.joinedLength;
  let wanted = wantedOf(side);
  while (reader.at < reader.end && side.joinedLength < wanted) {
    const length = Math.min(wanted - side.joinedLength, reader.end - reader.at);
    append(side, bytes.subarray(reader.at, reader.at + length));
    reader.at += length;
    wanted = wantedOf(side);
    if (maxHandshakeBytes < wanted) break;
  }
  const name = handshakeTypes[side.joined[0]!] ?? 'a handshake message';
  const stop = reader.at;
  if (maxHandshakeBytes < wanted) {
    side.skip = wanted - side.joinedLength;
    side.joinedLength = 0;
    reader.add(`part of ${name}`, start, stop, bytesText(bytes.subarray(start, stop)));
    reader.problem('warning', say`${name} of ${counted(wanted)} is longer than is looked at`, start, stop);
    return `${name}, ${counted(wanted)}`;
  }
  if (side.joinedLength < wanted) {
    reader.add(`part of ${name}`, start, stop, bytesText(bytes.subarray(start, stop)));
    return wanted === 4 ? `part of ${name}` : `part of ${name} (${grouped(side.joinedLength)} of ${counted(wanted)})`;
  }
  // All of its fields lie in the bytes of this record that completed it; where the others were, their records tell.
  const inner = new FieldReader(side.joined, 0, 0, wanted, reader.range(start, stop));
  side.joinedLength = 0;
  read(inner);
  const field = inner.fields[0];
  if (field !== undefined && 0 < before) field.text = `${field.text}${field.text === '' ? '' : ', '}put together from several records`.slice(0, 1000);
  reader.fields.push(...inner.fields);
  reader.problems.push(...inner.problems);
  side.joined = nothing;
  return '';
}

function wantedOf({ joined, joinedLength }: Side): number {
  return joinedLength < 4 ? 4 : 4 + u24At(joined, 1);
}

function append(side: Side, part: Uint8Array): void {
  const needed = side.joinedLength + part.length;
  if (side.joined.length < needed) {
    const larger = new Uint8Array(Math.max(256, needed * 2));
    larger.set(side.joined.subarray(0, side.joinedLength));
    side.joined = larger;
  }
  side.joined.set(part, side.joinedLength);
  side.joinedLength = needed;
}

/** RFC 5246 appendix E.2. */
function oldHello(state: TlsState, input: Input): Next {
  const { bytes, at, end } = input;
  if (end < at + 3) return 3;
  if (bytes[at + 2] !== 1) return { lost: say`${hex(bytes[at]!)} starts no record of TLS` };
  const whole = 2 + (u16At(bytes, at) & 0x7fff);
  if (!available(input, whole, maxMessageBytes)) return whole;
  state.client.hasStarted = state.isAsked = true;
  const reader = FieldReader.of(input, whole);
  const summary = readOldHello(reader);
  reader.rest();
  return { length: whole, kind: 'request', summary, fields: reader.fields, problems: reader.problems, asks: 'hello' };
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
