// POP3 (RFC 1939, RFC 2449, RFC 2595, RFC 5034): commands, answers of one line and of many, STLS.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import type { Dissector, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { atLineStart, commandFields, isText, lineEnd, lineText } from './lines.js';

/** A mail is shown by its beginning; its answer ends where the line with a dot says. */
const maxMessageBytes = 512 << 10;

interface Asked {
  verb: string;
  hasArgument: boolean;
}

interface Pop3State {
  /** commands that have no answer yet, oldest first */
  asked: Asked[];
  /** the client's next line is a secret, or depends on the server's answer */
  mode: 'command' | 'auth?' | 'auth' | 'tls?';
  /** the rest of a long answer follows */
  isInside: boolean;
}

/** Commands without an answer that are remembered: pipelines are shorter. */
const maxAsked = 256;

export const pop3: Dissector<Pop3State> = {
  id: 'pop3',
  maxMessageBytes,
  start: () => ({ asked: [], mode: 'command', isInside: false }),
  next: (state, input) => (input.from === 'client' ? fromClient(state, input) : state.isInside ? rest(state, input) : answer(state, input)),
  mayStart,
};

function mayStart(_state: Pop3State, input: Input): Verdict {
  const { bytes, at, end, from } = input;
  if (atLineStart(input) === 'no') return 'no';
  if (from === 'upstream') return bytes[at] === 0x2b || bytes[at] === 0x2d ? 'match' : 'no';
  for (let i = 0; i < 3; i++) {
    if (end <= at + i) return 'more';
    if ((bytes[at + i]! | 0x20) < 0x61 || 0x7a < (bytes[at + i]! | 0x20)) return 'no';
  }
  return 'match';
}

function fromClient(state: Pop3State, input: Input): Next {
  if ((state.mode === 'auth?' || state.mode === 'tls?') && !input.isOtherEnded) return 0;
  const end = lineEnd(input);
  if (end === undefined) return { lost: say`a command line has no end` };
  if (end < 0) return -end;
  const length = end - input.at;
  const reader = FieldReader.of(input, length);
  if (state.mode === 'auth') {
    reader.secret('credentials', length);
    state.mode = 'auth?';
    remember(state, { verb: 'AUTH', hasArgument: true });
    return { length, kind: 'request', summary: 'credentials', fields: reader.fields, problems: [], asks: '' };
  }
  const line = lineText(input.bytes, input.at, end);
  if (!isText(line)) return { lost: say`this is no command` };
  const { verb, argument } = commandFields(reader, line, input.at, (name) => name === 'PASS' || name === 'APOP' || name === 'AUTH');
  remember(state, { verb, hasArgument: argument !== '' });
  state.mode = verb === 'AUTH' ? 'auth?' : verb === 'STLS' ? 'tls?' : 'command';
  return { length, kind: 'request', summary: argument === '' ? verb : `${verb} ${argument}`, fields: reader.fields, problems: reader.problems, asks: '' };
}

function remember(state: Pop3State, asked: Asked): void {
  if (maxAsked <= state.asked.length) state.asked.shift();
  state.asked.push(asked);
}

function answer(state: Pop3State, input: Input): Next {
  const { bytes, at } = input;
  if (bytes[at] !== 0x2b && bytes[at] !== 0x2d) return { lost: say`an answer starts with + or -` };
  const first = lineEnd(input);
  if (first === undefined) return { lost: say`an answer has no end` };
  if (first < 0) return -first;
  const line = lineText(bytes, at, first);
  const isOk = line.startsWith('+OK');
  const isMore = !isOk && line.startsWith('+');
  const asked = state.asked[0];
  const isLong = isOk && asked !== undefined && hasLines(asked);
  const end = isLong ? dotEnd(input, first) : first;
  if (end < 0) return -end;
  const length = end - at;
  const reader = FieldReader.of(input, length);
  const status = /^[+-]\w*/.exec(line)?.[0] ?? '';
  reader.add('status', at, at + status.length, status);
  if (status.length < line.length) reader.add('text', at + status.length, at + line.length, line.slice(status.length).trim());
  if (isLong && first < end) reader.add('data', first, end, `${end - first} bytes`);
  if (line.startsWith('-')) reader.problem('error', verbatim(line), at, first);
  // "+ " asks for more of an authentication: the command stays open.
  if (!isMore) state.asked.shift();
  const isTls = state.mode === 'tls?' && isOk;
  if (asked !== undefined && (state.mode === 'auth?' || state.mode === 'tls?')) state.mode = isMore ? 'auth' : 'command';
  state.isInside = isLong && !endsWithDot(bytes, first, end);
  return {
    length,
    kind: asked === undefined ? 'notice' : 'answer',
    summary: isLong ? `${line} · ${end - first} bytes` : line,
    fields: reader.fields,
    problems: reader.problems,
    ...(asked === undefined ? {} : { answers: '' }),
    ...(isTls ? { handover: { to: 'tls' } } : {}),
    ...(isLong && (asked.verb === 'RETR' || asked.verb === 'TOP') ? { content: { bytes: bytes.slice(first, end), mediaType: 'message/rfc822', range: reader.range(first, end), isDecoded: false } } : {}),
  };
}

/** More of an answer that is longer than what is looked at. */
function rest(state: Pop3State, input: Input): Next {
  const end = dotEnd(input, input.at);
  if (end < 0) return -end;
  state.isInside = !endsWithDot(input.bytes, input.at, end);
  return { length: end - input.at, kind: 'notice', summary: `the answer goes on, ${end - input.at} bytes`, fields: [], problems: [] };
}

/** RFC 1939 §3: which answers have several lines. */
function hasLines({ verb, hasArgument }: Asked): boolean {
  return verb === 'RETR' || verb === 'TOP' || verb === 'CAPA' || ((verb === 'LIST' || verb === 'UIDL') && !hasArgument) || (verb === 'AUTH' && !hasArgument);
}

/** @returns position behind the line with a dot, or behind the last line that fits; negative = so many bytes are needed */
function dotEnd(input: Input, from: number): number {
  const { bytes, at, end } = input;
  let start = from;
  for (;;) {
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0 || end <= feed || maxMessageBytes <= feed - at) break;
    if (bytes[start] === 0x2e && feed - start <= 2 && (feed === start + 1 || bytes[start + 1] === 0x0d)) return feed + 1;
    start = feed + 1;
  }
  if (end - at < maxMessageBytes) return -(end - at + 1);
  return start === from ? at + maxMessageBytes : start;
}

function endsWithDot(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[end - 1] !== 0x0a) return false;
  const dot = bytes[end - 2] === 0x0d ? end - 3 : end - 2;
  return bytes[dot] === 0x2e && (dot === start || bytes[dot - 1] === 0x0a);
}
