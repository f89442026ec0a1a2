// Core's sentences in the language of the window. A sentence is found by its shape: the bundle has its template ("{0} closed the
// connection."), and what stands in the holes are the values, which may be sentences again.

/** Ends of the keys that are templates of core. */
const ending = '/core';

/** Longer texts are none of ours. */
const maxLength = 2000;

/** Texts that are remembered: some windows full, 2 MB at worst. */
const maxShown = 500;

/** Templates that are filled for one text, which may be hostile, and whose values may be sentences again. */
const maxTries = 2000;

/**
 * A template with fewer letters fits many a text: what stands in its holes has to be in quotes, a list of single words, or a sentence
 * (of several, one is enough but for "and" and "or").
 */
const fewLetters = 7;
const words = /^\S+(?:, \S+)*$/;
const number = /^[\d.,]+$/;

/** Places at which such a text is taken apart: conditions with more parts than this are not written. */
const maxPlaces = 12;

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
  let known: Known | undefined;
  // Rows are drawn again and again.
  const shown = new Map<string, string>();
  return (text) => {
    if (text === '' || maxLength < text.length) return text;
    const before = shown.get(text);
    if (before !== undefined) return before;
    if (maxShown <= shown.size) shown.clear();
    const found = new Search((known ??= knownOf(strings))).shown(text);
    shown.set(text, found);
    return found;
  };
}

/** What the bundle has of core. */
interface Known {
  /** sentences without values */
  whole: ReadonlyMap<string, string>;
  /** those that are tried first come first */
  templates: readonly Template[];
}

function knownOf(strings: Readonly<Record<string, string>>): Known {
  const whole = new Map<string, string>();
  const templates: Template[] = [];
  for (const [key, translation] of Object.entries(strings)) {
    if (!key.endsWith(ending)) continue;
    const parts = key.slice(0, -ending.length).split(/\{\d\}/);
    if (parts.length === 1) whole.set(parts[0]!, translation);
    else templates.push({ parts, translation, letters: lettersOf(parts) });
  }
  // What was joined is taken apart first; then the one that says most comes first: "{0} is no type of frame" before "{0} is no {1}".
  const rank = ({ parts, letters }: Template): number => (isJointOf(parts, letters) ? Infinity : sum(parts));
  templates.sort((a, b) => (rank(a) < rank(b) ? 1 : rank(b) < rank(a) ? -1 : 0));
  return { whole, templates };
}

/** Words of one text may fit several templates: the one that leaves the fewest letters as they are is what was said. */
interface Found {
  text: string;
  /** letters that stay */
  left: number;
}

class Search {
  private tries = 0;
  private readonly found = new Map<string, Found | undefined>();

  constructor(private readonly known: Known) {}

  shown(text: string): string {
    const found = this.find(text, false);
    if (found !== undefined || !/^\p{Lu}.*\.$/su.test(text)) return found?.text ?? text;
    // A phrase that was made a sentence.
    const phrase = this.find(text.charAt(0).toLowerCase() + text.slice(1, -1), false);
    return phrase === undefined ? text : `${phrase.text}。`;
  }

  /** @param isInside it stands in a sentence of ours, where "redis or ssh" is ours too */
  private find(text: string, isInside: boolean): Found | undefined {
    const exact = this.known.whole.get(text);
    if (exact !== undefined) return { text: exact, left: 0 };
    const key = `${isInside} ${text}`;
    if (!this.found.has(key)) this.found.set(key, this.search(text, isInside));
    return this.found.get(key);
  }

  private search(text: string, isInside: boolean): Found | undefined {
    let best: Found | undefined;
    for (const template of this.known.templates) {
      if (maxTries < this.tries || best?.left === 0) return best;
      const earliest = valuesOf(template.parts, text);
      if (earliest === undefined) continue;
      for (const values of template.letters < fewLetters ? splitsOf(template.parts, text, earliest) : [earliest]) {
        this.tries += 1;
        const found = this.filled(template, values, isInside);
        if (found !== undefined && (best === undefined || found.left < best.left)) best = found;
      }
    }
    return best;
  }

  private filled({ parts, translation, letters }: Template, values: readonly string[], isInside: boolean): Found | undefined {
    const isJoint = isJointOf(parts, letters);
    const isWeak = letters < fewLetters;
    // A name may be a word of ours by chance; a phrase hardly is.
    const found = values.map((value) => (value.includes(' ') ? this.find(value, isInside || !isWeak) : undefined));
    const isPlain = values.map((value, hole) => (isInside || !isJoint ? words : number).test(value) || (parts[hole]!.endsWith('"') && parts[hole + 1]!.startsWith('"')));
    const isOurs = (_: string, hole: number): boolean => found[hole] !== undefined || isPlain[hole]!;
    if (isWeak && !values.every(isOurs) && (isJoint || found.every((one) => one === undefined))) return undefined;
    const left = values.reduce((all, value, hole) => all + (found[hole]?.left ?? (isPlain[hole]! ? 0 : value.length)), 0);
    return { text: fill(translation, values.map((value, hole) => found[hole]?.text ?? value)), left };
  }
}

/** "{0} and {1}", "{0} or {1}" */
function isJointOf(parts: readonly string[], letters: number): boolean {
  return parts.length === 3 && letters <= 'and'.length;
}

/** What stands between two holes may stand in the values too: "a and b and c". */
function* splitsOf(parts: readonly string[], text: string, earliest: readonly string[]): Generator<readonly string[]> {
  yield earliest;
  if (earliest.length !== 2) return;
  const start = parts[0]!.length;
  const end = text.length - parts[2]!.length;
  let at = start + earliest[0]!.length;
  for (let place = 1; place < maxPlaces; place++) {
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
