// How a protocol looks in a row: a shape and a colour, so that neither has to carry the meaning alone.

import * as vscode from 'vscode';

const looks: Record<string, [icon: string, colour: string]> = {
  http1: ['globe', 'charts.blue'],
  http2: ['globe', 'charts.blue'],
  grpc: ['symbol-method', 'charts.green'],
  websocket: ['arrow-swap', 'charts.blue'],
  tls: ['lock', 'charts.green'],
  ssh: ['terminal', 'charts.purple'],
  redis: ['layers', 'charts.red'],
  postgres: ['database', 'charts.blue'],
  mysql: ['database', 'charts.orange'],
  mqtt: ['broadcast', 'charts.yellow'],
  ftp: ['file', 'charts.orange'],
  smtp: ['mail', 'charts.purple'],
};

const otherKnown: [string, string] = ['plug', 'charts.foreground'];
const unknown: [string, string] = ['question', 'descriptionForeground'];

/** @param isLive a closed connection keeps its shape and loses its colour */
export function protocolIcon(protocol: string, isLive: boolean): vscode.ThemeIcon {
  const [icon, colour] = looks[protocol] ?? (protocol === 'unknown' ? unknown : otherKnown);
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(isLive ? colour : 'descriptionForeground'));
}

/** What a row calls the protocol: `http` for HTTP/1, the innermost layer when it changed inside the connection. */
export function protocolName(classification: { protocol: string; layers: readonly string[] }): string {
  const id = classification.layers.at(-1) ?? classification.protocol;
  if (id === 'http1') return 'http';
  return id === 'unknown' ? vscode.l10n.t('unknown') : id;
}
