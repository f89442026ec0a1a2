// Changing a filter expression without knowing all of its language: what stands between "and" at its top, and putting one more condition to it.

/** How a condition from a cell joins the filter that is there. */
export type Joining = 'apply' | 'and' | 'or' | 'not';

interface Piece {
  text: string;
  start: number;
  end: number;
  depth: number;
}

/** Words of the expression with their places; texts in quotes and patterns between slashes are one word. */
function pieces(expression: string): Piece[] {
  const found: Piece[] = [];
  let depth = 0;
  // A pattern stands behind ~ only: a slash elsewhere is part of a path.
  const word = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|~\s*\/(?:[^/\\]|\\.)*\/?[a-z]*|[()]|[^\s()"'~]+|~/g;
  for (const match of expression.matchAll(word)) {
    const text = match[0];
    if (text === ')') depth--;
    found.push({ text, start: match.index, end: match.index + text.length, depth });
    if (text === '(') depth++;
  }
  return found;
}

/** @returns the conditions that all have to hold; the expression as a whole when "or" joins them */
export function conjuncts(expression: string): string[] {
  const words = pieces(expression);
  if (words.length === 0) return [];
  if (words.some(({ text, depth }) => depth === 0 && isWord(text, 'or'))) return [expression.trim()];
  const parts: string[] = [];
  let start = 0;
  for (const { text, start: at, end, depth } of words) {
    if (depth !== 0 || !isWord(text, 'and')) continue;
    parts.push(expression.slice(start, at).trim());
    start = end;
  }
  parts.push(expression.slice(start).trim());
  return parts.filter((part) => part !== '');
}

export function hasPart(expression: string, part: string): boolean {
  return conjuncts(expression).some((one) => isSame(one, part));
}

/** Puts a condition to those that have to hold, or takes it away again. */
export function togglePart(expression: string, part: string): string {
  if (!hasPart(expression, part)) return joined(expression, part, 'and');
  return conjuncts(expression).filter((one) => !isSame(one, part)).join(' and ');
}

/** The filter with one more condition. */
export function joined(expression: string, part: string, joining: Joining): string {
  const before = expression.trim();
  switch (joining) {
    case 'apply': return part;
    case 'and': return before === '' ? part : `${grouped(before, 'or')} and ${grouped(part, 'or')}`;
    case 'or': return before === '' ? part : `${before} or ${part}`;
    case 'not': {
      const negated = `not ${grouped(part, 'and', 'or')}`;
      return before === '' ? negated : `${grouped(before, 'or')} and ${negated}`;
    }
  }
}

/** In parentheses when one of the words stands at its top: "and" binds closer than "or". */
function grouped(expression: string, ...words: string[]): string {
  return pieces(expression).some(({ text, depth }) => depth === 0 && words.some((word) => isWord(text, word))) ? `(${expression})` : expression;
}

/** A text as it is written in an expression. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function isWord(text: string, word: string): boolean {
  return text.toLowerCase() === word;
}

function isSame(one: string, other: string): boolean {
  return one.replace(/\s+/g, ' ') === other.replace(/\s+/g, ' ');
}
