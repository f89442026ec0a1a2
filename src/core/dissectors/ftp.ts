// FTP's control connection (RFC 959, RFC 2428, RFC 4217): commands and replies, where the data connection goes, AUTH TLS.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import type { Dissector, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { atLineStart, commandFields, isDigit, isText, lineEnd, lineText, maxLineBytes, replyEnd, replyFields } from './lines.js';

interface FtpState {
  /** commands that have no final reply yet */
  open: number;
  /** the client has said AUTH TLS and waits */
  asksForTls: boolean;
}

export const ftp: Dissector<FtpState> = {
  id: 'ftp',
  // A reply of many lines (a directory by STAT) and a command line fit many times over.
  maxMessageBytes: 4 * maxLineBytes,
  start: () => ({ open: 0, asksForTls: false }),
  next: (state, input) => (input.from === 'client' ? command(state, input) : reply(state, input)),
  mayStart,
};

function mayStart(_state: FtpState, input: Input): Verdict {
  const { bytes, at, end, from } = input;
  if (atLineStart(input) === 'no') return 'no';
  for (let i = 0; i < 3; i++) {
    if (end <= at + i) return 'more';
    const byte = bytes[at + i]!;
    if (from === 'client' ? (byte | 0x20) < 0x61 || 0x7a < (byte | 0x20) : !isDigit(byte)) return 'no';
  }
  return 'match';
}

const secretVerbs = new Set(['PASS', 'ACCT', 'ADAT']);

function command(state: FtpState, input: Input): Next {
  if (state.asksForTls && !input.isOtherEnded) return 0;
  const end = lineEnd(input);
  if (end === undefined) return { lost: say`a command line has no end` };
  if (end < 0) return -end;
  const line = lineText(input.bytes, input.at, end);
  if (!isText(line)) return { lost: say`this is no command` };
  const reader = FieldReader.of(input, end - input.at);
  const { verb, argument } = commandFields(reader, line, input.at, (name) => secretVerbs.has(name));
  state.open += 1;
  state.asksForTls = verb === 'AUTH' && /^(TLS|SSL)/i.test(argument);
  return { length: end - input.at, kind: 'request', summary: argument === '' ? verb : `${verb} ${argument}`, fields: reader.fields, problems: reader.problems, asks: '' };
}

function reply(state: FtpState, input: Input): Next {
  const end = replyEnd(input);
  if (typeof end === 'string') return { lost: end };
  if (end < 0) return -end;
  const reader = FieldReader.of(input, end - input.at);
  const { code, text } = replyFields(reader, input.at, end);
  // 1xx: the final reply follows when the data connection is done (RFC 959 §4.2).
  const isPartial = code < 200;
  const isAnswer = 0 < state.open;
  if (isAnswer && !isPartial) state.open -= 1;
  if (400 <= code) reader.problem(code < 500 ? 'warning' : 'error', verbatim(`${code} ${text}`), input.at, end);
  const passive = code === 227 ? passiveAddress(text) : code === 229 ? /\((.)\1\1(\d+)\1\)/.exec(text)?.[2] : undefined;
  if (passive !== undefined) reader.add('data connection', input.at, end, code === 227 ? passive : `port ${passive}`);
  const isTls = state.asksForTls && code === 234;
  if (isAnswer && !isPartial) state.asksForTls = false;
  return {
    length: end - input.at,
    kind: isAnswer ? 'answer' : 'notice',
    summary: `${code} ${text}`,
    fields: reader.fields,
    problems: reader.problems,
    ...(isAnswer ? { answers: '', ...(isPartial ? { isPartial } : {}) } : {}),
    ...(isTls ? { handover: { to: 'tls' } } : {}),
  };
}

/** RFC 959 §4.1.2, PASV: h1,h2,h3,h4,p1,p2. */
function passiveAddress(text: string): string | undefined {
  const found = /(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(text);
  if (found === null) return undefined;
  const [, a, b, c, d, high, low] = found;
  return `${a}.${b}.${c}.${d}:${Number(high) * 256 + Number(low)}`;
}
