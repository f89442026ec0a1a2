// `pattern`: a regular expression over the first flight, in linear time.

import type { Condition } from '../../shared/rules.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { atPhrase, byteCount, routeMatcher, type RouteMatcher, type Verdict } from './matcher.js';
import { compileProgram, needsNextByte, op, width, type Program } from './patternProgram.js';

/**
 * Syntax is RE2's (no backreferences, no lookaround); the text has one character per byte (latin1), so `\xff` is that byte.
 *
 * The library parses and compiles; the program is then run here, over bytes, for two reasons: a stream has no end, so `$` and `\b`
 * must wait for what follows, and an anchored pattern can say `no` at the very byte that no longer fits. Neither can be learnt from a
 * library that answers "found" or "not found". Risk of false positives is the author's; the rule check warns about missing anchors.
 *
 * @throws on a malformed or too large pattern: validation comes first
 */
export function pattern(condition: Extract<Condition, { kind: 'pattern' }>): RouteMatcher {
  const program = compileProgram(condition.source, condition.flags);
  if (typeof program === 'string') throw new Error(`pattern ${condition.source}: ${program}`);
  const run = runner(program);
  const { maxBytes } = condition;
  const what = `/${condition.source}/${condition.flags}`;
  return routeMatcher({
    maxBytes,
    match(prefix, ended) {
      const isCut = maxBytes <= prefix.length;
      const verdict = run(isCut ? prefix.subarray(0, maxBytes) : prefix, ended && prefix.length <= maxBytes);
      return verdict === 'more' && (isCut || ended) ? 'no' : verdict;
    },
    explain(verdict, prefix, atByte) {
      if (verdict === 'match') return say`client bytes match ${what}`;
      if (verdict === 'more') return say`looks for ${what} in up to ${byteCount(maxBytes - prefix.length)} more`;
      return program.isAnchored && atByte < maxBytes ? say`client bytes do not match ${what} (${atPhrase(prefix, atByte)})` : say`client bytes do not match ${what} within ${byteCount(Math.min(prefix.length, maxBytes))}`;
    },
  });
}

/** @returns what is wrong with a pattern, in a phrase, or undefined */
export function patternProblem(source: string, flags: string): Sentence | undefined {
  const program = compileProgram(source, flags);
  return typeof program === 'string' ? program : undefined;
}

/** Runs all alternatives at once (Thompson's construction): a list of instructions per byte, each at most once. */
function runner(program: Program): (bytes: Uint8Array, ended: boolean) => Verdict {
  const { instructions, start } = program;
  const size = instructions.length;
  // Shared by all judgements of this pattern: a judgement runs to its end before another one begins.
  const current = new Int32Array(size);
  const next = new Int32Array(size);
  const marks = new Int32Array(size);
  const stack = new Int32Array(2 * size + 2);
  let generation = 0;

  return (bytes, ended) => {
    let count = 0;
    let carried = 0;
    for (let at = 0; ; at++) {
      const isEnd = at === bytes.length;
      // Closure: follow everything that eats no byte, from what the last byte left and from the start.
      generation = (generation + 1) | 0;
      const flags = contextOf(bytes, at, ended);
      count = 0;
      let isParked = false;
      let top = 0;
      const startsHere = at === 0 || !program.isAnchored;
      for (let i = startsHere ? -1 : 0; i < carried; i++) {
        stack[top++] = i < 0 ? start : (next[i] ?? 0);
        while (0 < top) {
          const pc = stack[--top] ?? 0;
          if (marks[pc] === generation) continue;
          marks[pc] = generation;
          const instruction = instructions[pc];
          if (instruction === undefined) continue;
          switch (instruction.op) {
            case op.match:
              return 'match';
            case op.fail:
              break;
            case op.alt:
            case op.altMatch:
              stack[top++] = instruction.arg;
              stack[top++] = instruction.out;
              break;
            case op.emptyWidth:
              if ((instruction.arg & ~flags & (width.beginLine | width.beginText)) !== 0) break;
              if ((instruction.arg & needsNextByte) !== 0 && isEnd && !ended) isParked = true;
              else if ((instruction.arg & ~flags) === 0) stack[top++] = instruction.out;
              break;
            case op.capture:
            case op.nop:
              stack[top++] = instruction.out;
              break;
            default:
              current[count++] = pc;
          }
        }
      }
      if (isEnd) {
        if (ended) return 'no';
        return 0 < count || isParked || !program.isAnchored ? 'more' : 'no';
      }
      if (count === 0 && program.isAnchored) return 'no';
      const byte = bytes[at] ?? 0;
      carried = 0;
      for (let i = 0; i < count; i++) {
        const instruction = instructions[current[i] ?? 0];
        if (instruction?.takes?.[byte] === 1) next[carried++] = instruction.out;
      }
    }
  };
}

/** Which empty-width conditions hold between the byte before `at` and the byte at it. */
function contextOf(bytes: Uint8Array, at: number, ended: boolean): number {
  const before = at === 0 ? -1 : (bytes[at - 1] ?? -1);
  const after = at < bytes.length ? (bytes[at] ?? -1) : -1;
  let flags = 0;
  if (before < 0) flags |= width.beginText | width.beginLine;
  if (before === 0x0a) flags |= width.beginLine;
  if (after < 0 && ended) flags |= width.endText | width.endLine;
  if (after === 0x0a) flags |= width.endLine;
  flags |= isWord(before) === isWord(after) ? width.noWordBoundary : width.wordBoundary;
  return flags;
}

function isWord(byte: number): boolean {
  return (0x30 <= byte && byte <= 0x39) || (0x41 <= byte && byte <= 0x5a) || (0x61 <= byte && byte <= 0x7a) || byte === 0x5f;
}
