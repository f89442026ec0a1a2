// The inspector's host side: one panel, made when asked for, put back after a reload. It relays the requests that a page may
// make, each one checked, and tells the page that there is more to see while it is visible. It keeps no traffic.

import * as vscode from 'vscode';
import { unknownListener } from '../../shared/errors.js';
import { MutableDisposable, Owner, toDisposable, type Disposable } from '../../shared/lifecycle.js';
import type { InspectorPageContract, LensSummary } from '../../shared/protocol.js';
import { Rpc } from '../../shared/rpc.js';
import { answerAboutDocuments } from '../documents/pageDocuments.js';
import type { InspectorDeps } from '../services.js';
import { pageHtml, pageOptions, webviewPort } from '../webviewPage.js';
import { LensRelay, type PageRpc } from './lensRelay.js';
import * as validate from './validate.js';

export const inspectorViewType = 'portPrism.traffic';

/** Commands that the page carries out itself. */
export type PageCommand = 'copyHex' | 'copyText' | 'copyBase64' | 'find' | 'pause';

const nothingSeen: LensSummary = { revision: 0, liveFlows: 0, totalFlows: 0, keptBytes: 0, droppedBytes: 0, behindMs: 0, memoryBytes: 0, messages: 0 };

/** Owns the one inspector panel of the window. */
export class InspectorPanel extends Owner {
  private readonly shown = this.register(new MutableDisposable<InspectorPage>());

  constructor(private readonly deps: InspectorDeps) {
    super();
    this.register(vscode.window.registerWebviewPanelSerializer(inspectorViewType, {
      deserializeWebviewPanel: (panel) => {
        this.adopt(panel);
        return Promise.resolve();
      },
    }));
  }

  /** flow that is selected in the page, for commands without an argument */
  get selectedFlow(): number | undefined {
    return this.shown.value?.selectedFlow;
  }

  /** Opens the panel or brings it to the front. @param select flow to select */
  show(select?: number): void {
    const page = this.shown.value;
    if (page !== undefined) {
      page.reveal(select);
      return;
    }
    const panel = vscode.window.createWebviewPanel(inspectorViewType, vscode.l10n.t('Traffic'), vscode.ViewColumn.Active, { ...pageOptions(this.deps.extensionUri), enableFindWidget: false });
    this.adopt(panel).selectWhenReady(select);
  }

  /** Lets the page carry out a command; without a page nothing happens. */
  command(name: PageCommand): void {
    this.shown.value?.command(name);
  }

  private adopt(panel: vscode.WebviewPanel): InspectorPage {
    const page = new InspectorPage(this.deps, panel, () => {
      if (this.shown.value === page) this.shown.value = undefined;
    });
    this.shown.value = page;
    return page;
  }
}

/** One panel for as long as it lives; its page may be loaded several times meanwhile. */
class InspectorPage extends Owner {
  selectedFlow: number | undefined;
  private readonly rpc: PageRpc;
  private readonly relay: LensRelay;
  private readonly lensListeners = this.register(new MutableDisposable<Disposable>());
  private pendingSelect: number | undefined;
  private isReady = false;
  private sentListeners = '';

  constructor(private readonly deps: InspectorDeps, private readonly panel: vscode.WebviewPanel, onClosed: () => void) {
    super();
    const { extensionUri, engine } = deps;
    this.register(toDisposable(() => panel.dispose()));
    this.rpc = this.register(new Rpc(webviewPort(panel.webview, (fault) => this.report(fault)), (fault) => this.report(fault)));
    this.relay = this.register(new LensRelay(this.rpc, () => engine.lens, (fault) => this.report(fault)));
    this.answer();
    answerAboutDocuments(this.rpc, () => engine.lens, deps.texts);
    this.register(panel.onDidDispose(() => {
      void vscode.commands.executeCommand('setContext', 'portPrism.inspector.hasFlow', false);
      onClosed();
    }));
    // A hidden page is thrown away, and says that it is there again once it is shown.
    this.register(panel.onDidChangeViewState(() => {
      if (panel.visible) return;
      this.isReady = false;
      this.relay.closeViews();
    }));
    this.register(engine.onDidChangeLens(() => {
      this.followLens();
      this.relay.forgetViews();
      this.push('lens/reset', null);
      this.pushState();
    }));
    this.register(engine.onStatus(() => {
      if (this.listenersKey() !== this.sentListeners) this.pushState();
    }));
    this.followLens();
    panel.iconPath = { light: vscode.Uri.joinPath(extensionUri, 'media', 'traffic-light.svg'), dark: vscode.Uri.joinPath(extensionUri, 'media', 'traffic-dark.svg') };
    panel.webview.options = pageOptions(extensionUri);
    panel.webview.html = pageHtml(panel.webview, extensionUri, 'inspector', panel.title);
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
    const { engine, ruleFiles } = this.deps;
    const rpc = this.rpc;
    rpc.handle('flows/close', (raw) => engine.closeFlows(validate.flowIds(raw).ids));
    rpc.handle('clipboard/write', async (raw) => {
      await vscode.env.clipboard.writeText(validate.clipboardText(raw));
      return null;
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
      void vscode.commands.executeCommand('setContext', 'portPrism.inspector.hasFlow', this.selectedFlow !== undefined);
    });
  }

  private followLens(): void {
    const { lens } = this.deps.engine;
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
    const { engine } = this.deps;
    this.sentListeners = this.listenersKey();
    this.push('inspector/state', {
      summary: engine.lens?.summary ?? nothingSeen,
      listeners: engine.status.listeners.map(({ id, name }) => ({ id, name })),
      strings: vscode.l10n.bundle ?? {},
      isRunning: engine.status.listeners.some(({ state }) => state === 'listening'),
      ...(this.pendingSelect === undefined ? {} : { select: this.pendingSelect }),
    });
  }

  private listenersKey(): string {
    return JSON.stringify(this.deps.engine.status.listeners.map(({ id, name, state }) => [id, name, state === 'listening']));
  }

  /** A page that is hidden or not loaded hears nothing: it asks for everything once it is there. */
  private push<K extends keyof InspectorPageContract['notifications'] & string>(name: K, payload: InspectorPageContract['notifications'][K]): void {
    if (this.isReady && this.panel.visible) this.rpc.notify(name, payload);
  }

  private report(fault: unknown): void {
    this.deps.log.error(fault instanceof Error ? fault : String(fault));
  }
}
