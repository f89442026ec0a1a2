// The rows of the Rules view as objects that stay the same over a refresh: the tree keeps selection and expansion by them.

import { formatAddress } from '../../shared/address.js';
import type { Address, Destination, ListenerRule, RouteRule } from '../../shared/rules.js';
import type { RuleFileModel } from '../rules/ruleFileModel.js';
import type { RulePosition } from '../services.js';

export interface FolderNode { kind: 'folder'; id: string; file: RuleFileModel }
/** says that the file has errors; opens the first one */
export interface ProblemNode { kind: 'problem'; id: string; file: RuleFileModel }
export interface ListenerNode { kind: 'listener'; id: string; file: RuleFileModel; rule: ListenerRule; index: number; count: number }
export interface RouteNode { kind: 'route'; id: string; parent: ListenerNode; rule: RouteRule; index: number; count: number }
export interface DefaultNode { kind: 'default'; id: string; parent: ListenerNode; to: Destination & { whenSilent: boolean } }
export interface UpstreamNode { kind: 'upstream'; id: string; parent: RouteNode | DefaultNode; address: Address }

export type RuleNode = FolderNode | ProblemNode | ListenerNode | RouteNode | DefaultNode | UpstreamNode;

export class RuleNodes {
  private known = new Map<string, RuleNode>();
  private next = new Map<string, RuleNode>();
  private childrenOf = new Map<string, RuleNode[]>();
  private roots: RuleNode[] = [];

  /** Makes the rows of these files; rows that were there before stay the same objects. */
  update(files: readonly RuleFileModel[]): void {
    this.next = new Map();
    this.childrenOf = new Map();
    const shown = files.filter((file) => file.exists);
    this.roots = shown.length <= 1 ? shown.flatMap((file) => this.fileRows(file)) : shown.map((file) => this.folder(file));
    this.known = this.next;
  }

  get all(): Iterable<RuleNode> {
    return this.known.values();
  }

  children(node: RuleNode | undefined): RuleNode[] {
    return node === undefined ? this.roots : (this.childrenOf.get(node.id) ?? []);
  }

  parent(node: RuleNode): RuleNode | undefined {
    switch (node.kind) {
      case 'folder':
        return undefined;
      case 'problem':
      case 'listener':
        return this.known.get(folderId(node.file));
      case 'route':
      case 'default':
      case 'upstream':
        return node.parent;
    }
  }

  find(position: RulePosition): RuleNode | undefined {
    for (const node of this.known.values()) {
      const own = positionOf(node);
      if (node.kind !== 'upstream' && own?.file === position.file && own.listener === position.listener && own.route === position.route) return node;
    }
    return undefined;
  }

  private folder(file: RuleFileModel): FolderNode {
    const node = this.keep<FolderNode>({ kind: 'folder', id: folderId(file), file });
    this.childrenOf.set(node.id, this.fileRows(file));
    return node;
  }

  private fileRows(file: RuleFileModel): RuleNode[] {
    const listeners = file.rules?.listeners ?? [];
    const rows: RuleNode[] = listeners.map((rule, index) => this.listener(file, rule, index, listeners.length));
    if (file.errors.length > 0) rows.unshift(this.keep<ProblemNode>({ kind: 'problem', id: `problem|${file.uri.toString()}`, file }));
    return rows;
  }

  private listener(file: RuleFileModel, rule: ListenerRule, index: number, count: number): ListenerNode {
    const node = this.keep<ListenerNode>({ kind: 'listener', id: `listener|${rule.id}`, file, rule, index, count });
    const rows: RuleNode[] = rule.routes.map((route, at) => this.route(node, route, at));
    if (rule.fallback !== undefined) {
      const fallback = this.keep<DefaultNode>({ kind: 'default', id: `default|${rule.id}`, parent: node, to: rule.fallback });
      this.upstreams(fallback, rule.fallback);
      rows.push(fallback);
    }
    this.childrenOf.set(node.id, rows);
    return node;
  }

  private route(parent: ListenerNode, rule: RouteRule, index: number): RouteNode {
    const node = this.keep<RouteNode>({ kind: 'route', id: `route|${parent.rule.id}|${rule.name}`, parent, rule, index, count: parent.rule.routes.length });
    this.upstreams(node, rule.to);
    return node;
  }

  /** One upstream is in the route's own row; several get a row each, for their health. */
  private upstreams(parent: RouteNode | DefaultNode, to: Destination): void {
    if (to.upstreams.length < 2) return;
    this.childrenOf.set(parent.id, to.upstreams.map((address, index) =>
      this.keep<UpstreamNode>({ kind: 'upstream', id: `upstream|${parent.id}|${index}|${formatAddress(address)}`, parent, address })));
  }

  private keep<T extends RuleNode>(fresh: T): T {
    const old = this.known.get(fresh.id);
    const node = old === undefined ? fresh : (Object.assign(old, fresh) as T);
    this.next.set(node.id, node);
    return node;
  }
}

/** Where a row is written; undefined for rows that stand for no rule. */
export function positionOf(node: RuleNode): RulePosition | undefined {
  switch (node.kind) {
    case 'folder':
    case 'problem':
      return undefined;
    case 'listener':
      return { file: node.file.uri.toString(), listener: node.rule.name };
    case 'route':
      return { file: node.parent.file.uri.toString(), listener: node.parent.rule.name, route: node.rule.name };
    case 'default':
      return { file: node.parent.file.uri.toString(), listener: node.parent.rule.name, route: 'default' };
    case 'upstream':
      return positionOf(node.parent);
  }
}

/** The listener that a row belongs to. */
export function listenerOf(node: RuleNode | undefined): ListenerNode | undefined {
  if (node === undefined) return undefined;
  switch (node.kind) {
    case 'folder':
    case 'problem':
      return undefined;
    case 'listener':
      return node;
    case 'route':
    case 'default':
      return node.parent;
    case 'upstream':
      return node.parent.parent;
  }
}

function folderId(file: RuleFileModel): string {
  return `folder|${file.uri.toString()}`;
}
