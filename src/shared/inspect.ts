// What the inspector asks about messages of all flows: rows of a view, filters as they are typed, statistics, throughput.

import type { Speaker } from './flow.js';
import type { Touch } from './hold.js';
import type { MessageKind, Range, Severity } from './message.js';
import type { Sentence } from './sentences.js';
import type { RowBits } from './rowSet.js';

/** One line of the message list: a message, and where it is a request, its first answer beside it. */
export interface ExchangeRow {
  /** number of the message in the ledger: counts from 0 over all flows, never reused while a lens lives */
  row: number;
  flow: number;
  /** index of the message in its flow: what 'messages/get' takes */
  index: number;
  from: Speaker;
  protocol: string;
  kind: MessageKind;
  range: Range;
  startedAt: number;
  endedAt: number;
  summary: string;
  /** the worst of its problems and its answers' */
  severity?: Severity;
  stream?: number;
  /** an answer is expected and has not come; the connection is open */
  isWaiting?: true;
  /** an answer was expected and will not come: the connection is over */
  isUnanswered?: true;
  answer?: AnswerPart;
  /** in the listing 'messages': ledger number of the request that this answers */
  answers?: number;
  /** in the listing 'messages': ledger number of the first answer to this */
  answeredBy?: number;
  /** milliseconds from the last byte of the request to the first byte of its first answer, without the time the program stood at a breakpoint or the request was held */
  latencyMs?: number;
  /** milliseconds of it that a debugger held the program */
  pausedMs?: number;
  /** a person held it, changed it or took it away; of several things done, the last */
  touch?: RowTouch;
  /** bytes of the message and its answers */
  bytes: number;
  /** milliseconds the upstream took to accept the connection; on the first message of a flow */
  connectMs?: number;
  /** client's program, when known */
  program?: string;
  /** name of a colour: 'red', 'orange', 'yellow', 'green', 'blue', 'purple'; set by a mark or a colour rule */
  color?: RowColor;
  isMarked?: true;
  /** values of the columns that were asked for, in their order; '' where the message has none */
  cells: string[];
}

/** What was done to a message on its way. */
export interface RowTouch extends Pick<Touch, 'what' | 'heldMs'> {
  /** to the answer, not to the message itself */
  isAnswer?: true;
}

export const rowColors = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;
export type RowColor = (typeof rowColors)[number];

/** The answers to a request, as its row shows them. */
export interface AnswerPart {
  /** ledger number of the first answer */
  row: number;
  index: number;
  summary: string;
  severity?: Severity;
  startedAt: number;
  /** of the last answer so far */
  endedAt: number;
  /** answers so far */
  count: number;
}

/** Which messages a view holds, and in which order. */
export interface ViewQuery {
  /** expression of the filter language; '' = all */
  filter: string;
  /** 'exchanges': a request and its answers are one row; 'messages': each message is a row of its own */
  listing: 'exchanges' | 'messages';
  flow?: number;
  listenerId?: string;
  /** epoch milliseconds, a stretch of time: rows that overlap [from, to) */
  from?: number;
  to?: number;
  /** a debug session's id: flows that its programs opened */
  session?: string;
  /** undefined = in the order in which they were complete */
  sort?: { column: string; isDescending: boolean };
}

/**
 * Columns: 'time', 'protocol', 'message', 'answer', 'took', 'bytes', 'flow', 'client', 'upstream', 'route', 'program', 'from', 'stream', 'waterfall', and any
 * field of the filter language by its name ('http.status').
 */
export interface ViewPage {
  rows: ExchangeRow[];
  start: number;
  /** rows of the view so far */
  total: number;
  /** messages judged so far, of `all` in the ledger */
  judged: number;
  all: number;
  /** everything that the ledger has was judged; new messages are judged as they come */
  isDone: boolean;
  /**
   * Position at which older rows are still being put in: the ledger's end is judged first, so rows from there on stand further down as `judged` grows.
   * Undefined = positions only change by rows that are forgotten, get an answer that makes them pass, or are sorted.
   */
  growsAt?: number;
  /** rows that went from the front because the ledger is full; counts up */
  forgotten: number;
  /** bytes recorded that are not decoded yet */
  undecodedBytes: number;
}

/** What is wrong with a filter, and where. */
export interface FilterProblem {
  /** a whole sentence */
  message: Sentence;
  /** `[start, end)` in the expression; empty at its end when something is missing */
  start: number;
  end: number;
}

export interface Completion {
  text: string;
  kind: 'field' | 'operator' | 'value' | 'keyword' | 'saved';
  /** a phrase: what the field is, how often the value was seen */
  detail: string;
}

export interface FilterAnswer {
  problem?: FilterProblem;
  /** the filter in plain words: "Redis GET slower than 5 ms"; '' when it is empty or wrong */
  words: string;
  /** what may stand at the caret; it replaces `[start, end)` */
  completions: { start: number; end: number; items: Completion[] };
}

export interface StatRow {
  key: string;
  count: number;
  errors: number;
  /** milliseconds; undefined where nothing was answered */
  p50?: number;
  p95?: number;
  p99?: number;
  bytes: number;
}

/** One stretch of the prism: what flows from a listener over a protocol to an upstream. */
export interface PrismPath {
  listener: string;
  protocol: string;
  /** address, or '' for none */
  upstream: string;
  live: number;
  flows: number;
  /** bytes per second over the last two seconds, both directions */
  bytesPerSecond: number;
  messages: number;
  errors: number;
  p95?: number;
}

/** A type, not an interface: contracts are records. */
export type InspectRequests = {
  /** Makes a view; it stays until it is closed, or eight newer ones were opened. Decoding goes on while any view is open. */
  'view/open': { params: ViewQuery; result: { view: number } | { problem: FilterProblem } };
  /** at most 1,000 rows; `columns` are further columns whose values go into `cells` */
  'view/rows': { params: { view: number; start: number; count: number; columns: string[] }; result: ViewPage };
  /** where a ledger row stands in a view; null = it is not in it (yet) */
  'view/position': { params: { view: number; row: number }; result: { position: number | null } };
  /** ledger rows that a view lists between two of them, in either order and both included; without an end all of them. Rows that it does not list bound nothing. */
  'view/between': { params: { view: number; range?: { one: number; other: number } }; result: RowBits };
  'view/close': { params: { view: number }; result: null };
  /** paints rows; null takes marks away */
  'marks/set': { params: { rows: number[]; color: RowColor | null }; result: null };
  /** rows that match are painted, the first rule that matches wins; replaces the rules before */
  'colors/set': { params: { rules: { filter: string; color: RowColor }[] }; result: { problems: (FilterProblem & { rule: number })[] } };
  'filter/check': { params: { text: string; caret: number }; result: FilterAnswer };
  'stats/table': { params: { by: 'protocol' | 'upstream' | 'operation' | 'program'; filter: string; from?: number; to?: number }; result: { rows: StatRow[]; isDone: boolean } | { problem: FilterProblem } };
  'prism/get': { params: null; result: { paths: PrismPath[] } };
  /** bytes per bucket of each side; epoch milliseconds. Without `from`: everything that is known */
  'throughput/get': { params: { from?: number; to?: number; buckets: number }; result: { from: number; to: number; client: Float64Array; upstream: Float64Array } };
};
