// The order of statistics. Pure.

import type { StatRow } from '../../../src/shared/inspect.js';

export type StatColumn = keyof StatRow;

/** What has no value comes last, whichever way it is sorted. */
export function sortedStats(rows: readonly StatRow[], column: StatColumn, isDescending: boolean): StatRow[] {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [one, other] = [a[column], b[column]];
    if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? 1 : -1;
    const order = one < other ? -1 : other < one ? 1 : 0;
    return order === 0 ? (a.key < b.key ? -1 : 1) : order * sign;
  });
}
