// The Language Server Protocol, and what else frames JSON-RPC as it does (build servers, other editors' tools).

import { framedJson, maxFramedBytes } from './framedJson.js';
import { judgeObject } from './jsonRpc.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * A `Content-Length` header and a JSON-RPC message (LSP "Base Protocol").
 *
 * False positives: none known. Debug adapters frame alike and have other keys.
 */
const judge = framedJson(judgeObject);

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
