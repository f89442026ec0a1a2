// Messages of one flow on their way: what is complete and matches no rule goes on at once, what matches stops until it is decided about. Bytes keep
// their order: behind a held message everything of its speaker waits.

import type { Speaker } from '../../../shared/flow.js';
import type { HoldAction, Touch } from '../../../shared/hold.js';
import type { Message } from '../../../shared/message.js';
import { say } from '../../../shared/sentences.js';
import { FlowDissector } from '../../dissectors/flowDissector.js';
import type { DissectContext } from '../../dissectors/dissector.js';
import { epochNow } from '../clock.js';
import type { Flow } from '../flow.js';
import type { Half } from '../forward.js';
import type { Gate } from './holdPoint.js';

/** Bytes of one speaker that wait at most; beyond, it is not read until some have gone. */
export const maxWaitingBytes = 1 << 20;

/** The beginning of a message waits this long for its end, in milliseconds: a client that waits for "100 Continue" sends none before it is answered. */
const incompleteMs = 100;

/** A message that stands here. */
export interface Standing {
  readonly message: Message;
  readonly half: Half;
  readonly heldAt: number;
  readonly touch: Touch;
  /** decided, and waiting for those before it to go */
  action: HoldAction | undefined;
}

/** What a gate asks: is this one to be held, and what has become of it. */
export interface GateKeeper {
  readonly context: DissectContext;
  /** @returns whether the message stops here */
  wants(flow: Flow, message: Message, bytes: () => Uint8Array): boolean;
  stands(flow: Flow, standing: Standing): void;
  /** It has gone, or its flow is over. */
  left(flow: Flow, standing: Standing): void;
  /** The flow is over. */
  gone(flow: Flow): void;
}

interface Side {
  readonly half: Half;
  /** what waits, in order; `start` is the offset of the first byte of `pieces` */
  pieces: Uint8Array[];
  start: number;
  end: number;
  /** offset up to which messages are complete and judged */
  judged: number;
  standing: Standing[];
  /** bytes of a message whose end has not come may go since nothing followed for a while */
  isImpatient: boolean;
  hasEnded: boolean;
  /** its speaker is not read because too much waits here */
  isStopped: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class HoldGate implements Gate {
  private readonly dissector: FlowDissector;
  private readonly sides = new Map<Half, Side>();
  private isOver = false;
  /** everything passes: a dissector failed */
  private isOpen = false;

  /** @param spoken what the flow is known to speak, when the gate did not see how it began */
  constructor(private readonly flow: Flow, private readonly keeper: GateKeeper, private readonly spoken: string | undefined) {
    this.dissector = new FlowDissector(keeper.context, spoken);
  }

  get isEmpty(): boolean {
    return [...this.sides.values()].every(({ start, end }) => start === end);
  }

  push(half: Half, view: Uint8Array): void {
    const side = this.sideOf(half, view.length);
    // The wire reads into the same memory again.
    const bytes = view.slice();
    const offset = side.end;
    side.pieces.push(bytes);
    side.end += bytes.length;
    side.isImpatient = false;
    // The other side will not speak before it has heard this: nothing more comes to tell what it is.
    this.judge(() => [...this.dissector.step({ from: half.speaker, offset, bytes, at: epochNow() }), ...this.dissector.decideEarly()]);
    this.flush();
    if (!this.isFull(half)) return;
    side.isStopped = true;
    half.wire.stopReading();
  }

  keepsEnd(half: Half): boolean {
    const side = this.sides.get(half);
    if (side === undefined || this.isOver) return false;
    this.judge(() => this.dissector.end(half.speaker));
    side.judged = side.end;
    side.hasEnded = true;
    this.flush();
    // `flush` has passed the end on already when nothing was left.
    return true;
  }

  isFull(half: Half): boolean {
    const side = this.sides.get(half);
    return side !== undefined && maxWaitingBytes <= side.end - side.start;
  }

  /** @returns bytes of a message that stands here */
  read({ half, message }: Standing): Uint8Array {
    const side = this.sides.get(half);
    return side === undefined ? new Uint8Array(0) : bytesOf(side, message);
  }

  decide(standing: Standing, action: HoldAction): void {
    standing.action = action;
    this.flow.guard(() => this.flush());
  }

  /** Everything goes on, and from now on passes: rules are off. */
  openUp(): void {
    for (const side of this.sides.values()) for (const standing of side.standing) standing.action ??= { kind: 'release' };
    this.isOpen = true;
    this.flow.guard(() => this.flush());
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const side of this.sides.values()) {
      clearTimeout(side.timer);
      for (const standing of side.standing) {
        standing.touch.heldMs = epochNow() - standing.heldAt;
        this.keeper.left(this.flow, standing);
      }
      side.standing = [];
      side.pieces = [];
    }
    this.keeper.gone(this.flow);
  }

  private sideOf(half: Half, next: number): Side {
    let side = this.sides.get(half);
    if (side !== undefined) return side;
    const start = half.total - next;
    side = { half, pieces: [], start, end: start, judged: start, standing: [], isImpatient: false, hasEnded: false, isStopped: false, timer: undefined };
    this.sides.set(half, side);
    // What passed before the gate stood here was not seen. Without knowing what it was, what comes is taken as a beginning.
    if (0 < start && this.spoken !== undefined) this.judge(() => this.dissector.gap(half.speaker, 0, start, epochNow()));
    return side;
  }

  private judge(decode: () => Message[]): void {
    if (this.isOpen) return;
    let messages: Message[];
    try {
      messages = decode();
    } catch (fault) {
      this.isOpen = true;
      this.flow.note(say`A fault in decoding: from here on no message of this connection is held. Its bytes go on.`);
      this.flow.logFault(fault);
      return;
    }
    for (const message of messages) this.take(message);
  }

  private take(message: Message): void {
    const side = this.sideFrom(message.from);
    if (side === undefined) return;
    side.judged = Math.max(side.judged, Math.min(message.range.end, side.end));
    if (message.range.end <= message.range.start || message.kind === 'gap' || !this.keeper.wants(this.flow, message, () => bytesOf(side, message))) return;
    if (message.range.start < side.start) {
      this.flow.note(say`A message that was to be held (${message.summary}) went on: its beginning had gone before its end came.`);
      return;
    }
    const touch: Touch = { from: message.from, start: message.range.start, end: message.range.end, what: 'held', heldMs: 0 };
    const standing: Standing = { message, half: side.half, heldAt: epochNow(), touch, action: undefined };
    side.standing.push(standing);
    this.keeper.stands(this.flow, standing);
  }

  private sideFrom(from: Speaker): Side | undefined {
    for (const side of this.sides.values()) if (side.half.speaker === from) return side;
    return undefined;
  }

  private flush(): void {
    for (const side of this.sides.values()) this.flushSide(side);
  }

  private flushSide(side: Side): void {
    for (;;) {
      const [first] = side.standing;
      this.send(side, first === undefined ? (this.isOpen || side.isImpatient ? side.end : side.judged) : first.message.range.start);
      if (first?.action === undefined || this.isOver) break;
      side.standing.shift();
      this.carryOut(side, first, first.action);
      this.keeper.left(this.flow, first);
    }
    if (this.isOver) return;
    const isWaiting = side.start < side.end && side.standing.length === 0;
    clearTimeout(side.timer);
    side.timer = isWaiting ? setTimeout(() => this.letGo(side), incompleteMs) : undefined;
    if (side.start < side.end) return;
    if (side.hasEnded) {
      side.hasEnded = false;
      side.half.endPassed();
    } else if (side.isStopped) {
      side.isStopped = false;
      if (side.half.other?.wire.isBlocked === false) side.half.wire.startReading();
    }
  }

  private letGo(side: Side): void {
    side.isImpatient = true;
    this.flow.guard(() => this.flushSide(side));
  }

  /** Passes bytes on up to an offset. */
  private send(side: Side, until: number): void {
    while (side.start < until && !this.isOver) {
      const piece = this.takePiece(side, until);
      side.half.send(piece);
    }
  }

  private takePiece(side: Side, until: number): Uint8Array {
    const piece = side.pieces[0]!;
    const length = Math.min(piece.length, until - side.start);
    if (length === piece.length) side.pieces.shift();
    else side.pieces[0] = piece.subarray(length);
    side.start += length;
    return length === piece.length ? piece : piece.subarray(0, length);
  }

  private carryOut(side: Side, standing: Standing, action: HoldAction): void {
    const { end } = standing.message.range;
    const { touch } = standing;
    touch.heldMs = epochNow() - standing.heldAt;
    if (action.kind === 'release') {
      if (touch.what === 'held') touch.what = 'released';
      this.send(side, end);
      return;
    }
    while (side.start < end) this.takePiece(side, end);
    if (action.kind === 'drop') {
      touch.what = 'dropped';
      return;
    }
    touch.bytes = action.bytes.length;
    if (action.kind === 'replace') {
      touch.what = 'replaced';
      if (0 < action.bytes.length) side.half.send(action.bytes);
    } else {
      touch.what = 'answered';
      side.half.hear(action.bytes);
    }
  }
}

/** @returns a copy of what waits of a message */
function bytesOf(side: Side, { range }: Message): Uint8Array {
  const from = Math.max(0, range.start - side.start);
  return Uint8Array.from(Buffer.concat(side.pieces).subarray(from, Math.max(from, range.end - side.start)));
}
