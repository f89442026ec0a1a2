// Times at which a debugger held a program, as the list of messages shows them: stripes behind the waterfall, and words beside the row after which
// the program stood. Pure.

import type { DebugPause } from '../../src/shared/debug.js';
import { l10n } from '../l10n.js';
import { formatDuration } from '../widgets/format.js';
import { shareOf, type TimeScale } from './waterfall.js';

/** Stripes drawn at most: who steps makes hundreds, and more than this look like one. */
const maxStripes = 40;
/** a stripe is seen however short the pause was, as a share of the column */
const minStripe = 0.006;

/** @returns a CSS background for the waterfall column; 'none' while nothing was held in that time */
export function stripes(pauses: readonly DebugPause[], scale: TimeScale | undefined, now: number): string {
  if (scale === undefined) return 'none';
  const parts: string[] = [];
  let from = 0;
  const seen = pauses.filter(({ startedAt, endedAt = now }) => startedAt < scale.to && scale.from < endedAt).slice(-maxStripes);
  for (const { startedAt, endedAt = now } of seen) {
    const { left, width } = shareOf(scale, { kind: 'paused', from: startedAt, to: endedAt });
    const start = Math.max(from, left);
    const end = Math.min(1, Math.max(left + width, start + minStripe));
    if (end <= start) continue;
    parts.push(`transparent ${percent(from)} ${percent(start)}`, `var(--pause-band) ${percent(start)} ${percent(end)}`);
    from = end;
  }
  return parts.length === 0 ? 'none' : `linear-gradient(90deg, ${parts.join(', ')}, transparent ${percent(from)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

/** What is said beside a row: the pauses that began after it and before the next one. */
export interface PauseNote {
  words: string;
  /** where the last of them was */
  file?: string;
  line?: number;
}

/**
 * @param pauses in the order they began
 * @param from when the row's message began
 * @param to when the next row's message began; Infinity = it is the last one
 */
export function noteBetween(pauses: readonly DebugPause[], from: number, to: number, now: number): PauseNote | undefined {
  // From the newest: most rows that are looked at are.
  let last = pauses.length - 1;
  while (0 <= last && to <= pauses[last]!.startedAt) last--;
  let first = last;
  while (0 <= first && from <= pauses[first]!.startedAt) first--;
  const held = pauses.slice(first + 1, last + 1);
  const latest = held.at(-1);
  if (latest === undefined) return undefined;
  const { file, line } = latest;
  return { words: pauseWords(held, now), ...(file === undefined || line === undefined ? {} : { file, line }) };
}

/** "stopped at server.js:42 for 3.1 s" */
export function pauseWords(held: readonly DebugPause[], now: number): string {
  const took = formatDuration(held.reduce((sum, { startedAt, endedAt = now }) => sum + endedAt - startedAt, 0));
  const { where = '', endedAt } = held.at(-1) ?? {};
  if (held.length > 1) return where === '' ? l10n.t('stopped {0} times for {1}', held.length, took) : l10n.t('stopped {0} times for {1}, last at {2}', held.length, took, where);
  if (endedAt === undefined) return where === '' ? l10n.t('stopped, {0} so far', took) : l10n.t('stopped at {0}, {1} so far', where, took);
  return where === '' ? l10n.t('stopped for {0}', took) : l10n.t('stopped at {0} for {1}', where, took);
}
