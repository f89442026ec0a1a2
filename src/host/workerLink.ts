// A worker thread with an Rpc over it, and one answer to "how did it end".

import { Worker, type Transferable } from 'node:worker_threads';
import { Owner, toDisposable } from '../shared/lifecycle.js';
import { Rpc, type Contract, type Port } from '../shared/rpc.js';

/** A worker that was asked to finish is ended after this long, in milliseconds: deactivation has 5 s for everything. */
const politeEndMs = 2000;

export class WorkerLink<Hears extends Contract, Calls extends Contract> extends Owner {
  readonly rpc: Rpc<Hears, Calls>;
  /** resolves when the worker is gone, with why when nobody asked it to end */
  readonly ended: Promise<{ isExpected: boolean; why: string }>;
  private readonly worker: Worker;
  private isExpected = false;

  /**
   * @param entry absolute path of the worker's bundle
   * @param data what the worker finds as its `workerData`
   * @param report hears faults of listeners on this side
   */
  constructor(entry: string, name: string, report: (fault: unknown) => void, data?: unknown) {
    super();
    // The extension host's own flags (inspector, heap) are not this worker's.
    this.worker = new Worker(entry, { name, workerData: data, execArgv: [], stdout: false, stderr: false });
    let fault: Error | undefined;
    this.worker.on('error', (error) => (fault = error));
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.rpc.dispose();
        resolve({ isExpected: this.isExpected, why: fault?.message ?? `exit code ${code}` });
      });
    });
    this.rpc = this.register(new Rpc<Hears, Calls>(workerPort(this.worker), report));
    this.register(toDisposable(() => {
      this.isExpected = true;
      void this.worker.terminate();
    }));
  }

  /** Ends the worker: `finish` first, bounded in time, then for good. Resolves when the thread is gone. */
  async close(finish: () => Promise<unknown>): Promise<void> {
    this.isExpected = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, politeEndMs)));
    // A worker that cannot finish politely is ended all the same: the kernel frees its sockets.
    await Promise.race([finish().catch(() => undefined), timeout]);
    clearTimeout(timer);
    await this.worker.terminate();
    this.dispose();
  }

  /** Ends the thread as a fault would: for tests of what happens then. */
  crash(): Promise<number> {
    return this.worker.terminate();
  }
}

function workerPort(worker: Worker): Port {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as Transferable[] | undefined),
    onMessage(listener) {
      worker.on('message', listener);
      return toDisposable(() => worker.off('message', listener));
    },
  };
}
