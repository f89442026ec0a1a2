// The flows that are known: live ones all, closed ones up to a bound, oldest forgotten first with a count.

import { unknownFlow } from '../../shared/errors.js';
import type { Classification, FlowFacts, FlowRow, FlowState } from '../../shared/flow.js';
import type { FlowPage, FlowQuery } from '../../shared/protocol.js';
import { say } from '../../shared/sentences.js';
import { RowSet, type RowBits } from '../../shared/rowSet.js';
import type { ChunkList } from './chunkIndex.js';
import { startClassifying } from './classifier.js';
import type { DebugSessions } from './debug/debugSessions.js';
import type { DecodedFlow } from './ledger/decodedFlow.js';

/** Closed flows that are kept: about 2 KB of facts each, so 100 MB at most. */
export const defaultMaxClosedFlows = 50_000;

/** A page larger than this is cut: views ask for what they show. */
export const maxRowsPerPage = 1000;

export const notClassified: Classification = { protocol: 'unknown', layers: [], by: 'none', why: say`Neither side has said anything yet.` };

/** Everything lens knows about one flow. */
export class FlowRecord {
  classification: Classification = notClassified;
  /** bytes that passed so far, recorded or not */
  readonly totals: [client: number, upstream: number] = [0, 0];
  lastActivityAt: number;
  /** who spoke first, once someone did */
  firstSpeaker: 'client' | 'server' | undefined;
  readonly classifying = startClassifying();
  /** which events of this flow have been sent */
  readonly sent = { opened: false, classified: false, closed: false };
  isForgotten = false;
  /** its messages, once the running decoder has come to it; only the decoder writes here */
  decoded: DecodedFlow | undefined;
  private searchText: string | undefined;

  constructor(private held: FlowFacts, readonly chunks: ChunkList) {
    this.lastActivityAt = held.openedAt;
  }

  get facts(): FlowFacts {
    return this.held;
  }

  set facts(facts: FlowFacts) {
    this.held = facts;
    this.searchText = undefined;
  }

  get isClosed(): boolean {
    return this.held.closedAt !== undefined || this.held.endReason !== undefined;
  }

  classify(classification: Classification): void {
    this.classification = classification;
    this.searchText = undefined;
  }

  /** @param text lower case */
  contains(text: string): boolean {
    this.searchText ??= searchTextOf(this.held, this.classification);
    return this.searchText.includes(text);
  }

  row(): FlowRow {
    const { chunks } = this;
    return {
      ...this.held,
      state: stateOf(this.held),
      classification: this.classification,
      fromClient: this.counts(0),
      fromUpstream: this.counts(1),
      chunkCount: chunks.count,
      lastActivityAt: this.lastActivityAt,
    };
  }

  private counts(speaker: 0 | 1): FlowRow['fromClient'] {
    const kept = this.chunks.kept[speaker];
    const total = this.totals[speaker];
    return { total, kept, dropped: total - kept };
  }
}

export class FlowTable {
  private readonly byId = new Map<number, FlowRecord>();
  /** in the order they opened; forgotten ones are swept out when they are many */
  private opened: FlowRecord[] = [];
  /** in the order they closed */
  private closed: FlowRecord[] = [];
  private closedStart = 0;
  /** insertion order = the order they opened */
  private readonly live = new Set<FlowRecord>();
  private sweepable = 0;
  private lastMatch: { key: string; revision: number; rows: readonly FlowRecord[] } | undefined;

  /** flows forgotten to stay within the bound */
  forgotten = 0;

  /** @param release is told of every flow that is let go */
  constructor(private readonly maxClosedFlows: number, private readonly debug: DebugSessions, private readonly release: (record: FlowRecord) => void) {}

  get liveCount(): number {
    return this.live.size;
  }

  get count(): number {
    return this.byId.size;
  }

  all(): Iterable<FlowRecord> {
    return this.byId.values();
  }

  get(id: number): FlowRecord | undefined {
    return this.byId.get(id);
  }

  /** @throws MuxError `unknownFlow` */
  require(id: number): FlowRecord {
    const record = this.byId.get(id);
    if (record === undefined) throw unknownFlow(id);
    return record;
  }

  add(record: FlowRecord): void {
    this.byId.set(record.facts.id, record);
    this.opened.push(record);
    this.live.add(record);
  }

  /** Moves a flow from the live ones to the closed ones. @returns false when it was there already */
  close(record: FlowRecord): boolean {
    if (!this.live.delete(record)) return false;
    this.closed.push(record);
    while (this.maxClosedFlows < this.closed.length - this.closedStart) {
      this.forget(this.closed[this.closedStart]!);
      this.closedStart += 1;
      this.forgotten += 1;
    }
    if (1024 < this.closedStart && this.closed.length < this.closedStart * 2) {
      this.closed = this.closed.slice(this.closedStart);
      this.closedStart = 0;
    }
    return true;
  }

  clearClosed(): void {
    for (let index = this.closedStart; index < this.closed.length; index++) this.forget(this.closed[index]!);
    this.closed = [];
    this.closedStart = 0;
    this.forgotten = 0;
  }

  /** @param revision changes whenever a flow may have changed: the rows of the last query are kept until then */
  list(query: FlowQuery, revision: number): FlowPage {
    const matches = this.matching(query, revision);
    const start = Math.max(0, Math.floor(query.start));
    const count = Math.max(0, Math.min(Math.floor(query.count), maxRowsPerPage));
    const rows = matches.slice(start, start + count).map((record) => this.row(record));
    return { rows, total: matches.length, start, revision, forgotten: this.forgotten };
  }

  /** @returns ids of what the query matches from one flow to another, in either order; without an end all of them. One that is not there bounds nothing. */
  between(query: Omit<FlowQuery, 'start' | 'count'>, range: { one: number; other: number } | undefined, revision: number): RowBits {
    const matches = this.matching(query, revision);
    const ends = range === undefined ? [0, matches.length - 1] : matches.flatMap(({ facts }, at) => (facts.id === range.one || facts.id === range.other ? [at] : []));
    if (ends.length === 0) return new RowSet().pack();
    return RowSet.of(matches.slice(ends[0], ends.at(-1)! + 1).map(({ facts }) => facts.id)).pack();
  }

  row(record: FlowRecord): FlowRow {
    return { ...record.row(), ...this.debug.of(record.facts) };
  }

  private matching(query: Omit<FlowQuery, 'start' | 'count'>, revision: number): readonly FlowRecord[] {
    const key = JSON.stringify([query.order, query.listenerId ?? null, query.text ?? '', query.session ?? null, query.from ?? null]);
    if (this.lastMatch?.key === key && this.lastMatch.revision === revision) return this.lastMatch.rows;
    const text = query.text?.trim().toLowerCase() ?? '';
    const { listenerId, session, from } = query;
    let rows = query.order === 'opened' ? this.inOpenedOrder() : this.liveFirst();
    if (listenerId !== undefined) rows = rows.filter((record) => record.facts.listenerId === listenerId);
    if (session !== undefined) rows = rows.filter((record) => this.debug.owns(session, record.facts));
    if (from !== undefined) rows = rows.filter((record) => !record.isClosed || from <= (record.facts.closedAt ?? record.lastActivityAt));
    if (text !== '') rows = rows.filter((record) => record.contains(text));
    this.lastMatch = { key, revision, rows };
    return rows;
  }

  private inOpenedOrder(): readonly FlowRecord[] {
    this.sweep();
    return this.opened.slice();
  }

  /** Live flows, newest first, then closed ones, last closed first. */
  private liveFirst(): readonly FlowRecord[] {
    const rows = [...this.live].reverse();
    for (let index = this.closed.length - 1; this.closedStart <= index; index--) rows.push(this.closed[index]!);
    return rows;
  }

  private forget(record: FlowRecord): void {
    record.isForgotten = true;
    this.byId.delete(record.facts.id);
    this.release(record);
    this.sweepable += 1;
    // Swept when a quarter of the list is stale, so that the cost per flow stays constant.
    if (1024 < this.sweepable && this.opened.length < this.sweepable * 4) this.sweep();
  }

  private sweep(): void {
    if (this.sweepable === 0) return;
    this.opened = this.opened.filter((record) => !record.isForgotten);
    this.sweepable = 0;
  }
}

function stateOf(facts: FlowFacts): FlowState {
  if (facts.closedAt !== undefined || facts.endReason !== undefined) return 'closed';
  if (facts.connectedAt !== undefined) return 'open';
  return facts.decidedAt === undefined && facts.route === undefined ? 'inspecting' : 'connecting';
}

/** What the filter looks through: protocol, route, upstream, program, client address, listener and end reason, in lower case. */
function searchTextOf(facts: FlowFacts, classification: Classification): string {
  const client = 'path' in facts.client ? facts.client.path : facts.client.host.includes(':') ? `[${facts.client.host}]:${facts.client.port}` : `${facts.client.host}:${facts.client.port}`;
  const program = facts.process === undefined ? '' : `${facts.process.name} ${facts.process.pid} ${facts.process.commandLine}`;
  // Parts are on lines of their own, so that a text never matches across two of them.
  return [classification.protocol, ...classification.layers, facts.route ?? '', facts.upstream ?? '', program, client, facts.listenerName, facts.endReason ?? '', `#${facts.id}`]
    .join('\n')
    .toLowerCase();
}
