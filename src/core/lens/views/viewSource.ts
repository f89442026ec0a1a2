// What views and statistics are made from: the ledger, what a filter sees of a row, and what is known about flows. Passed in, so that tests and
// files that are read bring their own.

import type { FlowFacts } from '../../../shared/flow.js';
import type { FilterProblem } from '../../../shared/inspect.js';
import type { FieldSelector, Subject } from '../filter/subject.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';

export type SubjectTest = (subject: Subject) => boolean;

export interface ViewSource {
  readonly ledger: LedgerReader;
  /**
   * What a filter sees of a row; the same object may be handed out again for the next one.
   *
   * @param isAlone the message without its answers, and an answer without its request
   */
  subject(row: number, isAlone: boolean): Subject;
  /** undefined = the flow was forgotten */
  facts(flow: number): FlowFacts | undefined;
  /** @param text not empty */
  parse(text: string): SubjectTest | FilterProblem;
  /** the decoded fields that a name of the filter language stands for; undefined = it stands for none */
  selectorOf(name: string): FieldSelector | undefined;
  /** milliseconds of a stretch of time that a debugger held the flow's program */
  pausedBetween(flow: number, from: number, to: number): number;
  /** bytes recorded that are not decoded yet */
  undecodedBytes(): number;
  /** epoch milliseconds */
  now(): number;
}

export function isProblem(parsed: SubjectTest | FilterProblem): parsed is FilterProblem {
  return typeof parsed !== 'function';
}
