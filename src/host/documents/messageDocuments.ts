// What commands and pages do with documents of messages and flows: open a body, show a text, compare two.

import * as vscode from 'vscode';
import type { MessageId } from '../../shared/export.js';
import type { FlowRow } from '../../shared/flow.js';
import type { Dialogs } from '../dialogs.js';
import type { LensClient } from '../services.js';
import type { DocumentOf, Documents } from './documents.js';

const t = vscode.l10n.t;

export class MessageDocuments {
  private selected: { lens: LensClient; message: MessageId } | undefined;

  constructor(private readonly documents: Documents, private readonly dialogs: Dialogs) {}

  /** @param answer index of the answer in whose row the message stands */
  async openBody(lens: LensClient, message: MessageId, answer?: number): Promise<void> {
    const ids = [message, ...(answer === undefined ? [] : [{ flow: message.flow, index: answer }])];
    const bodies = (await Promise.all(ids.map(async (id) => ({ id, body: await lens.request('text/body', id) })))).filter(({ body }) => body !== null);
    if (bodies.length === 0) {
      await this.dialogs.tell('info', t('This message has no body.'));
      return;
    }
    const chosen = bodies.length === 1 ? bodies[0]!.id : await this.dialogs.pick(bodies.map(({ id, body }) => ({ label: id === message ? t('Request') : t('Answer'), description: body!.name, value: id })), t('Open Body'));
    if (chosen !== undefined) await this.documents.open(lens, { kind: 'body', message: chosen });
  }

  async openText(lens: LensClient, message: MessageId): Promise<void> {
    if (!(await this.documents.open(lens, { kind: 'message', message }))) await this.tellGone();
  }

  async openFlow(lens: LensClient, flow: number): Promise<void> {
    if (!(await this.documents.open(lens, { kind: 'flow', flow }))) await this.tellGone();
  }

  /** As in the explorer: first one, then another with it. */
  select(lens: LensClient, message: MessageId): void {
    this.selected = { lens, message };
    void vscode.commands.executeCommand('setContext', 'portPrism.hasMessageToCompare', true);
  }

  async compareWithSelected(lens: LensClient, message: MessageId): Promise<void> {
    const { selected } = this;
    if (selected === undefined) {
      this.select(lens, message);
      vscode.window.setStatusBarMessage(t('Selected for compare. Choose another message to compare it with.'), 4000);
      return;
    }
    if (!(await this.documents.compare(selected.lens, { kind: 'message', message: selected.message }, { kind: 'message', message }, lens))) await this.tellGone();
  }

  async compareFlows(lens: LensClient, flows: readonly Pick<FlowRow, 'id'>[]): Promise<void> {
    const [one, other] = [...flows].sort((a, b) => a.id - b.id);
    if (one === undefined || other === undefined || 2 < flows.length) {
      await this.dialogs.tell('info', t('Select two connections to compare them.'));
      return;
    }
    await this.compare(lens, { kind: 'flow', flow: one.id }, { kind: 'flow', flow: other.id });
  }

  async compare(lens: LensClient, left: DocumentOf, right: DocumentOf): Promise<void> {
    if (!(await this.documents.compare(lens, left, right))) await this.tellGone();
  }

  private async tellGone(): Promise<void> {
    await this.dialogs.tell('info', t('What you want to see is no longer kept.'));
  }
}
