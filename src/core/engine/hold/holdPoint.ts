// Where forwarding meets holding: what a flow asks of the gate that stands in it while messages are to be held.

import type { Flow } from '../flow.js';
import type { Half } from '../forward.js';

/** Stands in one flow, for both directions. */
export interface Gate {
  /** What a speaker has said: passed on now, or later. */
  push(half: Half, view: Uint8Array): void;
  /** @returns false when nothing of the speaker waits here: its end may be passed on now; else `half.endPassed` follows */
  keepsEnd(half: Half): boolean;
  /** so much waits that the speaker is not to be read */
  isFull(half: Half): boolean;
  /** The flow is over. */
  close(): void;
}

/** Makes the gates. One per engine, there while rules are in force. */
export interface HoldPoint {
  open(flow: Flow): Gate;
}
