// What a PostgreSQL session remembers: where it stands, what waits for an answer, and the types of parameters and columns that make
// rows readable.

/** Parameters and columns remembered per statement; the server itself allows 1,664 columns, a screen far fewer. */
const maxKept = 500;
/** Statements and portals remembered by name. Pools prepare a few hundred; of an evicted one rows are shown without names. */
const maxNames = 256;
/** Messages that wait for an answer. */
const maxWaiting = 4096;
/** Waiting messages that may have been lost before the one that is answered, after a gap. */
const maxPassedOver = 64;

export interface Column {
  name: string;
  /** object id of the type */
  type: number;
  isBinary: boolean;
}

export interface Statement {
  /** its SQL as it is shown, for those who execute it later */
  query: string;
  /** object ids of types; 0 = not known */
  parameters: number[];
  columns: Column[] | undefined;
}

export interface Portal {
  statement: Statement | undefined;
  /** format codes of the results: none = all text, one = for all, else one each */
  formats: number[];
  columns: Column[] | undefined;
}

/** First letter: the message that waits (P B D E C S Q F), `startup`, or `password`. */
export type WaitingKind = 'P' | 'B' | 'D' | 'E' | 'C' | 'S' | 'Q' | 'F' | 'startup' | 'password';

export interface Waiting {
  key: number;
  kind: WaitingKind;
  statement: Statement | undefined;
  portal: Portal | undefined;
  columns: Column[] | undefined;
}

export interface PostgresState {
  /** the first message of a client has no type byte, and neither has the next one when encryption was refused */
  isStartup: boolean;
  /** what was asked for and not answered: the next byte of the server decides */
  encryption: '' | 'ssl' | 'gss';
  /** code of the last authentication request */
  authentication: number;
  waiting: Waiting[];
  nextKey: number;
  /** an extended query failed: everything up to Sync is ignored by the server */
  isSkipping: boolean;
  copy: '' | 'in' | 'out' | 'both';
  statements: Map<string, Statement>;
  portals: Map<string, Portal>;
}

export function startState(): PostgresState {
  return { isStartup: true, encryption: '', authentication: 0, waiting: [], nextKey: 0, isSkipping: false, copy: '', statements: new Map(), portals: new Map() };
}

/** Remembers that a message waits for an answer. @returns what its answer names */
export function wait(state: PostgresState, kind: WaitingKind, about: { statement?: Statement | undefined; portal?: Portal | undefined } = {}): number {
  const key = state.nextKey++;
  if (maxWaiting <= state.waiting.length) state.waiting.shift();
  state.waiting.push({ key, kind, statement: about.statement, portal: about.portal, columns: undefined });
  return key;
}

/**
 * Oldest waiting message of one of these kinds. Those before it were lost or ignored, and are forgotten.
 *
 * @param isDone no more of an answer comes
 */
export function answered(state: PostgresState, kinds: readonly WaitingKind[], isDone: boolean): Waiting | undefined {
  const { waiting } = state;
  const most = waiting.length < maxPassedOver ? waiting.length : maxPassedOver;
  for (let i = 0; i < most; i++) {
    const found = waiting[i]!;
    if (!kinds.includes(found.kind)) continue;
    if (0 < i) waiting.splice(0, i);
    if (isDone) waiting.shift();
    return found;
  }
  return undefined;
}

/** An error ends the extended query: what came before the next Sync is not answered any more ("Extended Query"). */
export function skipToSync(state: PostgresState): void {
  const sync = state.waiting.findIndex(({ kind }) => kind === 'S');
  state.isSkipping = sync < 0;
  state.waiting.splice(0, sync < 0 ? state.waiting.length : sync);
}

export function remember<T>(map: Map<string, T>, name: string, value: T): void {
  map.delete(name);
  if (maxNames <= map.size) for (const oldest of map.keys()) { map.delete(oldest); break; }
  map.set(name, value);
}

export function keep<T>(list: T[], value: T): void {
  if (list.length < maxKept) list.push(value);
}

/** Columns of the rows that answer a message; formats are told by Bind where the statement was described, not the portal. */
export function columnsOf(waiting: Waiting): readonly Column[] {
  if (waiting.columns !== undefined) return waiting.columns;
  const { portal } = waiting;
  const described = portal?.columns ?? portal?.statement?.columns?.map((column, i) => ({ ...column, isBinary: formatAt(portal.formats, i) === 1 }));
  waiting.columns = described ?? [];
  return waiting.columns;
}

export function formatAt(formats: readonly number[], index: number): number {
  return formats.length === 1 ? formats[0]! : (formats[index] ?? 0);
}
