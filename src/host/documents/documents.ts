// Messages and conversations as read-only documents of the scheme `port-prism:`: real editors with their languages, folds and differences. What a
// document holds is asked of lens when it is opened; an address that is older than its lens says that the traffic is gone.

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import type { DocumentText, MessageId } from '../../shared/export.js';
import { Owner } from '../../shared/lifecycle.js';
import type { LensClient } from '../services.js';
import { said } from '../said.js';

const t = vscode.l10n.t;

export const documentScheme = 'port-prism';

/** What a document shows. */
export type DocumentOf = { kind: 'body' | 'message'; message: MessageId } | { kind: 'flow'; flow: number };

/** As it stands in the query of an address. */
interface Asked {
  lens: string;
  kind: 'body' | 'message' | 'flow';
  flow: number;
  index?: number;
}

export class Documents extends Owner implements vscode.TextDocumentContentProvider {
  private readonly changed = this.register(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;
  /** lenses of this session by the key that addresses name them with */
  private readonly lenses = new Map<string, LensClient>();
  private readonly keys = new WeakMap<LensClient, string>();

  constructor() {
    super();
    this.register(vscode.workspace.registerTextDocumentContentProvider(documentScheme, this));
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const asked = askedBy(uri);
    const lens = asked === undefined ? undefined : this.lenses.get(asked.lens);
    if (asked === undefined || lens === undefined) return t('This traffic was captured in an earlier session and is gone. Export what you want to keep.');
    try {
      const found = await request(lens, asked);
      if (found === null) return t('There is nothing to show: the message carries nothing, or its bytes were overwritten by newer traffic.');
      return found.cut === undefined ? found.text : `${found.text}\n\n… ${said(found.cut)}\n`;
    } catch (fault) {
      if (fault instanceof MuxError && fault.code === 'unknownFlow') return t('This connection is no longer kept: it was cleared, or newer ones took its place.');
      throw fault;
    }
  }

  /** Opens what it shows in an editor. @returns false when there is nothing to show */
  async open(lens: LensClient, what: DocumentOf, options: vscode.TextDocumentShowOptions = {}): Promise<boolean> {
    const uri = await this.address(lens, what);
    if (uri === undefined) return false;
    // One that is open already may show an earlier state of a flow that went on.
    this.changed.fire(uri.address);
    const document = await vscode.workspace.openTextDocument(uri.address);
    if (document.languageId !== uri.language && (await vscode.languages.getLanguages()).includes(uri.language)) await vscode.languages.setTextDocumentLanguage(document, uri.language);
    await vscode.window.showTextDocument(document, { preview: true, ...options });
    return true;
  }

  /** Shows two in the standard diff. @returns false when one of them shows nothing */
  async compare(lens: LensClient, left: DocumentOf, right: DocumentOf, rightLens: LensClient = lens): Promise<boolean> {
    const [one, other] = [await this.address(lens, left), await this.address(rightLens, right)];
    if (one === undefined || other === undefined) return false;
    await vscode.commands.executeCommand('vscode.diff', one.address, other.address, t('{0} ↔ {1}', titleOf(one.address), titleOf(other.address)));
    return true;
  }

  /** Of a capture that was closed nothing can be asked any more. */
  forget(lens: LensClient): void {
    const key = this.keys.get(lens);
    if (key !== undefined) this.lenses.delete(key);
    this.keys.delete(lens);
  }

  /** @returns where it is, named after what it holds: the name's ending tells the editor its language */
  private async address(lens: LensClient, what: DocumentOf): Promise<{ address: vscode.Uri; language: string } | undefined> {
    const asked: Asked = { lens: this.keyOf(lens), kind: what.kind, ...(what.kind === 'flow' ? { flow: what.flow } : { flow: what.message.flow, index: what.message.index }) };
    const found = await request(lens, asked);
    return found === null ? undefined : { address: vscode.Uri.from({ scheme: documentScheme, path: `/${found.name}`, query: JSON.stringify(asked) }), language: found.language };
  }

  private keyOf(lens: LensClient): string {
    const known = this.keys.get(lens);
    if (known !== undefined) return known;
    const key = randomUUID();
    this.keys.set(lens, key);
    this.lenses.set(key, lens);
    return key;
  }
}

function request(lens: LensClient, { kind, flow, index = 0 }: Asked): Promise<DocumentText | null> {
  switch (kind) {
    case 'body':
      return lens.request('text/body', { flow, index });
    case 'message':
      return lens.request('text/message', { flow, index });
    case 'flow':
      return lens.request('text/flow', { flow });
  }
}

/** An address may come from anywhere: a link, another extension, a window that was closed. */
function askedBy({ query }: vscode.Uri): Asked | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(query);
  } catch {
    // Not one of ours.
    return undefined;
  }
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { lens, kind, flow, index } = raw as Record<string, unknown>;
  if (typeof lens !== 'string' || (kind !== 'body' && kind !== 'message' && kind !== 'flow') || !isCount(flow)) return undefined;
  if (kind === 'flow') return { lens, kind, flow };
  return isCount(index) ? { lens, kind, flow, index } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && 0 <= value;
}

function titleOf({ path }: vscode.Uri): string {
  return path.slice(1);
}
