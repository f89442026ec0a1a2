// Messages wait here for what belongs to them: a request is judged again with every answer, and told in its place once it fits.

import type { CaptureFlow, FlowEvent } from '../captureFlow.js';
import type { Filter } from '../filter/filter.js';
import type { Speaker } from '../../../shared/flow.js';
import type { Message } from '../../../shared/message.js';
import { KnownFlow, MessageSubject, type Exchange } from './messageSubject.js';
import { UnclaimedBytes } from './unclaimedBytes.js';

/** What waits, over all connections: messages, and bytes as estimated below. Beyond it the longest waiting are judged by what came so far. */
const maxWaiting = 20_000;
const maxWaitingBytes = 64 << 20;

/** Requests of one connection that may still get answers; as many as a dissector keeps open. */
const maxExchanges = 4096;

/** Messages that are judged together: of a result with a million rows each further row is judged with its request. */
const maxTogether = 32;

interface Waiting {
  message: Message;
  subject: MessageSubject;
  fits: boolean;
}

interface Conversation {
  exchange: Exchange;
  members: Waiting[];
}

interface FlowQueue {
  flow: CaptureFlow;
  known: KnownFlow;
  /** in the order in which they came */
  waiting: Waiting[];
  /** by index of the request */
  exchanges: Map<number, Conversation>;
  unclaimed: Record<Speaker, UnclaimedBytes>;
}

export class Judging {
  private readonly queues = new Map<number, FlowQueue>();
  /** those of which something waits, the oldest first */
  private readonly waiting = new Set<FlowQueue>();
  private count = 0;
  private bytes = 0;

  /** @param show hears of what fits, per connection in the order of its messages; @param know what is known of a connection, asked once */
  constructor(private readonly filter: Filter, private readonly show: (flow: CaptureFlow, message: Message) => void, private readonly know: (flow: CaptureFlow) => KnownFlow = (flow) => new KnownFlow(flow)) {}

  /** @param messages that became complete with the event */
  take(flow: CaptureFlow, event: FlowEvent, messages: readonly Message[]): void {
    const isKept = this.filter.usesBytes && event.kind === 'chunk';
    if (messages.length === 0 && !isKept) return;
    const queue = this.queueOf(flow);
    if (isKept) queue.unclaimed[event.from].add(event.offset, event.bytes);
    for (const message of messages) this.add(queue, message);
    this.flush(queue);
    for (const oldest of this.waiting) {
      if (this.count <= maxWaiting && this.bytes <= maxWaitingBytes) return;
      this.leave(oldest, oldest.waiting.length);
    }
  }

  /** Nothing more comes: what waits is told, or not. */
  end(flow: CaptureFlow): void {
    const queue = this.queues.get(flow.opened.flow);
    if (queue === undefined) return;
    this.leave(queue, queue.waiting.length);
    this.queues.delete(flow.opened.flow);
  }

  private queueOf(flow: CaptureFlow): FlowQueue {
    const id = flow.opened.flow;
    let queue = this.queues.get(id);
    if (queue === undefined) this.queues.set(id, (queue = { flow, known: this.know(flow), waiting: [], exchanges: new Map(), unclaimed: { client: new UnclaimedBytes(), upstream: new UnclaimedBytes() } }));
    return queue;
  }

  private add(queue: FlowQueue, message: Message): void {
    const { exchange, members } = this.conversationOf(queue, message);
    exchange.messages.push(message);
    if (this.filter.usesBytes) exchange.bytes.push(queue.unclaimed[message.from].claim(message.range));
    const entry: Waiting = { message, subject: new MessageSubject(queue.known, message, exchange), fits: false };
    members.push(entry);
    queue.waiting.push(entry);
    this.waiting.add(queue);
    this.count += 1;
    this.bytes += costOf(message);
    // What a request is without its answer ("waiting", "not problem") is known when none comes any more.
    if (message.kind === 'request' && exchange.messages.length === 1) return;
    for (const member of members) member.fits ||= this.filter.matches(member.subject);
  }

  private conversationOf({ exchanges }: FlowQueue, message: Message): Conversation {
    const asked = message.answers === undefined ? undefined : exchanges.get(message.answers);
    if (asked !== undefined) {
      const { exchange, members } = asked;
      if (exchange.messages.length < maxTogether) return asked;
      return { exchange: { messages: exchange.messages.slice(0, 1), bytes: exchange.bytes.slice(0, 1) }, members: members.slice(0, 1) };
    }
    const own: Conversation = { exchange: { messages: [], bytes: [] }, members: [] };
    if (message.kind !== 'request') return own;
    exchanges.set(message.index, own);
    for (const oldest of exchanges.keys()) {
      if (exchanges.size <= maxExchanges) break;
      exchanges.delete(oldest);
    }
    return own;
  }

  /** Tells what stands in front and fits. What does not fit yet holds up what is behind it, for a while. */
  private flush(queue: FlowQueue): void {
    const done = queue.waiting.findIndex(({ fits }) => !fits);
    this.leave(queue, done < 0 ? queue.waiting.length : done);
  }

  private leave(queue: FlowQueue, count: number): void {
    for (const { message, subject, fits } of queue.waiting.splice(0, count)) {
      this.count -= 1;
      this.bytes -= costOf(message);
      if (fits || (subject.isWaiting && this.filter.matches(subject))) this.show(queue.flow, message);
      // Answers that come later than that are judged by themselves.
      else queue.exchanges.delete(message.index);
    }
    if (queue.waiting.length === 0) this.waiting.delete(queue);
  }
}

function costOf({ range }: Message): number {
  return 1000 + range.end - range.start;
}
