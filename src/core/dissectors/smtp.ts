// SMTP and LMTP: commands, replies, the message behind DATA and BDAT (RFC 5321, RFC 3030, RFC 4954, RFC 3207).

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import type { Decoded, Dissector, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { atLineStart, commandFields, isDigit, isText, lineEnd, lineText, replyEnd, replyFields } from './lines.js';

/** A mail is told in pieces of this size at most: its head is in the first. */
const maxMessageBytes = 512 << 10;

interface SmtpState {
  /** commands that have no final reply yet */
  open: number;
  /** what the client's next bytes are. 'data?': it has said DATA and will send a mail if the server says 354 */
  mode: 'command' | 'data?' | 'data' | 'auth?' | 'auth' | 'tls?';
  /** the mail has begun in an earlier piece */
  isInside: boolean;
}

export const smtp: Dissector<SmtpState> = {
  id: 'smtp',
  maxMessageBytes,
  start: () => ({ open: 0, mode: 'command', isInside: false }),
  next: (state, input) => (input.from === 'client' ? fromClient(state, input) : reply(state, input)),
  mayStart,
  lost(state, from) {
    if (from === 'client') state.mode = 'command';
  },
};

function mayStart(_state: SmtpState, input: Input): Verdict {
  const { bytes, at, end, from } = input;
  if (atLineStart(input) === 'no') return 'no';
  const isStart = (byte: number): boolean => (from === 'client' ? (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a : isDigit(byte));
  for (let i = 0; i < 3; i++) {
    if (end <= at + i) return 'more';
    if (!isStart(bytes[at + i]!)) return 'no';
  }
  return 'match';
}

function fromClient(state: SmtpState, input: Input): Next {
  switch (state.mode) {
    case 'data?':
    case 'auth?':
    case 'tls?':
      return input.isOtherEnded ? command(state, input) : 0;
    case 'data':
      return mail(state, input);
    case 'auth':
      return secretLine(state, input);
    case 'command':
      return command(state, input);
  }
}

function command(state: SmtpState, input: Input): Next {
  const end = lineEnd(input);
  if (end === undefined) return { lost: say`a command line has no end` };
  if (end < 0) return -end;
  const line = lineText(input.bytes, input.at, end);
  if (!isText(line)) return { lost: say`this is no command` };
  const reader = FieldReader.of(input, end - input.at);
  const { verb, argument } = commandFields(reader, line, input.at, (name) => name === 'AUTH');
  const mechanism = verb === 'AUTH' ? (line.split(/\s+/)[1] ?? '').toUpperCase() : '';
  const summary = verb === 'AUTH' ? `AUTH ${mechanism}` : argument === '' ? verb : `${verb} ${argument}`;
  const chunk = verb === 'BDAT' ? Number(argument.split(' ')[0]) : 0;
  state.open += 1;
  if (verb === 'DATA') state.mode = 'data?';
  else if (verb === 'STARTTLS') state.mode = 'tls?';
  else if (verb === 'AUTH') state.mode = 'auth?';
  else state.mode = 'command';
  const length = end - input.at;
  // BDAT's bytes follow at once and belong to it (RFC 3030 §2).
  if (Number.isSafeInteger(chunk) && 0 < chunk) return { length: length + chunk, kind: 'request', summary: `${summary}: ${chunk} bytes`, fields: reader.fields, problems: reader.problems, asks: '' };
  return { length, kind: 'request', summary, fields: reader.fields, problems: reader.problems, asks: '' };
}

function secretLine(state: SmtpState, input: Input): Next {
  const end = lineEnd(input);
  if (end === undefined) return { lost: say`a line has no end` };
  if (end < 0) return -end;
  const reader = FieldReader.of(input, end - input.at);
  reader.secret('credentials', end - input.at);
  state.mode = 'auth?';
  state.open += 1;
  return { length: end - input.at, kind: 'request', summary: 'credentials', fields: reader.fields, problems: [], asks: '' };
}

/** The mail, up to the line with a dot (RFC 5321 §4.5.2); a long one in pieces that end with a line. */
function mail(state: SmtpState, input: Input): Next {
  const { bytes, at, end } = input;
  let lastLine = -1;
  for (let start = at; ; ) {
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0 || end <= feed || maxMessageBytes <= feed - at) break;
    const isDot = bytes[start] === 0x2e && (feed === start + 1 || (feed === start + 2 && bytes[start + 1] === 0x0d));
    if (isDot) return mailPiece(state, input, feed + 1 - at, start - at, true);
    start = feed + 1;
    lastLine = start;
  }
  if (end - at < maxMessageBytes) return end - at + 1;
  return mailPiece(state, input, (lastLine < 0 ? at + maxMessageBytes : lastLine) - at, (lastLine < 0 ? at + maxMessageBytes : lastLine) - at, false);
}

function mailPiece(state: SmtpState, input: Input, length: number, contentLength: number, isLast: boolean): Decoded {
  const { bytes, at } = input;
  const reader = FieldReader.of(input, length);
  let subject = '';
  if (!state.isInside) {
    // Header lines up to the empty one (RFC 5322 §2.1); a folded line goes on with a blank.
    for (let start = at; start < at + contentLength; ) {
      const feed = bytes.indexOf(0x0a, start);
      const stop = feed < 0 || at + contentLength <= feed ? at + contentLength : feed + 1;
      const line = lineText(bytes, start, stop);
      if (line === '') break;
      const colon = line.indexOf(':');
      if (0 < colon) reader.add(line.slice(0, colon).toLowerCase(), start, start + line.length, line.slice(colon + 1).trim());
      if (/^subject:/i.test(line)) subject = line.slice(8).trim();
      start = stop;
    }
  }
  const isFirst = !state.isInside;
  state.isInside = !isLast;
  if (isLast) {
    state.mode = 'command';
    state.open += 1;
  }
  const words = isFirst ? `mail${subject === '' ? '' : ` "${subject}"`}, ${contentLength} bytes` : `mail goes on, ${contentLength} bytes`;
  return {
    length,
    kind: isLast ? 'request' : 'notice',
    summary: words,
    fields: reader.fields,
    problems: reader.problems,
    ...(isLast ? { asks: '' } : {}),
    ...(isFirst ? { content: { bytes: bytes.slice(at, at + contentLength), mediaType: 'message/rfc822', range: reader.range(at, at + contentLength), isDecoded: false } } : {}),
  };
}

function reply(state: SmtpState, input: Input): Next {
  const end = replyEnd(input);
  if (typeof end === 'string') return { lost: end };
  if (end < 0) return -end;
  const reader = FieldReader.of(input, end - input.at);
  const { code, text } = replyFields(reader, input.at, end);
  const isAnswer = 0 < state.open;
  if (isAnswer) state.open -= 1;
  if (400 <= code) reader.problem(code < 500 ? 'warning' : 'error', verbatim(`${code} ${text}`), input.at, end);
  const isTls = state.mode === 'tls?' && isAnswer && state.open === 0 && code === 220;
  if (isAnswer && state.open === 0) {
    if (state.mode === 'data?') state.mode = code === 354 ? 'data' : 'command';
    else if (state.mode === 'auth?') state.mode = code === 334 ? 'auth' : 'command';
    else if (state.mode === 'tls?') state.mode = 'command';
  }
  return {
    length: end - input.at,
    kind: isAnswer ? 'answer' : 'notice',
    summary: `${code} ${text}`,
    fields: reader.fields,
    problems: reader.problems,
    ...(isAnswer ? { answers: '' } : {}),
    ...(isTls ? { handover: { to: 'tls' } } : {}),
  };
}
