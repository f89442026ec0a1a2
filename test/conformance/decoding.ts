// Feeds a conversation to the decoder, cut as asked.

import { deserialize, serialize } from 'node:v8';
import { decompress } from '../../src/core/lens/decompress.js';
import { bareContext, type DissectContext, type Dissector } from '../../src/core/dissectors/dissector.js';
import { end, gap, startDissection, step, type Chunk, type DissectionState } from '../../src/core/dissectors/dissection.js';
import { dissectorOf, FlowDissector, type SavedFlow } from '../../src/core/dissectors/index.js';
import type { Speaker } from '../../src/shared/flow.js';
import type { Message } from '../../src/shared/message.js';
import type { Saying } from './conversations.js';

const context: DissectContext = { ...bareContext, decompress };

interface Runner {
  step(chunk: Chunk): Message[];
  gap(from: Speaker, offset: number, length: number, at: number): Message[];
  end(from: Speaker): Message[];
}

/**
 * @param protocol dissector to run; undefined = found out from the bytes
 * @param cut 0 = whole; positive = pieces of so many bytes; negative = two pieces, the first of that many bytes
 */
export function decode(sayings: readonly Saying[], protocol?: string, cut = 0): Message[] {
  const flow = protocol === undefined ? new FlowDissector(context) : alone(protocol);
  return run(flow, sayings, cut);
}

/** The same, from bytes: whatever the decoder knows is put away after each piece, and another one goes on from there. */
export function decodeWithRests(sayings: readonly Saying[], cut: number): Message[] {
  let flow = new FlowDissector(context);
  const rested = (messages: Message[]): Message[] => {
    flow = FlowDissector.from(context, undefined, deserialize(serialize(flow.save())) as SavedFlow);
    return messages;
  };
  return run({
    step: (chunk) => rested(flow.step(chunk)),
    gap: (from, offset, length, at) => rested(flow.gap(from, offset, length, at)),
    end: (from) => rested(flow.end(from)),
  }, sayings, cut);
}

/** Layers that the flow turned out to have. */
export function layersOf(sayings: readonly Saying[]): string[] {
  const flow = new FlowDissector(context);
  run(flow, sayings, 0);
  return flow.layers;
}

/** One dissector without detection; bytes after a handover are not looked at. */
function alone(protocol: string): Runner {
  const dissector = dissectorOf(protocol);
  if (dissector === undefined) throw new Error(`There is no dissector ${protocol}.`);
  return runnerOf(dissector);
}

export function runnerOf(dissector: Dissector<unknown>): Runner & { state: DissectionState<unknown> } {
  const state = startDissection(dissector, context);
  return {
    state,
    step: (chunk) => step(dissector, state, chunk),
    gap: (from, _offset, length, at) => gap(dissector, state, from, length, at),
    end: (from) => end(dissector, state, from),
  };
}

export function run(flow: Runner, sayings: readonly Saying[], cut: number): Message[] {
  const messages: Message[] = [];
  const offsets = { client: 0, upstream: 0 };
  let at = 1000;
  for (const saying of sayings) {
    if ('ended' in saying) {
      messages.push(...flow.end(saying.from));
    } else if ('missing' in saying) {
      messages.push(...flow.gap(saying.from, offsets[saying.from], saying.missing, at++));
      offsets[saying.from] += saying.missing;
    } else {
      for (const bytes of piecesOf(saying.bytes, cut)) {
        messages.push(...flow.step({ from: saying.from, offset: offsets[saying.from], bytes, at: at++ }));
        offsets[saying.from] += bytes.length;
      }
    }
  }
  messages.push(...flow.end('client'), ...flow.end('upstream'));
  return messages;
}

function piecesOf(bytes: Uint8Array, cut: number): Uint8Array[] {
  if (cut === 0 || bytes.length <= Math.abs(cut)) return [bytes];
  if (cut < 0) return [bytes.slice(0, -cut), bytes.slice(-cut)];
  return Array.from({ length: Math.ceil(bytes.length / cut) }, (_, i) => bytes.slice(i * cut, (i + 1) * cut));
}
