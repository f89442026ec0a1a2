// Listeners and routes: from the written form to what the engine runs.

import type { Node } from 'jsonc-parser';
import type { Address, Balance, Condition, Destination, ListenerRule, RouteRule } from '../../shared/rules.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { addressOf } from './address.js';
import { conditionOf } from './conditions.js';
import { defaultConnectTimeoutMs, defaultIdleMs, defaultMaxBytes, defaultTimeoutMs, limits, maxNameLength } from './defaults.js';
import { nearest } from './nearest.js';
import type { Fields, Named, Reader } from './reader.js';

const listenerKeys = ['name', 'enabled', 'listen', 'inspect', 'idleMs', 'connectTimeoutMs', 'routes', 'default'];
const routeKeys = ['name', 'enabled', 'match', 'to', 'balance'];
const balances: readonly Balance[] = ['roundRobin', 'leastConnections', 'first'];

/** A route or listener as read, with the nodes that later checks point at. `rule` is absent when something in it is wrong. */
export interface ReadRoute {
  node: Node;
  name?: string;
  nameNode: Node;
  matchNode: Node;
  toNodes: readonly Node[];
  rule?: RouteRule;
}

export interface ReadListener {
  node: Node;
  name?: string;
  nameNode: Node;
  listenNode: Node;
  defaultNode?: Node;
  routes: ReadRoute[];
  rule?: ListenerRule;
  /** where each upstream of the fallback is written */
  defaultToNodes: readonly Node[];
}

export function readListener(reader: Reader, node: Node, index: number, source: string): ReadListener {
  const fields: Fields = reader.object(node, say`A listener`, listenerKeys) ?? new Map<string, Node>();
  const errorsBefore = reader.problems.errorCount;
  const listenNode = fields.get('listen');
  const listen = listenNode === undefined ? missing(reader, node, say`A listener needs "listen": a port such as "3000".`) : address(reader, listenNode, 'listen');
  const nameNode = fields.get('name');
  const name = nameNode === undefined ? (listenNode?.type === 'string' || listenNode?.type === 'number' ? String(listenNode.value) : `listener ${index + 1}`) : nameOf(reader, nameNode, say`The listener’s name`);

  const inspectNode = fields.get('inspect');
  const inspect: Fields = (inspectNode === undefined ? undefined : reader.object(inspectNode, '"inspect"', ['timeoutMs', 'maxBytes'])) ?? new Map<string, Node>();
  const timeoutMs = reader.whole(inspect.get('timeoutMs'), '"timeoutMs"', limits.timeoutMs, listen === undefined ? 0 : defaultTimeoutMs(listen));
  const maxBytes = reader.whole(inspect.get('maxBytes'), '"maxBytes"', limits.maxBytes, defaultMaxBytes);
  const idleMs = reader.whole(fields.get('idleMs'), '"idleMs"', limits.idleMs, defaultIdleMs);
  const connectTimeoutMs = reader.whole(fields.get('connectTimeoutMs'), '"connectTimeoutMs"', limits.connectTimeoutMs, defaultConnectTimeoutMs);

  const routesNode = fields.get('routes');
  if (routesNode !== undefined && routesNode.type !== 'array') reader.wrongType(routesNode, '"routes"', say`a list of routes [ … ]`);
  const routes = routesNode?.type === 'array' ? (routesNode.children ?? []).map((child, i) => readRoute(reader, child, i)) : [];
  const defaultNode = fields.get('default');
  const fallback = defaultNode === undefined ? undefined : readDefault(reader, defaultNode);
  const isEnabled = reader.bool(fields.get('enabled'), '"enabled"', true);

  const read: ReadListener = {
    node,
    ...(name === undefined ? {} : { name }),
    nameNode: nameNode ?? listenNode ?? node,
    listenNode: listenNode ?? node,
    ...(defaultNode === undefined ? {} : { defaultNode }),
    routes,
    defaultToNodes: fallback?.nodes ?? [],
  };
  const isWhole = node.type === 'object' && reader.problems.errorCount === errorsBefore && routes.every((route) => route.rule !== undefined);
  if (isWhole && listen !== undefined && name !== undefined) {
    read.rule = {
      id: `${source}/${name}`,
      name,
      isEnabled,
      listen,
      inspect: { timeoutMs, maxBytes },
      idleMs,
      connectTimeoutMs,
      routes: routes.flatMap((route) => (route.rule === undefined ? [] : [route.rule])),
      ...(fallback?.destination === undefined ? {} : { fallback: fallback.destination }),
    };
  }
  return read;
}

function readRoute(reader: Reader, node: Node, index: number): ReadRoute {
  const fields: Fields = reader.object(node, say`A route`, routeKeys) ?? new Map<string, Node>();
  const errorsBefore = reader.problems.errorCount;
  const nameNode = fields.get('name');
  const name = nameNode === undefined ? `route ${index + 1}` : nameOf(reader, nameNode, say`The route’s name`);
  if (name === 'default' && nameNode !== undefined) reader.problems.at(nameNode, 'error', 'badValue', say`A route cannot be called "default": that is what the listener’s "default" is called in lists.`);
  const isEnabled = reader.bool(fields.get('enabled'), '"enabled"', true);
  const matchNode = fields.get('match');
  const condition: Condition | undefined = matchNode === undefined ? { kind: 'always' } : conditionOf(reader, matchNode);
  const toNode = fields.get('to');
  const to = node.type === 'object' ? destination(reader, toNode, fields.get('balance'), node, say`A route`) : undefined;
  const read: ReadRoute = { node, ...(name === undefined ? {} : { name }), nameNode: nameNode ?? node, matchNode: matchNode ?? node, toNodes: targetNodes(toNode) };
  if (name !== undefined && condition !== undefined && to !== undefined && reader.problems.errorCount === errorsBefore) read.rule = { name, isEnabled, condition, to };
  return read;
}

function readDefault(reader: Reader, node: Node): { destination?: Destination & { whenSilent: boolean }; nodes: readonly Node[] } {
  if (node.type !== 'object') {
    const to = destination(reader, node, undefined, node, '"default"');
    return { ...(to === undefined ? {} : { destination: { ...to, whenSilent: false } }), nodes: targetNodes(node) };
  }
  const fields: Fields = reader.object(node, '"default"', ['to', 'balance', 'whenSilent']) ?? new Map<string, Node>();
  const to = destination(reader, fields.get('to'), fields.get('balance'), node, '"default"');
  const whenSilent = reader.bool(fields.get('whenSilent'), '"whenSilent"', false);
  return { ...(to === undefined ? {} : { destination: { ...to, whenSilent } }), nodes: targetNodes(fields.get('to')) };
}

function destination(reader: Reader, toNode: Node | undefined, balanceNode: Node | undefined, owner: Node, what: Named): Destination | undefined {
  const nodes = targetNodes(toNode);
  if (toNode === undefined || nodes.length === 0) {
    reader.problems.at(toNode ?? owner, 'error', 'noTarget', say`${what} leads nowhere: "to" needs a target such as "127.0.0.1:8080" or "8080".`);
    return undefined;
  }
  const upstreams: Address[] = [];
  for (const node of nodes) {
    const target = address(reader, node, 'target');
    if (target !== undefined) upstreams.push(target);
  }
  let balance: Balance = 'roundRobin';
  if (balanceNode !== undefined) {
    const found = balances.find((one) => one === balanceNode.value);
    if (found !== undefined) balance = found;
    else {
      const meant = typeof balanceNode.value === 'string' ? nearest(balanceNode.value, balances) : undefined;
      reader.problems.at(balanceNode, 'error', 'badValue', say`"balance" is one of ${balances.map((one) => `"${one}"`).join(', ')}.`, meant === undefined ? undefined : { title: say`Change to "${meant}"`, newText: JSON.stringify(meant) });
    }
  }
  return upstreams.length === nodes.length ? { upstreams, balance } : undefined;
}

function targetNodes(node: Node | undefined): readonly Node[] {
  if (node === undefined) return [];
  return node.type === 'array' ? (node.children ?? []) : [node];
}

function address(reader: Reader, node: Node, use: 'listen' | 'target'): Address | undefined {
  const what = use === 'listen' ? '"listen"' : say`A target`;
  if (node.type !== 'string' && node.type !== 'number') return reader.wrongType(node, what, say`a port or an address such as "127.0.0.1:3000"`);
  const result = addressOf(node.type === 'number' ? Number(node.value) : String(node.value), use);
  if ('address' in result) return result.address;
  const better = result.better;
  reader.problems.at(node, 'error', 'badAddress', better === undefined ? say`"${String(node.value)}" ${result.problem}.` : say`"${String(node.value)}" ${result.problem}. Did you mean "${better}"?`, better === undefined ? undefined : { title: say`Change to "${better}"`, newText: JSON.stringify(better) });
  return undefined;
}

function nameOf(reader: Reader, node: Node, what: Named): string | undefined {
  const name = reader.text(node, what);
  if (name !== undefined && maxNameLength < name.length) reader.problems.at(node, 'error', 'badValue', say`${what} is longer than ${maxNameLength} characters.`);
  return name?.trim();
}

function missing(reader: Reader, node: Node, message: Sentence): undefined {
  reader.problems.at(node.type === 'object' ? { offset: node.offset, length: 1 } : node, 'error', 'missingKey', message);
  return undefined;
}
