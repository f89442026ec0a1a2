// Lists of globs as one line of text: "a.test, *.b.test". Commas inside braces belong to the glob. Pure.

import type { Json } from '../../src/shared/rules.js';

/** @returns the values between commas that stand outside braces and brackets, trimmed; empty ones fall away */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const character = text[index];
    if (character === '{' || character === '[' || character === '(') depth++;
    else if (character === '}' || character === ']' || character === ')') depth = Math.max(0, depth - 1);
    else if (index === text.length || (character === ',' && depth === 0)) {
      const value = text.slice(start, index).trim();
      if (value !== '') values.push(value);
      start = index + 1;
    }
  }
  return values;
}

/** @returns text that splits back into the same values, or undefined when there is none (a comma inside a value, not a string) */
export function joinValues(json: Json): string | undefined {
  const values = Array.isArray(json) ? json : [json];
  if (!values.every((value) => typeof value === 'string')) return undefined;
  const text = values.join(', ');
  const back = splitValues(text);
  return back.length === values.length && back.every((value, index) => value === values[index]) ? text : undefined;
}

/** One value as itself, several as a list, none as an empty text, which the check then complains about at its place. */
export function valuesToJson(text: string): Json {
  const values = splitValues(text);
  return values.length > 1 ? values : (values[0] ?? '');
}

export function isJsonObject(json: Json | undefined): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Same JSON; the order of keys does not count. */
export function isSameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((value, index) => isSameJson(value, other[index]));
  if (isJsonObject(one) && isJsonObject(other)) {
    const keys = Object.keys(one);
    return keys.length === Object.keys(other).length && keys.every((key) => key in other && isSameJson(one[key], other[key]));
  }
  return false;
}
