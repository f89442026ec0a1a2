// Entry of the engine worker: serves EngineContract over parentPort.

import { parentPort, type MessagePort } from 'node:worker_threads';
import type { EngineContract, EngineEvents } from '../../shared/protocol.js';
import { Rpc, type Port } from '../../shared/rpc.js';
import { toDisposable, Owner } from '../../shared/lifecycle.js';
import { portHolder } from '../ports/portHolder.js';
import { ProcessResolver } from '../ports/processResolver.js';
import { Engine } from './engine.js';
import { HoldServer } from './hold/holdServer.js';
import { nodePort } from './nodePort.js';
import { chooseSockets } from './sockets.js';

/** Serves one engine to whoever holds the other end of `port`. */
export async function serveEngine(port: Port): Promise<Owner> {
  const owner = new Owner();
  const rpc = owner.register(new Rpc<EngineContract, EngineEvents>(port, (fault) => logFault(fault)));
  const logFault = (fault: unknown): void => rpc.notify('engine/log', { level: 'error', message: describe(fault) });
  const engine = chooseSockets().then((sockets) => {
    const made = owner.register(new Engine({ sockets, processes: owner.register(new ProcessResolver()), portHolder }));
    owner.register(made.onStatus((status) => rpc.notify('engine/status', status)));
    owner.register(made.onLog((entry) => rpc.notify('engine/log', entry)));
    if (sockets.kind === 'streams') rpc.notify('engine/log', { level: 'info', message: 'This Node has no bare socket handles in the known shape; forwarding uses streams, which is slower.' });
    return made;
  });
  // Handlers stand before the first await, so that no early request is missed; they wait for the engine themselves.
  rpc.handle('rules/apply', async ({ rules, settings }) => (await engine).apply(rules, settings));
  rpc.handle('listeners/start', async ({ id }) => (await engine).start(id));
  rpc.handle('listeners/stop', async ({ id }) => (await engine).stop(id));
  rpc.handle('flows/close', async ({ ids }) => ({ closed: (await engine).closeFlows(ids) }));
  rpc.handle('capture/attach', async ({ port: feed, firstFlowId }) => {
    (await engine).attach(feed as MessagePort, firstFlowId);
    return null;
  });
  const holds = engine.then((made) => new HoldServer(made, (status) => rpc.notify('hold/changed', status)));
  rpc.handle('hold/set', async ({ rules, spoken }) => (await holds).set(rules, spoken));
  rpc.handle('hold/status', async () => (await holds).status());
  rpc.handle('hold/read', async ({ id }) => (await holds).read(id));
  rpc.handle('hold/decide', async ({ id, action }) => (await holds).decide(id, action));
  rpc.handle('engine/close', async () => {
    await (await engine).close();
    return null;
  });
  owner.register(toDisposable(onUncaught((fault) => logFault(fault))));
  await engine;
  return owner;
}

/** A fault that no flow contained is told before the worker ends of it: going on in an unknown state could lose bytes silently. */
function onUncaught(report: (fault: unknown) => void): () => void {
  const monitor = (fault: unknown): void => report(fault);
  process.on('uncaughtExceptionMonitor', monitor);
  return () => process.off('uncaughtExceptionMonitor', monitor);
}

function describe(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

if (parentPort !== null) void serveEngine(nodePort(parentPort));
