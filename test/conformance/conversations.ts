// Reads the decode vectors of a conformance page: fenced blocks marked `decode`, each a conversation and the messages that it is made of.
//
//   client: "*1\r\n$4\r\nPING\r\n"            what was read, in order; `client ended` and `upstream ended`, `client missing 12`
//   upstream: "+PONG\r\n"
//   = client 0-14 request: PING                speaker, byte range, kind and summary of every message, in order of completion
//     command 4-14: PING                       some of its fields, in order, deeper ones indented further (two blanks a level)
//   = upstream 0-7 answer to 0: PONG           `to N` = index of the request
//   ! error: a problem of the message above    severity and text
//
// Options in the first lines: `layers: http1 websocket` (expected), `protocol: redis` (dissector to run, without detection).

import type { Severity } from '../../src/shared/message.js';
import type { Speaker } from '../../src/shared/flow.js';
import { bytesOf } from './vectors.js';

export type Saying = { from: Speaker; bytes: Uint8Array } | { from: Speaker; missing: number } | { from: Speaker; ended: true };

export interface ExpectedField {
  depth: number;
  name: string;
  start: number;
  end: number;
  text: string;
}

export interface ExpectedMessage {
  from: Speaker;
  start: number;
  end: number;
  kind: string;
  answers?: number;
  stream?: number;
  protocol?: string;
  summary: string;
  fields: ExpectedField[];
  problems: { severity: Severity; text: string }[];
}

export interface ConversationVector {
  page: string;
  title: string;
  sayings: Saying[];
  messages: ExpectedMessage[];
  layers?: string[];
  protocol?: string;
}

/** @throws on a block that cannot be read, naming page and heading */
export function conversationsOf(page: string, text: string): ConversationVector[] {
  return text.replace(/\r\n/g, '\n').split(/^## /m).slice(1).flatMap((part) => {
    const title = part.split('\n', 1)[0] ?? '';
    const blocks = [...part.matchAll(/^```decode\n([\s\S]*?)^```$/gm)];
    return blocks.map((block, i) => conversationOf(page, blocks.length === 1 ? title : `${title} (${i + 1})`, block[1] ?? ''));
  });
}

function conversationOf(page: string, title: string, block: string): ConversationVector {
  const vector: ConversationVector = { page, title, sayings: [], messages: [] };
  for (const line of block.split('\n')) {
    if (line.trim() === '') continue;
    const said = /^(client|upstream)(?:: (.*)| (ended)| missing (\d+))$/.exec(line);
    const option = /^(layers|protocol): (.*)$/.exec(line);
    const message = /^= (client|upstream) (\d+)-(\d+) (\w+)(?: to (\d+))?(?: on (\d+))?(?: as ([\w-]+))?: ?(.*)$/.exec(line);
    const problem = /^! (error|warning|note): (.*)$/.exec(line);
    const field = /^((?: {2})+)(.+?) (\d+)-(\d+): ?(.*)$/.exec(line);
    const last = vector.messages.at(-1);
    if (said !== null) {
      const from = said[1] as Speaker;
      if (said[3] !== undefined) vector.sayings.push({ from, ended: true });
      else if (said[4] !== undefined) vector.sayings.push({ from, missing: Number(said[4]) });
      else vector.sayings.push({ from, bytes: bytesOf(said[2] ?? '') });
    } else if (option !== null) {
      if (option[1] === 'layers') vector.layers = (option[2] ?? '').split(' ');
      else vector.protocol = option[2] ?? '';
    } else if (message !== null) {
      const [, from, start, end, kind = '', answers, stream, protocol, summary = ''] = message;
      vector.messages.push({
        from: from as Speaker, start: Number(start), end: Number(end), kind, summary, fields: [], problems: [],
        ...(answers === undefined ? {} : { answers: Number(answers) }),
        ...(stream === undefined ? {} : { stream: Number(stream) }),
        ...(protocol === undefined ? {} : { protocol }),
      });
    } else if (problem !== null && last !== undefined) {
      last.problems.push({ severity: problem[1] as Severity, text: problem[2] ?? '' });
    } else if (field !== null && last !== undefined) {
      last.fields.push({ depth: (field[1] ?? '').length / 2 - 1, name: field[2] ?? '', start: Number(field[3]), end: Number(field[4]), text: field[5] ?? '' });
    } else {
      throw new Error(`${page}, "${title}": ${line}`);
    }
  }
  return vector;
}
