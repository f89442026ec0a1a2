// Sentences for people. Core says them in English; whoever shows them does so in the language of the window.
//
// Core knows no language: recordings, exports and the command line have its English words, and a capture file that was recorded
// elsewhere is read here. So nothing but text crosses the borders, and a sentence is found again by its shape: the bundle has its
// template ("{0} closed the connection."), and the values are what stands in the holes.

declare const mark: unique symbol;

/** Text that `say` made: a place that asks for one takes no other, so that none is forgotten in the bundles. */
export type Sentence = string & { readonly [mark]: true };

/**
 * say`${address} closed the connection.`: plain English text. Its template is a key of media/l10n, with {0}, {1}… for the values and
 * `/core` behind it, which is where VS Code's bundles have a comment; test/unit/sentences.test.ts compares the two.
 */
export function say(parts: TemplateStringsArray, ...values: (string | number | bigint | undefined)[]): Sentence {
  let text = parts[0]!;
  for (let i = 0; i < values.length; i++) text += values[i]! + parts[i + 1]!;
  return text as Sentence;
}

/** Words that are not ours: those of a server, a library, the system. They are shown as they are. */
export function verbatim(text: string): Sentence {
  return text as Sentence;
}

/** @param all phrases, of which there is at least one: "a and b and c" */
export function joinedAnd(all: readonly Sentence[]): Sentence {
  return all.length === 0 ? verbatim('') : all.reduce((before, one) => say`${before} and ${one}`);
}

export function joinedOr(all: readonly Sentence[]): Sentence {
  return all.length === 0 ? verbatim('') : all.reduce((before, one) => say`${before} or ${one}`);
}

/** Ends of the keys that are templates of core. */
const ending = '/core';

/** Longer texts are none of ours. */
const maxLength = 2000;

/** Comparisons spent on one text before it is shown as it is: texts may be hostile, and values are sentences again. */
const maxTries = 10_000;

/** A template with fewer letters fits many a text: what stands in its holes has to be in quotes, a list of single words, or a sentence. One sentence is enough, but for "and" and "or". */
const fewLetters = 7;
const words = /^\S+(?:, \S+)*$/;
const number = /^[\d.,]+$/;

interface Template {
  /** what stands before, between and behind the holes */
  parts: readonly string[];
  letters: number;
  translation: string;
}

/**
 * @param strings the bundle of the window's language; empty = English
 * @returns shows a sentence of core in that language; any other text stays as it is
 */
export function sentencesOf(strings: Readonly<Record<string, string>>): (text: string) => string {
  const whole = new Map<string, string>();
  const templates: Template[] = [];
  for (const [key, translation] of Object.entries(strings)) {
    if (!key.endsWith(ending)) continue;
    const parts = key.slice(0, -ending.length).split(/\{\d\}/);
    if (parts.length === 1) whole.set(parts[0]!, translation);
    else templates.push({ parts, translation, letters: lettersOf(parts) });
  }
  if (whole.size + templates.length === 0) return (text) => text;
  // The one that says most comes first: "{0} is not valid: {1}" before "{0}: {1}".
  templates.sort((a, b) => sum(b.parts) - sum(a.parts));
  return (text) => (maxLength < text.length ? text : new Search(whole, templates).shown(text));
}

class Search {
  private tries = 0;

  constructor(private readonly whole: ReadonlyMap<string, string>, private readonly templates: readonly Template[]) {}

  shown(text: string): string {
    const found = this.found(text, false);
    if (found !== undefined || !/^\p{Lu}.*\.$/su.test(text)) return found ?? text;
    // A phrase that was made a sentence.
    const phrase = this.found(text.charAt(0).toLowerCase() + text.slice(1, -1), false);
    return phrase === undefined ? text : `${phrase}。`;
  }

  /** @param isInside it stands in a sentence of ours, where "redis or ssh" is ours too */
  private found(text: string, isInside: boolean): string | undefined {
    const exact = this.whole.get(text);
    if (exact !== undefined) return exact;
    for (const template of this.templates) {
      if (maxTries < ++this.tries) return undefined;
      const values = valuesOf(template.parts, text);
      if (values === undefined) continue;
      // A name may be a word of ours by chance; a phrase hardly is.
      if (fewLetters <= template.letters) return fill(template.translation, values.map((value) => (value.includes(' ') ? (this.found(value, true) ?? value) : value)));
      for (const split of splitsOf(template.parts, text, values)) {
        const found = this.checked(template, split, isInside);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  private checked({ parts, translation, letters }: Template, values: readonly string[], isInside: boolean): string | undefined {
    const isJoint = values.length === 2 && letters <= 'and'.length;
    const found = values.map((value) => (value.includes(' ') ? this.found(value, isInside) : undefined));
    const isPlain = (value: string, hole: number): boolean => (isInside || !isJoint ? words : number).test(value) || (parts[hole]!.endsWith('"') && parts[hole + 1]!.startsWith('"'));
    const isFine = isJoint ? values.every((value, hole) => found[hole] !== undefined || isPlain(value, hole)) : found.some((one) => one !== undefined) || values.every(isPlain);
    return isFine ? fill(translation, values.map((value, hole) => found[hole] ?? value)) : undefined;
  }
}

/** What stands between two holes may stand in the first value too: "a and b and c". */
function* splitsOf(parts: readonly string[], text: string, earliest: readonly string[]): Generator<readonly string[]> {
  yield earliest;
  if (earliest.length !== 2) return;
  const start = parts[0]!.length;
  const end = text.length - parts[2]!.length;
  for (let at = start + earliest[0]!.length; ; ) {
    at = text.indexOf(parts[1]!, at + 1);
    if (at < 0 || end < at + parts[1]!.length) return;
    yield [text.slice(start, at), text.slice(at + parts[1]!.length, end)];
  }
}

/** The earliest place of each part is taken, so this never goes back over the text. */
function valuesOf(parts: readonly string[], text: string): string[] | undefined {
  const first = parts[0]!;
  const last = parts[parts.length - 1]!;
  const stop = text.length - last.length;
  if (stop < first.length || !text.startsWith(first) || !text.endsWith(last)) return undefined;
  const values: string[] = [];
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0 || stop < found + part.length) return undefined;
    values.push(text.slice(at, found));
    at = found + part.length;
  }
  values.push(text.slice(at, stop));
  return values;
}

function fill(translation: string, values: readonly string[]): string {
  return translation.replace(/\{(\d)\}/g, (hole, digit: string) => values[Number(digit)] ?? hole);
}

function lettersOf(parts: readonly string[]): number {
  return parts.join('').match(/\p{L}/gu)?.length ?? 0;
}

function sum(parts: readonly string[]): number {
  return parts.reduce((all, part) => all + part.length, 0);
}
