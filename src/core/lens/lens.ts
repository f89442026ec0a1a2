// What was recorded, and the answers about it: flows, their chunks, their bytes. Fed with batches by the engine, on whatever
// thread it lives; it may fall behind and says so, but never stalls the engine unless a recording was asked for.

import type { DebugSnapshot } from '../../shared/debug.js';
import type { RecordingStatus } from '../../shared/export.js';
import { filterInvalid } from '../../shared/errors.js';
import type { BytesPiece, ChunkRow, FlowFacts, FlowRow, Speaker } from '../../shared/flow.js';
import type { Message } from '../../shared/message.js';
import { Emitter, Owner } from '../../shared/lifecycle.js';
import { chunkStride, totalsStride, type CaptureBatch, type FlowPage, type FlowQuery, type LensContract, type LensEvents, type LensSummary, type MessagePage } from '../../shared/protocol.js';
import { say, verbatim } from '../../shared/sentences.js';
import type { RowBits } from '../../shared/rowSet.js';
import type { DissectContext, ProtobufSchemas } from '../dissectors/dissector.js';
import { classifyBytes } from '../protocols/index.js';
import { listChunks, readBytes } from './byteReader.js';
import { ChunkIndex, defaultMaxChunks, maxChunkLength } from './chunkIndex.js';
import { Classifier, type Classify } from './classifier.js';
import { DebugSessions } from './debug/debugSessions.js';
import { decompress } from './decompress.js';
import { Exporter } from './export/exporter.js';
import { FlowEvents } from './flowEvents.js';
import { FlowRecord, FlowTable, defaultMaxClosedFlows, maxRowsPerPage } from './flowTable.js';
import { parseFilter } from './filter/filter.js';
import type { Seen } from './filter/completion.js';
import { seenIn } from './filter/seen.js';
import type { Checkpoints } from './ledger/checkpoints.js';
import type { Ledger } from './ledger/ledger.js';
import { Messages } from './ledger/messages.js';
import { loadProtobufSchemas, type ProtoFile, type ProtoProblem } from './protoFiles.js';
import type { Pace } from './pace.js';
import { Recorder } from './recorder.js';
import { StoreReaders, type LensStore } from './storeReaders.js';
import { Inspection } from './views/inspection.js';
import { lensSource } from './views/lensSource.js';

export interface LensOptions {
  classify: Classify;
  /** epoch milliseconds */
  now: () => number;
  /** what dissectors may use; without it, decompression and no protobuf types */
  dissectContext?: DissectContext;
  /** where bytes are read back from; without it, what engines recorded */
  store?: LensStore;
  maxClosedFlows?: number;
  maxChunks?: number;
  /** for tests: with other bounds */
  ledger?: Ledger;
  checkpoints?: Checkpoints;
  maxLiveFlows?: number;
  /** how fast decoding may go beside traffic; without it, as fast as it can */
  pace?: Pace;
}

/** Older than this, the last batch says nothing about being behind any more. */
const behindIsStaleMs = 1000;
/** Rows of a flow that filters look at again when its program or route becomes known: that is with its first ones. */
const maxRowsNamed = 1000;

export class Lens extends Owner {
  private readonly stores: LensStore;
  private readonly isLive: boolean;
  private readonly index: ChunkIndex;
  private lastFlowId = 0;
  /** whose flows they are, and how long a debugger held them */
  readonly debug = new DebugSessions();
  private readonly flows: FlowTable;
  private readonly classifier: Classifier;
  private readonly events: FlowEvents;
  /** messages of all flows, and the decoding that runs along */
  readonly messages: Messages;
  /** views, statistics and pictures of them */
  readonly inspection: Inspection;
  /** files, commands and texts that are made of what is kept */
  readonly exporter: Exporter;
  /** one object for good: what decodes holds it, and hears of schemas that come later */
  private readonly dissectContext: DissectContext & { schemas?: ProtobufSchemas };
  private readonly now: () => number;
  private readonly pace: Pace | undefined;
  private readonly maxChunks: number;
  private recorder: Recorder | undefined;
  /** how the last recording ended */
  private recorded: RecordingStatus | undefined;

  private revision = 0;
  /** bytes forwarded by flows that were forgotten to stay within bounds, all of them dropped therefore */
  private forgottenBytes = 0;
  private forwardedBytes = 0;
  private behindMs = 0;
  private lastBatchAt = 0;

  private readonly changed = this.register(new Emitter<void>());
  private readonly flowHappened = this.register(new Emitter<LensEvents['notifications']['lens/flow']>());
  private readonly logged = this.register(new Emitter<LensEvents['notifications']['lens/log']>());
  private readonly recordingChanged = this.register(new Emitter<boolean>());

  /** there is more to see; as often as batches come */
  readonly onChanged = this.changed.event;
  readonly onFlow = this.flowHappened.event;
  readonly onLog = this.logged.event;
  /** a recording began or ended: the engine is to wait for lens, or not any more */
  readonly onRecording = this.recordingChanged.event;

  constructor(options: LensOptions) {
    super();
    this.now = options.now;
    this.pace = options.pace;
    this.isLive = options.store === undefined;
    this.stores = options.store ?? new StoreReaders();
    this.maxChunks = options.maxChunks ?? defaultMaxChunks;
    this.index = new ChunkIndex(this.maxChunks);
    this.flows = new FlowTable(options.maxClosedFlows ?? defaultMaxClosedFlows, this.debug, (record) => {
      this.forgottenBytes += forwardedBy(record);
      this.messages.forget(record);
      this.inspection.forgetFlow(record.facts.id);
      this.index.forget(record.chunks);
    });
    this.classifier = new Classifier(options.classify, (record, from, into) => this.readHead(record, from, into));
    this.dissectContext = { ...(options.dissectContext ?? { decompress }) };
    this.messages = this.register(new Messages({
      index: this.index,
      store: this.stores,
      context: this.dissectContext,
      now: options.now,
      flow: (id) => this.flows.get(id),
      onAdvanced: () => this.change(),
      onFault: ({ facts }, fault) => this.logged.fire({ level: 'error', message: `The messages of flow ${facts.id} end early, by a fault of Port Prism: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}` }),
      ...(options.ledger === undefined ? {} : { ledger: options.ledger }),
      ...(options.checkpoints === undefined ? {} : { checkpoints: options.checkpoints }),
      ...(options.maxLiveFlows === undefined ? {} : { maxLiveFlows: options.maxLiveFlows }),
      ...(options.pace === undefined ? {} : { pace: options.pace }),
    }));
    const source = lensSource({
      messages: this.messages,
      index: this.index,
      store: this.stores,
      debug: this.debug,
      flow: (id) => this.flows.get(id),
      isMarked: (row) => this.inspection.views.marks.colorOf(row) !== undefined,
      now: options.now,
    });
    this.inspection = this.register(new Inspection(source, {
      changed: () => this.change(),
      report: (fault) => this.logged.fire({ level: 'error', message: fault instanceof Error ? (fault.stack ?? fault.message) : String(fault) }),
      watch: () => this.messages.decoder.watch(),
      look: () => this.messages.decoder.look(),
    }));
    this.exporter = this.register(new Exporter({
      flows: this.flows,
      ledger: this.messages.ledger,
      capture: () => ({ index: this.index, store: this.stores, context: this.dissectContext }),
      now: options.now,
    }));
    this.events = this.register(new FlowEvents(options.now, (event) => this.flowHappened.fire(event)));
  }

  /** what completion of filters offers: values of messages, facts of the newest flows */
  get seen(): Seen {
    return seenIn(this.messages.ledger, () => this.flows.list({ order: 'liveFirst', start: 0, count: maxRowsPerPage }, this.revision).rows);
  }

  get isRecording(): boolean {
    return this.recorder !== undefined;
  }

  /** ids from here on are free: a further engine counts from it, so that flows of the one before stay themselves */
  get firstFreeFlowId(): number {
    return this.lastFlowId + 1;
  }

  /** What was let go to stay within bounds. */
  get forgotten(): { flows: number; chunks: number } {
    return { flows: this.flows.forgotten, chunks: this.index.forgottenChunks };
  }

  /** The engine is gone: flows that it carried are over. What was kept of them can still be read. */
  endEngine(): void {
    const cut: FlowRecord[] = [];
    for (const record of this.flows.all()) {
      if (record.isClosed) continue;
      record.facts = { ...record.facts, closedAt: this.now(), endReason: 'engineFailed', endDetail: say`The engine that carried this connection is gone.` };
      this.events.note(record, this.now());
      this.inspection.noteFlow(record);
      cut.push(record);
    }
    this.events.send();
    for (const record of cut) this.close(record);
    if (0 < cut.length) this.change();
  }

  /** Takes one batch in. Costs well under a microsecond per chunk, plus what classifying new flows and a recording need. */
  ingest(batch: CaptureBatch): void {
    if (batch.header !== undefined) this.stores.begin(batch.header);
    this.stores.add(batch.segments);
    this.index.dropOverwritten(this.stores);

    const touched = new Set<FlowRecord>();
    const opened: FlowRecord[] = [];
    for (const facts of batch.flows) {
      const known = this.flows.get(facts.id);
      if (known === undefined) opened.push(this.open(facts));
      else this.name(known, facts);
      touched.add(known ?? opened.at(-1)!);
    }
    const before = this.recorder === undefined ? undefined : new Map<number, [number, number]>();
    this.pace?.passed(batch.chunks.length / chunkStride);
    this.takeChunks(batch.chunks, touched, before);
    this.takeTotals(batch.totals, touched);

    const ended: FlowRecord[] = [];
    for (const record of touched) if (record.isClosed && !record.sent.closed) ended.push(record);
    ended.sort((a, b) => (a.facts.closedAt ?? 0) - (b.facts.closedAt ?? 0));
    this.recorder?.write({ chunks: batch.chunks, opened, ended }, this.stores.current, (id) => {
      const record = this.flows.get(id);
      return record === undefined ? undefined : { record, before: before?.get(id) ?? [0, 0] };
    });

    for (const record of touched) {
      this.classifier.update(record);
      this.events.note(record, record.lastActivityAt);
      this.inspection.noteFlow(record);
    }
    this.events.send();
    for (const record of ended) this.close(record);
    this.messages.decoder.poke();

    this.lastBatchAt = this.now();
    const newest = batch.chunks.length < chunkStride ? this.lastBatchAt : batch.chunks[batch.chunks.length - chunkStride + 1]!;
    // A file is of the past: reading it, nobody is behind.
    this.behindMs = this.isLive ? Math.max(0, this.lastBatchAt - newest) : 0;
    this.change();
  }

  /** @returns a promise while a recording waits for its disk; the engine's batch is to be acknowledged after it */
  room(): Promise<void> | undefined {
    return this.recorder?.room();
  }

  summary(): LensSummary {
    this.index.dropOverwritten(this.stores);
    return {
      revision: this.revision,
      liveFlows: this.flows.liveCount,
      totalFlows: this.flows.count + this.flows.forgotten,
      keptBytes: this.index.keptBytes,
      // What is not listed is not missing: of a file the rest says so.
      droppedBytes: this.forwardedBytes - this.index.keptBytes - (this.isLive ? 0 : this.forgottenBytes),
      behindMs: this.now() - this.lastBatchAt < behindIsStaleMs ? this.behindMs : 0,
      memoryBytes: this.index.byteLength + this.messages.memoryBytes + this.inspection.memoryBytes,
      messages: this.messages.ledger.messageCount,
    };
  }

  listFlows(query: FlowQuery): FlowPage {
    this.index.dropOverwritten(this.stores);
    return this.flows.list(query, this.revision);
  }

  flowsBetween({ range, ...query }: LensContract['requests']['flows/between']['params']): RowBits {
    return this.flows.between(query, range, this.revision);
  }

  /** @throws MuxError `unknownFlow` */
  getFlow(id: number): FlowRow {
    this.index.dropOverwritten(this.stores);
    return this.flows.row(this.flows.require(id));
  }

  /**
   * @returns rows from `start` on; `first` is the oldest chunk that is still listed, `total` the number of chunks so far,
   *   so indexes [first, total) exist
   * @throws MuxError `unknownFlow`
   */
  listChunks(params: { flow: number; start: number; count: number }): { rows: ChunkRow[]; first: number; total: number } {
    const { chunks } = this.flows.require(params.flow);
    return { rows: listChunks(this.index, chunks, this.stores, params.start, params.count), first: chunks.first, total: chunks.count };
  }

  /** @throws MuxError `unknownFlow` */
  readBytes(params: { flow: number; from: Speaker; start: number; length: number }): BytesPiece {
    const record = this.flows.require(params.flow);
    return readBytes(this.index, record.chunks, this.stores, params.from, params.start, params.length, record.totals[params.from === 'client' ? 0 : 1]);
  }

  /** @throws MuxError `unknownFlow` */
  listMessages(params: { flow: number; start: number; count: number }): MessagePage {
    this.index.dropOverwritten(this.stores);
    return this.messages.list(this.flows.require(params.flow), params.start, params.count);
  }

  /** @throws MuxError `unknownFlow` */
  getMessage(params: { flow: number; index: number }): Message | null {
    return this.messages.get(this.flows.require(params.flow), params.index) ?? null;
  }

  /** Types for gRPC's messages. Where there were any, everything is decoded again. @returns what was wrong with the files; the others count */
  setSchemas(files: readonly ProtoFile[]): { problems: ProtoProblem[] } {
    const { schemas, problems } = loadProtobufSchemas(files);
    this.dissectContext.schemas = schemas;
    if (this.messages.ledger.hasSeen('grpc')) this.messages.renew(this.flows.all());
    this.change();
    return { problems };
  }

  /** Debug sessions of the editor and their pauses, in place of those before. */
  setDebug(snapshot: DebugSnapshot): void {
    this.debug.set(snapshot);
    this.inspection.sessionsChanged();
    this.change();
  }

  /** Forgets closed flows and what was kept of them. */
  clear(): void {
    this.flows.clearClosed();
    this.inspection.clear();
    // What was forgotten on purpose is not "dropped".
    this.forwardedBytes -= this.forgottenBytes;
    this.forgottenBytes = 0;
    this.change();
  }

  /** @param only flows of one listener, and of them what fits a filter @throws MuxError `filterInvalid` before anything is written, `recordingFailed` */
  async startRecording(file: string, { listenerId, filter: source }: { listenerId?: string; filter?: string } = {}): Promise<void> {
    const filter = source === undefined || source.trim() === '' ? undefined : parseFilter(source);
    if (filter !== undefined && 'message' in filter) throw filterInvalid(source!, filter);
    if (this.recorder !== undefined) await this.stopRecording();
    const recorder = await Recorder.start(file, (fault) => {
      const message = verbatim(fault instanceof Error ? fault.message : String(fault));
      this.recorded = { isOn: false, file, packets: recorder.packets, bytes: recorder.bytes, fault: message };
      this.recorder = undefined;
      this.recordingChanged.fire(false);
      this.logged.fire({ level: 'error', message });
    }, {
      ...(listenerId === undefined ? {} : { isWanted: (facts) => facts.listenerId === listenerId }),
      ...(filter === undefined ? {} : {
        sieve: {
          filter, context: this.dissectContext, index: this.index, store: this.stores,
          session: (facts) => this.debug.wordsFor(facts),
          failed: (flow, fault) => this.logged.fire({ level: 'error', message: `The rest of flow ${flow} is not recorded, by a fault of Port Prism: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}` }),
        },
      }),
    });
    this.recorder = recorder;
    this.recordingChanged.fire(true);
  }

  /** @throws MuxError `recordingFailed` */
  async stopRecording(): Promise<{ file: string; packets: number; bytes: number }> {
    const { recorder } = this;
    if (recorder === undefined) return { file: '', packets: 0, bytes: 0 };
    this.recorder = undefined;
    this.recordingChanged.fire(false);
    const outcome = await recorder.stop();
    this.recorded = { isOn: false, ...outcome };
    return outcome;
  }

  recordingStatus(): RecordingStatus | null {
    const { recorder } = this;
    return recorder === undefined ? (this.recorded ?? null) : { isOn: true, file: recorder.file, packets: recorder.packets, bytes: recorder.bytes };
  }

  private open(facts: FlowFacts): FlowRecord {
    this.lastFlowId = Math.max(this.lastFlowId, facts.id);
    const record = new FlowRecord(facts, this.index.open(facts.id));
    this.flows.add(record);
    return record;
  }

  private name(record: FlowRecord, facts: FlowFacts): void {
    const { process, route, upstream } = record.facts;
    record.facts = facts;
    const isNamed = process?.pid !== facts.process?.pid || route !== facts.route || upstream !== facts.upstream;
    if (isNamed && record.decoded !== undefined) this.inspection.views.rowsChanged(record.decoded.rows.latest(maxRowsNamed));
  }

  private close(record: FlowRecord): void {
    this.flows.close(record);
    this.messages.decoder.close(record);
  }

  /** @param before receives, for flows that said something, the bytes per speaker that came before this batch */
  private takeChunks(chunks: Float64Array, touched: Set<FlowRecord>, before: Map<number, [number, number]> | undefined): void {
    let id = -1;
    let record: FlowRecord | undefined;
    for (let at = 0; at < chunks.length; at += chunkStride) {
      const key = chunks[at]!;
      const speaker = (key % 2) as 0 | 1;
      const flow = (key - speaker) / 2;
      if (flow !== id) {
        id = flow;
        record = this.flows.get(flow);
        if (record !== undefined) {
          touched.add(record);
          if (before !== undefined && !before.has(flow)) before.set(flow, [...record.chunks.bytes]);
        }
      }
      // A flow that was forgotten already, or one whose opening this lens did not hear of.
      if (record === undefined) continue;
      const time = chunks[at + 1]!;
      const length = chunks[at + 2]!;
      // Who speaks first is not known of a connection whose beginning is missing.
      if (record.facts.isPartial !== true) record.firstSpeaker ??= speaker === 0 ? 'client' : 'server';
      record.lastActivityAt = time;
      const position = this.stores.placed(chunks[at + 3]!);
      if (length <= maxChunkLength) this.index.append(record.chunks, speaker, time, length, position);
      else for (let rest = length; 0 < rest; rest -= maxChunkLength) this.index.append(record.chunks, speaker, time, Math.min(rest, maxChunkLength), position);
      this.count(record, speaker, record.chunks.bytes[speaker], time);
    }
  }

  private count(record: FlowRecord, speaker: 0 | 1, total: number, at: number): void {
    if (total <= record.totals[speaker]) return;
    this.inspection.throughput.add(at, speaker, total - record.totals[speaker]);
    this.forwardedBytes += total - record.totals[speaker];
    record.totals[speaker] = total;
  }

  private takeTotals(totals: Float64Array, touched: Set<FlowRecord>): void {
    for (let at = 0; at < totals.length; at += totalsStride) {
      const record = this.flows.get(totals[at]!);
      if (record === undefined) continue;
      const now = this.now();
      this.count(record, 0, totals[at + 1]!, now);
      this.count(record, 1, totals[at + 2]!, now);
      if (!touched.has(record)) {
        // Bytes passed and none were recorded: capture is off.
        record.lastActivityAt = now;
        touched.add(record);
      }
    }
  }

  private readHead(record: FlowRecord, from: Speaker, into: Uint8Array): number {
    const piece = readBytes(this.index, record.chunks, this.stores, from, 0, classifyBytes, record.chunks.bytes[from === 'client' ? 0 : 1]);
    const length = Math.min(piece.gaps[0]?.start ?? piece.bytes.length, piece.bytes.length);
    into.set(piece.bytes.subarray(0, length));
    return length;
  }

  private change(): void {
    this.revision += 1;
    this.inspection.wake();
    this.changed.fire();
  }
}

function forwardedBy(record: FlowRecord): number {
  return record.totals[0] + record.totals[1];
}
