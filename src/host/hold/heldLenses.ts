// The line above a held message in its editor: what may be done with it, and how long it still stands.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { HeldMessage } from '../../shared/hold.js';
import { heldScheme, type HeldDocuments } from './heldDocuments.js';

const t = vscode.l10n.t;

export class HeldLenses extends Owner implements vscode.CodeLensProvider {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(private readonly heldOf: (uri: vscode.Uri) => HeldMessage | undefined, private readonly documents: HeldDocuments) {
    super();
    this.register(vscode.languages.registerCodeLensProvider({ scheme: heldScheme }, this));
  }

  refresh(): void {
    this.changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const message = this.heldOf(document.uri);
    if (message === undefined) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const isChanged = document.isDirty || this.documents.isChanged(message.id);
    const seconds = Math.max(0, Math.ceil((message.releasesAt - Date.now()) / 1000));
    const lens = (title: string, command: string): vscode.CodeLens => new vscode.CodeLens(top, { title, command, arguments: [document.uri] });
    return [
      lens(`$(debug-continue) ${isChanged ? t('Send as edited') : t('Let go')}`, 'portPrism.held.release'),
      lens(`$(trash) ${t('Drop')}`, 'portPrism.held.drop'),
      lens(`$(reply) ${t('Answer with this text')}`, 'portPrism.held.answer'),
      new vscode.CodeLens(top, { title: message.from === 'client' ? t('held on its way to the upstream; goes on by itself in {0} s', seconds) : t('held on its way to the client; goes on by itself in {0} s', seconds), command: '' }),
    ];
  }
}
