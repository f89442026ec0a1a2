// Reads tokens as an expression. `and` binds before `or`, `not` before both.

import { say, type Sentence } from '../../../shared/sentences.js';
import { nearest } from '../../config/nearest.js';
import { expandProtocol } from '../../protocols/index.js';
import { unitWords, type Value } from './comparisons.js';
import { decodedField, heads } from './decodedFields.js';
import { aliases } from './aliases.js';
import type { Expression } from './expression.js';
import { comparable, factOf, facts, searchFor, speaks, type Compared, type FilterField } from './fields.js';
import { wordOperators, type FilterProblem, type NamePart, type Operator, type Token } from './tokens.js';

/** Parentheses and negations inside each other; more is only sent to exhaust the stack. */
const maxDepth = 100;

export const keywords = ['and', 'or', 'not'] as const;
type Keyword = (typeof keywords)[number];

/** Carries a problem out of the recursion. */
export class WrongFilter extends Error {
  readonly problem: FilterProblem;

  constructor(message: Sentence, { start, end }: { start: number; end: number }) {
    super(message);
    this.problem = { message, start, end };
  }
}

export class Parser {
  private position = 0;
  private depth = 0;

  /** @param tokens as `tokensOf` makes them */
  constructor(private readonly tokens: readonly Token[]) {}

  /** @throws WrongFilter */
  whole(): Expression {
    if (this.next.kind === 'end') throw new WrongFilter(say`The filter is empty.`, this.next);
    const expression = this.either();
    const { next } = this;
    if (next.kind === 'close') throw new WrongFilter(say`This ")" closes nothing.`, next);
    if (next.kind !== 'end') throw new WrongFilter(say`"and" or "or" is missing before this.`, next);
    return expression;
  }

  private either(): Expression {
    const parts = [this.both()];
    while (this.takesWord('or')) parts.push(this.both());
    return parts.length === 1 ? parts[0]! : { kind: 'any', of: parts };
  }

  private both(): Expression {
    const parts = [this.one()];
    // Words that are looked for may stand side by side, as in any box for searching.
    while (this.takesWord('and') || (parts.at(-1)!.kind === 'search' && this.isSearch())) parts.push(this.one());
    return parts.length === 1 ? parts[0]! : { kind: 'all', of: parts };
  }

  private one(): Expression {
    const start = this.next;
    if (maxDepth < ++this.depth) throw new WrongFilter(say`A filter may be nested ${maxDepth} deep.`, start);
    const expression: Expression = this.takesWord('not') ? { kind: 'not', of: this.one() } : start.kind === 'open' ? this.inParentheses(start) : this.term();
    this.depth -= 1;
    return expression;
  }

  private inParentheses(open: Token): Expression {
    this.position += 1;
    const expression = this.either();
    const { next } = this;
    if (next.kind === 'end') throw new WrongFilter(say`This "(" is not closed.`, open);
    if (next.kind !== 'close') throw new WrongFilter(say`"and", "or" or ")" is missing before this.`, next);
    this.position += 1;
    return expression;
  }

  private term(): Expression {
    const name = this.next;
    if ((name.kind !== 'word' && name.kind !== 'text') || keywordOf(name) !== undefined) {
      throw new WrongFilter(name.kind === 'end' ? say`A comparison is missing at the end.` : say`A comparison begins with the name of a field.`, name);
    }
    const operator = operatorOf(this.tokens[this.position + 1]!);
    this.position += 1;
    if (operator === undefined) return this.alone(name);
    if (name.kind === 'text') throw new WrongFilter(say`What is compared is a field, without quotes around it.`, name);
    const field = fieldOf(name);
    if (field === undefined) throw new WrongFilter(unknownField(name.text), name);
    return this.comparison(field, operator);
  }

  private comparison(field: FilterField, operator: Operator): Expression {
    const sign = this.next;
    this.position += 1;
    if (operator !== 'in') {
      const value = this.value(sign.text);
      return { kind: 'comparison', field, operator, values: [value], compared: compareWith(field, operator, value, sign) };
    }
    const values = this.list(sign);
    const each = values.map((value) => compareWith(field, '==', value, sign));
    return { kind: 'comparison', field, operator, values, compared: { cost: each[0]!.cost, test: (subject) => each.some(({ test }) => test(subject)) } };
  }

  /** `(a, b)` behind `in`; a single value may stand without parentheses. */
  private list(sign: Token): Value[] {
    const open = this.next;
    if (open.kind !== 'open') return [this.value('in')];
    this.position += 1;
    const values = [this.value(sign.text)];
    while (this.next.kind === 'comma') {
      this.position += 1;
      values.push(this.value(','));
    }
    const { next } = this;
    if (next.kind === 'end') throw new WrongFilter(say`This "(" is not closed.`, open);
    if (next.kind !== 'close') throw new WrongFilter(say`"," or ")" is missing before this.`, next);
    this.position += 1;
    return values;
  }

  private value(behind: string): Value {
    const token = this.next;
    if ((token.kind !== 'word' && token.kind !== 'text' && token.kind !== 'pattern') || keywordOf(token) !== undefined) throw new WrongFilter(say`A value is missing after ${behind}.`, token);
    this.position += 1;
    const value: Value = { kind: token.kind, text: token.text, flags: token.flags ?? '', start: token.start, end: token.end };
    // "5 ms" as people write it.
    const unit = this.next;
    if (token.kind !== 'word' || unit.kind !== 'word' || !/^\d+(\.\d+)?$/.test(token.text) || !unitWords.has(unit.text.toLowerCase())) return value;
    this.position += 1;
    return { ...value, text: `${token.text}${unit.text}`, end: unit.end };
  }

  /** A name or a text without an operator behind it. */
  private alone(name: Token): Expression {
    if (name.kind === 'text' || isSearchWord(name)) {
      if (name.text.trim() === '') throw new WrongFilter(say`There is nothing to look for in these quotes.`, name);
      return { kind: 'search', text: name.text, compared: searchFor(name.text) };
    }
    const field = fieldOf(name);
    if (field === undefined) return { kind: 'protocol', name: name.text.toLowerCase(), compared: speaks(name.text.toLowerCase()) };
    if (field.isThere !== undefined) return { kind: 'there', field, test: field.isThere };
    throw new WrongFilter(say`${field.name} is compared with something: ${operatorsOf(field)} and a value.`, this.next.kind === 'end' ? this.next : name);
  }

  /** Is this one more word to look for, and no comparison? */
  private isSearch(): boolean {
    const { next } = this;
    if (next.kind !== 'text' && (next.kind !== 'word' || keywordOf(next) !== undefined || !isSearchWord(next))) return false;
    return operatorOf(this.tokens[this.position + 1]!) === undefined;
  }

  private get next(): Token {
    return this.tokens[this.position]!;
  }

  private takesWord(word: Keyword): boolean {
    if (keywordOf(this.next) !== word) return false;
    this.position += 1;
    return true;
  }
}

/** Keywords are lower case, or upper case as in SQL. */
export function keywordOf({ kind, text }: Token): Keyword | undefined {
  if (kind !== 'word') return undefined;
  return keywords.find((word) => word === text || word.toUpperCase() === text);
}

export function operatorOf(token: Token): Operator | undefined {
  if (token.kind === 'operator') return token.text as Operator;
  return token.kind === 'word' && wordOperators.includes(token.text.toLowerCase()) ? (token.text.toLowerCase() as Operator) : undefined;
}

/** No field and no protocol. */
function isSearchWord(token: Token): boolean {
  if (token.parts !== undefined || factOf(token.text) !== undefined || token.text.toLowerCase() === 'unknown' || expandProtocol(token.text.toLowerCase()).length !== 0) return false;
  const decoded = decodedField(partsOf(token));
  // A name that is misspelt is told; with a number in front it is rather a host or a file.
  return decoded === undefined;
}

/** @throws WrongFilter for a decoded field whose name is a slip */
export function fieldOf(token: Token): FilterField | undefined {
  const fact = factOf(token.text);
  if (fact !== undefined) return fact;
  const decoded = decodedField(partsOf(token));
  if (decoded === undefined) return undefined;
  if ('message' in decoded) throw new WrongFilter(decoded.message, token);
  return comparable(decoded);
}

function partsOf({ text, parts }: Token): readonly NamePart[] {
  return parts ?? text.split('.').filter((part) => part !== '').map((part) => ({ text: part, isQuoted: false }));
}

function compareWith(field: FilterField, operator: Exclude<Operator, 'in'>, value: Value, sign: Token): Compared {
  const compared = field.compare(operator, value);
  if ('test' in compared) return compared;
  throw new WrongFilter(compared.message, compared.wrong === 'operator' ? sign : value);
}

/** Operators that fit, as a sentence has them. */
function operatorsOf({ type }: FilterField): string {
  switch (type) {
    case 'text':
    case 'choice':
      return say`==, !=, ~, contains or in`;
    case 'everything':
      return say`~ or contains`;
    case 'content':
      return say`contains, ~, <, <=, > or >=`;
    default:
      return say`==, !=, ~, <, <=, > or >=`;
  }
}

function unknownField(name: string): Sentence {
  const known = [...facts.map((fact) => fact.name), ...Object.keys(aliases), ...heads];
  const close = nearest(name, known) ?? nearestHead(name);
  if (close !== undefined) return say`There is no field ${JSON.stringify(name)}. Did you mean ${close}?`;
  return say`There is no field ${JSON.stringify(name)}. Fields are ${facts.map((fact) => fact.name).join(', ')}, and decoded ones such as http.status.`;
}

/** `reids.comand`: the protocol is the slip, whatever follows. */
function nearestHead(name: string): string | undefined {
  const [head = '', ...rest] = name.split('.');
  const close = rest.length === 0 ? undefined : nearest(head, [...heads, 'flow']);
  return close === undefined ? undefined : [close, ...rest].join('.');
}
