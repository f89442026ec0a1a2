// Where a flow stands in the list, known by its id only. Flows are listed as they opened, so ids rise: a binary search by request.

import type { FlowPage } from '../../src/shared/protocol.js';

/**
 * @param at asks for the row at an index
 * @returns its index, or undefined when the flow is not in the list (any more)
 */
export async function findFlow(id: number, at: (index: number) => Promise<FlowPage>): Promise<number | undefined> {
  let low = 0;
  const first = await at(0);
  let high = first.total;
  const firstId = first.rows[0]?.id;
  if (firstId === undefined || id < firstId) return undefined;
  // Ids count up by one: unless a filter thins the list, this guess is right at once.
  let guess = id - firstId;
  while (low < high) {
    const index = Math.min(high - 1, Math.max(low, guess));
    const row = (await at(index)).rows[0];
    if (row === undefined) {
      high = index;
    } else if (row.id === id) {
      return index;
    } else if (row.id < id) {
      low = index + 1;
    } else {
      high = index;
    }
    guess = Math.floor((low + high) / 2);
  }
  return undefined;
}
