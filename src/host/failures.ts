// How a failure reaches the person: one message at a time, in their language, with the way out as a button.

import * as vscode from 'vscode';
import { MuxError, type ErrorData } from '../shared/errors.js';
import { Owner, background } from '../shared/lifecycle.js';
import type { EngineStatus } from '../shared/protocol.js';
import type { Dialogs } from './dialogs.js';
import type { EngineSupervisor, WorkerLoss } from './engineClient.js';
import { plural } from './format.js';
import { said } from './said.js';

const t = vscode.l10n.t;

/** @returns the sentence for a failure, translated where the code is known; the engine's own words otherwise */
export function sentence(error: Pick<ErrorData, 'code' | 'message' | 'details'>): string {
  const text = (name: string): string => String(error.details[name] ?? '');
  switch (error.code) {
    case 'portInUse':
      return error.details['holder'] === undefined
        ? t('{0} is in use by another program.', text('address'))
        : t('{0} is in use by {1}.', text('address'), text('holder'));
    case 'portNotAllowed':
      return t('You may not listen on {0}: ports below 1024 need extra rights. Use a port from 1024 up, or allow low ports on this machine.', text('address'));
    case 'addressNotAvailable':
      return t('This machine has no address {0} to listen on. Use 127.0.0.1, [::1] or one of its own addresses.', text('address'));
    case 'exposureNotConfirmed':
      return t('{0} can be reached from other machines, and that was not confirmed. Listen on 127.0.0.1, or start it again and confirm.', text('address'));
    case 'rulesInvalid':
      return t('{0} has errors; the last good rules stay in force until it is mended.', text('file'));
    case 'workspaceNotTrusted':
      return t('This workspace is not trusted, so Port Prism starts no listener in it.');
    default:
      return said(error.message);
  }
}

export interface FailuresOptions {
  engine: EngineSupervisor;
  dialogs: Dialogs;
  log: vscode.LogOutputChannel;
}

export class Failures extends Owner {
  /** listener id to the failure that was told last: one message per failure, not one per snapshot */
  private readonly told = new Map<string, string>();

  constructor(private readonly options: FailuresOptions) {
    super();
    this.register(options.engine.onStatus((status) => this.watch(status)));
    this.register(options.engine.onWorkerLost((loss) => this.inBackground(this.tellLoss(loss))));
  }

  /** For whatever goes wrong behind a command: told, and logged with its stack when it is our own fault. */
  readonly report = (fault: unknown): void => {
    if (fault instanceof MuxError && fault.code === 'requestCancelled') {
      this.options.log.warn(fault.message);
      return;
    }
    this.options.log.error(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    this.inBackground(this.tell(fault));
  };

  private async tell(fault: unknown): Promise<void> {
    if (!(fault instanceof MuxError) || fault.code === 'internal') {
      const message = t('Port Prism ran into an error of its own: {0}', said(fault instanceof Error ? fault.message : String(fault)));
      await this.offer('error', message, [[t('Show Log'), 'portPrism.showLog']]);
      return;
    }
    await this.offer('error', sentence(fault), actionsFor(fault));
  }

  private watch(status: EngineStatus): void {
    for (const listener of status.listeners) {
      const { error } = listener;
      if (listener.state !== 'failed' || error === undefined) {
        if (listener.state === 'listening') this.told.delete(listener.id);
        continue;
      }
      if (this.told.get(listener.id) === error.message) continue;
      this.told.set(listener.id, error.message);
      this.options.log.warn(`Listener ${listener.id} failed (${error.code}): ${error.message}`);
      this.inBackground(this.offer('error', t('Listener "{0}" did not start. {1}', listener.name, sentence(error)), actionsFor(error, listener.id)));
    }
    const ids = new Set(status.listeners.map(({ id }) => id));
    for (const id of this.told.keys()) if (!ids.has(id)) this.told.delete(id);
  }

  private async tellLoss({ which, why, connections, isBack }: WorkerLoss): Promise<void> {
    const showLog: [string, string] = [t('Show Log'), 'portPrism.showLog'];
    if (which === 'lens') {
      if (!isBack) await this.offer('error', t('The traffic viewer keeps ending ({0}). Traffic goes on, unseen.', why), [showLog]);
      else if (connections > 0) await this.offer('warning', plural(connections, 'The traffic viewer ended unexpectedly ({1}) and was started again. What it had kept of {0} connection is lost.', 'The traffic viewer ended unexpectedly ({1}) and was started again. What it had kept of {0} connections is lost.', why), [showLog]);
      return;
    }
    if (!isBack) {
      await this.offer('error', t('The engine keeps ending ({0}). All listeners are stopped.', why), [[t('Start All Listeners'), 'portPrism.startAll'], showLog]);
      return;
    }
    await this.offer('warning', connections === 0
      ? t('The engine ended unexpectedly ({0}). No connection was open; the listeners are back.', why)
      : plural(connections, 'The engine ended unexpectedly ({1}). {0} open connection was cut; the listeners are back.', 'The engine ended unexpectedly ({1}). {0} open connections were cut; the listeners are back.', why), [showLog]);
  }

  private async offer(severity: 'warning' | 'error', message: string, actions: readonly [title: string, command: string, ...args: unknown[]][]): Promise<void> {
    const pressed = await this.options.dialogs.tell(severity, message, ...actions.map(([title]) => title));
    const action = actions.find(([title]) => title === pressed);
    if (action !== undefined) await vscode.commands.executeCommand(action[1], ...action.slice(2));
  }

  private inBackground(promise: Promise<unknown>): void {
    background(promise, (fault) => this.options.log.error(String(fault)));
  }
}

function actionsFor(error: Pick<ErrorData, 'code'>, listenerId?: string): [string, string, ...unknown[]][] {
  const showRule: [string, string, ...unknown[]] = [t('Show Rule'), 'portPrism.rule.reveal', listenerId];
  switch (error.code) {
    case 'portInUse':
    case 'portNotAllowed':
      return listenerId === undefined ? [] : [[t('Use a Free Port'), 'portPrism.useFreePort', listenerId], showRule];
    case 'exposureNotConfirmed':
    case 'addressNotAvailable':
    case 'socketNotAllowed':
      return listenerId === undefined ? [] : [showRule];
    case 'rulesInvalid':
      return [[t('Open Rule File'), 'portPrism.openRuleFile']];
    case 'workspaceNotTrusted':
      return [[t('Manage Workspace Trust'), 'workbench.trust.manage']];
    default:
      return [[t('Show Log'), 'portPrism.showLog']];
  }
}
