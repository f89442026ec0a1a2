// Bytes as files that an editor opens and saves, held in memory: shown as text where that is what they are, else as hex (byteText.ts).

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import { bytesOfContent, contentOf, type ByteForm } from './byteText.js';

const t = vscode.l10n.t;

/** One of the files. */
export interface ByteFile {
  readonly form: ByteForm;
  readonly isReadOnly: boolean;
  /** epoch milliseconds */
  readonly madeAt: number;
  /** as last saved */
  bytes: Uint8Array;
  /** epoch milliseconds of the last save; undefined = nobody changed it */
  savedAt?: number;
}

/** The files of one scheme; who extends it says which there are. */
export abstract class ByteFiles extends Owner implements vscode.FileSystemProvider {
  private readonly changed = this.register(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  readonly onDidChangeFile = this.changed.event;

  constructor(scheme: string) {
    super();
    this.register(vscode.workspace.registerFileSystemProvider(scheme, this, { isCaseSensitive: true }));
  }

  /** @returns the file of a URI of the scheme, while there is one */
  protected abstract fileAt(uri: vscode.Uri): ByteFile | undefined;

  /** The file is gone: editors that show it are to know. */
  protected noteGone(uri: vscode.Uri): void {
    this.changed.fire([{ type: vscode.FileChangeType.Deleted, uri }]);
  }

  /** @returns the bytes as they stand in the editor; what is typed and not saved counts as well, and is saved */
  protected async current(uri: vscode.Uri): Promise<Uint8Array> {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    if (document?.isDirty === true) await document.save();
    return this.require(uri).bytes;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { madeAt, savedAt, isReadOnly } = this.require(uri);
    return { type: vscode.FileType.File, ctime: madeAt, mtime: savedAt ?? madeAt, size: this.readFile(uri).length, ...(isReadOnly ? { permissions: vscode.FilePermission.Readonly } : {}) };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const { form, bytes } = this.require(uri);
    return contentOf(form, bytes);
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const file = this.require(uri);
    if (file.isReadOnly) throw vscode.FileSystemError.NoPermissions(uri);
    const bytes = bytesOfContent(file.form, content);
    if ('line' in bytes) throw vscode.FileSystemError.Unavailable(t('Line {0} is no hex: two digits a byte, and comments behind a semicolon.', bytes.line));
    file.bytes = bytes;
    file.savedAt = Date.now();
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
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

  private require(uri: vscode.Uri): ByteFile {
    const file = this.fileAt(uri);
    if (file === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    return file;
  }
}
