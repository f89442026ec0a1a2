// One row of the Connections view: protocol and route, then who, how much, how long.

import * as vscode from 'vscode';
import type { FlowRow } from '../../shared/flow.js';
import { clientAddress, clientWords, endWords, isFailure } from '../flowWords.js';
import { formatAge, formatBytes, joinParts } from '../format.js';
import { said } from '../said.js';
import { protocolIcon, protocolName } from './protocolLook.js';

const t = vscode.l10n.t;

export interface GroupNode { kind: 'group'; id: string; listenerId: string; name: string; live: number; flows: FlowNode[] }
export interface FlowNode { kind: 'flow'; id: string; row: FlowRow; group: GroupNode | undefined }
export interface OlderNode { kind: 'older'; id: string; count: number }
export type ConnectionNode = GroupNode | FlowNode | OlderNode;

/** What rows say beside what their flow says itself. */
export interface RowContext {
  now: number;
  /** name of a debug session, as long as it is remembered */
  sessionName(id: string): string | undefined;
}

export function connectionItem(node: ConnectionNode, context: RowContext): vscode.TreeItem {
  switch (node.kind) {
    case 'group': {
      const item = new vscode.TreeItem(node.name, vscode.TreeItemCollapsibleState.Expanded);
      item.description = node.live > 0 ? t('{0} live', node.live) : undefined;
      item.iconPath = new vscode.ThemeIcon('radio-tower');
      item.contextValue = 'group';
      return item;
    }
    case 'flow':
      return flowItem(node, context);
    case 'older': {
      const item = new vscode.TreeItem(t('{0} older…', node.count));
      item.description = t('all of them in the inspector');
      item.iconPath = new vscode.ThemeIcon('ellipsis');
      item.contextValue = 'older';
      item.command = { command: 'portPrism.openInspector', title: t('Open Traffic Inspector') };
      return item;
    }
  }
}

function flowItem(node: FlowNode, context: RowContext): vscode.TreeItem {
  const { row } = node;
  const { now } = context;
  const session = sessionNames(row, context);
  const spokenSession = session === undefined ? undefined : t('debug session {0}', session);
  const isLive = row.state !== 'closed';
  const protocol = protocolName(row.classification);
  const item = new vscode.TreeItem(row.route === undefined ? protocol : `${protocol} › ${row.route}`);
  const size = formatBytes(row.fromClient.total + row.fromUpstream.total);
  const age = formatAge(isLive ? now - row.openedAt : now - (row.closedAt ?? row.openedAt));
  const end = isLive ? stateWord(row) : row.endReason === undefined ? t('closed') : endWords(row.endReason);
  const ended = t('{0}, {1} ago', end ?? '', age);
  // What someone should look at stands where a narrow side bar still shows it.
  item.description = isLive
    ? joinParts([clientWords(row), end, size, age, session])
    : joinParts(isFailure(row.endReason) ? [ended, clientWords(row), size, session] : [clientWords(row), size, ended, session]);
  item.iconPath = !isLive && isFailure(row.endReason)
    ? new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'))
    : protocolIcon(row.classification.layers.at(-1) ?? row.classification.protocol, isLive);
  item.contextValue = isLive ? 'connection live' : 'connection closed';
  // Without arguments, the command asks for the selected row, which is this one: VS Code forgets a row's arguments each time it is drawn
  // again, and a click in that moment would do nothing.
  item.command = { command: 'portPrism.connection.open', title: t('Inspect Connection') };
  item.accessibilityInformation = {
    label: isLive
      ? joinParts([t('{0} connection to route {1} from {2}, {3}, open for {4}', protocol, row.route ?? t('none yet'), clientWords(row), size, age), spokenSession])
      : joinParts([t('{0} connection to route {1} from {2}, {3}, {4} {5} ago', protocol, row.route ?? t('none'), clientWords(row), size, end ?? '', age), spokenSession]),
  };
  return item;
}

/** Every text here may come from traffic: it is appended as text, never as markdown. */
export function connectionTooltip(node: ConnectionNode, context: RowContext): vscode.MarkdownString | undefined {
  if (node.kind !== 'flow') return undefined;
  const { row } = node;
  const { classification, process } = row;
  const session = sessionNames(row, context);
  const lines = [
    classification.why === '' ? protocolName(classification) : `${classification.layers.join(' › ') || protocolName(classification)}: ${said(classification.why)}`,
    process === undefined ? t('Client {0}', clientAddress(row)) : t('Client {0}, {1} (process {2})', clientAddress(row), process.commandLine || process.name, process.pid),
    row.upstream === undefined ? undefined : upstreamWords(row, row.upstream),
    session === undefined ? undefined : t('Debug session {0}', session),
    row.trace === undefined ? undefined : said(row.trace.summary),
    t('{0} from client, {1} from upstream', formatBytes(row.fromClient.total), formatBytes(row.fromUpstream.total)),
    row.fromClient.dropped + row.fromUpstream.dropped > 0 ? t('{0} older bytes dropped', formatBytes(row.fromClient.dropped + row.fromUpstream.dropped)) : undefined,
    ...row.failedUpstreams.map(({ upstream, reason }) => `${upstream}: ${said(reason)}`),
    ...row.notes.map(said),
    row.endDetail !== undefined ? said(row.endDetail) : (row.endReason === undefined ? undefined : endWords(row.endReason)),
  ];
  const text = new vscode.MarkdownString();
  for (const line of lines) {
    if (line === undefined) continue;
    if (text.value !== '') text.appendMarkdown('\n\n');
    text.appendText(line);
  }
  return text;
}

function upstreamWords({ upstreamProcess: process }: FlowRow, upstream: string): string {
  return process === undefined ? t('Upstream {0}', upstream) : t('Upstream {0}, {1} (process {2})', upstream, process.commandLine || process.name, process.pid);
}

/** @returns the debug sessions of client and upstream; nothing when they belong to none */
function sessionNames({ session, upstreamSession }: FlowRow, { sessionName }: RowContext): string | undefined {
  const names = [session, upstreamSession].flatMap((id) => (id === undefined ? [] : (sessionName(id) ?? [])));
  return names.length === 0 ? undefined : names.join(', ');
}

function stateWord(row: FlowRow): string | undefined {
  switch (row.state) {
    case 'inspecting':
      return t('being inspected');
    case 'connecting':
      return t('connecting');
    case 'open':
    case 'closed':
      return undefined;
  }
}
