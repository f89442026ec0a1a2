// What an export is about: flows, and of some of them only certain messages.

import type { ExportWhat } from '../../../shared/export.js';
import type { Message } from '../../../shared/message.js';
import type { FlowTable } from '../flowTable.js';
import { ExportFlow, type Capture } from './exportFlow.js';

/** Which messages of a flow; undefined = all of them. */
export type Choice = (message: Message) => boolean;

export interface Selected {
  flow: ExportFlow;
  /** indexes that were asked for; undefined = all */
  indexes: ReadonlySet<number> | undefined;
}

/** @returns flows in the order in which they opened; those that are gone are left out */
export function select(what: ExportWhat, flows: FlowTable, capture: Capture): Selected[] {
  if (what === 'all') return [...flows.all()].map((record) => ({ flow: new ExportFlow(record, capture), indexes: undefined }));
  const wanted = new Map<number, Set<number> | undefined>();
  if ('flows' in what) for (const id of what.flows) wanted.set(id, undefined);
  else for (const { flow, index } of what.rows) {
    const own = wanted.get(flow) ?? new Set();
    own.add(index);
    wanted.set(flow, own);
  }
  return [...wanted].sort(([a], [b]) => a - b).flatMap(([id, indexes]) => {
    const record = flows.get(id);
    return record === undefined ? [] : [{ flow: new ExportFlow(record, capture), indexes }];
  });
}

/** A message that was asked for, the answers to it, and in HTTP/2 what else its stream has. Asked in the order of the flow. */
export function choiceOf(indexes: ReadonlySet<number> | undefined): Choice {
  if (indexes === undefined) return () => true;
  const streams = new Set<number>();
  return ({ index, answers, stream, protocol }) => {
    const isOfStream = stream !== undefined && (protocol === 'http2' || protocol === 'grpc');
    const isWanted = indexes.has(index) || (answers !== undefined && indexes.has(answers)) || (isOfStream && streams.has(stream));
    if (isWanted && isOfStream) streams.add(stream);
    return isWanted;
  };
}
