// Entry of the lens worker. 'lens/flow' is sent when `workerData.flowEvents` is true: three messages per
// connection are a burden for a host that does not listen to them. With `workerData.file` it reads that capture file.

import { parentPort, workerData } from 'node:worker_threads';
import { epochNow } from '../engine/clock.js';
import { nodePort } from '../engine/nodePort.js';
import { classify } from '../protocols/index.js';
import { serveFile } from './file/fileLens.js';
import { Lens } from './lens.js';
import { LensServer } from './server.js';
import { Pace } from './pace.js';
import { processorTimes } from './processorTimes.js';
import { yieldToForwarding } from './threadPriority.js';

const { flowEvents, file } = (workerData ?? {}) as { flowEvents?: boolean; file?: string };
if (parentPort === null) throw new Error('The lens worker is started by other code, as a worker thread.');
yieldToForwarding();
const options = { classify, now: epochNow };
if (file === undefined) new LensServer(nodePort(parentPort), new Lens({ ...options, pace: new Pace({ now: epochNow, times: processorTimes }) }), flowEvents === true);
else serveFile(nodePort(parentPort), file, options);
