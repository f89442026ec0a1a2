// What a person takes along from the traffic: exports, copies, recordings, texts. Commands come here with whatever was under the pointer.

import type * as vscode from 'vscode';
import { unknownFlow } from '../../shared/errors.js';
import type { MessageId } from '../../shared/export.js';
import type { FlowRow } from '../../shared/flow.js';
import type { SavedFilter } from '../../shared/protocol.js';
import { Owner } from '../../shared/lifecycle.js';
import type { Dialogs } from '../dialogs.js';
import { Documents } from '../documents/documents.js';
import { MessageDocuments } from '../documents/messageDocuments.js';
import type { OpenPages } from '../panels/inspectorPage.js';
import type { EngineClient, LensClient } from '../services.js';
import { copyMessageAs } from './copyAs.js';
import { Exports } from './exports.js';
import { Recording } from './recording.js';

export interface TakeAlongOptions {
  engine: EngineClient;
  pages: OpenPages;
  dialogs: Dialogs;
  /** filters that have a name in the rule files */
  filters(): readonly SavedFilter[];
  /** of the extension */
  version: string;
  log: vscode.LogOutputChannel;
  report(fault: unknown): void;
}

export class TakeAlong extends Owner {
  readonly documents = this.register(new Documents());
  readonly recording: Recording;
  readonly texts: MessageDocuments;
  readonly exports: Exports;

  constructor(private readonly options: TakeAlongOptions) {
    super();
    this.recording = this.register(new Recording(options));
    this.texts = new MessageDocuments(this.documents, options.dialogs);
    this.exports = new Exports(options);
  }

  /** What the page in front shows, else what passes through this window's listeners. */
  exportAll(): Promise<void> {
    const { pages, engine } = this.options;
    return this.exports.run('all', 'traffic', pages.front?.lens ?? engine.lens);
  }

  async exportFlows(argument: unknown, flows: readonly FlowRow[]): Promise<void> {
    const [first] = flows;
    if (first === undefined) return;
    await this.exports.run({ flows: flows.map(({ id }) => id) }, flows.length === 1 ? `connection-${first.id}` : 'connections', this.lensOf(argument));
  }

  /** @param argument what a menu of the inspector names */
  async exportMessage(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.exports.run({ rows: [message] }, `message-${message.flow}-${message.index}`, this.lensOf(argument));
  }

  async copyAs(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await copyMessageAs(this.lensOf(argument), message, this.options.dialogs);
  }

  async openBody(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    const { answer } = (argument ?? {}) as { answer?: unknown };
    if (message !== undefined) await this.texts.openBody(this.lensOf(argument), message, typeof answer === 'number' ? answer : undefined);
  }

  async openText(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.texts.openText(this.lensOf(argument), message);
  }

  selectForCompare(argument: unknown): void {
    const message = messageOf(argument);
    if (message !== undefined) this.texts.select(this.lensOf(argument), message);
  }

  async compareWithSelected(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.texts.compareWithSelected(this.lensOf(argument), message);
  }

  /** @param argument a row of the Connections view, or what a menu of the inspector names */
  async openFlow(argument: unknown, flow: FlowRow | undefined): Promise<void> {
    if (flow !== undefined) await this.texts.openFlow(this.lensOf(argument), flow.id);
  }

  async compareFlows(flows: readonly FlowRow[]): Promise<void> {
    await this.texts.compareFlows(this.lensOf(undefined), flows);
  }

  /** A menu of a page is about what that page shows: the traffic of this window, or a file. */
  lensFor(argument: unknown): LensClient | undefined {
    const { pages, engine } = this.options;
    const isOfPage = typeof argument === 'object' && argument !== null && 'webview' in argument;
    return (isOfPage ? pages.front?.lens : undefined) ?? engine.lens;
  }

  /** @throws MuxError `unknownFlow` when nothing was captured yet */
  private lensOf(argument: unknown): LensClient {
    const lens = this.lensFor(argument);
    if (lens === undefined) throw unknownFlow(messageOf(argument)?.flow ?? 0);
    return lens;
  }
}

/** @returns the message that a menu of the inspector was opened on */
export function messageOf(argument: unknown): MessageId | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { flow, index } = argument as { flow?: unknown; index?: unknown };
  return typeof flow === 'number' && typeof index === 'number' ? { flow, index } : undefined;
}
