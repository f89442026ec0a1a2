// What `port-prism decode --filter` and recordings by filter judge: a message with what belongs to its exchange, or a connection without messages.

import type { CaptureFlow } from '../captureFlow.js';
import type { FieldSelector, Subject } from '../filter/subject.js';
import { someFieldOf, worstOf } from '../filter/wholeMessage.js';
import { namesOfEnd } from '../ledger/flowNames.js';
import type { Speaker } from '../../../shared/flow.js';
import type { Message, MessageKind, Severity } from '../../../shared/message.js';
import { programName } from '../../../shared/programName.js';

/** A request and its answers so far; any other message alone. */
export interface Exchange {
  /** in the order in which they came; never empty */
  readonly messages: Message[];
  /** bytes of each on the wire, where the filter asks for them */
  readonly bytes: Uint8Array[];
}

/** What is the same for every message of a connection: made once. */
export class KnownFlow {
  private readonly clientNames: readonly string[];
  private readonly server: readonly string[];

  constructor(readonly flow: CaptureFlow) {
    this.clientNames = namesOfEnd(flow.opened.client);
    this.server = namesOfEnd(flow.opened.server);
  }

  get client(): readonly string[] {
    return this.clientNames;
  }

  /** names and ids of debug sessions; none in a file */
  get session(): readonly string[] {
    return [];
  }

  get upstream(): readonly string[] {
    const { upstream } = this.flow.recorded;
    return upstream === undefined ? this.server : [...this.server, upstream];
  }
}

/** A connection by itself: no comparison with what only a message has holds. */
export class FlowSubject implements Subject {
  constructor(private readonly known: KnownFlow) {}

  get flowId(): number {
    return this.known.flow.opened.flow;
  }

  get client(): readonly string[] {
    return this.known.client;
  }

  get upstream(): readonly string[] {
    return this.known.upstream;
  }

  get listener(): string | undefined {
    return this.known.flow.recorded.listener;
  }

  get route(): string | undefined {
    return this.known.flow.recorded.route;
  }

  get program(): readonly string[] {
    const { process } = this.known.flow.recorded;
    return process === undefined ? [] : [programName(process), process.name, process.commandLine];
  }

  get pid(): number | undefined {
    return this.known.flow.recorded.process?.pid;
  }

  get session(): readonly string[] {
    return this.known.session;
  }

  get stream(): number | undefined {
    return undefined;
  }

  get startedAt(): number {
    return this.known.flow.opened.startedAt;
  }

  get isMarked(): boolean {
    return false;
  }

  get protocols(): readonly string[] {
    return this.flowProtocols;
  }

  get flowProtocols(): readonly string[] {
    const { protocol, layers } = this.known.flow.classification();
    return [...new Set([protocol, ...layers])];
  }

  get from(): Speaker | undefined {
    return undefined;
  }

  get kind(): MessageKind | undefined {
    return undefined;
  }

  get summaries(): readonly string[] {
    return [];
  }

  get latencyMs(): number | undefined {
    return undefined;
  }

  get durationMs(): number | undefined {
    return undefined;
  }

  get bytes(): number | undefined {
    return undefined;
  }

  get isWaiting(): boolean {
    return false;
  }

  get severity(): Severity | undefined {
    return undefined;
  }

  someProblem(_test: (text: string) => boolean): boolean {
    return false;
  }

  someField(_selector: FieldSelector, _test: (text: string, value: number | boolean | undefined) => boolean): boolean {
    return false;
  }

  someBytes(_test: (bytes: Uint8Array) => boolean): boolean {
    return false;
  }
}

/** A message as its exchange; speaker and kind are its own, so that `kind == answer` leaves the answers of an exchange that fits. */
export class MessageSubject extends FlowSubject {
  constructor(known: KnownFlow, private readonly message: Message, private readonly exchange: Exchange) {
    super(known);
  }

  override get stream(): number | undefined {
    return this.message.stream;
  }

  override get startedAt(): number {
    return this.exchange.messages[0]!.startedAt;
  }

  override get protocols(): readonly string[] {
    return [this.message.protocol];
  }

  override get from(): Speaker {
    return this.message.from;
  }

  override get kind(): MessageKind {
    return this.message.kind;
  }

  override get summaries(): readonly string[] {
    return this.exchange.messages.map(({ summary }) => summary);
  }

  override get latencyMs(): number | undefined {
    return this.exchange.messages.find(({ latencyMs }) => latencyMs !== undefined)?.latencyMs;
  }

  override get durationMs(): number {
    const { messages } = this.exchange;
    return Math.max(0, messages.at(-1)!.endedAt - messages[0]!.startedAt);
  }

  override get bytes(): number {
    return this.exchange.messages.reduce((sum, { range }) => sum + range.end - range.start, 0);
  }

  override get isWaiting(): boolean {
    return this.exchange.messages.length === 1 && this.message.kind === 'request';
  }

  override get severity(): Severity | undefined {
    return worstOf(this.exchange.messages);
  }

  override someProblem(test: (text: string) => boolean): boolean {
    return this.exchange.messages.some(({ problems }) => problems.some(({ text }) => test(text)));
  }

  override someField(selector: FieldSelector, test: (text: string, value: number | boolean | undefined) => boolean): boolean {
    return this.exchange.messages.some((message) => someFieldOf(message, selector, test));
  }

  override someBytes(test: (bytes: Uint8Array) => boolean): boolean {
    return this.exchange.bytes.some(test);
  }
}
