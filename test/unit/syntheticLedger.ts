// A ledger in typed arrays, without a decoder behind it: filled row by row by tests, or with a million rows by the benchmark.

import type { FlowFacts, Speaker } from '../../src/shared/flow.js';
import type { MessageKind, Severity } from '../../src/shared/message.js';
import { Emitter } from '../../src/shared/lifecycle.js';
import { programName } from '../../src/shared/programName.js';
import type { FieldSelector, Subject } from '../../src/core/lens/filter/subject.js';
import type { LedgerReader } from '../../src/core/lens/ledger/ledgerReader.js';
import type { SubjectTest, ViewSource } from '../../src/core/lens/views/viewSource.js';
import { say } from '../../src/shared/sentences.js';

type FieldValue = number | string | boolean;

export interface RowFacts {
  flow?: number;
  protocol?: string;
  from?: Speaker;
  kind?: MessageKind;
  severity?: Severity;
  /** epoch milliseconds; `tookMs` later its last byte came */
  at?: number;
  tookMs?: number;
  bytes?: number;
  /** of its first byte among all that its speaker said; 0 */
  offset?: number;
  summary?: string;
  stream?: number;
  /** row of the request */
  answers?: number;
  fields?: Record<string, FieldValue>;
}

const kinds: readonly MessageKind[] = ['request', 'answer', 'notice', 'undecoded', 'gap'];
const severities: readonly (Severity | undefined)[] = [undefined, 'note', 'warning', 'error'];

export class SyntheticLedger implements LedgerReader {
  first = 0;
  end = 0;
  readonly memoryBytes = 0;
  private readonly changed = new Emitter<number>();
  private readonly flows: Uint32Array;
  private readonly indexes: Uint32Array;
  private readonly kindsOf: Uint8Array;
  private readonly severitiesOf: Uint8Array;
  private readonly isFromUpstream: Uint8Array;
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;
  private readonly sizes: Float64Array;
  private readonly offsets: Float64Array;
  private readonly requests: Int32Array;
  private readonly firstAnswers: Int32Array;
  private readonly lastAnswers: Int32Array;
  private readonly answerCounts: Uint32Array;
  private readonly nextAnswers: Int32Array;
  private readonly protocols: string[] = [];
  private readonly summaries: string[] = [];
  private readonly streams: (number | undefined)[] = [];
  private readonly fields: (Record<string, FieldValue> | undefined)[] = [];
  private readonly messagesOf = new Map<number, number>();

  constructor(capacity = 1000) {
    this.flows = new Uint32Array(capacity);
    this.indexes = new Uint32Array(capacity);
    this.kindsOf = new Uint8Array(capacity);
    this.severitiesOf = new Uint8Array(capacity);
    this.isFromUpstream = new Uint8Array(capacity);
    this.starts = new Float64Array(capacity);
    this.ends = new Float64Array(capacity);
    this.sizes = new Float64Array(capacity);
    this.offsets = new Float64Array(capacity);
    this.requests = new Int32Array(capacity).fill(-1);
    this.firstAnswers = new Int32Array(capacity).fill(-1);
    this.lastAnswers = new Int32Array(capacity).fill(-1);
    this.answerCounts = new Uint32Array(capacity);
    this.nextAnswers = new Int32Array(capacity).fill(-1);
  }

  readonly onRowChanged = this.changed.event;

  /** @returns its row */
  add(facts: RowFacts): number {
    const row = this.end;
    const { flow = 1, kind = 'request', from = kind === 'answer' ? 'upstream' : 'client', answers = -1 } = facts;
    this.flows[row] = flow;
    this.offsets[row] = facts.offset ?? 0;
    this.indexes[row] = this.messagesOf.get(flow) ?? 0;
    this.messagesOf.set(flow, this.indexes[row]! + 1);
    this.kindsOf[row] = kinds.indexOf(kind);
    this.severitiesOf[row] = severities.indexOf(facts.severity);
    this.isFromUpstream[row] = from === 'upstream' ? 1 : 0;
    this.starts[row] = facts.at ?? 1000 + row;
    this.ends[row] = this.starts[row]! + (facts.tookMs ?? 0);
    this.sizes[row] = facts.bytes ?? 10;
    this.requests[row] = answers;
    this.protocols[row] = facts.protocol ?? 'redis';
    this.summaries[row] = facts.summary ?? `message ${row}`;
    this.streams[row] = facts.stream;
    this.fields[row] = facts.fields;
    this.end += 1;
    if (0 <= answers) {
      if (this.firstAnswers[answers]! < 0) this.firstAnswers[answers] = row;
      else this.nextAnswers[this.lastAnswers[answers]!] = row;
      this.lastAnswers[answers] = row;
      this.answerCounts[answers] = this.answerCounts[answers]! + 1;
    }
    return row;
  }

  /** @returns row of the request; the answer is the next one */
  addExchange(request: RowFacts, answer: RowFacts = {}): number {
    const row = this.add({ kind: 'request', ...request });
    this.add({ protocol: request.protocol, flow: request.flow, kind: 'answer', answers: row, at: this.ends[row]! + 5, ...answer } as RowFacts);
    return row;
  }

  forget(below: number): void {
    this.first = below;
  }

  setSeverity(row: number, severity: Severity): void {
    this.severitiesOf[row] = severities.indexOf(severity);
    this.changed.fire(row);
  }

  flow(row: number): number { return this.flows[row]!; }
  index(row: number): number { return this.indexes[row]!; }
  protocol(row: number): string { return this.protocols[row]!; }
  from(row: number): Speaker { return this.isFromUpstream[row] === 1 ? 'upstream' : 'client'; }
  kind(row: number): MessageKind { return kinds[this.kindsOf[row]!]!; }
  severity(row: number): Severity | undefined { return severities[this.severitiesOf[row]!]; }
  startedAt(row: number): number { return this.starts[row]!; }
  endedAt(row: number): number { return this.ends[row]!; }
  rangeStart(row: number): number { return this.offsets[row]!; }
  rangeEnd(row: number): number { return this.offsets[row]! + this.sizes[row]!; }
  summary(row: number): string { return this.summaries[row]!; }
  stream(row: number): number | undefined { return this.streams[row]; }
  latencyMs(row: number): number | undefined {
    const request = this.request(row);
    return 0 <= request && this.firstAnswers[request] === row ? Math.max(0, this.starts[row]! - this.ends[request]!) : undefined;
  }
  request(row: number): number {
    const request = this.requests[row]!;
    return this.first <= request ? request : -1;
  }
  firstAnswer(row: number): number { return this.firstAnswers[row]!; }
  lastAnswer(row: number): number { return this.lastAnswers[row]!; }
  answerCount(row: number): number { return this.answerCounts[row]!; }
  answerBytes(row: number): number {
    let sum = 0;
    for (let answer = this.firstAnswers[row]!; 0 <= answer; answer = this.nextAnswers[answer]!) sum += this.sizes[answer]!;
    return sum;
  }
  nextAnswer(row: number): number { return this.nextAnswers[row]!; }
  expectsAnswer(row: number): boolean { return this.kindsOf[row] === 0; }
  someProblem(): boolean { return false; }
  someField(row: number, selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean {
    const fields = this.fields[row];
    if (fields === undefined) return false;
    for (const name in fields) {
      const value = fields[name]!;
      if (selector.matches(this.protocols[row]!, name) && test(String(value), typeof value === 'string' ? undefined : value)) return true;
    }
    return false;
  }
  valuesSeen(): { text: string; count: number }[] { return []; }
  pathsSeen(): { protocol: string; path: string }[] { return []; }
}

/** What a filter sees of a row: one object, moved from row to row. */
export class SyntheticSubject implements Subject {
  row = 0;
  isAlone = false;
  constructor(private readonly ledger: SyntheticLedger, private readonly factsOf: (flow: number) => FlowFacts | undefined, private readonly marked: (row: number) => boolean) {}

  private get facts(): FlowFacts | undefined { return this.factsOf(this.flowId); }
  private get answer(): number { return this.isAlone ? -1 : this.ledger.firstAnswer(this.row); }
  get flowId(): number { return this.ledger.flow(this.row); }
  get protocols(): string[] { return [this.ledger.protocol(this.row)]; }
  get client(): string[] { return []; }
  get upstream(): string[] { return this.facts?.upstream === undefined ? [] : [this.facts.upstream]; }
  get listener(): string | undefined { return this.facts?.listenerName; }
  get route(): string | undefined { return this.facts?.route; }
  get program(): string[] { return this.facts?.process === undefined ? [] : [programName(this.facts.process)]; }
  get pid(): number | undefined { return this.facts?.process?.pid; }
  get session(): string[] { return this.facts?.notes ?? []; }
  get from(): Speaker { return this.ledger.from(this.row); }
  get kind(): MessageKind { return this.ledger.kind(this.row); }
  get summaries(): string[] { return this.answer < 0 ? [this.ledger.summary(this.row)] : [this.ledger.summary(this.row), this.ledger.summary(this.answer)]; }
  get latencyMs(): number | undefined { return this.answer < 0 ? undefined : this.ledger.latencyMs(this.answer); }
  get durationMs(): number | undefined { return undefined; }
  get bytes(): number { return this.ledger.rangeEnd(this.row) - this.ledger.rangeStart(this.row); }
  get stream(): number | undefined { return this.ledger.stream(this.row); }
  get startedAt(): number { return this.ledger.startedAt(this.row); }
  get isMarked(): boolean { return this.marked(this.row); }
  get isWaiting(): boolean { return this.ledger.expectsAnswer(this.row) && this.ledger.answerCount(this.row) === 0; }
  get severity(): Severity | undefined { return this.ledger.severity(this.row); }
  someProblem(): boolean { return false; }
  someField(selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean {
    return this.ledger.someField(this.row, selector, test) || (0 <= this.answer && this.ledger.someField(this.answer, selector, test));
  }
  someBytes(): boolean { return false; }
}

/** Filters by name, flows by id, and a clock: what tests of views share. */
export class SyntheticSource implements ViewSource {
  readonly flows = new Map<number, FlowFacts>();
  readonly filters = new Map<string, SubjectTest>();
  /** what a debugger held, by flow */
  readonly pauses = new Map<number, { from: number; to: number }>();
  isMarked: (row: number) => boolean = () => false;
  now: () => number = () => 0;
  private readonly found: SyntheticSubject;

  constructor(readonly ledger: SyntheticLedger) {
    this.found = new SyntheticSubject(ledger, (flow) => this.flows.get(flow), (row) => this.isMarked(row));
  }

  flow(id: number, more: Partial<FlowFacts> = {}): void {
    this.flows.set(id, { id, listenerId: 'rules/dev', listenerName: 'dev', openedAt: 900, client: { host: '127.0.0.1', port: 40_000 + id }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [], ...more });
  }

  subject(row: number, isAlone: boolean): Subject {
    const request = isAlone ? -1 : this.ledger.request(row);
    this.found.row = request < 0 ? row : request;
    this.found.isAlone = isAlone;
    return this.found;
  }

  facts(flow: number): FlowFacts | undefined {
    return this.flows.get(flow);
  }

  parse(text: string): ReturnType<ViewSource['parse']> {
    return this.filters.get(text) ?? { message: say`There is no field ${JSON.stringify(text)}.`, start: 0, end: text.length };
  }

  /** `redis.key`: the field `key` of that protocol. */
  selectorOf(name: string): FieldSelector | undefined {
    const [protocol, path] = name.split('.');
    return path === undefined ? undefined : { key: name, matches: (ofProtocol, ofPath) => ofProtocol === protocol && ofPath === path };
  }

  pausedBetween(flow: number, from: number, to: number): number {
    const pause = this.pauses.get(flow);
    return pause === undefined ? 0 : Math.max(0, Math.min(to, pause.to) - Math.max(from, pause.from));
  }

  undecodedBytes(): number {
    return 0;
  }
}
