// What one side of a TCP connection said, put in order: retransmissions and overlaps once, early segments when their turn comes, and what
// never comes as a gap.

import type { Speaker } from '../../shared/flow.js';
import type { CaptureEvent } from './captureEvents.js';
import type { Segment } from './ipPacket.js';

/** Early bytes that one side of one connection may hold back; beyond it the hole before them is given up. Larger than the receive windows of most connections. */
export const maxHeldBytes = 1 << 20;
/** The same in pieces: small ones cost more memory than their bytes. */
export const maxHeldPieces = 4096;
/** The same over all connections of a file. */
export const maxHeldBytesOfAll = 64 << 20;
/**
 * Packets of a connection that may still come before a hole is given up that the other side has acknowledged: the bytes did arrive, so the
 * capture lost them, unless it only put packets out of order.
 */
export const patiencePackets = 64;

/** The largest window there is (RFC 7323 §2.3): nothing older than this is sent again, so what seems older is ahead. */
const maxWindowBytes = 2 ** 30;

/** Early bytes, or what is known to be missing of a packet that was cut. */
interface Piece {
  position: number;
  length: number;
  bytes: Uint8Array | undefined;
  /** of its first byte in the file; -1 = its bytes stand there in pieces */
  source: number;
  at: number;
}

/** Of a segment: what it carries. */
type Payload = Pick<Segment, 'bytes' | 'origin' | 'start' | 'end' | 'length'>;

/** Bytes held by all halves of a file. */
export interface HeldBytes {
  total: number;
}

export class TcpHalf {
  /** sequence number of the byte at `offset` */
  private next = 0;
  /** bytes told so far, gaps included */
  private offset = 0;
  /** the first sequence number is known; until then positions count from the first that was seen */
  private isSettled = false;
  private hasSeen = false;
  /** in order, without overlap */
  private held: Piece[] = [];
  private heldBytes = 0;
  /** position of the FIN, once it came */
  private endsAt = Infinity;
  /** how far the other side has acknowledged */
  private acknowledged = -Infinity;
  private firstAcknowledged = Infinity;
  private waited = 0;
  private lastAt = 0;

  /** its FIN was reached: it says no more */
  hasEnded = false;

  constructor(private readonly flow: number, private readonly from: Speaker, private readonly allHeld: HeldBytes, private readonly tell: (event: CaptureEvent) => void) {}

  /** Something was told of it, or waits. */
  get hasSpoken(): boolean {
    return 0 < this.offset || 0 < this.held.length || this.hasEnded;
  }

  /** It spoke, or the other side spoke of it. */
  get isHeardOf(): boolean {
    return this.hasSeen;
  }

  /** Distance of a sequence number from the first byte that was seen; only for a half that has spoken little. */
  distanceFromStart(sequence: number): number {
    return this.positionOf(sequence);
  }

  /** The first byte has this sequence number. */
  begin(sequence: number): void {
    if (this.isSettled && this.hasSpoken) return;
    if (this.hasSeen) this.rebase(this.positionOf(sequence));
    else this.next = sequence;
    this.hasSeen = this.isSettled = true;
    this.drain();
  }

  /** The other side has everything before this number. */
  acknowledge(sequence: number): void {
    if (!this.hasSeen) {
      this.hasSeen = true;
      this.next = sequence;
    }
    const position = this.positionOf(sequence);
    if (maxWindowBytes < position - this.offset) return;
    this.acknowledged = Math.max(this.acknowledged, position);
    this.firstAcknowledged = Math.min(this.firstAcknowledged, position);
  }

  /** One segment's payload. What its bytes lack of its length was cut off when it was captured. */
  segment(sequence: number, { bytes, origin, start, end, length }: Payload, at: number): void {
    this.see(sequence);
    this.lastAt = at;
    const position = this.positionOf(sequence);
    const captured = Math.min(end - start, length);
    const source = origin < 0 ? -1 : origin + start;
    if (this.isSettled && position === this.offset && this.held.length === 0 && captured === length && position + length <= this.endsAt) {
      this.advance(length);
      this.tell({ kind: 'chunk', flow: this.flow, from: this.from, offset: position, bytes: bytes.subarray(start, start + length), position: source, at });
      this.endWhenReached();
      return;
    }
    if (0 < captured) this.hold(position, captured, bytes.subarray(start, start + captured), source, at);
    if (captured < length) this.hold(position + captured, length - captured, undefined, -1, at);
    this.settleWhenKnown();
    this.drain();
    this.keepBounds();
  }

  /** FIN: nothing follows this number. */
  fin(sequence: number, at: number): void {
    this.see(sequence);
    this.lastAt = at;
    if (this.endsAt === Infinity) this.endsAt = this.positionOf(sequence);
    this.settleWhenKnown();
    this.drain();
  }

  /** Counts a packet of the connection: a hole is waited for so long. */
  pass(patience: number): void {
    if (this.held.length === 0) return;
    if (this.isSettled && 0 < patience && this.acknowledged < this.held[0]!.position) return;
    this.waited += 1;
    if (patience < this.waited) this.giveUpHole();
  }

  /**
   * The connection is over: nothing more comes.
   *
   * @param otherHasEnded the other side had said its last
   */
  finish(otherHasEnded: boolean): void {
    this.settle();
    while (0 < this.held.length) this.giveUpHole();
    if (this.hasEnded) return;
    // What was acknowledged and is not there is missing. One number of it is no byte when it is that of a FIN whose packet is missing too.
    const missing = this.acknowledged - this.offset;
    const end = otherHasEnded || missing === 1 ? this.acknowledged - 1 : this.acknowledged;
    this.gap(this.endsAt === Infinity ? end : this.endsAt, 'notCaptured');
    this.endWhenReached();
  }

  private see(sequence: number): void {
    if (this.hasSeen) return;
    this.hasSeen = true;
    this.next = sequence;
  }

  private positionOf(sequence: number): number {
    const distance = (sequence - this.next) | 0;
    return this.offset + (distance < -maxWindowBytes ? distance + 0x1_0000_0000 : distance);
  }

  /** When the other side has acknowledged nothing yet, the packet with the first number may only be late. */
  private settleWhenKnown(): void {
    if (this.firstAcknowledged !== Infinity) this.settle();
  }

  /** The smallest number that anybody mentioned is the first. */
  private settle(): void {
    if (this.isSettled || !this.hasSeen) return;
    const first = Math.min(this.held[0]?.position ?? Infinity, this.firstAcknowledged, this.endsAt);
    if (first === Infinity) return;
    this.rebase(first);
    this.isSettled = true;
  }

  /** Positions count from `first` on. */
  private rebase(first: number): void {
    this.next = (this.next + (first - this.offset)) >>> 0;
    for (const piece of this.held) piece.position -= first;
    this.offset = 0;
    this.endsAt -= first;
    this.acknowledged -= first;
    this.firstAcknowledged -= first;
    while (0 < this.held.length && this.held[0]!.position < 0) {
      const [piece] = this.held.splice(0, 1);
      this.free(piece!);
      if (0 < piece!.position + piece!.length) this.hold(0, piece!.position + piece!.length, piece!.bytes?.subarray(-piece!.position), piece!.source < 0 ? -1 : piece!.source - piece!.position, piece!.at);
    }
  }

  /** Takes a copy of what is new of a piece. */
  private hold(start: number, length: number, bytes: Uint8Array | undefined, source: number, at: number): void {
    const first = this.isSettled ? this.offset : -Infinity;
    let position = Math.max(start, first);
    const end = Math.min(start + length, this.endsAt);
    const { held } = this;
    let index = held.length;
    while (0 < index && position < held[index - 1]!.position) index -= 1;
    if (0 < index) position = Math.max(position, held[index - 1]!.position + held[index - 1]!.length);
    while (position < end) {
      const following = held[index];
      const pieceEnd = following === undefined ? end : Math.min(end, following.position);
      if (position < pieceEnd) {
        const piece = { position, length: pieceEnd - position, bytes: bytes?.slice(position - start, pieceEnd - start), source: source < 0 ? -1 : source + position - start, at };
        held.splice(index, 0, piece);
        index += 1;
        this.heldBytes += piece.bytes?.length ?? 0;
        this.allHeld.total += piece.bytes?.length ?? 0;
      }
      if (following === undefined) return;
      position = Math.max(position, following.position + following.length);
      index += 1;
    }
  }

  /** Tells what is held and has its turn. */
  private drain(): void {
    if (!this.isSettled) return;
    let count = 0;
    for (const piece of this.held) {
      if (this.offset < piece.position) break;
      count += 1;
      this.free(piece);
      if (piece.bytes === undefined) {
        this.gap(piece.position + piece.length, 'cut', piece.at);
        continue;
      }
      const offset = this.offset;
      this.advance(piece.length);
      this.tell({ kind: 'chunk', flow: this.flow, from: this.from, offset, bytes: piece.bytes, position: piece.source, at: piece.at });
    }
    if (0 < count) {
      this.held.splice(0, count);
      this.waited = 0;
    }
    this.endWhenReached();
  }

  private keepBounds(): void {
    while (maxHeldBytes < this.heldBytes || maxHeldPieces < this.held.length) this.giveUpHole();
    while (maxHeldBytesOfAll < this.allHeld.total && 0 < this.held.length) this.giveUpHole();
  }

  private giveUpHole(): void {
    this.settle();
    const [first] = this.held;
    if (first === undefined) return;
    this.gap(first.position, 'notCaptured', first.at);
    this.drain();
  }

  private gap(end: number, why: 'notCaptured' | 'cut', at = this.lastAt): void {
    const { offset } = this;
    if (!(offset < end)) return;
    this.advance(end - offset);
    this.tell({ kind: 'gap', flow: this.flow, from: this.from, offset, length: end - offset, why, at });
  }

  private endWhenReached(): void {
    if (this.hasEnded || !this.isSettled || this.offset < this.endsAt) return;
    this.hasEnded = true;
    this.tell({ kind: 'ended', flow: this.flow, from: this.from, at: this.lastAt });
  }

  private advance(length: number): void {
    this.offset += length;
    this.next = (this.next + length) >>> 0;
  }

  private free(piece: Piece): void {
    this.heldBytes -= piece.bytes?.length ?? 0;
    this.allHeld.total -= piece.bytes?.length ?? 0;
  }
}
