// Flows and what was kept of them, as plain data: written by engine and lens, read by views and the command line.

import type { Touch } from './hold.js';
import type { VerdictTrace } from './rules.js';

export type Speaker = 'client' | 'upstream';

/** Why a flow ended. Data, not an exception: the network being the network. */
export type EndReason =
  | 'clientClosed'
  | 'upstreamClosed'
  | 'bothClosed'
  | 'clientReset'
  | 'upstreamReset'
  | 'connectRefused'
  | 'connectTimeout'
  | 'connectFailed'
  | 'noRoute'
  | 'clientLeftWhileInspected'
  | 'idle'
  | 'closedByPerson'
  | 'stopped'
  | 'engineFailed';

export interface ProcessFacts {
  pid: number;
  name: string;
  /** arguments joined by spaces; cut at 500 characters */
  commandLine: string;
  /** process ids of its parent, grandparent and so on, as far as they were found; at most 32 */
  ancestors?: number[];
}

/** What is known about a flow; grows while it lives. Times are epoch milliseconds with a fraction. */
export interface FlowFacts {
  /** counts from 1; never reused while a lens lives, also when one engine follows another */
  id: number;
  listenerId: string;
  listenerName: string;
  openedAt: number;
  client: { host: string; port: number } | { path: string };
  local: { host: string; port: number } | { path: string };
  /** undefined = not looked up or not found (the owner may be another machine's program) */
  process?: ProcessFacts;
  /** name of the route that took it; 'default' for the fallback */
  route?: string;
  /** address of the upstream as written in the rules, once chosen */
  upstream?: string;
  /** the program behind an upstream of this machine; undefined = not looked up, not found, or another machine's */
  upstreamProcess?: ProcessFacts;
  /** when the route was decided, and when the upstream had accepted */
  decidedAt?: number;
  connectedAt?: number;
  trace?: VerdictTrace;
  /** upstreams that were tried in vain before, with the reason */
  failedUpstreams: { upstream: string; reason: string }[];
  /** what Port Prism itself did to this flow, in sentences */
  notes: string[];
  /** messages that a person held, changed, dropped or answered: the newest 500 */
  touches?: Touch[];
  /** its beginning is not in the capture file: offsets count from the first byte that is */
  isPartial?: true;
  closedAt?: number;
  endReason?: EndReason;
  /** one sentence that goes with the reason: "127.0.0.1:8080 refused the connection" */
  endDetail?: string;
}

export type FlowState = 'inspecting' | 'connecting' | 'open' | 'closed';

/** What the bytes themselves say, whatever the route was. */
export interface Classification {
  /** catalogue id, or 'unknown' */
  protocol: string;
  /** layers from the outside in, when the protocol changed inside the connection: ['http1', 'websocket'] */
  layers: string[];
  /** whose bytes told: 'client', 'server', 'both', or 'none' */
  by: 'client' | 'server' | 'both' | 'none';
  /** a phrase: "client bytes 0-7 are an SSH banner" */
  why: string;
}

/** Byte counts of one direction. `kept` is what can still be read back; `dropped` was recorded and then overwritten, or never recorded. */
export interface DirectionCounts {
  total: number;
  kept: number;
  dropped: number;
}

/** A flow as lists and panels show it. */
export interface FlowRow extends FlowFacts {
  state: FlowState;
  classification: Classification;
  fromClient: DirectionCounts;
  fromUpstream: DirectionCounts;
  chunkCount: number;
  lastActivityAt: number;
  /** debug session whose program is the client; where there is none, the one whose program is the upstream */
  session?: string;
  /** debug session of the upstream's program, where it is another one than `session` */
  upstreamSession?: string;
}

/** Bytes as they were read from one side. */
export interface ChunkRow {
  /** counts from 0 in its flow, over both speakers, in the order read; older ones may be dropped */
  index: number;
  from: Speaker;
  /** offset in that speaker's bytes since the flow opened */
  offset: number;
  length: number;
  /** epoch milliseconds */
  at: number;
  /** bytes from the start of the chunk that are overwritten already; `length` = all of it */
  missing: number;
  /** first bytes as text for the list: printable ASCII, the rest as `.`; at most 120 characters */
  preview: string;
}

/** A piece of one speaker's bytes. Gaps are what was overwritten or never kept; their bytes are zero in `bytes`. */
export interface BytesPiece {
  from: Speaker;
  /** offset of bytes[0] */
  offset: number;
  /** a copy of exactly this piece */
  bytes: Uint8Array;
  gaps: { start: number; end: number }[];
  /** bytes of that speaker so far */
  total: number;
}
