// Context keys that menus and welcome texts look at; set only when they change.

import * as vscode from 'vscode';
import { Owner } from '../shared/lifecycle.js';
import { isUp } from './engineClient.js';
import type { RuleFileStore } from './rules/ruleFileStore.js';
import type { EngineClient } from './services.js';

export class ContextKeys extends Owner {
  private readonly values = new Map<string, boolean>();

  constructor(private readonly engine: EngineClient, private readonly ruleFiles: RuleFileStore) {
    super();
    this.register(engine.onStatus(() => this.update()));
    this.register(engine.onDidChangeLens(() => this.update()));
    this.register(ruleFiles.onDidChange(() => this.update()));
  }

  private update(): void {
    const { listeners } = this.engine.status;
    const enabled = this.ruleFiles.rules.listeners.filter(({ isEnabled }) => isEnabled);
    this.set('portPrism.isReady', this.ruleFiles.list.length > 0);
    this.set('portPrism.hasConfig', this.ruleFiles.exists);
    this.set('portPrism.running', listeners.some(isUp));
    this.set('portPrism.someStopped', enabled.some(({ id }) => !listeners.some((listener) => listener.id === id && isUp(listener))));
    this.set('portPrism.hasCapture', this.engine.lens !== undefined);
  }

  private set(key: string, value: boolean): void {
    if (this.values.get(key) === value) return;
    this.values.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }
}
