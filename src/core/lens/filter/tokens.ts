// A filter expression as words, texts, patterns, operators and parentheses, each with its place.

import type { FilterProblem } from '../../../shared/inspect.js';
import { say, type Sentence } from '../../../shared/sentences.js';

export type { FilterProblem } from '../../../shared/inspect.js';

export type Operator = '==' | '!=' | '~' | '<' | '<=' | '>' | '>=' | 'contains' | 'in';

export interface Token {
  /**
   * `word` stands as it is: a field, a keyword, a value; `text` was in quotes; `pattern` between slashes; `end` is behind everything.
   * A name with parts in quotes (`http."content-type"`) is a word whose `parts` tell which ones were.
   */
  kind: 'word' | 'text' | 'pattern' | 'operator' | 'open' | 'close' | 'comma' | 'end';
  /** of a `text` what the quotes hold, escapes resolved; of a `pattern` what stands between the slashes */
  text: string;
  /** `[start, end)` in the expression */
  start: number;
  end: number;
  /** letters behind a pattern */
  flags?: string;
  /** of a dotted name with quotes in it */
  parts?: readonly NamePart[];
}

export interface NamePart {
  text: string;
  isQuoted: boolean;
}

/** Longer expressions are refused: nobody types them, and evaluation is to stay cheap. */
const maxLength = 4000;

const signs: readonly Operator[] = ['==', '!=', '<=', '>=', '~', '<', '>'];

/** Operators that are written as words. */
export const wordOperators: readonly string[] = ['contains', 'in'];

/** Characters of values that need no quotes: names, numbers with units, addresses, paths, globs. */
const wordCharacter = /[\p{L}\p{N}_.:/*?@%+$-]/u;

/** What people who come from elsewhere write. */
const otherSigns: readonly (readonly [string, Sentence])[] = [
  ['&&', say`This is written "and".`],
  ['||', say`This is written "or".`],
  ['=', say`Equality is written "==".`],
  ['!', say`Negation is written "not"; inequality "!=".`],
];

/** @returns tokens, the last of kind `end`; or what is wrong */
export function tokensOf(source: string): Token[] | FilterProblem {
  const tokens: Token[] = [];
  const problem = tokenize(source, tokens);
  return problem ?? tokens;
}

/** @param tokens takes what was understood, also in front of a problem */
export function tokenize(source: string, tokens: Token[]): FilterProblem | undefined {
  if (maxLength < source.length) return { message: say`A filter may be ${maxLength} characters long; this one has ${source.length}.`, start: maxLength, end: source.length };
  for (let at = 0; at < source.length; ) {
    if (/\s/.test(source[at]!)) {
      at += 1;
      continue;
    }
    const token = tokenAt(source, at, tokens.at(-1));
    if ('message' in token) return token;
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', start: source.length, end: source.length });
  return undefined;
}

function tokenAt(source: string, start: number, before: Token | undefined): Token | FilterProblem {
  const char = source[start]!;
  if (char === '(') return { kind: 'open', text: char, start, end: start + 1 };
  if (char === ')') return { kind: 'close', text: char, start, end: start + 1 };
  if (char === ',') return { kind: 'comma', text: char, start, end: start + 1 };
  if (char === '"' || char === "'") return quoted(source, start);
  // A path such as /v1/orders is a word: only behind "~" may a slash begin a pattern.
  if (char === '/' && before?.kind === 'operator' && before.text === '~') {
    const found = pattern(source, start);
    if (found !== undefined) return found;
  }
  const operator = signs.find((one) => source.startsWith(one, start));
  if (operator !== undefined) return { kind: 'operator', text: operator, start, end: start + operator.length };
  for (const [sign, message] of otherSigns) if (source.startsWith(sign, start)) return { message, start, end: start + sign.length };
  return word(source, start);
}

function word(source: string, start: number): Token | FilterProblem {
  const parts: NamePart[] = [];
  let end = wordEnd(source, start);
  if (end === start) {
    const char = String.fromCodePoint(source.codePointAt(start)!);
    return { message: say`${JSON.stringify(char)} has no meaning here; a value that holds it is written in quotes.`, start, end: start + char.length };
  }
  const plain = source.slice(start, end);
  if (!plain.endsWith('.') || !isQuote(source[end])) return { kind: 'word', text: plain, start, end };
  // http."content-type", json-rpc.body."a name".id
  for (let text = plain; ; ) {
    for (const part of text.split('.')) if (part !== '') parts.push({ text: part, isQuoted: false });
    if (!isQuote(source[end])) break;
    const inQuotes = quoted(source, end);
    if ('message' in inQuotes) return inQuotes;
    parts.push({ text: inQuotes.text, isQuoted: true });
    end = inQuotes.end;
    if (source[end] !== '.') break;
    const next = wordEnd(source, end);
    text = source.slice(end, next);
    end = next;
  }
  return { kind: 'word', text: source.slice(start, end), start, end, parts };
}

function isQuote(char: string | undefined): boolean {
  return char === '"' || char === "'";
}

/** End of the word that begins at `start`. */
export function wordEnd(source: string, start: number): number {
  let end = start;
  while (end < source.length) {
    const char = String.fromCodePoint(source.codePointAt(end)!);
    if (!wordCharacter.test(char)) break;
    end += char.length;
  }
  return end;
}

/** Either kind of quotes; `\` takes the next character literally. */
function quoted(source: string, start: number): Token | FilterProblem {
  const quote = source[start]!;
  let text = '';
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at]!;
    if (char === quote) return { kind: 'text', text, start, end: at + 1 };
    if (char === '\\' && at + 1 < source.length) at += 1;
    text += source[at]!;
  }
  return { message: say`The text that begins here has no closing quote.`, start, end: source.length };
}

/** @returns undefined when this is a word after all: `/v1/*` is a glob */
function pattern(source: string, start: number): Token | FilterProblem | undefined {
  let isInSet = false;
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at]!;
    if (char === '\\') at += 1;
    else if (char === '[') isInSet = true;
    else if (char === ']') isInSet = false;
    else if (char === '/' && !isInSet) {
      const flags = /^[a-z]*/.exec(source.slice(at + 1))![0];
      const end = at + 1 + flags.length;
      const isDelimited = end === source.length || /[\s),]/.test(source[end]!);
      // One letter is a flag, if perhaps a wrong one; a longer word of others is the next part of a path.
      if (isDelimited && /^([a-z]|[ims]*)$/.test(flags)) return { kind: 'pattern', text: source.slice(start + 1, at), flags, start, end };
      break;
    }
  }
  const end = wordEnd(source, start);
  if (end === source.length || /[\s),]/.test(source[end]!)) return undefined;
  return { message: say`The pattern that begins here has no closing "/".`, start, end: source.length };
}
