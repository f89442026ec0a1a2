// The facts of a row, each an array read away.

import type { Speaker } from '../../../shared/flow.js';
import type { MessageKind, Severity } from '../../../shared/message.js';
import { expectsBit, fromUpstream, hasFieldsBit, kindMask, kinds, kindShift, noStream, pageMask, pageShift, severities, severityMask, severityShift, type Page } from './page.js';
import { PageTexts } from './pageTexts.js';

/** The reading half of the ledger, over pages that the other half writes. */
export abstract class RowReader {
  first = 0;
  end = 0;
  /** the oldest one begins with the row `first` */
  protected pages: Page[] = [];
  protected readonly protocols: string[] = [];
  protected readonly texts = new PageTexts();

  flow(row: number): number {
    return this.page(row).flow[this.at(row)]!;
  }

  /** Its flow was forgotten. */
  isForgotten(row: number): boolean {
    return row < this.first || this.flow(row) === 0;
  }

  index(row: number): number {
    return this.page(row).index[this.at(row)]!;
  }

  protocol(row: number): string {
    return this.protocols[this.page(row).protocol[this.at(row)]!]!;
  }

  from(row: number): Speaker {
    return (this.facts(row) & fromUpstream) === 0 ? 'client' : 'upstream';
  }

  kind(row: number): MessageKind {
    return kinds[(this.facts(row) >> kindShift) & kindMask]!;
  }

  severity(row: number): Severity | undefined {
    return severities[(this.facts(row) >> severityShift) & severityMask];
  }

  hasFields(row: number): boolean {
    return (this.facts(row) & hasFieldsBit) !== 0;
  }

  expectsAnswer(row: number): boolean {
    return (this.facts(row) & expectsBit) !== 0;
  }

  startedAt(row: number): number {
    return this.page(row).startedAt[this.at(row)]!;
  }

  endedAt(row: number): number {
    return this.page(row).endedAt[this.at(row)]!;
  }

  rangeStart(row: number): number {
    return this.page(row).rangeStart[this.at(row)]!;
  }

  rangeEnd(row: number): number {
    return this.page(row).rangeEnd[this.at(row)]!;
  }

  summary(row: number): string {
    const page = this.page(row);
    return this.texts.read(page, page.summary[this.at(row)]!);
  }

  stream(row: number): number | undefined {
    const stream = this.page(row).stream[this.at(row)]!;
    return stream === noStream ? undefined : stream;
  }

  latencyMs(row: number): number | undefined {
    const latency = this.page(row).latencyMs[this.at(row)]!;
    return Number.isNaN(latency) ? undefined : latency;
  }

  request(row: number): number {
    const before = this.page(row).requestBefore[this.at(row)]!;
    return before === 0 || row - before < this.first ? -1 : row - before;
  }

  firstAnswer(row: number): number {
    const behind = this.page(row).firstAnswerBehind[this.at(row)]!;
    return behind === 0 ? -1 : row + behind;
  }

  lastAnswer(row: number): number {
    const behind = this.page(row).lastAnswerBehind[this.at(row)]!;
    return behind === 0 ? -1 : row + behind;
  }

  /** @returns the answer to the same request that came after this one; -1 = none so far */
  nextAnswer(row: number): number {
    const behind = this.page(row).nextAnswerBehind[this.at(row)]!;
    return behind === 0 ? -1 : row + behind;
  }

  answerCount(row: number): number {
    return this.page(row).answerCount[this.at(row)]!;
  }

  answerBytes(row: number): number {
    return this.page(row).answerBytes[this.at(row)]!;
  }

  protected page(row: number): Page {
    return this.pages[(row - this.first) >>> pageShift]!;
  }

  protected at(row: number): number {
    return (row - this.first) & pageMask;
  }

  private facts(row: number): number {
    return this.page(row).facts[this.at(row)]!;
  }
}
