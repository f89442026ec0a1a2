// What all flows of one engine share.

import type { ProcessFacts } from '../../shared/flow.js';
import type { Address } from '../../shared/rules.js';
import type { BufferPool } from './buffers.js';
import type { Feed } from './feed.js';
import type { HoldPoint } from './hold/holdPoint.js';
import type { Sockets } from './sockets.js';
import type { Dialer } from './upstreams/dial.js';
import type { UpstreamPrograms } from './upstreams/upstreamPrograms.js';
import type { Endpoint } from './wire.js';

/** Given to flows, owned by the engine. */
export interface FlowContext {
  readonly sockets: Sockets;
  readonly feed: Feed;
  readonly buffers: BufferPool;
  readonly dialer: Dialer;
  readonly processes: ProcessLookup;
  /** there while messages are to be held */
  holds: HoldPoint | undefined;
  readonly upstreamPrograms: UpstreamPrograms;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
}

/** Who owns the client's socket. core/ports does the work; tests put their own here. */
export interface ProcessLookup {
  /** For a route that asks: starts at once. @returns null when no program was found */
  now(client: Endpoint, local: Endpoint): Promise<ProcessFacts | null>;
  /** a look for display would be made at once */
  readonly isRested: boolean;
  /** For display: whenever there is time; may never answer. */
  later(client: Endpoint, local: Endpoint, isStillWanted: () => boolean, found: (process: ProcessFacts) => void): void;
  /** For display: who listens at an address of this machine. Answers whenever there is time; null = nobody was found, or too many were waiting. */
  laterListening(address: Address, answer: (process: ProcessFacts | null) => void): void;
}
