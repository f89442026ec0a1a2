// Tells a tree what to draw again: at most four times a second, nothing while it is hidden, only the rows that changed.
// (The editor gathers change events with a restarting 200 ms timer: firing faster than that would never draw at all.)

import * as vscode from 'vscode';
import { Owner, toDisposable } from '../../shared/lifecycle.js';

const minIntervalMs = 250;

export class Refresher<T> extends Owner {
  private readonly fired = this.register(new vscode.EventEmitter<T[] | undefined>());
  private readonly dirty = new Set<T>();
  private isAllDirty = false;
  private isVisible = false;
  private lastAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly onDidChangeTreeData = this.fired.event;

  constructor() {
    super();
    this.register(toDisposable(() => clearTimeout(this.timer)));
  }

  /** @param view whose visibility counts; it is made after its provider, hence not in the constructor */
  follow(view: vscode.TreeView<T>): void {
    this.isVisible = view.visible;
    this.register(view.onDidChangeVisibility(({ visible }) => {
      this.isVisible = visible;
      if (visible) this.schedule();
    }));
  }

  rows(rows: Iterable<T>): void {
    for (const row of rows) this.dirty.add(row);
    this.schedule();
  }

  all(): void {
    this.isAllDirty = true;
    this.schedule();
  }

  private schedule(): void {
    if (this.timer !== undefined || !this.isVisible || (!this.isAllDirty && this.dirty.size === 0)) return;
    this.timer = setTimeout(() => this.fire(), Math.max(0, this.lastAt + minIntervalMs - Date.now()));
  }

  private fire(): void {
    this.timer = undefined;
    this.lastAt = Date.now();
    const rows = this.isAllDirty ? undefined : [...this.dirty];
    this.isAllDirty = false;
    this.dirty.clear();
    // An empty list must never be fired: it once broke `reveal` (microsoft/vscode#209043).
    if (rows === undefined || rows.length > 0) this.fired.fire(rows);
  }
}
