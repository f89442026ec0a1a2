// A message of the ledger as filters see it: a request with all its answers, or any other message alone. One object that is moved from row to
// row, so that a million of them are judged without making one.

import type { Speaker } from '../../../shared/flow.js';
import type { MessageKind, Severity } from '../../../shared/message.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkIndex } from '../chunkIndex.js';
import type { FieldSelector, Subject } from '../filter/subject.js';
import type { FlowRecord } from '../flowTable.js';
import { namesOfFlow, noNames, type FlowNames } from './flowNames.js';
import type { Ledger } from './ledger.js';
import { someKeptBytes } from './wireBytes.js';

/** Answers to one request that are looked at: the rows of a long result are alike, and judging is to stay cheap. */
const maxAnswers = 1000;

export interface RowLookUps {
  flow(id: number): FlowRecord | undefined;
  /** name and id of the debug session that owns the flow's client */
  session?(record: FlowRecord): readonly string[];
  isMarked?(row: number): boolean;
}

export class RowSubject implements Subject {
  /** the row that is judged: the request, when `moveTo` was given one of its answers */
  head = -1;
  private answer = -1;
  private record: FlowRecord | undefined;
  private names: FlowNames = noNames;

  constructor(private readonly ledger: Ledger, private readonly lookUps: RowLookUps, private readonly index: ChunkIndex, private readonly store: StoreReader) {}

  /**
   * @param row that the ledger has
   * @param isAlone the message without its answers, and an answer without its request
   * @returns this
   */
  moveTo(row: number, isAlone = false): this {
    const request = isAlone ? -1 : this.ledger.request(row);
    this.head = request < 0 ? row : request;
    this.answer = isAlone ? -1 : this.ledger.firstAnswer(this.head);
    const flow = this.ledger.flow(this.head);
    if (this.record === undefined || this.record.facts.id !== flow) this.record = this.lookUps.flow(flow);
    this.names = this.record === undefined ? noNames : namesOfFlow(this.record.facts);
    return this;
  }

  get flowId(): number {
    return this.ledger.flow(this.head);
  }

  get protocols(): readonly string[] {
    return [this.ledger.protocol(this.head)];
  }

  get flowProtocols(): readonly string[] {
    const decoded = this.record?.decoded?.layers ?? [];
    return decoded.length !== 0 ? decoded : (this.record?.classification.layers ?? []);
  }

  get client(): readonly string[] {
    return this.names.client;
  }

  get upstream(): readonly string[] {
    return this.names.upstream;
  }

  get listener(): string | undefined {
    return this.record?.facts.listenerName;
  }

  get route(): string | undefined {
    return this.record?.facts.route;
  }

  get program(): readonly string[] {
    return this.names.program;
  }

  get pid(): number | undefined {
    return this.record?.facts.process?.pid;
  }

  get session(): readonly string[] {
    return this.record === undefined ? [] : (this.lookUps.session?.(this.record) ?? []);
  }

  get from(): Speaker | undefined {
    return this.ledger.from(this.head);
  }

  get kind(): MessageKind | undefined {
    return this.ledger.kind(this.head);
  }

  get summaries(): readonly string[] {
    return this.answer < 0 ? [this.ledger.summary(this.head)] : [this.ledger.summary(this.head), this.ledger.summary(this.answer)];
  }

  get latencyMs(): number | undefined {
    // Of an answer whose request was forgotten it is known all the same.
    return this.ledger.latencyMs(this.answer < 0 ? this.head : this.answer);
  }

  get durationMs(): number | undefined {
    const last = this.answer < 0 ? this.head : this.ledger.lastAnswer(this.head);
    return Math.max(this.ledger.endedAt(this.head), this.ledger.endedAt(last)) - this.ledger.startedAt(this.head);
  }

  get bytes(): number | undefined {
    const own = this.ledger.rangeEnd(this.head) - this.ledger.rangeStart(this.head);
    return this.answer < 0 ? own : own + this.ledger.answerBytes(this.head);
  }

  get stream(): number | undefined {
    return this.ledger.stream(this.head);
  }

  get startedAt(): number {
    return this.ledger.startedAt(this.head);
  }

  get isMarked(): boolean {
    return this.lookUps.isMarked?.(this.head) ?? false;
  }

  get isWaiting(): boolean {
    return this.ledger.expectsAnswer(this.head) && this.ledger.answerCount(this.head) === 0;
  }

  get severity(): Severity | undefined {
    let worst: Severity | undefined;
    this.some((row) => {
      const severity = this.ledger.severity(row);
      if (severity !== undefined && (worst === undefined || ranks[worst] < ranks[severity])) worst = severity;
      return worst === 'error';
    });
    return worst;
  }

  someProblem(test: (text: string) => boolean): boolean {
    return this.some((row) => this.ledger.someProblem(row, test));
  }

  someField(selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean {
    return this.some((row) => this.ledger.someField(row, selector, test));
  }

  someBytes(test: (bytes: Uint8Array) => boolean): boolean {
    const { record, ledger } = this;
    if (record === undefined) return false;
    return this.some((row) => someKeptBytes(this.index, record.chunks, this.store, ledger.from(row), ledger.rangeStart(row), ledger.rangeEnd(row), test));
  }

  /** Asks about the message and its answers in turn. */
  private some(test: (row: number) => boolean): boolean {
    const { ledger, head } = this;
    if (test(head)) return true;
    for (let row = this.answer, count = 0; 0 <= row && count < maxAnswers; row = ledger.nextAnswer(row), count++) if (test(row)) return true;
    return false;
  }
}

const ranks: Record<Severity, number> = { note: 0, warning: 1, error: 2 };
