// The Debug Adapter Protocol.

import type { Verdict } from '../match/matcher.js';
import { framedJson, maxFramedBytes } from './framedJson.js';
import { eachKey } from './jsonKeys.js';
import { matcher, type Protocol } from './protocol.js';

/** Keys of requests, events and answers (DAP "ProtocolMessage" and those derived from it): any of the first tells, of the rest two. */
const telling: readonly string[] = ['seq', 'command', 'arguments', 'request_seq'];
const others: readonly string[] = ['type', 'event', 'body', 'success', 'message'];

/**
 * A `Content-Length` header and an object with the protocol's keys and none of JSON-RPC's (DAP "Base Protocol").
 *
 * False positives: the debugger of Node.js up to 7, which greets with headers of its own; such a server takes the name away.
 */
function judgeBody(bytes: Uint8Array, start: number): Verdict {
  let own = 0;
  let isOther = false;
  const keys = eachKey(bytes, start, (key) => {
    if (telling.includes(key)) own = 2;
    else if (others.includes(key)) own++;
    else if (key === 'jsonrpc' || key === 'method' || key === 'params' || key === 'id') isOther = true;
    return isOther || 2 <= own;
  });
  if (keys === 'stopped') return isOther ? 'no' : 'match';
  return keys === 'part' ? 'more' : 'no';
}

const judge = framedJson(judgeBody);

export const dap: Protocol = {
  id: 'dap',
  title: 'Debug Adapter Protocol',
  toldBy: 'JSON with `seq`, `type` and the like behind a `Content-Length` header',
  // Some adapters send an event first.
  firstSpeaker: 'either',
  port: 4711,
  evidence: { client: 'good', server: 'good' },
  client: matcher('dap', maxFramedBytes, judge),
  server: matcher('dap', maxFramedBytes, judge),
};
