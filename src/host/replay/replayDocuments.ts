// What is to be sent again while it is edited, and what came back, as documents: `port-prism-replay:/3/request.http`.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import { bytesOfContent, contentOf, formOf, isPlainText, type HeldForm } from '../hold/heldText.js';

export const replayScheme = 'port-prism-replay';

const t = vscode.l10n.t;
/** Documents that are kept; the oldest go first. */
const maxDocuments = 40;

interface Kept {
  bytes: Uint8Array;
  form: HeldForm;
  isReadOnly: boolean;
  changedAt: number;
}

export class ReplayDocuments extends Owner implements vscode.FileSystemProvider {
  private readonly kept = new Map<string, Kept>();
  private lastId = 0;
  private readonly changed = this.register(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.changed.event;

  constructor() {
    super();
    this.register(vscode.workspace.registerFileSystemProvider(replayScheme, this, { isCaseSensitive: true }));
  }

  /** @param name of the document, with the ending of its language */
  add(name: string, bytes: Uint8Array, isReadOnly: boolean): vscode.Uri {
    // What is only read may lose its kind of line ends.
    const form = isReadOnly && isPlainText(bytes) ? 'text' : formOf(bytes);
    const uri = vscode.Uri.from({ scheme: replayScheme, path: `/${++this.lastId}/${form === 'hex' ? `${name.replace(/\.\w+$/, '')}.hex` : name}` });
    this.kept.set(uri.path, { bytes, form, isReadOnly, changedAt: Date.now() });
    for (const path of this.kept.keys()) {
      if (this.kept.size <= maxDocuments) break;
      this.kept.delete(path);
    }
    return uri;
  }

  /** The bytes as they stand in the editor, saved or not. */
  async bytesOf(uri: vscode.Uri): Promise<Uint8Array> {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    if (document?.isDirty === true) await document.save();
    return this.require(uri).bytes;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { changedAt, isReadOnly } = this.require(uri);
    return { type: vscode.FileType.File, ctime: changedAt, mtime: changedAt, size: this.readFile(uri).length, ...(isReadOnly ? { permissions: vscode.FilePermission.Readonly } : {}) };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const { bytes, form } = this.require(uri);
    return contentOf(form, bytes);
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const kept = this.require(uri);
    if (kept.isReadOnly) throw vscode.FileSystemError.NoPermissions(uri);
    const bytes = bytesOfContent(kept.form, content);
    if ('line' in bytes) throw vscode.FileSystemError.Unavailable(t('Line {0} is no hex: two digits a byte, and comments behind a semicolon.', bytes.line));
    kept.bytes = bytes;
    kept.changedAt = Date.now();
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

  private require(uri: vscode.Uri): Kept {
    const kept = this.kept.get(uri.path);
    if (kept === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return kept;
  }
}
