// What to look for in bytes: hex digits with wildcards ("50 ?? 00", "5?"), or text. Pure.

/** A byte fits when `byte & mask` is the value; masked bits of `values` are zero. */
export interface SearchPattern {
  values: Uint8Array;
  masks: Uint8Array;
}

export type PatternProblem = 'empty' | 'digit' | 'half' | 'wild';

/** Nobody types more; the bar would not show it. */
const maxPatternBytes = 4096;
/** Upper and lower case of an ASCII letter differ in this bit alone. */
const caseBit = 0x20;

/** @param text digits and `?` in pairs; blanks, commas, and `0x` or `\x` before a pair are passed over */
export function hexPattern(text: string): SearchPattern | { problem: PatternProblem } {
  const digits = text.toLowerCase().replace(/(?:0x|\\x)(?=[0-9a-f?])/g, '').replace(/[\s,:_-]/g, '').slice(0, 2 * maxPatternBytes);
  if (digits === '') return { problem: 'empty' };
  if (/[^0-9a-f?]/.test(digits)) return { problem: 'digit' };
  if (digits.length % 2 !== 0) return { problem: 'half' };
  if (/^\?+$/.test(digits)) return { problem: 'wild' };
  const length = digits.length / 2;
  const values = new Uint8Array(length);
  const masks = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const [high, low] = [nibble(digits[2 * at]), nibble(digits[2 * at + 1])];
    values[at] = (high.value << 4) | low.value;
    masks[at] = (high.mask << 4) | low.mask;
  }
  return { values, masks };
}

/** Text as UTF-8. Without `matchesCase` the case of ASCII letters is passed over; other letters have to be as typed. */
export function textPattern(text: string, matchesCase: boolean): SearchPattern | { problem: PatternProblem } {
  const values = new TextEncoder().encode(text).subarray(0, maxPatternBytes).slice();
  if (values.length === 0) return { problem: 'empty' };
  const masks = new Uint8Array(values.length).fill(0xff);
  for (const [at, byte] of values.entries()) {
    if (matchesCase || !isLetter(byte)) continue;
    masks[at] = 0xff & ~caseBit;
    values[at] = byte & ~caseBit;
  }
  return { values, masks };
}

/** @returns where the first fit at or after `from` begins, or -1 */
export function findForward(bytes: Uint8Array, pattern: SearchPattern, from: number): number {
  const last = bytes.length - pattern.values.length;
  // A byte that is known for sure is found by the engine's own search, many times faster than by looking at each place.
  const anchor = pattern.masks.indexOf(0xff);
  if (anchor < 0) {
    for (let at = Math.max(0, from); at <= last; at++) if (fits(bytes, pattern, at)) return at;
    return -1;
  }
  const value = pattern.values[anchor] ?? 0;
  for (let found = bytes.indexOf(value, Math.max(0, from) + anchor); found >= 0; found = bytes.indexOf(value, found + 1)) {
    const at = found - anchor;
    if (last < at) return -1;
    if (fits(bytes, pattern, at)) return at;
  }
  return -1;
}

/** @returns where the last fit that begins before `before` begins, or -1 */
export function findBackward(bytes: Uint8Array, pattern: SearchPattern, before: number): number {
  for (let at = Math.min(before - 1, bytes.length - pattern.values.length); 0 <= at; at--) if (fits(bytes, pattern, at)) return at;
  return -1;
}

function fits(bytes: Uint8Array, { values, masks }: SearchPattern, at: number): boolean {
  for (let index = 0; index < values.length; index++) if (((bytes[at + index] ?? 0) & (masks[index] ?? 0)) !== values[index]) return false;
  return true;
}

function nibble(digit: string | undefined): { value: number; mask: number } {
  return digit === '?' || digit === undefined ? { value: 0, mask: 0 } : { value: parseInt(digit, 16), mask: 0xf };
}

function isLetter(byte: number): boolean {
  const upper = byte & ~caseBit;
  return 0x41 <= upper && upper <= 0x5a && (byte & 0x80) === 0;
}
