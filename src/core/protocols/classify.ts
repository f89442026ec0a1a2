// What protocol is spoken on a connection, told from the first bytes of both sides, whatever the route was.

import type { Classification } from '../../shared/flow.js';
import type { Matcher, Verdict } from '../match/matcher.js';
import { classifyBytes, type Classified, type Evidence, type Protocol } from './protocol.js';

type Side = 'client' | 'server';
type By = Classification['by'];

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

// ---- candidates by first byte --------------------------------------------------------------------------------------

interface Candidate {
  protocol: Protocol;
  matcher: Matcher;
  /** asked whether the other side agrees; undefined = it can neither confirm nor contradict */
  other: Matcher | undefined;
  /** a contradiction by the other side does not take the name away */
  isFirm: boolean;
}

/** For each value of a side's first byte: which protocols do not refuse it, in the order in which they are asked. */
interface Index {
  client: Candidate[][];
  server: Candidate[][];
  /** by the client's first byte */
  weak: Protocol[][];
  /** protocols that live inside others, by the id of those */
  within: Map<string, Protocol[]>;
}

const strengths: readonly Evidence[] = ['strong', 'good'];

function indexOf(protocols: readonly Protocol[]): Index {
  const within = new Map<string, Protocol[]>();
  for (const protocol of protocols) for (const outer of protocol.within ?? []) within.set(outer, [...(within.get(outer) ?? []), protocol]);
  const outermost = protocols.filter((protocol) => protocol.within === undefined);
  const ordered = (side: Side): Candidate[] => strengths.flatMap((strength) => outermost.filter(({ evidence }) => evidence[side] === strength).map((protocol) => candidate(protocol, side)));
  const perByte = <T>(all: readonly T[], matcherOf: (one: T) => Matcher | undefined): T[][] =>
    Array.from({ length: 256 }, (_, byte) => all.filter((one) => matcherOf(one)?.match(Uint8Array.of(byte), false) !== 'no'));
  const weak = outermost.filter(({ evidence, loose }) => loose !== undefined || evidence.client === 'weak' || evidence.server === 'weak');
  return {
    client: perByte(ordered('client'), (one) => one.matcher),
    server: perByte(ordered('server'), (one) => one.matcher),
    weak: perByte(weak.filter((protocol) => looseOf(protocol, 'client') !== undefined && looseOf(protocol, 'server') !== undefined), (one) => looseOf(one, 'client')),
    within,
  };
}

function candidate(protocol: Protocol, side: Side): Candidate {
  const isStrong = protocol.evidence[side] === 'strong';
  return {
    protocol,
    matcher: protocol[side],
    other: looseOf(protocol, side === 'client' ? 'server' : 'client'),
    // A server that only answers is believed only if the question was right.
    isFirm: isStrong && (side === 'client' || protocol.firstSpeaker !== 'client'),
  };
}

function looseOf(protocol: Protocol, side: Side): Matcher | undefined {
  const loose = protocol.loose?.[side];
  return loose === 'any' ? undefined : (loose ?? protocol[side]);
}

// ---- the procedure -------------------------------------------------------------------------------------------------

/** What was seen on the way to an answer. */
interface Seen {
  /** a candidate that precedes the answer may still match */
  isOpen: boolean;
  /** one of these has not been contradicted by the other side, so weaker evidence must wait */
  isBlocked: boolean;
}

/** Who greeted, then what the client says, then what the server answered, then what only both together tell. */
function judge(index: Index, client: Uint8Array, server: Uint8Array, first: Side | undefined, depth: number): Classified {
  const seen: Seen = { isOpen: false, isBlocked: false };
  const told =
    (first === 'server' ? search(index, 'server', client, server, first, seen, true) : undefined) ??
    search(index, 'client', client, server, first, seen, false) ??
    search(index, 'server', client, server, first, seen, false) ??
    together(index, client, server, first, seen);
  if (told !== undefined) return layered(index, told.protocol, told.classified, client, server, depth);
  if (client.length + server.length === 0) return unknown('nobody has said anything yet', false);
  const isFull = classifyBytes <= client.length && classifyBytes <= server.length;
  const isOver = 0 < client.length && 0 < server.length && !seen.isOpen;
  return unknown('the first bytes of neither side are those of a protocol in the catalogue', isFull || isOver);
}

interface Told {
  protocol: Protocol;
  classified: Classified;
}

/** The first candidate of one side that matches and is not contradicted. @param greets ask only protocols whose server may speak first */
function search(index: Index, side: Side, client: Uint8Array, server: Uint8Array, first: Side | undefined, seen: Seen, greets: boolean): Told | undefined {
  const bytes = side === 'client' ? client : server;
  const others = side === 'client' ? server : client;
  if (bytes.length === 0) return undefined;
  // Whoever only answers does not speak first; but of a client that was not heard at all nobody knows when it spoke.
  const refusesAnswerers = first === 'server' && 0 < client.length;
  for (const one of index[side][bytes[0] ?? 0] ?? []) {
    const isAnswerer = one.protocol.firstSpeaker === 'client';
    if (isAnswerer && (greets || (refusesAnswerers && one.protocol.evidence[side] !== 'strong'))) continue;
    const verdict = one.matcher.match(bytes, false);
    if (verdict === 'no') continue;
    const other = agreement(one.other, others);
    if (verdict === 'more') {
      if (other !== 'no') seen.isBlocked = true;
      if (other !== 'no' || one.isFirm) seen.isOpen = true;
      continue;
    }
    if (other === 'no' && !one.isFirm) continue;
    return { protocol: one.protocol, classified: answer(one.protocol, other === 'match' ? 'both' : side, !seen.isOpen && other !== 'more') };
  }
  return undefined;
}

/** @returns 'neither' when that side cannot tell */
function agreement(matcher: Matcher | undefined, bytes: Uint8Array): Verdict | 'neither' {
  if (matcher === undefined) return 'neither';
  return bytes.length === 0 ? 'more' : matcher.match(bytes, false);
}

/** Weak evidence: both sides must match, and nothing stronger may still be possible. */
function together(index: Index, client: Uint8Array, server: Uint8Array, first: Side | undefined, seen: Seen): Told | undefined {
  if (client.length === 0) return undefined;
  for (const protocol of index.weak[client[0] ?? 0] ?? []) {
    if (first === 'server' && protocol.firstSpeaker === 'client') continue;
    const asked = agreement(looseOf(protocol, 'client'), client);
    if (asked === 'no') continue;
    const answered = agreement(looseOf(protocol, 'server'), server);
    if (answered === 'no') continue;
    if (asked === 'match' && answered === 'match' && !seen.isBlocked) return { protocol, classified: answer(protocol, 'both', !seen.isOpen) };
    seen.isOpen = seen.isBlocked = true;
  }
  return undefined;
}

// ---- layers --------------------------------------------------------------------------------------------------------

function layered(index: Index, protocol: Protocol, first: Classified, client: Uint8Array, server: Uint8Array, depth: number): Classified {
  let told = protocol.refine === undefined ? first : protocol.refine(client, server, first);
  if (protocol.inside !== undefined && told.protocol === protocol.id) told = inside(index, protocol, told, client, server, depth);
  // Each step adds a layer that lives in the last one, and nothing lives in itself: there are few.
  for (let inner: Classified | undefined = told; inner !== undefined; inner = carried(index, told, client, server)) told = inner;
  return told;
}

function inside(index: Index, protocol: Protocol, told: Classified, client: Uint8Array, server: Uint8Array, depth: number): Classified {
  const isFull = classifyBytes <= client.length && classifyBytes <= server.length;
  const at = protocol.inside?.(client, server) ?? 'no';
  if (at === 'no') return told;
  if (at === 'more' || maxDepth <= depth) return { ...told, isSettled: isFull };
  const inner = judge(index, client.subarray(at.client), server.subarray(at.server), undefined, depth + 1);
  if (inner.protocol === 'unknown') return { ...told, isSettled: told.isSettled && (inner.isSettled || isFull) };
  if (at.only !== undefined && inner.layers[0] !== at.only) return { ...told, isSettled: isFull };
  return {
    ...told,
    layers: [...told.layers, ...inner.layers],
    why: `${told.why}, and ${inner.layers.join(' › ')} inside`,
    isSettled: told.isSettled && (inner.isSettled || at.only !== undefined),
  };
}

/** A protocol that lives in the innermost layer, by the same bytes. */
function carried(index: Index, told: Classified, client: Uint8Array, server: Uint8Array): Classified | undefined {
  if (told.protocol !== told.layers.at(-1)) return undefined;
  for (const protocol of index.within.get(told.protocol) ?? []) {
    const asked = agreement(protocol.client, client);
    const answered = agreement(looseOf(protocol, 'server'), server);
    if (answered === 'no' && protocol.evidence.client !== 'strong') continue;
    const isAsked = asked === 'match' && (protocol.evidence.client !== 'weak' || answered === 'match');
    const isAnswered = asked !== 'no' && 0 < server.length && protocol.server.match(server, false) === 'match';
    if (isAsked || isAnswered) {
      const by: By = told.by === 'server' ? 'server' : answered === 'match' || isAnswered ? 'both' : 'client';
      return { protocol: protocol.id, layers: [...told.layers, protocol.id], by, why: `${told.why}, with ${protocol.title} in it`, isSettled: told.isSettled && asked !== 'more' && answered !== 'more' };
    }
    if (asked === 'more' || (asked === 'match' && answered === 'more')) told.isSettled = false;
  }
  return undefined;
}

// ---- words ---------------------------------------------------------------------------------------------------------

function answer(protocol: Protocol, by: 'client' | 'server' | 'both', isSettled: boolean): Classified {
  const { id, title } = protocol;
  const why = by === 'both' ? `both sides’ first bytes are those of ${title}` : `the ${by}’s first bytes are those of ${title}`;
  return { protocol: id, layers: [id], by, why, isSettled };
}

function unknown(why: string, isSettled: boolean): Classified {
  return { protocol: 'unknown', layers: [], by: 'none', why, isSettled };
}
