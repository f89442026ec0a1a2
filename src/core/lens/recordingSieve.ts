// Lets through to a recording what fits a filter. What fits is what the list of messages shows under the same filter: a request with its answers, every
// other message alone. mitmproxy (save_stream_filter) keeps whole exchanges in the same way; Wireshark, which judges packets one by one, keeps a request
// and loses its answer. Where single messages can be read by themselves (HTTP/1, Redis, ...), only they are written, one after the other, on the
// connection that they were said on. Of other protocols nobody could read a part (compressed headers, keys, prepared statements): there the connection is
// written as a whole once a message of it fits, from its beginning as far as the capture still has it. Nothing is held for that: bytes that wait for
// their judgement lie in the capture, and when it lets them go meanwhile the recording has a hole there, and says so.

import type { FlowFacts, Speaker } from '../../shared/flow.js';
import type { Message } from '../../shared/message.js';
import type { PacketEnd } from '../capture/captureEvents.js';
import type { FlowPackets } from '../capture/flowPackets.js';
import type { DissectContext } from '../dissectors/dissector.js';
import type { StoreReader } from './byteReader.js';
import { CaptureFlow, type FlowEvent } from './captureFlow.js';
import type { ChunkIndex } from './chunkIndex.js';
import { standsAlone } from './export/standAlone.js';
import type { Filter } from './filter/filter.js';
import type { FlowRecord } from './flowTable.js';
import { Judging } from './judging/judging.js';
import { KnownFlow } from './judging/messageSubject.js';
import { namesOfFlow } from './ledger/flowNames.js';

/** Of a connection that was there before the recording, this much is decoded to understand the rest; of one that said more, the decoder finds its way in. */
const maxBeforeBytes = 4 << 20;

/** Said with the first packet of a connection of which only messages are there. */
const inParts = 'Of this connection only what fits a filter was recorded.';

export interface SieveParts {
  filter: Filter;
  context: DissectContext;
  index: ChunkIndex;
  store: StoreReader;
  /** names and ids of the debug sessions that a connection belongs to */
  session(facts: FlowFacts): readonly string[];
  /** opens a connection in the file */
  begin(facts: FlowFacts, comment: string): FlowPackets;
  /** a fault of ours: the rest of its connection is not recorded */
  failed(flow: number, fault: unknown): void;
}

type Totals = Record<Speaker, number>;

interface Sifted {
  record: FlowRecord;
  flow: CaptureFlow;
  /** bytes that passed before the recording began */
  before: Totals;
  /** bytes that were looked at */
  seen: Totals;
  /** bytes up to which it was decided that they are in the file */
  written: Totals;
  packets: FlowPackets | undefined;
  isWhole: boolean;
  isBroken: boolean;
}

export class RecordingSieve {
  private readonly flows = new Map<number, Sifted>();
  private readonly judging: Judging;

  constructor(private readonly parts: SieveParts) {
    this.judging = new Judging(parts.filter, (flow, message) => this.fits(flow, message), (flow) => new LiveFlow(flow, this.flows.get(flow.opened.flow)!.record, parts));
  }

  /**
   * One speaker said something.
   *
   * @param before bytes of both speakers from before the recording, for a flow that is new here
   * @param read copies of it, as TcpPackets.data takes it; undefined = none of it was kept
   */
  chunk(record: FlowRecord, before: readonly [number, number], from: Speaker, at: number, length: number, read: ((start: number, length: number, into: Uint8Array, at: number) => boolean) | undefined): void {
    const sifted = this.flows.get(record.facts.id) ?? this.open(record, before);
    const offset = sifted.seen[from];
    sifted.seen[from] += length;
    if (sifted.isBroken) return;
    if (sifted.isWhole) {
      sifted.packets?.chunk(record.facts, from, at, length, read);
      sifted.written[from] = sifted.seen[from];
      return;
    }
    const bytes = new Uint8Array(length);
    const isKept = read?.(0, length, bytes, 0) === true;
    this.hear(sifted, isKept ? { kind: 'chunk', flow: record.facts.id, from, offset, bytes, position: 0, at } : { kind: 'gap', flow: record.facts.id, from, offset, length, why: 'notCaptured', at });
  }

  /** The flow is over: what waited for an answer is judged without. */
  end({ facts }: FlowRecord, at: number): void {
    const sifted = this.flows.get(facts.id);
    if (sifted === undefined) return;
    if (!sifted.isWhole && !sifted.isBroken) this.hear(sifted, { kind: 'closed', flow: facts.id, reason: 'clientClosed', at });
    this.judging.end(sifted.flow);
    this.flows.delete(facts.id);
  }

  /** The recording ends: nothing more comes. */
  endAll(): void {
    for (const { record } of [...this.flows.values()]) this.end(record, record.lastActivityAt);
  }

  private open(record: FlowRecord, [client, upstream]: readonly [number, number]): Sifted {
    const { facts } = record;
    const flow = new CaptureFlow({ kind: 'opened', flow: facts.id, client: endOf(facts.client), server: endOf(facts.local), startedAt: facts.openedAt, isPartial: facts.isPartial === true, clientBy: 'syn' }, this.parts.context);
    const sifted: Sifted = { record, flow, before: { client, upstream }, seen: { client: 0, upstream: 0 }, written: { client: 0, upstream: 0 }, packets: undefined, isWhole: false, isBroken: false };
    this.flows.set(facts.id, sifted);
    if (0 < client + upstream) this.catchUp(sifted);
    return sifted;
  }

  /** What was said before the recording is decoded and not recorded. */
  private catchUp(sifted: Sifted): void {
    const { record, before, seen } = sifted;
    const { index, store } = this.parts;
    const flow = record.facts.id;
    const gap = (from: Speaker, end: number, at: number): void => {
      if (seen[from] < end) this.hear(sifted, { kind: 'gap', flow, from, offset: seen[from], length: end - seen[from], why: 'notCaptured', at });
      seen[from] = Math.max(seen[from], end);
    };
    if (before.client + before.upstream <= maxBeforeBytes) {
      const cursor = index.at(record.chunks, record.chunks.first);
      for (let hasMore = cursor !== undefined; cursor !== undefined && hasMore; hasMore = index.advance(cursor)) {
        const { from, offset, length, position, at } = cursor;
        if (before[from] <= offset) continue;
        const bytes = new Uint8Array(length);
        if (position < 0 || !store.read(position, length, bytes, 0)) continue;
        gap(from, offset, at);
        seen[from] = offset + length;
        this.hear(sifted, { kind: 'chunk', flow, from, offset, bytes, position: 0, at });
      }
    }
    for (const from of ['client', 'upstream'] as const) gap(from, before[from], record.facts.openedAt);
  }

  private hear(sifted: Sifted, event: FlowEvent): void {
    const { flow, record } = sifted;
    try {
      const { route, upstream, process, listenerName } = record.facts;
      Object.assign(flow.recorded, { listener: listenerName, route, upstream, process });
      this.judging.take(flow, event, flow.take(event));
    } catch (fault) {
      // A bug of ours costs the rest of this connection, not the recording of the others.
      sifted.isBroken = true;
      this.parts.failed(record.facts.id, fault);
    }
  }

  private fits(flow: CaptureFlow, { from, range }: Message): void {
    const sifted = this.flows.get(flow.opened.flow);
    if (sifted === undefined || sifted.isWhole || range.end <= sifted.before[from]) return;
    if (standsAlone(flow.classification().layers)) this.writePart(sifted, from, range.start, range.end);
    else this.writeWhole(sifted);
  }

  private writePart(sifted: Sifted, from: Speaker, start: number, end: number): void {
    const { record, written } = sifted;
    const { index } = this.parts;
    const packets = (sifted.packets ??= this.parts.begin(record.facts, inParts));
    let done = Math.max(start, written[from]);
    const cursor = index.find(record.chunks, from, done);
    for (let hasMore = cursor !== undefined; cursor !== undefined && hasMore && done < end; hasMore = index.advance(cursor)) {
      if (cursor.from !== from || cursor.offset + cursor.length <= done) continue;
      if (end <= cursor.offset) break;
      if (done < cursor.offset) packets.skip(from, cursor.offset - done);
      done = Math.max(done, cursor.offset);
      this.copy(sifted, packets, cursor, done, Math.min(end, cursor.offset + cursor.length));
      done = Math.min(end, cursor.offset + cursor.length);
    }
    if (done < end) packets.skip(from, end - done);
    written[from] = Math.max(written[from], end);
  }

  /** Everything up to what was looked at; what comes is written as it comes. */
  private writeWhole(sifted: Sifted): void {
    const { record, written, seen } = sifted;
    const { index } = this.parts;
    const packets = (sifted.packets ??= this.parts.begin(record.facts, ''));
    sifted.isWhole = true;
    const cursor = index.at(record.chunks, record.chunks.first);
    for (let hasMore = cursor !== undefined; cursor !== undefined && hasMore; hasMore = index.advance(cursor)) {
      const { from, offset, length } = cursor;
      const end = Math.min(offset + length, seen[from]);
      const start = Math.max(offset, written[from]);
      if (end <= start) continue;
      if (written[from] < start) packets.skip(from, start - written[from]);
      this.copy(sifted, packets, cursor, start, end);
      written[from] = end;
    }
    for (const from of ['client', 'upstream'] as const) {
      if (written[from] < seen[from]) packets.skip(from, seen[from] - written[from]);
      written[from] = seen[from];
    }
  }

  private copy({ record }: Sifted, packets: FlowPackets, { from, offset, position, at }: { from: Speaker; offset: number; position: number; at: number }, start: number, end: number): void {
    const { store } = this.parts;
    const read = (piece: number, length: number, into: Uint8Array, place: number): boolean => store.read(position + start - offset + piece, length, into, place);
    packets.chunk(record.facts, from, at, end - start, position < 0 ? undefined : read);
  }
}

/** A live connection as filters see it: what is known of it may change while it goes on. */
class LiveFlow extends KnownFlow {
  constructor(flow: CaptureFlow, private readonly record: FlowRecord, private readonly parts: SieveParts) {
    super(flow);
  }

  override get client(): readonly string[] {
    return namesOfFlow(this.record.facts).client;
  }

  override get upstream(): readonly string[] {
    return namesOfFlow(this.record.facts).upstream;
  }

  override get session(): readonly string[] {
    return this.parts.session(this.record.facts);
  }
}

/** A socket of the file system has no address; its path is asked for by other names. */
function endOf(end: FlowFacts['client']): PacketEnd {
  return 'path' in end ? { host: end.path, port: 0 } : { host: end.host, port: end.port };
}
