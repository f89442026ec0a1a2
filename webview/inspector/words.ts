// What the inspector calls things: end reasons, routes, rows in a sentence for screen readers.

import type { EndReason, FlowRow } from '../../src/shared/flow.js';
import { assertNever } from '../../src/shared/lifecycle.js';
import { programName } from '../../src/shared/programName.js';
import type { LensSummary } from '../../src/shared/protocol.js';
import { formatCount, l10n, plural } from '../l10n.js';
import { formatBytes, formatDuration, formatEndpoint, formatTime } from '../widgets/format.js';
import { shown } from './file/shownKind.js';

export function endReasonWords(reason: EndReason): string {
  switch (reason) {
    case 'clientClosed': return l10n.t('closed by client');
    case 'upstreamClosed': return l10n.t('closed by upstream');
    case 'bothClosed': return l10n.t('closed');
    case 'clientReset': return l10n.t('reset by client');
    case 'upstreamReset': return l10n.t('reset by upstream');
    case 'connectRefused': return l10n.t('upstream refused');
    case 'connectTimeout': return l10n.t('upstream did not answer');
    case 'connectFailed': return l10n.t('upstream not reached');
    case 'noRoute': return l10n.t('no route took it');
    case 'clientLeftWhileInspected': return l10n.t('client left before a route was found');
    case 'idle': return l10n.t('closed as idle');
    case 'closedByPerson': return l10n.t('closed by you');
    case 'stopped': return l10n.t('listener stopped');
    case 'engineFailed': return l10n.t('engine failed');
    default: return assertNever(reason);
  }
}

/** Ends that a person looks for when something does not work. A reset by the client is how many programs hang up. */
export function isTrouble(reason: EndReason): boolean {
  return ['upstreamReset', 'connectRefused', 'connectTimeout', 'connectFailed', 'noRoute', 'engineFailed'].includes(reason);
}

export function endWords(flow: FlowRow): string {
  switch (flow.state) {
    case 'inspecting': return l10n.t('inspecting');
    case 'connecting': return l10n.t('connecting');
    case 'open': return l10n.t('live');
    case 'closed': return flow.endReason === undefined ? (shown.isFile ? l10n.t('not in the file') : l10n.t('closed')) : endReasonWords(flow.endReason);
    default: return assertNever(flow.state);
  }
}

export function protocolWords(flow: FlowRow): string {
  const { protocol, layers } = flow.classification;
  if (layers.length > 1) return layers.join(' › ');
  return protocol === 'unknown' ? l10n.t('unknown') : protocol;
}

export function routeWords(flow: FlowRow): string {
  if (flow.route === undefined) return flow.upstream ?? '';
  return flow.upstream === undefined ? flow.route : `${flow.route} → ${flow.upstream}`;
}

export function clientWords(flow: FlowRow): string {
  return flow.process === undefined ? formatEndpoint(flow.client) : `${programName(flow.process)} (${flow.process.pid})`;
}

export function flowDurationMs(flow: FlowRow, nowMs: number): number {
  return Math.max(0, (flow.closedAt ?? nowMs) - flow.openedAt);
}

/** One row in one sentence. */
export function rowLabel(flow: FlowRow, nowMs: number): string {
  return [
    formatTime(flow.openedAt),
    protocolWords(flow),
    routeWords(flow),
    l10n.t('client {0}', clientWords(flow)),
    l10n.t('{0} from client, {1} from upstream', formatBytes(flow.fromClient.total), formatBytes(flow.fromUpstream.total)),
    formatDuration(flowDurationMs(flow, nowMs)),
    endWords(flow),
  ].filter((part) => part !== '').join(', ');
}

/** The line of counts: "48 connections, 12 live · 256 MB kept, 1.2 GB older dropped". */
export function countsWords(summary: LensSummary, matching: number | undefined, newer: number): string {
  const all = plural(summary.totalFlows, '{0} connection', '{0} connections');
  const flows = matching === undefined
    ? l10n.t('{0}, {1} live', all, formatCount(summary.liveFlows))
    : l10n.t('{0} of {1} match, {2} live', formatCount(matching), all, formatCount(summary.liveFlows));
  const parts = [flows, summary.droppedBytes === 0 ? l10n.t('{0} kept', formatBytes(summary.keptBytes)) : l10n.t('{0} kept, {1} older dropped', formatBytes(summary.keptBytes), formatBytes(summary.droppedBytes))];
  if (newer > 0) parts.push(plural(newer, 'paused, {0} newer', 'paused, {0} newer'));
  // Below half a second nobody notices; above it the numbers would look wrong without this.
  if (summary.behindMs > 500) parts.push(l10n.t('showing what happened {0} ago', formatDuration(summary.behindMs)));
  return parts.join(' · ');
}
