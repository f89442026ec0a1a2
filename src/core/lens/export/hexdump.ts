// Bytes as `hexdump -C` shows them, message by message. `text2pcap -D -t "%Y-%m-%d %H:%M:%S.%f" -T 40000,80` makes packets of it again.

import type { Sink } from './fileSink.js';
import type { Job, Steps } from './job.js';
import { masksOf } from './job.js';
import { choiceOf } from './selection.js';

/** text2pcap makes a packet of each piece, and packets end at 65,535 bytes. */
const pieceBytes = 32 << 10;

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function* hexdumpSteps(job: Job, sink: Sink): Steps {
  for (const selected of job.selected) {
    const masks = yield* masksOf(job, selected);
    const { flow, indexes } = selected;
    const { listenerName, classification } = flow.row;
    sink.text(`# Connection ${flow.id}, listener ${oneLine(listenerName)}, ${classification.layers.join(' > ') || classification.protocol}. O: from the client, I: from the upstream.\n`);
    const isChosen = choiceOf(indexes);
    for (const { messages, bytes: walked } of flow.messages()) {
      for (const message of messages) {
        if (!isChosen(message)) continue;
        const { from, range, index, summary, startedAt } = message;
        job.report.messages += 1;
        sink.text(`\n# ${index}: bytes ${range.start}-${range.end} of the ${from}: ${oneLine(job.masking.quietly(summary))}\n`);
        for (let start = range.start; start < Math.min(range.end, flow.total(from)); start += pieceBytes) {
          const bytes = flow.read(from, start, Math.min(range.end, start + pieceBytes));
          if (bytes === undefined) {
            sink.text(`# ${Math.min(range.end, start + pieceBytes) - start} bytes were not kept.\n`);
            continue;
          }
          masks.apply(from, start, bytes.length, bytes, 0);
          sink.text(`${from === 'client' ? 'O' : 'I'} ${timeOf(startedAt)}\n${hexLines(bytes)}`);
        }
      }
      yield walked;
    }
    sink.text('\n');
  }
}

/** @returns lines of sixteen bytes: offset, hex, and what is ASCII of it */
export function hexLines(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 16) {
    const end = Math.min(start + 16, bytes.length);
    let line = `${start.toString(16).padStart(8, '0')} `;
    let ascii = '';
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      line += `${at - start === 8 ? '  ' : ' '}${hex[byte]}`;
      ascii += 0x20 <= byte && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    text += `${line.padEnd(58)}  |${ascii}|\n`;
  }
  return text;
}

/** UTC with microseconds. */
function timeOf(at: number): string {
  const whole = Math.floor(at);
  const date = new Date(whole).toISOString();
  return `${date.slice(0, 10)} ${date.slice(11, 23)}${String(Math.floor((at - whole) * 1000)).padStart(3, '0')}`;
}

/** A line of its own may not become two. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '.');
}
