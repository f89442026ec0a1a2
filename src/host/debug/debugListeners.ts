// The setting portPrism.debug.startListeners: listeners that are there before a debugged program is, and go when the last one has ended.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import { isUp } from '../engineClient.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';
import type { DebugFollower, EngineClient } from '../services.js';
import { readSettings } from '../settings.js';
import { chooseListeners } from './listenerChoice.js';

/** A restart ends a session and begins one: the port and its connections are kept over it, in milliseconds. */
const lingerMs = 1500;
/** A launch that was asked for and never became a session (cancelled, failed) leaves its listeners this long, in milliseconds. */
const neverStartedMs = 60_000;

export interface DebugListenersOptions {
  engine: EngineClient;
  ruleFiles: RuleFileStore;
  debug: DebugFollower;
  log: vscode.LogOutputChannel;
  report(fault: unknown): void;
}

export class DebugListeners extends Owner implements vscode.DebugConfigurationProvider {
  /** ids of listeners that run because of debugging */
  private readonly started = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;

  constructor(private readonly options: DebugListenersOptions) {
    super();
    // '*' is called last of all, after preLaunchTask and before the program.
    this.register(vscode.debug.registerDebugConfigurationProvider('*', this));
    this.register(options.debug.onDidChange(() => this.follow()));
    this.register({ dispose: () => clearTimeout(this.timer) });
  }

  /** Whatever happens to the listeners, the program is debugged as it was written. */
  async resolveDebugConfigurationWithSubstitutedVariables(_folder: vscode.WorkspaceFolder | undefined, configuration: vscode.DebugConfiguration): Promise<vscode.DebugConfiguration> {
    const names = readSettings().debugListeners;
    if (0 < names.length && vscode.workspace.isTrusted) await this.start(names).catch(this.options.report);
    return configuration;
  }

  private async start(names: readonly string[]): Promise<void> {
    const { engine, ruleFiles, log } = this.options;
    await ruleFiles.load();
    const { chosen, unknown } = chooseListeners(ruleFiles.rules.listeners, names);
    for (const name of unknown) log.warn(`portPrism.debug.startListeners names "${name}", and no rule file has an enabled listener of that name.`);
    for (const { id } of chosen) {
      if (engine.status.listeners.some((listener) => listener.id === id && isUp(listener))) continue;
      // One that does not start is told about like any other, and the program may run without it.
      const status = await engine.start(id);
      if (status.listeners.some((listener) => listener.id === id && isUp(listener))) this.started.add(id);
    }
    if (!this.isRunning) this.stopAfter(neverStartedMs);
  }

  private follow(): void {
    const isRunning = this.options.debug.sessions.some(({ endedAt }) => endedAt === undefined);
    if (isRunning === this.isRunning) return;
    this.isRunning = isRunning;
    if (isRunning) clearTimeout(this.timer);
    else if (0 < this.started.size) this.stopAfter(lingerMs);
  }

  private stopAfter(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.stop().catch(this.options.report), milliseconds);
  }

  private async stop(): Promise<void> {
    const { engine } = this.options;
    const ids = [...this.started];
    this.started.clear();
    for (const id of ids) if (engine.status.listeners.some((listener) => listener.id === id && isUp(listener))) await engine.stop(id);
  }
}
