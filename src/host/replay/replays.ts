// Sending again what was captured: one request or a whole client side, as it was or edited, to where it went or elsewhere. What comes back stands
// beside what came back the first time.

import * as vscode from 'vscode';
import { unknownFlow, workspaceNotTrusted } from '../../shared/errors.js';
import type { MessageId } from '../../shared/export.js';
import type { FlowRow, Speaker } from '../../shared/flow.js';
import { Owner } from '../../shared/lifecycle.js';
import type { Message, Range } from '../../shared/message.js';
import type { Dialogs } from '../dialogs.js';
import { withRightLength } from '../editing/byteText.js';
import type { LensClient } from '../services.js';
import { replay } from './replaySocket.js';
import { isLoopback, maxReplayBytes, replayPlan, targetOf, type ReplayStep, type Said } from './replayPlan.js';
import { replayScheme, ReplayDocuments } from './replayDocuments.js';

const t = vscode.l10n.t;

const pieceBytes = 256 * 1024;
const pageRows = 1000;

interface Target {
  host: string;
  port: number;
}

/** What an edited request belongs to, by its document. */
interface Draft {
  target: Target;
  protocol: string;
  before: Uint8Array;
}

export interface ReplaysOptions {
  dialogs: Dialogs;
  lensFor(argument: unknown): LensClient | undefined;
}

export class Replays extends Owner {
  private readonly documents = this.register(new ReplayDocuments());
  private readonly drafts = new Map<string, Draft>();

  constructor(private readonly options: ReplaysOptions) {
    super();
    this.register(vscode.languages.registerCodeLensProvider({ scheme: replayScheme }, { provideCodeLenses: (document) => this.lenses(document) }));
  }

  /** Sends one request again, to where it was sent or elsewhere. */
  async resend(argument: unknown, message: MessageId | undefined): Promise<void> {
    if (message === undefined) return;
    const { lens, flow, whole } = await this.request(argument, message);
    const target = await this.askTarget(flow);
    if (target === undefined) return;
    const bytes = await readRange(lens, flow.id, whole.from, whole.range);
    const before = await this.answerBefore(lens, flow, whole);
    await this.send(target, [{ bytes, waits: true }], before, whole.protocol);
  }

  /** Opens a request in an editor, to be sent from there. */
  async edit(argument: unknown, message: MessageId | undefined): Promise<void> {
    if (message === undefined) return;
    const { lens, flow, whole } = await this.request(argument, message);
    const bytes = await readRange(lens, flow.id, whole.from, whole.range);
    const uri = this.documents.add(whole.protocol === 'http1' ? 'request.http' : 'request.txt', bytes, false);
    this.drafts.set(uri.path, { target: listenerOf(flow), protocol: whole.protocol, before: await this.answerBefore(lens, flow, whole) });
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false });
  }

  /** Sends what an editor of ours holds. @param elsewhere asks where to first */
  async sendEdited(argument: unknown, elsewhere: boolean): Promise<void> {
    const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
    const draft = uri === undefined ? undefined : this.drafts.get(uri.path);
    if (uri === undefined || draft === undefined) return;
    const target = elsewhere ? await this.askAddress(`${draft.target.host}:${draft.target.port}`) : draft.target;
    if (target === undefined) return;
    const bytes = await this.documents.bytesOf(uri);
    const sent = draft.protocol === 'http1' ? withRightLength(bytes).bytes : bytes;
    await this.send(target, [{ bytes: sent, waits: true }], draft.before, draft.protocol);
  }

  /** Says all that a client said again, waiting where it waited. */
  async resendFlow(argument: unknown, flow: FlowRow | undefined): Promise<void> {
    if (flow === undefined) return;
    const lens = this.options.lensFor(argument);
    if (lens === undefined) throw unknownFlow(flow.id);
    const { dialogs } = this.options;
    if (maxReplayBytes < flow.fromClient.total) {
      await dialogs.tell('warning', t('This client said more than can be sent again ({0} MiB at most).', maxReplayBytes >> 20));
      return;
    }
    if (flow.fromClient.kept < flow.fromClient.total) {
      await dialogs.tell('warning', t('Some of what this client said was overwritten by newer traffic: it cannot be said again.'));
      return;
    }
    const target = await this.askTarget(flow);
    if (target === undefined) return;
    const client = await readRange(lens, flow.id, 'client', { start: 0, end: flow.fromClient.total });
    const before = await readRange(lens, flow.id, 'upstream', { start: 0, end: Math.min(flow.fromUpstream.total, maxReplayBytes) });
    await this.send(target, replayPlan(await said(lens, flow), client), before, flow.classification.protocol);
  }

  private async send(target: Target, steps: readonly ReplayStep[], before: Uint8Array, protocol: string): Promise<void> {
    if (!vscode.workspace.isTrusted) throw workspaceNotTrusted();
    const { dialogs } = this.options;
    const to = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
    if (!isLoopback(target.host) && !(await dialogs.confirm(t('Send this to {0}?', to), t('{0} is another machine. What was captured may hold passwords and tokens.', to), t('Send')))) return;
    const result = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Sending to {0}…', to), cancellable: true }, (_progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      return replay(target, steps, controller.signal);
    });
    const ending = protocol === 'http1' ? 'http' : 'txt';
    const first = this.documents.add(`answer-before.${ending}`, before, true);
    const second = this.documents.add(`answer-now.${ending}`, result.answer, true);
    await vscode.commands.executeCommand('vscode.diff', first, second, t('Answer before and now ({0})', to), { preview: false });
    if (result.answer.length === 0) await dialogs.tell('info', result.isClosed ? t('{0} closed the connection without an answer.', to) : t('{0} did not answer.', to));
  }

  private lenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const draft = this.drafts.get(document.uri.path);
    if (draft === undefined) return [];
    const top = new vscode.Range(0, 0, 0, 0);
    const { host, port } = draft.target;
    return [
      new vscode.CodeLens(top, { title: `$(play) ${t('Send to {0}', `${host}:${port}`)}`, command: 'portPrism.replay.send', arguments: [document.uri] }),
      new vscode.CodeLens(top, { title: t('Send elsewhere…'), command: 'portPrism.replay.sendElsewhere', arguments: [document.uri] }),
    ];
  }

  /** The request that a row stands for; an answer's row stands for the request that it answers. */
  private async request(argument: unknown, message: MessageId): Promise<{ lens: LensClient; flow: FlowRow; whole: Message }> {
    const lens = this.options.lensFor(argument);
    if (lens === undefined) throw unknownFlow(message.flow);
    const flow = await lens.request('flows/get', { id: message.flow });
    let whole = await lens.request('messages/get', message);
    if (whole?.answers !== undefined) whole = await lens.request('messages/get', { flow: message.flow, index: whole.answers });
    if (whole === null) throw unknownFlow(message.flow);
    return { lens, flow, whole };
  }

  /** The first answer to a request, as it was. */
  private async answerBefore(lens: LensClient, flow: FlowRow, request: Message): Promise<Uint8Array> {
    const { rows } = await lens.request('messages/list', { flow: flow.id, start: request.index + 1, count: pageRows });
    const answer = rows.find(({ answers }) => answers === request.index);
    return answer === undefined ? new Uint8Array() : readRange(lens, flow.id, answer.from, answer.range);
  }

  private async askTarget(flow: FlowRow): Promise<Target | undefined> {
    const through = listenerOf(flow);
    const upstream = targetOf(flow.upstream ?? '');
    const { dialogs } = this.options;
    const chosen = await dialogs.pick<'listener' | 'upstream' | 'other'>([
      { label: t('Through the listener'), description: `${through.host}:${through.port}`, detail: t('It is routed and captured like any other'), icon: 'git-merge', value: 'listener' },
      ...(upstream === undefined ? [] : [{ label: t('To the same upstream'), description: `${upstream.host}:${upstream.port}`, detail: t('Straight there, past the rules'), icon: 'arrow-right', value: 'upstream' as const }]),
      { label: t('Elsewhere…'), icon: 'edit', value: 'other' },
    ], t('Send again'));
    if (chosen === 'listener') return through;
    if (chosen === 'upstream') return upstream;
    return chosen === undefined ? undefined : this.askAddress(flow.upstream ?? '');
  }

  private async askAddress(value: string): Promise<Target | undefined> {
    const typed = await this.options.dialogs.input({
      title: t('Send again'),
      prompt: t('Address to send to'),
      placeholder: '127.0.0.1:8080',
      value,
      check: (text) => (targetOf(text) === undefined ? t('Write a port, or host and port: 127.0.0.1:8080') : undefined),
    });
    return typed === undefined ? undefined : targetOf(typed);
  }
}

/** Where the flow's client connected to: sending there goes the same way again. */
function listenerOf({ local }: FlowRow): Target {
  return 'path' in local ? { host: '127.0.0.1', port: 0 } : { host: local.host === '0.0.0.0' ? '127.0.0.1' : local.host === '::' ? '::1' : local.host, port: local.port };
}

async function readRange(lens: LensClient, flow: number, from: Speaker, { start, end }: Range): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    const { bytes, gaps } = await lens.request('bytes/read', { flow, from, start: at, length: Math.min(pieceBytes, end - at) });
    if (bytes.length === 0 || gaps.length > 0) break;
    pieces.push(bytes);
    at += bytes.length;
  }
  return Uint8Array.from(Buffer.concat(pieces));
}

async function said(lens: LensClient, flow: FlowRow): Promise<Said[]> {
  const all: Said[] = [];
  for (let start = 0; start < flow.chunkCount; ) {
    const { rows } = await lens.request('chunks/list', { flow: flow.id, start, count: pageRows });
    const last = rows.at(-1);
    if (last === undefined) break;
    all.push(...rows);
    start = last.index + 1;
  }
  return all;
}
