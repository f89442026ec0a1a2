// What a filter can ask about besides decoded fields: facts of a message, of its flow, and its whole text or bytes.

import { say } from '../../../shared/sentences.js';
import { nearest } from '../../config/nearest.js';
import { expandProtocol, groups, protocols } from '../../protocols/index.js';
import {
  anyNumber, isOrder, milliseconds, numberTest, sizeInBytes, textTest, wholeNumber, withoutQuotes, type NumberTest, type ReadNumber, type TextTest, type Value, type Wrong,
} from './comparisons.js';
import { bytesAsLatin1, bytesAsText, bytesContain, bytesContainText, type BytesTest } from './contents.js';
import { everyField, type DecodedField } from './decodedFields.js';
import { pointInTime } from './times.js';
import type { Subject } from './subject.js';
import type { Operator } from './tokens.js';

export type Test = (subject: Subject) => boolean;

/** Which operators and values fit. `content` is bytes, which have a size too; `decoded` may be a number or a text. */
export type FieldType = 'text' | 'choice' | 'number' | 'duration' | 'size' | 'clock' | 'flag' | 'everything' | 'content' | 'decoded';

/** What a test costs beside others: cheap ones go first. */
export const cost = { fact: 1, text: 2, problem: 4, decoded: 16, everything: 64, bytes: 256 } as const;

export interface Compared {
  test: Test;
  cost: number;
}

export interface FilterField {
  readonly name: string;
  readonly type: FieldType;
  readonly cost: number;
  /** what it can be, where that is a list */
  readonly choices?: () => readonly string[];
  /** what the name says by itself: it is there */
  readonly isThere?: Test;
  /** @param operator never `in`, which is several `==`, and never `!=` with a list */
  compare(operator: Exclude<Operator, 'in'>, value: Value): Compared | Wrong;
}

/** Texts that a decoded message may have been cut at; below, its texts say everything that its bytes do. */
const wholeTextBytes = 256;

const severities = ['note', 'warning', 'error'] as const;
const kinds = ['request', 'answer', 'notice', 'undecoded', 'gap'] as const;

/** Catalogue ids, groups, and what is said when nobody knows. */
export function protocolNames(): string[] {
  return [...protocols.map(({ id }) => id), ...Object.keys(groups), 'unknown'];
}

const list: readonly FilterField[] = [
  protocolField('protocol', (subject) => subject.protocols),
  choice('from', (subject) => subject.from, ['client', 'upstream']),
  choice('kind', (subject) => subject.kind, kinds),
  text('summary', (subject) => subject.summaries),
  {
    ...single('answer', answerOf),
    isThere: (subject) => answerOf(subject) !== undefined,
  },
  number('latency', 'duration', (subject) => subject.latencyMs, milliseconds),
  number('duration', 'duration', (subject) => subject.durationMs, milliseconds),
  contentField('bytes'),
  number('size', 'size', (subject) => subject.bytes, sizeInBytes),
  number('stream', 'number', (subject) => subject.stream, wholeNumber),
  { name: 'time', type: 'clock', cost: cost.fact, compare: (operator, value) => compared(pointInTime(operator, value), cost.fact) },
  {
    name: 'problem',
    type: 'text',
    cost: cost.problem,
    isThere: (subject) => subject.severity !== undefined || subject.someProblem(always),
    compare: (operator, value) => compared(someText(operator, value, 'problem', (subject, test) => subject.someProblem(test)), cost.problem),
  },
  {
    ...choice('severity', (subject) => subject.severity, severities),
    compare(operator, value) {
      if (!isOrder(operator)) return choice('severity', (subject) => subject.severity, severities).compare(operator, value);
      const wanted = severities.indexOf(value.text.toLowerCase() as (typeof severities)[number]);
      if (wanted < 0) return unknownValue('severity', value.text, severities);
      const fits = numberTest(operator, wanted);
      return { cost: cost.fact, test: ({ severity }) => severity !== undefined && fits(severities.indexOf(severity)) };
    },
  },
  flag('marked', (subject) => subject.isMarked),
  flag('waiting', (subject) => subject.isWaiting),
  text('client', (subject) => subject.client),
  text('upstream', (subject) => subject.upstream),
  {
    name: 'text',
    type: 'everything',
    cost: cost.bytes,
    compare(operator, value) {
      if (isOrder(operator)) return { wrong: 'operator', message: say`text is everything that a message says: it is compared with ~ or contains, not with ${operator}.` };
      const test = textTest(operator, value);
      if (typeof test !== 'function') return test;
      return { cost: cost.bytes, test: everywhere(test, operator === 'contains' ? bytesContainText(value.text) : bytesAsText(test)) };
    },
  },
  number('flow.id', 'number', (subject) => subject.flowId, wholeNumber),
  { ...text('flow.process', (subject) => subject.program), isThere: (subject) => 0 < subject.program.length },
  { ...number('flow.pid', 'number', (subject) => subject.pid, wholeNumber), isThere: (subject) => subject.pid !== undefined },
  { ...text('flow.session', (subject) => subject.session), isThere: (subject) => 0 < subject.session.length },
  { ...single('flow.route', (subject) => subject.route), isThere: (subject) => subject.route !== undefined },
  single('flow.listener', (subject) => subject.listener),
  protocolField('flow.protocol', (subject) => subject.flowProtocols ?? subject.protocols),
];

const byName = new Map(list.map((field) => [field.name, field]));

/** Fields that are no decoded ones, in the order in which they are offered. */
export const facts: readonly FilterField[] = list;

export function factOf(name: string): FilterField | undefined {
  return byName.get(name.toLowerCase());
}

/** @returns what the bare word asks for: all texts and, where those may have been cut, all bytes */
export function searchFor(text: string): Compared {
  const lower = text.toLowerCase();
  return { cost: cost.bytes, test: everywhere((one) => one.toLowerCase().includes(lower), bytesContainText(text)) };
}

/** @returns the message's protocol is this one, or one of this group */
export function speaks(name: string): Compared {
  const ids = name === 'unknown' ? [name] : expandProtocol(name);
  return { cost: cost.fact, test: someIsIn((subject) => subject.protocols, ids) };
}

/** A decoded field as one that can be compared. */
export function comparable({ name, selector, alias }: DecodedField): FilterField {
  return {
    name,
    type: 'decoded',
    cost: cost.decoded,
    isThere: (subject) => subject.someField(selector, always),
    compare(operator, value) {
      const test = decodedTest(operator === '!=' ? '==' : operator, value, alias?.isAnywhere === true);
      if (typeof test !== 'function') return test;
      if (operator !== '!=') return { cost: cost.decoded, test: (subject) => subject.someField(selector, test) };
      let isThere = false;
      const isSame = (text: string, own: number | boolean | undefined): boolean => {
        isThere = true;
        return test(text, own);
      };
      return {
        cost: cost.decoded,
        test: (subject) => {
          isThere = false;
          return !subject.someField(selector, isSame) && isThere;
        },
      };
    },
  };
}

/** Summary of the first answer; of an answer that is judged by itself, its own. */
function answerOf({ kind, summaries }: Subject): string | undefined {
  return summaries.length < 2 && kind === 'answer' ? summaries[0] : summaries[1];
}

type DecodedTest = (text: string, value: number | boolean | undefined) => boolean;

function decodedTest(operator: Exclude<Operator, 'in' | '!='>, value: Value, isAnywhere: boolean): DecodedTest | Wrong {
  if (operator === '==' || !isOrder(operator)) {
    const found = textTest(operator, operator === '~' && isAnywhere && value.kind !== 'pattern' && value.text !== '' ? { ...value, text: `*${value.text}*` } : value);
    if (typeof found !== 'function') return found;
    const test = withoutQuotes(found);
    const wanted = operator === '==' && value.kind === 'word' ? anyNumber(value.text) : '';
    if (typeof wanted === 'number') return (text, own) => own === wanted || test(text);
    if (operator === '==' && value.kind === 'word' && /^(true|false)$/i.test(value.text)) {
      const isTrue = value.text.toLowerCase() === 'true';
      return (text, own) => own === isTrue || test(text);
    }
    return test;
  }
  const wanted = anyNumber(value.text);
  if (typeof wanted === 'string') return { wrong: 'value', message: wanted };
  const fits = numberTest(operator, wanted);
  return (text, own) => {
    if (typeof own === 'number') return fits(own);
    // A header's number is a text.
    return own === undefined && isNumeral(text) && fits(Number(text));
  };
}

/** @returns whether it may be a number: what begins with a digit, a sign or a point */
function isNumeral(text: string): boolean {
  const first = text.charCodeAt(0);
  return ((0x30 <= first && first <= 0x39) || first === 0x2d || first === 0x2b || first === 0x2e) && /^[-+]?(\d+(\.\d+)?|\.\d+)$/.test(text);
}

function always(): boolean {
  return true;
}

function everywhere(test: TextTest, bytesTest: BytesTest): Test {
  return (subject) => {
    for (const summary of subject.summaries) if (test(summary)) return true;
    if (subject.someProblem(test) || subject.someField(everyField, test)) return true;
    return (subject.kind === 'undecoded' || (subject.bytes !== undefined && wholeTextBytes < subject.bytes)) && subject.someBytes(bytesTest);
  };
}

function compared(test: Test | Wrong, cost: number): Compared | Wrong {
  return typeof test === 'function' ? { test, cost } : test;
}

// ---- texts ----------------------------------------------------------------------------------------------------------

type Some = (subject: Subject, test: TextTest) => boolean;

/** A comparison with what is not there does not hold, whatever the operator. */
function someText(operator: Exclude<Operator, 'in'>, value: Value, name: string, some: Some): Test | Wrong {
  if (isOrder(operator) && operator !== '==' && operator !== '!=') return { wrong: 'operator', message: say`${name} is a text: it is compared with ==, !=, ~, contains or in, not with ${operator}.` };
  const test = textTest(operator === '!=' ? '==' : operator, value);
  if (typeof test !== 'function') return test;
  return operator === '!=' ? (subject) => some(subject, always) && !some(subject, test) : (subject) => some(subject, test);
}

function text(name: string, valuesOf: (subject: Subject) => readonly string[]): FilterField {
  const some: Some = (subject, test) => {
    const values = valuesOf(subject);
    for (let i = 0; i < values.length; i++) if (test(values[i]!)) return true;
    return false;
  };
  return { name, type: 'text', cost: cost.text, compare: (operator, value) => compared(someText(operator, value, name, some), cost.text) };
}

function single(name: string, valueOf: (subject: Subject) => string | undefined): FilterField {
  const some: Some = (subject, test) => {
    const value = valueOf(subject);
    return value !== undefined && test(value);
  };
  return { name, type: 'text', cost: cost.text, compare: (operator, value) => compared(someText(operator, value, name, some), cost.text) };
}

// ---- choices --------------------------------------------------------------------------------------------------------

function choice(name: string, valueOf: (subject: Subject) => string | undefined, all: readonly string[]): FilterField {
  const asText = single(name, valueOf);
  return {
    name,
    type: 'choice',
    cost: cost.fact,
    choices: () => all,
    compare(operator, value) {
      if (operator !== '==' && operator !== '!=') return asText.compare(operator, value);
      const wanted = value.text.toLowerCase();
      if (!all.includes(wanted)) return unknownValue(name, value.text, all);
      if (operator === '==') return { cost: cost.fact, test: (subject) => valueOf(subject) === wanted };
      return {
        cost: cost.fact,
        test: (subject) => {
          const own = valueOf(subject);
          return own !== undefined && own !== wanted;
        },
      };
    },
  };
}

function protocolField(name: string, valuesOf: (subject: Subject) => readonly string[]): FilterField {
  const asText = text(name, valuesOf);
  return {
    name,
    type: 'choice',
    cost: cost.fact,
    choices: protocolNames,
    compare(operator, value) {
      if (operator !== '==' && operator !== '!=') return asText.compare(operator, value);
      const wanted = value.text.toLowerCase();
      const ids = wanted === 'unknown' ? [wanted] : expandProtocol(wanted);
      if (ids.length === 0) return unknownValue(name, value.text, protocolNames());
      const isOne = someIsIn(valuesOf, ids);
      return { cost: cost.fact, test: operator === '==' ? isOne : (subject) => 0 < valuesOf(subject).length && !isOne(subject) };
    },
  };
}

function someIsIn(valuesOf: (subject: Subject) => readonly string[], ids: readonly string[]): Test {
  const wanted = new Set(ids);
  return (subject) => {
    const values = valuesOf(subject);
    for (let i = 0; i < values.length; i++) if (wanted.has(values[i]!)) return true;
    return false;
  };
}

function flag(name: string, valueOf: (subject: Subject) => boolean): FilterField {
  return {
    name,
    type: 'flag',
    cost: cost.fact,
    choices: () => ['true', 'false'],
    isThere: valueOf,
    compare(operator, value) {
      if (operator !== '==' && operator !== '!=') return { wrong: 'operator', message: say`${name} is so or not: it stands alone, or with "not" before it.` };
      const wanted = value.text.toLowerCase();
      if (wanted !== 'true' && wanted !== 'false') return unknownValue(name, value.text, ['true', 'false']);
      const isWanted = (wanted === 'true') === (operator === '==');
      return { cost: cost.fact, test: (subject) => valueOf(subject) === isWanted };
    },
  };
}

function unknownValue(name: string, value: string, all: readonly string[]): Wrong {
  const close = nearest(value, all);
  if (close !== undefined) return { wrong: 'value', message: say`${JSON.stringify(value)} is not a value of ${name}. Did you mean ${close}?` };
  if (all.length <= 6) return { wrong: 'value', message: say`${JSON.stringify(value)} is not a value of ${name}. It is one of ${all.join(', ')}.` };
  return { wrong: 'value', message: say`${JSON.stringify(value)} is not a value of ${name}.` };
}

// ---- numbers --------------------------------------------------------------------------------------------------------

function number(name: string, type: FieldType, valueOf: (subject: Subject) => number | undefined, parse: ReadNumber): FilterField {
  const holds = (test: NumberTest): Compared => ({
    cost: cost.fact,
    test: (subject) => {
      const value = valueOf(subject);
      return value !== undefined && test(value);
    },
  });
  return {
    name,
    type,
    cost: cost.fact,
    isThere: (subject) => valueOf(subject) !== undefined,
    compare(operator, value) {
      if (!isOrder(operator)) return { wrong: 'operator', message: say`${name} is a number: it is compared with ==, !=, <, <=, >, >= or in.` };
      const wanted = parse(value.text);
      return typeof wanted === 'string' ? { wrong: 'value', message: wanted } : holds(numberTest(operator, wanted));
    },
  };
}

/** The bytes themselves with `contains` and `~`; with all others how many they are. */
function contentField(name: string): FilterField {
  const size = number(name, 'size', (subject) => subject.bytes, sizeInBytes);
  return {
    name,
    type: 'content',
    cost: cost.bytes,
    compare(operator, value) {
      if (isOrder(operator)) return size.compare(operator, value);
      const test = operator === 'contains' ? bytesContain(value) : bytesPattern(value);
      return typeof test === 'function' ? { cost: cost.bytes, test: (subject) => subject.someBytes(test) } : test;
    },
  };
}

function bytesPattern(value: Value): BytesTest | Wrong {
  if (value.kind !== 'pattern') return { wrong: 'value', message: say`Bytes are compared with a pattern between slashes: bytes ~ /\\x00GET/. Plain text or hex stands behind "contains".` };
  const test = textTest('~', value);
  return typeof test === 'function' ? bytesAsLatin1(test) : test;
}
