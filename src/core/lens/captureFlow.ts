// One connection of a capture file: its events become messages, counts and facts. Its dissector's own faults end its decoding, not the file's.

import type { Classification, Speaker } from '../../shared/flow.js';
import type { Message } from '../../shared/message.js';
import type { CaptureEvent, PacketEndReason } from '../capture/captureEvents.js';
import { readRecordedComment, type RecordedFacts } from '../capture/recordedComment.js';
import type { DissectContext } from '../dissectors/dissector.js';
import { FlowDissector } from '../dissectors/index.js';
import { classify, classifyBytes } from '../protocols/index.js';

/** Comments that are kept of a connection; ours has three or four. */
const maxComments = 20;

export type Opened = Extract<CaptureEvent, { kind: 'opened' }>;
export type FlowEvent = Exclude<CaptureEvent, { kind: 'finished' } | { kind: 'opened' }>;

export interface Missing {
  count: number;
  bytes: number;
}

/** The first bytes of a speaker, up to the first gap. */
interface Head {
  bytes: Uint8Array;
  length: number;
  isComplete: boolean;
}

export class CaptureFlow {
  /** bytes that are in the file */
  readonly bytes: Record<Speaker, number> = { client: 0, upstream: 0 };
  readonly gaps: Record<Speaker, Missing> = { client: { count: 0, bytes: 0 }, upstream: { count: 0, bytes: 0 } };
  readonly comments: string[] = [];
  /** what the comments say, in a recording of ours */
  readonly recorded: RecordedFacts = {};
  lastAt: number;
  reason: PacketEndReason | undefined;
  messageCount = 0;
  /** why its messages end before its bytes do: a fault of Port Prism */
  fault: unknown;
  private first: 'client' | 'server' | undefined;
  private readonly heads: Record<Speaker, Head> = { client: emptyHead(), upstream: emptyHead() };
  private readonly dissector: FlowDissector;

  constructor(readonly opened: Opened, context: DissectContext) {
    this.lastAt = opened.startedAt;
    this.dissector = new FlowDissector(context);
  }

  /** @returns messages that are complete with this event */
  take(event: FlowEvent): Message[] {
    this.lastAt = event.at;
    switch (event.kind) {
      case 'chunk':
        this.bytes[event.from] += event.bytes.length;
        this.first ??= event.from === 'client' ? 'client' : 'server';
        append(this.heads[event.from], event.bytes);
        return this.decode(() => this.dissector.step(event));
      case 'gap':
        this.gaps[event.from].count += 1;
        this.gaps[event.from].bytes += event.length;
        this.heads[event.from].isComplete = true;
        return this.decode(() => this.dissector.gap(event.from, event.offset, event.length, event.at));
      case 'ended':
        return this.decode(() => this.dissector.end(event.from));
      case 'closed':
        this.reason = event.reason;
        return this.decode(() => [...this.dissector.end('client'), ...this.dissector.end('upstream')]);
      case 'comment':
        if (this.comments.length < maxComments) this.comments.push(event.text);
        readRecordedComment(event.text, this.recorded);
        return [];
    }
  }

  /** What is spoken, as far as its bytes tell; layers may have been added by what was decoded inside. */
  classification(): Classification {
    const [client, upstream] = [headOf(this.heads.client), headOf(this.heads.upstream)];
    // Who speaks first is not known of a connection whose beginning is missing.
    const { protocol, layers, by, why } = classify(client, upstream, this.opened.isPartial ? undefined : this.first);
    const decoded = this.dissector.layers;
    return { protocol, layers: layers.length < decoded.length ? [...decoded] : layers, by, why };
  }

  private decode(work: () => Message[]): Message[] {
    if (this.fault !== undefined) return [];
    try {
      const messages = work();
      this.messageCount += messages.length;
      return messages;
    } catch (fault) {
      // A bug of a dissector: this flow is marked and told with its stack, the others go on.
      this.fault = fault ?? new Error('nothing was thrown');
      return [];
    }
  }
}

function emptyHead(): Head {
  return { bytes: new Uint8Array(0), length: 0, isComplete: false };
}

function append(head: Head, bytes: Uint8Array): void {
  if (head.isComplete) return;
  const length = Math.min(head.length + bytes.length, classifyBytes);
  if (head.bytes.length < length) {
    const longer = new Uint8Array(Math.min(classifyBytes, length * 2));
    longer.set(headOf(head));
    head.bytes = longer;
  }
  head.bytes.set(bytes.subarray(0, length - head.length), head.length);
  head.length = length;
  head.isComplete = length === classifyBytes;
}

function headOf({ bytes, length }: Head): Uint8Array {
  return bytes.subarray(0, length);
}
