// What a capture file says, as batches of the kind that the engine sends: to lens a file is an engine that is quick and long gone.

import { formatHost } from '../../../shared/address.js';
import type { EndReason, FlowFacts } from '../../../shared/flow.js';
import { chunkStride, type CaptureBatch } from '../../../shared/protocol.js';
import { say } from '../../../shared/sentences.js';
import type { CaptureEvent, ClientKnownBy, PacketEndReason } from '../../capture/captureEvents.js';
import { readRecordedComment, type RecordedFacts } from '../../capture/recordedComment.js';
import type { Opened } from '../captureFlow.js';

/** Chunks of a slice of the file, usually; more make the array grow. */
const usualChunks = 4096;

const nothing = new Float64Array(0);

interface OpenFlow {
  facts: FlowFacts;
  recorded: RecordedFacts;
}

export class FileFlows {
  private readonly open = new Map<number, OpenFlow>();
  private readonly changed = new Set<FlowFacts>();
  private chunks = new Float64Array(usualChunks * chunkStride);
  private used = 0;

  /** @param keep finds a place for bytes that have none in the file */
  constructor(private readonly keep: (bytes: Uint8Array) => number) {}

  take(event: CaptureEvent): void {
    switch (event.kind) {
      case 'opened':
        this.begin(event);
        return;
      case 'chunk':
        this.chunk(event.flow * 2 + (event.from === 'client' ? 0 : 1), event.at, event.bytes.length, event.position < 0 ? this.keep(event.bytes) : event.position);
        return;
      case 'gap':
        this.chunk(event.flow * 2 + (event.from === 'client' ? 0 : 1), event.at, event.length, -1);
        return;
      case 'comment':
        this.comment(event.flow, event.text);
        return;
      case 'closed':
        this.close(event.flow, event.at, event.reason);
        return;
      case 'ended':
      case 'finished':
        return;
    }
  }

  /** What was taken since the last batch; undefined when it was nothing. */
  batch(): CaptureBatch | undefined {
    if (this.changed.size === 0 && this.used === 0) return undefined;
    // Facts grow further while the flow is open: what lens has stays as it was told.
    const flows = [...this.changed].map((facts) => ({ ...facts }));
    const chunks = this.chunks.slice(0, this.used);
    this.changed.clear();
    this.used = 0;
    return { segments: [], flows, chunks, totals: nothing };
  }

  private begin(event: Opened): void {
    const { flow: id, client, server, startedAt: openedAt, isPartial } = event;
    const facts: FlowFacts = {
      id, listenerId: '', listenerName: '', openedAt, client, local: server,
      // The file does not say when it was accepted; it is open as soon as anything is there.
      connectedAt: openedAt,
      upstream: `${formatHost(server.host)}:${server.port}`,
      failedUpstreams: [],
      notes: isPartial ? [partialWords(event.clientBy)] : [],
      ...(isPartial ? { isPartial: true } : {}),
    };
    this.open.set(id, { facts, recorded: {} });
    this.changed.add(facts);
  }

  private chunk(key: number, at: number, length: number, position: number): void {
    if (this.chunks.length < this.used + chunkStride) {
      const larger = new Float64Array(this.chunks.length * 2);
      larger.set(this.chunks);
      this.chunks = larger;
    }
    this.chunks[this.used] = key;
    this.chunks[this.used + 1] = at;
    this.chunks[this.used + 2] = length;
    this.chunks[this.used + 3] = position;
    this.used += chunkStride;
  }

  private comment(id: number, text: string): void {
    const flow = this.open.get(id);
    if (flow === undefined) return;
    const { facts, recorded } = flow;
    readRecordedComment(text, recorded);
    const { listener, process, route, upstream } = recorded;
    // A comment of another program says nothing about the connection; the person may still want it.
    if (Object.keys(recorded).length === 0) {
      if (facts.notes.length < maxComments) facts.notes.push(text);
    } else {
      if (listener !== undefined) facts.listenerId = facts.listenerName = listener;
      // The packets of a recording of ours lead to the listener; where it went on to is said with the route.
      if (listener !== undefined) delete facts.upstream;
      if (process !== undefined) facts.process = process;
      if (route !== undefined) facts.route = route;
      if (upstream !== undefined) facts.upstream = upstream;
    }
    this.changed.add(facts);
  }

  private close(id: number, at: number, reason: PacketEndReason): void {
    const flow = this.open.get(id);
    if (flow === undefined) return;
    this.open.delete(id);
    const { facts, recorded } = flow;
    facts.closedAt = at;
    const [endReason, endDetail] = isEndReason(recorded.endReason) ? [recorded.endReason, recorded.endDetail] : endOf(reason);
    if (endReason !== undefined) facts.endReason = endReason;
    if (endDetail !== undefined) facts.endDetail = endDetail;
    this.changed.add(facts);
  }
}

/** Comments of other programs that are kept of one connection. */
const maxComments = 20;

function partialWords(by: ClientKnownBy): string {
  const start = say`The beginning of this connection is not in the file.`;
  switch (by) {
    case 'port':
      return say`The beginning of this connection is not in the file. Which end is the client was told by the port numbers.`;
    case 'firstSpeaker':
      return say`The beginning of this connection is not in the file. Which end is the client is not known: it is taken to be the one that speaks first.`;
    default:
      return start;
  }
}

function endOf(reason: PacketEndReason): [EndReason | undefined, string | undefined] {
  switch (reason) {
    case 'unanswered':
      return ['connectTimeout', say`Nobody answers it in this file.`];
    case 'portReused':
      return [undefined, say`Its end is not in the file: another connection took its addresses and ports.`];
    case 'captureEnded':
      return [undefined, say`The file ends before it does.`];
    case 'notFollowed':
      return [undefined, say`More connections were open at once than are followed.`];
    default:
      return [reason, undefined];
  }
}

const endReasons: ReadonlySet<string> = new Set<EndReason>([
  'clientClosed', 'upstreamClosed', 'bothClosed', 'clientReset', 'upstreamReset', 'connectRefused', 'connectTimeout', 'connectFailed', 'noRoute',
  'clientLeftWhileInspected', 'idle', 'closedByPerson', 'stopped', 'engineFailed',
]);

function isEndReason(text: string | undefined): text is EndReason {
  return text !== undefined && endReasons.has(text);
}
