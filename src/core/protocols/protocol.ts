// What the catalogue knows of one protocol.

import type { Matcher, Verdict } from '../match/matcher.js';

export interface Protocol {
  /** as written in rule files and shown in lists */
  readonly id: string;
  readonly title: string;
  /** 'server': its clients wait for a greeting, so no route can be chosen from their bytes */
  readonly firstSpeaker: 'client' | 'server' | 'either';
  /** the registered or usual server port; a hint for people, never an input of recognition */
  readonly port: number;
  /** how the client's first bytes look (for server-first protocols: those after the greeting) */
  readonly client: Matcher;
  /** how the server's first bytes look */
  readonly server: Matcher;
}

/**
 * Makes a matcher that is bounded whatever `judge` does.
 *
 * @param judge sees at most `maxBytes` bytes; `more` becomes `no` at that length and when the speaker has ended
 */
export function matcher(id: string, maxBytes: number, judge: (bytes: Uint8Array) => Verdict): Matcher {
  return {
    id,
    maxBytes,
    match(prefix, ended) {
      const bytes = maxBytes < prefix.length ? prefix.subarray(0, maxBytes) : prefix;
      const verdict = judge(bytes);
      return verdict === 'more' && (ended || maxBytes <= bytes.length) ? 'no' : verdict;
    },
  };
}

/** Turns how much of a text stands somewhere into a verdict. */
export function verdictOf(standing: 'whole' | 'part' | 'not'): Verdict {
  return standing === 'whole' ? 'match' : standing === 'part' ? 'more' : 'no';
}
