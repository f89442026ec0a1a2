// The filter language: `redis.command == "GET" and latency > 5ms`. Text in, a test of messages out, or what is wrong and where.
//
//   expression  = both { "or" both }
//   both        = one { "and" one }                                words to look for may stand side by side without "and"
//   one         = "not" one | "(" expression ")" | term
//   term        = field operator value | field "in" "(" value { "," value } ")" | field | protocol | word to look for
//   operator    = "==" | "!=" | "~" | "<" | "<=" | ">" | ">=" | "contains"
//   value       = word | text in quotes | "/" pattern "/" { "i" | "m" | "s" }
//
// `~` takes a glob, or a pattern of RE2. Fields are those of fields.ts, and decoded ones: PROTOCOL.NAME. README, "Filters", says what they are.

import { say } from '../../../shared/sentences.js';
import { compile, needsBytes, type Expression } from './expression.js';
import { decodedField } from './decodedFields.js';
import { Parser, WrongFilter } from './parser.js';
import type { FieldSelector, Subject } from './subject.js';
import { tokensOf, type FilterProblem } from './tokens.js';

export type { FilterProblem } from './tokens.js';

export interface Filter {
  matches(subject: Subject): boolean;
  /** judging may read bytes of the capture: slower by far */
  readonly usesBytes: boolean;
  /** what it says, for plain words */
  readonly expression: Expression;
}

/** @returns the filter, or the first thing that is wrong with the expression */
export function parseFilter(source: string): Filter | FilterProblem {
  const tokens = tokensOf(source);
  if (!Array.isArray(tokens)) return tokens;
  try {
    const expression = new Parser(tokens).whole();
    const compiled = compile(expression);
    return { matches: compiled.test, usesBytes: needsBytes(compiled), expression };
  } catch (fault) {
    if (fault instanceof WrongFilter) return fault.problem;
    throw fault;
  }
}

/** Fields of a column or a search: `http.status`, `http."content-type"`. @returns what is wrong when the name is none of a decoded field */
export function selectorOf(name: string): FieldSelector | FilterProblem {
  const tokens = tokensOf(name);
  if (!Array.isArray(tokens)) return tokens;
  const [word] = tokens;
  const whole = { start: 0, end: name.length };
  if (word?.kind !== 'word' || tokens.length !== 2) return { message: say`The name of a decoded field is a protocol and what is inside, such as http.status.`, ...whole };
  const field = decodedField(word.parts ?? word.text.split('.').map((text) => ({ text, isQuoted: false })));
  if (field === undefined) return { message: say`There is no decoded field ${JSON.stringify(name)}.`, ...whole };
  return 'message' in field ? { message: field.message, ...whole } : field.selector;
}
