// Rows of the ledger as messages: for the list of one flow, and for what is left to say of a message whose bytes are gone.

import type { Field, Message, Problem, Severity } from '../../../shared/message.js';
import type { MessageRow } from '../../../shared/protocol.js';
import { verbatim } from '../../../shared/sentences.js';
import { problemPaths, reservedPaths } from './fieldColumns.js';
import type { Ledger } from './ledger.js';

export function messageRowOf(ledger: Ledger, row: number): MessageRow {
  const severity = ledger.severity(row);
  const stream = ledger.stream(row);
  const latencyMs = ledger.latencyMs(row);
  const request = ledger.request(row);
  return {
    index: ledger.index(row),
    from: ledger.from(row),
    protocol: ledger.protocol(row),
    range: { start: ledger.rangeStart(row), end: ledger.rangeEnd(row) },
    startedAt: ledger.startedAt(row),
    endedAt: ledger.endedAt(row),
    kind: ledger.kind(row),
    summary: ledger.summary(row),
    hasFields: ledger.hasFields(row),
    ...(severity === undefined ? {} : { severity }),
    ...(request < 0 ? {} : { answers: ledger.index(request) }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(stream === undefined ? {} : { stream }),
  };
}

/** The same of a message that is no row (yet). */
export function openRowOf(message: Message): MessageRow {
  const { index, from, protocol, range, startedAt, endedAt, kind, summary, problems, fields, answers, latencyMs, stream } = message;
  return {
    index, from, protocol, range, startedAt, endedAt, kind, summary,
    hasFields: 0 < fields.length,
    ...(problems.length === 0 ? {} : { severity: worstOf(problems) }),
    ...(answers === undefined ? {} : { answers }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(stream === undefined ? {} : { stream }),
  };
}

/** What was kept of a message: its first fields and problems, whose ranges are the whole message's. */
export function keptMessageOf(ledger: Ledger, row: number): Message {
  const { severity: _, hasFields, ...facts } = messageRowOf(ledger, row);
  const { range } = facts;
  const fields: Field[] = [];
  const problems: Problem[] = [];
  const open: { path: number; field: Field }[] = [];
  ledger.eachField(row, (path, text, value, isSecret) => {
    if (path < reservedPaths) {
      problems.push({ severity: severityOf(path), text: verbatim(text), range });
      return;
    }
    const field: Field = { name: ledger.paths.name(path), range, text, ...(value === undefined ? {} : { value }), ...(isSecret ? { isSecret } : {}) };
    const parent = ledger.paths.parent(path);
    while (0 < open.length && open[open.length - 1]!.path !== parent) open.pop();
    const above = open[open.length - 1]?.field;
    if (above === undefined) fields.push(field);
    else (above.fields ??= []).push(field);
    open.push({ path, field });
  });
  return { ...facts, ...(ledger.expectsAnswer(row) ? { expectsAnswer: true as const } : {}), fields: hasFields ? fields : [], problems };
}

function severityOf(path: number): Severity {
  return path === problemPaths.error ? 'error' : path === problemPaths.warning ? 'warning' : 'note';
}

function worstOf(problems: readonly Problem[]): Severity {
  if (problems.some(({ severity }) => severity === 'error')) return 'error';
  return problems.some(({ severity }) => severity === 'warning') ? 'warning' : 'note';
}
