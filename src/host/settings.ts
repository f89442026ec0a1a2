// Settings as plain values: the one place that knows their names.

import * as vscode from 'vscode';

export const settingsSection = 'portPrism';

export interface Settings {
  /** start all enabled listeners when a folder with a rule file opens */
  autoStart: boolean;
  /** capture ring in MiB; 0 = off */
  captureMemoryMB: number;
  resolvesProcesses: boolean;
  /** 'never' refuses addresses that other machines can reach, without asking */
  nonLoopback: 'ask' | 'never';
  /** rows of the Connections view */
  maxConnections: number;
  /** names of listeners that run while a program is debugged; '*' = all that are enabled */
  debugListeners: string[];
  /** new terminals get the addresses of running listeners as variables */
  terminalEnvironment: boolean;
}

export function readSettings(): Settings {
  const values = vscode.workspace.getConfiguration(settingsSection);
  return {
    autoStart: values.get('autoStart', false),
    captureMemoryMB: values.get('capture.memoryMB', 256),
    resolvesProcesses: values.get('resolveProcesses', true),
    nonLoopback: values.get<'ask' | 'never'>('allowNonLoopback', 'ask'),
    maxConnections: values.get('connections.maxRows', 500),
    debugListeners: values.get<string[]>('debug.startListeners', []),
    terminalEnvironment: values.get('terminal.environment', false),
  };
}
