// What was recorded, and the answers about it: flows, their chunks, their bytes. Fed with batches by the engine, on whatever
// thread it lives; it may fall behind and says so, but never stalls the engine unless a recording was asked for.

import type { RecordingStatus } from '../../shared/export.js';
import type { BytesPiece, ChunkRow, FlowFacts, FlowRow, Speaker } from '../../shared/flow.js';
import type { Message } from '../../shared/message.js';
import { Emitter, Owner } from '../../shared/lifecycle.js';
import { chunkStride, totalsStride, type CaptureBatch, type FlowPage, type FlowQuery, type LensEvents, type LensSummary, type MessagePage } from '../../shared/protocol.js';
import type { DissectContext } from '../dissectors/dissector.js';
import { classifyBytes } from '../protocols/index.js';
import { listChunks, readBytes } from './byteReader.js';
import { ChunkIndex, defaultMaxChunks, maxChunkLength } from './chunkIndex.js';
import { Classifier, type Classify } from './classifier.js';
import { decompress } from './decompress.js';
import { Exporter } from './export/exporter.js';
import { FlowEvents } from './flowEvents.js';
import { FlowRecord, FlowTable, defaultMaxClosedFlows } from './flowTable.js';
import { MessageBook } from './messageBook.js';
import { MessageBooks } from './messageBooks.js';
import { loadProtobufSchemas, type ProtoFile, type ProtoProblem } from './protoFiles.js';
import { Recorder } from './recorder.js';
import { StoreReaders } from './storeReaders.js';

export interface LensOptions {
  classify: Classify;
  /** epoch milliseconds */
  now: () => number;
  /** what dissectors may use; without it, decompression and no protobuf types */
  dissectContext?: DissectContext;
  maxClosedFlows?: number;
  maxChunks?: number;
}

/** Older than this, the last batch says nothing about being behind any more. */
const behindIsStaleMs = 1000;

export class Lens extends Owner {
  private readonly stores = new StoreReaders();
  private readonly index: ChunkIndex;
  private lastFlowId = 0;
  private readonly flows: FlowTable;
  private readonly classifier: Classifier;
  private readonly events: FlowEvents;
  private readonly books: MessageBooks;
  /** files, commands and texts that are made of what is kept */
  readonly exporter: Exporter;
  private dissectContext: DissectContext;
  private readonly now: () => number;
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
    this.maxChunks = options.maxChunks ?? defaultMaxChunks;
    this.index = new ChunkIndex(this.maxChunks);
    this.flows = new FlowTable(options.maxClosedFlows ?? defaultMaxClosedFlows, (record) => {
      this.forgottenBytes += forwardedBy(record);
      this.books.forget(record);
      this.index.forget(record.chunks);
    });
    this.classifier = new Classifier(options.classify, (record, from, into) => this.readHead(record, from, into));
    this.dissectContext = options.dissectContext ?? { decompress };
    this.books = this.register(new MessageBooks(
      (record) => new MessageBook(record, this.index, this.stores, this.dissectContext, options.now),
      () => this.change(),
    ));
    this.exporter = this.register(new Exporter({
      flows: this.flows,
      capture: () => ({ index: this.index, store: this.stores, context: this.dissectContext }),
      now: options.now,
    }));
    this.events = this.register(new FlowEvents(options.now, (event) => this.flowHappened.fire(event)));
  }

  get isRecording(): boolean {
    return this.recorder !== undefined;
  }

  /** ids from here on are free: a further engine counts from it, so that flows of the one before stay themselves */
  get firstFreeFlowId(): number {
    return this.lastFlowId + 1;
  }

  /** The engine is gone: flows that it carried are over. What was kept of them can still be read. */
  endEngine(): void {
    const cut: FlowRecord[] = [];
    for (const record of this.flows.all()) {
      if (record.isClosed) continue;
      record.facts = { ...record.facts, closedAt: this.now(), endReason: 'engineFailed', endDetail: 'The engine that carried this connection is gone.' };
      this.events.note(record, this.now());
      cut.push(record);
    }
    this.events.send();
    for (const record of cut) this.flows.close(record);
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
      else known.facts = facts;
      touched.add(known ?? opened.at(-1)!);
    }
    const before = this.recorder === undefined ? undefined : new Map<number, [number, number]>();
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
    }
    this.events.send();
    for (const record of ended) this.flows.close(record);

    this.lastBatchAt = this.now();
    const newest = batch.chunks.length < chunkStride ? this.lastBatchAt : batch.chunks[batch.chunks.length - chunkStride + 1]!;
    this.behindMs = Math.max(0, this.lastBatchAt - newest);
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
      droppedBytes: this.forwardedBytes - this.index.keptBytes,
      behindMs: this.now() - this.lastBatchAt < behindIsStaleMs ? this.behindMs : 0,
      memoryBytes: 0,
      messages: 0,
    };
  }

  listFlows(query: FlowQuery): FlowPage {
    this.index.dropOverwritten(this.stores);
    return this.flows.list(query, this.revision);
  }

  /** @throws MuxError `unknownFlow` */
  getFlow(id: number): FlowRow {
    this.index.dropOverwritten(this.stores);
    return this.flows.require(id).row();
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
    return this.books.list(this.flows.require(params.flow), params.start, params.count);
  }

  /** @throws MuxError `unknownFlow` */
  getMessage(params: { flow: number; index: number }): Message | null {
    return this.books.get(this.flows.require(params.flow), params.index) ?? null;
  }

  /** Types for gRPC's messages from now on. @returns what was wrong with the files; the others count */
  setSchemas(files: readonly ProtoFile[]): { problems: ProtoProblem[] } {
    const { schemas, problems } = loadProtobufSchemas(files);
    this.dissectContext = { ...this.dissectContext, schemas };
    this.books.clear();
    this.change();
    return { problems };
  }

  /** Forgets closed flows and what was kept of them. */
  clear(): void {
    this.flows.clearClosed();
    // What was forgotten on purpose is not "dropped".
    this.forwardedBytes -= this.forgottenBytes;
    this.forgottenBytes = 0;
    this.change();
  }

  /** @param listenerId only its flows @throws MuxError `recordingFailed` */
  async startRecording(file: string, listenerId?: string): Promise<void> {
    if (this.recorder !== undefined) await this.stopRecording();
    const recorder = await Recorder.start(file, (fault) => {
      const message = fault instanceof Error ? fault.message : String(fault);
      this.recorded = { isOn: false, file, packets: recorder.packets, bytes: recorder.bytes, fault: message };
      this.recorder = undefined;
      this.recordingChanged.fire(false);
      this.logged.fire({ level: 'error', message });
    }, listenerId === undefined ? undefined : (facts) => facts.listenerId === listenerId);
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
    const record = new FlowRecord(facts, this.index.open());
    this.flows.add(record);
    return record;
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
      record.firstSpeaker ??= speaker === 0 ? 'client' : 'server';
      record.lastActivityAt = time;
      const position = this.stores.placed(chunks[at + 3]!);
      if (length <= maxChunkLength) this.index.append(record.chunks, speaker, time, length, position);
      else for (let rest = length; 0 < rest; rest -= maxChunkLength) this.index.append(record.chunks, speaker, time, Math.min(rest, maxChunkLength), position);
      this.count(record, speaker, record.chunks.bytes[speaker]);
    }
  }

  private count(record: FlowRecord, speaker: 0 | 1, total: number): void {
    if (total <= record.totals[speaker]) return;
    this.forwardedBytes += total - record.totals[speaker];
    record.totals[speaker] = total;
  }

  private takeTotals(totals: Float64Array, touched: Set<FlowRecord>): void {
    for (let at = 0; at < totals.length; at += totalsStride) {
      const record = this.flows.get(totals[at]!);
      if (record === undefined) continue;
      this.count(record, 0, totals[at + 1]!);
      this.count(record, 1, totals[at + 2]!);
      if (!touched.has(record)) {
        // Bytes passed and none were recorded: capture is off.
        record.lastActivityAt = this.now();
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
    this.changed.fire();
  }
}

function forwardedBy(record: FlowRecord): number {
  return record.totals[0] + record.totals[1];
}
