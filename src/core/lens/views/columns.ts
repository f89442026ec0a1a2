// Columns of the message list: by what a row is sorted, and what its cell says.

import { formatHost } from '../../../shared/address.js';
import type { FlowFacts } from '../../../shared/flow.js';
import { programName } from '../../../shared/programName.js';
import type { FieldSelector } from '../filter/subject.js';
import { exchangeBytes, exchangeEnd, exchangeSeverity, latencyOf, ownBytes } from './exchanges.js';
import type { ViewSource } from './viewSource.js';

/** Numbers come before texts, and a row without a value last of all. Texts are in lower case. */
export type SortKey = number | string | undefined;

export interface Column {
  key(row: number): SortKey;
  /** '' where the row has none */
  cell(row: number): string;
}

type Make = (source: ViewSource, isAlone: boolean) => Column;

const makers: Readonly<Record<string, Make>> = {
  time: ({ ledger }) => number((row) => ledger.startedAt(row)),
  waterfall: ({ ledger }) => number((row) => ledger.startedAt(row)),
  protocol: ({ ledger }) => text((row) => ledger.protocol(row)),
  message: ({ ledger }) => text((row) => ledger.summary(row)),
  answer: ({ ledger }) => text((row) => (ledger.answerCount(row) === 0 ? '' : ledger.summary(ledger.firstAnswer(row)))),
  took: (source) => number((row) => latencyOf(source, row)?.ms),
  bytes: ({ ledger }, isAlone) => number((row) => (isAlone ? ownBytes(ledger, row) : exchangeBytes(ledger, row))),
  flow: ({ ledger }) => number((row) => ledger.flow(row)),
  stream: ({ ledger }) => number((row) => ledger.stream(row)),
  from: ({ ledger }) => text((row) => ledger.from(row)),
  kind: ({ ledger }) => text((row) => ledger.kind(row)),
  severity: ({ ledger }, isAlone) => text((row) => (isAlone ? ledger.severity(row) : exchangeSeverity(ledger, row)) ?? ''),
  duration: ({ ledger }) => number((row) => exchangeEnd(ledger, row) - ledger.startedAt(row)),
  client: (source) => ofFlow(source, ({ client }) => ('path' in client ? client.path : `${formatHost(client.host)}:${client.port}`)),
  upstream: (source) => ofFlow(source, ({ upstream }) => upstream ?? ''),
  route: (source) => ofFlow(source, ({ route }) => route ?? ''),
  listener: (source) => ofFlow(source, ({ listenerName }) => listenerName),
  program: (source) => ofFlow(source, (facts) => (facts.process === undefined ? '' : programName(facts.process))),
  pid: (source) => ofFlow(source, (facts) => (facts.process === undefined ? '' : String(facts.process.pid))),
  session: (source, isAlone) => text((row) => source.subject(row, isAlone).session[0] ?? ''),
};

/** Other names that the filter language has for the same. */
const sameAs: Readonly<Record<string, string>> = {
  latency: 'took', summary: 'message', size: 'bytes', 'flow.id': 'flow', 'flow.process': 'program', 'flow.pid': 'pid', 'flow.session': 'session', 'flow.route': 'route', 'flow.listener': 'listener',
};

/** @returns undefined when there is no such column */
export function columnOf(name: string, source: ViewSource, isAlone: boolean): Column | undefined {
  const known = Object.hasOwn(sameAs, name) ? sameAs[name]! : name;
  if (Object.hasOwn(makers, known)) return makers[known]!(source, isAlone);
  const selector = source.selectorOf(name);
  return selector === undefined ? undefined : ofField(source, selector, isAlone);
}

function number(valueOf: (row: number) => number | undefined): Column {
  return { key: valueOf, cell: (row) => numberText(valueOf(row)) };
}

function numberText(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(value * 1000) / 1000);
}

function text(valueOf: (row: number) => string): Column {
  return {
    key: (row) => {
      const value = valueOf(row);
      return value === '' ? undefined : value.toLowerCase();
    },
    cell: valueOf,
  };
}

/** Flows whose texts are remembered: rows of few flows stand beside each other. */
const maxRemembered = 1000;

function ofFlow(source: ViewSource, textOf: (facts: FlowFacts) => string): Column {
  const remembered = new Map<number, { facts: FlowFacts; text: string; key: SortKey }>();
  const find = (row: number): { text: string; key: SortKey } => {
    const flow = source.ledger.flow(row);
    const known = source.facts(flow);
    if (known === undefined) return { text: '', key: undefined };
    const before = remembered.get(flow);
    if (before?.facts === known) return before;
    const value = textOf(known);
    const entry = { facts: known, text: value, key: value === '' ? undefined : value.toLowerCase() };
    if (maxRemembered <= remembered.size) remembered.clear();
    remembered.set(flow, entry);
    return entry;
  };
  return { key: (row) => find(row).key, cell: (row) => find(row).text };
}

/** The first value in the message, or in its answers. */
function ofField({ ledger }: ViewSource, selector: FieldSelector, isAlone: boolean): Column {
  let found: { text: string; value: number | boolean | undefined } | undefined;
  const take = (fieldText: string, value: number | boolean | undefined): boolean => {
    found = { text: fieldText, value };
    return true;
  };
  const find = (row: number): typeof found => {
    found = undefined;
    if (ledger.someField(row, selector, take) || isAlone) return found;
    const first = ledger.firstAnswer(row);
    if (first < 0 || ledger.someField(first, selector, take)) return found;
    const last = ledger.lastAnswer(row);
    if (last !== first) ledger.someField(last, selector, take);
    return found;
  };
  return {
    key: (row) => {
      const value = find(row);
      if (value === undefined) return undefined;
      return typeof value.value === 'number' ? value.value : value.text.toLowerCase();
    },
    cell: (row) => find(row)?.text ?? '',
  };
}
