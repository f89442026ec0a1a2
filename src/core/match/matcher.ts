// What a matcher is: a pure function from the client's first bytes to one of three verdicts.

import type { ProcessFacts } from '../../shared/flow.js';
import { say, type Sentence } from '../../shared/sentences.js';

export type Verdict = 'match' | 'no' | 'more';

/**
 * Recognises one thing in a prefix of what one side sends.
 *
 * Five laws hold for all of them (`test/unit/matcherLaws.test.ts`): total, early, stable, bounded, and (through `inspect`) ordered.
 */
export interface Matcher {
  /** as written in settings */
  readonly id: string;
  /** by then the answer is 'match' or 'no'; bytes behind it are never looked at */
  readonly maxBytes: number;
  /**
   * @param prefix everything that side has sent, from byte 0
   * @param ended nothing will follow
   */
  match(prefix: Uint8Array, ended: boolean): Verdict;
}

/** What is known about a connection besides its bytes. Facts only ever become known; they do not change. */
export interface FlowFactsForMatch {
  /** the client's address; empty for Unix sockets and pipes */
  remote: string;
  /** undefined = the look-up is still running; null = no program was found */
  process: ProcessFacts | null | undefined;
  /** the inspect timeout has passed and the client has said nothing */
  isSilent: boolean;
}

/** The condition of one route, compiled. Obeys the same laws as a Matcher, once the facts are known. */
export interface RouteMatcher {
  readonly maxBytes: number;
  /** the route asks who the client's program is, so the look-up must be started */
  readonly needsProcess: boolean;
  /** the answer may stand on the headers of an HTTP/2 request, which some clients send only after the server's SETTINGS */
  readonly readsHttp2: boolean;
  match(prefix: Uint8Array, ended: boolean, facts: FlowFactsForMatch): Verdict;
  /**
   * A phrase for the verdict trace.
   *
   * @param atByte bytes that the verdict stands on: the first `atByte` bytes give it, one less does not
   */
  explain(verdict: Verdict, prefix: Uint8Array, atByte: number, facts: FlowFactsForMatch): Sentence;
  /**
   * The condition depends on a TLS hello that has begun and is not complete. Such a connection must not go on to a laxer route
   * when time is up: a peer's CVE (2026-32305) was exactly that.
   */
  waitsForHello(prefix: Uint8Array): boolean;
}

/** Parts that most conditions leave at their default. */
export function routeMatcher(parts: Pick<RouteMatcher, 'maxBytes' | 'match' | 'explain'> & Partial<RouteMatcher>): RouteMatcher {
  return { needsProcess: false, readsHttp2: false, waitsForHello: () => false, ...parts };
}

/** "byte 0 is 0x16 (\"\\x16\")": where a verdict of no came from. */
export function atPhrase(prefix: Uint8Array, atByte: number): Sentence {
  if (atByte === 0) return say`before any byte`;
  const byte = prefix[atByte - 1] ?? 0;
  const hex = `0x${byte.toString(16).padStart(2, '0')}`;
  return 0x20 < byte && byte < 0x7f ? say`byte ${atByte - 1} is ${hex} '${String.fromCharCode(byte)}'` : say`byte ${atByte - 1} is ${hex}`;
}

/** @returns "1 byte", "2 bytes" */
export function byteCount(count: number): Sentence {
  return count === 1 ? say`1 byte` : say`${count} bytes`;
}
