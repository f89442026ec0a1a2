// Lens on a thread of its own, so that looking at the traffic does not slow it. This is the main thread's end of it.

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { nodePort } from '../core/engine/nodePort.js';
import { workerEnded } from '../shared/errors.js';
import { Owner, toDisposable } from '../shared/lifecycle.js';
import type { LensContract, LensEvents } from '../shared/protocol.js';
import { Rpc } from '../shared/rpc.js';
import type { LineSink } from './report.js';

const nurseryMB = 64;

/** How flows are told on standard output. */
export type FlowLines = 'json' | 'prose' | 'none';

/** When the thread ends by itself, the engine hears of it through its port and goes on. */
export class LensWorker extends Owner {
  readonly rpc: Rpc<LensEvents, LensContract>;
  hasEnded = false;
  private readonly worker: Worker;

  /** @param report hears faults, and that the thread ended by itself */
  constructor(lines: FlowLines, output: LineSink, report: (fault: unknown) => void) {
    super();
    // The same bundle again: its main module finds itself on a worker thread and runs `runLensThread`.
    // Every flow leaves facts behind that outlive a small nursery: a larger one halves what collecting garbage costs.
    this.worker = new Worker(__filename, { workerData: { lines }, resourceLimits: { maxYoungGenerationSizeMb: nurseryMB } });
    this.register(toDisposable(() => void this.worker.terminate()));
    this.rpc = this.register(new Rpc<LensEvents, LensContract>(nodePort(this.worker), report));
    this.worker.on('message', (message: unknown) => {
      if (typeof message === 'string') output.write(message);
    });
    let reason: string | undefined;
    this.worker.on('error', (fault) => (reason = fault.message));
    this.worker.on('exit', (code) => {
      this.hasEnded = true;
      if (!this.isDisposed) report(workerEnded('lens', reason ?? `exit code ${code}`));
    });
  }

  /** @returns the engine's end of the feed */
  async attach(): Promise<MessagePort> {
    const { port1, port2 } = new MessageChannel();
    await this.rpc.request('lens/attach', { port: port2 }, [port2]);
    return port1;
  }

  /** Resolves once lens has heard of the end of every flow that it heard of. */
  async untilNoFlowLives(): Promise<void> {
    const isQuiet = new Promise<void>((resolve) => {
      this.rpc.on('lens/changed', ({ liveFlows }) => {
        if (liveFlows === 0) resolve();
      });
    });
    const { liveFlows } = await this.rpc.request('lens/summary', null);
    if (liveFlows > 0) await isQuiet;
  }

  /** Resolves once lens has taken in everything that the engine told before it closed its end. */
  untilDetached(): Promise<void> {
    return new Promise((resolve) => this.rpc.on('lens/detached', () => resolve()));
  }
}
