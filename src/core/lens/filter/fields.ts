// What a filter can ask about, and how each value is compared.

import type { Speaker } from '../../../shared/flow.js';
import type { MessageKind } from '../../../shared/message.js';
import { glob, globProblem } from '../../match/glob.js';
import { expandProtocol, groups, protocols } from '../../protocols/index.js';
import { nearest } from '../../config/nearest.js';
import type { Operator } from './tokens.js';

/** What a filter judges: a message with its flow, or a flow alone, which has neither speaker nor kind nor summary. */
export interface FilterSubject {
  flowId: number;
  /** catalogue id of the message's layer; of a flow alone, its layers */
  protocols: readonly string[];
  /** texts that count as the client's and the upstream's address: with port and without */
  client: readonly string[];
  upstream: readonly string[];
  from?: Speaker;
  kind?: MessageKind;
  summary?: string;
  latencyMs?: number;
  problems: readonly string[];
}

export type Test = (subject: FilterSubject) => boolean;

/** @returns a test, or what is wrong with the operator or the value as a sentence */
type Comparison = (operator: Operator, value: string) => Test | { wrong: 'operator' | 'value'; message: string };

export const fields: Readonly<Record<string, Comparison>> = {
  protocol: (operator, value) => {
    if (operator === '~') return texts((subject) => subject.protocols, false)(operator, value);
    const ids = value === 'unknown' ? [value] : expandProtocol(value);
    if (ids.length === 0) return unknownValue('protocol', value, [...protocols.map(({ id }) => id), ...Object.keys(groups), 'unknown']);
    return choices((subject) => subject.protocols, ids)(operator, value);
  },
  'flow.id': numbers('flow.id', (subject) => subject.flowId, (value) => (/^\d+$/.test(value) ? Number(value) : 'It is compared with a whole number, such as 12.')),
  client: texts((subject) => subject.client, true),
  upstream: texts((subject) => subject.upstream, true),
  from: oneOf('from', (subject) => subject.from, ['client', 'upstream']),
  kind: oneOf('kind', (subject) => subject.kind, ['request', 'answer', 'notice', 'undecoded', 'gap']),
  summary: texts((subject) => (subject.summary === undefined ? [] : [subject.summary]), true),
  latency: numbers('latency', (subject) => subject.latencyMs, millisecondsOf),
  problem: texts((subject) => subject.problems, true),
};

/** A comparison with what is not there does not hold, whatever the operator. */
function texts(valuesOf: (subject: FilterSubject) => readonly string[], ignoresCase: boolean): Comparison {
  return (operator, value) => {
    switch (operator) {
      case '==':
        return (subject) => valuesOf(subject).includes(value);
      case '!=':
        return (subject) => 0 < valuesOf(subject).length && !valuesOf(subject).includes(value);
      case '~': {
        const problem = globProblem(value);
        if (problem !== undefined) return { wrong: 'value', message: `The pattern cannot be used: ${problem}.` };
        const fits = glob(value, ignoresCase);
        return (subject) => valuesOf(subject).some(fits);
      }
      default:
        return { wrong: 'operator', message: `A text is compared with ==, != or ~, not with ${operator}.` };
    }
  };
}

function choices(valuesOf: (subject: FilterSubject) => readonly string[], wanted: readonly string[]): Comparison {
  return (operator, value) => {
    const isAny: Test = (subject) => valuesOf(subject).some((id) => wanted.includes(id));
    switch (operator) {
      case '==':
        return isAny;
      case '!=':
        return (subject) => 0 < valuesOf(subject).length && !isAny(subject);
      default:
        return texts(valuesOf, false)(operator, value);
    }
  };
}

function oneOf(name: string, valueOf: (subject: FilterSubject) => string | undefined, all: readonly string[]): Comparison {
  const valuesOf = (subject: FilterSubject): readonly string[] => {
    const value = valueOf(subject);
    return value === undefined ? [] : [value];
  };
  return (operator, value) => {
    if (operator !== '~' && !all.includes(value)) return unknownValue(name, value, all);
    return texts(valuesOf, false)(operator, value);
  };
}

function numbers(name: string, valueOf: (subject: FilterSubject) => number | undefined, parse: (value: string) => number | string): Comparison {
  return (operator, text) => {
    const wanted = parse(text);
    if (operator === '~') return { wrong: 'operator', message: `${name} is a number: it is compared with ==, !=, <, <=, > or >=.` };
    if (typeof wanted === 'string') return { wrong: 'value', message: wanted };
    return (subject) => {
      const value = valueOf(subject);
      return value !== undefined && compare(value, operator, wanted);
    };
  };
}

function compare(value: number, operator: Exclude<Operator, '~'>, wanted: number): boolean {
  switch (operator) {
    case '==':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
  }
}

const unitsMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function millisecondsOf(text: string): number | string {
  const found = /^(\d+(?:\.\d+)?)(us|ms|s)$/.exec(text);
  if (found !== null) return Number(found[1]) * unitsMs[found[2]!]!;
  return 'A time is a number with its unit: 250us, 20ms or 1.5s.';
}

function unknownValue(name: string, value: string, all: readonly string[]): { wrong: 'value'; message: string } {
  const close = nearest(value, all);
  const hint = close !== undefined ? ` Did you mean ${close}?` : all.length <= 6 ? ` It is one of ${all.join(', ')}.` : '';
  return { wrong: 'value', message: `${JSON.stringify(value)} is not a value of ${name}.${hint}` };
}
