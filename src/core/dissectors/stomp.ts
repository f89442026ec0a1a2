// STOMP 1.0, 1.1, 1.2 (STOMP Protocol Specification 1.2): frames of a command, headers, a body and a zero byte.

import { say, verbatim, type Sentence } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { atLineStart, lineText } from './lines.js';
import { viewPayload } from './payload/view.js';

/** Bodies are shown by their first bytes. */
const maxMessageBytes = 256 << 10;
/** Command and headers; brokers take 8 to 64 KiB. */
const maxHeadBytes = 64 << 10;

const commands = new Set([
  'CONNECT', 'STOMP', 'CONNECTED', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK', 'BEGIN', 'COMMIT', 'ABORT', 'DISCONNECT', 'MESSAGE', 'RECEIPT', 'ERROR',
]);

export const stomp: Dissector<null> = {
  id: 'stomp',
  maxMessageBytes,
  start: () => null,
  next: (_state, input) => next(input),
  mayStart,
};

function mayStart(_state: null, input: Input): Verdict {
  const { bytes, at, end, before } = input;
  if (before !== 0 && atLineStart(input) === 'no') return 'no';
  for (let i = at; i < at + 13; i++) {
    if (end <= i) return 'more';
    const byte = bytes[i]!;
    if (byte === 0x0a || byte === 0x0d) return commands.has(latin1(bytes, at, i)) ? 'match' : 'no';
    if (byte < 0x41 || 0x5a < byte) return 'no';
  }
  return 'no';
}

function next(input: Input): Next {
  const { bytes, at, end } = input;
  // Line ends between frames are heart-beats (STOMP 1.2, "Heart-beating").
  if (bytes[at] === 0x0a) return { length: 1, kind: 'notice', summary: 'heart-beat', fields: [], problems: [] };
  if (bytes[at] === 0x0d) return end <= at + 1 ? 2 : bytes[at + 1] === 0x0a ? { length: 2, kind: 'notice', summary: 'heart-beat', fields: [], problems: [] } : { lost: say`a carriage return without a line feed` };
  const head = headEnd(input);
  if (typeof head !== 'number') return head;
  if (head < 0) return -head;
  const headers = headersOf(bytes, at, head);
  if (!commands.has(headers.command)) return { lost: say`${headers.command.slice(0, 20)} is no command of STOMP` };
  const size = headers.first('content-length');
  let bodyEnd: number;
  if (size !== undefined && /^\d{1,9}$/.test(size)) {
    bodyEnd = head + Number(size);
    if (!available(input, bodyEnd + 1 - at, maxMessageBytes)) return bodyEnd + 1 - at;
    if (bodyEnd < end && bytes[bodyEnd] !== 0) return { lost: say`no zero byte stands behind the body` };
  } else {
    const zero = bytes.indexOf(0, head);
    if (zero < 0 || end <= zero) return maxMessageBytes <= end - at ? { lost: say`a frame has no end` } : end - at + 1;
    bodyEnd = zero;
  }
  return frame(input, headers, head, bodyEnd);
}

interface Headers {
  command: string;
  lines: { name: string; value: string; start: number; end: number }[];
  first(name: string): string | undefined;
}

/** @returns position behind the empty line; negative = so many bytes are needed */
function headEnd(input: Input): number | { lost: Sentence } {
  const { bytes, at, end } = input;
  for (let start = at; ; ) {
    const feed = bytes.indexOf(0x0a, start);
    if (feed < 0 || end <= feed) return maxHeadBytes < end - at ? { lost: say`the headers have no end` } : -(end - at + 1);
    if (maxHeadBytes < feed - at) return { lost: say`the headers have no end` };
    if (feed === start || (feed === start + 1 && bytes[start] === 0x0d)) return feed + 1;
    // A zero byte ends a frame: what has one among its headers is none.
    const zero = bytes.indexOf(0, start);
    if (0 <= zero && zero < feed) return { lost: say`a zero byte stands among the headers` };
    start = feed + 1;
  }
}

function headersOf(bytes: Uint8Array, start: number, end: number): Headers {
  const lines: Headers['lines'] = [];
  let command = '';
  for (let at = start; at < end; ) {
    const feed = bytes.indexOf(0x0a, at);
    const stop = feed < 0 ? end : feed + 1;
    const line = lineText(bytes, at, stop);
    if (at === start) command = line;
    else if (line !== '') {
      const colon = line.indexOf(':');
      const name = colon < 0 ? line : line.slice(0, colon);
      lines.push({ name: unescaped(name), value: colon < 0 ? '' : unescaped(line.slice(colon + 1)), start: at, end: at + line.length });
    }
    at = stop;
  }
  return { command, lines, first: (name) => lines.find((line) => line.name === name)?.value };
}

/** STOMP 1.2, "Value Encoding". */
function unescaped(text: string): string {
  return text.includes('\\') ? text.replace(/\\([rnc\\])/g, (_, letter: string) => ({ r: '\r', n: '\n', c: ':' })[letter] ?? '\\') : text;
}

function frame(input: Input, headers: Headers, head: number, bodyEnd: number): Next {
  const { command } = headers;
  const length = bodyEnd + 1 - input.at;
  const reader = FieldReader.of(input, length);
  reader.add('command', input.at, input.at + command.length, command);
  for (const { name, value, start, end } of headers.lines) {
    const isSecret = name === 'passcode';
    const field = reader.add(name, start, end, isSecret ? '••••••' : value);
    if (isSecret && field !== undefined) field.isSecret = true;
  }
  reader.at = head;
  const shown = Math.min(bodyEnd, reader.end) - head;
  const kind = 0 < shown ? viewPayload(reader, shown, headers.first('content-type') ?? '', shown < bodyEnd - head) : '';
  const words = [command, headers.first('destination') ?? headers.first('message') ?? headers.first('receipt-id') ?? headers.first('id') ?? '', kind === '' ? '' : `· ${kind} · ${bodyEnd - head} bytes`].filter((word) => word !== '');
  if (command === 'ERROR') reader.problem('error', verbatim(headers.first('message') ?? say`the server reports an error`), input.at, Math.min(bodyEnd, reader.end));
  const receipt = headers.first('receipt');
  const base = { length, summary: words.join(' '), fields: reader.fields, problems: reader.problems };
  if (command === 'CONNECT' || command === 'STOMP') return { ...base, kind: 'request', asks: 'connect' };
  if (command === 'CONNECTED') return { ...base, kind: 'answer', answers: 'connect' };
  if (command === 'RECEIPT') return { ...base, kind: 'answer', answers: `receipt ${headers.first('receipt-id') ?? ''}` };
  if (command === 'ERROR' && headers.first('receipt-id') !== undefined) return { ...base, kind: 'answer', answers: `receipt ${headers.first('receipt-id')}` };
  return receipt === undefined ? { ...base, kind: 'notice' } : { ...base, kind: 'request', asks: `receipt ${receipt}` };
}
