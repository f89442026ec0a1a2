// A client side of a conversation as it is to be said again: what belongs together, and where its client waited for an answer. Pure.

import type { Speaker } from '../../shared/flow.js';

export interface ReplayStep {
  bytes: Uint8Array;
  /** the upstream spoke next: wait for it before going on */
  waits: boolean;
}

/** One thing that was read, as far as it matters here. */
export interface Said {
  from: Speaker;
  offset: number;
  length: number;
}

/** A person resends what they can oversee; beyond, it is a load generator's work. */
export const maxReplayBytes = 8 << 20;

/**
 * @param said what both sides said, in the order read
 * @param client the client's bytes from offset 0
 * @returns what to send, in order; a step ends where the upstream answered
 */
export function replayPlan(said: readonly Said[], client: Uint8Array): ReplayStep[] {
  const steps: ReplayStep[] = [];
  let start = 0;
  let end = 0;
  for (const { from, offset, length } of said) {
    if (from === 'client') {
      end = Math.min(client.length, Math.max(end, offset + length));
    } else if (start < end) {
      steps.push({ bytes: client.subarray(start, end), waits: true });
      start = end;
    }
  }
  if (start < end) steps.push({ bytes: client.subarray(start, end), waits: true });
  return steps;
}

/** @returns host and port of a target as people write it: `8080`, `127.0.0.1:8080`, `[::1]:8080`; a sentence when it is none */
export function targetOf(text: string): { host: string; port: number } | undefined {
  const found = /^(?:(\[[0-9a-f:.]+\]|[^:\s]+):)?(\d{1,5})$/i.exec(text.trim());
  const port = Number(found?.[2]);
  if (found === null || port < 1 || 65_535 < port) return undefined;
  return { host: (found[1] ?? '127.0.0.1').replace(/^\[|\]$/g, ''), port };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
