// What a PostgreSQL client says once it is connected (PostgreSQL documentation, "Message Formats", those marked F).

import type { MessageKind } from '../../shared/message.js';
import { say } from '../../shared/sentences.js';
import type { FieldReader } from './fieldReader.js';
import { copyData, maxKeptText } from './postgresCopy.js';
import { formatAt, keep, remember, wait, type PostgresState, type Statement } from './postgresState.js';
import { typeName, valueOf } from './postgresTypes.js';
import { readSql } from './sqlSecrets.js';

/** What a message turned out to be. */
export interface Told {
  kind: MessageKind;
  summary: string;
  asks?: number;
  answers?: number;
  isPartial?: boolean;
}

export const clientNames: Readonly<Record<number, string>> = {
  0x42: 'Bind', 0x43: 'Close', 0x44: 'Describe', 0x45: 'Execute', 0x46: 'FunctionCall', 0x48: 'Flush', 0x50: 'Parse', 0x51: 'Query', 0x53: 'Sync', 0x58: 'Terminate',
  0x63: 'CopyDone', 0x64: 'CopyData', 0x66: 'CopyFail', 0x70: 'PasswordMessage',
};

/** @returns what a message is called, now that it is known what was asked for */
export function clientName(state: PostgresState, type: number): string {
  if (type !== 0x70) return clientNames[type] ?? '';
  const { authentication } = state;
  return authentication === 10 ? 'SASLInitialResponse' : authentication === 11 ? 'SASLResponse' : 7 <= authentication && authentication <= 9 ? 'GSSResponse' : 'PasswordMessage';
}

/** Reads the body of a message. */
export function clientMessage(state: PostgresState, type: number, reader: FieldReader): Told {
  switch (type) {
    case 0x51:
      return { kind: 'request', summary: sql(reader), asks: unlessSkipping(state, () => wait(state, 'Q')) };
    case 0x50:
      return parse(state, reader);
    case 0x42:
      return bind(state, reader);
    case 0x44:
      return describe(state, reader);
    case 0x45:
      return execute(state, reader);
    case 0x43:
      return close(state, reader);
    case 0x53:
      return sync(state);
    case 0x48:
      return { kind: 'notice', summary: 'Flush' };
    case 0x58:
      return { kind: 'notice', summary: 'Terminate' };
    case 0x46:
      return functionCall(state, reader);
    case 0x64:
      return { kind: 'notice', summary: copyData(state, reader, 'client') };
    case 0x63:
      if (state.copy === 'in') state.copy = '';
      return { kind: 'notice', summary: 'CopyDone' };
    case 0x66:
      if (state.copy === 'in') state.copy = '';
      return { kind: 'notice', summary: `CopyFail: ${reader.zeroEnded('reason')}` };
    default:
      return password(state, reader);
  }
}

function unlessSkipping(state: PostgresState, ask: () => number): number {
  // A key that no answer names: the request stays unanswered, as it does on the wire.
  return state.isSkipping ? state.nextKey++ : ask();
}

/** A zero-ended text in which passwords are masked. */
function sql(reader: FieldReader): string {
  const zero = reader.bytes.indexOf(0, reader.at);
  const isWhole = 0 <= zero && zero < reader.end;
  const text = readSql(reader, 'query', (isWhole ? zero : reader.end) - reader.at);
  // The zero byte is part of the message, not of the field: what is shown is what was written.
  if (isWhole) reader.skip(1);
  return text === '' ? 'empty query' : text;
}

/** Parse: name of the statement, SQL, types of parameters that the client wants to fix. */
function parse(state: PostgresState, reader: FieldReader): Told {
  const name = reader.zeroEnded('statement');
  const summary = sql(reader);
  const count = reader.u16('parameter count');
  const statement: Statement = { query: summary.slice(0, maxKeptText), parameters: [], columns: undefined };
  for (let i = 0; i < count && 0 < reader.left; i++) keep(statement.parameters, reader.u32(`$${i + 1} type`, (type) => (type === 0 ? 'not given' : typeName(type))));
  if (!state.isSkipping) remember(state.statements, name.slice(0, maxKeptText), statement);
  return { kind: 'request', summary, asks: unlessSkipping(state, () => wait(state, 'P', { statement })) };
}

/** Bind: portal, statement, formats of the parameters, their values, formats of the results. */
function bind(state: PostgresState, reader: FieldReader): Told {
  const portalName = reader.zeroEnded('portal');
  const name = reader.zeroEnded('statement');
  const statement = state.statements.get(name.slice(0, maxKeptText));
  const formats = readFormats(reader, 'parameter format');
  const count = reader.u16('parameter count');
  const shown: string[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const text = readValue(reader, `$${i + 1}`, statement?.parameters[i] ?? 0, formatAt(formats, i) === 1);
    if (shown.length < maxShown) shown.push(`$${i + 1} = ${text}`);
  }
  const portal = { statement, formats: readFormats(reader, 'result format'), columns: undefined };
  if (!state.isSkipping) remember(state.portals, portalName.slice(0, maxKeptText), portal);
  const summary = count === 0 ? `bind${name === '' ? '' : ` ${name}`}, no parameters` : shown.join(', ');
  return { kind: 'request', summary, asks: unlessSkipping(state, () => wait(state, 'B', { portal })) };
}

/** Values in a summary, which is one line. */
const maxShown = 24;

function readFormats(reader: FieldReader, name: string): number[] {
  const count = reader.u16(`${name} count`);
  const formats: number[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) keep(formats, reader.u16(name, formatName));
  return formats;
}

export function formatName(code: number): string {
  return code === 0 ? 'text' : code === 1 ? 'binary' : String(code);
}

/**
 * A value behind its length, which is -1 for NULL.
 *
 * @returns as it is worded in a summary
 */
export function readValue(reader: FieldReader, name: string, type: number, isBinary: boolean): string {
  const { bytes, at } = reader;
  const length = reader.left < 4 ? 0 : (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  reader.skip(4);
  if (reader.isBroken) return '…';
  if (length < 0) {
    reader.add(name, at, at + 4, 'NULL');
    return 'NULL';
  }
  const start = at + 4;
  const stop = start + length <= reader.end ? start + length : reader.end;
  const { text, value, isQuoted } = valueOf(bytes, start, stop, type, isBinary);
  reader.add(name, start, stop, text, undefined, value);
  reader.at = stop;
  if (stop - start < length) {
    reader.problem('error', say`${name} says ${length} bytes, ${stop - start} are left`, start, stop);
    reader.isBroken = true;
  }
  return isQuoted ? quoted(text) : text;
}

/** Longest value in a summary. */
const maxQuoted = 120;

function quoted(text: string): string {
  return text.length <= maxQuoted ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, maxQuoted)).slice(0, -1)}…"`;
}

/** Describe: a statement (S) or a portal (P). */
function describe(state: PostgresState, reader: FieldReader): Told {
  const { what, name } = target(reader);
  const about = what === 'statement' ? { statement: state.statements.get(name) } : { portal: state.portals.get(name) };
  return { kind: 'request', summary: named(`Describe ${what}`, name), asks: unlessSkipping(state, () => wait(state, 'D', about)) };
}

function close(state: PostgresState, reader: FieldReader): Told {
  const { what, name } = target(reader);
  if (!state.isSkipping) (what === 'statement' ? state.statements : state.portals).delete(name);
  return { kind: 'request', summary: named(`Close ${what}`, name), asks: unlessSkipping(state, () => wait(state, 'C')) };
}

function target(reader: FieldReader): { what: 'statement' | 'portal'; name: string } {
  const code = reader.u8('target', { 0x53: 'statement', 0x50: 'portal' });
  const what = code === 0x50 ? 'portal' : 'statement';
  return { what, name: reader.zeroEnded(what).slice(0, maxKeptText) };
}

function named(words: string, name: string): string {
  return name === '' ? words : `${words} ${name}`;
}

/** Execute: a portal, and how many rows at most (0 = all). */
function execute(state: PostgresState, reader: FieldReader): Told {
  const name = reader.zeroEnded('portal').slice(0, maxKeptText);
  const most = reader.u32('max rows');
  const portal = state.portals.get(name);
  const query = portal?.statement?.query ?? '';
  const summary = `${named('Execute', name)}${most === 0 ? '' : `, at most ${most} ${most === 1 ? 'row' : 'rows'}`}${query === '' ? '' : `: ${query}`}`;
  return { kind: 'request', summary, asks: unlessSkipping(state, () => wait(state, 'E', { portal })) };
}

function sync(state: PostgresState): Told {
  // While it is being fed, the server ignores Sync ("COPY Operations").
  if (state.copy === 'in') return { kind: 'notice', summary: 'Sync' };
  state.isSkipping = false;
  return { kind: 'request', summary: 'Sync', asks: wait(state, 'S') };
}

/** FunctionCall: object id of the function, formats, arguments, format of the result. */
function functionCall(state: PostgresState, reader: FieldReader): Told {
  const id = reader.u32('function');
  const formats = readFormats(reader, 'argument format');
  const count = reader.u16('argument count');
  const shown: string[] = [];
  for (let i = 0; i < count && 0 < reader.left; i++) {
    const text = readValue(reader, 'argument', 0, formatAt(formats, i) === 1);
    if (shown.length < maxShown) shown.push(text);
  }
  reader.u16('result format', formatName);
  return { kind: 'request', summary: `call function ${id}(${shown.join(', ')})`, asks: unlessSkipping(state, () => wait(state, 'F')) };
}

/** What it means depends on what the server asked for: "Message Formats", all those with type p. */
function password(state: PostgresState, reader: FieldReader): Told {
  const name = clientName(state, 0x70);
  let summary = name === 'PasswordMessage' ? 'password ••••••' : name;
  if (name === 'SASLInitialResponse') {
    summary = `${name} ${reader.zeroEnded('mechanism')}`;
    if (reader.u32('response length') !== 0xffffffff) reader.secret('response', reader.left);
  } else {
    reader.secret(name === 'PasswordMessage' ? 'password' : 'response', reader.left);
  }
  return { kind: 'request', summary, asks: wait(state, 'password') };
}
