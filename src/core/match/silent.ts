// `silent`: the client has said nothing by the inspect timeout, as clients of server-first protocols do.

import { say } from '../../shared/sentences.js';
import { routeMatcher, type RouteMatcher } from './matcher.js';

/** `no` with the first byte; `match` when the timeout passes, or at once when the client ends without a byte: then it never will speak. */
export function silent(): RouteMatcher {
  return routeMatcher({
    maxBytes: 1,
    match(prefix, ended, facts) {
      if (0 < prefix.length) return 'no';
      return ended || facts.isSilent ? 'match' : 'more';
    },
    explain(verdict, prefix) {
      if (verdict === 'match') return say`the client said nothing by the inspect timeout`;
      if (verdict === 'no') return say`the client has spoken (${prefix.length} bytes)`;
      return say`waits for the inspect timeout`;
    },
  });
}
