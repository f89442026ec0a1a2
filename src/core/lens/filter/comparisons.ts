// What a value is compared with, as tests of one text or one number: made once, when a filter is read.

import { RE2JS } from 're2js';
import { say, type Sentence } from '../../../shared/sentences.js';
import { glob, globProblem } from '../../match/glob.js';
import type { Operator } from './tokens.js';

/** What stands behind an operator. */
export interface Value {
  kind: 'word' | 'text' | 'pattern';
  text: string;
  /** of a pattern */
  flags: string;
  start: number;
  end: number;
}

export type TextTest = (text: string) => boolean;
export type NumberTest = (value: number) => boolean;

/** What is wrong with a comparison, as a sentence. */
export interface Wrong {
  wrong: 'operator' | 'value';
  message: Sentence;
}

/** Longer patterns are refused; matching itself takes time in proportion to the text, whatever the pattern. */
const maxPatternLength = 1000;

/**
 * `==` (also for `!=`, which the caller turns round) ignores case and takes the name of a named number: "Produce" is "Produce (0)".
 * `contains` and globs ignore case; a pattern minds it, unless its flag says otherwise.
 */
export function textTest(operator: '==' | '~' | 'contains', value: Value): TextTest | Wrong {
  if (operator === '~') return value.kind === 'pattern' ? patternTest(value) : globTest(value.text);
  if (value.kind === 'pattern') return { wrong: 'value', message: say`A pattern stands behind "~".` };
  return operator === '==' ? equals(value.text) : contains(value.text);
}

function equals(wanted: string): TextTest {
  const lower = wanted.toLowerCase();
  const named = `${lower} (`;
  return (text) => {
    if (text === wanted) return true;
    if (text.length !== wanted.length && text.charCodeAt(text.length - 1) !== 0x29) return false;
    const other = text.toLowerCase();
    return other === lower || (other.startsWith(named) && other.endsWith(')'));
  };
}

function contains(wanted: string): TextTest {
  const lower = wanted.toLowerCase();
  return (text) => lower.length <= text.length && text.toLowerCase().includes(lower);
}

function globTest(source: string): TextTest | Wrong {
  const problem = globProblem(source);
  return problem === undefined ? glob(source, true) : { wrong: 'value', message: say`The pattern cannot be used: ${problem}.` };
}

function patternTest({ text, flags }: Value): TextTest | Wrong {
  if (text === '') return { wrong: 'value', message: say`The pattern cannot be used: it is empty.` };
  if (maxPatternLength < text.length) return { wrong: 'value', message: say`The pattern cannot be used: it is longer than ${maxPatternLength} characters.` };
  let bits = 0;
  for (const letter of flags) {
    if (letter === 'i') bits |= RE2JS.CASE_INSENSITIVE;
    else if (letter === 'm') bits |= RE2JS.MULTILINE;
    else if (letter === 's') bits |= RE2JS.DOTALL;
    else return { wrong: 'value', message: say`The flag ${JSON.stringify(letter)} is not one of i, m and s.` };
  }
  try {
    // Own engine in linear time: a pattern with which the platform's would backtrack for hours is only as slow as its text is long.
    const compiled = RE2JS.compile(text, bits);
    return (subject) => compiled.test(subject);
  } catch (fault) {
    return { wrong: 'value', message: say`The pattern cannot be used: ${fault instanceof Error ? fault.message.replace(/^error parsing regexp: /, '') : String(fault)}.` };
  }
}

/** Values in quotes as dissectors show payloads (`"hi"`) also count without them. */
export function withoutQuotes(test: TextTest): TextTest {
  return (text) => test(text) || (1 < text.length && text.charCodeAt(0) === 0x22 && text.charCodeAt(text.length - 1) === 0x22 && test(text.slice(1, -1)));
}

export function numberTest(operator: Exclude<Operator, '~' | 'contains' | 'in'>, wanted: number): NumberTest {
  switch (operator) {
    case '==':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '<':
      return (value) => value < wanted;
    case '<=':
      return (value) => value <= wanted;
    case '>':
      return (value) => wanted < value;
    case '>=':
      return (value) => wanted <= value;
  }
}

export function isOrder(operator: Operator): operator is '==' | '!=' | '<' | '<=' | '>' | '>=' {
  return operator !== '~' && operator !== 'contains' && operator !== 'in';
}

// ---- numbers with units ---------------------------------------------------------------------------------------------

const unitsMs: Readonly<Record<string, number>> = { us: 0.001, 'µs': 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
const unitsBytes: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1 << 10, kib: 1 << 10, mb: 1 << 20, mib: 1 << 20, gb: 1 << 30, gib: 1 << 30 };

/** Words that may stand behind a number with a space between. */
export const unitWords: ReadonlySet<string> = new Set(['us', 'µs', 'ms', 's', 'min', 'h', 'b', 'kb', 'kib', 'mb', 'mib', 'gb', 'gib']);

/** @returns a number, or a sentence */
export type ReadNumber = (text: string) => number | Sentence;

export const wholeNumber: ReadNumber = (text) => (/^\d+$/.test(text) ? Number(text) : say`It is compared with a whole number, such as 12.`);

export const milliseconds: ReadNumber = (text) => {
  const found = /^(\d+(?:\.\d+)?)\s*(us|µs|ms|s|min|h)$/i.exec(text);
  return found === null ? say`A time is a number with its unit: 250us, 20ms or 1.5s.` : Number(found[1]) * unitsMs[found[2]!.toLowerCase()]!;
};

export const sizeInBytes: ReadNumber = (text) => {
  const found = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b?)$/i.exec(text);
  const unit = found === null ? undefined : unitsBytes[found[2]!.toLowerCase()];
  return unit === undefined ? say`A size is a number of bytes, or one with its unit: 512, 10KB or 1.5MB.` : Number(found![1]) * unit;
};

/** Any number that decoded fields have; sizes with their unit too. */
export const anyNumber: ReadNumber = (text) => {
  if (/^[-+]?(\d+(\.\d+)?|\.\d+)(e[-+]?\d+)?$/i.test(text) || /^0x[0-9a-f]+$/i.test(text)) return Number(text);
  const size = sizeInBytes(text);
  return typeof size === 'number' ? size : say`It is compared with a number, such as 500.`;
};
