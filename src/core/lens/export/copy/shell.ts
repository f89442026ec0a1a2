// Words of a POSIX shell (IEEE 1003.1 §2.2) and of JavaScript, such that what is run gets the very same bytes.

import { textOfBytes } from '../bodyText.js';

/** Longest argument of a command (Linux, MAX_ARG_STRLEN: 128 KiB with the NUL behind it). */
export const maxArgumentBytes = (128 << 10) - 1;

/** Characters that need no quotes anywhere in a word. */
const plain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** Longer than this a command line is no good place. */
const maxFormatBytes = 16 << 10;

/** @returns the text as one word; control characters come from printf, since terminals act upon them when a command is pasted */
export function word(text: string): string {
  if (plain.test(text)) return text;
  return isPlainText(text) ? quoted(text) : printed(Buffer.from(text, 'utf8'));
}

/** @returns the bytes as one word; undefined when there is a NUL, which no argument can hold */
export function byteWord(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  const text = textOfBytes(bytes);
  return text === undefined ? printed(bytes) : word(text);
}

/** Line feeds at the end of what a substitution gives are dropped (IEEE 1003.1 §2.6.3): they stand behind it. */
function printed(bytes: Uint8Array): string {
  let end = bytes.length;
  while (0 < end && bytes[end - 1] === 0x0a) end -= 1;
  const feeds = '\n'.repeat(bytes.length - end);
  return `"$(printf '${format(bytes.subarray(0, end))}')"${feeds === '' ? '' : quoted(feeds)}`;
}

/** Nothing is special between single quotes but the quote itself. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Text that can stand in quotes as it is: no control characters but line feeds and tabs. */
export function isPlainText(text: string): boolean {
  return !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(text);
}

/** @returns a command that writes exactly these bytes */
export function writer(bytes: Uint8Array): string {
  if (bytes.length <= maxFormatBytes) return `printf '${format(bytes)}'`;
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64').replace(/.{76}/g, '$&\n');
  return `base64 -d <<'END'\n${lines}\nEND\n`;
}

/** @returns `first | second`, also where the first one has its input behind it */
export function piped(bytes: Uint8Array, command: string): string {
  const first = writer(bytes);
  if (!first.startsWith('base64')) return `${first} | ${command}`;
  const [line = '', ...rest] = first.split('\n');
  return `${line} | ${command}\n${rest.join('\n').trimEnd()}`;
}

/** A format of printf for single quotes: octal where it is no printable ASCII; three digits, so that a digit behind is none of it. */
function format(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte === 0x09) text += '\\t';
    else if (byte === 0x25) text += '%%';
    else if (byte === 0x5c) text += '\\\\';
    else if (byte === 0x27) text += `'\\''`;
    else if (0x20 <= byte && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  // A format that begins with a minus would be an option.
  return text.replace(/^-/, '\\055');
}

/** Words of a command, several on a line as long as they are short. */
export function lines(words: readonly string[]): string {
  let text = '';
  let length = 0;
  for (const one of words) {
    const isNew = 0 < length && 90 < length + one.length;
    text += isNew ? ` \\\n  ${one}` : `${length === 0 ? '' : ' '}${one}`;
    length = isNew ? one.length + 2 : length + one.length + 1;
  }
  return text;
}
