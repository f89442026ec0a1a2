// Shared by protocols that talk in lines: finding the end of one, cutting it into words, and multi-line answers.

import { say, type Sentence } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import type { Input } from './dissector.js';
import type { FieldReader } from './fieldReader.js';

/** A line longer than this belongs to no such protocol (RFC 5321 §4.5.3.1.4 has 512, IMAP servers take 8 KiB and more). */
export const maxLineBytes = 64 << 10;

/**
 * The line that starts at `at`.
 *
 * @returns position behind its LF; negative = so many bytes from `input.at` are needed; undefined when it is too long to be one
 */
export function lineEnd(input: Input, at: number = input.at): number | undefined {
  const feed = input.bytes.indexOf(0x0a, at);
  if (0 <= feed && feed < input.end) return maxLineBytes < feed - at ? undefined : feed + 1;
  return maxLineBytes < input.end - at ? undefined : -(input.end - input.at + 1);
}

/** Text of a line without its CRLF or LF, one character per byte. */
export function lineText(bytes: Uint8Array, start: number, end: number): string {
  let stop = end;
  if (start < stop && bytes[stop - 1] === 0x0a) stop -= 1;
  if (start < stop && bytes[stop - 1] === 0x0d) stop -= 1;
  return latin1(bytes, start, stop);
}

/** Control characters other than white space: what is no line of text, whatever ends it. */
export function isText(line: string): boolean {
  return !/[\u0000-\u0008\u000e-\u001f]/.test(line);
}

export interface Word {
  text: string;
  start: number;
  end: number;
}

/** Words of a line, parted by blanks. Positions are indexes of the bytes that the line starts at `start` of. */
export function wordsOf(line: string, start: number, limit = 64): Word[] {
  const words: Word[] = [];
  for (const match of line.matchAll(/[^ \t]+/g)) {
    if (limit <= words.length) break;
    words.push({ text: match[0], start: start + match.index, end: start + match.index + match[0].length });
  }
  return words;
}

/** Adds `command` and, behind it, `argument` as fields. @returns both; the argument is masked where `isSecret` says so */
export function commandFields(reader: FieldReader, line: string, start: number, isSecret: (verb: string) => boolean = () => false): { verb: string; argument: string } {
  const blank = line.search(/[ \t]/);
  const written = blank < 0 ? line : line.slice(0, blank);
  // Commands are ASCII; the upper case of other letters may be longer than what was written (ß).
  const verb = /^[ -~]*$/.test(written) ? written.toUpperCase() : written;
  const rest = blank < 0 ? '' : line.slice(blank + 1);
  reader.add('command', start, start + written.length, verb);
  if (rest === '') return { verb, argument: '' };
  const argument = isSecret(verb) ? '••••••' : rest;
  const field = reader.add('argument', start + blank + 1, start + line.length, argument);
  if (field !== undefined && argument !== rest) field.isSecret = true;
  return { verb, argument };
}

/**
 * A reply of FTP and SMTP: a three-digit code; `-` behind it says that more lines follow, up to one with a blank (RFC 959 §4.2, RFC 5321 §4.2.1).
 *
 * @returns position behind the reply; negative = so many bytes are needed; a phrase when it is none
 */
export function replyEnd(input: Input): number | Sentence {
  const { bytes, at } = input;
  for (let i = 0; i < 3 && at + i < input.end; i++) if (!isDigit(bytes[at + i]!)) return say`a reply starts with three digits`;
  let start = at;
  for (;;) {
    const end = lineEnd(input, start);
    if (end === undefined) return say`a line of the reply has no end`;
    if (end < 0) return end;
    const isLast = start + 3 < end && isDigit(bytes[start]!) && bytes[start] === bytes[at] && bytes[start + 1] === bytes[at + 1] && bytes[start + 2] === bytes[at + 2] && bytes[start + 3] !== 0x2d;
    if (isLast) return end;
    if (start === at && bytes[at + 3] !== 0x2d) return say`a reply has a blank or a hyphen behind its code`;
    start = end;
  }
}

/** Adds code and text lines as fields. @returns code and the first line's text */
export function replyFields(reader: FieldReader, start: number, end: number): { code: number; text: string } {
  const { bytes } = reader;
  const code = Number(latin1(bytes, start, start + 3));
  reader.add('code', start, start + 3, String(code), undefined, code);
  let first = '';
  let last = '';
  for (let at = start; at < end; ) {
    const feed = bytes.indexOf(0x0a, at);
    const stop = feed < 0 || end <= feed ? end : feed + 1;
    const line = lineText(bytes, at, stop);
    const text = /^\d{3}[ -]/.test(line) ? line.slice(4) : line;
    const from = at + line.length - text.length;
    reader.add('text', from, from + text.length, text);
    if (at === start) first = text;
    last = text;
    at = stop;
  }
  return { code, text: first === '' ? last : first };
}

/** A position behind a line's end. */
export function atLineStart({ before }: Input): Verdict {
  return before === 0x0a || before === -1 ? 'match' : 'no';
}

export function isDigit(byte: number): boolean {
  return 0x30 <= byte && byte <= 0x39;
}
