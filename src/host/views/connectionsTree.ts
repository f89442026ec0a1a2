// The Connections view: live connections first, then recent ones, by listener, never more rows than the setting allows.

import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import type { FlowRow } from '../../shared/flow.js';
import { MutableDisposable, Owner, background } from '../../shared/lifecycle.js';
import type { FlowPage } from '../../shared/protocol.js';
import type { DebugFollower, EngineClient, LensClient } from '../services.js';
import { readSettings } from '../settings.js';
import { connectionItem, connectionTooltip, type ConnectionNode, type FlowNode, type GroupNode, type OlderNode, type RowContext } from './connectionItems.js';
import { Refresher } from './refresher.js';
import { SteadySelection } from './steadySelection.js';

export const connectionsViewId = 'portPrism.connections';

/** Ages grow while nothing happens: rows are looked at again this often while the view is shown, in milliseconds. */
const agingMs = 1000;
/** Lens is asked at most this often, in milliseconds: "there is more" comes ten times a second under load. */
const askingMs = 250;

export class ConnectionsTree extends Owner implements vscode.TreeDataProvider<ConnectionNode> {
  readonly view: vscode.TreeView<ConnectionNode>;
  readonly onDidChangeTreeData: vscode.Event<ConnectionNode[] | undefined>;

  private readonly refresher = this.register(new Refresher<ConnectionNode>());
  private readonly steady: SteadySelection<ConnectionNode>;
  private readonly lensListeners = this.register(new MutableDisposable<Owner>());
  private readonly faces = new Map<ConnectionNode, string>();
  private flows = new Map<number, FlowNode>();
  private groups = new Map<string, GroupNode>();
  private readonly older: OlderNode = { kind: 'older', id: 'older', count: 0 };
  private roots: ConnectionNode[] = [];
  private shape = '';
  private isAsking = false;
  private isStale = false;
  private askTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly engine: EngineClient, private readonly debug: DebugFollower, private readonly report: (fault: unknown) => void) {
    super();
    this.onDidChangeTreeData = this.refresher.onDidChangeTreeData;
    this.view = this.register(vscode.window.createTreeView(connectionsViewId, { treeDataProvider: this, canSelectMany: true }));
    this.refresher.follow(this.view);
    this.steady = this.register(new SteadySelection(this.view));
    this.register(engine.onDidChangeLens((lens) => this.listenTo(lens)));
    this.register(this.view.onDidChangeVisibility(() => this.ask()));
    const timer = setInterval(() => this.redrawChanged(), agingMs);
    this.register({ dispose: () => {
      clearInterval(timer);
      clearTimeout(this.askTimer);
    } });
    this.listenTo(engine.lens);
  }

  selection(): Promise<readonly ConnectionNode[]> {
    return this.steady.rows();
  }

  get rows(): FlowNode[] {
    return [...this.flows.values()];
  }

  getTreeItem(node: ConnectionNode): vscode.TreeItem {
    this.steady.drawn();
    const item = connectionItem(node, this.context);
    item.id = node.id;
    this.faces.set(node, face(item));
    return item;
  }

  getChildren(node?: ConnectionNode): ConnectionNode[] {
    if (node === undefined) return this.roots;
    return node.kind === 'group' ? node.flows : [];
  }

  getParent(node: ConnectionNode): ConnectionNode | undefined {
    return node.kind === 'flow' ? node.group : undefined;
  }

  resolveTreeItem(item: vscode.TreeItem, node: ConnectionNode): vscode.TreeItem {
    item.tooltip ??= connectionTooltip(node, this.context);
    return item;
  }

  private get context(): RowContext {
    return { now: Date.now(), sessionName: (id) => this.debug.nameOf(id) };
  }

  private listenTo(lens: LensClient | undefined): void {
    const owner = new Owner();
    if (lens !== undefined) {
      owner.register(lens.onChanged((summary) => {
        this.view.description = summary.liveFlows > 0 ? vscode.l10n.t('{0} live', summary.liveFlows) : undefined;
        this.ask();
      }));
      owner.register(lens.onReset(() => this.ask()));
    }
    this.lensListeners.value = owner;
    this.ask();
  }

  /** Asks lens for the rows; while an answer is under way or came just now, once more afterwards. */
  private ask(): void {
    const { lens } = this.engine;
    if (lens === undefined || !this.view.visible) return;
    if (this.isAsking || this.askTimer !== undefined) {
      this.isStale = true;
      return;
    }
    this.isAsking = true;
    this.isStale = false;
    background(this.fetch(lens), this.report);
  }

  private async fetch(lens: LensClient): Promise<void> {
    try {
      this.take(await lens.request('flows/list', { order: 'liveFirst', start: 0, count: readSettings().maxConnections }));
    } catch (fault) {
      // The worker went away meanwhile; its successor says "reset" and is asked then.
      if (!(fault instanceof MuxError && fault.code === 'requestCancelled')) throw fault;
    } finally {
      this.isAsking = false;
      this.askTimer = setTimeout(() => {
        this.askTimer = undefined;
        if (this.isStale) this.ask();
      }, askingMs);
    }
  }

  private take(page: FlowPage): void {
    const before = this.flows;
    this.flows = new Map(page.rows.map((row) => [row.id, keepFlow(before.get(row.id), row)]));
    for (const node of before.values()) if (!this.flows.has(node.row.id)) this.faces.delete(node);
    this.group();
    this.older.count = Math.max(0, page.total - page.rows.length);
    if (this.older.count > 0) this.roots.push(this.older);
    const shape = this.roots.map((node) => (node.kind === 'group' ? `${node.id}:${node.flows.map(({ id }) => id).join()}` : node.id)).join('|');
    if (shape === this.shape) this.redrawChanged();
    else this.refresher.all();
    this.shape = shape;
  }

  /** One listener needs no heading. */
  private group(): void {
    const byListener = new Map<string, FlowNode[]>();
    for (const node of this.flows.values()) {
      const list = byListener.get(node.row.listenerId) ?? [];
      byListener.set(node.row.listenerId, list);
      list.push(node);
    }
    if (byListener.size <= 1) {
      for (const node of this.flows.values()) node.group = undefined;
      this.groups.clear();
      this.roots = [...this.flows.values()];
      return;
    }
    const groups = new Map<string, GroupNode>();
    for (const [listenerId, flows] of byListener) {
      const group: GroupNode = this.groups.get(listenerId) ?? { kind: 'group', id: `group|${listenerId}`, listenerId, name: '', live: 0, flows: [] };
      group.name = flows[0]?.row.listenerName ?? listenerId;
      group.flows = flows;
      group.live = flows.filter(({ row }) => row.state !== 'closed').length;
      for (const node of flows) node.group = group;
      groups.set(listenerId, group);
    }
    this.groups = groups;
    this.roots = [...groups.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  private redrawChanged(): void {
    if (!this.view.visible) return;
    const { context } = this;
    const changed = [...this.faces].filter(([node, before]) => face(connectionItem(node, context)) !== before).map(([node]) => node);
    this.refresher.rows(changed);
  }
}

function keepFlow(node: FlowNode | undefined, row: FlowRow): FlowNode {
  if (node === undefined) return { kind: 'flow', id: `flow|${row.id}`, row, group: undefined };
  node.row = row;
  return node;
}

function face(item: vscode.TreeItem): string {
  const icon = item.iconPath instanceof vscode.ThemeIcon ? `${item.iconPath.id} ${item.iconPath.color?.id}` : '';
  return [item.label, item.description, icon, item.contextValue].join('\n');
}
