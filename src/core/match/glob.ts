// Globs of the rule file: `*` any run, `?` one character, `[a-z]` `[!a-z]` one of a set, `{a,b}` alternatives, `\` takes the next literally.
//
// Own code and not a library's, for time: libraries turn globs into backtracking regular expressions, with which a path of 8 KiB and a
// glob of five stars stops the engine for hours. Here the time is bounded by text length × glob length.

import { say, type Sentence } from '../../shared/sentences.js';

export type Glob = (text: string) => boolean;

/** `*` matches `/` too: hosts, paths and command lines are plain text here. A glob of more alternatives than this is refused. */
const maxAlternatives = 256;
const maxGlobLength = 1000;

type Part = { kind: 'any' } | { kind: 'one' } | { kind: 'char'; char: string } | { kind: 'set'; isNegated: boolean; ranges: [string, string][] };

/** @returns what is wrong with the glob, in a phrase, or undefined */
export function globProblem(source: string): Sentence | undefined {
  if (source === '') return say`it is empty`;
  if (maxGlobLength < source.length) return say`it is longer than ${maxGlobLength} characters`;
  const alternatives = expand(source);
  if (typeof alternatives === 'string') return alternatives;
  for (const alternative of alternatives) {
    const parts = partsOf(alternative);
    if (typeof parts === 'string') return parts;
  }
  return undefined;
}

/**
 * @param ignoresCase both sides are compared in lower case
 * @throws when the glob is malformed: validation comes first
 */
export function glob(source: string, ignoresCase: boolean): Glob {
  const alternatives = expand(ignoresCase ? source.toLowerCase() : source);
  if (typeof alternatives === 'string') throw new Error(`glob ${source}: ${alternatives}`);
  const compiled = alternatives.map((alternative) => {
    const parts = partsOf(alternative);
    if (typeof parts === 'string') throw new Error(`glob ${source}: ${parts}`);
    return parts;
  });
  return (text) => {
    const compared = ignoresCase ? text.toLowerCase() : text;
    return compiled.some((parts) => fits(parts, compared));
  };
}

/** One text that matches any of the globs; none given matches nothing. */
export function anyGlob(sources: readonly string[], ignoresCase: boolean): Glob {
  const globs = sources.map((source) => glob(source, ignoresCase));
  return (text) => globs.some((one) => one(text));
}

/** Writes out `{a,b}`: each alternative is a glob without braces. @returns the texts, or what is wrong */
function expand(source: string): string[] | Sentence {
  const done: string[] = [];
  const open = [source];
  for (let text = open.pop(); text !== undefined; text = open.pop()) {
    const group = firstGroup(text);
    if (typeof group === 'string') return group;
    if (group === undefined) done.push(text);
    else for (const choice of group.choices) open.push(text.slice(0, group.start) + choice + text.slice(group.end));
    if (maxAlternatives < done.length + open.length) return say`it has more than ${maxAlternatives} alternatives`;
  }
  return done.reverse();
}

function firstGroup(text: string): { start: number; end: number; choices: string[] } | Sentence | undefined {
  let depth = 0;
  let start = -1;
  let choiceStart = 0;
  let isInSet = false;
  const choices: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (isInSet) isInSet = char !== ']';
    else if (char === '[') isInSet = true;
    else if (char === '{') {
      if (depth++ === 0) {
        start = i;
        choiceStart = i + 1;
      }
    } else if (char === '}' && 0 < depth) {
      if (--depth === 0) {
        choices.push(text.slice(choiceStart, i));
        return { start, end: i + 1, choices };
      }
    } else if (char === ',' && depth === 1) {
      choices.push(text.slice(choiceStart, i));
      choiceStart = i + 1;
    }
  }
  return 0 < depth ? say`a "{" has no "}"` : undefined;
}

function partsOf(text: string): Part[] | Sentence {
  const parts: Part[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '*') {
      if (parts[parts.length - 1]?.kind !== 'any') parts.push({ kind: 'any' });
    } else if (char === '?') parts.push({ kind: 'one' });
    else if (char === '\\') {
      const next = text[++i];
      if (next === undefined) return say`it ends in "\\"`;
      parts.push({ kind: 'char', char: next });
    } else if (char === '[') {
      const end = text.indexOf(']', i + 2);
      if (end < 0) return say`a "[" has no "]"`;
      parts.push(setOf(text.slice(i + 1, end)));
      i = end;
    } else parts.push({ kind: 'char', char });
  }
  return parts;
}

function setOf(body: string): Part {
  const isNegated = body.startsWith('!') || body.startsWith('^');
  const text = isNegated ? body.slice(1) : body;
  const ranges: [string, string][] = [];
  for (let i = 0; i < text.length; i++) {
    const from = text[i] ?? '';
    const isRange = text[i + 1] === '-' && i + 2 < text.length;
    ranges.push([from, isRange ? (text[i + 2] ?? from) : from]);
    if (isRange) i += 2;
  }
  return { kind: 'set', isNegated, ranges };
}

/** On a mismatch only the last `*` needs to take one character more: that keeps it at text × glob steps. */
function fits(parts: readonly Part[], text: string): boolean {
  let at = 0;
  let part = 0;
  let starPart = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = parts[part];
    if (current?.kind === 'any') {
      starPart = part++;
      starAt = at;
    } else if (current !== undefined && fitsOne(current, text[at] ?? '')) {
      part++;
      at++;
    } else if (0 <= starPart) {
      part = starPart + 1;
      at = ++starAt;
    } else return false;
  }
  while (parts[part]?.kind === 'any') part++;
  return part === parts.length;
}

function fitsOne(part: Part, char: string): boolean {
  switch (part.kind) {
    case 'any':
      return false;
    case 'one':
      return true;
    case 'char':
      return part.char === char;
    case 'set':
      return part.ranges.some(([from, to]) => from <= char && char <= to) !== part.isNegated;
  }
}
