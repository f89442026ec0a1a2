// The host's side of an inspector page, whatever it shows: it relays the requests that a page may make, each one checked, and tells the page
// that there is more to see while it is visible. It keeps no traffic.

import * as vscode from 'vscode';
import type { ShownFile } from '../../shared/captureFile.js';
import { unknownFlow, unknownListener } from '../../shared/errors.js';
import { MutableDisposable, Owner, toDisposable, type Disposable } from '../../shared/lifecycle.js';
import type { InspectorPageContract, LensSummary } from '../../shared/protocol.js';
import type { Dialogs } from '../dialogs.js';
import type { MessageDocuments } from '../documents/messageDocuments.js';
import { answerAboutDocuments } from '../documents/pageDocuments.js';
import type { Exports } from '../export/exports.js';
import { answerAboutExports } from '../export/pageExports.js';
import { Rpc } from '../../shared/rpc.js';
import type { DebugFollower, LensClient, RuleFiles } from '../services.js';
import { pageHtml, pageOptions, webviewPort } from '../webviewPage.js';
import { DebugRelay, nothingDebugged } from './debugRelay.js';
import { saveFollow } from './followSave.js';
import { answerListRequests, rememberedColumns } from './listRequests.js';
import { LensRelay, type PageRpc } from './lensRelay.js';
import * as validate from './validate.js';

/** Commands that the page carries out itself. */
export type PageCommand = 'copyHex' | 'copyText' | 'copyBase64' | `copy ${string}` | 'find' | 'pause' | 'filterByThis' | 'mark' | 'export' | 'compare';

export type PageSourceState = Pick<InspectorPageContract['notifications']['inspector/state'], 'listeners' | 'file'>;

/** What a page shows: traffic of this window's listeners, or a file. */
export interface PageSource {
  readonly lens: LensClient | undefined;
  readonly onDidChangeLens: vscode.Event<unknown>;
  readonly state: PageSourceState;
  readonly onDidChangeState: vscode.Event<void>;
  /** undefined = a file: no debugger had a hand in it */
  readonly debug?: DebugFollower;
  readonly onDidChangeFile?: vscode.Event<ShownFile>;
  closeFlows(ids: number[]): Promise<{ closed: number }>;
  readAgain?(): void;
}

export interface PageDeps {
  extensionUri: vscode.Uri;
  ruleFiles: RuleFiles;
  dialogs: Dialogs;
  texts: MessageDocuments;
  exports: Exports;
  /** what the inspector remembers of the person's habits */
  memory: vscode.Memento;
  pages: OpenPages;
  log: vscode.LogOutputChannel;
}

/** The pages of the window, so that a command finds the one that it is for. */
export class OpenPages {
  private readonly pages = new Set<InspectorPage>();

  /** the one that the person works in */
  get front(): InspectorPage | undefined {
    return [...this.pages].find((page) => page.isInFront);
  }

  add(page: InspectorPage): Disposable {
    this.pages.add(page);
    return toDisposable(() => this.pages.delete(page));
  }
}

const nothingSeen: LensSummary = { revision: 0, liveFlows: 0, totalFlows: 0, keptBytes: 0, droppedBytes: 0, behindMs: 0, memoryBytes: 0, messages: 0 };

/** One panel for as long as it lives; its page may be loaded several times meanwhile. */
export class InspectorPage extends Owner {
  selectedFlow: number | undefined;
  private readonly rpc: PageRpc;
  private readonly relay: LensRelay;
  private readonly lensListeners = this.register(new MutableDisposable<Disposable>());
  private pendingSelect: number | undefined;
  private isReady = false;

  constructor(private readonly deps: PageDeps, private readonly source: PageSource, private readonly panel: vscode.WebviewPanel, onClosed: () => void) {
    super();
    const { extensionUri } = deps;
    this.register(deps.pages.add(this));
    this.register(toDisposable(() => panel.dispose()));
    this.rpc = this.register(new Rpc(webviewPort(panel.webview, (fault) => this.report(fault)), (fault) => this.report(fault)));
    this.relay = this.register(new LensRelay(this.rpc, () => source.lens, (fault) => this.report(fault)));
    this.register(new DebugRelay(this.rpc, source.debug ?? nothingDebugged, (name, payload) => this.push(name, payload)));
    this.answer();
    this.register(panel.onDidDispose(() => {
      void vscode.commands.executeCommand('setContext', 'portPrism.inspector.hasFlow', false);
      onClosed();
    }));
    // A hidden page is thrown away, and says that it is there again once it is shown.
    this.register(panel.onDidChangeViewState(() => {
      if (panel.active) this.tellSelection();
      if (panel.visible) return;
      this.isReady = false;
      this.relay.closeViews();
    }));
    this.register(source.onDidChangeLens(() => {
      this.followLens();
      this.relay.forgetViews();
      this.push('lens/reset', null);
      this.pushState();
    }));
    this.register(source.onDidChangeState(() => this.pushState()));
    if (source.onDidChangeFile !== undefined) this.register(source.onDidChangeFile((file) => this.push('file/changed', file)));
    this.followLens();
    panel.iconPath = { light: vscode.Uri.joinPath(extensionUri, 'media', 'traffic-light.svg'), dark: vscode.Uri.joinPath(extensionUri, 'media', 'traffic-dark.svg') };
    panel.webview.options = pageOptions(extensionUri);
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'inspector', panel.title);
  }

  /** the person works in this one */
  get isInFront(): boolean {
    return this.panel.active;
  }

  /** of what it shows */
  get lens(): LensClient | undefined {
    return this.source.lens;
  }

  reveal(select: number | undefined): void {
    this.panel.reveal(undefined, false);
    this.selectWhenReady(select);
  }

  selectWhenReady(select: number | undefined): void {
    if (select === undefined) return;
    if (this.isReady && this.panel.visible) this.rpc.notify('flow/select', { id: select });
    else this.pendingSelect = select;
  }

  command(name: PageCommand): void {
    this.push('page/command', { name });
  }

  private answer(): void {
    const { ruleFiles } = this.deps;
    const { rpc, source } = this;
    answerListRequests(rpc, this.deps);
    answerAboutDocuments(rpc, () => source.lens, this.deps.texts);
    answerAboutExports(rpc, () => source.lens, this.deps.exports);
    rpc.handle('flows/close', (raw) => source.closeFlows(validate.flowIds(raw).ids));
    rpc.handle('file/readAgain', () => {
      source.readAgain?.();
      return null;
    });
    rpc.handle('clipboard/write', async (raw) => {
      await vscode.env.clipboard.writeText(validate.clipboardText(raw));
      return null;
    });
    rpc.handle('follow/save', (raw) => {
      const choice = validate.followChoice(raw);
      if (source.lens === undefined) throw unknownFlow(choice.flow);
      return saveFollow(source.lens, choice);
    });
    rpc.handle('rules/reveal', async (raw) => {
      const { listenerId, route } = validate.ruleTarget(raw);
      const position = ruleFiles.find(listenerId, route) ?? ruleFiles.find(listenerId);
      if (position === undefined) throw unknownListener(listenerId);
      await ruleFiles.reveal(position);
      return null;
    });
    rpc.on('page/ready', () => {
      // Views of a page that was loaded before are nobody's.
      this.relay.closeViews();
      this.isReady = true;
      this.pushState();
      this.pendingSelect = undefined;
    });
    rpc.on('page/selected', (raw) => {
      this.selectedFlow = validate.selectedFlow(raw);
      this.tellSelection();
    });
  }

  private tellSelection(): void {
    void vscode.commands.executeCommand('setContext', 'portPrism.inspector.hasFlow', this.selectedFlow !== undefined);
  }

  private followLens(): void {
    const { lens } = this.source;
    if (lens === undefined) {
      this.lensListeners.value = undefined;
      return;
    }
    const owner = new Owner();
    owner.register(lens.onChanged((summary) => this.push('lens/changed', summary)));
    owner.register(lens.onReset(() => {
      this.relay.forgetViews();
      this.push('lens/reset', null);
    }));
    this.lensListeners.value = owner;
  }

  private pushState(): void {
    this.push('inspector/state', {
      ...this.source.state,
      summary: this.source.lens?.summary ?? nothingSeen,
      strings: vscode.l10n.bundle ?? {},
      columns: rememberedColumns(this.deps),
      ...(this.pendingSelect === undefined ? {} : { select: this.pendingSelect }),
    });
  }

  /** A page that is hidden or not loaded hears nothing: it asks for everything once it is there. */
  private push<K extends keyof InspectorPageContract['notifications'] & string>(name: K, payload: InspectorPageContract['notifications'][K]): void {
    if (this.isReady && this.panel.visible) this.rpc.notify(name, payload);
  }

  private report(fault: unknown): void {
    this.deps.log.error(fault instanceof Error ? fault : String(fault));
  }
}
