// What a connection is and how it ended, in words.

import * as vscode from 'vscode';
import type { EndReason, FlowRow } from '../shared/flow.js';
import { programName } from '../shared/programName.js';
import { shorten } from './format.js';

const t = vscode.l10n.t;

/** Characters of the program that a row has room for. */
const maxProgram = 32;

/** @returns `server.js` or `redis-cli`, else the client's address */
export function clientWords(flow: FlowRow): string {
  return flow.process === undefined ? clientAddress(flow) : shorten(programName(flow.process), maxProgram);
}

export function clientAddress(flow: FlowRow): string {
  const { client } = flow;
  return 'path' in client ? t('a local socket') : client.host.includes(':') ? `[${client.host}]:${client.port}` : `${client.host}:${client.port}`;
}

export function endWords(reason: EndReason): string {
  switch (reason) {
    case 'clientClosed':
      return t('closed by client');
    case 'upstreamClosed':
      return t('closed by upstream');
    case 'bothClosed':
      return t('closed');
    case 'clientReset':
      return t('reset by client');
    case 'upstreamReset':
      return t('reset by upstream');
    case 'connectRefused':
      return t('upstream refused');
    case 'connectTimeout':
      return t('upstream did not answer');
    case 'connectFailed':
      return t('upstream not reached');
    case 'noRoute':
      return t('no route took it');
    case 'clientLeftWhileInspected':
      return t('client left before a route was found');
    case 'idle':
      return t('closed as idle');
    case 'closedByPerson':
      return t('closed by you');
    case 'stopped':
      return t('listener stopped');
    case 'engineFailed':
      return t('engine failed');
  }
}

/** Ends that someone should look at. */
export function isFailure(reason: EndReason | undefined): boolean {
  switch (reason) {
    case 'connectRefused':
    case 'connectTimeout':
    case 'connectFailed':
    case 'noRoute':
    case 'engineFailed':
    case 'upstreamReset':
      return true;
    default:
      return false;
  }
}
