// Held messages as documents: opened in an editor, changed there, and sent on as they were saved. `port-prism-held:/7/GET-orders.http`.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { HeldMessage } from '../../shared/hold.js';
import { bytesOfContent, contentOf, formOf, type HeldForm } from './heldText.js';

export const heldScheme = 'port-prism-held';

const t = vscode.l10n.t;

interface Held {
  message: HeldMessage;
  form: HeldForm;
  original: Uint8Array;
  /** as last saved; undefined = nobody changed it */
  edited: Uint8Array | undefined;
  savedAt: number;
}

export class HeldDocuments extends Owner implements vscode.FileSystemProvider {
  private readonly documents = new Map<number, Held>();
  private readonly changed = this.register(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.changed.event;

  constructor(private readonly read: (id: number) => Promise<Uint8Array | undefined>) {
    super();
    this.register(vscode.workspace.registerFileSystemProvider(heldScheme, this, { isCaseSensitive: true }));
  }

  /** Opens a held message in an editor. @returns false when it is held no more */
  async open(message: HeldMessage): Promise<boolean> {
    if (!this.documents.has(message.id)) {
      const original = await this.read(message.id);
      if (original === undefined) return false;
      this.documents.set(message.id, { message, form: formOf(original), original, edited: undefined, savedAt: Date.now() });
    }
    const document = await vscode.workspace.openTextDocument(this.uriOf(message));
    await vscode.window.showTextDocument(document, { preview: false });
    return true;
  }

  /** The message's bytes as they were saved; what is typed and not saved counts as well. */
  async bytesOf(id: number): Promise<Uint8Array | undefined> {
    const held = this.documents.get(id);
    if (held === undefined) return undefined;
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === this.uriOf(held.message).toString());
    if (document?.isDirty === true) await document.save();
    return held.edited ?? held.original;
  }

  isChanged(id: number): boolean {
    return this.documents.get(id)?.edited !== undefined;
  }

  /** It is held no more: its editor closes. */
  async close(id: number): Promise<void> {
    const held = this.documents.get(id);
    if (held === undefined) return;
    const uri = this.uriOf(held.message);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString());
    if (0 < tabs.length) await vscode.window.tabGroups.close(tabs);
    this.documents.delete(id);
    this.changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  /** @returns the held message's id that a document stands for */
  idOf(uri: vscode.Uri | undefined): number | undefined {
    return uri?.scheme === heldScheme ? Number(uri.path.split('/')[1]) : undefined;
  }

  uriOf({ id, summary, protocol }: HeldMessage): vscode.Uri {
    const name = summary.replace(/[^\p{L}\p{N}.-]+/gu, '-').slice(0, 40).replace(/^-+|-+$/g, '');
    const ending = this.documents.get(id)?.form === 'hex' ? 'hex' : protocol === 'http1' ? 'http' : 'txt';
    return vscode.Uri.from({ scheme: heldScheme, path: `/${id}/${name === '' ? protocol : name}.${ending}` });
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const held = this.require(uri);
    return { type: vscode.FileType.File, ctime: held.message.heldAt, mtime: held.savedAt, size: this.contentOf(held).length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.contentOf(this.require(uri));
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const held = this.require(uri);
    const bytes = bytesOfContent(held.form, content);
    if ('line' in bytes) throw vscode.FileSystemError.Unavailable(t('Line {0} is no hex: two digits a byte, and comments behind a semicolon.', bytes.line));
    held.edited = bytes;
    held.savedAt = Date.now();
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private contentOf({ form, edited, original }: Held): Uint8Array {
    return contentOf(form, edited ?? original);
  }

  private require(uri: vscode.Uri): Held {
    const held = this.documents.get(this.idOf(uri) ?? 0);
    if (held === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return held;
  }
}
