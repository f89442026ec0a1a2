// A conversation as text for a file, piece by piece: who said what when, as text, as a hex dump, or as lines of decoded messages. Nothing of it
// is held longer than a piece.

import type { ChunkRow, Speaker } from '../../shared/flow.js';
import type { LensClient } from '../services.js';

export interface FollowChoice {
  flow: number;
  form: 'text' | 'hex' | 'decoded';
  from: 'both' | Speaker;
}

/** Chunks and messages in one question, and bytes in one: lens hands out at most 1,000 rows and 256 KiB. */
const pageRows = 500;
const maxReadBytes = 256 * 1024;
const lineBytes = 16;
/** Controls that a terminal would carry out, all but tab and line ends, and marks of direction: a file is looked at in one sooner or later. */
const unsafe = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

type Decoder = InstanceType<typeof TextDecoder>;

/** @returns pieces of text in order; ends early when the flow is no longer kept */
export async function* followText(lens: Pick<LensClient, 'request'>, choice: FollowChoice): AsyncGenerator<string> {
  const { openedAt } = await lens.request('flows/get', { id: choice.flow });
  if (choice.form === 'decoded') yield* decodedLines(lens, choice, openedAt);
  else yield* spoken(lens, choice, openedAt);
}

async function* decodedLines(lens: Pick<LensClient, 'request'>, { flow, from }: FollowChoice, openedAt: number): AsyncGenerator<string> {
  for (let start = 0; ; ) {
    const { rows, total } = await lens.request('messages/list', { flow, start, count: pageRows });
    for (const row of rows) {
      if (from !== 'both' && row.from !== from) continue;
      const took = row.latencyMs === undefined ? '' : `  (${row.latencyMs.toFixed(1)} ms)`;
      yield `${seconds(row.startedAt - openedAt)} ${arrow(row.from)} ${row.protocol}  ${safe(row.summary)}${took}\n`;
    }
    start += rows.length;
    if (rows.length === 0 || total <= start) return;
  }
}

async function* spoken(lens: Pick<LensClient, 'request'>, choice: FollowChoice, openedAt: number): AsyncGenerator<string> {
  const { flow, from } = choice;
  // A character may be cut by a chunk: each side's decoder keeps the rest for the next one.
  const decoders: Record<Speaker, Decoder> = { client: new TextDecoder('utf-8', { ignoreBOM: true }), upstream: new TextDecoder('utf-8', { ignoreBOM: true }) };
  let speaker: Speaker | undefined;
  for (let start = 0; ; ) {
    const { rows, first, total } = await lens.request('chunks/list', { flow, start, count: pageRows });
    if (start === 0 && 0 < first) yield `[${first} older pieces are no longer kept]\n`;
    for (const chunk of rows) {
      if (from !== 'both' && chunk.from !== from) continue;
      if (chunk.from !== speaker) yield `${speaker === undefined ? '' : '\n'}--- ${chunk.from} ${arrow(chunk.from)} after ${seconds(chunk.at - openedAt).trim()} ---\n`;
      speaker = chunk.from;
      yield* chunkText(lens, choice, chunk, decoders[chunk.from]);
    }
    start = Math.max(start, first) + rows.length;
    if (rows.length === 0 || total <= start) break;
  }
  if (choice.form === 'text') yield '\n';
}

async function* chunkText(lens: Pick<LensClient, 'request'>, { flow, form }: FollowChoice, chunk: ChunkRow, decoder: Decoder): AsyncGenerator<string> {
  const end = chunk.offset + chunk.length;
  for (let at = chunk.offset; at < end; ) {
    const { bytes, gaps } = await lens.request('bytes/read', { flow, from: chunk.from, start: at, length: Math.min(maxReadBytes, end - at) });
    if (bytes.length === 0) return;
    let done = at;
    const stop = at + bytes.length;
    for (const gap of [...gaps, { start: stop, end: stop }]) {
      const [gapStart, gapEnd] = [Math.max(done, gap.start), Math.min(stop, gap.end)];
      const kept = bytes.subarray(done - at, gapStart - at);
      if (0 < kept.length) yield form === 'text' ? safe(decoder.decode(kept, { stream: true })) : dump(kept, done);
      if (gapStart < gapEnd) yield `\n[${gapEnd - gapStart} bytes were overwritten by newer traffic]\n`;
      done = Math.max(done, gapEnd);
    }
    at = stop;
  }
}

function dump(bytes: Uint8Array, offset: number): string {
  let lines = '';
  for (let start = 0; start < bytes.length; start += lineBytes) {
    const part = bytes.subarray(start, start + lineBytes);
    const hex = Array.from(part, (byte, at) => `${at === lineBytes / 2 ? ' ' : ''}${byte.toString(16).padStart(2, '0')}`).join(' ');
    const text = Array.from(part, (byte) => (0x20 <= byte && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines += `${(offset + start).toString(16).padStart(8, '0')}  ${hex.padEnd(3 * lineBytes)}  ${text}\n`;
  }
  return lines;
}

function safe(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

function arrow(from: Speaker): string {
  return from === 'client' ? '→' : '←';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`.padStart(10);
}
