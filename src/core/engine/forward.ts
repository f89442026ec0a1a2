// The hot path: one half of a flow reads from its wire, records, and writes to the other half's wire. Bytes are sacred here:
// nothing in this file decides about content.

import type { Speaker } from '../../shared/flow.js';
import type { FlowContext } from './context.js';
import type { Flow } from './flow.js';
import type { Gate } from './hold/holdPoint.js';
import { epochNow } from './clock.js';
import { ReadMemory } from './readMemory.js';
import type { Wire, WireOwner } from './wire.js';

/** What stands between a client and its upstream's ears for a while (the HTTP/2 acknowledgement filter). */
export interface ByteFilter {
  readonly isDone: boolean;
  push(view: Uint8Array): Uint8Array[];
  end(): Uint8Array[];
}

/** One speaker's side of a flow: its wire, what it has said, and where that goes. */
export class Half implements WireOwner {
  /** bytes that this speaker has sent so far */
  total = 0;
  /** bytes that the feed could not tell lens about one by one, and owes it as one record */
  untold = 0;
  /** its FIN has come */
  isEnded = false;
  /** its connection stands */
  isConnected: boolean;
  lastReadAt = 0;
  filter: ByteFilter | undefined;
  /** messages may be held here; both halves of a flow share one */
  gate: Gate | undefined;
  /** the other speaker; set once there is one */
  other: Half | undefined;
  /** flow id * 2 + (from upstream ? 1 : 0), as chunk records carry it */
  readonly key: number;

  private readonly memory: ReadMemory;
  /** read, but not recorded yet: a recording is behind and the traffic waits for it */
  private held: Uint8Array | undefined;

  constructor(
    readonly flow: Flow,
    readonly speaker: Speaker,
    readonly wire: Wire,
    private readonly context: FlowContext,
  ) {
    this.isConnected = speaker === 'client';
    this.key = flow.id * 2 + (speaker === 'client' ? 0 : 1);
    this.memory = new ReadMemory(context.buffers, context.feed.storeInUse);
    wire.owner = this;
  }

  get isLarge(): boolean {
    return this.memory.isLarge;
  }

  nextBuffer(last: number): Uint8Array | undefined {
    if (last === 0) return this.memory.first();
    if (this.held !== undefined) return undefined;
    return this.memory.next(last, this.other !== undefined && this.other.wire.isBlocked);
  }

  bytes(view: Uint8Array): void {
    const at = epochNow();
    this.total += view.length;
    this.lastReadAt = at;
    this.flow.countBytes(view.length);
    if (!this.record(view, this.memory.commit(view), at)) {
      this.held = view;
      this.wire.stopReading();
      return;
    }
    this.pass(view);
  }

  /** A fault while watching costs a note; the bytes go on. @returns false when the traffic has to wait for a recording */
  private record(view: Uint8Array, position: number | undefined, at: number): boolean {
    const { feed } = this.context;
    if (!feed.isOn || this.flow.isUnwatched) return true;
    try {
      return feed.record(this, view, position, at);
    } catch (fault) {
      this.flow.stopWatching(fault);
      return true;
    }
  }

  /** The recording has caught up. @returns false when it is behind again */
  retry(): boolean {
    const { held } = this;
    if (held === undefined || this.flow.state === 'closed') return true;
    if (!this.record(held, undefined, epochNow())) return false;
    this.held = undefined;
    this.wire.startReading();
    this.pass(held);
    return true;
  }

  ended(): void {
    if (this.gate === undefined || !this.gate.keepsEnd(this)) this.endPassed();
  }

  /** The FIN may go on: nothing that was said before it waits any more. */
  endPassed(): void {
    this.isEnded = true;
    this.flow.halfEnded(this);
  }

  drained(): void {
    const from = this.other;
    if (from === undefined) return;
    from.memory.freeRetired();
    if (from.held === undefined && from.gate?.isFull(from) !== true) this.flow.mayRead(from);
  }

  connected(): void {
    this.isConnected = true;
    this.flow.connected(this);
  }

  failed(code: string): void {
    this.flow.halfFailed(this, code);
  }

  closed(): void {
    this.flow.wireClosed();
  }

  faulted(fault: unknown): void {
    this.flow.faulted(fault);
  }

  /** Sends what this speaker has said (and was kept back) to the other side. */
  pass(view: Uint8Array): void {
    const to = this.other;
    if (to === undefined || !this.flow.isOpen) {
      this.flow.early(this, view);
      return;
    }
    if (this.flow.keepsFlight) this.flow.answered();
    if (this.gate !== undefined) this.gate.push(this, view);
    else this.send(view);
  }

  /** Puts bytes on the other side's wire. */
  send(view: Uint8Array): void {
    const to = this.other;
    if (to === undefined) return;
    if (this.filter !== undefined) this.passFiltered(this.filter, to, view);
    else if (!to.wire.write(view)) this.wire.stopReading();
  }

  /** Lets this speaker hear bytes that the other side never said. */
  hear(view: Uint8Array): void {
    if (0 < view.length && !this.wire.write(view)) this.other?.wire.stopReading();
  }

  /** Passes the FIN on, behind everything else. */
  passEnd(): void {
    const to = this.other;
    if (to === undefined) return;
    for (const piece of this.filter?.end() ?? []) to.wire.write(piece);
    to.wire.end();
  }

  /** Idle for a while with large memory: gives it up, where the wire can change over. */
  shrink(): void {
    if (this.held !== undefined || this.other?.wire.isBlocked === true || !this.memory.isLarge) return;
    if (this.wire.canReplaceBuffer) this.wire.replaceBuffer(this.memory.shrink());
  }

  /** The wire is closed: memory goes back. */
  release(): void {
    this.held = undefined;
    this.memory.release();
  }

  private passFiltered(filter: ByteFilter, to: Half, view: Uint8Array): void {
    let isTaken = true;
    for (const piece of filter.push(view)) isTaken = to.wire.write(piece) && isTaken;
    if (!isTaken) this.wire.stopReading();
    if (filter.isDone) this.filter = undefined;
  }
}
