// What an upgrade to WebSocket settled, as options for the dissector that takes over (RFC 6455 §9, RFC 7692 §7).

import type { Handover } from './dissector.js';
import { isUuid } from './payload/values.js';

/**
 * @param extensions `Sec-WebSocket-Extensions` of the answer: what was agreed on
 * @param target of the request: it tells what Chrome and Node.js speak inside
 */
export function websocketOptions(extensions: string, subprotocol: string, target: string): NonNullable<Handover['options']> {
  const parameters = extensions.toLowerCase().split(',').map((part) => part.split(';').map((word) => word.trim())).find(([name]) => name === 'permessage-deflate');
  const has = (name: string): boolean => parameters?.some((word) => word === name || word.startsWith(`${name}=`)) === true;
  return {
    target,
    subprotocol,
    deflate: parameters !== undefined,
    clientForgets: has('client_no_context_takeover'),
    upstreamForgets: has('server_no_context_takeover'),
    isDevtools: isDevtools(target),
  };
}

/** `/devtools/page/…`, `/devtools/browser/…`; the inspector of Node.js listens at a bare UUID. */
function isDevtools(target: string): boolean {
  const path = target.replace(/^wss?:\/\/[^/]*/, '').split('?')[0] ?? '';
  return path.startsWith('/devtools/') || isUuid(path.slice(1));
}
