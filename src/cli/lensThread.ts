// The thread that lens lives on. Lines about flows are made here too: the main thread, which forwards, only passes the text on.

import { parentPort } from 'node:worker_threads';
import { epochNow } from '../core/engine/clock.js';
import { nodePort } from '../core/engine/nodePort.js';
import { Lens } from '../core/lens/lens.js';
import { Pace } from '../core/lens/pace.js';
import { processorTimes } from '../core/lens/processorTimes.js';
import { LensServer } from '../core/lens/server.js';
import { yieldToForwarding } from '../core/lens/threadPriority.js';
import { classify } from '../core/protocols/index.js';
import type { FlowLines } from './lensWorker.js';
import { Report, type LineSink } from './report.js';

/** Strings on parentPort are lines for standard output; everything else there is rpc's. */
export function runLensThread(lines: FlowLines): void {
  if (parentPort === null) throw new Error('The lens thread is started as a worker.');
  const port = parentPort;
  yieldToForwarding();
  const lens = new Lens({ classify, now: epochNow, pace: new Pace({ now: epochNow, times: processorTimes }) });
  new LensServer(nodePort(port), lens, false);
  if (lines === 'none') return;
  const report = new Report(gathered((text) => port.postMessage(text)), { write: () => {} }, lines === 'json', epochNow);
  lens.onFlow((event) => report.flow(event));
}

/** Lines of one batch travel as one text. */
function gathered(send: (text: string) => void): LineSink {
  let text = '';
  return {
    write(line) {
      if (text === '') {
        queueMicrotask(() => {
          const whole = text;
          text = '';
          send(whole);
        });
      }
      text += line;
    },
  };
}
