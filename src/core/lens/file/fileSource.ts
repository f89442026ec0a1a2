// Feeds lens from a capture file, slice by slice, so that what was read can be looked at while the rest is being read.

import { basename } from 'node:path';
import { unreadFile, type CaptureFileState } from '../../../shared/captureFile.js';
import { MuxError } from '../../../shared/errors.js';
import { Emitter, Owner, toDisposable } from '../../../shared/lifecycle.js';
import type { CaptureBatch } from '../../../shared/protocol.js';
import type { CaptureEvent } from '../../capture/captureEvents.js';
import { CaptureReader } from '../../capture/captureReader.js';
import { FileFlows } from './fileFlows.js';
import type { FileStore } from './fileStore.js';

/** Large reads are what disks like; one of them is decoded in a few milliseconds. */
const sliceBytes = 1 << 20;
/** Reading pauses this often, in milliseconds, so that questions are answered. */
const turnMs = 15;

/** Lens, as far as it is fed. */
interface Taker {
  ingest(batch: CaptureBatch): void;
  readonly forgotten: CaptureFileState['forgotten'];
}

export interface FileSourceOptions {
  file: string;
  store: FileStore;
  lens: Taker;
  /** milliseconds, for turns */
  now(): number;
}

export class FileSource extends Owner {
  private readonly reader: CaptureReader;
  private readonly flows: FileFlows;
  private readonly slice = new Uint8Array(sliceBytes);
  private turn: NodeJS.Immediate | undefined;
  private state: CaptureFileState;

  private readonly changed = this.register(new Emitter<CaptureFileState>());
  /** as often as a turn ends */
  readonly onChanged = this.changed.event;

  constructor(private readonly options: FileSourceOptions) {
    super();
    const name = basename(options.file);
    this.reader = new CaptureReader(name);
    this.flows = new FileFlows((bytes) => options.store.keep(bytes));
    this.state = unreadFile(name, { size: options.store.size });
    this.register(toDisposable(() => clearImmediate(this.turn)));
  }

  get current(): CaptureFileState {
    return this.state;
  }

  start(): void {
    this.turn = setImmediate(() => this.work());
  }

  /** Reads for one turn. What cannot be read any further is told, and what comes before it stays. */
  private work(): void {
    const until = this.options.now() + turnMs;
    try {
      do this.readSlice();
      while (!this.state.isDone && this.options.now() < until);
    } catch (fault) {
      if (!(fault instanceof MuxError)) throw fault;
      this.state = { ...this.state, isDone: true, problem: { message: fault.message } };
    }
    this.changed.fire(this.state);
    if (!this.state.isDone) this.start();
  }

  private readSlice(): void {
    const { store, lens } = this.options;
    const { read } = this.state;
    const length = store.readInto(this.slice, read);
    const isLast = length === 0 || this.reader.isBroken;
    const events = isLast ? this.reader.end() : this.reader.push(this.slice.subarray(0, length));
    this.state = { ...this.state, read: read + length, packets: this.reader.packets };
    for (const event of events) this.take(event);
    const batch = this.flows.batch();
    if (batch !== undefined) lens.ingest(batch);
    this.state = { ...this.state, forgotten: lens.forgotten };
  }

  private take(event: CaptureEvent): void {
    if (event.kind !== 'finished') {
      this.flows.take(event);
      return;
    }
    const { counts, broken } = event;
    this.state = {
      ...this.state,
      isDone: true,
      packets: counts.packets,
      notDecoded: counts.notDecoded,
      unreadLinkTypes: counts.unreadLinkTypes,
      ...(broken === undefined ? {} : { problem: broken }),
    };
  }
}
