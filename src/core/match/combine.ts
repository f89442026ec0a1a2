// `always`, `not`, `all` and `any`: three-valued logic that answers as soon as its parts allow.

import { joinedAnd, joinedOr, say } from '../../shared/sentences.js';
import { routeMatcher, type RouteMatcher, type Verdict } from './matcher.js';

export function always(): RouteMatcher {
  return routeMatcher({ maxBytes: 0, match: () => 'match', explain: () => say`takes everything` });
}

export function not(part: RouteMatcher): RouteMatcher {
  return {
    maxBytes: part.maxBytes,
    needsProcess: part.needsProcess,
    readsHttp2: part.readsHttp2,
    match: (prefix, ended, facts) => opposite(part.match(prefix, ended, facts)),
    explain: (verdict, prefix, atByte, facts) => part.explain(opposite(verdict), prefix, atByte, facts),
    waitsForHello: (prefix) => part.waitsForHello(prefix),
  };
}

function opposite(verdict: Verdict): Verdict {
  if (verdict === 'more') return 'more';
  return verdict === 'match' ? 'no' : 'match';
}

/** `no` as soon as one part says no; `match` when all do. */
export function all(parts: readonly RouteMatcher[]): RouteMatcher {
  return joined(parts, 'no', 'match', 'and');
}

/** `match` as soon as one part matches; `no` when all say no. */
export function any(parts: readonly RouteMatcher[]): RouteMatcher {
  return joined(parts, 'match', 'no', 'or');
}

/** @param decisive the verdict of one part that settles the whole; `otherwise` is the answer when every part said the opposite */
function joined(parts: readonly RouteMatcher[], decisive: Verdict, otherwise: Verdict, word: 'and' | 'or'): RouteMatcher {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  return {
    maxBytes: parts.reduce((most, part) => (most < part.maxBytes ? part.maxBytes : most), 0),
    needsProcess: parts.some((part) => part.needsProcess),
    readsHttp2: parts.some((part) => part.readsHttp2),
    match(prefix, ended, facts) {
      let isOpen = false;
      for (const part of parts) {
        const verdict = part.match(prefix, ended, facts);
        if (verdict === decisive) return decisive;
        if (verdict === 'more') isOpen = true;
      }
      return isOpen ? 'more' : otherwise;
    },
    explain(verdict, prefix, atByte, facts) {
      const judged = parts.map((part) => ({ part, verdict: verdictOf(part, verdict, prefix, facts) }));
      const telling = judged.filter((entry) => entry.verdict === verdict);
      const shown = verdict === decisive ? telling.slice(0, 1) : telling;
      const join = word === 'or' && verdict !== 'no' ? joinedOr : joinedAnd;
      return join(shown.map((entry) => entry.part.explain(entry.verdict, prefix, atByte, facts)));
    },
    waitsForHello: (prefix) => parts.some((part) => part.waitsForHello(prefix)),
  };
}

/** The part's own verdict, judged as the whole was: on all bytes, and as if the client had ended only when nothing else gives `wanted`. */
function verdictOf(part: RouteMatcher, wanted: Verdict, prefix: Uint8Array, facts: Parameters<RouteMatcher['match']>[2]): Verdict {
  const verdict = part.match(prefix, false, facts);
  return verdict === 'more' && wanted !== 'more' ? part.match(prefix, true, facts) : verdict;
}
