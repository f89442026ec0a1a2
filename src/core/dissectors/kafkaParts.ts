// The layouts of `kafkaLayouts.ts`, parsed when they are needed.

export interface Part {
  /** `{}` for a structure, else as in the layout, without brackets */
  type: string;
  name: string;
  isArray: boolean;
  isNullable: boolean;
  /** number of a tagged field, else -1 */
  tag: number;
  /** versions that have it */
  first: number;
  last: number;
  parts: Part[];
}

const parsed = new Map<string, readonly Part[]>();

/** @param id names the layout, which is parsed once */
export function partsOf(id: string, layout: string): readonly Part[] {
  let parts = parsed.get(id);
  if (parts === undefined) {
    parts = parse(layout);
    parsed.set(id, parts);
  }
  return parts;
}

/** See the notation at the top of `kafkaLayouts.ts`. */
function parse(layout: string): Part[] {
  const parts: Part[] = [];
  for (const text of topLevel(layout)) {
    const match = /^(?:@(\d+) )?(\?)?(\[\]|\{\}|\[\w+\]|\w+) ([^()]*?)(?: (\d+)(\+|-\d+)?)?(?: ?\((.*)\))?$/s.exec(text);
    if (match === null) throw new Error(`"${text}" is no part of a layout`);
    const [, tag, nullable, type = '', name = '', first, last, inner] = match;
    parts.push({
      type: type === '[]' || type === '{}' ? '{}' : type.replace(/[[\]]/g, ''),
      name,
      isArray: type.startsWith('['),
      isNullable: nullable !== undefined,
      tag: tag === undefined ? -1 : Number(tag),
      first: first === undefined ? 0 : Number(first),
      last: first === undefined || last === '+' ? Infinity : last === undefined ? Number(first) : Number(last.slice(1)),
      parts: inner === undefined ? [] : parse(inner),
    });
  }
  return parts;
}

/** Splits at the commas outside of parentheses. */
function topLevel(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const character = text[i];
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if ((character === ',' && depth === 0) || character === undefined) {
      found.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return found.filter((one) => one !== '');
}
