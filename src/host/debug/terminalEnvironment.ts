// The setting portPrism.terminal.environment: new terminals, tasks and programs in terminals find the running listeners as variables.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';
import type { EngineClient } from '../services.js';
import { readSettings, settingsSection } from '../settings.js';
import { reachableAddress, variableName } from './listenerChoice.js';

export class TerminalEnvironment extends Owner {
  private shown = '[]';

  constructor(private readonly engine: EngineClient, private readonly ruleFiles: RuleFileStore, private readonly collection: vscode.EnvironmentVariableCollection) {
    super();
    // A window that opens again has no listener yet.
    collection.persistent = false;
    collection.clear();
    this.register(engine.onStatus(() => this.update()));
    this.register(vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(settingsSection)) this.update();
    }));
    this.register({ dispose: () => collection.clear() });
  }

  /** Each change puts a warning on open terminals: nothing is written that is there already. */
  private update(): void {
    const variables = readSettings().terminalEnvironment ? this.variables() : [];
    const wanted = JSON.stringify(variables);
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.collection.clear();
    this.collection.description = vscode.l10n.t('Addresses of the listeners that run');
    for (const [name, address] of variables) this.collection.replace(name, address);
  }

  private variables(): [name: string, address: string][] {
    const { status } = this.engine;
    const variables = new Map<string, string>();
    for (const rule of this.ruleFiles.rules.listeners) {
      const isListening = status.listeners.some(({ id, state }) => id === rule.id && state === 'listening');
      const address = isListening ? reachableAddress(rule, status) : undefined;
      const name = variableName(rule.name);
      if (address !== undefined && !variables.has(name)) variables.set(name, address);
    }
    return [...variables];
  }
}
