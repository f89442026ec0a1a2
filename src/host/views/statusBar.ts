// The one status bar item: what listens and how many connections are live; a warning background only when a listener failed.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { EngineStatus, ListenerStatus } from '../../shared/protocol.js';
import { isUp } from '../engineClient.js';
import { joinParts, plural } from '../format.js';
import { sentence } from '../failures.js';
import { formatAddress } from '../../shared/address.js';
import type { EngineClient } from '../services.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';

const t = vscode.l10n.t;

export class StatusBar extends Owner {
  private readonly item = this.register(vscode.window.createStatusBarItem('portPrism.status', vscode.StatusBarAlignment.Left, 10));

  constructor(private readonly engine: EngineClient, private readonly ruleFiles: RuleFileStore) {
    super();
    this.item.name = t('Port Prism');
    this.item.command = 'portPrism.rules.focus';
    this.register(engine.onStatus(() => this.draw()));
    this.register(ruleFiles.onDidChange(() => this.draw()));
    this.draw();
  }

  private draw(): void {
    const { status } = this.engine;
    const up = status.listeners.filter(isUp);
    const failed = status.listeners.filter(({ state }) => state === 'failed');
    if (up.length === 0 && failed.length === 0 && !this.ruleFiles.exists) {
      this.item.hide();
      return;
    }
    const icon = failed.length > 0 ? 'warning' : 'port-prism';
    this.item.text = `$(${icon}) ${joinParts([up.length === 0 && failed[0] !== undefined ? failedText(failed.length, failed[0].name) : portsText(up), up.length === 0 ? undefined : flowsText(status)])}`;
    this.item.tooltip = tooltip(status, up, failed);
    this.item.backgroundColor = failed.length > 0 ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: `${t('Port Prism')}: ${this.item.tooltip.replaceAll('\n', ', ')}` };
    this.item.show();
  }
}

function portsText(up: readonly ListenerStatus[]): string {
  const [only] = up;
  if (only === undefined) return t('off');
  if (up.length > 1) return t('{0} listeners', up.length);
  return only.address?.kind === 'tcp' ? String(only.address.port) : only.name;
}

function failedText(count: number, name: string): string {
  return count === 1 ? t('{0} failed', name) : t('{0} listeners failed', count);
}

function flowsText(status: EngineStatus): string {
  return plural(status.liveFlows, '{0} flow', '{0} flows');
}

function tooltip(status: EngineStatus, up: readonly ListenerStatus[], failed: readonly ListenerStatus[]): string {
  const lines = [
    ...up.map((listener) => t('{0} listens on {1}', listener.name, listener.address === undefined ? '…' : formatAddress(listener.address))),
    ...failed.map((listener) => t('{0} failed: {1}', listener.name, listener.error === undefined ? '' : sentence(listener.error))),
  ];
  if (lines.length === 0) return t('No listener runs');
  return [...lines, up.length === 0 ? undefined : plural(status.liveFlows, '{0} live connection', '{0} live connections')].filter((line) => line !== undefined).join('\n');
}
