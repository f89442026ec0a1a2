// NATS client protocol (NATS documentation, "Client Protocol"): INFO, CONNECT, PUB, HPUB, SUB, MSG, HMSG, PING, PONG, +OK, -ERR.

import { say, verbatim } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { atLineStart, isText, lineEnd, lineText, wordsOf, type Word } from './lines.js';
import { viewPayload } from './payload/view.js';

/** Payloads are 1 MiB at most by default (max_payload); they are shown by their first bytes. */
const maxMessageBytes = 256 << 10;

interface NatsState {
  /** the client asked in CONNECT for +OK to everything */
  isVerbose: boolean;
}

export const nats: Dissector<NatsState> = {
  id: 'nats',
  maxMessageBytes,
  start: () => ({ isVerbose: false }),
  next,
  mayStart,
};

const verbs = ['INFO', 'CONNECT', 'PUB', 'HPUB', 'SUB', 'UNSUB', 'MSG', 'HMSG', 'PING', 'PONG', '+OK', '-ERR'];

function mayStart(_state: NatsState, input: Input): Verdict {
  const { bytes, at, end } = input;
  if (atLineStart(input) === 'no') return 'no';
  const text = latin1(bytes, at, Math.min(end, at + 8)).toUpperCase();
  for (const verb of verbs) {
    if (text.startsWith(verb)) return text.length === verb.length ? 'more' : /[ \t\r\n]/.test(text[verb.length]!) ? 'match' : 'no';
    if (verb.startsWith(text)) return 'more';
  }
  return 'no';
}

function next(state: NatsState, input: Input): Next {
  const end = lineEnd(input);
  if (end === undefined) return { lost: say`a line has no end` };
  if (end < 0) return -end;
  const { bytes, at } = input;
  const line = lineText(bytes, at, end);
  if (!isText(line)) return { lost: say`this is no line of NATS` };
  const words = wordsOf(line, at, 8);
  const verb = words[0]?.text.toUpperCase() ?? '';
  const isMessage = verb === 'PUB' || verb === 'HPUB' || verb === 'MSG' || verb === 'HMSG';
  if (isMessage) return message(input, verb, words, end);
  if (verb !== '' && !verbs.includes(verb)) return { lost: say`${verb.slice(0, 20)} is no operation of NATS` };
  const length = end - at;
  const reader = FieldReader.of(input, length);
  const told = operation(state, reader, verb, words, line, input);
  return { length, kind: 'notice', fields: reader.fields, problems: reader.problems, ...told };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

function operation(state: NatsState, reader: FieldReader, verb: string, words: readonly Word[], line: string, input: Input): Told {
  const first = words[0];
  if (first === undefined) return { summary: 'empty line' };
  reader.add('operation', first.start, first.end, verb);
  switch (verb) {
    case 'INFO':
    case 'CONNECT': {
      const start = first.end + 1;
      const stop = input.at + line.length;
      if (stop <= start) return { summary: verb };
      const options = readOptions(latin1(input.bytes, start, stop));
      if (verb === 'CONNECT') {
        // The options may hold a password or a token: known ones are told one by one, none of the rest.
        state.isVerbose = options['verbose'] === true;
        for (const [name, value] of Object.entries(options)) {
          const isSecret = ['pass', 'auth_token', 'sig', 'jwt', 'nkey'].includes(name);
          const field = reader.add(name, start, stop, isSecret ? '••••••' : String(value).slice(0, 200));
          if (isSecret && field !== undefined) field.isSecret = true;
        }
        const user = typeof options['user'] === 'string' ? ` as ${options['user']}` : '';
        return { kind: state.isVerbose ? 'request' : 'notice', summary: `CONNECT ${String(options['lang'] ?? '')} ${String(options['version'] ?? '')}${user}`.trim(), ...(state.isVerbose ? { asks: 'ok' } : {}) };
      }
      reader.at = start;
      viewPayload(reader, stop - start, 'application/json');
      return { summary: `INFO ${String(options['server_name'] ?? options['server_id'] ?? '')} ${String(options['version'] ?? '')}`.trim() };
    }
    case 'SUB':
    case 'UNSUB': {
      const names = verb === 'SUB' ? (words.length === 3 ? ['subject', 'sid'] : ['subject', 'queue group', 'sid']) : ['sid', 'max messages'];
      words.slice(1).forEach((word, i) => reader.add(names[i] ?? 'argument', word.start, word.end, word.text));
      return { kind: state.isVerbose ? 'request' : 'notice', summary: [verb, ...words.slice(1).map(({ text }) => text)].join(' '), ...(state.isVerbose ? { asks: 'ok' } : {}) };
    }
    case 'PING':
      return { kind: 'request', summary: 'PING', asks: `ping ${input.from}` };
    case 'PONG':
      return { kind: 'answer', summary: 'PONG', answers: `ping ${input.from === 'client' ? 'upstream' : 'client'}` };
    case '+OK':
      return { kind: 'answer', summary: '+OK', answers: 'ok' };
    case '-ERR': {
      const text = line.slice(4).trim();
      reader.add('text', first.end, input.at + line.length, text);
      reader.problem('error', verbatim(text), input.at, input.at + line.length);
      return { kind: state.isVerbose ? 'answer' : 'notice', summary: `-ERR ${text}`, ...(state.isVerbose ? { answers: 'ok' } : {}) };
    }
    default:
      return { summary: line };
  }
}

function readOptions(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Shown by the view, as far as it goes.
    return {};
  }
}

/** Names of the words behind PUB, HPUB, MSG and HMSG: subject, sid for messages, a reply subject when there is one more, sizes. */
function message(input: Input, verb: string, words: readonly Word[], lineStop: number): Next {
  const hasHeaders = verb.startsWith('H');
  const isDelivered = verb.endsWith('MSG');
  const sizes = hasHeaders ? 2 : 1;
  const fixed = 1 + (isDelivered ? 2 : 1) + sizes;
  if (words.length < fixed || fixed + 1 < words.length) return { lost: say`${verb} has ${words.length - 1} arguments` };
  const total = sizeOf(words[words.length - 1]!.text);
  const headerBytes = hasHeaders ? sizeOf(words[words.length - 2]!.text) : 0;
  if (total === undefined || headerBytes === undefined || total < headerBytes) return { lost: say`${verb} has no size` };
  const length = lineStop - input.at + total + 2;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  const hasReply = fixed < words.length;
  const names = ['operation', 'subject', ...(isDelivered ? ['sid'] : []), ...(hasReply ? ['reply to'] : []), ...(hasHeaders ? ['header bytes'] : []), 'total bytes'];
  words.forEach((word, i) => reader.add(names[i] ?? 'argument', word.start, word.end, word.text));
  const subject = words[1]!.text;
  const reply = hasReply ? words[isDelivered ? 3 : 2]!.text : '';
  reader.at = lineStop;
  if (0 < headerBytes) reader.text('headers', Math.min(headerBytes, reader.left));
  const shown = Math.min(total - headerBytes, reader.left);
  const kind = 0 < shown ? viewPayload(reader, shown, '', shown < total - headerBytes) : 'empty';
  const summary = `${verb} ${subject}${reply === '' ? '' : ` → ${reply}`} · ${kind} · ${total} bytes`;
  // A request names the subject of its reply: what comes there, the other way round, is its answer (NATS documentation, "Request-Reply").
  const pair = reply !== '' ? { kind: 'request' as const, asks: `reply ${reply}` } : subject.startsWith('_INBOX.') ? { kind: 'answer' as const, answers: `reply ${subject}` } : {};
  return { length, kind: 'notice', summary, fields: reader.fields, problems: reader.problems, ...pair };
}

function sizeOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
