// Answers the host (or the command line) about one lens, and reads the engine's feed from the MessagePort that
// `lens/attach` brings.

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { CaptureFileState } from '../../shared/captureFile.js';
import { MuxError } from '../../shared/errors.js';
import { MutableDisposable, Owner, toDisposable, type Disposable } from '../../shared/lifecycle.js';
import type { CaptureAckContract, CaptureFeedContract, LensContract, LensEvents } from '../../shared/protocol.js';
import { Rpc, withTransfer, type Port } from '../../shared/rpc.js';
import { nodePort } from '../engine/nodePort.js';
import { serveExports } from './export/exportServer.js';
import { serveFilters } from './filter/filterServer.js';
import type { Lens } from './lens.js';
import { serveInspection } from './views/viewsServer.js';

/** 'lens/changed' goes out at most this often. */
const changedEveryMs = 100;

/** What is told of a file that is being read. */
export interface WatchedFile {
  readonly current: CaptureFileState;
  onChanged(listener: (state: CaptureFileState) => void): Disposable;
}

/** Serves one lens to whoever holds the other end of `port`. What it is given it only uses; the feed it owns. */
export class LensServer extends Owner {
  private readonly rpc: Rpc<LensContract, LensEvents>;
  private readonly feed = this.register(new MutableDisposable<Owner>());
  /** takes in at once what the engine's port has received */
  private drainFeed: () => void = () => undefined;
  private changedTimer: NodeJS.Timeout | undefined;
  private hasChanged = false;

  /** @param file the capture file that lens is fed from, when it is not an engine */
  constructor(port: Port, private readonly lens: Lens, flowEvents: boolean, private readonly file?: WatchedFile) {
    super();
    this.rpc = this.register(new Rpc<LensContract, LensEvents>(port, (fault) => this.report(fault)));
    this.register(toDisposable(() => clearTimeout(this.changedTimer)));
    this.register(lens.onChanged(() => this.noteChange()));
    this.register(lens.onLog((entry) => this.rpc.notify('lens/log', entry)));
    if (file !== undefined) this.register(file.onChanged(() => this.noteChange()));
    if (flowEvents) this.register(lens.onFlow((event) => this.rpc.notify('lens/flow', event)));

    this.rpc.handle('lens/attach', ({ port: feedPort }) => this.attach(feedPort as MessagePort));
    this.rpc.handle('lens/summary', () => lens.summary());
    this.rpc.handle('file/state', () => file?.current ?? null);
    this.rpc.handle('flows/list', (query) => lens.listFlows(query));
    this.rpc.handle('flows/between', (params) => {
      const told = lens.flowsBetween(params);
      return withTransfer(told, [told.bits.buffer]);
    });
    this.rpc.handle('flows/get', ({ id }) => lens.getFlow(id));
    this.rpc.handle('chunks/list', (params) => lens.listChunks(params));
    this.rpc.handle('bytes/read', (params) => {
      const piece = lens.readBytes(params);
      return withTransfer(piece, [piece.bytes.buffer]);
    });
    this.rpc.handle('messages/list', (params) => lens.listMessages(params));
    this.rpc.handle('messages/get', (params) => lens.getMessage(params));
    this.rpc.handle('schemas/set', ({ files }) => lens.setSchemas(files));
    this.rpc.handle('debug/set', (snapshot) => {
      lens.setDebug(snapshot);
      return null;
    });
    this.rpc.handle('flows/clear', () => {
      lens.clear();
      return null;
    });
    this.rpc.handle('record/start', async ({ file, ...only }) => {
      await lens.startRecording(file, only);
      return null;
    });
    this.rpc.handle('record/stop', () => {
      // What an engine told at its end belongs to the recording, too.
      this.drainFeed();
      return lens.stopRecording();
    });
    this.rpc.handle('record/status', () => lens.recordingStatus());
    serveExports(this.rpc, lens.exporter);
    serveInspection(this.rpc, lens.inspection);
    serveFilters(this.rpc, lens.seen);
  }

  private attach(port: MessagePort): { firstFlowId: number } {
    // The engine of the feed before is gone, whether or not it said goodbye; what it told last may still wait in its port.
    this.drainFeed();
    this.lens.endEngine();
    const feed = new Owner();
    const rpc = feed.register(new Rpc<CaptureFeedContract, CaptureAckContract>(drainable(port, (drain) => (this.drainFeed = drain)), (fault) => this.report(fault)));
    const acknowledge = (): void => rpc.notify('capture/ack', { batches: 1 });
    const sendMode = (waitsForLens: boolean): void => rpc.notify('capture/mode', { waitsForLens });
    feed.register(toDisposable(() => port.close()));
    // Comes after everything that was sent before the other end was closed.
    port.on('close', () => {
      if (this.feed.value === feed) this.rpc.notify('lens/detached', null);
    });
    feed.register(this.lens.onRecording(sendMode));
    feed.register(
      rpc.on('capture/batch', (batch) => {
        // A batch is acknowledged even when a fault of ours kept it from being taken in: the engine must not wait for it.
        try {
          this.lens.ingest(batch);
        } finally {
          const room = this.lens.room();
          if (room === undefined) acknowledge();
          else void room.then(acknowledge);
        }
      }),
    );
    this.feed.value = feed;
    if (this.lens.isRecording) sendMode(true);
    return { firstFlowId: this.lens.firstFreeFlowId };
  }

  private noteChange(): void {
    this.hasChanged = true;
    if (this.changedTimer !== undefined) return;
    this.sendChange();
    this.changedTimer = setTimeout(() => {
      this.changedTimer = undefined;
      if (this.hasChanged) this.noteChange();
    }, changedEveryMs);
  }

  private sendChange(): void {
    this.hasChanged = false;
    this.rpc.notify('lens/changed', this.lens.summary());
    if (this.file !== undefined) this.rpc.notify('file/changed', this.file.current);
  }

  private report(fault: unknown): void {
    const text = fault instanceof MuxError ? fault.message : fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.rpc.notify('lens/log', { level: 'error', message: text });
  }
}

/** The engine's port with a way to take everything that has come, without waiting for the next turn of the loop. */
function drainable(port: MessagePort, take: (drain: () => void) => void): Port {
  const plain = nodePort(port);
  return {
    post: (message, transfer) => plain.post(message, transfer),
    onMessage: (listener) => {
      take(() => {
        for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) listener(next.message);
      });
      return plain.onMessage(listener);
    },
  };
}
