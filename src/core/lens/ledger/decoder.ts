// Decoding that runs along with the traffic: one cursor walks the ring of chunks in the order in which they came, over all flows, and what
// becomes complete goes into the ledger. It works in slices while somebody watches, and may fall behind: then it says by how much.

import type { Message } from '../../../shared/message.js';
import { Owner, toDisposable, type Disposable } from '../../../shared/lifecycle.js';
import { say } from '../../../shared/sentences.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import type { StoreReader } from '../byteReader.js';
import type { ChunkIndex, RingChunk } from '../chunkIndex.js';
import type { FlowRecord } from '../flowTable.js';
import { FlowCheckpoints, type Checkpoints } from './checkpoints.js';
import { ChunkDecoder, pieceBytes } from './chunkDecoder.js';
import type { DecodedFlow } from './decodedFlow.js';
import type { Pace } from '../pace.js';
import type { Ledger } from './ledger.js';
import { LiveFlows } from './liveFlows.js';

/** How long one slice may take at most, in milliseconds: a batch of the engine waits no longer than that. */
export const sliceMs = 12;
/**
 * What is spoken is often told by the first answer; who waits for one so long, in milliseconds, is told as a request by its own bytes: a program
 * that stands at a breakpoint must not hide what it was asked.
 */
const undecidedMs = 150;
/** Who asked for one flow's messages is taken to look at them for so long. */
const lookMs = 5000;

export interface DecoderOptions {
  ledger: Ledger;
  checkpoints: Checkpoints;
  index: ChunkIndex;
  store: StoreReader;
  context: DissectContext;
  /** epoch milliseconds */
  now: () => number;
  flow(id: number): FlowRecord | undefined;
  /** there is more to see */
  onAdvanced(): void;
  /** a dissector failed: that flow is marked, the others go on */
  onFault(record: FlowRecord, fault: unknown): void;
  maxLiveFlows?: number;
  /** how fast it may go beside traffic; without it, as fast as it can */
  pace?: Pace;
}

export class Decoder extends Owner {
  /** number of the chunk to decode next, over all flows */
  private cursor = 0;
  /** bytes of all chunks before the cursor */
  private passedBytes = 0;
  private watchers = 0;
  private lookedAtUntil = -Infinity;
  private slice: NodeJS.Immediate | undefined;
  private resting: NodeJS.Timeout | undefined;
  /** flows that closed after all of theirs was decoded */
  private ended: FlowRecord[] = [];
  /** flows that miss bytes which were not told yet */
  private readonly missing = new Set<FlowRecord>();
  /** flows of which it is not known yet what they speak, and the timer that ends their waiting */
  private readonly undecided = new Set<FlowRecord>();
  private deciding: NodeJS.Timeout | undefined;
  private readonly live: LiveFlows;
  private readonly scratch = new Uint8Array(pieceBytes);
  /** what one piece told, on its way into the ledger */
  private readonly messages: Message[] = [];
  private readonly chunk: RingChunk = { flow: 0, speaker: 0, length: 0, at: 0, position: -1 };

  constructor(private readonly options: DecoderOptions) {
    super();
    this.live = new LiveFlows(options.maxLiveFlows);
    this.register(toDisposable(() => clearImmediate(this.slice)));
    this.register(toDisposable(() => clearTimeout(this.resting)));
    this.register(toDisposable(() => clearTimeout(this.deciding)));
  }

  /** Bytes that were recorded and are not decoded yet, those that are overwritten already left out as far as they are known. */
  get undecodedBytes(): number {
    const { index } = this.options;
    return Math.max(0, Math.min(index.appendedBytes - Math.max(this.passedBytes, index.forgottenBytes), index.keptBytes));
  }

  get isCaughtUp(): boolean {
    return this.options.index.nextSequence <= this.cursor && this.ended.length === 0;
  }

  get memoryBytes(): number {
    return this.live.memoryBytes;
  }

  /** Decoding goes on until it is disposed. */
  watch(): Disposable {
    this.watchers += 1;
    this.poke();
    return toDisposable(() => (this.watchers -= 1));
  }

  /** Somebody looks at one flow: decoding goes on for a while. */
  look(): void {
    this.lookedAtUntil = this.options.now() + lookMs;
    this.poke();
  }

  /** There is more to decode. */
  poke(): void {
    if (this.slice !== undefined || this.resting !== undefined || this.isDisposed || this.isCaughtUp || !this.isWatched) return;
    this.slice = setImmediate(() => {
      this.slice = undefined;
      this.work();
      this.poke();
      this.options.onAdvanced();
    });
  }

  /** One slice, and the rest that it has to be followed by. */
  private work(): void {
    const { pace, now } = this.options;
    const startedAt = now();
    this.advance(pace?.sliceMs(sliceMs));
    const restMs = pace?.worked(now() - startedAt) ?? 0;
    if (restMs <= 0) return;
    this.resting = setTimeout(() => {
      this.resting = undefined;
      this.poke();
    }, restMs);
  }

  /** A flow closed; everything that it said is recorded. */
  close(record: FlowRecord): void {
    // Who has chunks before it ends with the last of them.
    if (record.decoded === undefined || record.decoded.nextChunk < record.chunks.count) return;
    this.ended.push(record);
    this.poke();
  }

  /** The flow is known no more. */
  forget(record: FlowRecord): void {
    const { decoded } = record;
    if (decoded === undefined) return;
    this.missing.delete(record);
    this.undecided.delete(record);
    this.live.drop(decoded);
    this.options.checkpoints.forget(decoded.checkpoints);
    this.options.ledger.forget(decoded.rows);
    record.decoded = undefined;
  }

  /** Everything that the ring holds is decoded again. @param records all flows */
  renew(records: Iterable<FlowRecord>): void {
    for (const record of records) record.decoded = undefined;
    this.ended = [];
    this.missing.clear();
    this.undecided.clear();
    this.live.clear();
    this.options.checkpoints.clear();
    this.options.ledger.renew();
    this.cursor = this.options.index.firstSequence;
    this.passedBytes = this.options.index.forgottenBytes;
    this.poke();
  }

  /** Decodes for one slice. @param forMs how long it may take */
  advance(forMs = sliceMs): void {
    const { index, now } = this.options;
    const until = now() + forMs;
    if (this.cursor < index.firstSequence) this.jump();
    for (const record of this.ended.splice(0)) this.end(record);
    const { chunk } = this;
    while (this.cursor < index.nextSequence) {
      const record = index.read(this.cursor, chunk) ? this.options.flow(chunk.flow) : undefined;
      if (record === undefined || this.take(record, chunk)) {
        this.cursor += 1;
        this.passedBytes += chunk.length;
      }
      if (until <= now()) return;
    }
    for (const record of this.missing) this.run(record, (decoder, messages) => decoder.tellMissing(messages));
    this.missing.clear();
    if (0 < this.undecided.size) this.decideLater();
  }

  private decideLater(): void {
    const waiting = [...this.undecided];
    this.deciding ??= setTimeout(() => {
      this.deciding = undefined;
      for (const record of waiting) if (this.undecided.delete(record)) this.run(record, (decoder, messages) => decoder.decideEarly(messages));
      if (0 < this.undecided.size) this.decideLater();
      this.options.onAdvanced();
    }, undecidedMs);
    this.deciding.unref();
  }

  private get isWatched(): boolean {
    return 0 < this.watchers || this.options.now() < this.lookedAtUntil;
  }

  /** The ring went past the cursor: what it let go is missing from the flows that it belonged to. */
  private jump(): void {
    this.cursor = this.options.index.firstSequence;
    this.passedBytes = this.options.index.forgottenBytes;
    for (const decoded of this.live) {
      const record = this.options.flow(decoded.rows.flow);
      if (record === undefined || record.chunks.first <= decoded.nextChunk) continue;
      this.missing.add(record);
      if (record.isClosed && record.chunks.count <= record.chunks.first) this.ended.push(record);
    }
  }

  /** @returns whether the chunk is done */
  private take(record: FlowRecord, chunk: RingChunk): boolean {
    const decoded = (record.decoded ??= this.open(record));
    if (decoded.fault !== undefined) return true;
    decoded.lastSequence = this.cursor;
    let isDone = true;
    const { messages } = this;
    try {
      const decoder = this.decoderOf(record, decoded);
      const { within } = decoder;
      isDone = decoder.take(chunk, this.options.store, this.scratch, messages);
      if (decoder.hasMissing) this.missing.add(record);
      if (decoder.isUndecided) this.undecided.add(record);
      else if (0 < this.undecided.size) this.undecided.delete(record);
      this.settle(decoded, decoder, messages);
      this.options.checkpoints.note(decoded.checkpoints, decoder, decoded.rows.nextIndex, (isDone ? chunk.length : decoder.within) - within);
    } catch (fault) {
      this.fail(record, decoded, messages, fault);
      return true;
    }
    if (isDone && record.isClosed && record.chunks.count <= decoded.nextChunk) this.end(record);
    return isDone;
  }

  private open(record: FlowRecord): DecodedFlow {
    const hint = record.classification.layers.at(-1);
    return {
      rows: this.options.ledger.open(record.facts.id),
      checkpoints: new FlowCheckpoints(),
      hint,
      decoder: undefined,
      parked: undefined,
      nextChunk: 0,
      told: [0, 0],
      offsets: [0, 0],
      layers: [],
      lastSequence: this.cursor,
      hasEnded: false,
      fault: undefined,
    };
  }

  private end(record: FlowRecord): void {
    const { decoded } = record;
    if (decoded === undefined || decoded.hasEnded) return;
    this.run(record, (decoder, messages) => decoder.end(messages));
    decoded.hasEnded = true;
    this.missing.delete(record);
    this.undecided.delete(record);
    this.live.drop(decoded);
  }

  /** Lets a flow's decoder tell what it has without further bytes. */
  private run(record: FlowRecord, work: (decoder: ChunkDecoder, messages: Message[]) => void): void {
    const { decoded } = record;
    if (decoded === undefined || decoded.fault !== undefined) return;
    const { messages } = this;
    try {
      const decoder = this.decoderOf(record, decoded);
      work(decoder, messages);
      this.settle(decoded, decoder, messages);
    } catch (fault) {
      this.fail(record, decoded, messages, fault);
    }
  }

  private decoderOf(record: FlowRecord, decoded: DecodedFlow): ChunkDecoder {
    const decoder = this.live.use(decoded, this.options.context);
    if (decoder.nextChunk < record.chunks.first) decoder.skipForgotten(record.chunks, record.lastActivityAt);
    return decoder;
  }

  /** Notes where a flow stands, and takes in what it told. @param messages is empty afterwards */
  private settle(decoded: DecodedFlow, decoder: ChunkDecoder, messages: Message[]): void {
    decoded.nextChunk = decoder.nextChunk;
    decoded.offsets[0] = decoder.offsets[0];
    decoded.offsets[1] = decoder.offsets[1];
    decoded.layers = decoder.layers;
    this.record(decoded, messages);
  }

  private record(decoded: DecodedFlow, messages: Message[]): void {
    for (const message of messages) {
      this.options.ledger.append(decoded.rows, message);
      decoded.told[message.from === 'client' ? 0 : 1] = message.range.end;
    }
    messages.length = 0;
  }

  /** A bug of a dissector: this flow is marked, the others go on. */
  private fail(record: FlowRecord, decoded: DecodedFlow, messages: Message[], fault: unknown): void {
    messages.push(faultMessage(decoded, record.lastActivityAt));
    this.record(decoded, messages);
    decoded.fault = fault ?? new Error('nothing was thrown');
    this.live.drop(decoded);
    this.options.onFault(record, fault);
  }
}

/** Stands where the messages of a flow end early. */
function faultMessage({ told, rows, layers }: DecodedFlow, at: number): Message {
  const range = { start: told[0], end: told[0] };
  return {
    index: rows.nextIndex,
    from: 'client',
    protocol: layers.at(-1) ?? 'unknown',
    range,
    startedAt: at,
    endedAt: at,
    kind: 'undecoded',
    summary: say`not decoded any further`,
    fields: [],
    problems: [{ severity: 'error', text: say`a fault of Port Prism: the log tells more`, range }],
  };
}
