// Engine and lens as the editor runs them: two built workers and a channel between them, with a listener for each upstream.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { nodePort } from '../../../src/core/engine/nodePort.js';
import { Owner, toDisposable } from '../../../src/shared/lifecycle.js';
import type { EngineContract, EngineEvents, LensContract, LensEvents, LensSummary } from '../../../src/shared/protocol.js';
import { Rpc, type Contract } from '../../../src/shared/rpc.js';
import type { ListenerRule } from '../../../src/shared/rules.js';

export class Workers extends Owner {
  readonly engine = this.start<EngineEvents, EngineContract>('engine.js');
  readonly lens = this.start<LensEvents, LensContract>('lens.js');
  readonly faults: unknown[] = [];

  /** @param upstreams ports by the name of their listener @returns ports of the listeners */
  async listen(upstreams: Record<string, number>, { captureMemoryMB = 64, resolvesProcesses = true } = {}): Promise<Map<string, number>> {
    const { port1, port2 } = new MessageChannel();
    await this.lens.request('lens/attach', { port: port2 }, [port2]);
    await this.engine.request('capture/attach', { port: port1 }, [port1]);
    const listeners = Object.entries(upstreams).map(([name, port]): ListenerRule => ({
      id: `test/${name}`, name, isEnabled: true, listen: { kind: 'tcp', host: '127.0.0.1', port: 0 }, inspect: { timeoutMs: 100, maxBytes: 16384 }, idleMs: 0, connectTimeoutMs: 3000, routes: [],
      fallback: { upstreams: [{ kind: 'tcp', host: '127.0.0.1', port }], balance: 'first', whenSilent: true },
    }));
    await this.engine.request('rules/apply', { rules: { listeners }, settings: { captureMemoryMB, confirmedExposures: [], resolvesProcesses } });
    const status = await this.engine.request('listeners/start', {});
    return new Map(status.listeners.map(({ name, address }) => {
      assert.ok(address?.kind === 'tcp', name);
      return [name, address.port];
    }));
  }

  /** Resolves once lens has heard of the end of all flows, so many at least. */
  async untilClosed(flows: number): Promise<void> {
    const isThere = ({ liveFlows, totalFlows }: LensSummary): boolean => liveFlows === 0 && flows <= totalFlows;
    const heard = new Promise<void>((resolve) => this.lens.on('lens/changed', (summary) => isThere(summary) && resolve()));
    if (!isThere(await this.lens.request('lens/summary', null))) await heard;
  }

  /** Resolves once lens has heard of the end of every connection that the engine has accepted so far. */
  async untilAllClosed(): Promise<void> {
    // Those that listen already are left as they are.
    const { listeners } = await this.engine.request('listeners/start', {});
    await this.untilClosed(listeners.reduce((sum, { total }) => sum + total, 0));
  }

  async close(): Promise<void> {
    await this.engine.request('engine/close', null);
    this.dispose();
  }

  private start<Hears extends Contract, Calls extends Contract>(file: string): Rpc<Hears, Calls> {
    const worker = new Worker(join(__dirname, '..', '..', file));
    this.register(toDisposable(() => void worker.terminate()));
    return this.register(new Rpc<Hears, Calls>(nodePort(worker), (fault) => this.faults.push(fault)));
  }
}
