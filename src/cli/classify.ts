// `port-prism classify`: first bytes in, protocol names out, one JSON line each, as fast as they come.

import type { Readable } from 'node:stream';
import { classify } from '../core/protocols/index.js';
import { LineReader } from './classifyLine.js';
import type { TextOutput } from './output.js';

/** A line longer than this is refused: two hex strings of the first 16 KiB fit many times. */
const maxLineBytes = 4 << 20;

const lineFeed = 10;

interface Question {
  id?: unknown;
  client?: unknown;
  server?: unknown;
  first?: unknown;
}

/**
 * Answers until the input ends. A line that cannot be understood is answered with `unknown` and an `error`, so that answers
 * stay in step with questions; the reason also goes to `errors`.
 *
 * @returns exit code: 1 when there was such a line
 */
export async function runClassify(input: Readable, output: TextOutput, errors: TextOutput): Promise<number> {
  let rest: Buffer | undefined;
  let lineNumber = 0;
  let exitCode = 0;

  const refuse = (id: unknown, reason: string): string => {
    exitCode = 1;
    const error = `line ${lineNumber}: ${reason}`;
    errors.write(`${error}\n`);
    return `{"id":${JSON.stringify(id ?? null)},"protocol":"unknown","by":"none","error":${JSON.stringify(error)}}\n`;
  };
  const reader = new LineReader();
  const answerAll = (bytes: Buffer, size: number): void => {
    let answers = '';
    for (let start = 0, end = 0; start < size; start = end + 1) {
      end = bytes.indexOf(lineFeed, start);
      if (end === -1 || size < end) end = size;
      lineNumber += 1;
      if (reader.read(bytes, start, end)) answers += answered(reader.id, reader.client, reader.server, reader.first);
      else answers += answer(bytes.toString('utf8', start, end), refuse);
    }
    if (answers !== '') output.write(answers);
  };

  for await (const piece of input as AsyncIterable<Buffer>) {
    const bytes = rest === undefined ? piece : Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (0 < end) answerAll(bytes, end);
    rest = end < bytes.length ? bytes.subarray(end) : undefined;
    if (rest !== undefined && maxLineBytes < rest.length) {
      errors.write(`line ${lineNumber + 1}: it is longer than ${maxLineBytes} bytes, and nothing after it was read\n`);
      return 1;
    }
    if (output.isBehind) await output.drained();
    if (output.isGone) return exitCode;
  }
  if (rest !== undefined) answerAll(rest, rest.length);
  return exitCode;
}

function answer(line: string, refuse: (id: unknown, reason: string) => string): string {
  if (line.trim() === '') return '';
  let question: Question;
  try {
    question = JSON.parse(line) as Question;
  } catch {
    return refuse(null, 'it is not JSON');
  }
  if (typeof question !== 'object' || question === null || Array.isArray(question)) return refuse(null, 'it is not an object');
  const { id, first } = question;
  const client = bytesOf(question.client);
  const server = bytesOf(question.server);
  if (client === undefined || server === undefined) return refuse(id, `"${client === undefined ? 'client' : 'server'}" is not a string of hex digit pairs`);
  if (first !== undefined && first !== 'client' && first !== 'server') return refuse(id, '"first" is neither "client" nor "server"');
  return answered(JSON.stringify(id ?? null), client, server, first);
}

function answered(id: string, client: Uint8Array, server: Uint8Array, first: 'client' | 'server' | undefined): string {
  const { protocol, by } = classify(client, server, first ?? (client.length === 0 && 0 < server.length ? 'server' : 'client'));
  return `{"id":${id},"protocol":"${protocol}","by":"${by}"}\n`;
}

const nothing = new Uint8Array(0);

/** @returns undefined when it is not hex; a key that is left out is a side that said nothing */
function bytesOf(hex: unknown): Uint8Array | undefined {
  if (hex === undefined || hex === null || hex === '') return nothing;
  if (typeof hex !== 'string' || hex.length % 2 !== 0) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  // Buffer.from stops silently at the first character that is no hex digit.
  return bytes.length * 2 === hex.length ? bytes : undefined;
}
