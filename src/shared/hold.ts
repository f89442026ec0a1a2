// Messages that are stopped on their way until a person has decided: rules that say which, and what is done with them.

import type { Speaker } from './flow.js';
import type { FilterProblem } from './inspect.js';

/** A held message goes on by itself after this long, unless its rule says otherwise. */
export const defaultHoldMs = 60_000;

/** Which messages stop. Judged when the last byte of a message has come, by the message itself. */
export interface HoldRule {
  id: string;
  /** expression of the filter language */
  filter: string;
  /** milliseconds after which a held message goes on by itself; 1,000 to 600,000 */
  timeoutMs: number;
  /** holds one message, and then no further one until it is armed again */
  isOneShot: boolean;
}

/** What happens to a held message. Bytes are at most 1 MiB. */
export type HoldAction =
  | { kind: 'release' }
  /** other bytes go on in its place */
  | { kind: 'replace'; bytes: Uint8Array }
  /** nothing goes on: the other side never hears it */
  | { kind: 'drop' }
  /** nothing goes on, and its speaker hears these bytes as if the other side had said them */
  | { kind: 'answer'; bytes: Uint8Array };

export interface HeldMessage {
  /** counts from 1 */
  id: number;
  rule: string;
  flow: number;
  from: Speaker;
  protocol: string;
  summary: string;
  /** its bytes among all that its speaker said */
  start: number;
  end: number;
  /** epoch milliseconds */
  heldAt: number;
  releasesAt: number;
}

export interface HoldStatus {
  rules: (HoldRule & {
    /** false once a one-shot rule has held its message */
    isArmed: boolean;
    /** messages it has held so far */
    count: number;
  })[];
  held: HeldMessage[];
}

/** What was done to a stretch of what a speaker said, for every view to tell. */
export interface Touch {
  from: Speaker;
  start: number;
  end: number;
  what: 'held' | 'released' | 'timedOut' | 'replaced' | 'dropped' | 'answered';
  /** how long it stood, in milliseconds; 0 while it stands */
  heldMs: number;
  /** bytes that went on in its place, or that its speaker heard instead */
  bytes?: number;
}

/** A type, not an interface: contracts are records. */
export type HoldRequests = {
  /**
   * Rules from now on, in place of those before; no rules = everything that is held goes on. Rules with a problem are not in force.
   * `spoken` tells what open flows speak (flow id, catalogue id): the engine has not seen how they began.
   */
  'hold/set': { params: { rules: HoldRule[]; spoken?: [flow: number, protocol: string][] }; result: HoldStatus & { problems: (FilterProblem & { rule: string })[] } };
  'hold/status': { params: null; result: HoldStatus };
  /** null = it is no longer held */
  'hold/read': { params: { id: number }; result: { bytes: Uint8Array } | null };
  /** @returns whether it was still held */
  'hold/decide': { params: { id: number; action: HoldAction }; result: { isDone: boolean } };
};
