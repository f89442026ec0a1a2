// Lens seen from the host: outlives the worker behind it, so that views keep one object over a restart.

import * as vscode from 'vscode';
import { MuxError } from '../shared/errors.js';
import { Owner } from '../shared/lifecycle.js';
import type { LensContract, LensEvents, LensSummary } from '../shared/protocol.js';
import { say } from '../shared/sentences.js';
import type { LensClient } from './services.js';
import type { WorkerLink } from './workerLink.js';

export type LensLink = WorkerLink<LensEvents, LensContract>;

const noSummary: LensSummary = { revision: 0, liveFlows: 0, totalFlows: 0, keptBytes: 0, droppedBytes: 0, behindMs: 0, memoryBytes: 0, messages: 0 };

export class LensProxy extends Owner implements LensClient {
  private link: LensLink | undefined;
  private last = noSummary;
  private readonly changed = this.register(new vscode.EventEmitter<LensSummary>());
  private readonly reset = this.register(new vscode.EventEmitter<void>());

  readonly onChanged = this.changed.event;
  readonly onReset = this.reset.event;

  get summary(): LensSummary {
    return this.last;
  }

  /** Takes a new worker; the views start over when there was one before. */
  connect(link: LensLink, log: vscode.LogOutputChannel): void {
    const isRestart = this.link !== undefined;
    this.link = link;
    link.rpc.on('lens/changed', (summary) => {
      this.last = summary;
      this.changed.fire(summary);
    });
    link.rpc.on('lens/log', ({ level, message }) => log[level](message));
    if (!isRestart) return;
    this.last = noSummary;
    this.reset.fire();
  }

  request<K extends keyof LensContract['requests'] & string>(name: K, params: LensContract['requests'][K]['params']): Promise<LensContract['requests'][K]['result']> {
    if (this.link === undefined) return Promise.reject(new MuxError('requestCancelled', say`Nothing was captured yet.`));
    return this.link.rpc.request(name, params);
  }
}
