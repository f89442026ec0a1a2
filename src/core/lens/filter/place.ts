// Where in a filter the caret stands, and what the grammar has there, also in front of a mistake or within quotes.

import type { FilterField } from './fields.js';
import { fieldOf, keywordOf, operatorOf, WrongFilter } from './parser.js';
import { tokenize, wordEnd, type Token } from './tokens.js';

export interface Place {
  /** what a completion replaces */
  start: number;
  end: number;
  /** from `start` to the caret, without opening quotes */
  typed: string;
  /** `list` stands behind `in`; `nothing` inside a pattern */
  expects: 'term' | 'operator' | 'value' | 'list' | 'joint' | 'nothing';
  /** in front of an operator or a value, when its name is known */
  field?: FilterField;
}

export function placeAt(source: string, caret: number): Place {
  const tokens: Token[] = [];
  const problem = tokenize(source.slice(0, caret), tokens);
  if (problem === undefined) tokens.pop();
  const nothing = { start: caret, end: caret, typed: '' };
  if (problem !== undefined && source[problem.start] === '/' && tokens.at(-1)?.text === '~') return { ...nothing, expects: 'nothing' };
  const current = problem === undefined ? touched(source, caret, tokens) : unfinished(source, caret, problem.start);
  const at = walk(tokens);
  return current === undefined ? { ...at, ...nothing } : { ...at, ...current, typed: source.slice(current.start, caret) };
}

/** The word, text or sign that the caret touches is being typed: taken from the tokens. "<" and ">" may go on as "<=" and ">=". */
function touched(source: string, caret: number, tokens: Token[]): { start: number; end: number } | undefined {
  const last = tokens.at(-1);
  if (last === undefined || last.end !== caret) return undefined;
  const { kind, text, start, end } = last;
  if (kind !== 'word' && kind !== 'text' && text !== '<' && text !== '>') return undefined;
  tokens.pop();
  return { start, end: kind === 'word' ? Math.max(end, wordEnd(source, end)) : end };
}

/** Quotes that are open at the caret, with the name that they belong to; or a sign such as "=" and "!", which is half of one. */
function unfinished(source: string, caret: number, start: number): { start: number; end: number } | undefined {
  const sign = source[start];
  if ((sign === '=' || sign === '!') && caret === start + 1) return { start, end: caret };
  if (sign !== '"' && sign !== "'") return undefined;
  // http."cont: the quotes belong to the name in front of them.
  let begin = start;
  if (source[start - 1] === '.') while (0 < begin && /[\p{L}\p{N}_.$-]/u.test(source[begin - 1]!)) begin -= 1;
  const whole: Token[] = [];
  tokenize(source, whole);
  return { start: begin, end: whole.find((token) => token.start === begin)?.end ?? caret };
}

/** Follows the grammar without insisting on it. */
function walk(tokens: readonly Token[]): { expects: Exclude<Place['expects'], 'nothing'>; field?: FilterField } {
  let expects: Exclude<Place['expects'], 'nothing'> = 'term';
  let field: FilterField | undefined;
  let isList = false;
  for (const token of tokens) {
    const keyword = keywordOf(token);
    switch (expects) {
      case 'term':
        if (token.kind === 'word' && keyword === undefined) field = knownField(token);
        else field = undefined;
        if ((token.kind === 'word' && keyword === undefined) || token.kind === 'text') expects = 'operator';
        break;
      case 'operator': {
        const operator = operatorOf(token);
        if (operator === 'in') [expects, isList] = ['list', false];
        else if (operator !== undefined) [expects, isList] = ['value', false];
        else if (keyword !== undefined) expects = 'term';
        else if (token.kind === 'close') expects = 'joint';
        else field = token.kind === 'word' ? knownField(token) : undefined;
        break;
      }
      case 'list':
        if (token.kind === 'open') [expects, isList] = ['value', true];
        else expects = 'joint';
        break;
      case 'value':
        if (token.kind !== 'open') expects = 'joint';
        break;
      case 'joint':
        if (isList && token.kind === 'comma') expects = 'value';
        else if (isList && token.kind === 'close') isList = false;
        else if (keyword !== undefined) expects = 'term';
        break;
    }
  }
  return { expects, ...(field === undefined ? {} : { field }) };
}

function knownField(token: Token): FilterField | undefined {
  try {
    return fieldOf(token);
  } catch (fault) {
    if (fault instanceof WrongFilter) return undefined;
    throw fault;
  }
}
