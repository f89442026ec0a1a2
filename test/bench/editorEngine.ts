// Engine and lens as the editor runs them, in a process of their own: two built workers and a channel between them; the main thread,
// which is the extension host's in VS Code, has nothing to do. `node editorEngine.js RULES [capture MiB] [watched]` runs until it is ended;
// watched: as with an inspector that is open, with a filter in force.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { nodePort } from '../../src/core/engine/nodePort.js';
import type { EngineContract, EngineEvents, LensContract, LensEvents } from '../../src/shared/protocol.js';
import { Rpc, type Contract } from '../../src/shared/rpc.js';
import type { RuleService } from '../../src/shared/rules.js';

const [rulesFile = '', memory = '256', how = 'alone', dist = join(__dirname, '..')] = process.argv.slice(2);

/** An inspector asks this often for what it shows, in milliseconds. */
const lookEveryMs = 100;

function worker<Hears extends Contract, Calls extends Contract>(file: string): Rpc<Hears, Calls> {
  const started = new Worker(join(dist, file));
  started.on('error', fail);
  return new Rpc<Hears, Calls>(nodePort(started), fail);
}

function fail(fault: unknown): void {
  console.error(fault);
  process.exit(1);
}

/** Asks for the end of a filtered list and for the overview, over and over. */
async function watch(lens: Rpc<LensEvents, LensContract>): Promise<void> {
  const opened = await lens.request('view/open', { filter: 'latency > 5ms or problem', listing: 'exchanges' });
  if ('problem' in opened) throw new Error(opened.problem.message);
  const look = async (): Promise<void> => {
    const { total } = await lens.request('view/rows', { view: opened.view, start: 0, count: 1, columns: [] });
    await lens.request('view/rows', { view: opened.view, start: Math.max(0, total - 50), count: 50, columns: [] });
    await lens.request('prism/get', null);
    setTimeout(() => look().catch(fail), lookEveryMs);
  };
  await look();
}

async function main(): Promise<void> {
  const { createRuleService } = createRequire(__filename)(join(dist, 'rules.js')) as { createRuleService(): RuleService };
  const { rules, problems } = createRuleService().parse(readFileSync(rulesFile, 'utf8'), 'bench');
  if (rules === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  const engine = worker<EngineEvents, EngineContract>('engine.js');
  const captureMemoryMB = Number(memory);
  if (0 < captureMemoryMB) {
    const lens = worker<LensEvents, LensContract>('lens.js');
    const { port1, port2 } = new MessageChannel();
    const { firstFlowId } = await lens.request('lens/attach', { port: port2 }, [port2]);
    await engine.request('capture/attach', { port: port1, firstFlowId }, [port1]);
    if (how === 'watched') await watch(lens);
  }
  await engine.request('rules/apply', { rules, settings: { captureMemoryMB, confirmedExposures: [], resolvesProcesses: false } });
  const { listeners } = await engine.request('listeners/start', {});
  const failed = listeners.find(({ state }) => state === 'failed');
  if (failed !== undefined) throw new Error(failed.error?.message);
  console.log('listening');
}

main().catch(fail);
