// Which messages belong together: a request and its answers, found in the list of a flow's messages; and the message that holds a byte.

import type { Speaker } from '../../src/shared/flow.js';
import type { InspectorHostContract, MessageRow } from '../../src/shared/protocol.js';

type Requests = InspectorHostContract['requests'];
export type ListMessages = (params: Requests['messages/list']['params']) => Promise<Requests['messages/list']['result']>;

/** The message that was chosen in a list above, and where its answers begin and how many there are, as far as that is known. */
export interface Focus {
  index: number;
  answerIndex?: number;
  answerCount?: number;
}

export interface Exchange {
  /** the request, then its answers; a message that neither asks nor answers stands alone */
  rows: MessageRow[];
  /** place of the first answer in `rows`; -1 = none */
  divider: number;
  /** place in `rows` of the message that was chosen */
  chosen: number;
  /** an answer was asked for and none has come yet, or more may come */
  mayGrow: boolean;
}

/** Answers follow their request closely; behind this many messages of others nobody looks any further. */
const lookAheadRows = 600;
const pageRows = 200;
/** Most answers are among the first messages behind their request: asked for along with it, they cost no question of their own. */
const nearRows = 20;
/** A query may have a million rows of answer: beyond this the whole connection is the place to look. */
const maxAnswers = 500;

/** @returns undefined when the flow has no message with that index (yet) */
export async function findExchange(list: ListMessages, flow: number, focus: Focus): Promise<Exchange | undefined> {
  const near = await list({ flow, start: focus.index, count: nearRows });
  const chosen = near.rows[0];
  if (chosen === undefined) return undefined;
  const asked = chosen.answers === undefined ? chosen : (await list({ flow, start: chosen.answers, count: 1 })).rows[0];
  const request = asked ?? chosen;
  if (request.kind !== 'request') return { rows: [request], divider: -1, chosen: 0, mayGrow: request.isOpen === true };
  const rows = [request];
  let start = focus.answerIndex === undefined ? request.index + 1 : Math.max(request.index + 1, focus.answerIndex);
  let lastFound = start;
  let { total } = near;
  const hasAll = (): boolean => focus.answerCount !== undefined && focus.answerCount < rows.length;
  while (rows.length <= maxAnswers && start <= lastFound + lookAheadRows && !hasAll()) {
    const at = start - focus.index;
    const page = 0 <= at && at < near.rows.length ? { rows: near.rows.slice(at), total } : await list({ flow, start, count: pageRows });
    total = page.total;
    for (const row of page.rows) {
      if (row.answers !== request.index || maxAnswers < rows.length) continue;
      rows.push(row);
      lastFound = row.index;
    }
    start += page.rows.length;
    if (page.rows.length === 0 || total <= start) break;
  }
  const place = rows.findIndex(({ index }) => index === focus.index);
  return { rows, divider: rows.length === 1 ? -1 : 1, chosen: Math.max(0, place), mayGrow: total <= lastFound + lookAheadRows };
}

/**
 * The message of a speaker that holds a byte. Messages of one speaker come in the order of their bytes, with those of the other in between.
 *
 * @param total messages in the flow
 */
export async function findMessageAt(list: ListMessages, flow: number, total: number, from: Speaker, offset: number): Promise<MessageRow | undefined> {
  let low = 0;
  let high = total;
  while (low < high) {
    const middle = Math.max(low, Math.floor((low + high) / 2) - pageRows / 2);
    let start = middle;
    let own: MessageRow[] = [];
    // A long answer may leave a whole page to the other side.
    while (own.length === 0 && start < high) {
      const { rows } = await list({ flow, start, count: Math.min(pageRows, high - start) });
      if (rows.length === 0) break;
      own = rows.filter((row) => row.from === from);
      start += rows.length;
    }
    const found = own.find(({ range }) => range.start <= offset && offset < range.end);
    if (found !== undefined) return found;
    if (own[0] === undefined || offset < own[0].range.start) high = middle;
    else low = start;
  }
  return undefined;
}
