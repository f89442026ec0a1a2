// What the catalogue knows of one protocol. How to add one stands at the top of index.ts.

import type { Classification } from '../../shared/flow.js';
import type { Matcher, Verdict } from '../match/matcher.js';

/**
 * How far one side's bytes can be trusted when they match.
 *
 * `strong`: magic or structure long enough to be trusted anywhere. `good`: a rare collision exists, so a name given by it is dropped when
 * the other side's bytes contradict it. `weak`: named only when the other side's bytes agree.
 */
export type Evidence = 'strong' | 'good' | 'weak';

export interface Protocol {
  /** as written in rule files and shown in lists */
  readonly id: string;
  readonly title: string;
  /** what it is told by, a phrase for the README and the rule file's completion */
  readonly toldBy: string;
  /** 'server': its clients wait for a greeting, so no route can be chosen from their bytes */
  readonly firstSpeaker: 'client' | 'server' | 'either';
  /** the registered or usual server port; a hint for people, never an input of recognition */
  readonly port: number;
  readonly evidence: { readonly client: Evidence; readonly server: Evidence };
  /** how the client's first bytes look (for server-first protocols: those after the greeting) */
  readonly client: Matcher;
  /** how the server's first bytes look */
  readonly server: Matcher;
  /**
   * What a side may also say, too common to name the protocol by itself: Redis' `+OK`, FTP's `USER`. Takes the place of `client` or `server`
   * when that side is asked whether it confirms or contradicts the other; 'any' = it may confirm and never contradicts. When both
   * sides match so, the protocol is named as by weak evidence.
   */
  readonly loose?: { readonly client?: Matcher | 'any'; readonly server?: Matcher | 'any' };
  /**
   * Protocols that this one lives inside, the usual one first: WebSocket in HTTP/1. It is then never named by itself, but asked when one of
   * those was, by the same bytes; it takes the name over.
   */
  readonly within?: readonly string[];
  /** Where another conversation starts inside this one, which keeps the name: TLS after STARTTLS, anything behind a SOCKS handshake. */
  inside?(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no';
  /** Changes an answer that named this protocol, for what the above cannot say. Must keep a settled answer as bytes grow. */
  refine?(client: Uint8Array, server: Uint8Array, told: Classified): void;
}

export interface Inner {
  /** position of the inner conversation's first byte in each side's bytes; at or past the end while nothing of it is there */
  readonly client: number;
  readonly server: number;
  /** the one protocol that can follow; without it, any */
  readonly only?: string;
}

/** Bytes of each side that classification looks at; more do no harm. */
export const classifyBytes = 4096;

export interface Classified extends Classification {
  /** more bytes would not change the answer, so there is no need to ask again */
  isSettled: boolean;
}

/** Judges bytes from byte 0. Only `matcher` makes a Matcher of it. */
export type Judge = (bytes: Uint8Array) => Verdict;

/**
 * Makes a matcher that is bounded whatever `judge` does.
 *
 * @param judge sees at most `maxBytes` bytes; `more` becomes `no` at that length and when the speaker has ended
 */
export function matcher(id: string, maxBytes: number, judge: Judge): Matcher {
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
