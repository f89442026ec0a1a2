// Which answer belongs to which request, and how long it took: requests wait under the name that their answer will have.

import type { Message } from '../../shared/message.js';
import type { Decoded } from './dissector.js';

/** Requests that wait for an answer, per flow. The oldest is given up: pipelines are shorter than this, and some requests never get one. */
const maxOpenRequests = 4096;

/** Plain data. */
export interface OpenRequests {
  /** by what their answers will name, oldest first */
  byKey: Map<string | number, { index: number; endedAt: number; isAnswered: boolean }[]>;
  count: number;
}

export function noRequests(): OpenRequests {
  return { byKey: new Map(), count: 0 };
}

/**
 * @param replacesRequest the request with that name was only the head of this one
 * @returns index of that head, when there was one to replace
 */
export function expectAnswer(open: OpenRequests, key: string | number, message: Message, replacesRequest: boolean): number | undefined {
  const waiting = { index: message.index, endedAt: message.endedAt, isAnswered: false };
  const list = open.byKey.get(key);
  if (replacesRequest) {
    const last = list?.[list.length - 1];
    if (list === undefined || last === undefined || last.isAnswered) return undefined;
    list[list.length - 1] = waiting;
    return last.index;
  }
  if (maxOpenRequests <= open.count) forgetOldest(open);
  if (list === undefined) open.byKey.set(key, [waiting]);
  else list.push(waiting);
  open.count += 1;
  return undefined;
}

function forgetOldest(open: OpenRequests): void {
  for (const [key, list] of open.byKey) {
    list.shift();
    open.count -= 1;
    if (list.length === 0) open.byKey.delete(key);
    return;
  }
}

/** Ties an answer to the oldest request with its name, which stays open while further answers may come. */
export function pair(open: OpenRequests, message: Message, decoded: Decoded): void {
  const key = decoded.answers!;
  const list = open.byKey.get(key);
  const request = list?.[0];
  if (list === undefined || request === undefined) return;
  message.answers = request.index;
  if (!request.isAnswered) message.latencyMs = message.startedAt < request.endedAt ? 0 : message.startedAt - request.endedAt;
  request.isAnswered = true;
  if (decoded.isPartial === true) return;
  list.shift();
  open.count -= 1;
  if (list.length === 0) open.byKey.delete(key);
}
