// The inspector's panel: one, made when asked for, put back after a reload. It shows what the listeners of this window carry.

import * as vscode from 'vscode';
import { MutableDisposable, Owner } from '../../shared/lifecycle.js';
import type { ListenerStatus, ShownListener } from '../../shared/protocol.js';
import { sentence } from '../failures.js';
import type { DebugFollower, EngineClient, InspectorDeps } from '../services.js';
import { pageOptions } from '../webviewPage.js';
import { InspectorPage, type PageCommand, type PageSource, type PageSourceState } from './inspectorPage.js';

export const inspectorViewType = 'portPrism.traffic';

/** Owns the one inspector panel of the window. */
export class InspectorPanel extends Owner {
  private readonly shown = this.register(new MutableDisposable<InspectorPage>());
  private readonly traffic: RunningTraffic;

  constructor(private readonly deps: InspectorDeps) {
    super();
    this.traffic = this.register(new RunningTraffic(deps.engine, deps.debug));
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

  /** Lets the page in front carry out a command, which may be one that shows a file; without a page nothing happens. */
  command(name: PageCommand): void {
    (this.deps.pages.front ?? this.shown.value)?.command(name);
  }

  private adopt(panel: vscode.WebviewPanel): InspectorPage {
    const page = new InspectorPage(this.deps, this.traffic, panel, () => {
      if (this.shown.value === page) this.shown.value = undefined;
    });
    this.shown.value = page;
    return page;
  }
}

/** What the window's own engine and lens have to show. */
class RunningTraffic extends Owner implements PageSource {
  readonly onDidChangeLens: EngineClient['onDidChangeLens'];
  private readonly stateChanged = this.register(new vscode.EventEmitter<void>());
  readonly onDidChangeState = this.stateChanged.event;
  private lastKey = '';

  constructor(private readonly engine: EngineClient, readonly debug: DebugFollower) {
    super();
    this.onDidChangeLens = engine.onDidChangeLens;
    this.register(engine.onStatus(() => {
      if (this.key() !== this.lastKey) this.stateChanged.fire();
    }));
  }

  get lens(): EngineClient['lens'] {
    return this.engine.lens;
  }

  get state(): PageSourceState {
    this.lastKey = this.key();
    return { listeners: this.engine.status.listeners.map(shownListener) };
  }

  closeFlows(ids: number[]): Promise<{ closed: number }> {
    return this.engine.closeFlows(ids);
  }

  private key(): string {
    return JSON.stringify(this.engine.status.listeners.map(shownListener));
  }
}

function shownListener({ id, name, state, error }: ListenerStatus): ShownListener {
  return { id, name, isListening: state === 'listening', ...(state === 'failed' && error !== undefined ? { fault: sentence(error) } : {}) };
}
