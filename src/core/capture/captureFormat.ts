// What the readers of pcap and pcapng have in common: a file is a row of items (headers, blocks, records), each of which says its length.

import type { Sentence } from '../../shared/sentences.js';

/** The longest item that is looked into: the longest packet of any link type is 256 KiB; a block may add some comments. */
export const maxItemBytes = 16 << 20;

/** One packet as a file has it. There is one of these per reader, overwritten by each packet. */
export interface Packet {
  linkType: number;
  /** epoch milliseconds with a fraction */
  at: number;
  bytes: Uint8Array;
  /** offset of bytes[0] in the file */
  origin: number;
  /** [start, end) of `bytes` is what was captured */
  start: number;
  end: number;
  /** length on the wire; more than was captured when the capture was set to cut packets */
  wireLength: number;
  comments: readonly string[];
  /** written by Port Prism itself: packets are in order, so that a hole is known to be one at once */
  isInOrder: boolean;
}

export function emptyPacket(): Packet {
  return { linkType: 0, at: 0, bytes: new Uint8Array(0), origin: 0, start: 0, end: 0, wireLength: 0, comments: [], isInOrder: false };
}

export interface CaptureFormat {
  /**
   * Bytes that the item at `start` takes, as far as [start, end) tells: ask again when they are there, until the answer stays.
   *
   * @throws DamagedItem when the item contradicts itself
   */
  need(bytes: Uint8Array, start: number, end: number): number;
  /** after `need`: the item is not looked into, so that it need not be held as a whole */
  readonly isPassedOver: boolean;
  /**
   * Reads the item [start, end). Where it stands in the file is not its business: `origin` is filled by the caller.
   *
   * @returns `packet` when it was one, and `packet` is filled then; `stray` when it was one of an interface that nothing is known about
   * @throws DamagedItem
   */
  read(bytes: Uint8Array, start: number, end: number, packet: Packet): 'packet' | 'stray' | 'other';
}

/** An item that cannot be read, and so nothing after it; `message` is a phrase that follows "at byte N: ". */
export class DamagedItem extends Error {
  constructor(override readonly message: Sentence) {
    super(message);
  }
}

const ticksOfHighWord = 0x1_0000_0000;

/**
 * Clock ticks as milliseconds, exact to the last digit a double has. Nanoseconds since 1970 are beyond 2^53, so the two halves are
 * divided before they are put together.
 */
export function millisecondsOf(high: number, low: number, ticksPerSecond: number): number {
  const ticksPerMs = ticksPerSecond / 1000;
  const ticks = high * ticksOfHighWord + low;
  if (ticks <= Number.MAX_SAFE_INTEGER) return Number.isInteger(ticksPerMs) ? ticks / ticksPerMs : (ticks / ticksPerSecond) * 1000;
  const whole = Math.floor(ticksOfHighWord / ticksPerMs);
  const rest = ticksOfHighWord - whole * ticksPerMs;
  return high * whole + (high * rest + low) / ticksPerMs;
}
