// What a connection costs that says nothing: resident memory of the proxy per open flow.

import { Load } from './loadClient.js';
import { openFileLimit, residentBytes } from './system.js';
import { ratios, spreadOf, type Line } from './figures.js';
import { ourName, type ProxyKind } from './peers.js';
import type { BenchContext } from './rounds.js';

const flowCounts = [5_000, 10_000];
const goalKB = 24;
// A proxy needs two descriptors per flow, and some for itself (listeners, files, event queues, its workers' pipes).
const spareDescriptors = 200;
// Code that runs for the first time and buffers that are made once do not belong to a flow.
const warmUpFlows = 300;
const settleMs = 1500;

export async function idle(context: BenchContext): Promise<Line[]> {
  if (residentBytes(process.pid) === undefined) {
    context.say('idle: this system does not tell the memory of a process (no /proc); row left out');
    return [];
  }
  const most = Math.floor((openFileLimit() - spareDescriptors) / 2);
  const counts = [...new Set(flowCounts.map((count) => Math.min(count, most)))];
  const kinds = context.proxies.filter((kind) => kind.holdsManyFlows && kind.name !== 'direct');
  const lines: Line[] = [];
  for (const count of counts) {
    const perFlow = new Map<string, number[]>(kinds.map((kind) => [kind.name, []]));
    // Memory moves little from run to run; three rounds show it.
    for (let round = 0; round < Math.min(3, context.rounds); round++) {
      for (const kind of kinds) {
        context.say(`idle: ${count} flows through ${kind.name}, round ${round + 1}`);
        perFlow.get(kind.name)?.push(await kilobytesPerFlow(context, kind, count));
      }
    }
    const ours = perFlow.get(ourName) ?? [];
    for (const [peer, theirs] of perFlow) {
      if (peer === ourName) continue;
      lines.push({
        row: `idle flow, ${count.toLocaleString('en-US')} open`,
        unit: 'KB',
        ...(0 < ours.length ? { ours: spreadOf(ours), ratio: spreadOf(ratios(ours, theirs)) } : {}),
        peer,
        theirs: spreadOf(theirs),
        ...(peer === kinds.find((kind) => kind.name !== ourName)?.name ? { goal: { of: 'figure', sense: 'atMost', value: goalKB } } : {}),
        ...(count === most ? { note: `as many as the limit of ${openFileLimit().toLocaleString('en-US')} open files allows` } : {}),
      });
    }
  }
  return lines;
}

async function kilobytesPerFlow(context: BenchContext, kind: ProxyKind, count: number): Promise<number> {
  const upstream = new Load(context.loadScript);
  const client = new Load(context.loadScript);
  try {
    const upstreamPort = await upstream.port({ do: 'serveWeb' });
    const proxy = await kind.start({ upstreamPort, maxConnections: count + 50 });
    try {
      const pid = proxy.pid ?? -1;
      await client.ask({ do: 'hold', port: proxy.port, connections: warmUpFlows });
      await client.ask({ do: 'release' });
      const before = await settledResidentBytes(pid);
      await client.ask({ do: 'hold', port: proxy.port, connections: count });
      const after = await settledResidentBytes(pid);
      await client.ask({ do: 'release' });
      return (after - before) / count / 1000;
    } finally {
      await proxy.stop();
    }
  } finally {
    await Promise.all([upstream.stop(), client.stop()]);
  }
}

/** Memory after a while of quiet: collectors run when nothing else does, and no event says that they are done. */
async function settledResidentBytes(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  return residentBytes(pid) ?? NaN;
}
