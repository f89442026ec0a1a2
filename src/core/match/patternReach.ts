// How far a pattern has to read before it must have answered: for the rule check, not for matching.

import { compileProgram, nextBytes, type Program } from './patternProgram.js';

export interface PatternReach {
  isAnchored: boolean;
  /** fewest bytes of a match */
  minBytes: number;
  /** most bytes an anchored pattern looks at before it has said `match` or `no`; Infinity when any bytes can keep it open */
  maxBytes: number;
  /** every match stands on the end of the text */
  needsEnd: boolean;
}

// A part that takes nearly every byte (`.`, `[^,]`) keeps a pattern open on bytes that have nothing to do with it; `[A-Z]+` does not.
const nearlyEvery = 200;

/** @returns undefined for a malformed pattern */
export function patternReach(source: string, flags: string): PatternReach | undefined {
  const program = compileProgram(source, flags);
  if (typeof program === 'string') return undefined;
  return { isAnchored: program.isAnchored, minBytes: minBytesOf(program), maxBytes: maxBytesOf(program), needsEnd: needsEndOf(program) };
}

function minBytesOf(program: Program): number {
  const seen = new Set<number>();
  let front = nextBytes(program, program.start);
  for (let count = 0; ; count++) {
    if (front.reachesMatch) return count;
    const fresh = front.instructions.filter((at) => !seen.has(at));
    if (fresh.length === 0) return Infinity;
    for (const at of fresh) seen.add(at);
    const next = fresh.map((at) => nextBytes(program, program.instructions[at]?.out ?? 0));
    front = { reachesMatch: next.some((one) => one.reachesMatch), isMatchCertain: false, instructions: next.flatMap((one) => one.instructions) };
  }
}

/** Longest way through instructions that leaves the answer open; a loop over nearly every byte has no end. */
function maxBytesOf(program: Program): number {
  const longest = new Map<number, number>();
  const onWay = new Set<number>();
  const visit = (at: number): number => {
    const known = longest.get(at);
    if (known !== undefined) return known;
    if (onWay.has(at)) {
      const loop = [...onWay].slice([...onWay].indexOf(at));
      const isWide = loop.every((one) => nearlyEvery <= takenBy(program, one));
      return isWide ? Infinity : 0;
    }
    onWay.add(at);
    const after = nextBytes(program, program.instructions[at]?.out ?? 0);
    let most = 0;
    if (!after.isMatchCertain) for (const next of after.instructions) most = Math.max(most, visit(next));
    onWay.delete(at);
    longest.set(at, 1 + most);
    return 1 + most;
  };
  return Math.max(0, ...nextBytes(program, program.start).instructions.map(visit));
}

function takenBy(program: Program, at: number): number {
  return program.instructions[at]?.takes?.reduce((sum, one) => sum + one, 0) ?? 0;
}

/** No match can be reached when conditions on the end of the text fail. */
function needsEndOf(program: Program): boolean {
  const seen = new Set<number>();
  const open = [program.start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const { instructions, reachesMatch } = nextBytes(program, at, true);
    if (reachesMatch) return false;
    for (const next of instructions) open.push(program.instructions[next]?.out ?? 0);
  }
  return true;
}
