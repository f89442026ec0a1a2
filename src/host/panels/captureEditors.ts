// Editors of capture files (.pcapng, .pcap, .cap): the inspector's page over a lens that reads the file.

import * as vscode from 'vscode';
import { Owner, toDisposable } from '../../shared/lifecycle.js';
import type { ProtoFiles } from '../protoFiles.js';
import type { FilterFeed } from '../rules/filterFeed.js';
import { pageOptions } from '../webviewPage.js';
import { CaptureDocument, type CaptureDocumentDeps } from './captureDocument.js';
import { InspectorPage, type PageDeps } from './inspectorPage.js';

export const captureViewType = 'portPrism.capture';

export interface CaptureEditorsDeps extends PageDeps, CaptureDocumentDeps {
  protoFiles: ProtoFiles;
  filterFeed: FilterFeed;
}

export class CaptureEditors extends Owner implements vscode.CustomReadonlyEditorProvider<CaptureDocument> {
  /** the files that are open */
  readonly documents = new Set<CaptureDocument>();

  constructor(private readonly deps: CaptureEditorsDeps) {
    super();
    this.register(vscode.window.registerCustomEditorProvider(captureViewType, this, { supportsMultipleEditorsPerDocument: true }));
  }

  openCustomDocument(uri: vscode.Uri): CaptureDocument {
    const document = this.register(new CaptureDocument(uri, this.deps));
    this.documents.add(document);
    document.register(toDisposable(() => {
      this.documents.delete(document);
      this.release(document);
    }));
    if (document.lens !== undefined) for (const feed of [this.deps.protoFiles, this.deps.filterFeed]) document.register(feed.add(document.lens));
    return document;
  }

  resolveCustomEditor(document: CaptureDocument, panel: vscode.WebviewPanel): void {
    panel.webview.options = pageOptions(this.deps.extensionUri);
    const page = this.register(new InspectorPage(this.deps, document, panel, () => this.release(page)));
  }
}
