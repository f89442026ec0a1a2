// How long one decision takes: a list of ten routes judged on whole first flights, in memory.

import { compileListener, inspect, inspectMemory, type CompiledListener } from '../../src/core/engine/inspect.js';
import type { Condition, ListenerRule } from '../../src/shared/rules.js';
import { spreadOf, type Line } from './figures.js';
import { firstFlights } from './flights.js';
import type { BenchContext } from './rounds.js';

const goalMicroseconds = 20;
// One decision is shorter than the clock can tell; this many together are not.
const callsPerReading = 100;
const readingsPerRound = 200;
const warmUpReadings = 50;

const conditions: Record<string, Condition> = {
  ssh: { kind: 'protocol', ids: ['ssh'] },
  secure: { kind: 'tls', sni: ['*.example.test', 'app.*'], alpn: ['h2'] },
  tls: { kind: 'protocol', ids: ['tls'] },
  api: { kind: 'http', host: ['api.localhost'], path: ['/v1/*'] },
  grpc: { kind: 'protocol', ids: ['grpc'] },
  cache: { kind: 'protocol', ids: ['redis'] },
  database: { kind: 'protocol', ids: ['postgres'] },
  broker: { kind: 'protocol', ids: ['mqtt'] },
  odd: { kind: 'payload', offset: 0, hex: ['deadbeef', 'cafe'] },
  web: { kind: 'protocol', ids: ['http1', 'http2', 'websocket'] },
};

export async function decide(context: BenchContext): Promise<Line[]> {
  const list = compileListener(listener());
  const flights = (await firstFlights()).filter((flight) => 0 < flight.client.length);
  const perFlight = flights.map((flight) => ({ name: flight.name, readings: [] as number[] }));
  for (let round = 0; round < context.rounds; round++) {
    context.say(`decide: round ${round + 1} of ${context.rounds}`);
    flights.forEach((flight, at) => {
      for (let i = 0; i < warmUpReadings; i++) reading(list, flight.client);
      for (let i = 0; i < readingsPerRound; i++) perFlight[at]?.readings.push(reading(list, flight.client));
    });
  }
  const medians = perFlight.map(({ name, readings }) => ({ name, median: spreadOf(readings).median }));
  const slowest = medians.reduce((worst, entry) => (worst.median < entry.median ? entry : worst));
  return [{
    row: 'decision, list of 10 routes',
    unit: 'us',
    ours: spreadOf(medians.map(({ median }) => median)),
    goal: { of: 'figure', sense: 'atMost', value: goalMicroseconds },
    note: `over ${flights.length} kinds of first flight, slowest: ${slowest.name}`,
  }];
}

function listener(): ListenerRule {
  const to = { upstreams: [{ kind: 'tcp' as const, host: '127.0.0.1', port: 9 }], balance: 'roundRobin' as const };
  return {
    id: 'bench/decide',
    name: 'decide',
    isEnabled: true,
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    inspect: { timeoutMs: 300, maxBytes: 16_384 },
    idleMs: 0,
    connectTimeoutMs: 5000,
    routes: Object.entries(conditions).map(([name, condition]) => ({ name, isEnabled: true, condition, to })),
    fallback: { ...to, whenSilent: false },
  };
}

/** @returns microseconds of one decision, as each connection pays it: fresh memory, one call on all bytes */
function reading(list: CompiledListener, client: Uint8Array): number {
  const facts = { remote: '127.0.0.1', process: null, isSilent: false };
  const before = process.hrtime.bigint();
  for (let i = 0; i < callsPerReading; i++) {
    inspect(list, client, { ended: false, isFinal: false, facts, memory: inspectMemory(list) });
  }
  return Number(process.hrtime.bigint() - before) / 1000 / callsPerReading;
}
