// What views are made from in a lens: its ledger, flows, debug sessions, and the filter language.

import type { FlowFacts } from '../../../shared/flow.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkIndex } from '../chunkIndex.js';
import type { DebugSessions } from '../debug/debugSessions.js';
import { parseFilter, selectorOf } from '../filter/filter.js';
import type { FlowRecord } from '../flowTable.js';
import type { Messages } from '../ledger/messages.js';
import { RowSubject, type RowLookUps } from '../ledger/rowSubject.js';
import { latencyOf } from './exchanges.js';
import type { ViewSource } from './viewSource.js';

export interface LensParts {
  messages: Messages;
  index: ChunkIndex;
  store: StoreReader;
  debug: DebugSessions;
  flow(id: number): FlowRecord | undefined;
  isMarked(row: number): boolean;
  /** epoch milliseconds */
  now(): number;
}

export function lensSource(parts: LensParts): ViewSource {
  const { messages, debug, now } = parts;
  const { ledger, decoder } = messages;
  const facts = (flow: number): FlowFacts | undefined => parts.flow(flow)?.facts;
  const source: ViewSource = {
    ledger,
    subject: (row, isAlone) => subject.moveTo(row, isAlone),
    facts,
    parse: (text) => {
      const parsed = parseFilter(text);
      return 'matches' in parsed ? (one) => parsed.matches(one) : parsed;
    },
    selectorOf: (name) => {
      const found = selectorOf(name);
      return 'matches' in found ? found : undefined;
    },
    pausedBetween: (flow, from, to) => {
      const known = facts(flow);
      return known === undefined ? 0 : debug.pausedBetween(known, from, to);
    },
    undecodedBytes: () => decoder.undecodedBytes,
    now,
  };
  const subject = new PausedSubject(source, parts, {
    flow: (id) => parts.flow(id),
    session: (record) => debug.wordsFor(record.facts),
    isMarked: (row) => parts.isMarked(row),
  });
  return source;
}

/** A filter sees the same latency as a person: without the time at a breakpoint. */
class PausedSubject extends RowSubject {
  private isRequestAlone = false;

  constructor(private readonly source: ViewSource, { messages, index, store }: LensParts, lookUps: RowLookUps) {
    super(messages.ledger, lookUps, index, store);
  }

  override moveTo(row: number, isAlone = false): this {
    this.isRequestAlone = isAlone && this.source.ledger.request(row) < 0 && 0 < this.source.ledger.answerCount(row);
    return super.moveTo(row, isAlone);
  }

  override get latencyMs(): number | undefined {
    return this.isRequestAlone ? undefined : latencyOf(this.source, this.head)?.ms;
  }
}
