// Answers of a MySQL or MariaDB server: OK, errors, result sets of text and binary rows, prepared statements, binlog events (MySQL Source
// Code Documentation, "Generic Response Packets", "Command Phase", "Replication").

import type { FieldReader } from './fieldReader.js';
import { authentication, greeting } from './mysqlConnect.js';
import { eofPacket, errorPacket, okPacket } from './mysqlEnds.js';
import { answer, capability, extended, has, keep, remember, type MysqlState, type Statement, type Told, type Waiting } from './mysqlState.js';
import { isBinaryCharset, isNumeric, readBinaryValue, readLength, readText, readTextValue, skipLength, typeName, type Column } from './mysqlTypes.js';

/** Status flags that decide what comes next (SERVER_STATUS_flags_enum). */
const moreResults = 8;
const cursorExists = 0x40;

const query = 0x03;
const execute = 0x17;
const bulkExecute = 0xfa;
const fetch = 0x1c;
const prepare = 0x16;

/** @param length of the whole packet without its header: an EOF is told by it */
export function serverPacket(state: MysqlState, reader: FieldReader, length: number): Told {
  const first = reader.peek();
  if (first === 0xff) return errorPacket(state, reader);
  if (!state.isGreeted && state.phase !== 'commands' && (first === 0x0a || first === 0x09)) return greeting(state, reader);
  if (state.phase !== 'commands') return first === 0 ? loggedIn(state, reader) : authentication(state, reader);
  const [waiting] = state.waiting;
  if (waiting === undefined) return unasked(state, reader, length);
  switch (waiting.phase) {
    case 'first':
      return firstPacket(state, waiting, reader, length);
    case 'parameters':
    case 'columns':
      return definition(state, waiting, reader, length);
    case 'columnsEnd':
      return isEof(first, length) ? columnsEnd(state, waiting, reader) : row(state, waiting, reader, length);
    case 'rows':
      return row(state, waiting, reader, length);
    case 'events':
      return isEof(first, length) ? eof(state, waiting, reader) : event(state, reader);
  }
}

function isEof(first: number, length: number): boolean {
  return first === 0xfe && length < 9;
}

/** Of an answer whose command was lost. */
function unasked(state: MysqlState, reader: FieldReader, length: number): Told {
  const first = reader.peek();
  if (first === 0 && 7 <= length) return { kind: 'answer', summary: okPacket(state, reader).summary };
  if (isEof(first, length)) return { kind: 'answer', summary: eofPacket(reader).summary };
  return { kind: 'answer', summary: `packet of ${length} bytes` };
}

function firstPacket(state: MysqlState, waiting: Waiting, reader: FieldReader, length: number): Told {
  const first = reader.peek();
  switch (waiting.command) {
    case prepare:
      return prepared(state, waiting, reader);
    case 0x12:
    case 0x1e:
      waiting.phase = 'events';
      return isEof(first, length) ? eof(state, waiting, reader) : event(state, reader);
    case 0x09:
      return answer(state, reader.text('statistics', reader.left), true);
    case 0x04:
      // COM_FIELD_LIST: definitions until EOF, however many.
      return isEof(first, length) ? eof(state, waiting, reader) : definition(state, waiting, reader, length);
    case fetch:
      waiting.phase = 'rows';
      waiting.columns = waiting.statement?.columns ?? [];
      return row(state, waiting, reader, length);
    case query: case execute: case bulkExecute: case 0x0a:
      return first === 0 ? ok(state, waiting, reader) : first === 0xfb ? localFile(state, reader) : columnCount(state, waiting, reader);
    default:
      return isEof(first, length) ? eof(state, waiting, reader) : first === 0 ? ok(state, waiting, reader) : answer(state, `packet of ${length} bytes`, true);
  }
}

// ---- OK, EOF, errors ------------------------------------------------------------------------------------------------

function loggedIn(state: MysqlState, reader: FieldReader): Told {
  const { summary } = okPacket(state, reader);
  state.phase = 'commands';
  // From here on, frames: that is what the client has asked for.
  if (has(state, capability.compress)) state.compression = 'deflate';
  else if (has(state, capability.zstd)) state.compression = 'zstd';
  return answer(state, summary, true);
}

function ok(state: MysqlState, waiting: Waiting, reader: FieldReader): Told {
  const { summary, status } = okPacket(state, reader);
  return ended(state, waiting, summary, status);
}

/** The end of one result; a stored procedure or several statements have more. */
function ended(state: MysqlState, waiting: Waiting, summary: string, status: number): Told {
  const isDone = (status & moreResults) === 0;
  waiting.phase = 'first';
  waiting.rows = 0;
  waiting.columns = [];
  return answer(state, summary, isDone);
}

function eof(state: MysqlState, waiting: Waiting, reader: FieldReader): Told {
  const { summary, status } = eofPacket(reader);
  return ended(state, waiting, summary, status);
}

/** The server asks for a file of the client (LOCAL INFILE Request). */
function localFile(state: MysqlState, reader: FieldReader): Told {
  reader.u8('packet', () => 'LOCAL INFILE');
  state.isFile = true;
  return answer(state, `asks for the file ${reader.text('file', reader.left)}`, false);
}

// ---- result sets ----------------------------------------------------------------------------------------------------

function columnCount(state: MysqlState, waiting: Waiting, reader: FieldReader): Told {
  let hasDefinitions = true;
  if (has(state, capability.optionalMetadata)) hasDefinitions = reader.u8('metadata follows') !== 0;
  const count = readLength(reader, 'column count');
  if ((state.extended & extended.cacheMetadata) !== 0 && 0 < reader.left) hasDefinitions = reader.u8('metadata follows') !== 0;
  waiting.left = count;
  waiting.columns = hasDefinitions ? [] : (waiting.statement?.columns ?? []);
  waiting.phase = hasDefinitions && 0 < count ? 'columns' : afterColumns(state);
  if (hasDefinitions && waiting.statement !== undefined) waiting.statement.columns = waiting.columns;
  return answer(state, count === 1 ? '1 column' : `${count} columns`, false);
}

function afterColumns(state: MysqlState): 'columnsEnd' | 'rows' {
  return has(state, capability.deprecateEof) ? 'rows' : 'columnsEnd';
}

/** The definition of a column, or of a parameter. */
function definition(state: MysqlState, waiting: Waiting, reader: FieldReader, length: number): Told {
  // Where a definition was expected there is an end: what was counted was wrong, or a part was lost.
  if (isEof(reader.peek(), length)) return columnsEnd(state, waiting, reader);
  const what = waiting.phase === 'parameters' ? 'parameter' : 'column';
  const { column, words } = readDefinition(state, reader);
  const isParameter = what === 'parameter';
  if (!isParameter) keep(waiting.columns, column);
  if (waiting.command === 0x04) return answer(state, `column ${waiting.columns.length}: ${words}`, false);
  const number = isParameter ? (waiting.statement?.parameterCount ?? 0) - waiting.left + 1 : waiting.rows + 1;
  if (!isParameter) waiting.rows += 1;
  waiting.left -= 1;
  const summary = `${what} ${number}: ${words}`;
  if (0 < waiting.left) return answer(state, summary, false);
  waiting.rows = 0;
  if (waiting.command !== prepare) {
    waiting.phase = afterColumns(state);
    return answer(state, summary, false);
  }
  if (!has(state, capability.deprecateEof)) {
    waiting.phase = 'columnsEnd';
    return answer(state, summary, false);
  }
  return answer(state, summary, !nextDefinitions(waiting));
}

/** Protocol::ColumnDefinition41. */
function readDefinition(state: MysqlState, reader: FieldReader): { column: Column; words: string } {
  readText(reader, 'catalog');
  readText(reader, 'schema');
  readText(reader, 'table');
  readText(reader, 'original table');
  const name = readText(reader, 'name');
  readText(reader, 'original name');
  if ((state.extended & extended.metadata) !== 0) {
    const length = skipLength(reader);
    if (0 < length) reader.data('extended metadata', length);
  }
  reader.skip(1);
  const charset = reader.u16Le('character set');
  reader.u32Le('length');
  const type = reader.u8('type', (value) => `${typeName(value, charset)} (${value})`);
  const flags = reader.u16Le('flags', definitionFlags);
  reader.u8('decimals');
  const isUnsigned = (flags & 0x20) !== 0;
  const hasBytes = (249 <= type && type <= 255 && type !== 246 && isBinaryCharset(charset)) || type === 16;
  const words = `${name} ${typeName(type, 249 <= type && type <= 254 ? charset : 0)}${isUnsigned && isNumeric(type) && type !== 13 ? ' UNSIGNED' : ''}`;
  reader.skip(Math.min(2, reader.left));
  return { column: { name, type, isUnsigned, isBinary: hasBytes }, words };
}

const flagNames: readonly string[] = ['not null', 'primary key', 'unique key', 'multiple key', 'blob', 'unsigned', 'zerofill', 'binary', 'enum', 'auto increment', 'timestamp', 'set', 'no default', 'on update now'];

function definitionFlags(flags: number): string {
  return flagNames.filter((_, bit) => ((flags >>> bit) & 1) === 1).join(', ') || 'none';
}

/** EOF behind definitions. */
function columnsEnd(state: MysqlState, waiting: Waiting, reader: FieldReader): Told {
  const { summary, status } = eofPacket(reader);
  if (waiting.command === prepare) return answer(state, summary, !nextDefinitions(waiting));
  // With a cursor rows come when they are fetched.
  if ((status & cursorExists) !== 0) return answer(state, summary, true);
  if (waiting.command === 0x04) return answer(state, summary, true);
  waiting.phase = 'rows';
  waiting.rows = 0;
  return answer(state, summary, false);
}

/** A prepared statement's columns come behind its parameters. @returns whether there are any */
function nextDefinitions(waiting: Waiting): boolean {
  if (waiting.columnsLeft === 0) return false;
  waiting.left = waiting.columnsLeft;
  waiting.columnsLeft = 0;
  waiting.phase = 'columns';
  return true;
}

/** COM_STMT_PREPARE_OK: id, numbers of columns and parameters, warnings. */
function prepared(state: MysqlState, waiting: Waiting, reader: FieldReader): Told {
  reader.u8('packet', () => 'prepare OK');
  const id = reader.u32Le('statement');
  const columns = reader.u16Le('column count');
  const parameterCount = reader.u16Le('parameter count');
  reader.skip(Math.min(1, reader.left));
  if (2 <= reader.left) reader.u16Le('warnings');
  let hasDefinitions = true;
  if (has(state, capability.optionalMetadata) && 0 < reader.left) hasDefinitions = reader.u8('metadata follows') !== 0;
  const statement: Statement = { query: waiting.query, parameterCount, types: [], sent: [], columns: waiting.columns };
  if (!reader.isBroken) remember(state, id, statement);
  waiting.statement = statement;
  waiting.left = parameterCount;
  waiting.columnsLeft = columns;
  waiting.phase = 'parameters';
  const isDone = !hasDefinitions || (parameterCount === 0 && !nextDefinitions(waiting));
  return answer(state, `statement ${id}: ${counted(parameterCount, 'parameter')}, ${counted(columns, 'column')}`, isDone);
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Characters of a row that are worded for its summary. */
const maxRowText = 320;

/** A row, or what ends the rows: OK where both sides have given up EOF. */
function row(state: MysqlState, waiting: Waiting, reader: FieldReader, length: number): Told {
  const first = reader.peek();
  const isOk = has(state, capability.deprecateEof);
  if (first === 0xfe && (isOk ? length < 0xffffff : length < 9)) return rowsEnd(state, waiting, reader, isOk);
  waiting.phase = 'rows';
  waiting.rows += 1;
  const isBinary = waiting.command === execute || waiting.command === fetch || waiting.command === bulkExecute;
  return answer(state, isBinary ? binaryRow(waiting.columns, reader) : textRow(waiting.columns, reader), false);
}

function rowsEnd(state: MysqlState, waiting: Waiting, reader: FieldReader, isOk: boolean): Told {
  const { rows } = waiting;
  const { status, summary } = isOk ? okPacket(state, reader) : eofPacket(reader);
  const rest = summary.replace(/^(OK|EOF)/, '');
  if (isOk && rows === 0 && (status & cursorExists) !== 0 && waiting.command === execute) return ended(state, waiting, `cursor opened${rest}`, status);
  return ended(state, waiting, `${rows === 1 ? '1 row' : `${rows} rows`}${rest}`, status);
}

function textRow(columns: readonly Column[], reader: FieldReader): string {
  let summary = 'row: ';
  for (let i = 0; 0 < reader.left; i++) {
    const column = columns[i];
    const text = readTextValue(reader, column === undefined ? `column ${i + 1}` : column.name, column);
    if (summary.length < maxRowText) summary += i === 0 ? text : `, ${text}`;
  }
  return summary;
}

/** A zero, bits of those that are NULL (from bit 2 on), values. */
function binaryRow(columns: readonly Column[], reader: FieldReader): string {
  const { bytes } = reader;
  reader.skip(1);
  if (columns.length === 0) return `row of ${reader.left + 1} bytes`;
  const at = reader.at;
  reader.skip((columns.length + 9) >> 3);
  let summary = 'row: ';
  for (let i = 0; i < columns.length && !reader.isBroken; i++) {
    const column = columns[i]!;
    const bit = i + 2;
    const isNull = (((bytes[at + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1;
    if (isNull) reader.add(column.name, at + (bit >> 3), at + (bit >> 3) + 1, 'NULL');
    const text = isNull ? 'NULL' : readBinaryValue(reader, column.name, column);
    if (summary.length < maxRowText) summary += i === 0 ? text : `, ${text}`;
  }
  return summary;
}

// ---- replication ----------------------------------------------------------------------------------------------------

/** Log_event_type; those from 160 on are MariaDB's. */
const eventNames: Readonly<Record<number, string>> = {
  0: 'UNKNOWN_EVENT', 1: 'START_EVENT_V3', 2: 'QUERY_EVENT', 3: 'STOP_EVENT', 4: 'ROTATE_EVENT', 5: 'INTVAR_EVENT', 6: 'LOAD_EVENT', 8: 'CREATE_FILE_EVENT',
  9: 'APPEND_BLOCK_EVENT', 10: 'EXEC_LOAD_EVENT', 11: 'DELETE_FILE_EVENT', 13: 'RAND_EVENT', 14: 'USER_VAR_EVENT', 15: 'FORMAT_DESCRIPTION_EVENT', 16: 'XID_EVENT',
  17: 'BEGIN_LOAD_QUERY_EVENT', 18: 'EXECUTE_LOAD_QUERY_EVENT', 19: 'TABLE_MAP_EVENT', 23: 'WRITE_ROWS_EVENTv1', 24: 'UPDATE_ROWS_EVENTv1', 25: 'DELETE_ROWS_EVENTv1',
  26: 'INCIDENT_EVENT', 27: 'HEARTBEAT_EVENT', 28: 'IGNORABLE_EVENT', 29: 'ROWS_QUERY_EVENT', 30: 'WRITE_ROWS_EVENT', 31: 'UPDATE_ROWS_EVENT', 32: 'DELETE_ROWS_EVENT',
  33: 'GTID_EVENT', 34: 'ANONYMOUS_GTID_EVENT', 35: 'PREVIOUS_GTIDS_EVENT', 36: 'TRANSACTION_CONTEXT_EVENT', 37: 'VIEW_CHANGE_EVENT', 38: 'XA_PREPARE_EVENT',
  39: 'PARTIAL_UPDATE_ROWS_EVENT', 40: 'TRANSACTION_PAYLOAD_EVENT', 41: 'HEARTBEAT_EVENT_V2', 42: 'GTID_TAGGED_EVENT', 160: 'ANNOTATE_ROWS_EVENT', 161: 'BINLOG_CHECKPOINT_EVENT',
  162: 'GTID_EVENT', 163: 'GTID_LIST_EVENT', 164: 'START_ENCRYPTION_EVENT', 165: 'QUERY_COMPRESSED_EVENT', 166: 'WRITE_ROWS_COMPRESSED_EVENT_V1',
  167: 'UPDATE_ROWS_COMPRESSED_EVENT_V1', 168: 'DELETE_ROWS_COMPRESSED_EVENT_V1',
};
/** A replica that confirms what it wrote is asked to by two bytes in front of each event (semi-synchronous replication). */
const semiSync = 0xef;

function event(state: MysqlState, reader: FieldReader): Told {
  reader.skip(1);
  if (reader.peek() === semiSync) {
    reader.skip(1);
    reader.u8('confirmation wanted');
  }
  reader.u32Le('timestamp', (seconds) => (seconds === 0 ? '0' : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`));
  const type = reader.u8('event', (value) => eventNames[value] ?? String(value));
  reader.u32Le('server id');
  reader.u32Le('size');
  const next = reader.u32Le('next position');
  reader.u16Le('flags');
  reader.rest('event data');
  return answer(state, `${eventNames[type] ?? `event ${type}`}${next === 0 ? '' : `, next at ${next}`}`, false);
}

