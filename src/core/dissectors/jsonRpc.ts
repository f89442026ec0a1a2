// JSON-RPC over a plain connection, the Language Server Protocol and the Debug Adapter Protocol: JSON behind a head with Content-Length
// (LSP 3.17, "Base Protocol"), or JSON texts one after the other, as servers with one JSON text a line do.

import { say, type Sentence } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { latin1 } from '../bytes.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { json, jsonEnd } from './payload/json.js';
import { callOf, type Dialect } from './rpcWords.js';

/** Whole files are sent by editors; what matters of a call stands at its beginning. */
const maxMessageBytes = 1 << 20;
/** Two short header lines. */
const maxHeadBytes = 1024;
const maxContentLength = 2 ** 40;

interface Part {
  /** bytes of the head, with its empty line; of white space in front of JSON without one */
  headLength: number;
  contentLength: number;
}

export const jsonRpc = framed('json-rpc', 'json-rpc');
export const lsp = framed('lsp', 'json-rpc');
export const dap = framed('dap', 'dap');

function framed(id: string, dialect: Dialect): Dissector<object> {
  return { id, maxMessageBytes, start: () => ({}), next: (_state, input) => next(dialect, input), mayStart };
}

function next(dialect: Dialect, input: Input): Next {
  const part = measure(input);
  if (typeof part === 'number') return part;
  if ('lost' in part || 'kind' in part) return part;
  const length = part.headLength + part.contentLength;
  if (!available(input, length, maxMessageBytes)) return Math.min(length, maxMessageBytes);
  const there = Math.min(length, maxMessageBytes);
  const reader = FieldReader.of(input, there);
  if (input.bytes[input.at] === 0x43 || input.bytes[input.at] === 0x63) head(reader, input.at + part.headLength);
  else reader.at += part.headLength;
  const before = reader.problems.length;
  const start = reader.at;
  const body = json(reader, 'body', reader.left);
  if (there < length) reader.problems.length = before;
  const call = callOf(body, input.from, dialect);
  if (call?.problem !== undefined) reader.problem(call.problem.severity, call.problem.text, start, reader.end);
  if (call === undefined && there === length && reader.problems.length === before) reader.problem('warning', say`this is no call, answer or event`, start, reader.end);
  return {
    length,
    kind: call?.kind ?? 'notice',
    summary: call?.summary ?? body?.text ?? 'empty message',
    fields: reader.fields,
    problems: reader.problems,
    asks: call?.asks,
    answers: call?.answers,
    content: there < length ? undefined : { bytes: input.bytes.slice(start, reader.end), mediaType: 'application/json', range: reader.range(start, reader.end), isDecoded: false },
  };
}

function measure(input: Input): Part | number | { lost: Sentence } | Decoded {
  const { bytes, at, end } = input;
  let start = at;
  while (start < end && isSpace(bytes[start]!)) start += 1;
  if (start === end) {
    // Line ends go in front of the next text; behind the last one they are all there is.
    return input.isEnded ? { length: end - at, kind: 'notice', summary: 'empty line', fields: [], problems: [] } : end - at + 1;
  }
  if (bytes[start] === 0x7b || bytes[start] === 0x5b) {
    const stop = jsonEnd(bytes, start, end);
    if (0 <= stop) return { headLength: start - at, contentLength: stop - start };
    return maxMessageBytes <= end - at ? { lost: say`the JSON text has no end` } : end - at + 1;
  }
  return start === at ? measureHead(input) : { lost: say`byte 0x${bytes[start]!.toString(16).padStart(2, '0')} starts no JSON object` };
}

function measureHead({ bytes, at, end }: Input): Part | number | { lost: Sentence } {
  if (begins(bytes, at, end) === 'no') return { lost: say`neither a JSON text nor a Content-Length` };
  const head = latin1(bytes, at, Math.min(end, at + maxHeadBytes));
  const empty = /\r?\n\r?\n/.exec(head);
  if (empty === null) return maxHeadBytes <= end - at ? { lost: say`the head has no end` } : end - at + 1;
  const length = Number(/^content-length:[ \t]*(\d+)[ \t]*\r?$/im.exec(head.slice(0, empty.index + 1))?.[1] ?? -1);
  if (length < 0 || maxContentLength < length) return { lost: say`the head has no Content-Length` };
  return { headLength: empty.index + empty[0].length, contentLength: length };
}

function head(reader: FieldReader, stop: number): void {
  const { bytes } = reader;
  while (reader.at < stop) {
    const feed = bytes.indexOf(0x0a, reader.at);
    const line = latin1(bytes, reader.at, feed).trimEnd();
    const colon = line.indexOf(':');
    if (0 < colon) {
      const value = line.slice(colon + 1).trim();
      const name = line.slice(0, colon).toLowerCase();
      reader.add(name, reader.at, feed + 1, value, undefined, name === 'content-length' ? Number(value) : undefined);
    }
    reader.at = feed + 1;
  }
}

/** A head anywhere; a JSON text at the beginning of a line. */
function mayStart(_state: object, { bytes, at, end, before }: Input): Verdict {
  if (bytes[at] === 0x7b && (before === 0x0a || before === -1)) return 'match';
  return begins(bytes, at, end);
}

const names = ['content-length:', 'content-type:'];

function begins(bytes: Uint8Array, at: number, end: number): Verdict {
  const start = latin1(bytes, at, Math.min(end, at + 15)).toLowerCase();
  if (names.some((name) => start.startsWith(name))) return 'match';
  return names.some((name) => name.startsWith(start)) ? 'more' : 'no';
}

function isSpace(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0x20 || byte === 0x09;
}
