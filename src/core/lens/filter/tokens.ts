// A filter expression as words, texts, operators and parentheses, each with its place.

export type Operator = '==' | '!=' | '~' | '<' | '<=' | '>' | '>=';

export interface Token {
  /** `word` stands as it is: a field, a keyword, a value; `text` was in quotes; `end` is behind everything */
  kind: 'word' | 'text' | 'operator' | 'open' | 'close' | 'end';
  /** of a `text` what the quotes hold, escapes resolved */
  text: string;
  /** `[start, end)` in the expression */
  start: number;
  end: number;
}

/** Why an expression is none, and where. */
export interface FilterProblem {
  /** a whole sentence */
  message: string;
  /** `[start, end)` in the expression; empty at its end when something is missing */
  start: number;
  end: number;
}

/** Longer expressions are refused: nobody types them, and evaluation is to stay cheap. */
const maxLength = 4000;

const operators: readonly Operator[] = ['==', '!=', '<=', '>=', '~', '<', '>'];

/** Characters of values that need no quotes: names, numbers with units, addresses, paths, globs. */
const wordCharacter = /[\p{L}\p{N}_.:/*?@%+$-]/u;

/** @returns tokens, the last of kind `end`; or what is wrong */
export function tokensOf(source: string): Token[] | FilterProblem {
  if (maxLength < source.length) return { message: `A filter may be ${maxLength} characters long; this one has ${source.length}.`, start: maxLength, end: source.length };
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const char = source[at]!;
    if (/\s/.test(char)) {
      at += 1;
      continue;
    }
    const token = tokenAt(source, at, char);
    if ('message' in token) return token;
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: 'end', text: '', start: source.length, end: source.length });
  return tokens;
}

function tokenAt(source: string, start: number, char: string): Token | FilterProblem {
  if (char === '(') return { kind: 'open', text: char, start, end: start + 1 };
  if (char === ')') return { kind: 'close', text: char, start, end: start + 1 };
  if (char === '"' || char === "'") return quoted(source, start, char);
  const operator = operators.find((one) => source.startsWith(one, start));
  if (operator !== undefined) return { kind: 'operator', text: operator, start, end: start + operator.length };
  if (char === '=') return { message: 'Equality is written "==".', start, end: start + 1 };
  if (char === '!') return { message: 'Negation is written "not"; inequality "!=".', start, end: start + 1 };
  let end = start;
  for (const next of source.slice(start)) {
    if (!wordCharacter.test(next)) break;
    end += next.length;
  }
  if (end === start) return { message: `${JSON.stringify(char)} has no meaning here; a value that holds it is written in quotes.`, start, end: start + 1 };
  return { kind: 'word', text: source.slice(start, end), start, end };
}

/** Either kind of quotes; `\` takes the next character literally. */
function quoted(source: string, start: number, quote: string): Token | FilterProblem {
  let text = '';
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at]!;
    if (char === quote) return { kind: 'text', text, start, end: at + 1 };
    if (char === '\\' && at + 1 < source.length) at += 1;
    text += source[at]!;
  }
  return { message: 'The text that begins here has no closing quote.', start, end: source.length };
}
