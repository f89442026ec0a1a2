// Counts of one row of the statistics, and how they come about from rows of the ledger.

import type { StatRow } from '../../../shared/inspect.js';
import type { Severity } from '../../../shared/message.js';
import { programName } from '../../../shared/programName.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';
import { exchangeSeverity } from './exchanges.js';
import { Latencies } from './latencies.js';
import { operationOf } from './operations.js';
import type { ViewSource } from './viewSource.js';

export type Grouping = 'protocol' | 'upstream' | 'operation' | 'program';
export const groupings: readonly Grouping[] = ['protocol', 'upstream', 'operation', 'program'];

/** Rows of one table, 4 KB each with their histogram: what comes later is counted together. */
const maxGroups = 1000;
/** Key under which the rest is counted. */
export const othersKey = '…';
/** Summaries of one protocol whose operation is remembered: programs ask the same things again and again. */
const maxRemembered = 2000;

export class Aggregate {
  count = 0;
  errors = 0;
  bytes = 0;
  readonly latencies = new Latencies();

  row(key: string): StatRow {
    const { count, errors, bytes } = this;
    return { key, count, errors, bytes, ...this.latencies.percentiles() };
  }
}

export class Groups {
  private readonly byKey = new Map<string, Aggregate>();

  get(key: string): Aggregate {
    let found = this.byKey.get(key);
    if (found !== undefined) return found;
    if (maxGroups <= this.byKey.size && key !== othersKey) return this.get(othersKey);
    this.byKey.set(key, (found = new Aggregate()));
    return found;
  }

  get memoryBytes(): number {
    let sum = 0;
    for (const [key, { latencies }] of this.byKey) sum += 200 + key.length * 2 + latencies.memoryBytes;
    return sum;
  }

  /** @returns the most frequent first, the rest of all last */
  rows(): StatRow[] {
    const rows = [...this.byKey].map(([key, aggregate]) => aggregate.row(key)).filter(({ count }) => 0 < count);
    return rows.sort((a, b) => Number(a.key === othersKey) - Number(b.key === othersKey) || b.count - a.count || (a.key < b.key ? -1 : 1));
  }
}

/** What a row is counted under. */
export class Keys {
  /** by protocol and summary */
  private readonly operations = new Map<string, Map<string, string>>();

  constructor(private readonly source: ViewSource) {}

  /** @returns undefined when it is not counted there */
  of(by: Grouping, row: number): string | undefined {
    const { ledger } = this.source;
    switch (by) {
      case 'protocol':
        return ledger.protocol(row);
      case 'upstream':
        return this.source.facts(ledger.flow(row))?.upstream ?? '';
      case 'program': {
        const process = this.source.facts(ledger.flow(row))?.process;
        return process === undefined ? '' : programName(process);
      }
      case 'operation':
        return ledger.kind(row) === 'request' ? this.operation(ledger.protocol(row), ledger.summary(row)) : undefined;
    }
  }

  private operation(protocol: string, summary: string): string {
    let known = this.operations.get(protocol);
    if (known === undefined) this.operations.set(protocol, (known = new Map()));
    let found = known.get(summary);
    if (found === undefined) {
      found = operationOf(protocol, summary);
      if (maxRemembered <= known.size) known.clear();
      known.set(summary, found);
    }
    return found;
  }
}

/** Something was said, and it is no answer to what is counted already. */
export function isCounted(ledger: LedgerReader, row: number): boolean {
  const kind = ledger.kind(row);
  return kind === 'request' || kind === 'notice';
}

/** The other side could not do what it was asked for. */
export function isError(protocol: string, summary: string, severity: Severity | undefined): boolean {
  if (severity === 'error') return true;
  // Server errors are no fault of the message (RFC 9110 §15.6).
  return (protocol === 'http1' || protocol === 'http2') && /^5\d\d\b/.test(summary);
}

/** The message, or an answer to it, tells of an error. */
export function isFailed(ledger: LedgerReader, row: number): boolean {
  if (isErrorRow(ledger, row)) return true;
  if (ledger.answerCount(row) === 0) return false;
  return exchangeSeverity(ledger, row) === 'error' || isErrorRow(ledger, ledger.firstAnswer(row)) || isErrorRow(ledger, ledger.lastAnswer(row));
}

export function isErrorRow(ledger: LedgerReader, row: number): boolean {
  return isError(ledger.protocol(row), ledger.summary(row), ledger.severity(row));
}
