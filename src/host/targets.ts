// Which row a command is about: the one it was called on, else the selected one, else the person's choice.

import { formatAddress } from '../shared/address.js';
import type { FlowRow } from '../shared/flow.js';
import type { Dialogs } from './dialogs.js';
import { clientWords } from './flowWords.js';
import { formatBytes, joinParts } from './format.js';
import { describeCondition, describeDestination } from './rules/ruleWords.js';
import type { ConnectionNode } from './views/connectionItems.js';
import type { ConnectionsTree } from './views/connectionsTree.js';
import { protocolName } from './views/protocolLook.js';
import { listenerOf, type ListenerNode, type RouteNode, type RuleNode } from './views/ruleNodes.js';
import type { LensClient } from './services.js';
import type { RulesTree } from './views/rulesTree.js';

export class Targets {
  constructor(
    private readonly rules: RulesTree,
    private readonly connections: ConnectionsTree,
    private readonly dialogs: Dialogs,
    private readonly lens: (argument: unknown) => LensClient | undefined,
  ) {}

  /** @param argument a row, a listener id (from a message's button), or nothing (palette, key) */
  async listener(argument: unknown, title: string, filter: (node: ListenerNode) => boolean = () => true): Promise<ListenerNode | undefined> {
    await this.rules.getChildren();
    const all = [...this.rules.rows].filter((node) => node.kind === 'listener');
    if (typeof argument === 'string') return all.find((node) => node.rule.id === argument);
    const own = listenerOf(this.ruleRow(argument) ?? (await this.rules.selection()));
    if (own !== undefined && filter(own)) return own;
    const choices = all.filter(filter);
    if (choices.length <= 1) return choices[0];
    return this.dialogs.pick(choices.map((node) => ({ label: node.rule.name, description: formatAddress(node.rule.listen), value: node })), title);
  }

  /** A listener or a route. */
  async rule(argument: unknown, title: string, filter: (node: ListenerNode | RouteNode) => boolean = () => true): Promise<ListenerNode | RouteNode | undefined> {
    await this.rules.getChildren();
    const all = [...this.rules.rows].filter((node) => node.kind === 'listener' || node.kind === 'route');
    if (typeof argument === 'string') return all.find((node) => node.kind === 'listener' && node.rule.id === argument);
    const own = ruleOf(this.ruleRow(argument) ?? (await this.rules.selection()));
    if (own !== undefined && filter(own)) return own;
    return this.dialogs.pick<ListenerNode | RouteNode>(all.filter(filter).map((node) => (node.kind === 'listener'
      ? { label: node.rule.name, description: formatAddress(node.rule.listen), value: node }
      : { label: `${node.parent.rule.name} › ${node.rule.name}`, description: `${describeCondition(node.rule.condition)} → ${describeDestination(node.rule.to)}`, value: node })), title);
  }

  /** Connections: several when several rows are selected; `{ flow }` when the inspector's menu names one. */
  async flows(argument: unknown, more: unknown, title: string, filter: (row: FlowRow) => boolean = () => true): Promise<FlowRow[]> {
    const named = flowIdOf(argument);
    if (named !== undefined) {
      const row = await this.lens(argument)?.request('flows/get', { id: named });
      return row === undefined ? [] : [row];
    }
    const called = isConnectionRow(argument) ? [argument] : [];
    const rows = Array.isArray(more) && more.length > 0 ? more.filter(isConnectionRow) : called.length > 0 ? called : await this.connections.selection();
    const own = rows.flatMap((node) => (node.kind === 'group' ? node.flows : node.kind === 'flow' ? [node] : [])).map(({ row }) => row).filter(filter);
    if (own.length > 0) return own;
    const picked = await this.dialogs.pick(this.connections.rows.map(({ row }) => row).filter(filter).map((row) => ({
      label: joinParts([protocolName(row.classification), row.route]),
      description: joinParts([clientWords(row), formatBytes(row.fromClient.total + row.fromUpstream.total)]),
      value: row,
    })), title);
    return picked === undefined ? [] : [picked];
  }

  private ruleRow(argument: unknown): RuleNode | undefined {
    return [...this.rules.rows].find((node) => node === argument);
  }
}

function ruleOf(node: RuleNode | undefined): ListenerNode | RouteNode | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'route' || node.kind === 'listener') return node;
  if (node.kind === 'upstream' && node.parent.kind === 'route') return node.parent;
  return listenerOf(node);
}

function isConnectionRow(value: unknown): value is ConnectionNode {
  return typeof value === 'object' && value !== null && 'kind' in value && ['flow', 'group', 'older'].includes(String(value.kind));
}

function flowIdOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'object' && value !== null && 'flow' in value && typeof value.flow === 'number' ? value.flow : undefined;
}
