// What a filter says, as a tree: read by the parser, made into a test by the compiler, told in plain words.

import type { Value } from './comparisons.js';
import { cost, type Compared, type FilterField, type Test } from './fields.js';
import type { Operator } from './tokens.js';

export type Expression =
  | { kind: 'all' | 'any'; of: Expression[] }
  | { kind: 'not'; of: Expression }
  /** `in` has several values, every other operator one */
  | { kind: 'comparison'; field: FilterField; operator: Operator; values: Value[]; compared: Compared }
  /** the name of a field alone */
  | { kind: 'there'; field: FilterField; test: Test }
  /** the name of a protocol or group alone */
  | { kind: 'protocol'; name: string; compared: Compared }
  /** a word that is none of these: anything that contains it */
  | { kind: 'search'; text: string; compared: Compared };

/** One test of all of it. What is cheap goes first; reading bytes comes last. */
export function compile(expression: Expression): Compared {
  switch (expression.kind) {
    case 'comparison':
    case 'protocol':
    case 'search':
      return expression.compared;
    case 'there':
      return { test: expression.test, cost: expression.field.cost };
    case 'not': {
      const { test, cost: own } = compile(expression.of);
      return { test: (subject) => !test(subject), cost: own };
    }
    case 'all':
    case 'any': {
      const parts = expression.of.map(compile).sort((a, b) => a.cost - b.cost);
      return { test: expression.kind === 'all' ? both(parts.map(({ test }) => test)) : either(parts.map(({ test }) => test)), cost: Math.max(...parts.map((part) => part.cost)) };
    }
  }
}

export function needsBytes(compared: Compared): boolean {
  return cost.bytes <= compared.cost;
}

function both(tests: readonly Test[]): Test {
  const [a, b, c] = tests;
  if (a !== undefined && b !== undefined && tests.length === 2) return (subject) => a(subject) && b(subject);
  if (a !== undefined && b !== undefined && c !== undefined && tests.length === 3) return (subject) => a(subject) && b(subject) && c(subject);
  return (subject) => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!(subject)) return false;
    return true;
  };
}

function either(tests: readonly Test[]): Test {
  const [a, b] = tests;
  if (a !== undefined && b !== undefined && tests.length === 2) return (subject) => a(subject) || b(subject);
  return (subject) => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!(subject)) return true;
    return false;
  };
}
