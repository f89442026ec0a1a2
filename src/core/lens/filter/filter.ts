// The filter language: `protocol == redis and (latency > 5ms or problem)`. Text in, a test of messages out, or what is wrong and where.
//
//   expression  = both { "or" both }
//   both        = one { "and" one }
//   one         = "not" one | "(" expression ")" | comparison | "problem"
//   comparison  = field ( "==" | "!=" | "~" | "<" | "<=" | ">" | ">=" ) value
//
// Values are words or texts in quotes. `~` takes a glob: `summary ~ "GET *"`. README, "Filters", says what the fields are.

import { nearest } from '../../config/nearest.js';
import { fields, type FilterSubject, type Test } from './fields.js';
import { tokensOf, type FilterProblem, type Operator, type Token } from './tokens.js';

export type { FilterSubject } from './fields.js';
export type { FilterProblem } from './tokens.js';

/** Parentheses and negations inside each other; more is only sent to exhaust the stack. */
const maxDepth = 100;

const keywords = ['and', 'or', 'not'];

export interface Filter {
  matches(subject: FilterSubject): boolean;
}

/** @returns the filter, or the first thing that is wrong with the expression */
export function parseFilter(source: string): Filter | FilterProblem {
  const tokens = tokensOf(source);
  if (!Array.isArray(tokens)) return tokens;
  try {
    return { matches: new Parser(tokens).whole() };
  } catch (fault) {
    if (fault instanceof Wrong) return fault.problem;
    throw fault;
  }
}

/** Carries a problem out of the recursion. */
class Wrong extends Error {
  readonly problem: FilterProblem;

  constructor(message: string, { start, end }: { start: number; end: number }) {
    super(message);
    this.problem = { message, start, end };
  }
}

class Parser {
  private position = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Test {
    if (this.next.kind === 'end') throw new Wrong('The filter is empty.', this.next);
    const test = this.either();
    const { next } = this;
    if (next.kind === 'close') throw new Wrong('This ")" closes nothing.', next);
    if (next.kind !== 'end') throw new Wrong('"and" or "or" is missing before this.', next);
    return test;
  }

  private either(): Test {
    const tests = [this.both()];
    while (this.takesWord('or')) tests.push(this.both());
    return tests.length === 1 ? tests[0]! : (subject) => tests.some((test) => test(subject));
  }

  private both(): Test {
    const tests = [this.one()];
    while (this.takesWord('and')) tests.push(this.one());
    return tests.length === 1 ? tests[0]! : (subject) => tests.every((test) => test(subject));
  }

  private one(): Test {
    const start = this.next;
    if (maxDepth < ++this.depth) throw new Wrong(`A filter may be nested ${maxDepth} deep.`, start);
    const test = this.takesWord('not') ? negated(this.one()) : start.kind === 'open' ? this.inParentheses(start) : this.comparison();
    this.depth -= 1;
    return test;
  }

  private inParentheses(open: Token): Test {
    this.position += 1;
    const test = this.either();
    const { next } = this;
    if (next.kind === 'end') throw new Wrong('This "(" is not closed.', open);
    if (next.kind !== 'close') throw new Wrong('"and", "or" or ")" is missing before this.', next);
    this.position += 1;
    return test;
  }

  private comparison(): Test {
    const name = this.next;
    if (name.kind !== 'word' || keywords.includes(name.text)) throw new Wrong(name.kind === 'end' ? 'A comparison is missing at the end.' : 'A comparison begins with the name of a field.', name);
    this.position += 1;
    const field = Object.hasOwn(fields, name.text) ? fields[name.text] : undefined;
    if (field === undefined) throw new Wrong(unknownField(name.text), name);
    const operator = this.next;
    if (operator.kind !== 'operator') {
      if (name.text === 'problem') return (subject) => 0 < subject.problems.length;
      throw new Wrong(`${name.text} is compared with something: ==, !=, ~, <, <=, > or >= and a value.`, operator.kind === 'end' ? operator : name);
    }
    this.position += 1;
    const value = this.next;
    if ((value.kind !== 'word' && value.kind !== 'text') || (value.kind === 'word' && keywords.includes(value.text))) throw new Wrong(`A value is missing after ${operator.text}.`, value);
    this.position += 1;
    const test = field(operator.text as Operator, value.text);
    if (typeof test === 'function') return test;
    throw new Wrong(test.message, test.wrong === 'operator' ? operator : value);
  }

  private get next(): Token {
    return this.tokens[this.position]!;
  }

  private takesWord(word: string): boolean {
    const { next } = this;
    if (next.kind !== 'word' || next.text !== word) return false;
    this.position += 1;
    return true;
  }
}

function negated(test: Test): Test {
  return (subject) => !test(subject);
}

function unknownField(name: string): string {
  const close = nearest(name, Object.keys(fields));
  return `There is no field ${JSON.stringify(name)}. ${close === undefined ? `Fields are ${Object.keys(fields).join(', ')}.` : `Did you mean ${close}?`}`;
}
