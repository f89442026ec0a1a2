// Chance that can be repeated: `npm test` has one seed, `npm run fuzz` another one each time and more rounds; the seed is printed and can be given
// again (FUZZ_SEED=123).

export const seed = Number(process.env['FUZZ_SEED'] ?? 20261125);
/** how many times the rounds of `npm test` are run */
export const factor = Number(process.env['FUZZ_FACTOR'] ?? 1);

// What one step may take, in milliseconds, on a machine that does other things as well: a hang, not a measurement.
const hangMs = 2000;

/** mulberry32: small, and the same everywhere. */
export function random(from: number): () => number {
  let state = from | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Runs a step; what it throws, or that it takes too long, is told with what it was given. */
export function guarded(what: string, given: () => string, step: () => void): void {
  // The time of this process: what else the machine does is no hang.
  const start = process.cpuUsage();
  try {
    step();
  } catch (fault) {
    throw new Error(`${what} failed on ${given()} (seed ${seed}): ${fault instanceof Error ? fault.message : String(fault)}`, { cause: fault });
  }
  const used = process.cpuUsage(start);
  const took = (used.user + used.system) / 1000;
  if (hangMs < took) throw new Error(`${what} took ${Math.round(took)} ms on ${given()} (seed ${seed})`);
}
