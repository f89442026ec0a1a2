// Runs inside the extension host of a real VS Code: activates the extension, times it, and counts the workers it started.

import { createRequire } from 'node:module';
import type * as WorkerThreads from 'node:worker_threads';
import * as vscode from 'vscode';

/** Prefix of the line that carries the answer to the bench. */
const answerMark = 'port-prism-bench';

/** What the extension host itself shows under "Running Extensions": loading the code, and activate() until its promise is done. */
interface Times {
  loadMs: number;
  activateMs: number;
}

/** @throws when the extension is missing or its activation fails */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('port-prism.port-prism');
  if (extension === undefined) throw new Error('the extension is not there');
  const times: Times = { loadMs: NaN, activateMs: NaN };
  const countWorkers = watchWorkers();
  const stopTiming = timeLoading(extension.extensionPath, times);
  const wasActive = extension.isActive;
  await extension.activate();
  stopTiming();
  console.log(`${answerMark} ${JSON.stringify({ ...times, workers: countWorkers(), wasActive })}`);
}

/** @returns how many were made since; counting ends with the answer */
function watchWorkers(): () => number {
  const threads = createRequire(__filename)('node:worker_threads') as { Worker: typeof WorkerThreads.Worker };
  const { Worker } = threads;
  let count = 0;
  threads.Worker = new Proxy(Worker, {
    construct(target, args, newTarget): object {
      count++;
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  return () => {
    threads.Worker = Worker;
    return count;
  };
}

interface ExtensionModule {
  activate(context: vscode.ExtensionContext): unknown;
}

/**
 * Times the load of the extension's file and its activate(). `await extension.activate()` would also count
 * messages to the window, which on a window that is still opening take longer than everything else.
 */
function timeLoading(folder: string, times: Times): () => void {
  // `_load` is what require() goes through in every Node; it is internal, and a bench that cannot hook it reports no figure.
  const loader = createRequire(__filename)('node:module') as unknown as { _load: (request: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = function (request, ...rest) {
    if (!request.startsWith(folder)) return load.call(this, request, ...rest);
    const before = performance.now();
    const loaded = load.call(this, request, ...rest) as ExtensionModule;
    times.loadMs = performance.now() - before;
    return {
      ...loaded,
      activate: async (context: vscode.ExtensionContext) => {
        const called = performance.now();
        const api = await loaded.activate(context);
        times.activateMs = performance.now() - called;
        return api;
      },
    };
  };
  return () => {
    loader._load = load;
  };
}
