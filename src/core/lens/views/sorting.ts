// Sorts rows by a column, in steps: a million of them without holding the thread. Numbers by digits of their bits, texts by four characters at a time;
// what has few rows left is compared. Rows of equal keys keep the order of the ledger, whatever the direction.

import type { SortKey } from './columns.js';

/** Work that yields every tenth of a millisecond or so. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Elements moved between two yields. */
const stepLength = 4096;
/** Groups of texts up to this long are compared: less than 3 ms. */
const maxCompared = 1024;
/** Below this, digits of 8 bits: the counters of 16 bits cost more than the passes. */
const minForWideDigits = 100_000;

/** @returns below 0 when `a` stands before `b` */
export function compareKeys(a: SortKey, b: SortKey, isDescending: boolean): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (a === b || a === undefined || b === undefined) return 0;
  const order = a < b ? -1 : 1;
  return isDescending ? -order : order;
}

function rankOf(key: SortKey): number {
  return typeof key === 'number' ? 0 : typeof key === 'string' ? 1 : 2;
}

/**
 * @param rows in rising order
 * @returns a new array
 */
export function* sorted(rows: Uint32Array, keyOf: (row: number) => SortKey, isDescending: boolean): Steps<Uint32Array> {
  const count = rows.length;
  const numbers = new Float64Array(count);
  const texts: string[] = [];
  // Places of numbers come from the front; those of texts and of rows without a value are moved there in their turn.
  const places = new Uint32Array(count);
  const textPlaces = new Uint32Array(count);
  const emptyPlaces = new Uint32Array(count);
  let numberCount = 0;
  let textCount = 0;
  let emptyCount = 0;
  for (let at = 0; at < count; at++) {
    const key = keyOf(rows[at]!);
    if (typeof key === 'number') {
      numbers[at] = key;
      places[numberCount++] = at;
    } else if (key === undefined) {
      emptyPlaces[emptyCount++] = at;
    } else {
      texts[textCount] = key;
      textPlaces[textCount++] = at;
    }
    if (at % 256 === 255) yield;
  }
  yield* sortNumbers(numbers, places, numberCount, isDescending);
  const order = new Uint32Array(textCount);
  yield* sortTexts(texts, order, isDescending);
  for (let at = 0; at < textCount; at++) places[numberCount + at] = textPlaces[order[at]!]!;
  places.set(emptyPlaces.subarray(0, emptyCount), numberCount + textCount);
  yield;
  const result = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    result[at] = rows[places[at]!]!;
    if (at % stepLength === 0) yield;
  }
  return result;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

/** Bits of a double, arranged so that they compare as unsigned numbers (IEEE 754: sign first, then exponent, then fraction). */
function* sortNumbers(numbers: Float64Array, places: Uint32Array, count: number, isDescending: boolean): Steps<void> {
  if (count < 2) return;
  const words = new Uint32Array(numbers.buffer);
  const high = new Uint32Array(numbers.length);
  const low = new Uint32Array(numbers.length);
  const mask = isDescending ? 0xffff_ffff : 0;
  const [lowWord, highWord] = isLittleEndian ? [0, 1] : [1, 0];
  for (let at = 0; at < count; at++) {
    const place = places[at]!;
    // -0 and 0 are equal.
    if (numbers[place] === 0) numbers[place] = 0;
    const top = words[place * 2 + highWord]!;
    const flip = 0x8000_0000 <= top ? 0xffff_ffff : 0;
    high[place] = top ^ flip ^ (flip === 0 ? 0x8000_0000 : 0) ^ mask;
    low[place] = words[place * 2 + lowWord]! ^ flip ^ mask;
    if (at % stepLength === 0) yield;
  }
  yield* sortByWords(high, low, places, 0, count, new Uint32Array(count));
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Places `[from, to)` in the order of their 64 bits, the last digit first, which keeps equal ones in order. */
function* sortByWords(high: Uint32Array, low: Uint32Array, places: Uint32Array, from: number, to: number, spare: Uint32Array): Steps<void> {
  const bits = to - from < minForWideDigits ? 8 : 16;
  const starts = new Uint32Array(1 << bits);
  for (let pass = 0; pass < 64 / bits; pass++) {
    const words = pass < 32 / bits ? low : high;
    const shift = (pass * bits) % 32;
    const wasMoved = yield* sortByDigit(words, shift, bits, starts, places, from, to, spare);
    if (wasMoved) places.set(spare.subarray(0, to - from), from);
  }
}

/** @returns false when all have the same digit */
function* sortByDigit(words: Uint32Array, shift: number, bits: number, starts: Uint32Array, places: Uint32Array, from: number, to: number, spare: Uint32Array): Steps<boolean> {
  const mask = (1 << bits) - 1;
  starts.fill(0);
  for (let at = from; at < to; ) {
    for (const stop = Math.min(to, at + stepLength); at < stop; at++) {
      const digit = (words[places[at]!]! >>> shift) & mask;
      starts[digit] = starts[digit]! + 1;
    }
    yield;
  }
  if (starts[(words[places[from]!]! >>> shift) & mask] === to - from) return false;
  let sum = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const count = starts[digit]!;
    starts[digit] = sum;
    sum += count;
  }
  for (let at = from; at < to; ) {
    for (const stop = Math.min(to, at + stepLength); at < stop; at++) {
      const place = places[at]!;
      const digit = (words[place]! >>> shift) & mask;
      const target = starts[digit]!;
      starts[digit] = target + 1;
      spare[target] = place;
    }
    yield;
  }
  return true;
}

// ---- texts ----------------------------------------------------------------------------------------------------------

interface Group {
  from: number;
  to: number;
  /** characters that all texts of the group share */
  depth: number;
}

/** By code units, as `<` compares. @param order receives places in `texts` */
function* sortTexts(texts: readonly string[], order: Uint32Array, isDescending: boolean): Steps<void> {
  const count = order.length;
  for (let at = 0; at < count; at++) order[at] = at;
  if (count < 2) return;
  const isLarge = maxCompared < count;
  const high = new Uint32Array(isLarge ? count : 0);
  const low = new Uint32Array(isLarge ? count : 0);
  const spare = new Uint32Array(isLarge ? count : 0);
  const mask = isDescending ? 0xffff_ffff : 0;
  const groups: Group[] = [{ from: 0, to: count, depth: 0 }];
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    const { from, to, depth } = group;
    if (to - from <= maxCompared) {
      compareGroup(texts, order, from, to, isDescending);
      yield;
      continue;
    }
    const shared = yield* sharedLength(texts, order, from, to, depth);
    if (shared === undefined) continue;
    for (let at = from; at < to; at++) {
      const place = order[at]!;
      const text = texts[place]!;
      high[place] = ((unitAt(text, shared) << 16) | unitAt(text, shared + 1)) ^ mask;
      low[place] = ((unitAt(text, shared + 2) << 16) | unitAt(text, shared + 3)) ^ mask;
      if (at % stepLength === 0) yield;
    }
    yield* sortByWords(high, low, order, from, to, spare);
    let start = from;
    for (let at = from + 1; at <= to; at++) {
      if (at % stepLength === 0) yield;
      const first = order[start]!;
      if (at < to && high[order[at]!] === high[first] && low[order[at]!] === low[first]) continue;
      if (start + 1 < at && shared + 4 <= texts[first]!.length) groups.push({ from: start, to: at, depth: shared + 4 });
      start = at;
    }
  }
}

/** A text's end stands before every character. */
function unitAt(text: string, at: number): number {
  return at < text.length ? Math.min(0xffff, text.charCodeAt(at) + 1) : 0;
}

/** @returns characters that all texts of the group begin with, at least `depth`; undefined when they are the same text */
function* sharedLength(texts: readonly string[], order: Uint32Array, from: number, to: number, depth: number): Steps<number | undefined> {
  const first = texts[order[from]!]!;
  let shared = Infinity;
  for (let at = from + 1; at < to; at++) {
    if (at % stepLength === 0) yield;
    const text = texts[order[at]!]!;
    if (shared === Infinity) {
      if (text === first) continue;
      shared = first.length;
    }
    const most = Math.min(shared, text.length);
    let length = depth;
    while (length < most && text.charCodeAt(length) === first.charCodeAt(length)) length++;
    shared = length;
    if (shared === depth) break;
  }
  return shared === Infinity ? undefined : shared;
}

function compareGroup(texts: readonly string[], order: Uint32Array, from: number, to: number, isDescending: boolean): void {
  if (to - from < 2) return;
  const [less, more] = isDescending ? [1, -1] : [-1, 1];
  const part = Array.from(order.subarray(from, to));
  part.sort((a, b) => {
    const one = texts[a]!;
    const other = texts[b]!;
    return one === other ? 0 : one < other ? less : more;
  });
  order.set(part, from);
}
