// What a rule file leaves out, and how far its numbers may go.

import { isLoopbackHost } from '../../shared/address.js';
import type { Address } from '../../shared/rules.js';

// Measured over some 70 real clients on loopback: whoever speaks first did so within 25 ms, so 300 leaves a busy machine room. Over a
// network a retransmission takes one second and a second one two more (RFC 6298 §2).
const loopbackTimeoutMs = 300;
const networkTimeoutMs = 3000;

export function defaultTimeoutMs(listen: Address): number {
  return listen.kind === 'path' || isLoopbackHost(listen.host) ? loopbackTimeoutMs : networkTimeoutMs;
}

/** Covers a TLS hello with post-quantum keys (2 KiB) and the largest request heads that servers take (8-16 KiB). */
export const defaultMaxBytes = 16384;

/** 0 = never: database pools, WebSockets and idle shells are quiet for hours, and a tool for looking must not be what closes them. */
export const defaultIdleMs = 0;

/** Loopback refuses at once; this is for upstreams behind a network, and short enough to be noticed as "hangs". */
export const defaultConnectTimeoutMs = 5000;

/** Bytes that a pattern looks at when it does not say: the first lines of any text protocol. */
export const defaultPatternBytes = 1024;

export const limits = {
  timeoutMs: { least: 1, most: 60_000 },
  // What an undecided connection may hold in memory; clientHello parsing relies on it being below its own limit.
  maxBytes: { least: 16, most: 65_536 },
  idleMs: { least: 0, most: 7 * 24 * 3600_000 },
  connectTimeoutMs: { least: 1, most: 120_000 },
  patternBytes: { least: 1, most: 16_384 },
  payloadOffset: { least: 0, most: 65_535 },
  port: { least: 0, most: 65_535 },
} as const;

/** Longest name of a listener or route: it stands in trees and in every flow. */
export const maxNameLength = 100;
