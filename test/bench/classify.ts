// How many connections a second can be named from their first bytes, on one core: our mix, or the vectors of a file.

import { readFileSync } from 'node:fs';
import { classify } from '../../src/core/protocols/index.js';
import { spreadOf, type Line } from './figures.js';
import { firstFlights, type FirstFlight } from './flights.js';
import type { BenchContext } from './rounds.js';

const goalPerSecond = 1_000_000;
// Between two looks at the clock.
const flightsPerReading = 10_000;

export async function classification(context: BenchContext): Promise<Line[]> {
  const flights = context.vectors === undefined ? await firstFlights() : readVectors(context.vectors);
  const perSecond: number[] = [];
  let named = 0;
  measure(flights, 200);
  for (let round = 0; round < context.rounds; round++) {
    context.say(`classify: round ${round + 1} of ${context.rounds}`);
    const result = measure(flights, context.seconds * 1000);
    perSecond.push(result.perSecond);
    named = result.named;
  }
  return [{
    row: 'first flights named, one core',
    unit: '/s',
    ours: spreadOf(perSecond),
    goal: { of: 'figure', sense: 'atLeast', value: goalPerSecond },
    note: `${flights.length} flights of ${context.vectors === undefined ? 'the mix in flights.ts' : 'the file'}, ${Math.round(named * 100)} % with a name`,
  }];
}

function measure(flights: readonly FirstFlight[], forMs: number): { perSecond: number; named: number } {
  let done = 0;
  let named = 0;
  const startedAt = performance.now();
  for (;;) {
    for (let i = 0; i < flightsPerReading; i++) {
      const flight = flights[i % flights.length];
      if (flight !== undefined && classify(flight.client, flight.server, flight.first).protocol !== 'unknown') named++;
    }
    done += flightsPerReading;
    const elapsed = performance.now() - startedAt;
    if (forMs <= elapsed) return { perSecond: (done / elapsed) * 1000, named: named / done };
  }
}

/** Lines as `port-prism classify` reads them: `{"id","client":hex,"server":hex,"first"}`. */
function readVectors(file: string): FirstFlight[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => {
    const vector = JSON.parse(line) as { id: string; client: string; server: string; first: 'client' | 'server' };
    return { name: vector.id, client: new Uint8Array(Buffer.from(vector.client, 'hex')), server: new Uint8Array(Buffer.from(vector.server, 'hex')), first: vector.first };
  });
}
