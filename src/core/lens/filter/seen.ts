// What was captured, for completion: values of fields from the ledger, facts of flows from their table.

import type { FlowRow } from '../../../shared/flow.js';
import { programName } from '../../../shared/programName.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';
import type { Seen } from './completion.js';

/** @param flows the newest ones, as many as are counted within milliseconds */
export function seenIn(ledger: Pick<LedgerReader, 'valuesSeen' | 'pathsSeen'>, flows: () => readonly FlowRow[]): Seen {
  return {
    valuesSeen: (selector, most) => ledger.valuesSeen(selector, most),
    pathsSeen: () => ledger.pathsSeen(),
    factsSeen: (name, most) => {
      const valuesOf = Object.hasOwn(facts, name) ? facts[name] : undefined;
      return valuesOf === undefined ? [] : counted(flows(), valuesOf, most);
    },
  };
}

type ValuesOf = (row: FlowRow) => readonly (string | undefined)[];

const facts: Readonly<Record<string, ValuesOf>> = {
  client: ({ client }) => ['path' in client ? client.path : client.host],
  upstream: ({ upstream }) => [upstream],
  'flow.process': ({ process }) => (process === undefined ? [] : [programName(process)]),
  'flow.pid': ({ process }) => [process?.pid.toString()],
  'flow.route': ({ route }) => [route],
  'flow.listener': ({ listenerName }) => [listenerName],
  'flow.protocol': ({ classification: { layers, protocol } }) => (layers.length === 0 ? [protocol] : layers),
};

function counted(rows: readonly FlowRow[], valuesOf: ValuesOf, most: number): { text: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const text of valuesOf(row)) if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => ({ text, count })).sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1)).slice(0, most);
}
