// What a MySQL or MariaDB session remembers: capabilities, the command that is being answered and how far, prepared statements.

import type { MessageKind } from '../../shared/message.js';
import type { Speaker } from '../../shared/flow.js';
import type { Handover } from './dissector.js';
import type { Column } from './mysqlTypes.js';

/** Columns and parameters remembered; a table has at most 4,096, a screen far fewer. */
const maxKept = 500;
/** Prepared statements remembered by id. Of an evicted one parameters are shown without types. */
const maxStatements = 256;
/** Commands that wait for their answer: a client that pipelines sends a few. */
const maxWaiting = 1024;
/** Characters of a statement's SQL that are kept for those who execute it. */
const maxQueryText = 200;

/** Client capabilities ("Capabilities Flags"), as far as they change what is sent. */
export const capability = {
  mysql: 1, connectWithDatabase: 1 << 3, compress: 1 << 5, protocol41: 1 << 9, ssl: 1 << 11, secureConnection: 1 << 15, pluginAuth: 1 << 19, attributes: 1 << 20,
  lengthEncodedAuth: 1 << 21, sessionTrack: 1 << 23, deprecateEof: 1 << 24, optionalMetadata: 1 << 25, zstd: 1 << 26, queryAttributes: 1 << 27,
} as const;

/** MariaDB's own, from bit 32 on ("MariaDB extended capabilities"). */
export const extended = { metadata: 1 << 3, cacheMetadata: 1 << 4 } as const;

export interface Statement {
  query: string;
  parameterCount: number;
  /** of the last execution that told them */
  types: Column[];
  /** parameters that were sent ahead, by their index */
  sent: number[];
  columns: Column[];
}

/** A command and how far its answer has come. */
export interface Waiting {
  key: number;
  command: number;
  query: string;
  statement: Statement | undefined;
  /** what the next packet of the answer is */
  phase: 'first' | 'parameters' | 'columns' | 'columnsEnd' | 'rows' | 'events';
  /** definitions that are still to come */
  left: number;
  /** columns of a prepared statement, which come behind its parameters */
  columnsLeft: number;
  columns: Column[];
  rows: number;
}

export interface MysqlState {
  phase: 'greeting' | 'authentication' | 'commands';
  isGreeted: boolean;
  /** what the server can do; all of it where its greeting was not heard */
  offered: number;
  /** what both can do */
  capabilities: number;
  /** as `capabilities`: what was offered, then what both can do */
  extended: number;
  /** packets travel in compressed frames */
  compression: '' | 'deflate' | 'zstd';
  waiting: Waiting[];
  nextKey: number;
  /** the client sends a file: its packets are data until an empty one */
  isFile: boolean;
  statements: Map<number, Statement>;
  /** the packet that began is longer than a header can tell: its next part follows */
  continues: Record<Speaker, boolean>;
  frames: Record<Speaker, Frames>;
}

/** What a compressed frame left over: the beginning of a packet. */
export interface Frames {
  rest: Uint8Array;
  /** bytes of a packet that is not looked at to its end */
  skip: number;
  /** a frame could not be read: where the next packet begins is not known */
  isLost: boolean;
}

/** What a packet turned out to be. */
export interface Told {
  kind: MessageKind;
  summary: string;
  asks?: number;
  answers?: number;
  isPartial?: boolean;
  handover?: Handover;
}

export function startState(): MysqlState {
  return {
    phase: 'greeting', isGreeted: false, offered: -1, capabilities: capability.protocol41, extended: -1, compression: '', waiting: [], nextKey: 0, isFile: false,
    statements: new Map(), continues: { client: false, upstream: false }, frames: { client: startFrames(), upstream: startFrames() },
  };
}

export function startFrames(): Frames {
  return { rest: new Uint8Array(0), skip: 0, isLost: false };
}

/** Remembers that a command waits for its answer. @returns what the answer names */
export function wait(state: MysqlState, command: number, query = '', statement?: Statement): number {
  const key = state.nextKey++;
  if (maxWaiting <= state.waiting.length) state.waiting.shift();
  state.waiting.push({ key, command, query: query.slice(0, maxQueryText), statement, phase: 'first', left: 0, columnsLeft: 0, columns: [], rows: 0 });
  return key;
}

/** An answer, or a part of one. */
export function answer(state: MysqlState, summary: string, isDone: boolean): Told {
  const [waiting] = state.waiting;
  if (waiting === undefined) return { kind: 'answer', summary };
  if (isDone) state.waiting.shift();
  return isDone ? { kind: 'answer', summary, answers: waiting.key } : { kind: 'answer', summary, answers: waiting.key, isPartial: true };
}

export function remember(state: MysqlState, id: number, statement: Statement): void {
  state.statements.delete(id);
  if (maxStatements <= state.statements.size) for (const oldest of state.statements.keys()) { state.statements.delete(oldest); break; }
  state.statements.set(id, statement);
}

export function keep<T>(list: T[], value: T): void {
  if (list.length < maxKept) list.push(value);
}

export function has(state: MysqlState, flag: number): boolean {
  return (state.capabilities & flag) !== 0;
}
