// What a person takes along from the traffic: exports, copies, recordings, texts. Commands come here with whatever was under the pointer.

import type * as vscode from 'vscode';
import { unknownFlow } from '../../shared/errors.js';
import type { MessageId } from '../../shared/export.js';
import type { FlowRow } from '../../shared/flow.js';
import { Owner } from '../../shared/lifecycle.js';
import type { Dialogs } from '../dialogs.js';
import { Documents } from '../documents/documents.js';
import { MessageDocuments } from '../documents/messageDocuments.js';
import type { EngineClient, LensClient } from '../services.js';
import { copyMessageAs } from './copyAs.js';
import { Exports } from './exports.js';
import { Recording } from './recording.js';

export interface TakeAlongOptions {
  engine: EngineClient;
  dialogs: Dialogs;
  /** of the extension */
  version: string;
  log: vscode.LogOutputChannel;
  report(fault: unknown): void;
}

export class TakeAlong extends Owner {
  readonly documents = this.register(new Documents());
  readonly recording: Recording;
  readonly texts: MessageDocuments;
  private readonly exports: Exports;

  constructor(private readonly options: TakeAlongOptions) {
    super();
    this.recording = this.register(new Recording(options));
    this.texts = new MessageDocuments(this.documents, options.dialogs);
    this.exports = new Exports(options);
  }

  exportAll(): Promise<void> {
    return this.exports.run('all', 'traffic');
  }

  async exportFlows(flows: readonly FlowRow[]): Promise<void> {
    const [first] = flows;
    if (first === undefined) return;
    await this.exports.run({ flows: flows.map(({ id }) => id) }, flows.length === 1 ? `connection-${first.id}` : 'connections');
  }

  /** @param argument what a menu of the inspector names */
  async exportMessage(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.exports.run({ rows: [message] }, `message-${message.flow}-${message.index}`);
  }

  async copyAs(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await copyMessageAs(this.lens(message), message, this.options.dialogs);
  }

  async openBody(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    const { answer } = (argument ?? {}) as { answer?: unknown };
    if (message !== undefined) await this.texts.openBody(this.lens(message), message, typeof answer === 'number' ? answer : undefined);
  }

  async openText(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.texts.openText(this.lens(message), message);
  }

  selectForCompare(argument: unknown): void {
    const message = messageOf(argument);
    if (message !== undefined) this.texts.select(this.lens(message), message);
  }

  async compareWithSelected(argument: unknown): Promise<void> {
    const message = messageOf(argument);
    if (message !== undefined) await this.texts.compareWithSelected(this.lens(message), message);
  }

  async openFlows(flows: readonly FlowRow[]): Promise<void> {
    for (const { id } of flows.slice(0, 1)) await this.texts.openFlow(this.lens({ flow: id }), id);
  }

  async compareFlows(flows: readonly FlowRow[]): Promise<void> {
    await this.texts.compareFlows(this.lens({ flow: flows[0]?.id ?? 0 }), flows);
  }

  private lens({ flow }: Pick<MessageId, 'flow'>): LensClient {
    const { lens } = this.options.engine;
    if (lens === undefined) throw unknownFlow(flow);
    return lens;
  }
}

/** @returns the message that a menu of the inspector was opened on */
export function messageOf(argument: unknown): MessageId | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const { flow, index } = argument as { flow?: unknown; index?: unknown };
  return typeof flow === 'number' && typeof index === 'number' ? { flow, index } : undefined;
}
