// What protocol is spoken on a connection, told from the first bytes of both sides, whatever the route was.

import { say, type Sentence } from '../../shared/sentences.js';
import type { Matcher, Verdict } from '../match/matcher.js';
import { classifyBytes, type Classified, type Evidence, type Inner, type Protocol } from './protocol.js';

type Side = 'client' | 'server';

/**
 * Names the protocol and, when it changed inside the connection, its layers from the outside in.
 *
 * `protocol` is what an application speaks there: `websocket` for `http1 › websocket`, but `postgres`, `smtp`, `ftp` or `mysql` when
 * one of them went on inside TLS, which is then the inner layer; what carries anything at all (a SOCKS proxy) keeps its own name too.
 * Pure and cheap: call it again as bytes come, until `isSettled`.
 *
 * @param client first bytes of the client
 * @param server first bytes of the server
 * @param first who spoke first, when that is known
 */
export type Classify = (client: Uint8Array, server: Uint8Array, first?: Side) => Classified;

// A SOCKS proxy behind a PROXY header, and TLS behind that: three. One more is room, more is somebody playing.
const maxDepth = 4;

/** @param protocols in order of precedence among those of equal evidence */
export function classifier(protocols: readonly Protocol[]): Classify {
  let index: Index | undefined;
  return (client, server, first) => judge((index ??= indexOf(protocols)), client, server, first, 0);
}

// ---- candidates by first bytes --------------------------------------------------------------------------------------

/** One side of a protocol as a candidate. */
interface Candidate {
  protocol: Protocol;
  matcher: Matcher;
  /** asked whether the other side agrees */
  other: Matcher;
  /** the other side may confirm and never contradicts */
  isFree: boolean;
  isStrong: boolean;
  /** a contradiction by the other side does not take the name away */
  isFirm: boolean;
  /** its server never speaks first */
  isAnswerer: boolean;
}

/** For one value of a side's first byte: who does not refuse it, in the order in which they are asked. */
interface Entry<T> {
  all: readonly T[];
  /** the same for each second byte, found when one is first seen: at most 65,536 short lists in all, few of which ever are */
  second: (readonly T[] | undefined)[];
  matcherOf: (one: T) => Matcher;
}

interface Index {
  client: Entry<Candidate>[];
  server: Entry<Candidate>[];
  /** by the client's bytes */
  weak: Entry<Protocol>[];
  /** protocols that live inside others, by the id of those */
  within: Map<string, Protocol[]>;
}

const strengths: readonly Evidence[] = ['strong', 'good'];

function indexOf(protocols: readonly Protocol[]): Index {
  const within = new Map<string, Protocol[]>();
  for (const protocol of protocols) for (const outer of protocol.within ?? []) within.set(outer, [...(within.get(outer) ?? []), protocol]);
  const outermost = protocols.filter((protocol) => protocol.within === undefined);
  const ordered = (side: Side): Candidate[] => strengths.flatMap((strength) => outermost.filter(({ evidence }) => evidence[side] === strength).map((protocol) => candidate(protocol, side)));
  const perByte = <T>(all: readonly T[], matcherOf: (one: T) => Matcher): Entry<T>[] =>
    Array.from({ length: 256 }, (_, byte) => ({ all: thoseOpen(all, matcherOf, Uint8Array.of(byte)), second: [], matcherOf }));
  return {
    client: perByte(ordered('client'), (one) => one.matcher),
    server: perByte(ordered('server'), (one) => one.matcher),
    weak: perByte(outermost.filter(isLoose), (one) => looseOf(one, 'client')),
    within,
  };
}

function thoseOpen<T>(all: readonly T[], matcherOf: (one: T) => Matcher, start: Uint8Array): readonly T[] {
  const open = all.filter((one) => matcherOf(one).match(start, false) !== 'no');
  return open.length === all.length ? all : open;
}

// Below that it costs less to ask than to look up.
const worthSecond = 3;

/** Whoever may still match, by the first two bytes. A matcher's `no` to them is its `no` to all that start with them. */
function candidatesFor<T>(entries: readonly Entry<T>[], bytes: Uint8Array): readonly T[] {
  const entry = entries[bytes[0] ?? 0];
  if (entry === undefined) return [];
  if (bytes.length < 2 || entry.all.length < worthSecond) return entry.all;
  return (entry.second[bytes[1] ?? 0] ??= thoseOpen(entry.all, entry.matcherOf, bytes.slice(0, 2)));
}

function candidate(protocol: Protocol, side: Side): Candidate {
  const isStrong = protocol.evidence[side] === 'strong';
  const isAnswerer = protocol.firstSpeaker === 'client';
  return {
    protocol,
    matcher: protocol[side],
    other: looseOf(protocol, otherOf(side)),
    isFree: protocol.loose?.[otherOf(side)] === 'any',
    isStrong,
    // A server that only answers is believed only if the question was right.
    isFirm: isStrong && (side === 'client' || !isAnswerer),
    isAnswerer,
  };
}

function isLoose({ evidence, loose }: Protocol): boolean {
  return loose !== undefined || evidence.client === 'weak' || evidence.server === 'weak';
}

function looseOf(protocol: Protocol, side: Side): Matcher {
  const loose = protocol.loose?.[side];
  return loose === undefined || loose === 'any' ? protocol[side] : loose;
}

function otherOf(side: Side): Side {
  return side === 'client' ? 'server' : 'client';
}

// ---- the procedure -------------------------------------------------------------------------------------------------

/** What was seen on the way to an answer, and whose bytes gave it. */
interface Seen {
  /** a candidate that precedes the answer may still match */
  isOpen: boolean;
  /** which of these the other side has not contradicted, so that weaker evidence for anything else must wait */
  blockedBy: Protocol | 'several' | undefined;
  by: 'client' | 'server' | 'both';
  /** the other side may still confirm or contradict */
  isPending: boolean;
}

/** One side's bytes, and the first few of them: nearly every matcher answers by those, and what it answers stays. */
interface Said {
  all: Uint8Array;
  head: Uint8Array;
}

const headBytes = 24;

function said(bytes: Uint8Array): Said {
  return { all: bytes, head: bytes.length <= headBytes ? bytes : bytes.subarray(0, headBytes) };
}

/** A matcher that looks at fewer bytes than there are cuts them to size, which costs more than most answers. */
function ask(matcher: Matcher, { all, head }: Said): Verdict {
  const verdict = matcher.match(head, false);
  return verdict !== 'more' || head === all ? verdict : matcher.match(all, false);
}

/** Who greeted, then what the client says, then what the server answered, then what only both together tell. */
function judge(index: Index, client: Uint8Array, server: Uint8Array, first: Side | undefined, depth: number): Classified {
  const seen: Seen = { isOpen: false, blockedBy: undefined, by: 'both', isPending: false };
  let told: Protocol | undefined;
  // Whoever only answers does not speak first; but of a client that was not heard at all nobody knows when it spoke.
  const isGreeted = first === 'server' && 0 < client.length;
  const [asking, answering] = [said(client), said(server)];
  if (isGreeted) told = search(index.server, 'server', answering, asking, seen, 'greeters');
  told ??= search(index.client, 'client', asking, answering, seen, isGreeted ? 'likely' : 'all');
  told ??= search(index.server, 'server', answering, asking, seen, isGreeted ? 'likely' : 'all');
  told ??= together(index, asking, answering, seen, isGreeted);
  if (told !== undefined) return layered(index, told, answer(told, seen.by, !seen.isOpen && !seen.isPending), client, server, depth);
  if (client.length + server.length === 0) return unknown(say`nobody has said anything yet`, false);
  const isOver = 0 < client.length && 0 < server.length && !seen.isOpen;
  return unknown(say`the first bytes of neither side are those of a protocol in the catalogue`, isOver || isFull(client, server));
}

/**
 * The first candidate of one side that matches and is not contradicted.
 *
 * @param which 'greeters' = servers that may speak first; 'likely' = all but those that only answer, unless their evidence is strong
 */
function search(entries: readonly Entry<Candidate>[], side: Side, bytes: Said, others: Said, seen: Seen, which: 'greeters' | 'likely' | 'all'): Protocol | undefined {
  if (bytes.all.length === 0) return undefined;
  const candidates = candidatesFor(entries, bytes.all);
  for (let i = 0; i < candidates.length; i++) {
    const one = candidates[i];
    if (one === undefined || (one.isAnswerer && which !== 'all' && (which === 'greeters' || !one.isStrong))) continue;
    const verdict = ask(one.matcher, bytes);
    if (verdict === 'no') continue;
    const other = agreement(one.other, others, one.isFree);
    if (verdict === 'more') {
      if (other !== 'no') block(seen, one.protocol);
      if (other !== 'no' || one.isFirm) seen.isOpen = true;
    } else if (other !== 'no' || one.isFirm) {
      seen.by = other === 'match' ? 'both' : side;
      seen.isPending = other === 'more';
      return one.protocol;
    }
  }
  return undefined;
}

function block(seen: Seen, protocol: Protocol): void {
  seen.blockedBy = seen.blockedBy === undefined || seen.blockedBy === protocol ? protocol : 'several';
}

/** @returns 'neither' where that side would say `no`, and is free to */
function agreement(matcher: Matcher, bytes: Said, isFree: boolean): Verdict | 'neither' {
  const verdict = bytes.all.length === 0 ? 'more' : ask(matcher, bytes);
  return verdict === 'no' && isFree ? 'neither' : verdict;
}

/** Weak evidence: both sides must match, and nothing stronger may still be possible. */
function together(index: Index, client: Said, server: Said, seen: Seen, isGreeted: boolean): Protocol | undefined {
  if (client.all.length === 0) return undefined;
  for (const protocol of candidatesFor(index.weak, client.all)) {
    if (isGreeted && protocol.firstSpeaker === 'client') continue;
    const asked = agreement(looseOf(protocol, 'client'), client, false);
    if (asked === 'no') continue;
    const answered = agreement(looseOf(protocol, 'server'), server, false);
    if (answered === 'no') continue;
    if (asked === 'match' && answered === 'match' && (seen.blockedBy === undefined || seen.blockedBy === protocol)) {
      seen.by = 'both';
      return protocol;
    }
    seen.isOpen = true;
    block(seen, protocol);
  }
  return undefined;
}

function isFull(client: Uint8Array, server: Uint8Array): boolean {
  return classifyBytes <= client.length && classifyBytes <= server.length;
}

// ---- layers --------------------------------------------------------------------------------------------------------

/** @param told a fresh answer: it is changed in place */
function layered(index: Index, protocol: Protocol, told: Classified, client: Uint8Array, server: Uint8Array, depth: number): Classified {
  if (protocol.refine !== undefined) protocol.refine(client, server, told);
  if (protocol.inside !== undefined && told.protocol === protocol.id) goInside(index, protocol.inside(client, server), told, client, server, depth);
  // Each step adds a layer that lives in the last one, and nothing lives in itself: there are few.
  while (carries(index, told, client, server));
  return told;
}

function goInside(index: Index, at: Inner | 'more' | 'no', told: Classified, client: Uint8Array, server: Uint8Array, depth: number): void {
  if (at === 'no') return;
  if (at === 'more' || maxDepth <= depth) {
    told.isSettled = isFull(client, server);
    return;
  }
  const inner = judge(index, client.subarray(at.client), server.subarray(at.server), undefined, depth + 1);
  if (inner.protocol === 'unknown' || (at.only !== undefined && inner.layers[0] !== at.only)) {
    told.isSettled = isFull(client, server) || (told.isSettled && inner.isSettled);
    return;
  }
  told.layers.push(...inner.layers);
  told.why = say`${told.why}, and ${inner.layers.join(' › ')} inside`;
  told.isSettled &&= inner.isSettled || at.only !== undefined;
}

/** Adds a protocol that lives in the innermost layer, by the same bytes. @returns whether there was one */
function carries(index: Index, told: Classified, client: Uint8Array, server: Uint8Array): boolean {
  if (told.protocol !== told.layers.at(-1)) return false;
  const inner = index.within.get(told.protocol);
  if (inner === undefined) return false;
  const [asking, answering] = [said(client), said(server)];
  for (const protocol of inner) {
    // Most refuse by the first few bytes of the request, long before anybody reads through headers.
    if (protocol.client.match(asking.head, false) === 'no') continue;
    const { client: clientEvidence } = protocol.evidence;
    const answered = agreement(looseOf(protocol, 'server'), answering, protocol.loose?.server === 'any');
    if (answered === 'no' && clientEvidence !== 'strong') continue;
    const asked = agreement(protocol.client, asking, false);
    const isAsked = asked === 'match' && (clientEvidence !== 'weak' || answered === 'match');
    const isAnswered = asked !== 'no' && 0 < server.length && ask(protocol.server, answering) === 'match';
    if (isAsked || isAnswered) {
      told.protocol = protocol.id;
      told.layers.push(protocol.id);
      if (told.by !== 'server') told.by = answered === 'match' || isAnswered ? 'both' : 'client';
      told.why = say`${told.why}, with ${protocol.title} in it`;
      if (asked === 'more' || answered === 'more') told.isSettled = false;
      return true;
    }
    if (asked === 'more' || (asked === 'match' && answered === 'more')) told.isSettled = false;
  }
  return false;
}

// ---- words ---------------------------------------------------------------------------------------------------------

type By = 'client' | 'server' | 'both';

/** By protocol: a million answers a second are a few hundred texts. */
const phrases: Record<By, Map<string, Sentence>> = { client: new Map(), server: new Map(), both: new Map() };

function answer({ id, title }: Protocol, by: By, isSettled: boolean): Classified {
  let why = phrases[by].get(id);
  if (why === undefined) phrases[by].set(id, (why = phraseOf(title, by)));
  return { protocol: id, layers: [id], by, why, isSettled };
}

function phraseOf(title: string, by: By): Sentence {
  switch (by) {
    case 'both':
      return say`both sides’ first bytes are those of ${title}`;
    case 'client':
      return say`the client’s first bytes are those of ${title}`;
    case 'server':
      return say`the server’s first bytes are those of ${title}`;
  }
}

function unknown(why: Sentence, isSettled: boolean): Classified {
  return { protocol: 'unknown', layers: [], by: 'none', why, isSettled };
}
