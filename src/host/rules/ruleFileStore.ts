// All rule files of the window: found, watched, edited and saved. What is saved is applied as a whole; what is typed is checked.

import * as vscode from 'vscode';
import { fileNotReadable, fileNotSaved, rulesInvalid } from '../../shared/errors.js';
import { Owner, background } from '../../shared/lifecycle.js';
import type { RuleSelection } from '../../shared/protocol.js';
import type { Json, ProtocolChoice, RuleEdit, RuleFragment, RuleProblem, RuleSet, TextEdit, TryAnswer } from '../../shared/rules.js';
import type { Dialogs } from '../dialogs.js';
import type { RuleFile, RuleFiles, RulePosition } from '../services.js';
import { isEqualJson } from './equalJson.js';
import { InOrder } from './inOrder.js';
import { RuleFileModel } from './ruleFileModel.js';
import type { RuleServiceLoader } from './ruleService.js';
import { said } from '../said.js';

export const ruleFileName = '.vscode/port-prism.json';

// Problems follow typing after a pause this long, in milliseconds: shorter flickers between two keys.
const typingPauseMs = 200;

// An open document that has not seen a change on disk by then will not see it soon, in milliseconds (seen: below 500, 3000 on a busy machine).
const catchUpMs = 5000;

export class RuleFileStore extends Owner implements RuleFiles {
  private files: RuleFileModel[] = [];
  private loading: Promise<void> | undefined;
  private readonly changed = this.register(new vscode.EventEmitter<RuleFile | undefined>());
  private readonly rulesChanged = this.register(new vscode.EventEmitter<void>());
  private readonly watchers = new Map<RuleFileModel, vscode.Disposable>();
  private readonly reads = new InOrder<RuleFileModel>();
  private readonly typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  /** value that a form was shown last, so that a save from it can tell whether its own part changed meanwhile */
  private shown: { path: string; value: Json } | undefined;

  readonly onDidChange = this.changed.event;
  /** the rules in force changed, after a save or when folders came and went */
  readonly onDidChangeRules = this.rulesChanged.event;

  constructor(
    private readonly globalStorage: vscode.Uri,
    private readonly service: RuleServiceLoader,
    private readonly dialogs: Dialogs,
    private readonly log: vscode.LogOutputChannel,
  ) {
    super();
    this.register(vscode.workspace.onDidChangeWorkspaceFolders(() => background(this.reload(), (fault) => log.error(String(fault)))));
    this.register(vscode.workspace.onDidChangeTextDocument(({ document }) => this.heardTyping(document)));
    this.register(vscode.workspace.onDidSaveTextDocument((document) => this.heardSave(document)));
    this.register(vscode.workspace.onDidCloseTextDocument((document) => this.heardClose(document)));
  }

  get list(): readonly RuleFileModel[] {
    return this.files;
  }

  get exists(): boolean {
    return this.files.some((file) => file.exists);
  }

  /** The good rules of all files together. */
  get rules(): RuleSet {
    return { listeners: this.files.flatMap((file) => file.rules?.listeners ?? []) };
  }

  /** Reads the files once; later calls wait for the same reading. */
  load(): Promise<void> {
    this.loading ??= this.reload();
    return this.loading;
  }

  async select(position: RulePosition | undefined): Promise<RuleSelection> {
    await this.load();
    const file = position === undefined ? undefined : this.at(position.file);
    let path = position === undefined ? undefined : file?.pathOf(position);
    if (path?.[2] === 'default') path = path.slice(0, 2);
    const value = file === undefined || path === undefined ? undefined : this.service.get().read(file.text, path)?.value;
    if (file === undefined || path === undefined || value === undefined || position === undefined) return { kind: 'none', hasFile: this.exists };
    this.shown = { path: shownKey(file, path), value };
    return {
      kind: path.length === 2 ? 'listener' : 'route',
      file: vscode.workspace.asRelativePath(file.uri),
      path,
      listenerName: position.listener,
      value,
      problems: file.problemsAt(path),
      version: file.version,
    };
  }

  async read(uri: vscode.Uri, path: (string | number)[]): Promise<RuleFragment | undefined> {
    const file = await this.loaded(uri);
    return this.service.get().read(file.text, path);
  }

  async check(uri: vscode.Uri, path: (string | number)[], value: Json): Promise<RuleProblem[]> {
    const file = await this.loaded(uri);
    return this.service.get().tryFragment(file.text, path, value);
  }

  async save(uri: vscode.Uri, path: (string | number)[], value: Json, version: number): Promise<{ saved: boolean; problems: RuleProblem[] }> {
    const file = await this.loaded(uri);
    const before = this.service.get().read(file.text, path)?.value;
    const isStale = version !== file.version && !(this.shown?.path === shownKey(file, path) && isEqualJson(this.shown.value, before));
    if (before === undefined || isStale) return { saved: false, problems: [changedMeanwhile()] };
    const problems = this.service.get().tryFragment(file.text, path, value);
    if (problems.some((problem) => problem.severity === 'error')) return { saved: false, problems };
    await this.edit(uri, [{ kind: 'set', path, value }]);
    this.shown = { path: shownKey(file, path), value };
    return { saved: true, problems };
  }

  async edit(uri: vscode.Uri, edits: readonly RuleEdit[]): Promise<void> {
    const file = await this.loaded(uri);
    const document = await this.openCurrent(uri);
    const text = document.getText();
    const before = this.errorsOf(text, file);
    if (before.length > 0) throw rulesInvalid(vscode.workspace.asRelativePath(uri), before.length);
    const changes = this.service.get().edit(text, edits);
    const after = this.errorsOf(applied(text, changes), file);
    if (after[0] !== undefined) throw fileNotSaved(vscode.workspace.asRelativePath(uri), said(after[0].message).replace(/[.。]$/, ''));
    const edit = new vscode.WorkspaceEdit();
    for (const change of changes) edit.replace(uri, new vscode.Range(document.positionAt(change.start), document.positionAt(change.end)), change.newText);
    if (changes.length > 0 && !(await vscode.workspace.applyEdit(edit))) throw fileNotSaved(vscode.workspace.asRelativePath(uri), vscode.l10n.t('the editor refused the change'));
    if (document.isDirty && !(await document.save())) throw fileNotSaved(vscode.workspace.asRelativePath(uri), vscode.l10n.t('the disk refused it'));
    // A save tells by event too; whoever waits for this call must find the new rules in force.
    this.takeSaved(file, document.getText());
  }

  async tryBytes(uri: vscode.Uri, path: (string | number)[], value: Json, bytes: Uint8Array): Promise<TryAnswer> {
    const file = await this.loaded(uri);
    const service = this.service.get();
    const before = service.read(file.text, path)?.value;
    const text = before === undefined ? file.text : applied(file.text, service.edit(file.text, [{ kind: 'set', path, value }]));
    return service.tryBytes({ text, listener: Number(path[1]), bytes, isEnded: false });
  }

  async protocols(): Promise<ProtocolChoice[]> {
    return this.service.get().protocols();
  }

  async reveal(position: RulePosition): Promise<void> {
    await this.load();
    const file = this.at(position.file);
    if (file === undefined) return;
    await this.revealPath(file.uri, file.pathOf(position) ?? []);
  }

  async revealPath(uri: vscode.Uri, path: (string | number)[]): Promise<void> {
    const file = await this.loaded(uri);
    const editor = await vscode.window.showTextDocument(uri);
    const place = file.placeOf(path[2] === 'default' ? path.slice(0, 2) : path);
    if (place === undefined) return;
    const start = editor.document.positionAt(place.start);
    editor.selection = new vscode.Selection(start, start);
    editor.revealRange(new vscode.Range(start, editor.document.positionAt(place.end)), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  find(listenerId: string, route?: string): RulePosition | undefined {
    for (const file of this.files) {
      const position = file.positionOf(listenerId, route);
      if (position !== undefined) return position;
    }
    return undefined;
  }

  at(uri: string | vscode.Uri): RuleFileModel | undefined {
    const text = uri.toString();
    return this.files.find((file) => file.uri.toString() === text);
  }

  async create(): Promise<void> {
    await this.load();
    const missing = this.files.filter((file) => !file.exists);
    const file = missing.length <= 1 ? (missing[0] ?? this.files[0]) : await this.dialogs.pick(
      missing.map((candidate) => ({ label: candidate.source, description: vscode.workspace.asRelativePath(candidate.uri), value: candidate })),
      vscode.l10n.t('Folder that the rule file is for'),
    );
    if (file === undefined) return;
    if (!file.exists) {
      const text = this.service.get().template();
      await vscode.workspace.fs.writeFile(file.uri, new TextEncoder().encode(text));
      this.takeSaved(file, text);
    }
    await vscode.window.showTextDocument(file.uri);
  }

  /** Writes an empty rule file where there is none, for a first listener to be put into. */
  async ensure(file: RuleFileModel): Promise<void> {
    if (file.exists) return;
    const text = '{\n  "listeners": []\n}\n';
    await vscode.workspace.fs.writeFile(file.uri, new TextEncoder().encode(text));
    this.takeSaved(file, text);
  }

  override dispose(): void {
    for (const timer of this.typingTimers.values()) clearTimeout(timer);
    this.dropFiles(this.files);
    super.dispose();
  }

  private async reload(): Promise<void> {
    const wanted = this.places();
    const kept = this.files.filter((file) => wanted.some(({ uri, source }) => source === file.source && uri.toString() === file.uri.toString()));
    this.dropFiles(this.files.filter((file) => !kept.includes(file)));
    this.files = wanted.map(({ uri, source }) => kept.find((file) => file.uri.toString() === uri.toString()) ?? this.add(uri, source));
    await Promise.all(this.files.map((file) => this.readFile(file)));
    this.rulesChanged.fire();
    this.changed.fire(undefined);
  }

  private places(): { uri: vscode.Uri; source: string }[] {
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (folders.length === 0) return [{ uri: vscode.Uri.joinPath(this.globalStorage, 'port-prism.json'), source: 'global' }];
    return folders.map((folder, index) => {
      const namesakes = folders.slice(0, index).filter(({ name }) => name === folder.name).length;
      return { uri: vscode.Uri.joinPath(folder.uri, ruleFileName), source: namesakes === 0 ? folder.name : `${folder.name} (${namesakes + 1})` };
    });
  }

  private add(uri: vscode.Uri, source: string): RuleFileModel {
    const file = new RuleFileModel(uri, source, this.service);
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), uri.path.slice(uri.path.lastIndexOf('/') + 1));
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const refresh = () => background(this.readFile(file), (fault) => this.log.error(String(fault)));
    watcher.onDidCreate(refresh);
    watcher.onDidChange(refresh);
    watcher.onDidDelete(refresh);
    this.watchers.set(file, watcher);
    return file;
  }

  private dropFiles(files: readonly RuleFileModel[]): void {
    for (const file of files) {
      this.watchers.get(file)?.dispose();
      this.watchers.delete(file);
      file.dispose();
    }
  }

  /** A file that is deleted and made again at once is read twice: the answer "it is gone" must not come last. */
  private readFile(file: RuleFileModel): Promise<void> {
    return this.reads.run(file, () => this.readNow(file));
  }

  private async readNow(file: RuleFileModel): Promise<void> {
    const { revision } = file;
    let text: string | undefined;
    try {
      text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file.uri));
    } catch (fault) {
      // A file that vanishes while it is read fails in other ways than one that is not there: a second look tells.
      if (!(fault instanceof vscode.FileSystemError && fault.code === 'FileNotFound') && (await isThere(file.uri))) {
        // It is there, and may be readable again in a moment: what is in force stays.
        this.log.error(fileNotReadable(file.uri.fsPath, String(fault), fault).message);
        return;
      }
    }
    // Saved from this window meanwhile: what was read may be older, and the watcher has it read again.
    if (revision === file.revision) this.takeSaved(file, text);
    const document = vscode.workspace.textDocuments.find((candidate) => candidate.uri.toString() === file.uri.toString());
    if (document?.isDirty === true) this.takeTyped(file, document.getText());
  }

  /** Problems that were shown on the old text moved with its lines when the editor reloaded it: they are put right, changed or not. */
  private async readAgain(file: RuleFileModel): Promise<void> {
    await this.readFile(file);
    this.changed.fire(file);
  }

  private heardTyping(document: vscode.TextDocument): void {
    const file = this.at(document.uri);
    if (file === undefined) return;
    const key = document.uri.toString();
    clearTimeout(this.typingTimers.get(key));
    this.typingTimers.set(key, setTimeout(() => {
      this.typingTimers.delete(key);
      if (document.isDirty) this.takeTyped(file, document.getText());
      // Clean again: reverted, or reloaded from disk. The disk says what is there, also when the file is gone.
      else background(this.readAgain(file), (fault) => this.log.error(String(fault)));
    }, typingPauseMs));
  }

  private heardSave(document: vscode.TextDocument): void {
    const file = this.at(document.uri);
    if (file === undefined) return;
    clearTimeout(this.typingTimers.get(document.uri.toString()));
    this.takeSaved(file, document.getText());
  }

  /** A dirty buffer that was thrown away: the file counts again. */
  private heardClose(document: vscode.TextDocument): void {
    const file = this.at(document.uri);
    if (file !== undefined) background(this.readFile(file), (fault) => this.log.error(String(fault)));
  }

  private takeTyped(file: RuleFileModel, text: string): void {
    if (file.typed(text)) this.changed.fire(file);
  }

  private takeSaved(file: RuleFileModel, text: string | undefined): void {
    const version = file.version;
    const isNews = file.saved(text);
    if (isNews) this.rulesChanged.fire();
    if (isNews || version !== file.version) this.changed.fire(file);
  }

  /** The document as it stands on disk or is typed. One that was kept without an editor learns of a change on disk a moment after us. */
  private async openCurrent(uri: vscode.Uri): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(uri);
    const saved = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const isCurrent = (): boolean => document.isDirty || document.getText() === saved;
    if (isCurrent()) return document;
    await new Promise<void>((resolve, reject) => {
      const owner = new Owner();
      const timer = setTimeout(() => {
        owner.dispose();
        reject(fileNotSaved(vscode.workspace.asRelativePath(uri), vscode.l10n.t('it has just changed on disk; try again')));
      }, catchUpMs);
      owner.register({ dispose: () => clearTimeout(timer) });
      owner.register(vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document || !isCurrent()) return;
        owner.dispose();
        resolve();
      }));
    });
    return document;
  }

  private errorsOf(text: string, file: RuleFileModel): RuleProblem[] {
    return this.service.get().parse(text, file.source).problems.filter((problem) => problem.severity === 'error');
  }

  private async loaded(uri: vscode.Uri): Promise<RuleFileModel> {
    await this.load();
    const file = this.at(uri);
    if (file === undefined) throw fileNotReadable(uri.fsPath, vscode.l10n.t('it is not a rule file of this window'));
    return file;
  }
}

function isThere(uri: vscode.Uri): Thenable<boolean> {
  return vscode.workspace.fs.stat(uri).then(() => true, () => false);
}

function applied(text: string, edits: readonly TextEdit[]): string {
  let result = text;
  for (const edit of [...edits].sort((left, right) => right.start - left.start)) {
    result = result.slice(0, edit.start) + edit.newText + result.slice(edit.end);
  }
  return result;
}

function shownKey(file: RuleFileModel, path: readonly (string | number)[]): string {
  return JSON.stringify([file.uri.toString(), path]);
}

function changedMeanwhile(): RuleProblem {
  const message = vscode.l10n.t('The rule file was changed here meanwhile. Look at the new values, then save again.');
  return { severity: 'error', code: 'changedMeanwhile', message, start: 0, end: 0, line: 0, column: 0, endLine: 0, endColumn: 0 };
}
