// The rule editor's host side: a form in the sidebar for the route or listener that is selected in the Rules view.
// The page holds the draft; checking, trying and saving happen here, against the rule file.

import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import { background, MutableDisposable, Owner } from '../../shared/lifecycle.js';
import type { RuleEditorHostContract, RuleEditorPageContract, RuleSelection } from '../../shared/protocol.js';
import type { Json, ProtocolChoice } from '../../shared/rules.js';
import { Rpc } from '../../shared/rpc.js';
import { verbatim } from '../../shared/sentences.js';
import * as validate from '../panels/validate.js';
import type { RuleEditorDeps, RulePosition } from '../services.js';
import { pageHtml, pageOptions, webviewPort } from '../webviewPage.js';

export const ruleEditorViewId = 'portPrism.ruleEditor';

export class RuleEditorView extends Owner implements vscode.WebviewViewProvider {
  private position: RulePosition | undefined;
  private readonly page = this.register(new MutableDisposable<RuleEditorPage>());

  constructor(private readonly deps: RuleEditorDeps) {
    super();
    this.register(vscode.window.registerWebviewViewProvider(ruleEditorViewId, this));
    this.register(deps.ruleFiles.onDidChange(() => this.page.value?.refresh()));
  }

  /** what the form shows, by name */
  get selected(): RulePosition | undefined {
    return this.position;
  }

  /**
   * Shows another listener or route.
   *
   * @param position undefined changes nothing: a tree that is drawn again has no selection for a moment, and a form that a person
   * types in must not vanish for that; what is no longer in the file vanishes by itself
   */
  select(position: RulePosition | undefined): void {
    if (position === undefined) return;
    this.position = position;
    this.page.value?.refresh();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.page.value = new RuleEditorPage(this.deps, view, () => this.position, (position) => { this.position = position; });
  }
}

class RuleEditorPage extends Owner {
  private readonly rpc: Rpc<RuleEditorHostContract, RuleEditorPageContract>;
  /** while a save renames a rule, the file has the new name and the position still the old one */
  private isSaving = false;
  private protocols: ProtocolChoice[] | undefined;
  /** only the newest selection is sent: reading the file takes a moment */
  private refreshNumber = 0;

  constructor(
    private readonly deps: RuleEditorDeps,
    private readonly view: vscode.WebviewView,
    private readonly position: () => RulePosition | undefined,
    private readonly moved: (position: RulePosition) => void,
  ) {
    super();
    const { webview } = view;
    this.rpc = this.register(new Rpc<RuleEditorHostContract, RuleEditorPageContract>(webviewPort(webview, (fault) => this.report(fault)), (fault) => this.report(fault)));
    this.answer();
    this.register(view.onDidDispose(() => this.dispose()));
    this.register(view.onDidChangeVisibility(() => this.refresh()));
    webview.options = pageOptions(deps.extensionUri);
    webview.html = pageHtml(webview, deps.extensionUri, 'ruleEditor', vscode.l10n.t('Rule editor'));
  }

  /** A page that is not there loses the message, and asks for it with 'page/ready' once it is. */
  refresh(): void {
    if (this.isSaving) return;
    background(this.push(), (fault) => this.report(fault));
  }

  private async push(): Promise<void> {
    const number = ++this.refreshNumber;
    const position = this.position();
    const selection = await this.deps.ruleFiles.select(position);
    this.protocols ??= selection.kind === 'none' ? undefined : await this.deps.ruleFiles.protocols();
    if (this.isDisposed || number !== this.refreshNumber) return;
    this.view.description = title(selection, position);
    this.rpc.notify('editor/state', { selection, protocols: this.protocols ?? [], strings: vscode.l10n.bundle ?? {} });
  }

  private answer(): void {
    const { ruleFiles } = this.deps;
    const rpc = this.rpc;
    rpc.on('page/ready', () => this.refresh());
    rpc.handle('form/check', (raw) => {
      const { path, value } = validate.formValue(raw);
      return ruleFiles.check(this.file(), path, value);
    });
    rpc.handle('form/save', async (raw) => {
      const { path, value, version } = validate.formSave(raw);
      const position = this.position();
      this.isSaving = true;
      try {
        const answer = await ruleFiles.save(this.file(), path, value, version);
        if (answer.saved && position !== undefined) this.moved(renamed(position, value));
        return answer;
      } finally {
        this.isSaving = false;
        this.refresh();
      }
    });
    rpc.handle('form/try', (raw) => {
      const { path, value, bytes } = validate.formTry(raw);
      return ruleFiles.tryBytes(this.file(), path, value, bytes);
    });
    rpc.handle('rules/openFile', async (raw) => {
      await ruleFiles.revealPath(this.file(), validate.jsonPath(raw.path));
      return null;
    });
    rpc.handle('rules/createFile', async () => {
      await ruleFiles.create();
      return null;
    });
  }

  /** @throws MuxError when nothing is selected any more */
  private file(): vscode.Uri {
    const position = this.position();
    if (position === undefined) throw new MuxError('internal', verbatim(vscode.l10n.t('Nothing is selected in the Rules view any more.')));
    return vscode.Uri.parse(position.file, true);
  }

  private report(fault: unknown): void {
    this.deps.log.error(fault instanceof Error ? fault : String(fault));
  }
}

function title(selection: RuleSelection, position: RulePosition | undefined): string {
  if (selection.kind === 'none' || position === undefined) return '';
  return position.route ?? position.listener;
}

/** After a save under another name the selection goes with the new name. */
function renamed(position: RulePosition, value: Json): RulePosition {
  const name = typeof value === 'object' && value !== null && !Array.isArray(value) ? value['name'] : undefined;
  if (typeof name !== 'string') return position;
  return position.route === undefined ? { ...position, listener: name } : { ...position, route: name };
}
