// MongoDB wire protocol (MongoDB documentation, "Wire Protocol"; specifications "OP_MSG" and "OP_COMPRESSED"): OP_MSG, OP_QUERY and
// OP_REPLY of the first hello, OP_COMPRESSED.

import type { Field, Range } from '../../shared/message.js';
import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { bsonDocument } from './payload/bson.js';
import { maskedText } from './payload/values.js';

/** A command is shown by its first bytes: documents of 16 MB have their names in front. */
const maxMessageBytes = 512 << 10;
/** maxMessageSizeBytes of servers since 2.4. */
const longestBytes = 48_000_000;
const headerBytes = 16;

const opcodes: Readonly<Record<number, string>> = {
  1: 'OP_REPLY', 2001: 'OP_UPDATE', 2002: 'OP_INSERT', 2004: 'OP_QUERY', 2005: 'OP_GET_MORE', 2006: 'OP_DELETE', 2007: 'OP_KILL_CURSORS', 2010: 'OP_COMMAND', 2011: 'OP_COMMANDREPLY',
  2012: 'OP_COMPRESSED', 2013: 'OP_MSG',
};
const compressors: Readonly<Record<number, string>> = { 0: 'noop', 1: 'snappy', 2: 'zlib', 3: 'zstd' };
/** Names that `decompress` knows them by. */
const formats: Readonly<Record<number, string>> = { 1: 'snappy', 2: 'deflate', 3: 'zstd' };

export const mongodb: Dissector<null> = {
  id: 'mongodb',
  maxMessageBytes,
  start: () => null,
  next: (_state, input) => next(input),
  mayStart,
};

/** A length that is possible and an opcode that exists. */
function mayStart(_state: null, { bytes, at, end }: Input): Verdict {
  if (end - at < headerBytes) return 'more';
  const length = u32Le(bytes, at);
  return headerBytes < length && length <= longestBytes && opcodes[u32Le(bytes, at + 12)] !== undefined ? 'match' : 'no';
}

function next(input: Input): Next {
  const { bytes, at, end } = input;
  if (end - at < headerBytes) return headerBytes;
  const length = u32Le(bytes, at);
  const opcode = u32Le(bytes, at + 12);
  if (length <= headerBytes || longestBytes < length) return { lost: say`no message of MongoDB has ${length} bytes` };
  if (opcodes[opcode] === undefined) return { lost: say`${opcode} is no opcode` };
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  reader.u32Le('length');
  const id = reader.u32Le('request id');
  const responseTo = reader.u32Le('response to');
  reader.u32Le('opcode', opcodes);
  const told = opcode === 2012 ? compressed(reader, input) : operation(reader, opcode);
  if (length <= maxMessageBytes) reader.rest();
  const isAnswer = input.from === 'upstream';
  return {
    length,
    fields: reader.fields,
    problems: reader.problems,
    summary: told.summary,
    kind: isAnswer ? 'answer' : told.expectsNothing === true ? 'notice' : 'request',
    ...(isAnswer ? { answers: responseTo, ...(told.hasMore === true ? { isPartial: true } : {}) } : told.expectsNothing === true ? {} : { asks: id }),
  } satisfies Decoded;
}

interface Told {
  summary: string;
  /** moreToCome from a client: the server will not answer */
  expectsNothing?: boolean;
  /** moreToCome from a server: further answers follow */
  hasMore?: boolean;
}

/** OP_COMPRESSED: the opcode that is inside, its size, the compressor. What is inside has the range of what it was made from. */
function compressed(reader: FieldReader, input: Input): Told {
  const opcode = reader.u32Le('original opcode', opcodes);
  const size = reader.u32Le('uncompressed size');
  const compressor = reader.u8('compressor', compressors);
  if (reader.isBroken) return { summary: 'OP_COMPRESSED' };
  const start = reader.at;
  if (compressor === 0) return operation(reader, opcode);
  const range: Range = reader.range(start, reader.end);
  const plain = input.context.decompress(formats[compressor] ?? '', reader.bytes.subarray(start, reader.end), Math.min(Math.max(size, 1), longestBytes));
  reader.at = reader.end;
  if (typeof plain === 'string') {
    reader.problem('warning', plain, start, reader.end);
    reader.add('compressed', start, reader.end, `${reader.end - start} bytes`);
    return { summary: `OP_COMPRESSED ${opcodes[opcode] ?? opcode} (${compressors[compressor] ?? compressor})` };
  }
  const inner = new FieldReader(plain, 0, 0, plain.length, range);
  const told = operation(inner, opcode);
  reader.fields.push(...inner.fields);
  reader.problems.push(...inner.problems);
  return told;
}

function operation(reader: FieldReader, opcode: number): Told {
  switch (opcode) {
    case 2013:
      return message(reader);
    case 2004:
      return query(reader);
    case 1:
      return reply(reader);
    default:
      reader.rest('legacy operation');
      return { summary: opcodes[opcode] ?? `opcode ${opcode}` };
  }
}

/** OP_MSG: flags, sections, perhaps a checksum. */
function message(reader: FieldReader): Told {
  const flags = reader.u32Le('flags', (value) => [(value & 1) !== 0 && 'checksum', (value & 2) !== 0 && 'more to come', (value & 0x10000) !== 0 && 'exhaust allowed'].filter((word) => word !== false).join(', ') || 'none');
  const checksumBytes = (flags & 1) !== 0 ? 4 : 0;
  let body: Field | undefined;
  const sequences: string[] = [];
  while (checksumBytes < reader.left) {
    const kind = reader.u8('section', { 0: 'body', 1: 'document sequence' });
    if (kind === 0) {
      bsonDocument(reader, 'body');
      body ??= reader.fields[reader.fields.length - 1];
    } else if (kind === 1) {
      sequences.push(sequence(reader));
    } else {
      reader.problem('error', say`${kind} is no kind of section`, reader.at - 1, reader.at);
      reader.rest();
    }
  }
  if (checksumBytes !== 0 && 0 < reader.left) reader.u32Le('checksum');
  const words = [documentWords(reader, body), ...sequences].filter((part) => part !== '').join(' · ');
  return { summary: words === '' ? 'OP_MSG' : words, expectsNothing: (flags & 2) !== 0, hasMore: (flags & 2) !== 0 };
}

/** Kind 1: size, a name, documents one after the other. @returns "documents × 3" */
function sequence(reader: FieldReader): string {
  let count = 0;
  let name = '';
  reader.group('document sequence', () => {
    const size = reader.u32Le('size');
    reader.within(Math.min(Math.max(0, size - 4), reader.left), () => {
      name = reader.zeroEnded('identifier');
      while (0 < reader.left) {
        bsonDocument(reader, 'document');
        count += 1;
      }
    });
  }, () => `${name} × ${count}`);
  return `${name} × ${count}`;
}

/** OP_QUERY: only `hello` of drivers that do not know the server yet still uses it. */
function query(reader: FieldReader): Told {
  reader.u32Le('flags');
  const collection = reader.zeroEnded('collection');
  reader.i32Le('skip');
  reader.i32Le('return');
  let body: Field | undefined;
  if (0 < reader.left) {
    bsonDocument(reader, 'query');
    body = reader.fields[reader.fields.length - 1];
  }
  if (0 < reader.left) bsonDocument(reader, 'selector');
  const words = documentWords(reader, body);
  return { summary: collection.endsWith('.$cmd') ? words : `query ${collection}` };
}

function reply(reader: FieldReader): Told {
  const flags = reader.u32Le('flags', (value) => [(value & 1) !== 0 && 'cursor not found', (value & 2) !== 0 && 'query failure', (value & 8) !== 0 && 'await capable'].filter((word) => word !== false).join(', ') || 'none');
  reader.u64Le('cursor id');
  reader.i32Le('starting from');
  const count = reader.i32Le('number returned');
  let first: Field | undefined;
  for (let i = 0; i < count && 0 < reader.left; i++) {
    bsonDocument(reader, 'document');
    first ??= reader.fields[reader.fields.length - 1];
  }
  if ((flags & 2) !== 0) reader.problem('error', say`the query failed`, reader.at, reader.at);
  return { summary: documentWords(reader, first) };
}

/** Members that say nothing about what a command is about. */
const unspoken = new Set(['lsid', '$db', '$clusterTime', '$readPreference', 'txnNumber', 'signature', 'operationTime', 'apiVersion']);

/**
 * A command by its first member, which names it, and what it is about; an answer by `ok` and what it brings.
 *
 * An answer that is not ok adds a problem.
 */
function documentWords(reader: FieldReader, body: Field | undefined): string {
  const members = body?.fields ?? [];
  const first = members[0];
  if (body === undefined || first === undefined) return '';
  maskLogin(members);
  const ok = members.find(({ name }) => name === 'ok');
  if (ok !== undefined) return answerWords(reader, members, ok, body);
  const database = textOf(members.find(({ name }) => name === '$db'));
  const target = plain(first.text);
  const about = members.slice(1).filter(({ name }) => !unspoken.has(name)).slice(0, 3).map(short).join(', ');
  const place = /^\d|^$/.test(target) ? '' : ` ${database === '' || database === 'admin' ? '' : `${database}.`}${target}`;
  return `${first.name}${place}${about === '' ? '' : ` {${about}}`}`;
}

/** SASL's payloads carry passwords and proofs (specification "Authentication"), in a login of its own or inside the first hello. */
function maskLogin(members: readonly Field[]): void {
  const isLogin = members.some(({ name }) => name === 'saslStart' || name === 'saslContinue' || name === 'conversationId');
  for (const member of members) {
    if (member.name === 'speculativeAuthenticate' && member.fields !== undefined) maskLogin(member.fields);
    if (!isLogin || member.name !== 'payload') continue;
    member.text = maskedText;
    member.isSecret = true;
    delete member.value;
  }
}

function answerWords(reader: FieldReader, members: readonly Field[], ok: Field, body: Field): string {
  if (Number.parseFloat(ok.text) === 0) {
    const code = textOf(members.find(({ name }) => name === 'code'));
    const words = `${code} ${textOf(members.find(({ name }) => name === 'codeName'))}: ${textOf(members.find(({ name }) => name === 'errmsg'))}`.trim();
    reader.problems.push({ severity: 'error', text: verbatim(words), range: body.range });
    return `error ${words}`;
  }
  const writeErrors = members.find(({ name }) => name === 'writeErrors')?.fields?.[0]?.fields;
  if (writeErrors !== undefined) {
    const words = `${textOf(writeErrors.find(({ name }) => name === 'code'))}: ${textOf(writeErrors.find(({ name }) => name === 'errmsg'))}`;
    reader.problems.push({ severity: 'error', text: verbatim(words), range: body.range });
    return `write error ${words}`;
  }
  const batch = members.find(({ name }) => name === 'cursor')?.fields?.find(({ name }) => name === 'firstBatch' || name === 'nextBatch');
  if (batch !== undefined) {
    const count = batch.fields?.length ?? 0;
    return `ok, ${count === 1 ? '1 document' : `${count} documents`}`;
  }
  const about = members.filter(({ name }) => name === 'n' || name === 'nModified' || name === 'isWritablePrimary' || name === 'ismaster').map(short).join(', ');
  return `ok${about === '' ? '' : `, ${about}`}`;
}

function short(field: Field): string {
  const inside = field.fields === undefined ? field.text : `{${field.fields.slice(0, 3).map((one) => (one.fields === undefined ? `${one.name}: ${one.text}` : `${one.name}: …`)).join(', ')}${3 < field.fields.length ? ', …' : ''}}`;
  return `${field.name}: ${inside.length <= 60 ? inside : `${inside.slice(0, 59)}…`}`;
}

function textOf(field: Field | undefined): string {
  return field === undefined ? '' : plain(field.text);
}

/** Without the quotes that BSON strings are shown in. */
function plain(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text;
}

function u32Le(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
