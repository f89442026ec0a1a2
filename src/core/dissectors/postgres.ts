// PostgreSQL, protocol 3.0 and 3.2, and what speaks it: CockroachDB, Redshift, YugabyteDB, PgBouncer (PostgreSQL documentation,
// "Frontend/Backend Protocol").

import { say } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { u32At } from '../bytes.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { clientMessage, clientName, clientNames, type Told } from './postgresClient.js';
import { serverMessage, serverNames, versionText } from './postgresServer.js';
import { answered, startState, wait, type PostgresState, type WaitingKind } from './postgresState.js';

/** A statement or row is shown by its first fields; most of those above this size carry one large value. */
const maxMessageBytes = 256 << 10;
// MaxAllocSize of the server: 1 GiB less one.
const maxLength = 0x3fffffff;
// MAX_STARTUP_PACKET_LENGTH of the server.
const maxStartupBytes = 10000;

export const postgres: Dissector<PostgresState> = {
  id: 'postgres',
  maxMessageBytes,
  start: startState,
  next: (state, input) => (input.from === 'client' ? fromClient(state, input) : fromServer(state, input)),
  mayStart,
  lost(state) {
    // What waited may have been answered in what is missing; what a server says does not depend on it.
    state.isStartup = false;
    state.encryption = '';
    state.waiting = [];
    state.isSkipping = false;
    state.copy = state.copy === 'both' ? 'both' : '';
  },
};

// ---- connecting -----------------------------------------------------------------------------------------------------

const cancelRequest = 0x04d2162e;
const sslRequest = 0x04d2162f;
const gssRequest = 0x04d21630;

function fromClient(state: PostgresState, input: Input): Next {
  // The server's byte decides whether TLS follows, or a startup.
  if (state.encryption !== '' && !input.isOtherEnded) return 0;
  return state.isStartup ? startup(state, input) : typed(state, input, clientNames);
}

/** Messages without a type: length, and a code or version. */
function startup(state: PostgresState, input: Input): Next {
  const { bytes, at, end } = input;
  // A length of 16 MiB or more.
  if (bytes[at] !== 0) return { lost: say`byte ${hex(bytes[at]!)} starts no startup message` };
  if (end - at < 8) return 8;
  const length = u32At(bytes, at);
  const code = u32At(bytes, at + 4);
  if (length < 8 || maxStartupBytes < length) return { lost: say`no startup message is ${length} bytes long` };
  if (code >>> 16 !== 3 && code >>> 16 !== 2 && code !== cancelRequest && code !== sslRequest && code !== gssRequest) return { lost: say`${hex(code)} is no version of the protocol` };
  if (end - at < length) return length;
  const reader = FieldReader.of(input, length);
  reader.u32('length');
  switch (code) {
    case sslRequest:
    case gssRequest: {
      const what = code === sslRequest ? 'SSLRequest' : 'GSSENCRequest';
      reader.u32('code', () => what);
      reader.rest();
      state.encryption = code === sslRequest ? 'ssl' : 'gss';
      return { length, kind: 'request', summary: what, fields: reader.fields, problems: reader.problems, asks: wait(state, 'startup') };
    }
    case cancelRequest: {
      reader.u32('code', () => 'CancelRequest');
      const process = reader.u32('process');
      reader.secret('secret key', reader.left);
      // The server says nothing to this, and closes.
      return { length, kind: 'notice', summary: `cancel what process ${process} is doing`, fields: reader.fields, problems: reader.problems };
    }
    default:
      return startupMessage(state, reader, length);
  }
}

function startupMessage(state: PostgresState, reader: FieldReader, length: number): Decoded {
  const version = reader.u32('version', versionText);
  const words: string[] = [];
  while (0 < reader.left && reader.peek() !== 0) {
    const from = reader.at;
    const name = textTo(reader);
    const value = reader.zeroEnded(name === '' ? 'parameter' : name);
    const field = reader.fields[reader.fields.length - 1];
    if (field !== undefined) field.range.start = reader.base + from;
    if (words.length < 16) words.push(`${name} ${value}`);
  }
  reader.skip(1);
  reader.rest();
  state.isStartup = false;
  state.encryption = '';
  return { length, kind: 'request', summary: `startup ${versionText(version)}: ${words.join(', ')}`, fields: reader.fields, problems: reader.problems, asks: wait(state, 'startup') };
}

/** A zero-ended text without a field of its own. */
function textTo(reader: FieldReader): string {
  const { fields } = reader;
  reader.fields = [];
  const text = reader.zeroEnded('name');
  reader.fields = fields;
  return text;
}

const startupOnly: readonly WaitingKind[] = ['startup'];

function fromServer(state: PostgresState, input: Input): Next {
  if (state.encryption === '') return typed(state, input, serverNames);
  const granted = input.bytes[input.at]!;
  // Servers older than the request answer with an error, and so do some that are full.
  if (granted === 0x45) return typed(state, input, serverNames);
  if (granted !== 0x53 && granted !== 0x47 && granted !== 0x4e) return { lost: say`byte ${hex(granted)} is no answer to a request for encryption` };
  const reader = FieldReader.of(input, 1);
  const word = granted === 0x53 ? 'S: TLS follows' : granted === 0x47 ? 'G: GSSAPI encryption follows' : 'N: no encryption';
  reader.u8('encryption', () => word);
  const to = answered(state, startupOnly, true);
  state.encryption = '';
  return {
    length: 1, kind: 'answer', summary: word, fields: reader.fields, problems: [], ...(to === undefined ? {} : { answers: to.key }),
    // Nobody else wraps its packets as GSSAPI does here: they stay as they are.
    ...(granted === 0x53 ? { handover: { to: 'tls' } } : granted === 0x47 ? { handover: { to: 'unknown' } } : {}),
  };
}

// ---- messages with a type -------------------------------------------------------------------------------------------

/** Type, length (which counts itself), body ("Message Formats"). */
function typed(state: PostgresState, input: Input, names: Readonly<Record<number, string>>): Next {
  const { bytes, at, end, from } = input;
  const type = bytes[at]!;
  if (names[type] === undefined) return { lost: from === 'client' ? say`byte ${hex(type)} starts no message of a client` : say`byte ${hex(type)} starts no message of a server` };
  if (end - at < 5) return 5;
  const length = 1 + u32At(bytes, at + 1);
  if (length < 5 || maxLength < length) return { lost: say`no ${names[type]} is ${length} bytes long` };
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  const name = from === 'client' ? clientName(state, type) : names[type]!;
  reader.u8('type', () => name);
  reader.skip(4);
  const told = from === 'client' ? clientMessage(state, type, reader) : serverMessage(state, type, reader);
  return decoded(told, reader, length, input);
}

function decoded(told: Told, reader: FieldReader, length: number, { at, end }: Input): Decoded {
  const { kind, summary, asks, answers, isPartial } = told;
  const isCut = end - at < length;
  if (!isCut) reader.rest();
  const result: Decoded = { length, kind, summary, fields: reader.fields, problems: isCut ? cutProblems(reader, length) : reader.problems };
  if (asks !== undefined) result.asks = asks;
  if (answers !== undefined) result.answers = answers;
  if (isPartial === true) result.isPartial = true;
  return result;
}

/** Of a message that is not looked at to its end, what is missing there is nobody's fault. */
function cutProblems(reader: FieldReader, length: number): FieldReader['problems'] {
  const text = say`${length} bytes: only the first ${maxMessageBytes} are decoded`;
  return [{ severity: 'note', text, range: reader.range(reader.end, reader.end) }];
}

// ---- after something went wrong -------------------------------------------------------------------------------------

/** Type and a length that this type may have; for those that could be anything, what stands inside as well. */
function mayStart(_state: PostgresState, { bytes, at, end, from }: Input): Verdict {
  const type = bytes[at]!;
  const names = from === 'client' ? clientNames : serverNames;
  if (names[type] === undefined) return 'no';
  if (at + 1 < end && bytes[at + 1] !== 0) return 'no';
  if (end - at < 7) return 'more';
  const length = u32At(bytes, at + 1);
  const first = bytes[at + 5]!;
  const second = bytes[at + 6]!;
  const isOk = from === 'client' ? mayBeClient(type, length, first, second, names) : mayBeServer(type, length, first, second, names);
  return isOk ? 'match' : 'no';
}

/** A message without a body is one only when another one follows. */
function isEmpty(length: number, first: number, second: number, names: Readonly<Record<number, string>>): boolean {
  return length === 4 && names[first] !== undefined && second === 0;
}

function mayBeClient(type: number, length: number, first: number, second: number, names: Readonly<Record<number, string>>): boolean {
  switch (type) {
    case 0x48: case 0x53: case 0x58: case 0x63:
      return isEmpty(length, first, second, names);
    case 0x44: case 0x43:
      return 6 <= length && length <= 4096 && (first === 0x53 || first === 0x50);
    case 0x51:
      return 5 <= length && isText(first) && (isText(second) || second === 0);
    case 0x50:
      return 8 <= length && (isText(first) || (first === 0 && isText(second)));
    case 0x42:
      return 12 <= length && (isText(first) || first === 0) && (isText(second) || second === 0);
    case 0x45:
      return 9 <= length && length <= 4096 && (isText(first) || first === 0);
    default:
      return 5 <= length;
  }
}

function mayBeServer(type: number, length: number, first: number, second: number, names: Readonly<Record<number, string>>): boolean {
  switch (type) {
    case 0x31: case 0x32: case 0x33: case 0x49: case 0x6e: case 0x73: case 0x63:
      return isEmpty(length, first, second, names);
    case 0x5a:
      return length === 5 && states.includes(first);
    case 0x44: {
      const count = (first << 8) | second;
      return 6 + 4 * count <= length && count <= 1664;
    }
    case 0x54:
      return 6 + 19 * ((first << 8) | second) <= length && first <= 6;
    case 0x43:
      return 5 < length && length < 100 && 0x41 <= first && first <= 0x5a;
    case 0x45: case 0x4e:
      return 9 < length && first === 0x53 && isText(second);
    case 0x53:
      return 6 < length && length < 1000 && isText(first);
    case 0x52:
      return 8 <= length && length < 2000 && first === 0 && second === 0;
    default:
      return 6 <= length;
  }
}

const states = [0x49, 0x54, 0x45];

function isText(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x09 || (0x20 <= byte && byte !== 0x7f);
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
