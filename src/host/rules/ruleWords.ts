// Conditions and destinations in the few words that a row of the Rules view has room for.

import * as vscode from 'vscode';
import { formatAddress, formatHost, isLoopbackHost } from '../../shared/address.js';
import type { Address, Condition, Destination } from '../../shared/rules.js';

const t = vscode.l10n.t;

/** What `http` in a rule file stands for: the rules in force carry the members, the row says the group again. */
const httpGroup = ['http1', 'http2', 'grpc', 'websocket'];
const maxListed = 2;

/** @returns `http api.localhost/v1/*`, `program mysql*`, `not tls`, ... */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'always':
      return t('everything');
    case 'protocol':
      return listed(describeProtocols(condition.ids));
    case 'tls':
      return ['tls', listed(condition.sni), listed(condition.alpn)].filter((part) => part !== '').join(' ');
    case 'http':
      return describeHttp(condition);
    case 'payload':
      return condition.offset === 0 ? t('bytes {0}', listed(condition.hex)) : t('bytes {0} at {1}', listed(condition.hex), condition.offset);
    case 'pattern':
      return `/${condition.source}/${condition.flags}`;
    case 'remote':
      return t('from {0}', listed(condition.ranges.map(withoutHostPrefix)));
    case 'process':
      return t('program {0}', listed(condition.globs));
    case 'silent':
      return t('silent');
    case 'not':
      return t('not {0}', isGroup(condition.of) ? `(${describeCondition(condition.of)})` : describeCondition(condition.of));
    case 'all':
      return withoutRepeats(condition.of.map(describeCondition)).join(' ');
    case 'any':
      return condition.of.map(describeCondition).join(t(' or '));
  }
}

/** @returns `8080`, or `50051, 50052`; the host only where it is another machine's */
export function describeDestination(destination: Destination): string {
  return destination.upstreams.map(shortAddress).join(', ');
}

/** @returns the port alone for this machine, else the whole address */
export function shortAddress(address: Address): string {
  if (address.kind === 'path') return formatAddress(address);
  return isLoopbackHost(address.host) ? String(address.port) : `${formatHost(address.host)}:${address.port}`;
}

/** The same in a sentence, for tooltips. */
export function describeBalance(destination: Destination): string | undefined {
  if (destination.upstreams.length < 2) return undefined;
  switch (destination.balance) {
    case 'roundRobin':
      return t('each upstream in turn');
    case 'leastConnections':
      return t('the upstream with the fewest connections');
    case 'first':
      return t('the first upstream that answers');
  }
}

function describeProtocols(ids: readonly string[]): string[] {
  if (!httpGroup.every((id) => ids.includes(id))) return [...ids];
  return ['http', ...ids.filter((id) => !httpGroup.includes(id))];
}

function describeHttp(condition: Extract<Condition, { kind: 'http' }>): string {
  const host = listed(condition.host);
  const path = listed(condition.path);
  const headers = (condition.headers ?? []).map((header) => `${header.name}: ${listed(header.values)}`);
  return withoutRepeats([listed(condition.method), `${host}${path}`, ...headers]).join(' ') || 'http';
}

/** `protocol: http` together with `host` is said once: the http condition implies it. */
function withoutRepeats(parts: readonly string[]): string[] {
  return [...new Set(parts.filter((part) => part !== ''))];
}

function isGroup(condition: Condition): boolean {
  return (condition.kind === 'all' || condition.kind === 'any') && condition.of.length > 1;
}

function listed(values: readonly string[] | undefined): string {
  if (values === undefined || values.length === 0) return '';
  const shown = values.slice(0, maxListed).join(', ');
  return values.length <= maxListed ? shown : `${shown} +${values.length - maxListed}`;
}

/** A single address was made a range of one: the row shows what was written. */
function withoutHostPrefix(range: string): string {
  return range.replace(/\/(32|128)$/, '');
}
