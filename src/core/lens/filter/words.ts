// A filter in plain words: "Redis GET slower than 5 ms". A noun for what is left, and a phrase for each thing that is asked of it.

import { groups, protocolOf } from '../../protocols/index.js';
import type { Value } from './comparisons.js';
import type { Expression } from './expression.js';
import type { FilterField } from './fields.js';
import type { Operator } from './tokens.js';
import type { Translate } from './translate.js';

/** Longer ones are cut: they stand on one line. */
const maxLength = 400;

type Comparison = Extract<Expression, { kind: 'comparison' }>;

export function wordsOf(expression: Expression, t: Translate): string {
  const parts = expression.kind === 'all' ? expression.of : [expression];
  const { noun, rest } = nounOf(parts, t);
  const [only] = rest;
  const words = only === undefined ? noun : t('{0} {1}', noun, rest.length === 1 && only.kind === 'any' ? joinedOr(only.of, t) : joinedAnd(rest, t));
  return words.length <= maxLength ? words : `${words.slice(0, maxLength - 1)}…`;
}

// ---- the noun -------------------------------------------------------------------------------------------------------

/** Fields that name a message by themselves: "Redis GET", "HTTP POST". */
const verbs: ReadonlySet<string> = new Set(['redis.command', 'http.method', 'memcached.command', 'dap.command', 'lsp.method', 'json-rpc.method', 'cdp.method', 'grpc.method', 'kafka.api', 'thrift.method', 'smtp.command', 'ftp.command']);

/** What is spoken, what is said, and whether it asks or answers go into the noun; each at most once. */
function nounOf(parts: readonly Expression[], t: Translate): { noun: string; rest: Expression[] } {
  const verb = parts.find((part): part is Comparison => part.kind === 'comparison' && part.operator === '==' && verbs.has(part.field.name) && isPlain(part));
  const protocol = verb === undefined ? parts.find((part) => protocolNamed(part) !== undefined) : undefined;
  const kind = verb === undefined ? parts.find((part): part is Comparison => isEqual(part, 'kind')) : undefined;
  const spoken = verb !== undefined ? titleOf(verb.field.name.split('.')[0]!) : protocol === undefined ? undefined : titleOf(protocolNamed(protocol)!);
  const said = verb !== undefined ? verb.values[0]!.text : kindNoun(kind?.values[0]?.text.toLowerCase(), t);
  return { noun: spoken === undefined ? said : `${spoken} ${said}`, rest: parts.filter((part) => part !== verb && part !== protocol && part !== kind) };
}

function isPlain({ values }: Comparison): boolean {
  return values[0]!.kind !== 'pattern' && values[0]!.text.trim() !== '';
}

function protocolNamed(part: Expression): string | undefined {
  if (part.kind === 'protocol') return part.name;
  return isEqual(part, 'protocol') ? part.values[0]!.text.toLowerCase() : undefined;
}

function isEqual(part: Expression, name: string): part is Comparison {
  return part.kind === 'comparison' && part.field.name === name && part.operator === '==';
}

function kindNoun(kind: string | undefined, t: Translate): string {
  switch (kind) {
    case 'request':
      return t('requests');
    case 'answer':
      return t('answers');
    case 'notice':
      return t('notices');
    case 'undecoded':
      return t('undecoded bytes');
    case 'gap':
      return t('gaps');
    default:
      return t('messages');
  }
}

/** A protocol or group as people call it. */
function titleOf(id: string): string {
  if (Object.hasOwn(groups, id)) return id.toUpperCase();
  const title = protocolOf(id)?.title;
  // "HTTP/1.x" and "Memcached (binary)" are read in a sentence as they are.
  return title ?? id;
}

// ---- phrases --------------------------------------------------------------------------------------------------------

function joinedAnd(parts: readonly Expression[], t: Translate): string {
  return parts.map((part) => (part.kind === 'any' ? t('either {0}', joinedOr(part.of, t)) : part.kind === 'all' ? joinedAnd(part.of, t) : phraseOf(part, t))).reduce((all, one) => t('{0} and {1}', all, one));
}

function joinedOr(parts: readonly Expression[], t: Translate): string {
  return parts.map((part) => (part.kind === 'all' ? `(${joinedAnd(part.of, t)})` : part.kind === 'any' ? joinedOr(part.of, t) : phraseOf(part, t))).reduce((all, one) => t('{0} or {1}', all, one));
}

function phraseOf(expression: Expression, t: Translate): string {
  switch (expression.kind) {
    case 'comparison':
      return comparisonPhrase(expression, t);
    case 'there':
      return therePhrase(expression.field, t);
    case 'protocol':
      return t('of protocol {0}', titleOf(expression.name));
    case 'search':
      return t('that contain {0}', JSON.stringify(expression.text));
    case 'not':
      return negatedPhrase(expression.of, t);
    case 'all':
      return joinedAnd(expression.of, t);
    case 'any':
      return joinedOr(expression.of, t);
  }
}

function therePhrase({ name }: FilterField, t: Translate): string {
  switch (name) {
    case 'problem':
      return t('with a problem');
    case 'marked':
      return t('that are marked');
    case 'waiting':
      return t('that wait for an answer');
    case 'answer':
    case 'latency':
      return t('that were answered');
    default:
      return t('with {0}', fieldWords(name, t));
  }
}

function negatedPhrase(expression: Expression, t: Translate): string {
  if (expression.kind === 'not') return phraseOf(expression.of, t);
  if (expression.kind === 'search') return t('that do not contain {0}', JSON.stringify(expression.text));
  if (protocolNamed(expression) !== undefined) return t('of other protocols than {0}', titleOf(protocolNamed(expression)!));
  if (expression.kind !== 'there') return t('except those {0}', expression.kind === 'all' ? joinedAnd(expression.of, t) : phraseOf(expression, t));
  switch (expression.field.name) {
    case 'problem':
      return t('without a problem');
    case 'marked':
      return t('that are not marked');
    case 'waiting':
      return t('that do not wait for an answer');
    case 'answer':
    case 'latency':
      return t('that were not answered');
    default:
      return t('without {0}', fieldWords(expression.field.name, t));
  }
}

function comparisonPhrase({ field, operator, values }: Comparison, t: Translate): string {
  const shown = valueWords(field, operator, values, t);
  switch (field.type === 'decoded' ? undefined : field.name) {
    case 'latency':
      return orderPhrase(operator, [t('slower than {0}', shown), t('that took {0} or longer', shown), t('faster than {0}', shown), t('that took {0} or less', shown)], () => comparedPhrase(field, operator, values, shown, t));
    case 'duration':
      return orderPhrase(operator, [t('that went on for more than {0}', shown), t('that went on for {0} or more', shown), t('that went on for less than {0}', shown), t('that went on for {0} or less', shown)], () => comparedPhrase(field, operator, values, shown, t));
    case 'size':
    case 'bytes':
      if (operator === 'contains') return t('whose bytes contain {0}', shown);
      if (operator === '~') return t('whose bytes match {0}', shown);
      return orderPhrase(operator, [t('larger than {0}', shown), t('of {0} or more', shown), t('smaller than {0}', shown), t('of {0} or less', shown)], () => comparedPhrase(field, operator, values, shown, t));
    case 'time':
      return orderPhrase(operator, [t('after {0}', shown), t('from {0} on', shown), t('before {0}', shown), t('up to {0}', shown)], () => (operator === '==' ? t('at {0}', shown) : comparedPhrase(field, operator, values, shown, t)));
    case 'text':
      return operator === '~' ? (values[0]!.kind === 'pattern' ? t('with text that matches {0}', shown) : t('with text like {0}', shown)) : t('that contain {0}', shown);
    case 'flow.process':
      if (operator === '==' || operator === 'in') return t('of program {0}', shown);
      return operator === '~' && values[0]!.kind !== 'pattern' ? t('of programs like {0}', shown) : comparedPhrase(field, operator, values, shown, t);
    case 'protocol':
      if (operator === '==' || operator === 'in') return t('of protocol {0}', shown);
      return operator === '!=' ? t('of other protocols than {0}', shown) : comparedPhrase(field, operator, values, shown, t);
    case 'from':
      if (operator !== '==') return comparedPhrase(field, operator, values, shown, t);
      return values[0]!.text.toLowerCase() === 'client' ? t('from the client') : t('from the upstream');
    case 'marked':
    case 'waiting': {
      const isSo = (values[0]!.text.toLowerCase() === 'true') === (operator === '==');
      return isSo ? therePhrase(field, t) : negatedPhrase({ kind: 'there', field, test: () => true }, t);
    }
    default:
      return comparedPhrase(field, operator, values, shown, t);
  }
}

/** @param phrases for >, >=, < and <= */
function orderPhrase(operator: Operator, [above, from, below, upTo]: [string, string, string, string], otherwise: () => string): string {
  switch (operator) {
    case '>':
      return above;
    case '>=':
      return from;
    case '<':
      return below;
    case '<=':
      return upTo;
    default:
      return otherwise();
  }
}

/** "with HTTP status 500 or more" */
function comparedPhrase({ name }: FilterField, operator: Operator, [value]: readonly Value[], shown: string, t: Translate): string {
  const field = fieldWords(name, t);
  switch (operator) {
    case '==':
    case 'in':
      return t('with {0} {1}', field, shown);
    case '!=':
      return t('with {0} other than {1}', field, shown);
    case '<':
      return t('with {0} below {1}', field, shown);
    case '<=':
      return t('with {0} {1} or less', field, shown);
    case '>':
      return t('with {0} above {1}', field, shown);
    case '>=':
      return t('with {0} {1} or more', field, shown);
    case 'contains':
      return t('with {0} that contains {1}', field, shown);
    case '~':
      return value?.kind === 'pattern' ? t('with {0} that matches {1}', field, shown) : t('with {0} like {1}', field, shown);
  }
}

/** The field as a noun: "HTTP status", "Kafka topic", "route". */
export function fieldWords(name: string, t: Translate): string {
  switch (name) {
    case 'sql':
      return 'SQL';
    case 'flow.id':
      return t('connection number');
    case 'flow.process':
      return t('program');
    case 'flow.pid':
      return t('process id');
    case 'flow.session':
      return t('debug session');
    case 'flow.route':
      return t('route');
    case 'flow.listener':
      return t('listener');
    case 'flow.protocol':
      return t('protocol of the connection');
    case 'client':
      return t('client address');
    case 'upstream':
      return t('upstream address');
    case 'summary':
      return t('summary');
    case 'answer':
      return t('answer');
    case 'stream':
      return t('stream');
    case 'severity':
      return t('severity');
    case 'problem':
      return t('problem');
    case 'kind':
      return t('kind');
    case 'from':
      return t('speaker');
    case 'protocol':
      return t('protocol');
    case 'latency':
      return t('latency');
    case 'duration':
      return t('duration');
    case 'bytes':
    case 'size':
      return t('size');
    case 'time':
      return t('time');
    default: {
      const [head = '', ...inside] = name.split('.');
      return `${titleOf(head.toLowerCase())} ${inside.join('.').replace(/^"(.*)"$/, '$1').replace(/_/g, ' ')}`;
    }
  }
}

function valueWords(field: FilterField, operator: Operator, values: readonly Value[], t: Translate): string {
  const each = values.map((value) => oneValue(field, operator, value));
  return each.length < 3 ? each.reduce((all, one) => t('{0} or {1}', all, one)) : t('{0} or {1}', each.slice(0, -1).join(', '), each.at(-1)!);
}

function oneValue({ type, name }: FilterField, operator: Operator, { kind, text, flags }: Value): string {
  if (kind === 'pattern') return `/${text}/${flags}`;
  if (name === 'protocol' || name === 'flow.protocol') return operator === '~' ? text : titleOf(text.toLowerCase());
  const measured = /^(\d+(?:\.\d+)?)\s*(us|µs|ms|s|min|h|b|kb|kib|mb|mib|gb|gib)$/i.exec(text);
  if (measured !== null && (type === 'duration' || type === 'size' || type === 'content')) return `${measured[1]} ${unitWords(measured[2]!)}`;
  if ((type === 'size' || (type === 'content' && operator !== 'contains')) && /^\d+(\.\d+)?$/.test(text)) return `${text} B`;
  if (type === 'content' && kind === 'word' && /^(?:[0-9a-f]{2}|\?\?)+$/i.test(text)) return text.toLowerCase().match(/../g)!.join(' ');
  return kind === 'word' || /^[\w*?./:-]+$/.test(text) ? text : JSON.stringify(text);
}

function unitWords(unit: string): string {
  const lower = unit.toLowerCase();
  if (lower === 'us') return 'µs';
  return /^(µs|ms|s|min|h)$/.test(lower) ? lower : lower.replace('i', '').toUpperCase();
}
