// The table of all messages over all flows, one row a message, in the order in which they became complete: columns of numbers in pages of
// 4,096 rows. When it is full the oldest page goes.

import { Emitter } from '../../../shared/lifecycle.js';
import type { Message } from '../../../shared/message.js';
import type { FieldSelector } from '../filter/subject.js';
import { FieldColumns, problemPaths, reservedPaths } from './fieldColumns.js';
import { FlowRows } from './flowRows.js';
import type { LedgerReader } from './ledgerReader.js';
import { expectsBit, fromUpstream, hasFieldsBit, kindNumbers, kindShift, noStream, pageMask, pageShift, rowsPerPage, severityShift, type Page } from './page.js';
import { RowReader } from './rowReader.js';
import { SelectedPaths } from './selectedPaths.js';
import type { TextValue } from './textPool.js';

/** A fifth more than the million that a person may look through. */
export const defaultMaxRows = 1_200_000;

/**
 * Bytes of rows, fields and texts: 1,200,000 rows of about 300 bytes are 360 MB. With as much capture (256 MiB) it stays below what an
 * editor's own windows take.
 */
export const defaultMaxBytes = 384 << 20;

/** Rows that `valuesSeen` looks through: lately, and within milliseconds. */
const recentRows = 50_000;

export class Ledger extends RowReader implements LedgerReader {
  /** changes when all rows were forgotten because everything is decoded again: views begin anew */
  generation = 0;
  /** rows, counted up, whose flow was forgotten: `flow` says 0 of them */
  orphans = 0;

  private readonly rowChanged = new Emitter<number>();
  /** A row is not what it was when it was told. */
  readonly onRowChanged = this.rowChanged.event;

  private readonly columns = new FieldColumns();
  private readonly selected = new SelectedPaths(this.columns.paths);
  private readonly flows = new Map<number, FlowRows>();
  private readonly protocolIds = new Map<string, number>();
  private lastProtocol = 0;
  /** where rows began when everything was decoded anew */
  private started = 0;
  private sealedBytes = 0;
  private flowBytes = 0;

  constructor(private readonly maxRows = defaultMaxRows, private readonly maxBytes = defaultMaxBytes) {
    super();
  }

  get memoryBytes(): number {
    return this.sealedBytes + (0 < this.pages.length ? this.columns.open.byteLength : 0) + this.flowBytes + this.columns.byteLength;
  }

  /** messages so far, those that were forgotten included */
  get messageCount(): number {
    return this.end - this.started;
  }

  /** @returns whether a message of that protocol came since everything was decoded anew */
  hasSeen(protocol: string): boolean {
    return this.protocolIds.has(protocol);
  }

  // ---- writing ----

  /** A flow begins; its messages come with `append`. */
  open(flow: number): FlowRows {
    const rows = new FlowRows(flow);
    this.flows.set(flow, rows);
    this.flowBytes += rows.byteLength;
    return rows;
  }

  /** @param message the next one of its flow: `rows.nextIndex`. @returns its row */
  append(rows: FlowRows, message: Message): number {
    if (this.end === this.first + this.pages.length * rowsPerPage) this.turn();
    const row = this.end++;
    const page = this.pages[this.pages.length - 1]!;
    const at = (row - this.first) & pageMask;
    const { latencyMs, stream, answers, range } = message;
    page.flow[at] = rows.flow;
    page.index[at] = rows.nextIndex;
    page.protocol[at] = this.protocolId(message.protocol);
    page.facts[at] = factsOf(message);
    page.startedAt[at] = message.startedAt;
    page.endedAt[at] = message.endedAt;
    page.rangeStart[at] = range.start;
    page.rangeEnd[at] = range.end;
    page.latencyMs[at] = latencyMs ?? NaN;
    page.stream[at] = stream ?? noStream;
    page.summary[at] = this.columns.text(message.summary);
    page.fieldsEnd[at] = this.columns.add(message);
    this.flowBytes += rows.add(row);
    if (answers !== undefined) this.tie(row, page, at, rows.rowOf(answers));
    if (message.replaces !== undefined) this.withdraw(rows.rowOf(message.replaces));
    return row;
  }

  /** The flow is known no more: its rows are none, though their numbers stay. */
  forget(rows: FlowRows): void {
    if (this.flows.get(rows.flow) !== rows) return;
    this.flows.delete(rows.flow);
    this.flowBytes -= rows.byteLength;
    const { firstIndex, nextIndex } = rows;
    for (let index = firstIndex; index < nextIndex; index++) {
      const row = rows.rowOf(index);
      this.pages[(row - this.first) >>> pageShift]!.flow[(row - this.first) & pageMask] = 0;
    }
    this.orphans += nextIndex - firstIndex;
    rows.clear();
  }

  /** Forgets all rows: everything is decoded again, under numbers that were never used. */
  renew(): void {
    this.generation += 1;
    this.first = this.end = this.started = this.first + this.pages.length * rowsPerPage;
    this.protocolIds.clear();
    this.protocols.length = 0;
    if (0 < this.pages.length) this.columns.turn();
    this.pages = [];
    this.sealedBytes = this.flowBytes = 0;
    this.texts.clear();
    for (const rows of this.flows.values()) rows.clear();
    this.flows.clear();
  }

  // ---- reading ----

  someProblem(row: number, test: (text: string) => boolean): boolean {
    if (this.severity(row) === undefined) return false;
    const page = this.page(row);
    const at = this.at(row);
    for (let pair = startOf(page, at); pair < page.fieldsEnd[at]! && page.paths[pair]! < reservedPaths; pair++) if (test(this.texts.read(page, page.values[pair]!))) return true;
    return false;
  }

  someField(row: number, selector: FieldSelector, test: (text: string, value: TextValue, isSecret: boolean) => boolean): boolean {
    if (!this.hasFields(row)) return false;
    const page = this.page(row);
    const at = this.at(row);
    const isChosen = this.selected.of(selector);
    for (let pair = startOf(page, at); pair < page.fieldsEnd[at]!; pair++) {
      if (!isChosen(page.paths[pair]!)) continue;
      const id = page.values[pair]!;
      const text = this.texts.read(page, id);
      if (test(text, page.texts.value(id, text), page.texts.isSecret(id))) return true;
    }
    return false;
  }

  /** Fields and problems as they were kept, in their order: what is left of a message whose bytes are gone. */
  eachField(row: number, visit: (path: number, text: string, value: TextValue, isSecret: boolean) => void): void {
    const page = this.page(row);
    const at = this.at(row);
    for (let pair = startOf(page, at); pair < page.fieldsEnd[at]!; pair++) {
      const id = page.values[pair]!;
      const text = this.texts.read(page, id);
      visit(page.paths[pair]!, text, page.texts.value(id, text), page.texts.isSecret(id));
    }
  }

  /** What the numbers of places mean. */
  get paths(): FieldColumns['paths'] {
    return this.columns.paths;
  }

  /** Never a secret. */
  valuesSeen(selector: FieldSelector, most: number): { text: string; count: number }[] {
    const isChosen = this.selected.of(selector);
    const counts = new Map<string, number>();
    const start = Math.max(0, this.end - recentRows - this.first) >>> pageShift;
    for (let number = start; number < this.pages.length; number++) {
      const page = this.pages[number]!;
      const rows = Math.min(rowsPerPage, this.end - this.first - number * rowsPerPage);
      const byText = new Map<number, number>();
      for (let pair = 0, stop = page.fieldsEnd[rows - 1]!; pair < stop; pair++) {
        if (isChosen(page.paths[pair]!)) byText.set(page.values[pair]!, (byText.get(page.values[pair]!) ?? 0) + 1);
      }
      for (const [id, count] of byText) {
        if (page.texts.isSecret(id)) continue;
        const text = page.texts.read(id);
        counts.set(text, (counts.get(text) ?? 0) + count);
      }
    }
    return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1)).slice(0, most);
  }

  pathsSeen(): { protocol: string; path: string }[] {
    const { paths } = this.columns;
    const seen: { protocol: string; path: string }[] = [];
    for (let id = 0; id < paths.count; id++) if (paths.isField(id)) seen.push({ protocol: paths.protocol(id), path: paths.path(id) });
    return seen;
  }

  // ---- pages ----

  private tie(row: number, page: Page, at: number, request: number): void {
    if (request < 0) return;
    page.requestBefore[at] = row - request;
    const asked = this.page(request);
    const place = this.at(request);
    if (asked.answerCount[place] === 0) {
      asked.firstAnswerBehind[place] = row - request;
    } else {
      const last = request + asked.lastAnswerBehind[place]!;
      this.page(last).nextAnswerBehind[this.at(last)] = row - last;
    }
    asked.lastAnswerBehind[place] = row - request;
    asked.answerCount[place]! += 1;
    asked.answerBytes[place]! += page.rangeEnd[at]! - page.rangeStart[at]!;
  }

  /** What seemed to be the request was its head: another one gets the answer. */
  private withdraw(row: number): void {
    if (row < 0) return;
    this.page(row).facts[this.at(row)]! &= ~expectsBit;
    this.rowChanged.fire(row);
  }

  private turn(): void {
    const full = this.pages[this.pages.length - 1];
    this.pages.push(full === undefined ? this.columns.open : this.columns.turn());
    if (full !== undefined) this.sealedBytes += full.byteLength;
    while (1 < this.pages.length && (this.maxRows < this.pages.length * rowsPerPage || this.maxBytes < this.memoryBytes)) this.forgetOldest();
  }

  private forgetOldest(): void {
    const oldest = this.pages.shift()!;
    this.first += rowsPerPage;
    this.sealedBytes -= oldest.byteLength;
    for (const flow of oldest.flow) {
      const rows = this.flows.get(flow);
      if (rows === undefined) continue;
      const before = rows.byteLength;
      rows.dropFirst();
      this.flowBytes += rows.byteLength - before;
    }
  }

  private protocolId(protocol: string): number {
    if (this.protocols[this.lastProtocol] === protocol) return this.lastProtocol;
    let id = this.protocolIds.get(protocol);
    if (id === undefined) {
      this.protocolIds.set(protocol, (id = this.protocols.length));
      this.protocols.push(protocol);
    }
    this.lastProtocol = id;
    return id;
  }
}

function startOf(page: Page, at: number): number {
  return at === 0 ? 0 : page.fieldsEnd[at - 1]!;
}

function factsOf({ from, kind, problems, fields, expectsAnswer }: Message): number {
  let severity = 0;
  for (const problem of problems) severity = Math.max(severity, problemPaths[problem.severity] + 1);
  return (from === 'upstream' ? fromUpstream : 0) | (kindNumbers[kind] << kindShift) | (severity << severityShift) | (0 < fields.length ? hasFieldsBit : 0) | (expectsAnswer === true ? expectsBit : 0);
}
