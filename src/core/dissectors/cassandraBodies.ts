// What the messages of Cassandra's native protocol carry (native_protocol_v5 §4; differences of v3 and v4 where they are).

import { verbatim } from '../../shared/sentences.js';
import type { Decoded } from './dissector.js';
import { bytesText, utf8Text, type FieldReader } from './fieldReader.js';
import { column, inetText, uuidText, value, type Column } from './cassandraTypes.js';

export const opcodes: Readonly<Record<number, string>> = {
  0: 'ERROR', 1: 'STARTUP', 2: 'READY', 3: 'AUTHENTICATE', 4: 'CREDENTIALS', 5: 'OPTIONS', 6: 'SUPPORTED', 7: 'QUERY', 8: 'RESULT', 9: 'PREPARE', 10: 'EXECUTE', 11: 'REGISTER', 12: 'EVENT', 13: 'BATCH',
  14: 'AUTH_CHALLENGE', 15: 'AUTH_RESPONSE', 16: 'AUTH_SUCCESS', 0xff: 'CANCEL',
};
const consistencies: Readonly<Record<number, string>> = { 0: 'ANY', 1: 'ONE', 2: 'TWO', 3: 'THREE', 4: 'QUORUM', 5: 'ALL', 6: 'LOCAL_QUORUM', 7: 'EACH_QUORUM', 8: 'SERIAL', 9: 'LOCAL_SERIAL', 10: 'LOCAL_ONE' };
const errors: Readonly<Record<number, string>> = {
  0x0000: 'server error', 0x000a: 'protocol error', 0x0100: 'authentication error', 0x1000: 'unavailable', 0x1001: 'overloaded', 0x1002: 'is bootstrapping', 0x1003: 'truncate error',
  0x1100: 'write timeout', 0x1200: 'read timeout', 0x1300: 'read failure', 0x1400: 'function failure', 0x1500: 'write failure', 0x1600: 'CDC write failure', 0x1700: 'CAS write unknown',
  0x2000: 'syntax error', 0x2100: 'unauthorized', 0x2200: 'invalid', 0x2300: 'config error', 0x2400: 'already exists', 0x2500: 'unprepared',
};
/** Statements that are remembered by their id, and requests that wait. */
const maxRemembered = 1000;

export interface CassandraMemory {
  compression: string;
  /** what was asked on a stream: text of a PREPARE, id of what is executed */
  asked: Map<number, { query: string; id: string }>;
  /** statements by id, in hex */
  prepared: Map<string, { query: string; columns: Column[]; results: Column[] }>;
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

/** Reads the body of a frame, what flags put in front of it included. */
export function body(memory: CassandraMemory, reader: FieldReader, opcode: number, version: number, flags: number, stream: number, isResponse: boolean): Told {
  if (isResponse && (flags & 2) !== 0) reader.value('tracing id', 16, uuidText);
  if (isResponse && (flags & 8) !== 0) for (let left = reader.u16('warnings'); 0 < left && 0 < reader.left; left--) {
    const start = reader.at;
    reader.problem('warning', verbatim(reader.prefixedText('warning', 2)), start, reader.at);
  }
  if ((flags & 4) !== 0) for (let left = reader.u16('custom payload'); 0 < left && 0 < reader.left; left--) reader.group('entry', () => {
    const key = reader.prefixedText('key', 2);
    value(reader, 'value', 3);
    return key;
  }, (text) => text);
  if (!isResponse) return request(memory, reader, opcode, version, stream);
  const asked = memory.asked.get(stream);
  memory.asked.delete(stream);
  return { ...response(memory, reader, opcode, version, asked), ...(opcode === 12 || stream < 0 ? { kind: 'notice' } : { kind: 'answer', answers: stream }) };
}

// ---- requests -------------------------------------------------------------------------------------------------------

/** v5 counts its flags in four bytes, so do DataStax' versions (§4.1.4, "Changes from v4"). */
function isWide(version: number): boolean {
  return 5 <= version;
}

/** Versions whose prepared statements carry an id of their result's columns. */
function hasResultId(version: number): boolean {
  return version === 5 || version === 6 || version === 0x42;
}

function request(memory: CassandraMemory, reader: FieldReader, opcode: number, version: number, stream: number): Told {
  const name = opcodes[opcode]!;
  const told = (words: string): Told => ({ kind: 'request', asks: stream, summary: words === '' ? name : words });
  switch (opcode) {
    case 1: {
      const options = stringMap(reader, 'option');
      memory.compression = (options['COMPRESSION'] ?? '').toLowerCase();
      return told(['STARTUP', options['DRIVER_NAME'] ?? '', options['DRIVER_VERSION'] ?? '', memory.compression].filter((word) => word !== '').join(' '));
    }
    case 4:
      for (let left = reader.u16('count'); 0 < left && 0 < reader.left; left--) reader.group('credential', () => {
        const key = reader.prefixedText('key', 2);
        reader.secret('value', reader.u16('value length'));
        return key;
      }, (key) => key);
      return told(name);
    case 7: {
      const query = longText(reader, 'query');
      parameters(reader, version, []);
      return told(query);
    }
    case 9: {
      const query = longText(reader, 'query');
      if (hasResultId(version) && 4 <= reader.left && (reader.u32('flags', (bits) => ((bits & 1) === 0 ? 'none' : 'keyspace')) & 1) !== 0) reader.prefixedText('keyspace', 2);
      remember(memory.asked, stream, { query, id: '' });
      return told(`PREPARE ${query}`);
    }
    case 10: {
      const id = hex(reader.prefixedData('id', 2));
      if (hasResultId(version)) reader.prefixedData('result metadata id', 2);
      const statement = memory.prepared.get(id);
      parameters(reader, version, statement?.columns ?? []);
      remember(memory.asked, stream, { query: '', id });
      return told(`EXECUTE ${statement?.query ?? id}`);
    }
    case 11: {
      const types: string[] = [];
      for (let left = reader.u16('count'); 0 < left && 0 < reader.left; left--) types.push(reader.prefixedText('event', 2));
      return told(`REGISTER ${types.slice(0, 8).join(', ')}`);
    }
    case 13:
      return told(batch(memory, reader, version));
    case 15:
      token(reader);
      return told(name);
    default:
      return told(name);
  }
}

const parameterFlags = ['values', 'skip metadata', 'page size', 'paging state', 'serial consistency', 'default timestamp', 'names', 'keyspace', 'now in seconds'];

function flagText(bits: number): string {
  return parameterFlags.filter((_, i) => (bits & (1 << i)) !== 0).join(', ') || 'none';
}

/** <query_parameters> (§4.1.4). */
function parameters(reader: FieldReader, version: number, columns: readonly Column[]): void {
  if (version < 2 || reader.left < 3) return;
  reader.u16('consistency', consistencies);
  const flags = isWide(version) ? reader.u32('flags', flagText) : reader.u8('flags', flagText);
  if ((flags & 1) !== 0) {
    const count = reader.u16('values');
    for (let i = 0; i < count && 0 < reader.left; i++) boundValue(reader, (flags & 0x40) !== 0, columns[i]);
  }
  if ((flags & 4) !== 0) reader.i32('page size');
  if ((flags & 8) !== 0) value(reader, 'paging state', 3);
  tail(reader, flags);
}

function tail(reader: FieldReader, flags: number): void {
  if ((flags & 0x10) !== 0) reader.u16('serial consistency', consistencies);
  if ((flags & 0x20) !== 0) reader.i64('timestamp');
  if ((flags & 0x80) !== 0) reader.prefixedText('keyspace', 2);
  if ((flags & 0x100) !== 0) reader.i32('now in seconds');
}

function boundValue(reader: FieldReader, isNamed: boolean, known: Column | undefined): void {
  if (isNamed) reader.group('value', () => {
    const name = reader.prefixedText('name', 2);
    return `${name} = ${value(reader, 'value', known?.type ?? 3)}`;
  }, (text) => text);
  else value(reader, known === undefined ? 'value' : `value ${known.name}`, known?.type ?? 3);
}

/** §4.1.7. @returns "BATCH logged, 2 statements: INSERT …" */
function batch(memory: CassandraMemory, reader: FieldReader, version: number): string {
  const types: Readonly<Record<number, string>> = { 0: 'logged', 1: 'unlogged', 2: 'counter' };
  const type = reader.u8('type', types);
  const count = reader.u16('statements');
  let first = '';
  for (let i = 0; i < count && 0 < reader.left; i++) reader.group('statement', () => {
    const kind = reader.u8('kind', { 0: 'query', 1: 'prepared' });
    const id = kind === 0 ? '' : hex(reader.prefixedData('id', 2));
    const statement = memory.prepared.get(id);
    const query = kind === 0 ? longText(reader, 'query') : (statement?.query ?? id);
    if (i === 0) first = query;
    const values = reader.u16('values');
    for (let n = 0; n < values && 0 < reader.left; n++) boundValue(reader, false, statement?.columns[n]);
    return query;
  }, (text) => text);
  if (2 < version) {
    reader.u16('consistency', consistencies);
    tail(reader, isWide(version) ? reader.u32('flags', flagText) : reader.u8('flags', flagText));
  }
  return `BATCH ${types[type] ?? type}, ${count === 1 ? '1 statement' : `${count} statements`}${first === '' ? '' : `: ${first}${1 < count ? '; …' : ''}`}`;
}

// ---- responses ------------------------------------------------------------------------------------------------------

function response(memory: CassandraMemory, reader: FieldReader, opcode: number, version: number, asked: { query: string; id: string } | undefined): Told {
  const name = opcodes[opcode]!;
  switch (opcode) {
    case 0:
      return { summary: error(reader, version) };
    case 3:
      return { summary: `AUTHENTICATE ${reader.prefixedText('authenticator', 2).replace(/^.*\./, '')}` };
    case 6:
      for (let left = reader.u16('count'); 0 < left && 0 < reader.left; left--) reader.group('option', () => {
        const key = reader.prefixedText('key', 2);
        const values: string[] = [];
        for (let n = reader.u16('values'); 0 < n && 0 < reader.left; n--) values.push(reader.prefixedText('value', 2));
        return `${key}: ${values.slice(0, 16).join(', ')}`;
      }, (text) => text);
      return { summary: name };
    case 8:
      return { summary: result(memory, reader, version, asked) };
    case 12:
      return { summary: `EVENT ${event(reader)}` };
    case 14:
    case 16:
      token(reader);
      return { summary: name };
    default:
      return { summary: name };
  }
}

/** §4.2.1 and §8: code, message, and what belongs to the code. */
function error(reader: FieldReader, version: number): string {
  const start = reader.at;
  const code = reader.u32('code', (number) => `${errors[number] ?? 'unknown'} (0x${number.toString(16).padStart(4, '0')})`);
  const message = reader.prefixedText('message', 2);
  const words = `${errors[code] ?? `0x${code.toString(16)}`}: ${message}`;
  if (!reader.isBroken) reader.problem('error', verbatim(words), start, reader.at);
  switch (code) {
    case 0x1000:
      reader.u16('consistency', consistencies);
      reader.i32('required');
      reader.i32('alive');
      break;
    case 0x1100:
    case 0x1200:
    case 0x1300:
    case 0x1500:
    case 0x1700:
      if (reader.left < 10) break;
      reader.u16('consistency', consistencies);
      reader.i32('received');
      reader.i32('required');
      if (code === 0x1300 || code === 0x1500) failures(reader, version);
      if (code === 0x1100 || code === 0x1500) reader.prefixedText('write type', 2);
      if (code === 0x1200 || code === 0x1300) reader.u8('data present', (flag) => (flag === 0 ? 'no' : 'yes'));
      if (code === 0x1100 && reader.left === 2) reader.u16('contentions');
      break;
    case 0x1400:
      reader.prefixedText('keyspace', 2);
      reader.prefixedText('function', 2);
      for (let left = reader.u16('argument types'); 0 < left && 0 < reader.left; left--) reader.prefixedText('argument type', 2);
      break;
    case 0x2400:
      reader.prefixedText('keyspace', 2);
      reader.prefixedText('table', 2);
      break;
    case 0x2500:
      reader.prefixedData('id', 2);
      break;
  }
  return `ERROR ${words}`;
}

/** A count until v4, a map of nodes and reasons since. */
function failures(reader: FieldReader, version: number): void {
  const count = reader.i32('failures');
  if (!isWide(version)) return;
  for (let i = 0; i < count && 0 < reader.left; i++) reader.group('failure', () => {
    address(reader, 'node');
    reader.u16('reason');
  });
}

function result(memory: CassandraMemory, reader: FieldReader, version: number, asked: { query: string; id: string } | undefined): string {
  const kinds: Readonly<Record<number, string>> = { 1: 'void', 2: 'rows', 3: 'set keyspace', 4: 'prepared', 5: 'schema change' };
  const kind = reader.u32('kind', kinds);
  switch (kind) {
    case 1:
      return 'RESULT void';
    case 2:
      return rows(reader, memory.prepared.get(asked?.id ?? '')?.results ?? []);
    case 3:
      return `RESULT keyspace ${reader.prefixedText('keyspace', 2)}`;
    case 4: {
      const id = hex(reader.prefixedData('id', 2));
      if (hasResultId(version)) reader.prefixedData('result metadata id', 2);
      const columns = reader.group('parameters', () => metadata(reader, 4 <= version, []), ({ columns: all }) => `${all.length}`).columns;
      const results = version < 2 ? [] : reader.group('result', () => metadata(reader, false, []), ({ columns: all }) => `${all.length}`).columns;
      if (!reader.isBroken) remember(memory.prepared, id, { query: asked?.query ?? id, columns, results });
      return `RESULT prepared ${id.slice(0, 8)}${8 < id.length ? '…' : ''} · ${columns.length === 1 ? '1 parameter' : `${columns.length} parameters`}`;
    }
    case 5:
      return `RESULT ${schemaChange(reader)}`;
    default:
      return `RESULT ${kind}`;
  }
}

/** §4.2.5.2 <metadata>, §4.2.5.4 with the indexes of a partition's key. @param known columns, where none are told */
function metadata(reader: FieldReader, hasKey: boolean, known: Column[]): { columns: Column[]; count: number; hasMore: boolean } {
  const flags = reader.u32('flags', (bits) => ['global table', 'has more pages', 'no metadata', 'metadata changed'].filter((_, i) => (bits & (1 << i)) !== 0).join(', ') || 'none');
  const count = reader.u32('columns');
  const columns: Column[] = [];
  if (hasKey) for (let left = reader.i32('key columns'); 0 < left && 0 < reader.left; left--) reader.u16('key column');
  const hasMore = (flags & 2) !== 0;
  if (hasMore) value(reader, 'paging state', 3);
  if ((flags & 8) !== 0) reader.prefixedData('new metadata id', 2);
  if ((flags & 4) !== 0) return { columns: known, count, hasMore };
  if ((flags & 1) !== 0 && 0 < count) {
    reader.prefixedText('keyspace', 2);
    reader.prefixedText('table', 2);
  }
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const one = column(reader, (flags & 1) !== 0);
    if (columns.length < maxRemembered) columns.push(one);
  }
  return { columns, count, hasMore };
}

function rows(reader: FieldReader, known: Column[]): string {
  const { columns, count: width, hasMore } = metadata(reader, false, known);
  const count = reader.i32('rows');
  for (let i = 0; i < count && 0 < reader.left && 0 < reader.room; i++) reader.group('row', () => {
    const shown: string[] = [];
    for (let n = 0; n < width && 0 < reader.left; n++) {
      const text = value(reader, columns[n]?.name ?? 'value', columns[n]?.type ?? 3);
      if (shown.length < 8) shown.push(text);
    }
    return shown.join(', ');
  }, (text) => text);
  if (0 < reader.left && reader.room === 0) reader.skip(reader.left);
  const names = columns.slice(0, 8).map(({ name }) => name).join(', ');
  return `RESULT ${count === 1 ? '1 row' : `${count} rows`}${names === '' ? '' : `: ${names}${8 < columns.length ? ', …' : ''}`}${hasMore ? ' · more pages' : ''}`;
}

/** §4.2.6. */
function event(reader: FieldReader): string {
  const type = reader.prefixedText('event', 2);
  if (type === 'SCHEMA_CHANGE') return schemaChange(reader);
  const change = reader.prefixedText('change', 2);
  const node = address(reader, 'address');
  const port = reader.i32('port');
  return `${type} ${change} ${node}:${port}`;
}

function schemaChange(reader: FieldReader): string {
  const change = reader.prefixedText('change', 2);
  const target = reader.prefixedText('target', 2);
  const keyspace = reader.prefixedText('keyspace', 2);
  // v1 and v2 name keyspace and table where later ones name what was changed.
  if (!/^(KEYSPACE|TABLE|TYPE|FUNCTION|AGGREGATE)$/.test(target)) return `${change} ${target}${keyspace === '' ? '' : `.${keyspace}`}`;
  if (target === 'KEYSPACE') return `${change} ${target} ${keyspace}`;
  const name = reader.prefixedText('name', 2);
  const types: string[] = [];
  if (target === 'FUNCTION' || target === 'AGGREGATE') for (let left = reader.u16('argument types'); 0 < left && 0 < reader.left; left--) types.push(reader.prefixedText('argument type', 2));
  return `${change} ${target} ${keyspace}.${name}${types.length === 0 ? '' : `(${types.slice(0, 8).join(', ')})`}`;
}

// ---- notations (§3) -------------------------------------------------------------------------------------------------

/** A query; CREATE ROLE and the like carry passwords. */
function longText(reader: FieldReader, name: string): string {
  const before = reader.fields.length;
  const { at, left } = reader;
  const text = reader.prefixedText(name, 4) || cutText(reader, name, at, left);
  if (!/password/i.test(text)) return text;
  const masked = text.replace(/(password'?\s*[=:]\s*)'(?:[^']|'')*('|$)/gi, "$1'••••••'");
  const field = reader.fields[before];
  if (field !== undefined && masked !== text) {
    field.text = masked;
    field.isSecret = true;
  }
  return masked;
}

/** A query that goes on where nobody looks: as far as it is there. */
function cutText(reader: FieldReader, name: string, at: number, left: number): string {
  if (!reader.isBroken || left <= 4) return '';
  const text = `${utf8Text(reader.bytes, at + 4, at + left)}…`;
  reader.add(name, at, at + left, text);
  reader.at = at + left;
  return text;
}

function token(reader: FieldReader): void {
  const length = reader.i32('token length');
  if (0 < length) reader.secret('token', length);
}

function address(reader: FieldReader, name: string): string {
  const length = Math.max(0, reader.peek());
  const { at } = reader;
  reader.skip(1 + length);
  if (reader.isBroken) return '';
  const text = inetText(reader.bytes.subarray(at + 1, reader.at));
  reader.add(name, at, reader.at, text);
  return text;
}

function stringMap(reader: FieldReader, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let left = reader.u16('count'); 0 < left && 0 < reader.left; left--) reader.group(name, () => {
    const key = reader.prefixedText('key', 2);
    found[key] = reader.prefixedText('value', 2);
    return `${key}: ${found[key]}`;
  }, (text) => text);
  return found;
}

function hex(view: Uint8Array): string {
  return view.length <= 32 ? Array.from(view, (byte) => byte.toString(16).padStart(2, '0')).join('') : bytesText(view);
}

function remember<K, V>(map: Map<K, V>, key: K, one: V): void {
  map.delete(key);
  if (maxRemembered <= map.size) for (const oldest of map.keys()) {
    map.delete(oldest);
    break;
  }
  map.set(key, one);
}
