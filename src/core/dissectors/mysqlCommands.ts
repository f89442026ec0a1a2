// Commands of a MySQL or MariaDB client (MySQL Source Code Documentation, "Command Phase").

import type { FieldReader } from './fieldReader.js';
import { changeUser } from './mysqlConnect.js';
import { capability, has, keep, wait, type MysqlState, type Statement, type Told } from './mysqlState.js';
import { readBinaryValue, readLength, readText, typeName } from './mysqlTypes.js';
import { readSql } from './sqlSecrets.js';

export const commandNames: Readonly<Record<number, string>> = {
  0x00: 'COM_SLEEP', 0x01: 'COM_QUIT', 0x02: 'COM_INIT_DB', 0x03: 'COM_QUERY', 0x04: 'COM_FIELD_LIST', 0x05: 'COM_CREATE_DB', 0x06: 'COM_DROP_DB', 0x07: 'COM_REFRESH',
  0x08: 'COM_SHUTDOWN', 0x09: 'COM_STATISTICS', 0x0a: 'COM_PROCESS_INFO', 0x0b: 'COM_CONNECT', 0x0c: 'COM_PROCESS_KILL', 0x0d: 'COM_DEBUG', 0x0e: 'COM_PING', 0x0f: 'COM_TIME',
  0x10: 'COM_DELAYED_INSERT', 0x11: 'COM_CHANGE_USER', 0x12: 'COM_BINLOG_DUMP', 0x13: 'COM_TABLE_DUMP', 0x14: 'COM_CONNECT_OUT', 0x15: 'COM_REGISTER_SLAVE',
  0x16: 'COM_STMT_PREPARE', 0x17: 'COM_STMT_EXECUTE', 0x18: 'COM_STMT_SEND_LONG_DATA', 0x19: 'COM_STMT_CLOSE', 0x1a: 'COM_STMT_RESET', 0x1b: 'COM_SET_OPTION',
  0x1c: 'COM_STMT_FETCH', 0x1d: 'COM_DAEMON', 0x1e: 'COM_BINLOG_DUMP_GTID', 0x1f: 'COM_RESET_CONNECTION', 0x20: 'COM_CLONE', 0xfa: 'COM_STMT_BULK_EXECUTE', 0xfe: 'COM_MULTI',
};

/** Reads a command: its number, and what belongs to it. */
export function command(state: MysqlState, reader: FieldReader): Told {
  const code = reader.peek();
  reader.u8('command', (value) => commandNames[value] ?? `command ${value}`);
  const name = commandNames[code] ?? `command ${code}`;
  switch (code) {
    case 0x03:
      return query(state, reader);
    case 0x16: {
      const sql = readSql(reader, 'query', reader.left);
      return { kind: 'request', summary: sql, asks: wait(state, code, sql) };
    }
    case 0x17:
      return execute(state, reader);
    case 0x18:
      return longData(state, reader);
    case 0x19: {
      const id = reader.u32Le('statement');
      state.statements.delete(id);
      return { kind: 'notice', summary: `${name} ${id}` };
    }
    case 0x01:
      return { kind: 'notice', summary: name };
    case 0x02: case 0x05: case 0x06:
      return { kind: 'request', summary: `${name} ${reader.text('database', reader.left)}`, asks: wait(state, code) };
    case 0x04: {
      const table = reader.zeroEnded('table');
      if (0 < reader.left) reader.text('wildcard', reader.left);
      return { kind: 'request', summary: `${name} ${table}`, asks: wait(state, code) };
    }
    case 0x0c: {
      const connection = reader.u32Le('connection');
      return { kind: 'request', summary: `${name} ${connection}`, asks: wait(state, code) };
    }
    case 0x11:
      return changeUser(state, reader);
    case 0x12: {
      const position = reader.u32Le('position');
      reader.u16Le('flags');
      reader.u32Le('server id');
      return { kind: 'request', summary: `${name} ${reader.text('file', reader.left)} from ${position}`, asks: wait(state, code) };
    }
    case 0x1a:
    case 0x1c:
    case 0xfa:
      return ofStatement(state, reader, code, name);
    case 0x1b: {
      const option = reader.u16Le('option', { 0: 'multi statements on', 1: 'multi statements off' });
      return { kind: 'request', summary: `${name} multi statements ${option === 0 ? 'on' : 'off'}`, asks: wait(state, code) };
    }
    default:
      return { kind: 'request', summary: name, asks: wait(state, code) };
  }
}

/** COM_QUERY, with attributes in front where both sides speak of them. */
function query(state: MysqlState, reader: FieldReader): Told {
  if (has(state, capability.queryAttributes)) {
    const count = readLength(reader, 'parameter count');
    readLength(reader, 'parameter sets');
    if (0 < count) parameters(reader, count, undefined, true, 'attribute');
  }
  const sql = readSql(reader, 'query', reader.left);
  return { kind: 'request', summary: sql === '' ? 'empty query' : sql, asks: wait(state, 0x03, sql) };
}

const cursorNames: Readonly<Record<number, string>> = { 0: 'no cursor', 1: 'read-only', 2: 'for update', 4: 'scrollable' };
/** Flag of COM_STMT_EXECUTE: the number of parameters is told. */
const countAvailable = 8;

/** COM_STMT_EXECUTE: statement, cursor, how often, parameters. */
function execute(state: MysqlState, reader: FieldReader): Told {
  const id = reader.u32Le('statement', (value) => (value === 0xffffffff ? 'last prepared' : String(value)));
  const statement = state.statements.get(id);
  const flags = reader.u8('flags', (value) => cursorNames[value & 7] ?? String(value));
  reader.u32Le('iterations');
  const isNamed = has(state, capability.queryAttributes);
  let count = statement?.parameterCount ?? 0;
  if (isNamed && (flags & countAvailable) !== 0) count = readLength(reader, 'parameter count');
  // Of a statement that was prepared before we listened nobody knows how many there are.
  const shown = 0 < count ? parameters(reader, count, statement, isNamed, '?') : [];
  if (statement !== undefined) statement.sent = [];
  const words = `execute ${id === 0xffffffff ? 'last' : id}${shown.length === 0 ? '' : ` (${shown.join(', ')})`}`;
  return { kind: 'request', summary: statement === undefined ? words : `${words}: ${statement.query}`, asks: wait(state, 0x17, statement?.query, statement) };
}

/** Values that are worded in a summary. */
const maxShown = 24;

/** Bits of those that are NULL, whether types follow, types, values. @returns values as they are worded */
function parameters(reader: FieldReader, count: number, statement: Statement | undefined, isNamed: boolean, name: string): string[] {
  const { bytes, at } = reader;
  const nullBytes = (count + 7) >> 3;
  reader.data('null bitmap', nullBytes);
  if (reader.isBroken) return [];
  const isNull = (i: number): boolean => (((bytes[at + (i >> 3)] ?? 0) >> (i & 7)) & 1) === 1;
  let types = statement?.types ?? [];
  const names: string[] = [];
  if (reader.u8('types follow') !== 0) {
    types = [];
    for (let i = 0; i < count && 0 < reader.left; i++) {
      const type = reader.u16Le('type', (value) => `${typeName(value & 0xff)}${(value & 0x8000) === 0 ? '' : ' unsigned'}`);
      keep(types, { name: '', type: type & 0xff, isUnsigned: (type & 0x8000) !== 0, isBinary: 249 <= (type & 0xff) && (type & 0xff) <= 252 });
      if (isNamed) names.push(readText(reader, 'name'));
    }
    if (statement !== undefined) statement.types = types;
  }
  const shown: string[] = [];
  for (let i = 0; i < count && !reader.isBroken; i++) {
    const type = types[i];
    const own = names[i] === undefined || names[i] === '' ? (name === '?' ? `?${i + 1}` : name) : names[i]!;
    const text = isNull(i) ? 'NULL' : statement?.sent.includes(i) === true ? '(sent before)' : type === undefined || reader.left === 0 ? '…' : readBinaryValue(reader, own, type);
    if (type === undefined && !isNull(i)) break;
    if (isNull(i)) reader.add(own, at + (i >> 3), at + (i >> 3) + 1, 'NULL');
    if (shown.length < maxShown) shown.push(text);
  }
  return shown;
}

/** COM_STMT_SEND_LONG_DATA: a parameter ahead of its execution; the server says nothing to it. */
function longData(state: MysqlState, reader: FieldReader): Told {
  const id = reader.u32Le('statement');
  const index = reader.u16Le('parameter');
  const { left } = reader;
  reader.data('data', left);
  const statement = state.statements.get(id);
  if (statement !== undefined && !statement.sent.includes(index)) keep<number>(statement.sent, index);
  return { kind: 'notice', summary: `parameter ${index} of statement ${id}, ${left} bytes` };
}

/** COM_STMT_RESET, COM_STMT_FETCH, COM_STMT_BULK_EXECUTE: commands about a statement. */
function ofStatement(state: MysqlState, reader: FieldReader, code: number, name: string): Told {
  const id = reader.u32Le('statement', (value) => (value === 0xffffffff ? 'last prepared' : String(value)));
  const statement = state.statements.get(id);
  let words = `${name} ${id === 0xffffffff ? 'last' : id}`;
  if (code === 0x1c) words = `fetch ${reader.u32Le('rows')} rows of ${id}`;
  if (code === 0x1a && statement !== undefined) statement.sent = [];
  if (code === 0xfa) {
    reader.u16Le('flags');
    reader.rest('parameters');
  }
  const key = wait(state, code, statement?.query, statement);
  return { kind: 'request', summary: statement === undefined || code === 0x1a ? words : `${words}: ${statement.query}`, asks: key };
}

/** A piece of a file that LOAD DATA LOCAL asked for; an empty packet ends it. */
export function filePiece(state: MysqlState, reader: FieldReader): Told {
  const { left } = reader;
  if (left === 0) {
    state.isFile = false;
    return { kind: 'notice', summary: 'end of the file' };
  }
  reader.data('data', left);
  return { kind: 'notice', summary: `${left} bytes of the file` };
}

