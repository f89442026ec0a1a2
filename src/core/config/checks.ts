// What can be wrong with rules that are well-formed: names, ports, routes that cannot be reached or that cost a delay.

import { formatAddress, isLoopbackHost } from '../../shared/address.js';
import type { Address, Condition } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { patternReach } from '../match/patternReach.js';
import { protocolOf } from '../protocols/index.js';
import { covers, isSame } from './covers.js';
import type { ReadListener, ReadRoute } from './listeners.js';
import type { Problems } from './problems.js';

export function checkListeners(problems: Problems, listeners: readonly ReadListener[]): void {
  checkNames(problems, listeners);
  checkAddresses(problems, listeners);
  for (const listener of listeners) {
    checkRouteNames(problems, listener);
    checkReach(problems, listener);
    checkLoops(problems, listener);
    for (const route of listener.routes) if (route.rule?.isEnabled === true) checkCondition(problems, listener, route, route.rule.condition);
  }
}

function checkNames(problems: Problems, listeners: readonly ReadListener[]): void {
  const seen = new Set<string>();
  for (const { name, nameNode } of listeners) {
    if (name === undefined) continue;
    if (seen.has(name)) problems.at(nameNode, 'error', 'duplicateName', say`Two listeners are called "${name}". Give this one another name.`);
    seen.add(name);
  }
}

function checkAddresses(problems: Problems, listeners: readonly ReadListener[]): void {
  const seen = new Map<string, string>();
  for (const { rule, listenNode } of listeners) {
    if (rule === undefined || !rule.isEnabled) continue;
    // Port 0 is a different one each time.
    if (rule.listen.kind === 'tcp' && rule.listen.port === 0) continue;
    const address = formatAddress(rule.listen).toLowerCase();
    const other = seen.get(address);
    if (other === undefined) seen.set(address, rule.name);
    else problems.at(listenNode, 'error', 'duplicateListen', say`"${other}" listens on ${address} already. Give one of them another port, or put all routes into one listener.`);
  }
}

function checkRouteNames(problems: Problems, listener: ReadListener): void {
  const seen = new Set<string>();
  for (const { name, nameNode } of listener.routes) {
    if (name === undefined) continue;
    if (seen.has(name)) problems.at(nameNode, 'error', 'duplicateName', say`Two routes of this listener are called "${name}". Give this one another name.`);
    seen.add(name);
  }
}

// Each is compared with all above it: half a million comparisons, which still keeps up with typing.
const maxComparedRoutes = 1000;

/** Routes that the routes above leave nothing for. */
function checkReach(problems: Problems, listener: ReadListener): void {
  const enabled = listener.routes.filter((route) => route.rule?.isEnabled === true).slice(0, maxComparedRoutes);
  enabled.forEach((route, i) => {
    const condition = route.rule?.condition;
    if (condition === undefined) return;
    const above = enabled.slice(0, i).find((other) => other.rule !== undefined && covers(other.rule.condition, condition));
    if (above?.rule === undefined) return;
    const name = above.rule.name;
    if (above.rule.condition.kind === 'always') problems.at(route.matchNode, 'warning', 'unreachableRoute', say`This route is never reached: route "${name}" above takes every connection. Move "${name}" to the end, or give it a condition.`);
    else if (isSame(above.rule.condition, condition)) problems.at(route.matchNode, 'warning', 'duplicateMatch', say`This route is never reached: route "${name}" above has the same condition.`);
    else problems.at(route.matchNode, 'warning', 'shadowedRoute', say`This route is never reached: whatever matches it also matches route "${name}" above. Move this one above "${name}".`);
  });
  const catchAll = enabled.find((route) => route.rule?.condition.kind === 'always');
  if (catchAll?.rule !== undefined && listener.defaultNode !== undefined) problems.at(listener.defaultNode, 'info', 'unusedDefault', say`This default is never used: route "${catchAll.rule.name}" takes every connection.`);
}

/** An upstream that is the listener itself would connect to itself until no socket is left. */
function checkLoops(problems: Problems, listener: ReadListener): void {
  const rule = listener.rule;
  if (rule === undefined) return;
  listener.routes.forEach(({ toNodes, rule: route }) => route?.to.upstreams.forEach((upstream, i) => report(toNodes[i], upstream)));
  rule.fallback?.upstreams.forEach((upstream, i) => report(listener.defaultToNodes[i], upstream));

  function report(node: ReadListener['node'] | undefined, upstream: Address): void {
    if (node === undefined || rule === undefined || !isSamePlace(rule.listen, upstream)) return;
    problems.at(node, 'error', 'targetIsListener', say`This target is the listener itself (${formatAddress(upstream)}): connections would go round in a circle. Name the port of the service behind it.`);
  }
}

function isSamePlace(listen: Address, upstream: Address): boolean {
  if (listen.kind === 'path' || upstream.kind === 'path') return listen.kind === 'path' && upstream.kind === 'path' && listen.path === upstream.path;
  if (listen.port === 0 || listen.port !== upstream.port) return false;
  const host = listen.host.toLowerCase();
  const target = upstream.host.toLowerCase();
  const isAny = host === '0.0.0.0' || host === '::';
  // 127.0.0.2 is a place of its own, and so is [::1] beside 127.0.0.1; `localhost` may be either.
  return host === target || (isLoopbackHost(target) && (isAny || host === 'localhost' || (target === 'localhost' && isLoopbackHost(host))));
}

/**
 * Fewest bytes that a client of the protocol may send before it waits for an answer: PostgreSQL's SSLRequest, an HTTP/2 preface with
 * empty SETTINGS, `*1 $4 PING` of Redis, the shortest MQTT CONNECT, `SSH-2.0-x` with its line end, `GET / HTTP/1.0` with an empty line.
 */
const firstBurstBytes: Readonly<Record<string, number>> = { postgres: 8, http2: 33, grpc: 33, redis: 14, mqtt: 14, ssh: 11, http1: 18, websocket: 100, tls: 50 };
// Of protocols in general: PostgreSQL, AMQP and others stop after eight bytes. SOCKS5 stops after three, but says no to most at byte 0.
const anyBurstBytes = 8;

function checkCondition(problems: Problems, listener: ReadListener, route: ReadRoute, condition: Condition, burstBytes?: number, about = ''): void {
  const { matchNode } = route;
  const most = listener.rule?.inspect.maxBytes;
  switch (condition.kind) {
    case 'protocol': {
      const silent = condition.ids.filter((id) => protocolOf(id)?.firstSpeaker === 'server');
      if (0 < silent.length) {
        const names = silent.join(', ');
        problems.at(matchNode, 'warning', 'serverFirstProtocol', say`Clients of ${names} wait for the server to speak first, so their bytes can never choose this route. Two ways work: { "process": "…" } with the client program’s name, or { "silent": true } as the last route.`);
      }
      return;
    }
    case 'payload': {
      const longest = Math.max(...condition.hex.map((text) => text.length / 2));
      const needs = condition.offset + longest;
      if (most !== undefined && most < needs) problems.at(matchNode, 'warning', 'neverDecided', say`This needs ${needs} bytes, and the listener looks at ${most} ("maxBytes"): it can never match.`);
      else if (burstBytes !== undefined && burstBytes < needs) problems.at(matchNode, 'info', 'slowCondition', say`This needs ${needs} bytes, and ${about} clients may send only ${burstBytes} before they wait for an answer: those wait for the whole inspect timeout.`);
      else if (burstBytes === undefined && anyBurstBytes < needs && 0 < condition.offset) problems.at(matchNode, 'info', 'slowCondition', say`Nothing can be said before byte ${condition.offset} is there. Clients that send less (some protocols start with ${anyBurstBytes} bytes and wait) are held for the whole inspect timeout. Adding a "protocol" beside it avoids that.`);
      return;
    }
    case 'pattern': {
      const reach = patternReach(condition.source, condition.flags);
      if (reach === undefined) return;
      if (!reach.isAnchored) problems.at(matchNode, 'warning', 'unanchoredPattern', say`This pattern may match anywhere, so every connection without it is held until ${condition.maxBytes} bytes or the inspect timeout. Start it with "^".`);
      else if (reach.maxBytes === Infinity) problems.at(matchNode, 'warning', 'unboundedPattern', say`This pattern has a part that any bytes fit, so a connection without it is held until ${condition.maxBytes} bytes or the inspect timeout. Say what may stand there, such as [^\\r\\n]*.`);
      if (reach.needsEnd) problems.at(matchNode, 'warning', 'patternNeedsEnd', say`A stream has no end while the client is connected, so "$" or "\\z" at the end of the text waits for the inspect timeout. Match what follows instead, such as \\r\\n.`);
      if (most !== undefined && most < reach.minBytes) problems.at(matchNode, 'warning', 'neverDecided', say`This needs ${reach.minBytes} bytes, and the listener looks at ${most} ("maxBytes"): it can never match.`);
      return;
    }
    case 'all': {
      const ids = condition.of.flatMap((part) => (part.kind === 'protocol' ? part.ids : part.kind === 'http' ? ['http1'] : part.kind === 'tls' ? ['tls'] : []));
      const known = ids.flatMap((id) => (firstBurstBytes[id] === undefined ? [] : [firstBurstBytes[id]]));
      const burst = known.length === 0 ? burstBytes : Math.min(...known);
      for (const part of condition.of) checkCondition(problems, listener, route, part, burst, ids.join(' or '));
      return;
    }
    case 'any':
      for (const part of condition.of) checkCondition(problems, listener, route, part, burstBytes, about);
      return;
    case 'not':
      if (condition.of.kind !== 'protocol') checkCondition(problems, listener, route, condition.of, burstBytes, about);
      return;
    case 'always':
    case 'tls':
    case 'http':
    case 'remote':
    case 'process':
    case 'silent':
      return;
  }
}
