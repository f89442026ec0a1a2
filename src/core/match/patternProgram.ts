// A regular expression as a program of byte instructions. The library parses and compiles; what it made is copied out once, here.

import { RE2JS } from 're2js';
import { say, verbatim, type Sentence } from '../../shared/sentences.js';

// A step costs one visit of an instruction, so a judgement costs at most instructions × bytes: 16 million steps, some 50 ms.
const maxInstructions = 1000;
// Opcodes and empty-width flags of a compiled program; re2js took them from RE2.
export const op = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, fail: 5, match: 6, nop: 7, rune: 8, rune1: 9, runeAny: 10, runeAnyNotNewline: 11 } as const;
export const width = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 } as const;
export const needsNextByte = width.endLine | width.endText | width.wordBoundary | width.noWordBoundary;

export interface Instruction {
  op: number;
  out: number;
  arg: number;
  /** for instructions that eat a byte: 1 for each byte they take */
  takes?: Uint8Array;
}

export interface Program {
  instructions: readonly Instruction[];
  start: number;
  /** can only match at the first byte */
  isAnchored: boolean;
}

/** @returns the program, or what is wrong with the pattern */
export function compileProgram(source: string, flags: string): Program | Sentence {
  let bits = 0;
  for (const letter of flags) {
    if (letter === 'i') bits |= RE2JS.CASE_INSENSITIVE;
    else if (letter === 'm') bits |= RE2JS.MULTILINE;
    else if (letter === 's') bits |= RE2JS.DOTALL;
    else return say`flag "${letter}" is not one of i, m and s`;
  }
  let compiled: { inst: unknown[]; start: number };
  try {
    compiled = RE2JS.compile(source, bits).re2().prog as { inst: unknown[]; start: number };
  } catch (fault) {
    return verbatim(fault instanceof Error ? fault.message.replace(/^error parsing regexp: /, '') : String(fault));
  }
  if (maxInstructions < compiled.inst.length) return say`it is too large (${compiled.inst.length} steps, at most ${maxInstructions})`;
  const instructions = compiled.inst.map(copyOf);
  return { instructions, start: compiled.start, isAnchored: isAnchored(instructions, compiled.start) };
}

/** The library's instruction, narrowed once: opcode, jumps, and its byte class written out. */
function copyOf(raw: unknown): Instruction {
  const source = raw as { op: number; out: number; arg: number; matchRune(rune: number): boolean };
  const copy: Instruction = { op: source.op, out: source.out, arg: source.arg };
  if (op.rune <= source.op && source.op <= op.runeAnyNotNewline) {
    copy.takes = new Uint8Array(256);
    for (let byte = 0; byte < 256; byte++) {
      const fits = source.op === op.runeAny || (source.op === op.runeAnyNotNewline ? byte !== 0x0a : source.matchRune(byte));
      copy.takes[byte] = fits ? 1 : 0;
    }
  }
  return copy;
}

/** Nothing can be reached from the start without standing at the start of the text. */
function isAnchored(instructions: readonly Instruction[], start: number): boolean {
  const seen = new Set<number>();
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const instruction = instructions[at];
    if (instruction === undefined || seen.has(at)) continue;
    seen.add(at);
    if (instruction.op === op.fail) continue;
    if (instruction.op === op.match || instruction.takes !== undefined) return false;
    if (instruction.op === op.emptyWidth && (instruction.arg & width.beginText) !== 0) continue;
    open.push(instruction.out);
    if (instruction.op === op.alt || instruction.op === op.altMatch) open.push(instruction.arg);
  }
  return true;
}

/** What can come next from an instruction: instructions that eat a byte, following everything that eats none. */
export interface NextBytes {
  instructions: number[];
  reachesMatch: boolean;
  /** the match is reached whatever follows: no condition on the next byte stands before it */
  isMatchCertain: boolean;
}

/** @param endFails conditions on the end of the text count as failed */
export function nextBytes(program: Program, from: number, endFails = false): NextBytes {
  const result: NextBytes = { instructions: [], reachesMatch: false, isMatchCertain: false };
  const seen = new Set<number>();
  const open: { at: number; isCertain: boolean }[] = [{ at: from, isCertain: true }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { at, isCertain } = step;
    const instruction = program.instructions[at];
    if (instruction === undefined || seen.has(2 * at + (isCertain ? 1 : 0))) continue;
    seen.add(2 * at + (isCertain ? 1 : 0));
    if (instruction.takes !== undefined) {
      if (!result.instructions.includes(at)) result.instructions.push(at);
      continue;
    }
    if (instruction.op === op.fail) continue;
    if (instruction.op === op.match) {
      result.reachesMatch = true;
      if (isCertain) result.isMatchCertain = true;
      continue;
    }
    const isEndCondition = instruction.op === op.emptyWidth && (instruction.arg & width.endText) !== 0;
    if (isEndCondition && endFails) continue;
    open.push({ at: instruction.out, isCertain: isCertain && instruction.op !== op.emptyWidth });
    if (instruction.op === op.alt || instruction.op === op.altMatch) open.push({ at: instruction.arg, isCertain });
  }
  return result;
}
