// A B C, A B C, ...: every contestant once per round, so that what else the machine does falls on all of them alike.

import { cpuSeconds } from './system.js';
import { ratios, spreadOf, type Goal, type Line } from './figures.js';
import { ourName, oursWithoutCapture, type ProxyKind, type ProxyOptions, type RunningProxy } from './peers.js';

export interface BenchContext {
  /** the repository */
  root: string;
  /** the bundled load.ts */
  loadScript: string;
  proxies: readonly ProxyKind[];
  rounds: number;
  seconds: number;
  /** file of classify lines, when one was named */
  vectors: string | undefined;
  say(text: string): void;
}

/** What one contestant did in one round: figures by name, in the same order as the measure was told. */
export type Sample = Record<string, number>;

/** Samples per contestant, one per round. */
export type Samples = Map<string, Sample[]>;

/**
 * Starts every contestant, measures them in rounds, ends them.
 *
 * `cpuSeconds` is added to each sample where the system tells it: CPU time the proxy took during the measure.
 */
export async function measureInRounds(
  context: BenchContext,
  title: string,
  kinds: readonly ProxyKind[],
  options: ProxyOptions,
  measure: (proxy: RunningProxy, kind: ProxyKind) => Promise<Sample>,
): Promise<Samples> {
  const running: { kind: ProxyKind; proxy: RunningProxy }[] = [];
  const samples: Samples = new Map(kinds.map((kind) => [kind.name, []]));
  try {
    for (const kind of kinds) running.push({ kind, proxy: await kind.start(options) });
    // One unrecorded measure each: compiled code, warm caches and grown buffers are what a long-lived proxy has.
    for (const { kind, proxy } of running) await measure(proxy, kind);
    for (let round = 0; round < context.rounds; round++) {
      context.say(`${title}: round ${round + 1} of ${context.rounds}`);
      // The place in the round rotates, since a neighbour's leftovers (TIME_WAIT, dirty caches) are not the same for all.
      for (let turn = 0; turn < running.length; turn++) {
        const entry = running[(turn + round) % running.length];
        if (entry === undefined) continue;
        const before = cpuSeconds(entry.proxy.pid);
        const sample = await measure(entry.proxy, entry.kind);
        const after = cpuSeconds(entry.proxy.pid);
        if (before !== undefined && after !== undefined) sample['cpuSeconds'] = after - before;
        samples.get(entry.kind.name)?.push(sample);
      }
    }
  } finally {
    await Promise.all(running.map(({ proxy }) => proxy.stop()));
  }
  return samples;
}

export interface Comparison {
  row: string;
  unit: string;
  figure: (sample: Sample) => number | undefined;
  ours?: string;
  /** peers that are compared, in the order of the table; all others of the run when absent */
  peers?: readonly string[];
  goals?: readonly { peer: string; goal: Goal }[];
  /** this goal is held against the faster of these */
  goalAgainstFastest?: { peers: readonly string[]; goal: Goal };
}

/** Lines of one row group: us against each peer. */
export function compare(samples: Samples, comparison: Comparison): Line[] {
  const figuresOf = (name: string): number[] =>
    (samples.get(name) ?? []).map(comparison.figure).filter((value): value is number => value !== undefined && !Number.isNaN(value));
  const us = comparison.ours ?? ourName;
  const ours = figuresOf(us);
  const names = comparison.peers ?? [...samples.keys()].filter((name) => name !== ourName && name !== oursWithoutCapture);
  const peers = names.filter((name) => 0 < figuresOf(name).length);
  const fastest = comparison.goalAgainstFastest?.peers
    .filter((name) => peers.includes(name))
    .sort((a, b) => spreadOf(figuresOf(b)).median - spreadOf(figuresOf(a)).median)[0];
  return peers.map((peer): Line => {
    const theirs = figuresOf(peer);
    const goal = peer === fastest ? comparison.goalAgainstFastest?.goal : comparison.goals?.find((entry) => entry.peer === peer)?.goal;
    return {
      row: comparison.row,
      unit: comparison.unit,
      ...(0 < ours.length ? { ours: spreadOf(ours), ratio: spreadOf(ratios(ours, theirs)) } : {}),
      peer,
      theirs: spreadOf(theirs),
      ...(goal === undefined ? {} : { goal }),
    };
  });
}
