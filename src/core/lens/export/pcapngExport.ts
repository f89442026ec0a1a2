// pcapng for Wireshark: every flow dressed as TCP packets, all of them in the order of time, secrets overwritten in place.

import { say } from '../../../shared/sentences.js';
import { FlowPackets } from '../../capture/flowPackets.js';
import { PcapngWriter } from '../../capture/pcapng.js';
import { TcpPackets } from '../../capture/pcapngTcp.js';
import type { Sink } from './fileSink.js';
import type { Piece } from './httpExchange.js';
import { masksOf, type Job, type Steps } from './job.js';
import { choiceOf, type Selected } from './selection.js';
import { standsAlone } from './standAlone.js';
import type { WireMasks } from './wireMasks.js';

/** What of a flow goes into the file. */
interface Part {
  selected: Selected;
  masks: WireMasks;
  /** in order, per speaker; undefined = all of it */
  wanted: Record<'client' | 'upstream', Piece[]> | undefined;
  messages: number;
}

export function* pcapngSteps(job: Job, sink: Sink): Steps {
  const parts: Part[] = [];
  for (const selected of job.selected) parts.push(yield* partOf(job, selected));
  const writer = new PcapngWriter((blocks) => sink.bytes(blocks));
  const tcp = new TcpPackets(writer);
  const queue = new Queue();
  for (const part of parts) queue.add(conversation(job, tcp, part));
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    queue.add(next.steps);
    yield next.bytes;
  }
  writer.flush();
  job.report.messages = writer.packets;
}

function* partOf(job: Job, selected: Selected): Generator<number, Part> {
  const masks = yield* masksOf(job, selected);
  const part: Part = { selected, masks, wanted: undefined, messages: 0 };
  const { flow, indexes } = selected;
  if (indexes === undefined) return part;
  const { layers } = flow.row.classification;
  if (!standsAlone(layers)) {
    job.report.notes.push(say`Connection ${flow.id} is there as a whole: of ${layers.join(' in ') || say`an unknown protocol`} single messages could not be read.`);
    return part;
  }
  const wanted: Record<'client' | 'upstream', Piece[]> = { client: [], upstream: [] };
  const isChosen = choiceOf(indexes);
  for (const { messages, bytes } of flow.messages()) {
    for (const message of messages) {
      if (!isChosen(message)) continue;
      part.messages += 1;
      const own = wanted[message.from];
      const last = own.at(-1);
      if (last !== undefined && last.end === message.range.start) last.end = message.range.end;
      else own.push({ ...message.range });
    }
    yield bytes;
  }
  return { ...part, wanted };
}

/** Says when its next packet is due, and writes it when it is asked to go on. */
function* conversation(job: Job, tcp: TcpPackets, { selected, masks, wanted, messages }: Part): Conversation {
  const { flow } = selected;
  const facts = job.masking.facts(flow.row);
  const comments = [
    0 < masks.count ? `${masks.count} secrets are masked with stars.` : '',
    wanted === undefined ? '' : `${messages} of its messages are in this file, without what was between them.`,
  ];
  let time = facts.openedAt;
  yield { at: time, bytes: 0 };
  const packets = new FlowPackets(tcp, facts, [0, 0], comments.filter((text) => text !== '').join(' '));
  const seen = { client: 0, upstream: 0 };
  const nextWanted = { client: 0, upstream: 0 };
  let walked = 0;
  for (const chunk of flow.chunks()) {
    const { from, offset, length } = chunk;
    time = Math.max(time, chunk.at);
    yield { at: time, bytes: walked };
    walked = length;
    if (wanted === undefined) {
      // What the index has let go.
      if (seen[from] < offset) packets.skip(from, offset - seen[from]);
      seen[from] = offset + length;
      packets.chunk(facts, from, time, length, reading(chunk, masks, 0));
      continue;
    }
    const own = wanted[from];
    while (nextWanted[from] < own.length && own[nextWanted[from]]!.end <= offset) nextWanted[from] += 1;
    for (let index = nextWanted[from]; index < own.length && own[index]!.start < offset + length; index++) {
      const start = Math.max(own[index]!.start, offset);
      packets.chunk(facts, from, time, Math.min(own[index]!.end, offset + length) - start, reading(chunk, masks, start - offset));
    }
  }
  if (flow.row.state !== 'closed') return;
  yield { at: Math.max(time, facts.closedAt ?? flow.row.lastActivityAt), bytes: walked };
  packets.end(facts, Math.max(time, facts.closedAt ?? flow.row.lastActivityAt));
}

function reading({ from, offset, read }: { from: 'client' | 'upstream'; offset: number; read(start: number, length: number, into: Uint8Array, at: number): boolean }, masks: WireMasks, skipped: number) {
  return (start: number, length: number, into: Uint8Array, at: number): boolean => {
    if (!read(skipped + start, length, into, at)) return false;
    masks.apply(from, offset + skipped + start, length, into, at);
    return true;
  };
}

interface Due {
  /** epoch milliseconds of what is written next */
  at: number;
  /** bytes of traffic written with what came before */
  bytes: number;
}

type Conversation = Generator<Due, void>;

/** Conversations by the time of their next packet: a binary heap. */
class Queue {
  private readonly heap: { due: Due; steps: Conversation; order: number }[] = [];
  private order = 0;

  /** Lets it write what was due, and puts it back until its next packet is. */
  add(steps: Conversation): void {
    const { value, done } = steps.next();
    if (done === true) return;
    const entry = { due: value, steps, order: this.order++ };
    let at = this.heap.push(entry) - 1;
    while (0 < at) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, this.heap[parent]!)) break;
      this.heap[at] = this.heap[parent]!;
      at = parent;
    }
    this.heap[at] = entry;
  }

  take(): { steps: Conversation; bytes: number } | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (first !== last) {
      let at = 0;
      for (;;) {
        let child = at * 2 + 1;
        if (this.heap.length <= child) break;
        if (child + 1 < this.heap.length && isBefore(this.heap[child + 1]!, this.heap[child]!)) child += 1;
        if (!isBefore(this.heap[child]!, last)) break;
        this.heap[at] = this.heap[child]!;
        at = child;
      }
      this.heap[at] = last;
    }
    return { steps: first.steps, bytes: first.due.bytes };
  }
}

function isBefore(a: { due: Due; order: number }, b: { due: Due; order: number }): boolean {
  return a.due.at < b.due.at || (a.due.at === b.due.at && a.order < b.order);
}
