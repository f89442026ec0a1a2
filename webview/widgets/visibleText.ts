// Captured text may hold anything: characters that turn a line around, hide in it or break it are shown by a sign. Pure.

/** Controls, soft hyphen, joiners, marks of direction (UAX #9), separators of lines, byte order mark. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The escapes of C; pictures of control characters (U+2400) are missing in too many fonts. */
const short: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 27: '\\e' };

/** NUL -> "\0", escape -> "\e", a right-to-left override -> "\u202e" */
export function visibleText(text: string): string {
  return text.replace(unseen, signOf);
}

/** @returns the sign for a character that would not be seen, undefined for one that is */
export function signFor(character: string): string | undefined {
  unseen.lastIndex = 0;
  return unseen.test(character) ? signOf(character) : undefined;
}

function signOf(character: string): string {
  const code = character.charCodeAt(0);
  return short[code] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
}
