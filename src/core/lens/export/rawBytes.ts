// The bytes of each direction of each flow, in a file of its own: for programs that know a protocol and no packets.

import type { Speaker } from '../../../shared/flow.js';
import { say } from '../../../shared/sentences.js';
import type { Sink } from './fileSink.js';
import { masksOf, type Job } from './job.js';
import { choiceOf, type Selected } from './selection.js';
import type { WireMasks } from './wireMasks.js';

/** Read at once. */
const pieceBytes = 256 << 10;

/** One file of the export. */
export interface RawFile {
  name: string;
  steps(sink: Sink): Generator<number, void>;
}

/** @returns files one after the other: each is to be written before the next is asked for */
export function* rawFiles(job: Job): Generator<RawFile | number, void> {
  for (const selected of job.selected) {
    const masks = yield* masksOf(job, selected);
    for (const from of ['client', 'upstream'] as const) {
      if (selected.flow.total(from) === 0) continue;
      yield { name: `connection-${selected.flow.id}-${from}.bin`, steps: (sink) => directionSteps(job, selected, from, masks, sink) };
    }
  }
}

function* directionSteps(job: Job, { flow, indexes }: Selected, from: Speaker, masks: WireMasks, sink: Sink): Generator<number, void> {
  let missing = 0;
  const write = function* (start: number, end: number): Generator<number, void> {
    for (let at = start; at < end; at += pieceBytes) {
      const stop = Math.min(end, at + pieceBytes);
      const bytes = flow.read(from, at, stop);
      if (bytes === undefined) {
        // Part of it may be there: packet by packet then.
        missing += stop - at;
      } else {
        masks.apply(from, at, bytes.length, bytes, 0);
        sink.bytes(bytes);
      }
      yield stop - at;
    }
  };
  if (indexes === undefined) {
    for (const chunk of flow.chunks()) if (chunk.from === from) yield* write(chunk.offset, chunk.offset + chunk.length);
    missing += Math.max(0, flow.row[from === 'client' ? 'fromClient' : 'fromUpstream'].dropped - missing);
  } else {
    const isChosen = choiceOf(indexes);
    for (const { messages } of flow.messages()) {
      for (const message of messages) {
        if (!isChosen(message) || message.from !== from) continue;
        job.report.messages += 1;
        yield* write(message.range.start, Math.min(message.range.end, flow.total(from)));
      }
      yield 0;
    }
  }
  if (0 < missing) job.report.notes.push(from === 'client' ? say`Connection ${flow.id}: ${missing} bytes of the client were not kept and are left out of its file.` : say`Connection ${flow.id}: ${missing} bytes of the upstream were not kept and are left out of its file.`);
}
