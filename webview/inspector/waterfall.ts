// The waterfall column: when a message was, as a bar of phases on the time scale of the rows in view. Pure; drawn by messageRow.ts.

import type { ExchangeRow } from '../../src/shared/inspect.js';

/** Epoch milliseconds: left and right edge of the column. */
export interface TimeScale {
  from: number;
  to: number;
}

/**
 * connect: until the upstream accepted · send: the request's bytes · paused: a debugger held the program · wait: for the answer's first byte ·
 * transfer: the answer's bytes
 */
export type PhaseKind = 'connect' | 'send' | 'paused' | 'wait' | 'transfer';

export interface Phase {
  kind: PhaseKind;
  from: number;
  to: number;
}

/** A scale is kept while the rows in view fill at least this share of it: it would shiver with every row that scrolls. */
const minFill = 0.4;
/** room at either end, as a share */
const margin = 0.04;
/** One message in view still gets a scale, in milliseconds. */
const minSpanMs = 1;

/** Phases in the order in which they were, without empty ones. */
export function phasesOf(row: ExchangeRow): Phase[] {
  const phases: Phase[] = [];
  if (row.connectMs !== undefined && row.connectMs > 0) phases.push({ kind: 'connect', from: row.startedAt - row.connectMs, to: row.startedAt });
  phases.push({ kind: 'send', from: row.startedAt, to: Math.max(row.startedAt, row.endedAt) });
  const { answer } = row;
  if (answer === undefined) return phases;
  const waitFrom = Math.min(row.endedAt, answer.startedAt);
  // The time at the breakpoint lies within the wait; that it came first is how most requests meet one. Those that are held always do.
  const held = row.touch === undefined || row.touch.isAnswer ? 0 : row.touch.heldMs;
  const resumed = Math.min(answer.startedAt, waitFrom + (row.pausedMs ?? 0) + held);
  if (waitFrom < resumed) phases.push({ kind: 'paused', from: waitFrom, to: resumed });
  if (resumed < answer.startedAt) phases.push({ kind: 'wait', from: resumed, to: answer.startedAt });
  phases.push({ kind: 'transfer', from: answer.startedAt, to: Math.max(answer.startedAt, answer.endedAt) });
  return phases;
}

/** First and last moment of a message with its answers. */
export function spanOf(row: ExchangeRow): TimeScale {
  return { from: row.startedAt - (row.connectMs ?? 0), to: Math.max(row.endedAt, row.answer?.endedAt ?? row.endedAt) };
}

/**
 * The scale for the rows in view.
 *
 * @param before the scale so far: it stays while it still fits
 * @param ahead room beyond the end that was run over, as a share: while the person scrolls, the next rows fit too
 * @returns undefined while no row is there
 */
export function scaleOf(rows: Iterable<ExchangeRow>, before: TimeScale | undefined, ahead = 0): TimeScale | undefined {
  let from = Infinity;
  let to = -Infinity;
  for (const row of rows) {
    const span = spanOf(row);
    if (span.from < from) from = span.from;
    if (to < span.to) to = span.to;
  }
  if (from > to) return before;
  if (before !== undefined && before.from <= from && to <= before.to && to - from >= minFill * (before.to - before.from)) return before;
  const room = Math.max(minSpanMs, (to - from) * margin);
  const span = to - from;
  return {
    from: from - room - (before !== undefined && from < before.from ? span * ahead : 0),
    to: to + room + (before !== undefined && before.to < to ? span * ahead : 0),
  };
}

/** Where a phase stands, as shares of the column's width: 0 = left edge, 1 = right edge. */
export function shareOf(scale: TimeScale, phase: Phase): { left: number; width: number } {
  const span = scale.to - scale.from;
  const left = clamp((phase.from - scale.from) / span);
  return { left, width: Math.max(0, clamp((phase.to - scale.from) / span) - left) };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
