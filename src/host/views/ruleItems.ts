// One row of the Rules view as the tree draws it: label, counters, icon, checkbox, and the words for a screen reader.

import * as vscode from 'vscode';
import { formatAddress } from '../../shared/address.js';
import type { EngineStatus, ListenerStatus, RouteStatus, UpstreamStatus } from '../../shared/protocol.js';
import type { RuleProblem } from '../../shared/rules.js';
import { formatAge, formatBytes, formatRate, joinParts, plural } from '../format.js';
import { sentence } from '../failures.js';
import { said } from '../said.js';
import { describeBalance, describeCondition, describeDestination } from '../rules/ruleWords.js';
import type { DefaultNode, ListenerNode, ProblemNode, RouteNode, RuleNode, UpstreamNode } from './ruleNodes.js';

const t = vscode.l10n.t;

/** Rows that are off or failing get their label's colour through this scheme (see ruleDecorations.ts). */
export const decorationScheme = 'port-prism';

export function ruleItem(node: RuleNode, status: EngineStatus, now: number): vscode.TreeItem {
  const item = makeItem(node, status, now);
  item.id = node.id;
  return item;
}

function makeItem(node: RuleNode, status: EngineStatus, now: number): vscode.TreeItem {
  switch (node.kind) {
    case 'folder': {
      const item = new vscode.TreeItem(node.file.source, vscode.TreeItemCollapsibleState.Expanded);
      item.iconPath = new vscode.ThemeIcon('root-folder');
      item.contextValue = 'folder';
      return item;
    }
    case 'problem':
      return problemItem(node);
    case 'listener':
      return listenerItem(node, status);
    case 'route':
      return routeItem(node, status, now);
    case 'default':
      return defaultItem(node, status, now);
    case 'upstream':
      return upstreamItem(node, status, now);
  }
}

function problemItem(node: ProblemNode): vscode.TreeItem {
  const count = node.file.errors.length;
  const name = node.file.uri.path.slice(node.file.uri.path.lastIndexOf('/') + 1);
  const item = new vscode.TreeItem(plural(count, '{1} has an error', '{1} has {0} errors', name));
  item.description = node.file.rules === undefined ? t('nothing can start until it is mended') : t('the last good rules stay in force');
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.contextValue = 'problem';
  const first = node.file.errors[0];
  item.tooltip = first === undefined ? undefined : new vscode.MarkdownString().appendText(`${t('Line {0}', first.line + 1)}: ${said(first.message)}`);
  item.command = { command: 'portPrism.openRuleFile', title: t('Open'), arguments: [node] };
  item.accessibilityInformation = { label: `${String(item.label)}, ${item.description}` };
  return item;
}

function listenerItem(node: ListenerNode, status: EngineStatus): vscode.TreeItem {
  const { rule } = node;
  const own = listenerStatus(status, rule.id);
  const state = own?.state ?? 'stopped';
  const isRunning = state === 'listening';
  const address = formatAddress(own?.address ?? rule.listen);
  const item = new vscode.TreeItem(rule.name, node.rule.routes.length + (rule.fallback === undefined ? 0 : 1) > 0 ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None);
  const counters = isRunning && own !== undefined ? [own.live > 0 ? t('{0} live', own.live) : undefined, own.bytesPerSecond >= 1 ? formatRate(own.bytesPerSecond) : undefined] : [];
  item.description = joinParts([address, stateWord(state, rule.isEnabled), ...counters]);
  item.iconPath = listenerIcon(state, rule.isEnabled);
  item.contextValue = words('listener', state, rule.isEnabled ? 'on' : 'off', node.index > 0 && 'canMoveUp', node.index < node.count - 1 && 'canMoveDown', own?.error?.code === 'portInUse' && 'portInUse');
  if (!rule.isEnabled) item.resourceUri = decoration('off', node.id);
  else if (state === 'failed') item.resourceUri = decoration('failed', node.id);
  item.accessibilityInformation = {
    label: [t('Listener {0}', rule.name), address, rule.isEnabled ? spokenState(state) : t('disabled'), ...counters].filter((part) => part !== undefined).join(', '),
  };
  return item;
}

function routeItem(node: RouteNode, status: EngineStatus, now: number): vscode.TreeItem {
  const { rule } = node;
  const own = routeStatus(status, node);
  const item = new vscode.TreeItem(rule.name, rule.to.upstreams.length < 2 ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed);
  const says = `${describeCondition(rule.condition)} → ${describeDestination(rule.to)}`;
  const failure = rule.isEnabled ? failureOf(own, now) : undefined;
  item.description = joinParts([says, rule.isEnabled ? undefined : t('off'), liveWord(own), failure]);
  item.checkboxState = {
    state: rule.isEnabled ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked,
    tooltip: rule.isEnabled ? t('Enabled: press to switch this route off') : t('Switched off: press to enable this route'),
    accessibilityInformation: { label: rule.isEnabled ? t('Route {0} is enabled', rule.name) : t('Route {0} is switched off', rule.name) },
  };
  const worst = worstProblem(node.parent.file.problemsAt(['listeners', node.parent.index, 'routes', node.index]));
  if (failure !== undefined) item.iconPath = failingIcon();
  else if (worst !== undefined) item.iconPath = problemIcon(worst);
  item.contextValue = words('route', rule.isEnabled ? 'on' : 'off', node.index > 0 && 'canMoveUp', node.index < node.count - 1 && 'canMoveDown');
  if (!rule.isEnabled) item.resourceUri = decoration('off', node.id);
  item.accessibilityInformation = {
    label: [t('Route {0}, {1}', node.index + 1, rule.name), t('{0} to {1}', describeCondition(rule.condition), describeDestination(rule.to)),
      rule.isEnabled ? t('enabled') : t('switched off'), own !== undefined && own.live > 0 ? plural(own.live, '{0} connection', '{0} connections') : undefined, failure, worst === undefined ? undefined : said(worst.message)]
      .filter((part) => part !== undefined).join(', '),
  };
  return item;
}

function defaultItem(node: DefaultNode, status: EngineStatus, now: number): vscode.TreeItem {
  const own = routeStatus(status, node);
  const failure = failureOf(own, now);
  const item = new vscode.TreeItem(`↳ ${t('default')}`, node.to.upstreams.length < 2 ? vscode.TreeItemCollapsibleState.None : vscode.TreeItemCollapsibleState.Collapsed);
  item.description = joinParts([`→ ${describeDestination(node.to)}`, node.to.whenSilent ? t('also when silent') : undefined, liveWord(own), failure]);
  if (failure !== undefined) item.iconPath = failingIcon();
  item.contextValue = 'default';
  item.accessibilityInformation = { label: [t('Default, to {0}', describeDestination(node.to)), own !== undefined && own.live > 0 ? plural(own.live, '{0} connection', '{0} connections') : undefined, failure].filter((part) => part !== undefined).join(', ') };
  return item;
}

function upstreamItem(node: UpstreamNode, status: EngineStatus, now: number): vscode.TreeItem {
  const address = formatAddress(node.address);
  const own = routeStatus(status, node.parent)?.upstreams.find((upstream) => upstream.address === address);
  const item = new vscode.TreeItem(address);
  const health = own?.health ?? 'unknown';
  item.description = joinParts([health === 'healthy' ? t('healthy') : health === 'failing' ? failureWord(own, now) : t('not used yet'), own !== undefined && own.live > 0 ? t('{0} live', own.live) : undefined]);
  item.iconPath = health === 'unknown'
    ? new vscode.ThemeIcon('circle-outline')
    : health === 'healthy' ? new vscode.ThemeIcon('circle-filled', new vscode.ThemeColor('testing.iconPassed')) : failingIcon();
  item.contextValue = 'upstream';
  item.accessibilityInformation = { label: joinParts([t('Upstream {0}', address), String(item.description)]) };
  return item;
}

/** Built when the pointer rests on a row, not before: hundreds of rows would pay for one that is read. */
export function ruleTooltip(node: RuleNode, status: EngineStatus, now: number): vscode.MarkdownString | undefined {
  const lines = tooltipLines(node, status, now);
  if (lines.length === 0) return undefined;
  const text = new vscode.MarkdownString();
  for (const [index, line] of lines.entries()) {
    if (index > 0) text.appendMarkdown('\n\n');
    text.appendText(line);
  }
  return text;
}

function tooltipLines(node: RuleNode, status: EngineStatus, now: number): string[] {
  switch (node.kind) {
    case 'folder':
      return [node.file.uri.fsPath];
    case 'problem':
      return [];
    case 'listener': {
      const own = listenerStatus(status, node.rule.id);
      const { inspect, idleMs } = node.rule;
      return [
        own?.error !== undefined ? sentence(own.error) : t('Listens on {0}', formatAddress(own?.address ?? node.rule.listen)),
        own === undefined ? '' : plural(own.total, '{0} connection so far, {1} forwarded', '{0} connections so far, {1} forwarded', formatBytes(own.bytes)),
        t('Waits up to {0} ms and {1} for the first bytes', inspect.timeoutMs, formatBytes(inspect.maxBytes)),
        idleMs > 0 ? t('Closes connections that are silent for {0}', formatAge(idleMs)) : '',
      ].filter((line) => line !== '');
    }
    case 'route':
    case 'default': {
      const to = node.kind === 'route' ? node.rule.to : node.to;
      const own = routeStatus(status, node);
      return [
        node.kind === 'route' ? t('When: {0}', describeCondition(node.rule.condition)) : t('Takes what no route took'),
        t('To: {0}', to.upstreams.map(formatAddress).join(', ')),
        ...[describeBalance(to)].flatMap((balance) => (balance === undefined ? [] : [t('Goes to {0}', balance)])),
        ...(own === undefined ? [] : [plural(own.total, '{0} connection so far', '{0} connections so far')]),
        ...[failingUpstream(own)].flatMap((upstream) => (upstream === undefined ? [] : failureSentence(upstream, now))),
        ...(node.kind === 'route' ? node.parent.file.problemsAt(['listeners', node.parent.index, 'routes', node.index]).map(({ message }) => message) : []),
      ];
    }
    case 'upstream': {
      const own = routeStatus(status, node.parent)?.upstreams.find(({ address }) => address === formatAddress(node.address));
      return own === undefined ? [] : [plural(own.total, '{0} connection so far', '{0} connections so far'), ...failureSentence(own, now)];
    }
  }
}

export function listenerStatus(status: EngineStatus, id: string): ListenerStatus | undefined {
  return status.listeners.find((listener) => listener.id === id);
}

function routeStatus(status: EngineStatus, node: RouteNode | DefaultNode): RouteStatus | undefined {
  const name = node.kind === 'route' ? node.rule.name : 'default';
  return listenerStatus(status, node.parent.rule.id)?.routes.find((route) => route.name === name);
}

function stateWord(state: ListenerStatus['state'], isEnabled: boolean): string | undefined {
  if (!isEnabled) return t('off');
  switch (state) {
    case 'starting':
      return t('starting');
    case 'failed':
      return t('failed');
    case 'stopped':
    case 'listening':
      return undefined;
  }
}

function spokenState(state: ListenerStatus['state']): string {
  switch (state) {
    case 'listening':
      return t('listening');
    case 'stopped':
      return t('stopped');
    case 'starting':
      return t('starting');
    case 'failed':
      return t('failed');
  }
}

function listenerIcon(state: ListenerStatus['state'], isEnabled: boolean): vscode.ThemeIcon {
  if (!isEnabled && state === 'stopped') return new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('disabledForeground'));
  switch (state) {
    case 'listening':
      return new vscode.ThemeIcon('circle-filled', new vscode.ThemeColor('testing.iconPassed'));
    case 'starting':
      return new vscode.ThemeIcon('loading~spin');
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    case 'stopped':
      return new vscode.ThemeIcon('circle-outline');
  }
}

function failingIcon(): vscode.ThemeIcon {
  return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
}

function problemIcon(problem: RuleProblem): vscode.ThemeIcon {
  switch (problem.severity) {
    case 'error':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
    case 'warning':
      return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
    case 'info':
      return new vscode.ThemeIcon('info');
  }
}

function worstProblem(problems: readonly RuleProblem[]): RuleProblem | undefined {
  return problems.find(({ severity }) => severity === 'error') ?? problems.find(({ severity }) => severity === 'warning');
}

/** A route fails when none of its upstreams is known to work and one is known not to. */
function failingUpstream(status: RouteStatus | undefined): UpstreamStatus | undefined {
  const failing = status?.upstreams.find(({ health }) => health === 'failing');
  return status?.upstreams.some(({ health }) => health === 'healthy') === true ? undefined : failing;
}

function failureOf(status: RouteStatus | undefined, now: number): string | undefined {
  const failing = failingUpstream(status);
  return failing === undefined ? undefined : failureWord(failing, now);
}

/** A row has room for a few words; its tooltip says the sentence. */
function failureWord(status: UpstreamStatus | undefined, now: number): string {
  const last = status?.lastFailure;
  if (last === undefined) return t('failing');
  const age = formatAge(now - last.at);
  switch (last.reason) {
    case 'connectRefused':
      return t('refused {0} ago', age);
    case 'connectTimeout':
      return t('no answer {0} ago', age);
    case 'connectFailed':
      return t('not reached {0} ago', age);
  }
}

function failureSentence({ lastFailure }: UpstreamStatus, now: number): string[] {
  return lastFailure === undefined ? [] : [t('{0} ({1} ago)', said(lastFailure.detail), formatAge(now - lastFailure.at))];
}

function liveWord(status: RouteStatus | undefined): string | undefined {
  return status === undefined || status.live === 0 ? undefined : String(status.live);
}

function words(...tokens: (string | false | undefined)[]): string {
  return tokens.filter((token) => typeof token === 'string').join(' ');
}

function decoration(kind: 'off' | 'failed', id: string): vscode.Uri {
  return vscode.Uri.from({ scheme: decorationScheme, path: `/${kind}/${encodeURIComponent(id)}` });
}

