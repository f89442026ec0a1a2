// Decoding along with the traffic: a million messages of some hundred flows, what their rows take, and how long the details of one message
// take to come in a flow of hundreds of thousands.

import { Lens } from '../../src/core/lens/lens.js';
import { classify } from '../../src/core/protocols/index.js';
import { spreadOf, type Line } from './figures.js';
import { longFlow, MixedTraffic } from './mixedTraffic.js';
import type { BenchContext } from './rounds.js';

const messages = 1_000_000;
/** The long flow has so many exchanges. */
const longExchanges = 100_000;
const goalMessagesPerSecond = 150_000;
const goalBytesPerRow = 300;
const goalDetailMs = 50;
/** Details that are asked for at each place. */
const probes = 40;
/** 512 MiB: nothing is overwritten. */
const segments = 512;

export async function ledger(context: BenchContext): Promise<Line[]> {
  const rates: number[] = [];
  let lines: Line[] = [];
  for (let round = 0; round < context.rounds; round++) {
    context.say(`ledger: round ${round + 1} of ${context.rounds}`);
    const { lens, rate } = fill();
    rates.push(rate);
    if (round + 1 < context.rounds) continue;
    lines = [
      { row: 'decode along, a million messages', unit: '/s', ours: spreadOf(rates), goal: { of: 'figure', sense: 'atLeast', value: goalMessagesPerSecond }, note: 'redis, http1 and postgres over 360 flows, with all that the ledger keeps' },
      { row: 'bytes of a row', unit: 'B', ours: spreadOf([lens.messages.ledger.memoryBytes / (lens.messages.ledger.end - lens.messages.ledger.first)]), goal: { of: 'figure', sense: 'atMost', value: goalBytesPerRow }, note: `${Math.round(lens.summary().memoryBytes / 2 ** 20)} MiB with checkpoints, index and decoders` },
      detail(lens, 'at the end', 0.999),
      detail(lens, 'in the middle', 0.5),
    ];
    // Between two rounds others may run: the bench can be ended.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return lines;
}

/** CPU time of this process, without making the traffic: what else the machine does must not count. */
function fill(): { lens: Lens; rate: number } {
  const lens = new Lens({ classify, now: () => performance.now() });
  const traffic = new MixedTraffic(segments);
  let usedUs = 0;
  let long = 0;
  while (lens.messages.ledger.end < messages) {
    traffic.round();
    if (long < longExchanges) traffic.long(250);
    long += 250;
    lens.ingest(traffic.feed.take());
    const before = process.cpuUsage();
    while (!lens.messages.decoder.isCaughtUp) lens.messages.decoder.advance();
    const { user, system } = process.cpuUsage(before);
    usedUs += user + system;
  }
  return { lens, rate: lens.messages.ledger.end / (usedUs / 1e6) };
}

function detail(lens: Lens, place: string, at: number): Line {
  const { total } = lens.listMessages({ flow: longFlow, start: 0, count: 0 });
  const took = Array.from({ length: probes }, (_, probe) => {
    const startedAt = performance.now();
    // Far enough apart that none is a neighbour of the one before.
    if (lens.getMessage({ flow: longFlow, index: Math.floor(total * at) - probe * 701 }) === null) throw new Error('no such message');
    return performance.now() - startedAt;
  });
  return { row: `details of a message ${place}`, unit: 'ms', ours: spreadOf(took), goal: { of: 'figure', sense: 'atMost', value: goalDetailMs }, note: `of a flow with ${total.toLocaleString('en-US')}` };
}
