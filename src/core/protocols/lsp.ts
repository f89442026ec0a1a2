// The Language Server Protocol, and what else frames JSON-RPC as it does (build servers, other editors' tools).

import type { Verdict } from '../match/matcher.js';
import { framedJson, maxFramedBytes } from './framedJson.js';
import { eachKey } from './jsonKeys.js';
import { matcher, type Protocol } from './protocol.js';

/** Any of these alone will do behind the header: an editor's `params` may be longer than what is looked at. */
const telling: readonly string[] = ['jsonrpc', 'method', 'params'];

/**
 * A `Content-Length` header and a JSON-RPC message (LSP "Base Protocol").
 *
 * False positives: none known. Debug adapters frame alike and have other keys.
 */
function judgeBody(bytes: Uint8Array, start: number): Verdict {
  let hasId = false;
  let hasOutcome = false;
  const keys = eachKey(bytes, start, (key) => {
    if (key === 'id') hasId = true;
    else if (key === 'result' || key === 'error') hasOutcome = true;
    return telling.includes(key) || (hasId && hasOutcome);
  });
  return keys === 'stopped' ? 'match' : keys === 'part' ? 'more' : 'no';
}

const judge = framedJson(judgeBody);

export const lsp: Protocol = {
  id: 'lsp',
  title: 'Language Server Protocol',
  toldBy: 'JSON-RPC behind a `Content-Length` header',
  firstSpeaker: 'client',
  port: 6009,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('lsp', maxFramedBytes, judge),
  server: matcher('lsp', maxFramedBytes, judge),
};
