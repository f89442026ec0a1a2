// Many small exchanges: HTTP requests on kept connections, and a connection for each request.

import { Load } from './loadClient.js';
import { startTinyWeb, type RunningProxy } from './peers.js';
import { compare, measureInRounds, type BenchContext, type Sample, type Samples } from './rounds.js';
import { webLoad, type WebLoad } from './wrk.js';
import type { Line } from './figures.js';

const connections = 32;

export async function http(context: BenchContext): Promise<Line[]> {
  const samples = await withWeb(context, (upstreamPort, load) =>
    measureInRounds(context, `http (${load.name})`, context.proxies, { upstreamPort, maxConnections: 1000 }, (proxy) => load.run(proxy.port, connections, context.seconds, false)));
  return noteErrors(samples, [
    ...compare(samples, {
      row: `http, ${connections} kept connections`,
      unit: 'requests/s',
      figure: (sample) => sample['perSecond'],
      goals: [{ peer: 'haproxy', goal: { of: 'ratio', sense: 'atLeast', value: 1 } }],
    }),
    ...compare(samples, { row: 'http, half answered within', unit: 'ms', figure: (sample) => sample['p50Ms'], peers: ['haproxy', 'nginx', 'direct'] }),
    ...compare(samples, {
      row: 'http, 99 % answered within',
      unit: 'ms',
      figure: (sample) => sample['p99Ms'],
      peers: ['haproxy', 'nginx', 'direct'],
      goals: [{ peer: 'haproxy', goal: { of: 'ratio', sense: 'atMost', value: 1 } }],
    }),
    ...compare(samples, { row: 'http, CPU time of the proxy', unit: 'us/request', figure: microsecondsEach(context.seconds), peers: ['haproxy', 'nginx'] }),
  ]);
}

export async function connectionChurn(context: BenchContext): Promise<Line[]> {
  const samples = await withWeb(context, (upstreamPort, load) =>
    measureInRounds(context, `connections (${load.name})`, context.proxies, { upstreamPort, maxConnections: 1000 }, (proxy) => load.run(proxy.port, connections, context.seconds, true)));
  return noteErrors(samples, [
    ...compare(samples, {
      row: `new connections, ${connections} at once`,
      unit: 'connections/s',
      figure: (sample) => sample['perSecond'],
      goals: [{ peer: 'haproxy', goal: { of: 'ratio', sense: 'atLeast', value: 0.7 } }],
    }),
    ...compare(samples, { row: 'new connections, CPU time of the proxy', unit: 'us/connection', figure: microsecondsEach(context.seconds), peers: ['haproxy', 'nginx'] }),
  ]);
}

async function withWeb(context: BenchContext, run: (upstreamPort: number, load: WebLoad) => Promise<Samples>): Promise<Samples> {
  const load = webLoad(context.loadScript);
  const web = (await startTinyWeb()) ?? (await ownWeb(context.loadScript));
  try {
    return await run(web.port, load);
  } finally {
    await Promise.all([web.stop(), load.stop()]);
  }
}

/** Without nginx our own server answers; it is slower, which the direct figure shows. */
async function ownWeb(loadScript: string): Promise<RunningProxy> {
  const server = new Load(loadScript);
  return { port: await server.port({ do: 'serveWeb' }), stop: () => server.stop() };
}

function microsecondsEach(seconds: number): (sample: Sample) => number | undefined {
  return (sample) => {
    const cpu = sample['cpuSeconds'];
    const perSecond = sample['perSecond'];
    return cpu === undefined || perSecond === undefined ? undefined : (cpu * 1e6) / (perSecond * seconds);
  };
}

/** A figure with failed requests in it is no figure: the line says so. */
function noteErrors(samples: Samples, lines: Line[]): Line[] {
  const failed = [...samples].flatMap(([name, of]) => {
    const errors = of.reduce((sum, sample) => sum + (sample['errors'] ?? 0), 0);
    return errors === 0 ? [] : [`${name}: ${errors} failed`];
  });
  const first = lines[0];
  if (first !== undefined && 0 < failed.length) first.note = failed.join(', ');
  return lines;
}
