// What a filter may not ask about while a message is on its way: it would match nothing, and nobody would know why.

import type { Expression } from '../../lens/filter/expression.js';
import type { FilterProblem } from '../../../shared/inspect.js';
import { say, type Sentence } from '../../../shared/sentences.js';

/** Known to the lists only: the editor tells them which program belongs to which debug session, and what a person has marked. */
const unknown: Readonly<Record<string, Sentence>> = {
  'flow.session': say`The debug session is not known while a message is on its way: ask for its program instead, with flow.process or flow.pid.`,
  marked: say`What is on its way has no mark yet: messages are held by what they say, not by "marked".`,
};

/** @returns the first field that cannot be judged there; undefined when all can */
export function unholdable(source: string, expression: Expression): FilterProblem | undefined {
  switch (expression.kind) {
    case 'all':
    case 'any': return expression.of.map((part) => unholdable(source, part)).find((problem) => problem !== undefined);
    case 'not': return unholdable(source, expression.of);
    case 'comparison':
    case 'there': {
      const { name } = expression.field;
      const message = unknown[name];
      if (message === undefined) return undefined;
      // It may have been written without what is in front of the last word.
      const word = source.includes(name) ? name : (name.split('.').at(-1) ?? name);
      const start = source.indexOf(word);
      return { message, start: Math.max(0, start), end: start < 0 ? source.length : start + word.length };
    }
    case 'protocol':
    case 'search': return undefined;
  }
}
