// Entry of the lens worker. 'lens/flow' is sent when `workerData.flowEvents` is true: three messages per
// connection are a burden for a host that does not listen to them.

import { parentPort, workerData } from 'node:worker_threads';
import { epochNow } from '../engine/clock.js';
import { nodePort } from '../engine/nodePort.js';
import { classify } from '../protocols/index.js';
import { Lens } from './lens.js';
import { LensServer } from './server.js';

const options = (workerData ?? {}) as { flowEvents?: boolean };
if (parentPort === null) throw new Error('The lens worker is started by other code, as a worker thread.');
new LensServer(nodePort(parentPort), new Lens({ classify, now: epochNow }), options.flowEvents === true);
