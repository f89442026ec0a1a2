// The Rules view: listeners, their routes, their upstreams; live counters; checkboxes and dragging that edit the file.

import * as vscode from 'vscode';
import { Owner, background } from '../../shared/lifecycle.js';
import type { RuleEdit } from '../../shared/rules.js';
import type { EngineSupervisor } from '../engineClient.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';
import type { RulePosition } from '../services.js';
import { Refresher } from './refresher.js';
import { decorationScheme, ruleItem, ruleTooltip } from './ruleItems.js';
import { RuleNodes, positionOf, type ListenerNode, type RouteNode, type RuleNode } from './ruleNodes.js';
import { SteadySelection } from './steadySelection.js';

export const rulesViewId = 'portPrism.rules';
const dragMime = 'application/vnd.code.tree.portprism.rules';

/** "12 s ago" grows old without any event: rows are looked at again this often while something is failing, in milliseconds. */
const agingMs = 5000;

export interface RulesTreeOptions {
  ruleFiles: RuleFileStore;
  engine: EngineSupervisor;
  log: vscode.LogOutputChannel;
  report(fault: unknown): void;
}

// While a row with rows below it is drawn again, VS Code forgets those rows for a moment, and arguments of a command that is called on one of
// them. A listener's rate changes all the time; it is shown a little later rather than at that price.
const listenerIntervalMs = 3000;

export class RulesTree extends Owner implements vscode.TreeDataProvider<RuleNode>, vscode.TreeDragAndDropController<RuleNode> {
  readonly dropMimeTypes = [dragMime];
  readonly dragMimeTypes = [dragMime];
  readonly view: vscode.TreeView<RuleNode>;
  readonly onDidChangeTreeData: vscode.Event<RuleNode[] | undefined>;

  private readonly nodes = new RuleNodes();
  private readonly refresher = this.register(new Refresher<RuleNode>());
  private readonly selected = this.register(new vscode.EventEmitter<RulePosition>());
  private readonly steady: SteadySelection<RuleNode>;
  /** what each row last looked like, so that only rows that changed are drawn again */
  private readonly faces = new Map<RuleNode, { face: string; state: string | undefined; at: number }>();
  private isLoaded = false;

  readonly onDidSelect = this.selected.event;

  constructor(private readonly options: RulesTreeOptions) {
    super();
    const { ruleFiles, engine } = options;
    this.onDidChangeTreeData = this.refresher.onDidChangeTreeData;
    this.view = this.register(vscode.window.createTreeView(rulesViewId, {
      treeDataProvider: this,
      dragAndDropController: this,
      manageCheckboxStateManually: true,
      showCollapseAll: true,
    }));
    this.refresher.follow(this.view);
    this.register(ruleFiles.onDidChange(() => this.rebuild()));
    this.register(engine.onStatus(() => this.redrawChanged()));
    this.register(vscode.workspace.onDidGrantWorkspaceTrust(() => this.showTrust()));
    this.register(this.view.onDidChangeCheckboxState((event) => background(this.check(event), options.report)));
    this.steady = this.register(new SteadySelection(this.view));
    this.register(this.steady.onDidSelect(([node]) => {
      const position = node === undefined ? undefined : positionOf(node);
      if (position !== undefined) this.selected.fire(position);
    }));
    const timer = setInterval(() => this.redrawChanged(), agingMs);
    this.register({ dispose: () => clearInterval(timer) });
    this.register(vscode.window.registerFileDecorationProvider({ provideFileDecoration: decorate }));
    this.showTrust();
  }

  async selection(): Promise<RuleNode | undefined> {
    return (await this.steady.rows())[0];
  }

  /** all rows, for a choice when nothing is selected */
  get rows(): Iterable<RuleNode> {
    return this.nodes.all;
  }

  async select(position: RulePosition): Promise<void> {
    const node = this.nodes.find(position);
    if (node === undefined) return;
    // The form follows at once; the row too, unless it is so new that the editor has not drawn it yet ("Cannot resolve tree item").
    this.steady.forget();
    this.selected.fire(position);
    try {
      await this.view.reveal(node, { select: true, focus: false, expand: true });
    } catch (fault) {
      this.options.log.debug(`The row of ${position.route ?? position.listener} could not be shown: ${String(fault)}`);
    }
  }

  getTreeItem(node: RuleNode): vscode.TreeItem {
    this.steady.drawn();
    const item = ruleItem(node, this.options.engine.status, Date.now());
    this.faces.set(node, { face: face(item), state: item.contextValue, at: Date.now() });
    return item;
  }

  async getChildren(node?: RuleNode): Promise<RuleNode[]> {
    if (!this.isLoaded) {
      await this.options.ruleFiles.load();
      this.isLoaded = true;
      this.nodes.update(this.options.ruleFiles.list);
    }
    return this.nodes.children(node);
  }

  getParent(node: RuleNode): RuleNode | undefined {
    return this.nodes.parent(node);
  }

  resolveTreeItem(item: vscode.TreeItem, node: RuleNode): vscode.TreeItem {
    item.tooltip ??= ruleTooltip(node, this.options.engine.status, Date.now());
    return item;
  }

  handleDrag(nodes: readonly RuleNode[], data: vscode.DataTransfer): void {
    const [node] = nodes;
    if (node?.kind === 'route' || node?.kind === 'listener') data.set(dragMime, new vscode.DataTransferItem(node.id));
  }

  async handleDrop(target: RuleNode | undefined, data: vscode.DataTransfer): Promise<void> {
    const id: unknown = data.get(dragMime)?.value;
    const dragged = [...this.nodes.all].find((node) => node.id === id);
    try {
      if (dragged?.kind === 'route') await this.move(dragged, routeTarget(dragged, target));
      else if (dragged?.kind === 'listener') await this.move(dragged, listenerTarget(dragged, target));
    } catch (fault) {
      this.options.report(fault);
    }
  }

  /** @param to its index afterwards; out of range or unchanged does nothing */
  async move(node: RouteNode | ListenerNode, to: number | undefined): Promise<void> {
    if (to === undefined || to === node.index || to < 0 || node.count <= to) return;
    const isRoute = node.kind === 'route';
    const path = isRoute ? ['listeners', node.parent.index, 'routes'] : ['listeners'];
    const edit: RuleEdit = { kind: 'move', path, from: node.index, to };
    await this.options.ruleFiles.edit((isRoute ? node.parent : node).file.uri, [edit]);
    const position = positionOf(node);
    if (position !== undefined && this.view.visible) await this.select(position);
  }

  /** Writes `enabled` into the file; `true` is the default and is left out. */
  async setEnabled(node: RouteNode | ListenerNode, isEnabled: boolean): Promise<void> {
    const file = node.kind === 'route' ? node.parent.file : node.file;
    const path = node.kind === 'route' ? ['listeners', node.parent.index, 'routes', node.index] : ['listeners', node.index];
    await this.options.ruleFiles.edit(file.uri, [{ kind: 'set', path: [...path, 'enabled'], value: isEnabled ? undefined : false }]);
  }

  private async check(event: vscode.TreeCheckboxChangeEvent<RuleNode>): Promise<void> {
    try {
      for (const [node, state] of event.items) {
        if (node.kind === 'route') await this.setEnabled(node, state === vscode.TreeItemCheckboxState.Checked);
      }
    } finally {
      // A change that was refused must not leave its tick behind.
      this.refresher.rows(event.items.map(([node]) => node));
    }
  }

  private rebuild(): void {
    if (!this.isLoaded) return;
    this.nodes.update(this.options.ruleFiles.list);
    const alive = new Set(this.nodes.all);
    for (const node of this.faces.keys()) if (!alive.has(node)) this.faces.delete(node);
    this.refresher.all();
  }

  private redrawChanged(): void {
    if (!this.view.visible) {
      this.refresher.all();
      return;
    }
    const now = Date.now();
    const changed = [...this.nodes.all].filter((node) => {
      const drawn = this.faces.get(node);
      if (drawn === undefined) return false;
      const item = ruleItem(node, this.options.engine.status, now);
      return face(item) !== drawn.face && (node.kind !== 'listener' || drawn.state !== item.contextValue || now - drawn.at >= listenerIntervalMs);
    });
    this.refresher.rows(changed);
  }

  private showTrust(): void {
    this.view.message = vscode.workspace.isTrusted ? undefined : vscode.l10n.t('This workspace is not trusted: no listener starts until you trust it.');
  }
}

/** Everything of a row that can change while its rule does not. */
function face(item: vscode.TreeItem): string {
  const icon = item.iconPath instanceof vscode.ThemeIcon ? item.iconPath.id : '';
  return [item.description, icon, item.contextValue, item.resourceUri?.path, item.accessibilityInformation?.label].join('\n');
}

function routeTarget(dragged: RouteNode, target: RuleNode | undefined): number | undefined {
  if (target === undefined) return undefined;
  if (target.kind === 'listener') return target === dragged.parent ? 0 : undefined;
  if (target.kind === 'default') return target.parent === dragged.parent ? dragged.count - 1 : undefined;
  const route = target.kind === 'upstream' ? target.parent : target;
  return route.kind === 'route' && route.parent === dragged.parent ? route.index : undefined;
}

function listenerTarget(dragged: ListenerNode, target: RuleNode | undefined): number | undefined {
  if (target === undefined) return dragged.count - 1;
  return target.kind === 'listener' && target.file === dragged.file ? target.index : undefined;
}

function decorate(uri: vscode.Uri): vscode.FileDecoration | undefined {
  if (uri.scheme !== decorationScheme) return undefined;
  if (uri.path.startsWith('/off/')) return new vscode.FileDecoration(undefined, undefined, new vscode.ThemeColor('disabledForeground'));
  return new vscode.FileDecoration(undefined, undefined, new vscode.ThemeColor('list.errorForeground'));
}
