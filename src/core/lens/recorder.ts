// Writes what passes to a pcapng file, as it happens. The bytes are copied out of the capture while a batch is handled;
// the disk gets them behind our back, and when it is slower the engine is made to wait by answering its batches late.

import { open, type FileHandle } from 'node:fs/promises';
import { chunkStride } from '../../shared/protocol.js';
import { recordingFailed } from '../../shared/errors.js';
import type { FlowFacts } from '../../shared/flow.js';
import { FlowPackets } from '../capture/flowPackets.js';
import { PcapngWriter } from '../capture/pcapng.js';
import { TcpPackets } from '../capture/pcapngTcp.js';
import type { StoreReader } from './byteReader.js';
import type { FlowRecord } from './flowTable.js';
import { RecordingSieve, type SieveParts } from './recordingSieve.js';

/** Waiting for the disk at most; beyond it the engine waits. */
const maxQueuedBytes = 16 << 20;

export interface RecordedBatch {
  chunks: Float64Array;
  /** flows that opened and that ended in this batch, in the order they came */
  opened: readonly FlowRecord[];
  ended: readonly FlowRecord[];
}

/** What goes into a recording. */
export interface RecordingRules {
  /** flows that are looked at */
  isWanted?: (facts: FlowFacts) => boolean;
  /** of them, only what fits a filter */
  sieve?: Omit<SieveParts, 'begin'>;
}

/** One recording, from `start` to `stop`. */
export class Recorder {
  private readonly isWanted: (facts: FlowFacts) => boolean;
  private readonly flows = new Map<number, FlowPackets>();
  private readonly tcp: TcpPackets;
  private readonly writer: PcapngWriter;
  private queue: Uint8Array[] = [];
  private queuedBytes = 0;
  private writing: Promise<void> | undefined;
  private fault: unknown;
  private whenRoom: (() => void)[] = [];

  private readonly sieve: RecordingSieve | undefined;

  private constructor(readonly file: string, private readonly handle: FileHandle, private readonly whenFailed: (fault: unknown) => void, { isWanted = () => true, sieve }: RecordingRules) {
    this.isWanted = isWanted;
    this.writer = new PcapngWriter((blocks) => this.enqueue(blocks));
    this.tcp = new TcpPackets(this.writer);
    this.writer.flush();
    this.sieve = sieve && new RecordingSieve({ ...sieve, begin: (facts, comment) => this.begin(facts, [0, 0], comment) });
  }

  /**
   * Creates the file, or empties it.
   *
   * @param whenFailed is told once when the disk refuses; the recording is over then
   * @param rules what goes into it; without any, everything
   * @throws MuxError `recordingFailed`
   */
  static async start(file: string, whenFailed: (fault: unknown) => void, rules: RecordingRules = {}): Promise<Recorder> {
    try {
      return new Recorder(file, await open(file, 'w'), whenFailed, rules);
    } catch (cause) {
      throw recordingFailed(file, cause);
    }
  }

  /**
   * Writes one batch, packets of all flows in the order of time.
   *
   * @param find the flow that a chunk belongs to, and the bytes per speaker that were there before this batch
   */
  write(batch: RecordedBatch, store: StoreReader | undefined, find: (id: number) => { record: FlowRecord; before: readonly [number, number] } | undefined): void {
    if (this.fault !== undefined) return;
    const opened = batch.opened.filter(({ facts }) => this.isWanted(facts)).sort((a, b) => a.facts.openedAt - b.facts.openedAt);
    const ended = batch.ended.map((record) => ({ record, at: Math.max(record.facts.closedAt ?? 0, record.lastActivityAt) })).sort((a, b) => a.at - b.at);
    const { chunks } = batch;
    const done = new Set<number>();
    let nextOpened = 0;
    let nextEnded = 0;
    const writeUntil = (at: number): void => {
      // By filter, a flow is in the file once something of it fits.
      for (; this.sieve === undefined && nextOpened < opened.length && opened[nextOpened]!.facts.openedAt <= at; nextOpened++) this.begin(opened[nextOpened]!.facts, [0, 0]);
      // Chunks of a flow come before its end even when both bear the same time.
      for (; nextEnded < ended.length && ended[nextEnded]!.at < at; nextEnded++) {
        const { record, at: endedAt } = ended[nextEnded]!;
        this.sieve?.end(record, endedAt);
        this.end(record.facts, endedAt);
        done.add(record.facts.id);
      }
    };
    for (let at = 0; at < chunks.length; at += chunkStride) {
      const id = Math.floor(chunks[at]! / 2);
      writeUntil(chunks[at + 1]!);
      const found = done.has(id) ? undefined : find(id);
      if (found === undefined || !this.isWanted(found.record.facts)) continue;
      this.chunk(found.record, found.before, chunks, at, store);
    }
    writeUntil(Infinity);
    this.flushWhenIdle();
  }

  get packets(): number {
    return this.writer.packets;
  }

  /** bytes of all that was recorded, on the disk or on the way there */
  get bytes(): number {
    return this.writer.written;
  }

  /** @returns a promise while the disk is behind, undefined when there is room */
  room(): Promise<void> | undefined {
    if (this.queuedBytes <= maxQueuedBytes || this.fault !== undefined) return undefined;
    return new Promise((resolve) => this.whenRoom.push(resolve));
  }

  /** @throws MuxError `recordingFailed` when the disk refused some of it */
  async stop(): Promise<{ file: string; packets: number; bytes: number }> {
    this.sieve?.endAll();
    this.writer.flush();
    while (this.writing !== undefined) await this.writing;
    try {
      await this.handle.close();
    } catch (cause) {
      this.fault ??= cause;
    }
    if (this.fault !== undefined) throw recordingFailed(this.file, this.fault);
    return { file: this.file, packets: this.writer.packets, bytes: this.writer.written };
  }

  private begin(facts: FlowFacts, offsets: readonly [number, number], comment = ''): FlowPackets {
    const known = this.flows.get(facts.id);
    if (known !== undefined) return known;
    const flow = new FlowPackets(this.tcp, facts, offsets, comment);
    this.flows.set(facts.id, flow);
    return flow;
  }

  private chunk(record: FlowRecord, before: readonly [number, number], chunks: Float64Array, at: number, store: StoreReader | undefined): void {
    const { facts } = record;
    const position = chunks[at + 3]!;
    const from = chunks[at]! % 2 === 0 ? 'client' : 'upstream';
    const read = position < 0 ? undefined : (start: number, piece: number, into: Uint8Array, offset: number): boolean => store?.read(position + start, piece, into, offset) === true;
    if (this.sieve !== undefined) this.sieve.chunk(record, before, from, chunks[at + 1]!, chunks[at + 2]!, read);
    else (this.flows.get(facts.id) ?? this.begin(facts, before)).chunk(facts, from, chunks[at + 1]!, chunks[at + 2]!, read);
  }

  private end(facts: FlowFacts, at: number): void {
    this.flows.get(facts.id)?.end(facts, at);
    this.flows.delete(facts.id);
  }

  private enqueue(blocks: Uint8Array): void {
    this.queue.push(blocks);
    this.queuedBytes += blocks.length;
    this.writing ??= this.drain();
  }

  /** While the disk is busy small pieces are collected; once it is idle they go at once, so the file is never far behind. */
  private flushWhenIdle(): void {
    if (this.writing === undefined) this.writer.flush();
  }

  private async drain(): Promise<void> {
    try {
      while (this.queue.length > 0 && this.fault === undefined) {
        const taken = this.queue;
        this.queue = [];
        await writeAll(this.handle, taken);
        for (const piece of taken) this.queuedBytes -= piece.length;
        this.letGo();
        if (this.queue.length === 0) this.writer.flush();
      }
    } catch (fault) {
      this.fault = fault;
      this.queue = [];
      this.queuedBytes = 0;
      this.letGo();
      this.whenFailed(recordingFailed(this.file, fault));
    } finally {
      this.writing = undefined;
    }
  }

  private letGo(): void {
    if (maxQueuedBytes < this.queuedBytes) return;
    const waiting = this.whenRoom;
    this.whenRoom = [];
    for (const resolve of waiting) resolve();
  }
}

/** `writev` may write less than all of it; the rest follows. */
async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    for (let done = 0; done < piece.length; ) done += (await handle.write(piece, done, piece.length - done)).bytesWritten;
  }
}
