// A capture file that is open in an editor: a lens of its own reads it, for as long as the editor is there.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { unreadFile, type CaptureFileState, type ShownFile } from '../../shared/captureFile.js';
import { MutableDisposable, Owner, background } from '../../shared/lifecycle.js';
import type { LensContract, LensEvents } from '../../shared/protocol.js';
import { LensProxy, type LensLink } from '../lensClient.js';
import type { LensClient } from '../services.js';
import { WorkerLink } from '../workerLink.js';
import type { PageSource, PageSourceState } from './inspectorPage.js';

export interface CaptureDocumentDeps {
  /** absolute path of lens' bundle */
  lensEntry: string;
  log: vscode.LogOutputChannel;
}

export class CaptureDocument extends Owner implements vscode.CustomDocument, PageSource {
  readonly onDidChangeLens: vscode.Event<unknown>;
  private readonly stateChanged = this.register(new vscode.EventEmitter<void>());
  readonly onDidChangeState = this.stateChanged.event;
  private readonly fileChanged = this.register(new vscode.EventEmitter<ShownFile>());
  readonly onDidChangeFile = this.fileChanged.event;
  private readonly proxy = this.register(new LensProxy());
  private readonly link = this.register(new MutableDisposable<LensLink>());
  private file: CaptureFileState;
  private since: ShownFile['since'];
  /** time and size of the file when reading began */
  private stamp: string | undefined;

  constructor(readonly uri: vscode.Uri, private readonly deps: CaptureDocumentDeps) {
    super();
    // Reading again changes what is behind the proxy, and the proxy says so itself.
    this.onDidChangeLens = this.register(new vscode.EventEmitter<unknown>()).event;
    this.file = unreadFile(basename(uri.path));
    if (uri.scheme !== 'file') {
      this.file = { ...this.file, isDone: true, problem: { message: vscode.l10n.t('A capture is read from disk, and {0} is not on a disk. Save it as a file first.', uri.toString(true)) } };
      return;
    }
    this.read();
    this.watch();
  }

  get lens(): LensClient | undefined {
    return this.link.value === undefined ? undefined : this.proxy;
  }

  get state(): PageSourceState {
    return { listeners: [], file: this.shown };
  }

  /** Connections of a file are over. */
  closeFlows(): Promise<{ closed: number }> {
    return Promise.resolve({ closed: 0 });
  }

  readAgain(): void {
    if (this.uri.scheme === 'file') this.read();
  }

  private get shown(): ShownFile {
    return { ...this.file, ...(this.since === undefined ? {} : { since: this.since }) };
  }

  private read(): void {
    const path = this.uri.fsPath;
    this.since = undefined;
    this.stamp = undefined;
    background(stampOf(path).then((stamp) => (this.stamp = stamp)), (fault) => this.logFault(fault));
    const link: LensLink = new WorkerLink<LensEvents, LensContract>(this.deps.lensEntry, 'port-prism file', (fault) => this.logFault(fault), { file: path });
    this.link.value = link;
    link.rpc.on('file/changed', (file) => this.take(file));
    background(link.ended.then(({ isExpected, why }) => {
      if (isExpected || this.link.value !== link) return;
      this.deps.log.error(`The worker that reads ${path} ended unexpectedly: ${why}`);
      this.take({ ...this.file, isDone: true, problem: { message: vscode.l10n.t('Reading this file ended because of an error in Port Prism: {0}', why) } });
    }), (fault) => this.logFault(fault));
    this.take(unreadFile(basename(path)));
    this.proxy.connect(link, this.deps.log);
  }

  private take(file: CaptureFileState): void {
    this.file = file;
    if (!this.isDisposed) this.fileChanged.fire(this.shown);
  }

  /** Tells when the file is no longer the one that was read. */
  private watch(): void {
    // Its name may hold characters that mean something in a pattern: everything beside it is watched.
    const watcher = this.register(vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(this.uri, '..'), '*')));
    const look = (uri: vscode.Uri): void => {
      if (uri.toString() === this.uri.toString()) background(this.compare(), (fault) => this.logFault(fault));
    };
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) this.register(event(look));
  }

  private async compare(): Promise<void> {
    const now = await stampOf(this.uri.fsPath);
    // Events may tell of what happened before reading began.
    if (now === this.stamp) return;
    this.since = now === undefined ? 'deleted' : 'changed';
    this.take(this.file);
  }

  private logFault(fault: unknown): void {
    this.deps.log.error(fault instanceof Error ? fault : String(fault));
  }
}

/** @returns what changes when the file does; undefined when there is none */
async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    // It is not there or may not be looked at: reading it says why.
    return undefined;
  }
}
