// What an export is about: flows, and of some of them only certain messages.

import type { ExportWhat } from '../../../shared/export.js';
import type { Message } from '../../../shared/message.js';
import { RowSet, rowsIn } from '../../../shared/rowSet.js';
import type { FlowTable } from '../flowTable.js';
import type { LedgerReader } from '../ledger/ledgerReader.js';
import { ExportFlow, type Capture } from './exportFlow.js';

/** Which messages of a flow; undefined = all of them. */
export type Choice = (message: Message) => boolean;

/** Indexes of messages in their flow. */
export interface Indexes {
  has(index: number): boolean;
  /** these and no others: not their answers either */
  readonly isAlone?: boolean;
}

export interface Selected {
  flow: ExportFlow;
  /** indexes that were asked for; undefined = all */
  indexes: Indexes | undefined;
}

/** @returns flows in the order in which they opened; those that are gone are left out */
export function select(what: ExportWhat, flows: FlowTable, ledger: LedgerReader, capture: Capture): Selected[] {
  if (what === 'all') return [...flows.all()].map((record) => ({ flow: new ExportFlow(record, capture), indexes: undefined }));
  const wanted = new Map<number, ChosenIndexes | undefined>();
  if ('flows' in what) for (const id of what.flows) wanted.set(id, undefined);
  else if ('rows' in what) for (const { flow, index } of what.rows) add(flow, index, false);
  else for (const row of rowsIn(what.messages)) if (ledger.first <= row && row < ledger.end && ledger.isForgotten?.(row) !== true) add(ledger.flow(row), ledger.index(row), what.areAlone);
  function add(flow: number, index: number, isAlone: boolean): void {
    const own = wanted.get(flow) ?? new ChosenIndexes(isAlone);
    own.rows.add(index);
    wanted.set(flow, own);
  }
  return [...wanted].sort(([a], [b]) => a - b).flatMap(([id, indexes]) => {
    const record = flows.get(id);
    return record === undefined ? [] : [{ flow: new ExportFlow(record, capture), indexes }];
  });
}

class ChosenIndexes implements Indexes {
  readonly rows = new RowSet();

  constructor(readonly isAlone: boolean) {}

  has(index: number): boolean {
    return this.rows.has(index);
  }
}

/** A message that was asked for, the answers to it, and in HTTP/2 what else its stream has. Asked in the order of the flow. */
export function choiceOf(indexes: Indexes | undefined): Choice {
  if (indexes === undefined) return () => true;
  if (indexes.isAlone === true) return ({ index }) => indexes.has(index);
  const streams = new Set<number>();
  return ({ index, answers, stream, protocol }) => {
    const isOfStream = stream !== undefined && (protocol === 'http2' || protocol === 'grpc');
    const isWanted = indexes.has(index) || (answers !== undefined && indexes.has(answers)) || (isOfStream && streams.has(stream));
    if (isWanted && isOfStream) streams.add(stream);
    return isWanted;
  };
}
