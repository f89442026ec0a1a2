// The workspace's `.proto` files, for gRPC's messages: handed to every lens once it runs, and again when one of them changes.

import * as vscode from 'vscode';
import { MuxError } from '../shared/errors.js';
import { MutableDisposable, Owner, background, toDisposable, type Disposable } from '../shared/lifecycle.js';
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
  private readonly lenses = new Set<LensClient>();
  /** those that have files now: to the others, none is no news */
  private readonly given = new Set<LensClient>();
  private readonly watching = this.register(new MutableDisposable<Owner>());
  private readonly engineLens = this.register(new MutableDisposable<Disposable>());
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineClient, private readonly log: vscode.LogOutputChannel) {
    super();
    // Nothing is looked for before there is something to decode.
    this.register(engine.onDidChangeLens((lens) => (this.engineLens.value = lens === undefined ? undefined : this.add(lens))));
    this.register({ dispose: () => clearTimeout(this.timer) });
  }

  /** Gives a lens the files, as long as the answer is not disposed. */
  add(lens: LensClient): Disposable {
    const owner = new Owner();
    this.lenses.add(lens);
    this.watching.value ??= this.watch();
    owner.register(lens.onReset(() => {
      this.given.delete(lens);
      this.send([lens]);
    }));
    owner.register(toDisposable(() => {
      this.lenses.delete(lens);
      this.given.delete(lens);
      if (this.lenses.size === 0) this.watching.value = undefined;
    }));
    this.send([lens]);
    return owner;
  }

  private watch(): Owner {
    const owner = new Owner();
    const watcher = owner.register(vscode.workspace.createFileSystemWatcher(pattern));
    for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) owner.register(event(() => this.sendSoon()));
    return owner;
  }

  private sendSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send([...this.lenses]), quietMs);
  }

  private send(lenses: readonly LensClient[]): void {
    background(this.read(lenses), (fault) => this.log.error(fault instanceof Error ? fault : String(fault)));
  }

  private async read(lenses: readonly LensClient[]): Promise<void> {
    const found = await vscode.workspace.findFiles(pattern, left, maxFiles);
    const files: { name: string; text: string }[] = [];
    for (const uri of found) {
      const { size } = await vscode.workspace.fs.stat(uri);
      if (maxFileBytes < size) continue;
      files.push({ name: vscode.workspace.asRelativePath(uri), text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) });
    }
    for (const lens of lenses) if (this.lenses.has(lens) && (0 < files.length || this.given.has(lens))) await this.give(lens, files);
  }

  private async give(lens: LensClient, files: { name: string; text: string }[]): Promise<void> {
    this.given.add(lens);
    try {
      const { problems } = await lens.request('schemas/set', { files });
      for (const { file, line, text } of problems) this.log.info(`${file}${line === undefined ? '' : `:${line}`}: ${text}`);
    } catch (fault) {
      // The worker went away meanwhile; its successor says "reset" and gets them then.
      if (!(fault instanceof MuxError && fault.code === 'requestCancelled')) throw fault;
    }
  }
}
