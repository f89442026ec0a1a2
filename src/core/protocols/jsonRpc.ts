// JSON-RPC as bare JSON, one message a line or simply one after the other: Ethereum nodes, mining pools, OVSDB, Electrum, MCP.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { afterSpace, eachKey } from './jsonKeys.js';
import { matcher, type Protocol } from './protocol.js';

// Parameters may stand before the keys that tell.
const maxBytes = 4096;

const quote = 0x22;

/**
 * An object with `jsonrpc` (JSON-RPC 2.0 §4, §5), or, as version 1 and mining pools have it, with `method` and `params`, or with an `id`
 * and `result` or `error`.
 *
 * False positives: other JSON messages have other keys (`execute` in QMP, `version` and `host` in GELF, `command` in mpv and DAP).
 *
 * @param start where the object starts
 */
function judgeObject(bytes: Uint8Array, start: number): Verdict {
  let hasMethod = false;
  let hasParams = false;
  let hasId = false;
  let hasOutcome = false;
  const keys = eachKey(bytes, start, (key, valueAt) => {
    if (key === 'jsonrpc') return true;
    if (key === 'method') hasMethod = byteAt(bytes, valueAt) === quote;
    else if (key === 'params') hasParams = true;
    else if (key === 'id') hasId = true;
    else if (key === 'result' || key === 'error') hasOutcome = true;
    return (hasMethod && hasParams) || (hasId && hasOutcome);
  });
  return keys === 'stopped' ? 'match' : keys === 'part' ? 'more' : 'no';
}

/** A message, or a list of them (§6). White space may precede. */
function judgeMessage(bytes: Uint8Array): Verdict {
  let at = afterSpace(bytes, 0);
  if (byteAt(bytes, at) === 0x5b) at = afterSpace(bytes, at + 1);
  return judgeObject(bytes, at);
}

export const jsonRpc: Protocol = {
  id: 'json-rpc',
  title: 'JSON-RPC',
  toldBy: 'the keys of the first JSON object: `jsonrpc`, or `method` and `params`',
  firstSpeaker: 'either',
  port: 8545,
  evidence: { client: 'good', server: 'good' },
  client: matcher('json-rpc', maxBytes, judgeMessage),
  server: matcher('json-rpc', maxBytes, judgeMessage),
};
