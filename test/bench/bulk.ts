// One flow, as many bytes as go through, in either direction.

import { Load } from './loadClient.js';
import { oursWithoutCapture } from './peers.js';
import { compare, measureInRounds, type BenchContext, type Comparison, type Sample } from './rounds.js';
import type { Line } from './figures.js';

const gigabyte = 1e9;

export async function bulk(context: BenchContext): Promise<Line[]> {
  const lines: Line[] = [];
  for (const sends of [true, false]) lines.push(...(await oneDirection(context, sends)));
  return lines;
}

async function oneDirection(context: BenchContext, sends: boolean): Promise<Line[]> {
  const server = new Load(context.loadScript);
  const client = new Load(context.loadScript);
  const row = sends ? 'bulk to upstream' : 'bulk to client';
  try {
    const upstreamPort = await server.port({ do: 'serveBulk', sends: !sends });
    const samples = await measureInRounds(context, row, context.proxies, { upstreamPort, maxConnections: 100 }, async (proxy) => {
      const result = await client.ask({ do: 'bulk', port: proxy.port, sends, seconds: context.seconds });
      const received = sends ? await server.ask({ do: 'bulkReceived' }) : result;
      return { bytesPerSecond: received.bytesPerSecond ?? NaN, totalBytes: received.totalBytes ?? NaN };
    });
    const shared: Omit<Comparison, 'row'> = { unit: 'GB/s', figure: (sample) => (sample['bytesPerSecond'] ?? NaN) / gigabyte };
    return [
      ...compare(samples, {
        ...shared,
        row: `${row}, captured`,
        goals: [{ peer: 'sslh', goal: { of: 'ratio', sense: 'atLeast', value: 1.7 } }],
        goalAgainstFastest: { peers: ['haproxy', 'nginx'], goal: { of: 'ratio', sense: 'atLeast', value: 1.2 } },
      }),
      ...compare(samples, {
        ...shared,
        row: `${row}, capture off`,
        ours: oursWithoutCapture,
        peers: ['haproxy', 'nginx'],
        goalAgainstFastest: { peers: ['haproxy', 'nginx'], goal: { of: 'ratio', sense: 'atLeast', value: 1.4 } },
      }),
      ...compare(samples, { row: `${row}, CPU time of the proxy`, unit: 'ms/GB', figure: millisecondsPerGigabyte, peers: ['haproxy', 'nginx', 'sslh'] }),
    ];
  } finally {
    await Promise.all([server.stop(), client.stop()]);
  }
}

/** Steadier than throughput on a machine that does other things as well. */
function millisecondsPerGigabyte(sample: Sample): number | undefined {
  const { cpuSeconds, totalBytes } = sample;
  return cpuSeconds === undefined || totalBytes === undefined ? undefined : (cpuSeconds * 1000) / (totalBytes / gigabyte);
}
