// Held messages as documents: opened in an editor, changed there, and sent on as they were saved. `port-prism-held:/7/GET-orders.http`.

import * as vscode from 'vscode';
import type { HeldMessage } from '../../shared/hold.js';
import { ByteFiles, type ByteFile } from '../editing/byteFiles.js';
import { formOf } from '../editing/byteText.js';

export const heldScheme = 'port-prism-held';

export class HeldDocuments extends ByteFiles {
  private readonly files = new Map<number, { message: HeldMessage; file: ByteFile }>();

  constructor(private readonly read: (id: number) => Promise<Uint8Array | undefined>) {
    super(heldScheme);
  }

  /** Opens a held message in an editor. @returns false when it is held no more */
  async open(message: HeldMessage): Promise<boolean> {
    if (!this.files.has(message.id)) {
      const bytes = await this.read(message.id);
      if (bytes === undefined) return false;
      this.files.set(message.id, { message, file: { form: formOf(bytes), isReadOnly: false, madeAt: message.heldAt, bytes } });
    }
    const document = await vscode.workspace.openTextDocument(this.uriOf(message));
    await vscode.window.showTextDocument(document, { preview: false });
    return true;
  }

  /** The message's bytes as they stand in its editor; undefined when nobody opened it. */
  async bytesOf(id: number): Promise<Uint8Array | undefined> {
    const held = this.files.get(id);
    return held === undefined ? undefined : this.current(this.uriOf(held.message));
  }

  isChanged(id: number): boolean {
    return this.files.get(id)?.file.savedAt !== undefined;
  }

  /** It is held no more: its editor closes. */
  async close(id: number): Promise<void> {
    const held = this.files.get(id);
    if (held === undefined) return;
    const uri = this.uriOf(held.message);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString());
    if (0 < tabs.length) await vscode.window.tabGroups.close(tabs);
    this.files.delete(id);
    this.noteGone(uri);
  }

  /** @returns the held message's id that a document stands for */
  idOf(uri: vscode.Uri | undefined): number | undefined {
    return uri?.scheme === heldScheme ? Number(uri.path.split('/')[1]) : undefined;
  }

  protected fileAt(uri: vscode.Uri): ByteFile | undefined {
    return this.files.get(this.idOf(uri) ?? 0)?.file;
  }

  private uriOf({ id, summary, protocol }: HeldMessage): vscode.Uri {
    const name = summary.replace(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 40).replace(/^-+|-+$/g, '');
    const ending = this.files.get(id)?.file.form === 'hex' ? 'hex' : protocol === 'http1' ? 'http' : 'txt';
    return vscode.Uri.from({ scheme: heldScheme, path: `/${id}/${name === '' ? protocol : name}.${ending}` });
  }
}
