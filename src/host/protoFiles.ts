// The workspace's `.proto` files, for gRPC's messages: handed to lens once it runs, and again when one of them changes.

import * as vscode from 'vscode';
import { MuxError } from '../shared/errors.js';
import { MutableDisposable, Owner, background } from '../shared/lifecycle.js';
import type { EngineClient, LensClient } from './services.js';

const pattern = '**/*.proto';
/** Packages bring copies by the hundred; what a person works with is outside of them. */
const left = '**/node_modules/**';
/** Lens reads no more either. */
const maxFiles = 1000;
const maxFileBytes = 1 << 20;
/** A branch switch changes many files: they are read once it is quiet, in milliseconds. */
const quietMs = 500;

export class ProtoFiles extends Owner {
  private readonly following = this.register(new MutableDisposable<Owner>());
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly engine: EngineClient, private readonly log: vscode.LogOutputChannel) {
    super();
    // Nothing is looked for before there is something to decode.
    this.register(engine.onDidChangeLens((lens) => this.follow(lens)));
    this.register({ dispose: () => clearTimeout(this.timer) });
  }

  private follow(lens: LensClient | undefined): void {
    if (lens === undefined) {
      this.following.value = undefined;
      return;
    }
    const owner = new Owner();
    const watcher = owner.register(vscode.workspace.createFileSystemWatcher(pattern));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) owner.register(event(() => this.sendSoon()));
    owner.register(lens.onReset(() => this.send()));
    this.following.value = owner;
    this.send();
  }

  private sendSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), quietMs);
  }

  private send(): void {
    background(this.read(), (fault) => this.log.error(fault instanceof Error ? fault : String(fault)));
  }

  private async read(): Promise<void> {
    const found = await vscode.workspace.findFiles(pattern, left, maxFiles);
    const files: { name: string; text: string }[] = [];
    for (const uri of found) {
      const { size } = await vscode.workspace.fs.stat(uri);
      if (maxFileBytes < size) continue;
      files.push({ name: vscode.workspace.asRelativePath(uri), text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) });
    }
    const { lens } = this.engine;
    if (lens === undefined || (files.length === 0 && this.isDisposed)) return;
    try {
      const { problems } = await lens.request('schemas/set', { files });
      for (const { file, line, text } of problems) this.log.info(`${file}${line === undefined ? '' : `:${line}`}: ${text}`);
    } catch (fault) {
      // The worker went away meanwhile; its successor says "reset" and gets them then.
      if (!(fault instanceof MuxError && fault.code === 'requestCancelled')) throw fault;
    }
  }
}
