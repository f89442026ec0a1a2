// What a PostgreSQL server says (PostgreSQL documentation, "Message Formats", those marked B).

import type { Severity } from '../../shared/message.js';
import { verbatim } from '../../shared/sentences.js';
import type { FieldReader } from './fieldReader.js';
import { formatName, readValue, type Told } from './postgresClient.js';
import { copyData } from './postgresCopy.js';
import { conditionName } from './postgresErrors.js';
import { answered, columnsOf, keep, skipToSync, type Column, type PostgresState, type Waiting, type WaitingKind } from './postgresState.js';
import { typeName } from './postgresTypes.js';

export const serverNames: Readonly<Record<number, string>> = {
  0x31: 'ParseComplete', 0x32: 'BindComplete', 0x33: 'CloseComplete', 0x41: 'NotificationResponse', 0x43: 'CommandComplete', 0x44: 'DataRow', 0x45: 'ErrorResponse',
  0x47: 'CopyInResponse', 0x48: 'CopyOutResponse', 0x49: 'EmptyQueryResponse', 0x4b: 'BackendKeyData', 0x4e: 'NoticeResponse', 0x52: 'Authentication',
  0x53: 'ParameterStatus', 0x54: 'RowDescription', 0x56: 'FunctionCallResponse', 0x57: 'CopyBothResponse', 0x5a: 'ReadyForQuery', 0x63: 'CopyDone', 0x64: 'CopyData',
  0x6e: 'NoData', 0x73: 'PortalSuspended', 0x74: 'ParameterDescription', 0x76: 'NegotiateProtocolVersion',
};

const running: readonly WaitingKind[] = ['E', 'Q'];
const parsing: readonly WaitingKind[] = ['P'];
const binding: readonly WaitingKind[] = ['B'];
const closing: readonly WaitingKind[] = ['C'];
const describing: readonly WaitingKind[] = ['D'];
const described: readonly WaitingKind[] = ['D', 'Q', 'E'];
const calling: readonly WaitingKind[] = ['F'];
const authenticating: readonly WaitingKind[] = ['password'];
const starting: readonly WaitingKind[] = ['startup'];
const ending: readonly WaitingKind[] = ['S', 'Q', 'F', 'startup'];

/** Reads the body of a message. */
export function serverMessage(state: PostgresState, type: number, reader: FieldReader): Told {
  switch (type) {
    case 0x44:
      return dataRow(state, reader);
    case 0x31:
      return done('ParseComplete', answered(state, parsing, true));
    case 0x32:
      return done('BindComplete', answered(state, binding, true));
    case 0x33:
      return done('CloseComplete', answered(state, closing, true));
    case 0x43:
      return finished(state, reader.zeroEnded('command'));
    case 0x49:
      return finished(state, 'EmptyQueryResponse');
    case 0x73:
      return finished(state, 'PortalSuspended');
    case 0x54:
      return rowDescription(state, reader);
    case 0x74:
      return parameterDescription(state, reader);
    case 0x6e:
      return noData(state);
    case 0x45:
      return errorResponse(state, reader);
    case 0x4e:
      return { kind: 'notice', summary: complaint(reader) };
    case 0x5a:
      return readyForQuery(state, reader);
    case 0x52:
      return authentication(state, reader);
    case 0x53:
      return { kind: 'notice', summary: `${reader.zeroEnded('parameter')} = ${reader.zeroEnded('value')}` };
    case 0x4b:
      return backendKeyData(state, reader);
    case 0x41:
      return notification(reader);
    case 0x56:
      return partly(`result ${readValue(reader, 'result', 0, false)}`, answered(state, calling, false));
    case 0x47:
      return copyResponse(state, reader, 'in');
    case 0x48:
      return copyResponse(state, reader, 'out');
    case 0x57:
      return copyResponse(state, reader, 'both');
    case 0x64:
      return partly(copyData(state, reader, 'upstream'), answered(state, running, false));
    case 0x63:
      return partly('CopyDone', answered(state, running, false));
    default:
      return negotiation(state, reader);
  }
}

function done(summary: string, to: Waiting | undefined): Told {
  return to === undefined ? { kind: 'answer', summary } : { kind: 'answer', summary, answers: to.key };
}

function partly(summary: string, to: Waiting | undefined): Told {
  return to === undefined ? { kind: 'answer', summary } : { kind: 'answer', summary, answers: to.key, isPartial: true };
}

// ---- connecting -----------------------------------------------------------------------------------------------------

const authentications: Readonly<Record<number, string>> = {
  0: 'authentication ok', 2: 'wants Kerberos V5', 3: 'wants the password in clear text', 5: 'wants the password as MD5', 6: 'wants SCM credentials', 7: 'wants GSSAPI', 8: 'GSSAPI goes on',
  9: 'wants SSPI', 10: 'wants SASL', 11: 'SASL goes on', 12: 'SASL is complete',
};

function authentication(state: PostgresState, reader: FieldReader): Told {
  const code = reader.u32('authentication', authentications);
  let summary = authentications[code] ?? `authentication ${code}`;
  state.authentication = code;
  if (code === 5) reader.secret('salt', 4);
  if (code === 10) {
    const mechanisms: string[] = [];
    while (1 < reader.left) mechanisms.push(reader.zeroEnded('mechanism'));
    reader.skip(1);
    summary = `${summary}: ${mechanisms.slice(0, 8).join(', ')}`;
  }
  if (8 === code || code === 11 || code === 12) reader.secret('data', reader.left);
  // SASLFinal is followed by Ok at once: both answer the same message of the client.
  const to = state.waiting.some(({ kind }) => kind === 'password') ? passwordAnswered(state, code !== 12) : answered(state, starting, false);
  return state.waiting.length === 0 && to === undefined ? { kind: 'answer', summary } : code === 12 || to?.kind === 'startup' ? partly(summary, to) : done(summary, to);
}

/** The password came later than the startup, which goes on waiting. */
function passwordAnswered(state: PostgresState, isDone: boolean): Waiting | undefined {
  const startup = state.waiting[0]?.kind === 'startup' ? state.waiting.shift() : undefined;
  const found = answered(state, authenticating, isDone);
  if (startup !== undefined) state.waiting.unshift(startup);
  return found;
}

function backendKeyData(state: PostgresState, reader: FieldReader): Told {
  const process = reader.u32('process');
  reader.secret('secret key', reader.left);
  return partly(`process ${process}`, answered(state, starting, false));
}

/** NegotiateProtocolVersion: newest minor version, and options that are not known. */
function negotiation(state: PostgresState, reader: FieldReader): Told {
  const version = reader.u32('newest version', versionText);
  const count = reader.u32('option count');
  const options: string[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const option = reader.zeroEnded('option');
    if (options.length < 16) options.push(option);
  }
  return partly(`speaks at most ${versionText(version)}${options.length === 0 ? '' : `, does not know ${options.join(', ')}`}`, answered(state, starting, false));
}

/** Some servers tell the minor version only. */
export function versionText(version: number): string {
  return version < 0x10000 ? `3.${version}` : `${version >>> 16}.${version & 0xffff}`;
}

// ---- results --------------------------------------------------------------------------------------------------------

/** RowDescription: name, table, number, type, size, modifier and format of each column. */
function rowDescription(state: PostgresState, reader: FieldReader): Told {
  const to = answered(state, described, false);
  if (to?.kind === 'D') answered(state, describing, true);
  const count = reader.u16('column count');
  const columns: Column[] = [];
  const shown: string[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) {
    reader.group('column', () => column(reader), ({ name, type }) => {
      keep(columns, { name, type, isBinary: lastFormat(reader) });
      const text = `${name} ${typeName(type)}`;
      if (shown.length < 24) shown.push(text);
      return text;
    });
  }
  if (to !== undefined) setColumns(to, columns);
  const summary = count === 0 ? 'no columns' : `columns ${shown.join(', ')}`;
  return to?.kind === 'D' ? done(summary, to) : partly(summary, to);
}

function column(reader: FieldReader): { name: string; type: number } {
  const name = reader.zeroEnded('name');
  reader.u32('table');
  reader.u16('number');
  const type = reader.u32('type', (id) => `${typeName(id)} (${id})`);
  reader.i16('size');
  reader.i32('modifier');
  reader.u16('format', formatName);
  return { name, type };
}

/** The format is the last thing that was read. */
function lastFormat(reader: FieldReader): boolean {
  return reader.bytes[reader.at - 1] === 1;
}

function setColumns(to: Waiting, columns: Column[]): void {
  if (to.kind !== 'D') to.columns = columns;
  else if (to.portal !== undefined) to.portal.columns = columns;
  else if (to.statement !== undefined) to.statement.columns = columns;
}

function noData(state: PostgresState): Told {
  const to = answered(state, describing, true);
  if (to !== undefined) setColumns(to, []);
  return done('NoData', to);
}

function parameterDescription(state: PostgresState, reader: FieldReader): Told {
  const to = answered(state, describing, false);
  const count = reader.u16('parameter count');
  const types: number[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) keep(types, reader.u32(`$${i + 1} type`, typeName));
  if (to?.statement !== undefined) to.statement.parameters = types;
  return partly(count === 0 ? 'no parameters' : `parameters ${types.slice(0, 24).map((type, i) => `$${i + 1} ${typeName(type)}`).join(', ')}`, to);
}

/** Characters of a row that are worded for its summary. */
const maxRowText = 320;
const noColumns: readonly Column[] = [];

/** The message of which there are thousands: one field per column, and nothing else that costs. */
function dataRow(state: PostgresState, reader: FieldReader): Told {
  const to = answered(state, running, false);
  const columns = to === undefined ? noColumns : columnsOf(to);
  const count = reader.u16('column count');
  let summary = 'row: ';
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const about = columns[i];
    const text = about === undefined ? readValue(reader, `column ${i + 1}`, 0, false) : readValue(reader, about.name, about.type, about.isBinary);
    if (summary.length < maxRowText) summary += i === 0 ? text : `, ${text}`;
  }
  return partly(count === 0 ? 'row without columns' : summary, to);
}

/** CommandComplete, EmptyQueryResponse and PortalSuspended: the end of what Execute asked for; a query may go on with its next statement. */
function finished(state: PostgresState, summary: string): Told {
  const isQuery = answered(state, running, false)?.kind === 'Q';
  const to = answered(state, running, !isQuery);
  if (to !== undefined) to.columns = undefined;
  state.copy = '';
  return isQuery ? partly(summary, to) : done(summary, to);
}

const states: Readonly<Record<number, string>> = { 0x49: 'idle', 0x54: 'in transaction', 0x45: 'failed transaction' };

function readyForQuery(state: PostgresState, reader: FieldReader): Told {
  const code = reader.u8('transaction', (byte) => states[byte] ?? String.fromCharCode(byte));
  state.copy = '';
  return done(`ready (${states[code] ?? 'unknown state'})`, answered(state, ending, true));
}

/** A channel that somebody listens to: process that notified, channel, payload. */
function notification(reader: FieldReader): Told {
  const process = reader.u32('process');
  const channel = reader.zeroEnded('channel');
  const payload = reader.zeroEnded('payload');
  return { kind: 'notice', summary: `NOTIFY ${channel}${payload === '' ? '' : `, ${JSON.stringify(payload)}`} from process ${process}` };
}

/** Format of the whole (0 = text, rows as lines), and of each column. */
function copyResponse(state: PostgresState, reader: FieldReader, way: 'in' | 'out' | 'both'): Told {
  const format = formatName(reader.u8('format', formatName));
  const count = reader.u16('column count');
  for (let i = 0; i < count && 0 < reader.left; i++) reader.u16('column format', formatName);
  state.copy = way;
  const to = answered(state, running, false);
  // A Sync that was sent along with Execute is not answered: while it is being fed, the server ignores it ("COPY Operations").
  if (way === 'in' && to?.kind === 'E') state.waiting.splice(1, state.waiting.length);
  return partly(way === 'both' ? 'copy both ways starts' : `copy ${way} starts, ${format}, ${count === 1 ? '1 column' : `${count} columns`}`, to);
}

// ---- errors and notices ---------------------------------------------------------------------------------------------

/** "Error and Notice Message Fields". */
const parts: Readonly<Record<number, string>> = {
  0x53: 'severity', 0x56: 'severity code', 0x43: 'code', 0x4d: 'message', 0x44: 'detail', 0x48: 'hint', 0x50: 'position', 0x70: 'internal position', 0x71: 'internal query',
  0x57: 'where', 0x73: 'schema', 0x74: 'table', 0x63: 'column', 0x64: 'data type', 0x6e: 'constraint', 0x46: 'file', 0x4c: 'line', 0x52: 'routine',
};

/** Severity as the server words it, and what it means to us. The untranslated one is there since 9.6. */
const severities: Readonly<Record<string, Severity>> = { ERROR: 'error', FATAL: 'error', PANIC: 'error', WARNING: 'warning' };

function errorResponse(state: PostgresState, reader: FieldReader): Told {
  const summary = complaint(reader);
  state.copy = '';
  if (state.waiting.some(({ kind }) => kind === 'password')) return done(summary, passwordAnswered(state, true));
  const [to] = state.waiting;
  if (to === undefined) return { kind: 'notice', summary };
  switch (to.kind) {
    case 'Q':
    case 'F':
      return partly(summary, to);
    case 'S':
      // Committing what was implicit may fail; ReadyForQuery follows.
      return partly(summary, to);
    case 'startup':
      state.waiting.shift();
      return done(summary, to);
    default:
      skipToSync(state);
      return done(summary, to);
  }
}

/** Reads the fields and notes the problem. @returns `ERROR 23505 unique_violation: duplicate key value…` */
function complaint(reader: FieldReader): string {
  const start = reader.at;
  const told: Record<string, string> = {};
  while (0 < reader.left && reader.peek() !== 0) {
    const letter = reader.peek();
    const from = reader.at;
    reader.skip(1);
    const name = parts[letter] ?? `field ${String.fromCharCode(letter)}`;
    const zero = reader.bytes.indexOf(0, reader.at);
    if (zero < 0 || reader.end <= zero) {
      reader.zeroEnded(name);
      break;
    }
    const text = reader.zeroEnded(name);
    const field = reader.fields[reader.fields.length - 1];
    // The letter belongs to it; the condition's name is what people know.
    if (field !== undefined && field.name === name) {
      field.range.start = reader.base + from;
      if (name === 'code') field.text = [text, conditionName(text)].join(' ').trim();
    }
    told[name] ??= text;
  }
  reader.skip(1);
  const severity = told['severity code'] ?? told['severity'] ?? 'ERROR';
  const code = told['code'] ?? '';
  const isPlain = code === '' || code === '00000';
  const text = `${isPlain ? '' : `${[code, conditionName(code)].join(' ').trim()}: `}${told['message'] ?? ''}`;
  reader.problem(severities[severity] ?? 'note', verbatim(text === '' ? severity : text), start, Math.min(reader.at, reader.end));
  return `${severity}${isPlain ? ': ' : ' '}${text}`;
}
