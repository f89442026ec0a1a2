// The task type `portPrism`: listeners that run as long as a task does. In the background, so that a launch can wait for it (preLaunchTask).

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';
import type { EngineClient } from '../services.js';
import { allListeners } from './listenerChoice.js';
import { ListenerTerminal } from './listenerTerminal.js';

export const taskType = 'portPrism';
/** as the manifest declares it; it knows the lines that ListenerTerminal begins and ends starting with */
const problemMatcher = '$portPrism';

export interface ListenerTaskDefinition extends vscode.TaskDefinition {
  /** names of listeners; without them, all enabled ones */
  listeners?: string[];
}

export class ListenerTasks extends Owner implements vscode.TaskProvider {
  constructor(private readonly engine: EngineClient, private readonly ruleFiles: RuleFileStore) {
    super();
    this.register(vscode.tasks.registerTaskProvider(taskType, this));
  }

  async provideTasks(): Promise<vscode.Task[]> {
    await this.ruleFiles.load();
    const names = this.ruleFiles.rules.listeners.filter(({ isEnabled }) => isEnabled).map(({ name }) => name);
    const each = [...new Set(names)].map((name) => this.task({ type: taskType, listeners: [name] }, name));
    return names.length < 2 ? each : [this.task({ type: taskType, listeners: [allListeners] }, vscode.l10n.t('all listeners')), ...each];
  }

  /** One that is written in tasks.json: its definition stays as it is. */
  resolveTask(task: vscode.Task): vscode.Task {
    return this.task(task.definition as ListenerTaskDefinition, task.name, task.scope);
  }

  private task(definition: ListenerTaskDefinition, name: string, scope: vscode.Task['scope'] = vscode.TaskScope.Workspace): vscode.Task {
    const execution = new vscode.CustomExecution((resolved) => {
      const { listeners } = resolved as ListenerTaskDefinition;
      const names = Array.isArray(listeners) && 0 < listeners.length ? listeners.map(String) : [allListeners];
      return Promise.resolve(new ListenerTerminal(this.engine, this.ruleFiles, names));
    });
    const task = new vscode.Task(definition, scope, name, 'portPrism', execution, problemMatcher);
    task.isBackground = true;
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Silent, panel: vscode.TaskPanelKind.Dedicated };
    return task;
  }
}
