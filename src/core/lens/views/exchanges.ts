// What is told of a row and its answers, from the ledger's numbers.

import type { AnswerPart, ExchangeRow } from '../../../shared/inspect.js';
import type { Severity } from '../../../shared/message.js';
import { programName } from '../../../shared/programName.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';
import { ownTouch, rowTouch } from './touches.js';
import type { ViewSource } from './viewSource.js';

const ranks: Readonly<Record<Severity, number>> = { note: 1, warning: 2, error: 3 };

function worst(one: Severity | undefined, other: Severity | undefined): Severity | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return ranks[one] < ranks[other] ? other : one;
}

export interface Latency {
  ms: number;
  /** of the time between request and answer */
  pausedMs: number;
}

/** From the last byte of the request to the first byte of its answer, without the time at a breakpoint and the time it was held. @param row a request, or an answer for the listing of messages */
export function latencyOf(source: ViewSource, row: number): Latency | undefined {
  const { ledger } = source;
  const answer = ledger.firstAnswer(row);
  const told = answer < 0 ? ledger.latencyMs(row) : (ledger.latencyMs(answer) ?? ledger.latencyMs(row));
  if (told === undefined) return undefined;
  const end = answer < 0 ? ledger.startedAt(row) : ledger.startedAt(answer);
  const flow = ledger.flow(row);
  const pausedMs = Math.min(told, Math.max(0, source.pausedBetween(flow, end - told, end)));
  return { ms: Math.max(0, told - pausedMs - heldMs(source, row, flow)), pausedMs };
}

/** An answer that is held has been read already: only the time that its request stood is part of the wait. */
function heldMs(source: ViewSource, row: number, flow: number): number {
  const touches = source.facts(flow)?.touches;
  if (touches === undefined) return 0;
  const request = source.ledger.request(row);
  return ownTouch(source.ledger, request < 0 ? row : request, touches)?.heldMs ?? 0;
}

export function ownBytes(ledger: LedgerReader, row: number): number {
  return ledger.rangeEnd(row) - ledger.rangeStart(row);
}

/** Answers to one request that are looked at: the rows of a long result are alike, and a page is not to wait for a million of them. */
const maxAnswers = 1000;

/** Bytes of a message and its answers. */
export function exchangeBytes(ledger: LedgerReader, row: number): number {
  return ledger.answerCount(row) === 0 ? ownBytes(ledger, row) : ownBytes(ledger, row) + ledger.answerBytes(row);
}

/** When the last byte of the message and its answers came. */
export function exchangeEnd(ledger: LedgerReader, row: number): number {
  const last = ledger.lastAnswer(row);
  return last < 0 ? ledger.endedAt(row) : Math.max(ledger.endedAt(row), ledger.endedAt(last));
}

export function exchangeSeverity(ledger: LedgerReader, row: number): Severity | undefined {
  const own = ledger.severity(row);
  if (ledger.answerCount(row) === 0) return own;
  return worst(own, answersSeverity(ledger, row));
}

function answersSeverity(ledger: LedgerReader, row: number): Severity | undefined {
  let told = ledger.severity(ledger.lastAnswer(row));
  let left = maxAnswers;
  for (let answer = ledger.firstAnswer(row); 0 <= answer && 0 < left && told !== 'error'; answer = ledger.nextAnswer(answer), left--) told = worst(told, ledger.severity(answer));
  return told;
}

/** @param isAlone without its answers; cells and colours are the caller's */
export function exchangeRow(source: ViewSource, row: number, isAlone: boolean): ExchangeRow {
  const { ledger } = source;
  const flow = ledger.flow(row);
  const index = ledger.index(row);
  const facts = source.facts(flow);
  const answerCount = ledger.answerCount(row);
  const latency = latencyOf(source, row);
  const told: ExchangeRow = {
    row, flow, index,
    from: ledger.from(row),
    protocol: ledger.protocol(row),
    kind: ledger.kind(row),
    range: { start: ledger.rangeStart(row), end: ledger.rangeEnd(row) },
    startedAt: ledger.startedAt(row),
    endedAt: ledger.endedAt(row),
    summary: ledger.summary(row),
    bytes: isAlone ? ownBytes(ledger, row) : exchangeBytes(ledger, row),
    cells: [],
  };
  const severity = isAlone ? ledger.severity(row) : exchangeSeverity(ledger, row);
  if (severity !== undefined) told.severity = severity;
  const stream = ledger.stream(row);
  if (stream !== undefined) told.stream = stream;
  if (answerCount === 0 && ledger.expectsAnswer(row)) {
    if (facts?.closedAt === undefined) told.isWaiting = true;
    else told.isUnanswered = true;
  }
  if (!isAlone && 0 < answerCount) told.answer = answerPart(ledger, row, answerCount);
  if (isAlone) {
    const request = ledger.request(row);
    if (0 <= request) told.answers = request;
    if (0 < answerCount) told.answeredBy = ledger.firstAnswer(row);
  }
  // Of a message alone, the answer's row tells how long it took.
  if (latency !== undefined && !(isAlone && 0 < answerCount)) {
    told.latencyMs = latency.ms;
    if (0 < latency.pausedMs) told.pausedMs = latency.pausedMs;
  }
  const touch = rowTouch(ledger, row, isAlone, facts?.touches);
  if (touch !== undefined) told.touch = touch;
  if (index === 0 && facts?.connectedAt !== undefined) told.connectMs = Math.max(0, facts.connectedAt - (facts.decidedAt ?? facts.openedAt));
  if (facts?.process !== undefined) told.program = programName(facts.process);
  return told;
}

function answerPart(ledger: LedgerReader, row: number, count: number): AnswerPart {
  const first = ledger.firstAnswer(row);
  const last = ledger.lastAnswer(row);
  const severity = answersSeverity(ledger, row);
  return {
    row: first,
    index: ledger.index(first),
    summary: ledger.summary(first),
    ...(severity === undefined ? {} : { severity }),
    startedAt: ledger.startedAt(first),
    endedAt: ledger.endedAt(last),
    count,
  };
}
