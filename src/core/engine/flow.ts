// One accepted connection and its upstream half, from accept to the reason it ended.

import type { EndReason, FlowFacts, FlowState, ProcessFacts } from '../../shared/flow.js';
import type { Touch } from '../../shared/hold.js';
import type { ListenerRule } from '../../shared/rules.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { epochNow } from './clock.js';
import type { FlowContext } from './context.js';
import type { Deadlines } from './deadlines.js';
import { describeEnd, describeLoss, sentence } from './endings.js';
import { FirstFlight } from './firstFlight.js';
import { firstFacts, keepNote, keepTouch } from './flowFacts.js';
import { Half } from './forward.js';
import { emptySettings, h2AckFilter, type Outcome } from './inspect.js';
import { Inspection } from './inspection.js';
import type { RouteInForce, RulesInForce } from './rulesInForce.js';
import { Attempts, type AttemptFailure, type AttemptListener } from './upstreams/attempts.js';
import type { Upstream } from './upstreams/pool.js';
import { localAddress } from './upstreams/upstreamPrograms.js';
import { plainEndpoint, type Wire } from './wire.js';

/** An upstream that accepts and closes without a word within this time never took the connection; another may get the first flight. */
const closedAtOnceMs = 1000;

/** What a flow needs of the listener that accepted it. */
export interface FlowOwner {
  readonly id: string;
  readonly name: string;
  /** bytes forwarded, both directions */
  bytes: number;
  /** inspection begins (again): the deadline runs */
  inspecting(flow: Flow): void;
  /** An HTTP/2 client has heard SETTINGS from us, and may take its time for its first request. */
  awaitingRequest(flow: Flow): void;
  /** an attempt to connect begins */
  connecting(flow: Flow): void;
  /** the upstream has accepted */
  connected(flow: Flow): void;
  /** neither deadline applies any more */
  settled(flow: Flow): void;
  ended(flow: Flow): void;
}

/** The state machine: inspecting, connecting, open, closed. Its halves move the bytes. */
export class Flow implements AttemptListener {
  readonly facts: FlowFacts;
  readonly client: Half;
  upstream: Half | undefined;
  state: FlowState = 'inspecting';
  /** noted for the next batch to lens */
  isChangeNoted = false;
  isMoveNoted = false;
  /** the queue that its present deadline stands in; its listener's business */
  deadlines: Deadlines<Flow> | undefined;

  private readonly flight = new FirstFlight();
  private inspection: Inspection | undefined;
  private attempts: Attempts | undefined;
  private route: RouteInForce | undefined;
  private target: Upstream | undefined;
  /** a fault in the capture: bytes go on, unrecorded */
  isUnwatched = false;
  /** the first flight is kept for another upstream, in case this one closes at once */
  keepsFlight = false;
  private firstToEnd: Half | undefined;
  /** bytes that the other one had sent when the first one ended */
  private totalAtFirstEnd = 0;
  private closingWires = 0;
  private pendingEnd: { reason: EndReason; detail: Sentence } | undefined;
  private saysSettings = false;

  constructor(
    readonly id: number,
    private readonly owner: FlowOwner,
    private readonly rules: RulesInForce,
    private readonly context: FlowContext,
    wire: Wire,
    local: FlowFacts['local'] | undefined,
  ) {
    this.facts = firstFacts(id, owner, wire, local);
    this.client = new Half(this, 'client', wire, context);
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  get rule(): ListenerRule {
    return this.rules.rule;
  }

  get lastActivityAt(): number {
    return Math.max(this.facts.openedAt, this.client.lastReadAt, this.upstream?.lastReadAt ?? 0);
  }

  halves(): Half[] {
    return this.upstream === undefined ? [this.client] : [this.client, this.upstream];
  }

  stopWatching(fault: unknown): void {
    this.isUnwatched = true;
    this.facts.notes.push(say`A fault in the capture: from here on nothing of this connection is recorded. Its bytes go on.`);
    this.context.log('error', `Connection ${this.id} is no longer captured: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
    this.context.feed.changed(this);
  }

  countBytes(length: number): void {
    this.owner.bytes += length;
  }

  // ---- inspecting ----

  start(): void {
    this.context.feed.changed(this);
    this.inspection = new Inspection(this.rules, this.facts.client);
    this.owner.inspecting(this);
    if (this.rules.compiled.needsProcess) {
      this.context.processes.now(this.facts.client, this.facts.local).then(
        (process) => this.foundProcess(process),
        () => this.foundProcess(null), // a look-up that fails has found nothing; the route says so in the trace
      );
    }
    this.judge();
    if (this.state !== 'closed') this.client.wire.startReading();
  }

  /** Bytes from a speaker while there is nowhere to pass them yet. */
  early(half: Half, view: Uint8Array): void {
    if (half !== this.client || this.state === 'closed') return;
    const wasSilent = this.flight.size === 0;
    this.flight.append(view);
    if (this.state === 'inspecting') {
      // After a silence that nothing took, the first byte starts the time anew: half a hello must not wait for ever.
      if (wasSilent) this.owner.inspecting(this);
      this.judge();
    }
    // An upstream may take its time to accept; what the client says meanwhile is kept up to the inspection's own bound.
    if (!this.isOpen && this.rules.compiled.maxBytes <= this.flight.size) this.client.wire.stopReading();
  }

  deadlinePassed(): void {
    if (this.state === 'connecting') {
      const half = this.upstream;
      half?.wire.close();
      this.dropUpstream();
      this.attempts?.failed('ETIMEDOUT', 'connecting');
      return;
    }
    if (this.state !== 'inspecting') return;
    this.inspection?.expire(this.flight.size === 0);
    this.judge();
  }

  foundProcess(process: ProcessFacts | null): void {
    if (process !== null) {
      this.facts.process = process;
      this.context.feed.changed(this);
    }
    if (this.state !== 'inspecting') return;
    this.inspection?.found(process);
    this.guard(() => this.judge());
  }

  /** Which of several programs that share a listening socket took this connection: workers of one server do. */
  findUpstreamOwner(): void {
    const { target, upstream } = this;
    if (target === undefined || upstream === undefined || localAddress(target, upstream.wire)?.kind !== 'tcp') return;
    const [remote, local] = [plainEndpoint(upstream.wire.remote()), plainEndpoint(upstream.wire.local())];
    this.context.processes.later(remote, local, () => this.state !== 'closed', (process) => {
      if (this.facts.upstream === target.text && this.facts.upstreamProcess?.pid !== process.pid) this.foundUpstreamProcess(process);
    });
  }

  private foundUpstreamProcess(process: ProcessFacts): void {
    this.facts.upstreamProcess = process;
    this.context.feed.changed(this);
  }

  /** Looks for the upstream's program, for display. Flows that share an upstream share the look. */
  findUpstreamProgram(): void {
    const { target, upstream } = this;
    if (target === undefined || upstream === undefined) return;
    this.facts.upstreamProcess = this.context.upstreamPrograms.find(target, upstream.wire, (process) => {
      // It may have been given to another upstream meanwhile.
      if (this.facts.upstream === target.text) this.foundUpstreamProcess(process);
    });
  }

  private judge(): void {
    const { inspection } = this;
    if (inspection === undefined) return;
    const prefix = this.flight.view();
    const decision = inspection.judge(prefix);
    if (decision.kind === 'undecided') {
      if (decision.waitsForServerSettings && !this.saysSettings) this.speakAsServer();
      return;
    }
    this.noteDecision(inspection, decision.outcome, prefix);
    if (decision.kind === 'close') {
      const detail = this.facts.trace?.summary || say`No route takes these bytes, and the listener has no default.`;
      const hasLeft = this.client.isEnded && this.flight.size === 0;
      this.endBoth(hasLeft ? 'clientLeftWhileInspected' : 'noRoute', hasLeft ? say`The client closed the connection before it said anything.` : sentence(detail));
      return;
    }
    this.route = decision.route;
    this.facts.route = decision.route.name;
    decision.route.counts.live++;
    decision.route.counts.total++;
    this.state = 'connecting';
    // A look-up of the upstream's name counts as part of connecting.
    this.owner.connecting(this);
    const { dialer, sockets } = this.context;
    this.attempts = new Attempts(decision.route.pool, dialer, sockets, epochNow, this);
    this.attempts.start();
  }

  private noteDecision(inspection: Inspection, outcome: Outcome, prefix: Uint8Array): void {
    this.inspection = undefined;
    this.owner.settled(this);
    this.facts.decidedAt = epochNow();
    if (this.context.feed.isOn || outcome.kind === 'close') this.facts.trace = inspection.trace(outcome, prefix, this.facts.decidedAt - this.facts.openedAt);
    this.context.feed.changed(this);
  }

  /** A gRPC client may wait for the server's SETTINGS before it says what a route wants to know: it gets empty ones (RFC 9113 §3.4 lets a server send them first). */
  private speakAsServer(): void {
    this.saysSettings = true;
    this.client.filter = h2AckFilter();
    this.client.wire.write(emptySettings);
    this.owner.awaitingRequest(this);
    this.facts.notes.push(say`Port Prism sent the client an empty HTTP/2 SETTINGS frame, since it waited for one before its first request, and keeps the client's acknowledgement of it from the upstream.`);
    this.context.feed.changed(this);
  }

  // ---- connecting ----

  trying(wire: Wire, upstream: Upstream): void {
    if (this.state === 'closed') {
      wire.close();
      return;
    }
    this.leaveUpstream();
    this.target = upstream;
    upstream.live++;
    this.facts.upstream = upstream.text;
    this.upstream = new Half(this, 'upstream', wire, this.context);
    this.owner.connecting(this);
  }

  upstreamFailed(upstream: Upstream, failure: AttemptFailure): void {
    this.facts.failedUpstreams.push({ upstream: upstream.text, reason: failure.detail });
    this.context.feed.changed(this);
  }

  exhausted(last: AttemptFailure): void {
    this.endBoth(last.reason, last.detail);
  }

  connected(half: Half): void {
    if (this.state !== 'connecting' || half !== this.upstream) return;
    this.owner.settled(this);
    this.target?.accepted();
    this.state = 'open';
    this.facts.connectedAt = epochNow();
    this.owner.connected(this);
    this.keepsFlight = this.attempts?.hasMore === true;
    const { client } = this;
    client.other = half;
    half.other = client;
    this.mayHold();
    half.wire.startReading();
    if (0 < this.flight.size) this.replay(half);
    if (this.state !== 'open') return;
    if (client.isEnded) client.passEnd();
    else if (!half.wire.isBlocked) client.wire.startReading();
    this.context.feed.changed(this);
  }

  /** The first flight goes to the upstream once, before anything that comes later. */
  private replay(half: Half): void {
    const { client } = this;
    const view = this.flight.view();
    if (client.gate !== undefined) {
      // What is held or changed here belongs to this upstream: no other one gets the first flight.
      this.keepsFlight = false;
      client.gate.push(client, view);
      this.flight.clear();
      return;
    }
    const pieces = client.filter === undefined ? [view] : client.filter.push(view);
    let isTaken = true;
    for (const piece of pieces) isTaken = half.wire.write(piece) && isTaken;
    if (!isTaken) client.wire.stopReading();
    if (client.filter?.isDone === true) client.filter = undefined;
    if (!this.keepsFlight) this.flight.clear();
  }

  /** Someone spoke after the first flight: it is with the upstream for good. */
  answered(): void {
    this.keepsFlight = false;
    this.flight.clear();
  }

  /** Another upstream gets the first flight when this one accepted and closed without a word. @returns whether it does */
  private retryElsewhere(half: Half): boolean {
    const { connectedAt } = this.facts;
    if (half !== this.upstream || !this.keepsFlight || 0 < half.total || connectedAt === undefined) return false;
    if (closedAtOnceMs < epochNow() - connectedAt) return false;
    half.wire.close();
    this.dropUpstream();
    this.state = 'connecting';
    // The filter has seen the first flight already; the next upstream needs it from the start.
    if (this.saysSettings) this.client.filter = h2AckFilter();
    this.attempts?.failed('ECONNRESET', 'afterAccept');
    return true;
  }

  // ---- open ----

  /** Directions that have read nothing since `before` give large memory back. */
  shrink(before: number): void {
    for (const half of this.halves()) if (half.isLarge && half.lastReadAt < before) half.shrink();
  }

  /** From here on messages may be held: a gate stands between the halves while rules are in force. */
  mayHold(): void {
    const { holds } = this.context;
    if (holds === undefined || this.state !== 'open') return;
    const gate = holds.open(this);
    for (const half of this.halves()) half.gate = gate;
  }

  /** Nothing is held any more: bytes take the short way again. */
  stopHolding(): void {
    for (const half of this.halves()) half.gate = undefined;
  }

  /** Something was done to what a speaker said; every view tells. */
  touched(touch: Touch): void {
    keepTouch(this.facts, touch);
    this.context.feed.changed(this);
  }

  note(text: Sentence): void {
    if (keepNote(this.facts, text)) this.context.feed.changed(this);
  }

  logFault(fault: unknown): void {
    this.context.log('error', `Connection ${this.id}: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
  }

  /** The side that `half` speaks to has room again. */
  mayRead(half: Half): void {
    if (this.state === 'open') half.wire.startReading();
  }

  halfEnded(half: Half): void {
    if (this.state === 'inspecting') {
      this.inspection?.end();
      this.judge();
      return;
    }
    if (this.state !== 'open' || half.other === undefined) return;
    if (this.retryElsewhere(half)) return;
    const { other } = half;
    if (!other.isEnded) {
      this.firstToEnd = half;
      this.totalAtFirstEnd = other.total;
      half.passEnd();
      return;
    }
    const first = this.firstToEnd ?? other;
    this.finish(describeEnd(first.speaker, half.total - this.totalAtFirstEnd, this.target?.text ?? ''));
  }

  halfFailed(half: Half, code: string): void {
    if (this.state === 'closed') return;
    if (half === this.upstream && this.state === 'connecting') {
      this.dropUpstream();
      this.attempts?.failed(code, 'connecting');
      return;
    }
    if (half === this.upstream && this.retryElsewhere(half)) return;
    const { reason, detail } = describeLoss(half.speaker, code, this.target?.text ?? '', this.isOpen);
    this.endNow(reason, detail, 'reset');
  }

  // ---- ending ----

  /** Ends at once, whatever is under way; the other side is reset when one was. */
  endNow(reason: EndReason, detail: Sentence, how: 'close' | 'reset'): void {
    if (this.state === 'closed') return;
    for (const half of this.halves()) {
      if (how === 'reset') half.wire.reset();
      else half.wire.close();
    }
    this.settle(reason, detail);
  }

  /** A bug of ours while handling this flow: it ends, the others go on. */
  faulted(fault: unknown): void {
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    this.context.log('error', `Connection ${this.id} ended because of a fault in Port Prism: ${text}`);
    this.endNow('engineFailed', say`A fault in Port Prism ended this connection; the log has the details.`, 'reset');
  }

  /** A wire that was still sending has finished, or lost its peer while it was at it. */
  wireClosed(): void {
    if (this.closingWires === 0 || --this.closingWires !== 0 || this.pendingEnd === undefined) return;
    this.settle(this.pendingEnd.reason, this.pendingEnd.detail);
  }

  /** Both have ended: what is under way goes out first. */
  private finish(end: { reason: EndReason; detail: Sentence }): void {
    this.endPolitely(end.reason, end.detail, this.halves());
  }

  /** The client is told by FIN that nothing comes; there is no upstream to tell. */
  private endBoth(reason: EndReason, detail: Sentence): void {
    this.dropUpstream();
    this.endPolitely(reason, detail, [this.client]);
  }

  private endPolitely(reason: EndReason, detail: Sentence, halves: Half[]): void {
    if (this.state === 'closed' || this.pendingEnd !== undefined) return;
    this.pendingEnd = { reason, detail };
    this.closingWires = 1;
    for (const half of halves) if (!half.wire.closeWhenSent()) this.closingWires++;
    this.wireClosed();
  }

  private settle(reason: EndReason, detail: Sentence): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.inspection = undefined;
    this.attempts?.stop();
    this.facts.closedAt = epochNow();
    this.facts.endReason = reason;
    this.facts.endDetail = detail;
    this.client.gate?.close();
    for (const half of this.halves()) half.release();
    this.leaveUpstream();
    if (this.route !== undefined) this.route.counts.live--;
    this.owner.ended(this);
    this.context.feed.changed(this);
  }

  private dropUpstream(): void {
    this.upstream?.release();
    this.upstream = undefined;
    this.client.other = undefined;
    this.leaveUpstream();
  }

  private leaveUpstream(): void {
    if (this.target !== undefined) this.target.live--;
    this.target = undefined;
  }

  /** Runs a step that comes from elsewhere than a wire; its fault stays with this flow. */
  guard(action: () => void): void {
    try {
      action();
    } catch (fault) {
      this.faulted(fault);
    }
  }
}
