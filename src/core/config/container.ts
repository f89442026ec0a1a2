// An object or array of the rule file as text: its parts, each with the comments that belong to it, so that parts can be moved,
// put in and taken out while everything else stays as it is written.

import type { Node } from 'jsonc-parser';

/** One element of an array or one property of an object. The texts, in this order, make up the file's text. */
export interface Item {
  /** what stands before and stays in place: white space, and comments set apart by an empty line */
  before: string;
  /** comments directly above (or before, on the same line) and the space up to the value */
  lead: string;
  /** the value, or `"key": value` */
  value: string;
  /** a comment behind it on the same line */
  trail: string;
}

export interface Container {
  /** from behind the opening bracket to the end of its line, when a comment stands there */
  head: string;
  items: Item[];
  /** from behind the last item to the closing bracket */
  tail: string;
  hasTrailingComma: boolean;
  /** offsets of what lies between the brackets */
  start: number;
  end: number;
}

/** Between two values there is only this. */
interface Token {
  kind: 'comment' | 'comma' | 'lineBreak' | 'space';
  text: string;
}

export function containerOf(text: string, node: Node): Container {
  const start = node.offset + 1;
  const end = node.offset + node.length - 1;
  const children = node.children ?? [];
  const container: Container = { head: '', items: [], tail: '', hasTrailingComma: false, start, end };
  let at = start;
  let previous: Item | undefined;
  for (const child of children) {
    const gap = text.slice(at, child.offset);
    const item: Item = { ...splitGap(gap, container, previous), value: text.slice(child.offset, child.offset + child.length), trail: '' };
    container.items.push(item);
    previous = item;
    at = child.offset + child.length;
  }
  const rest = splitTrail(tokensOf(text.slice(at, end)), previous !== undefined);
  if (previous === undefined) container.tail = text.slice(at, end);
  else {
    previous.trail = rest.trail;
    container.hasTrailingComma = rest.hasComma;
    container.tail = rest.after;
  }
  return container;
}

/** @returns what stands between the brackets */
export function interiorOf(container: Container): string {
  const { items } = container;
  const body = items.map((item, i) => {
    const comma = i < items.length - 1 || container.hasTrailingComma ? ',' : '';
    return item.before + item.lead + item.value + comma + item.trail;
  });
  return container.head + body.join('') + container.tail;
}

/** Divides the text before an item: what belongs to the item above, what stays in place, and what belongs to the item. */
function splitGap(gap: string, container: Container, previous: Item | undefined): { before: string; lead: string } {
  let tokens = tokensOf(gap);
  if (previous !== undefined) {
    const { trail, afterTokens } = splitTrail(tokens, true);
    previous.trail = trail;
    tokens = afterTokens;
  } else {
    // A comment behind the opening bracket speaks of the whole list.
    const lineEnd = tokens.findIndex((token) => isLineBreak(token));
    if (0 < lineEnd && tokens.slice(0, lineEnd).some(isComment)) {
      container.head = textOf(tokens.slice(0, lineEnd));
      tokens = tokens.slice(lineEnd);
    }
  }
  // Comments above an empty line are set apart from the item; the others are its own.
  let own = tokens.length;
  let breaks = 0;
  for (let i = tokens.length - 1; 0 <= i; i--) {
    const token = tokens[i];
    if (token === undefined) break;
    if (isLineBreak(token)) {
      if (++breaks === 2) break;
    } else if (isComment(token)) {
      breaks = 0;
      own = i;
    }
  }
  return { before: textOf(tokens.slice(0, own)), lead: textOf(tokens.slice(own)) };
}

/** What stands behind a value on its line. The comma is taken out: `interiorOf` puts one where it is needed. */
function splitTrail(tokens: readonly Token[], takesComma: boolean): { trail: string; hasComma: boolean; after: string; afterTokens: Token[] } {
  const kept: Token[] = [];
  let hasComma = false;
  let comments = 0;
  let end = 0;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || isLineBreak(token)) break;
    if (token.kind === 'comma') hasComma = true;
    else kept.push(token);
    if (isComment(token)) {
      comments = kept.length;
      end = i + 1;
    } else if (token.kind === 'comma') end = i + 1;
  }
  // On one line with the next item, what follows the comma belongs to that item.
  const isLineEnd = tokens.some(isLineBreak);
  const comma = tokens.findIndex((token) => token.kind === 'comma');
  if (!isLineEnd && takesComma && 0 <= comma) {
    const trail = tokens.slice(0, comma);
    const afterTokens = tokens.slice(comma + 1);
    return { trail: trail.some(isComment) ? textOf(trail) : '', hasComma: true, after: textOf(afterTokens), afterTokens };
  }
  const rest = tokens.slice(end);
  // A comma at the start of a later line is dropped as well.
  if (!hasComma && takesComma) {
    const later = rest.findIndex((token) => token.kind === 'comma');
    if (0 <= later) {
      rest.splice(later, 1);
      hasComma = true;
    }
  }
  return { trail: textOf(kept.slice(0, comments)), hasComma, after: textOf(rest), afterTokens: rest };
}

function tokensOf(text: string): Token[] {
  return (text.match(/\/\/[^\r\n]*|\/\*[\s\S]*?\*\/|,|\r\n|\n|\r|[^,/\r\n]+|\//g) ?? []).map((piece) => ({ kind: kindOf(piece), text: piece }));
}

function kindOf(piece: string): Token['kind'] {
  if (piece.startsWith('//') || piece.startsWith('/*')) return 'comment';
  if (piece === ',') return 'comma';
  return /^[\r\n]/.test(piece) ? 'lineBreak' : 'space';
}

function isComment(token: Token): boolean {
  return token.kind === 'comment';
}

function isLineBreak(token: Token): boolean {
  return token.kind === 'lineBreak';
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join('');
}
