// The ledger as views, statistics and exports read it: one row a message, over all flows, in the order in which they became complete.

import type { Speaker } from '../../../shared/flow.js';
import type { Disposable } from '../../../shared/lifecycle.js';
import type { MessageKind, Severity } from '../../../shared/message.js';
import type { FieldSelector } from '../filter/subject.js';

/** Rows are numbers from `first` up to `end`; older ones were forgotten. All look-ups are a few array reads: no row has an object of its own. */
export interface LedgerReader {
  readonly first: number;
  readonly end: number;
  /** what rows, fields and texts take, in bytes */
  readonly memoryBytes: number;

  /** rows, counted up, whose flow was forgotten while newer ones stay */
  readonly orphans?: number;
  /** Its flow was forgotten: it is no row any more, though its number stays. */
  isForgotten?(row: number): boolean;

  /** id of the flow */
  flow(row: number): number;
  /** index of the message in its flow */
  index(row: number): number;
  protocol(row: number): string;
  from(row: number): Speaker;
  kind(row: number): MessageKind;
  severity(row: number): Severity | undefined;
  startedAt(row: number): number;
  endedAt(row: number): number;
  rangeStart(row: number): number;
  rangeEnd(row: number): number;
  summary(row: number): string;
  stream(row: number): number | undefined;
  latencyMs(row: number): number | undefined;
  /** the request that this answers; -1 = none, or forgotten */
  request(row: number): number;
  /** -1 = none so far */
  firstAnswer(row: number): number;
  lastAnswer(row: number): number;
  answerCount(row: number): number;
  /** bytes of all its answers */
  answerBytes(row: number): number;
  /** the answer that came after this one to the same request; -1 = none */
  nextAnswer(row: number): number;
  /** it expects an answer (from what its protocol's dissector says), whether or not one came */
  expectsAnswer(row: number): boolean;

  someProblem(row: number, test: (text: string) => boolean): boolean;
  /** Fields of this message alone, as far as they were kept: the first 100 of it, texts cut at 300 characters. */
  someField(row: number, selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean;
  /** values seen for a selector lately, the most frequent first; for completion */
  valuesSeen(selector: FieldSelector, most: number): { text: string; count: number }[];
  /** paths of fields seen, by protocol */
  pathsSeen(): { protocol: string; path: string }[];
  /** Hears of rows that changed after they were told. Not of requests that got an answer: the answer is a row that comes later, and names its request. */
  onRowChanged?(listener: (row: number) => void): Disposable;
}
