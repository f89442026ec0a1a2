// IMAP4 (RFC 9051, RFC 3501): tagged commands and answers, literals, untagged data, STARTTLS, COMPRESS.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { atLineStart, isText, lineEnd, lineText, wordsOf } from './lines.js';

/** Mails come as literals: what is longer is skipped. */
const maxMessageBytes = 512 << 10;

interface ImapState {
  /** what the client waits for before it may speak on; the tag that ends the wait */
  mode: 'command' | 'auth' | 'starttls' | 'idle';
  tag: string;
  /** verbs of commands without an answer, by tag */
  verbs: Record<string, string>;
  /** the server has asked for more of an authentication */
  isAsked: boolean;
}

/** Commands without an answer that are remembered. */
const maxVerbs = 256;

export const imap: Dissector<ImapState> = {
  id: 'imap',
  maxMessageBytes,
  start: () => ({ mode: 'command', tag: '', verbs: {}, isAsked: false }),
  next: (state, input) => (input.from === 'client' ? fromClient(state, input) : fromServer(state, input)),
  mayStart,
};

/** A tag and a word of letters, or what a server's lines start with. */
function mayStart(_state: ImapState, input: Input): Verdict {
  const { bytes, at, end, from } = input;
  if (atLineStart(input) === 'no') return 'no';
  const first = bytes[at]!;
  if (from === 'upstream' && (first === 0x2a || first === 0x2b)) return end <= at + 1 ? 'more' : bytes[at + 1] === 0x20 ? 'match' : 'no';
  for (let i = at; i < at + 32; i++) {
    if (end <= i) return 'more';
    const byte = bytes[i]!;
    if (byte === 0x20) return at < i ? 'match' : 'no';
    const isAlphanumeric = (0x30 <= byte && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) || byte === 0x2e;
    if (!isAlphanumeric) return 'no';
  }
  return 'no';
}

/**
 * Lines with the literals in them: `{12}` or `{12+}` at a line's end says that so many bytes follow, and then the line goes on (RFC 9051 §4.3, RFC 7888).
 *
 * @returns position behind the whole; negative = so many bytes from `at` are needed; undefined when it has no end
 */
function textEnd(input: Input): { end: number; literals: { start: number; end: number }[] } | number | undefined {
  const literals: { start: number; end: number }[] = [];
  let start = input.at;
  for (;;) {
    const end = lineEnd(input, start);
    if (end === undefined || (typeof end === 'number' && end < 0)) return end;
    const size = literalSize(input.bytes, start, end);
    if (size === undefined) return { end, literals };
    literals.push({ start: end, end: end + size });
    const next = end + size;
    if (!available(input, next - input.at, maxMessageBytes)) return -(next - input.at);
    // What stands behind a literal that is too long cannot be told: it ends the message.
    if (maxMessageBytes <= next - input.at) return { end: next, literals };
    start = next;
  }
}

function literalSize(bytes: Uint8Array, start: number, end: number): number | undefined {
  const line = lineText(bytes, start < end - 40 ? end - 40 : start, end);
  const found = /\{(\d{1,10})\+?\}$/.exec(line);
  return found === null ? undefined : Number(found[1]);
}

function fromClient(state: ImapState, input: Input): Next {
  if (state.mode === 'starttls' && !input.isOtherEnded) return 0;
  if (state.mode === 'auth' && !state.isAsked && !input.isOtherEnded) return 0;
  const { bytes, at } = input;
  const found = textEnd(input);
  if (found === undefined) return { lost: say`a command line has no end` };
  if (typeof found === 'number') return -found;
  const length = found.end - at;
  const reader = FieldReader.of(input, length);
  if (state.mode === 'auth') {
    reader.secret('credentials', Math.min(length, reader.end - reader.at));
    state.isAsked = false;
    return { length, kind: 'notice', summary: 'credentials', fields: reader.fields, problems: [] };
  }
  const lineStop = found.literals[0]?.start ?? found.end;
  const line = lineText(bytes, at, lineStop);
  if (!isText(line)) return { lost: say`this is no command` };
  if (state.mode === 'idle' && /^done$/i.test(line)) {
    state.mode = 'command';
    reader.add('command', at, at + line.length, 'DONE');
    return { length, kind: 'notice', summary: 'DONE', fields: reader.fields, problems: [] };
  }
  const [tag, ...words] = wordsOf(line, at);
  if (tag === undefined || words.length === 0) return { length, kind: 'notice', summary: line, fields: [], problems: [{ severity: 'warning', text: say`a command has a tag and a name`, range: reader.range(at, found.end) }] };
  const isUid = words[0]!.text.toUpperCase() === 'UID' && 1 < words.length;
  const verb = (isUid ? `UID ${words[1]!.text}` : words[0]!.text).toUpperCase();
  const rest = words.slice(isUid ? 2 : 1);
  reader.add('tag', tag.start, tag.end, tag.text);
  reader.add('command', words[0]!.start, (isUid ? words[1]! : words[0]!).end, verb);
  const isLogin = verb === 'LOGIN' || verb === 'AUTHENTICATE';
  // The user's name and the mechanism may be seen; what comes behind them may not.
  rest.forEach((word, i) => {
    const isSecret = isLogin && 0 < i;
    const field = reader.add('argument', word.start, word.end, isSecret ? '••••••' : word.text);
    if (isSecret && field !== undefined) field.isSecret = true;
  });
  for (const literal of found.literals) {
    const stop = literal.end < reader.end ? literal.end : reader.end;
    if (literal.start < stop) addLiteral(reader, literal.start, stop, isLogin);
  }
  if (Object.keys(state.verbs).length < maxVerbs) state.verbs[`=${tag.text}`] = verb;
  state.tag = tag.text;
  state.mode = verb === 'STARTTLS' ? 'starttls' : verb === 'AUTHENTICATE' ? 'auth' : verb === 'IDLE' ? 'idle' : 'command';
  const shown = isLogin ? rest.slice(0, 1).map(({ text }) => text) : rest.map(({ text }) => text);
  return { length, kind: 'request', summary: [verb, ...shown, ...(isLogin && 1 < rest.length ? ['••••••'] : [])].join(' '), fields: reader.fields, problems: reader.problems, asks: tag.text };
}

function addLiteral(reader: FieldReader, start: number, end: number, isSecret: boolean): void {
  const { at } = reader;
  reader.at = start;
  if (isSecret) reader.secret('literal', end - start);
  else reader.data('literal', end - start);
  reader.at = at;
}

function fromServer(state: ImapState, input: Input): Next {
  const { bytes, at } = input;
  const found = textEnd(input);
  if (found === undefined) return { lost: say`a line of the server has no end` };
  if (typeof found === 'number') return -found;
  const length = found.end - at;
  const reader = FieldReader.of(input, length);
  const line = lineText(bytes, at, found.literals[0]?.start ?? found.end);
  if (!isText(line)) return { lost: say`this is no line of an IMAP server` };
  const [tag, ...words] = wordsOf(line, at);
  if (tag === undefined) return { length, kind: 'notice', summary: 'empty line', fields: [], problems: [] };
  reader.add('tag', tag.start, tag.end, tag.text);
  const rest = line.slice(tag.end - at).trim();
  if (tag.text === '+') {
    if (state.mode === 'auth') state.isAsked = true;
    return { length, kind: 'notice', summary: `+ ${state.mode === 'auth' ? 'go on' : rest}`, fields: reader.fields, problems: [] };
  }
  if (words[0] !== undefined) reader.add('response', words[0].start, words[0].end, words[0].text);
  if (words[1] !== undefined) reader.add('text', words[1].start, at + line.length, line.slice(words[1].start - at));
  for (const literal of found.literals) {
    const stop = literal.end < reader.end ? literal.end : reader.end;
    if (literal.start < stop) addLiteral(reader, literal.start, stop, false);
  }
  const literalBytes = found.literals.reduce((sum, literal) => sum + literal.end - literal.start, 0);
  const summary = literalBytes === 0 ? line : `${line.replace(/\s*\{\d+\+?\}$/, '')} · ${literalBytes} bytes`;
  if (/^(NO|BAD|BYE)$/i.test(words[0]?.text ?? '') && !(tag.text === '*' && /^BYE$/i.test(words[0]?.text ?? ''))) reader.problem(/^NO$/i.test(words[0]?.text ?? '') ? 'warning' : 'error', verbatim(rest), at, at + line.length);
  const mail = found.literals[0];
  const content = mail !== undefined && mail.end <= reader.end ? { content: { bytes: bytes.slice(mail.start, mail.end), mediaType: 'message/rfc822', range: reader.range(mail.start, mail.end), isDecoded: false } } : {};
  if (tag.text === '*') return { length, kind: 'notice', summary, fields: reader.fields, problems: reader.problems, ...content };
  const key = `=${tag.text}`;
  const verb = Object.hasOwn(state.verbs, key) ? state.verbs[key] : undefined;
  delete state.verbs[key];
  const isOk = /^OK$/i.test(words[0]?.text ?? '');
  if (tag.text === state.tag) {
    state.mode = 'command';
    state.isAsked = false;
  }
  const next = !isOk ? undefined : verb === 'STARTTLS' ? 'tls' : verb === 'COMPRESS' ? 'unknown' : undefined;
  return { length, kind: 'answer', summary: line.slice(tag.end - at).trim(), fields: reader.fields, problems: reader.problems, answers: tag.text, ...(next === undefined ? {} : { handover: { to: next } }) };
}
