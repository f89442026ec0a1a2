// What a person presses around debugging: narrow the traffic to a session or to its last start, and the address for a launch file.

import * as vscode from 'vscode';
import type { DebugSessionFacts } from '../../shared/debug.js';
import { unknownListener } from '../../shared/errors.js';
import type { EngineStatus } from '../../shared/protocol.js';
import type { ListenerRule } from '../../shared/rules.js';
import type { Dialogs } from '../dialogs.js';
import { formatAge } from '../format.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';
import type { DebugFollower, EngineClient } from '../services.js';
import { chooseListeners, reachableAddress } from './listenerChoice.js';

const t = vscode.l10n.t;

export interface DebugCommandsOptions {
  debug: DebugFollower;
  engine: EngineClient;
  ruleFiles: RuleFileStore;
  dialogs: Dialogs;
  showInspector(): void;
}

export class DebugCommands {
  constructor(private readonly options: DebugCommandsOptions) {}

  /** @param argument a row of the editor's Call Stack view, or nothing */
  async onlySession(argument: unknown): Promise<void> {
    const session = await this.session(argument, t('Only This Debug Session'));
    if (session === undefined) return;
    this.options.debug.narrow({ session: session.id });
    this.options.showInspector();
  }

  async sinceRestart(argument: unknown): Promise<void> {
    const session = await this.session(argument, t('Since Last Restart'));
    if (session === undefined) return;
    this.options.debug.narrow({ session: session.id, from: session.restartedAt ?? session.startedAt, isSinceRestart: true });
    this.options.showInspector();
  }

  allSessions(): void {
    this.options.debug.narrow({});
    this.options.showInspector();
  }

  /**
   * For `${command:portPrism.address}` in launch files, and for inputs: `"args": { "listener": "dev", "start": true }`. Starts nothing unless it is asked to.
   *
   * @param argument arguments of an input; a launch configuration where there are none
   * @returns `127.0.0.1:3000`; undefined cancels the launch
   * @throws MuxError `unknownListener`, and what starting throws
   */
  async address(argument: unknown): Promise<string | undefined> {
    const { ruleFiles, engine, dialogs } = this.options;
    await ruleFiles.load();
    const { listener: name, start } = typeof argument === 'object' && argument !== null ? (argument as { listener?: unknown; start?: unknown }) : {};
    const rule = await this.listener(typeof name === 'string' ? name : undefined);
    if (rule === undefined) return undefined;
    const isListening = (status: EngineStatus): boolean => status.listeners.some(({ id, state }) => id === rule.id && state === 'listening');
    if (isListening(engine.status)) return reachableAddress(rule, engine.status);
    if (start !== true) {
      const fixed = reachableAddress(rule, engine.status);
      if (fixed !== undefined) return fixed;
      const go = t('Start Listener');
      if ((await dialogs.tell('info', t('Listener "{0}" takes a free port when it starts, so it has no address yet.', rule.name), go)) !== go) return undefined;
    }
    const status = await engine.start(rule.id);
    // A listener that failed has told why.
    return isListening(status) ? reachableAddress(rule, status) : undefined;
  }

  private async listener(name: string | undefined): Promise<ListenerRule | undefined> {
    const { ruleFiles, engine, dialogs } = this.options;
    const { chosen } = chooseListeners(ruleFiles.rules.listeners, [name ?? '*']);
    if (chosen.length === 0) {
      if (name !== undefined) throw unknownListener(name);
      await vscode.commands.executeCommand('portPrism.startAll');
      return undefined;
    }
    const running = chosen.filter(({ id }) => engine.status.listeners.some((listener) => listener.id === id && listener.state === 'listening'));
    if (chosen.length === 1) return chosen[0];
    if (running.length === 1) return running[0];
    return dialogs.pick(chosen.map((rule) => ({
      label: rule.name,
      description: reachableAddress(rule, engine.status) ?? t('a free port'),
      detail: running.includes(rule) ? undefined : t('not running'),
      value: rule,
    })), t('Listener whose address is wanted'));
  }

  /** The one that is meant: the row's, the only one that runs, or the person's choice, running ones first. */
  private async session(argument: unknown, title: string): Promise<DebugSessionFacts | undefined> {
    const { debug, dialogs } = this.options;
    const sessions = [...debug.sessions].reverse();
    const named = typeof argument === 'object' && argument !== null && 'sessionId' in argument ? debug.idOf(String(argument.sessionId)) : undefined;
    if (named !== undefined) return sessions.find(({ id }) => id === named);
    const running = sessions.filter(({ endedAt }) => endedAt === undefined);
    if (running.length === 1) return running[0];
    if (sessions.length === 0) {
      await dialogs.tell('info', t('Nothing was debugged in this window yet.'));
      return undefined;
    }
    if (sessions.length === 1) return sessions[0];
    const active = vscode.debug.activeDebugSession === undefined ? undefined : debug.idOf(vscode.debug.activeDebugSession.id);
    return dialogs.pick([...running, ...sessions.filter((session) => !running.includes(session))].map((session) => ({
      label: session.name,
      description: session.endedAt === undefined ? session.type : t('ended {0} ago', formatAge(Date.now() - session.endedAt)),
      icon: session.endedAt === undefined ? 'debug-alt' : 'debug-disconnect',
      isPicked: session.id === active,
      value: session,
    })), title);
  }
}
