// Holding messages, as a person does it: a filter says which, the status bar shows a clock, an editor shows the message, and a click decides.

import * as vscode from 'vscode';
import { Owner, background, toDisposable } from '../../shared/lifecycle.js';
import { defaultHoldMs, type HeldMessage, type HoldAction, type HoldRule, type HoldStatus } from '../../shared/hold.js';
import type { Dialogs } from '../dialogs.js';
import { plural } from '../format.js';
import { said } from '../said.js';
import type { HoldClient } from '../services.js';
import { DebugPauser } from './debugPauser.js';
import { HeldDocuments } from './heldDocuments.js';
import { HeldLenses } from './heldLenses.js';
import { withRightLength } from '../editing/byteText.js';

const t = vscode.l10n.t;

/** The clock in the status bar. */
const tickMs = 1000;

/** What a person chose for a rule beside its filter. */
type Manner = 'each' | 'once' | 'onceAndPause';

export interface HoldControlOptions {
  engine: HoldClient;
  dialogs: Dialogs;
  report(fault: unknown): void;
}

export class HoldControl extends Owner {
  private readonly item = this.register(vscode.window.createStatusBarItem('portPrism.hold', vscode.StatusBarAlignment.Left, 9));
  private readonly documents: HeldDocuments;
  private readonly lenses: HeldLenses;
  private readonly pauser = this.register(new DebugPauser());
  private status: HoldStatus = { rules: [], held: [] };
  private pausesProgram = false;
  private lastFilter = '';
  private clock: NodeJS.Timeout | undefined;
  private isHoldingKey: boolean | undefined;

  constructor(private readonly options: HoldControlOptions) {
    super();
    this.documents = this.register(new HeldDocuments(async (id) => (await options.engine.holdRead(id)) ?? undefined));
    this.lenses = this.register(new HeldLenses((uri) => this.heldOf(uri), this.documents));
    this.item.name = t('Held messages');
    this.item.command = 'portPrism.hold.show';
    this.register(options.engine.onHold((status) => this.take(status)));
    this.register(toDisposable(() => clearInterval(this.clock)));
  }

  /** Asks which messages to hold, and holds them from then on. */
  async start(): Promise<void> {
    const { dialogs, engine } = this.options;
    for (let filter = this.lastFilter; ;) {
      const typed = await dialogs.input({
        title: t('Hold Messages'),
        prompt: t('Messages that match this filter stop on their way until you let them go'),
        placeholder: 'http.method == "POST" and http.path ~ "/v1/*"',
        value: filter,
      });
      if (typed === undefined || typed.trim() === '') return;
      filter = typed;
      const manner = await dialogs.pick<Manner>([
        { label: t('Only the next one'), detail: t('Holds one message, and none after it'), icon: 'debug-step-over', value: 'once' },
        { label: t('Every one'), detail: t('Holds each message that matches, until you stop holding'), icon: 'debug-pause', value: 'each' },
        { label: t('The next one, and pause the program'), detail: t('Asks the active debugger to pause at the same moment; a program that cannot be paused at once goes on a little'), icon: 'debug-alt', value: 'onceAndPause' },
      ], t('Hold Messages'));
      if (manner === undefined) return;
      const rule: HoldRule = { id: 'hold', filter, timeoutMs: defaultHoldMs, isOneShot: manner !== 'each' };
      this.pausesProgram = manner === 'onceAndPause';
      const { problems } = await engine.holdSet([rule]);
      this.lastFilter = filter;
      const [problem] = problems;
      if (problem === undefined) return;
      if ((await dialogs.tell('error', t('The filter cannot be used: {0}', said(problem.message)), t('Change the Filter'))) === undefined) return;
    }
  }

  /** Nothing is held any more; what stands goes on. */
  async stop(): Promise<void> {
    await this.options.engine.holdSet([]);
  }

  /** Lets the person choose among the held messages, or stop. */
  async show(): Promise<void> {
    const { held, rules } = this.status;
    const [first] = held;
    if (first !== undefined && held.length === 1) {
      await this.openHeld(first);
      return;
    }
    const choices = held.map((message) => ({ label: message.summary, description: `#${message.flow} ${message.protocol}`, detail: this.wordsOf(message), icon: 'debug-pause', value: message.id }));
    const stop = rules.length === 0 ? [] : [{ label: t('Stop holding'), detail: t('Everything that is held goes on'), icon: 'debug-continue', value: 0 }];
    const chosen = await this.options.dialogs.pick([...choices, ...stop], held.length === 0 ? t('No message is held yet') : t('Held messages'));
    if (chosen === 0) await this.stop();
    const message = this.status.held.find(({ id }) => id === chosen);
    if (message !== undefined) await this.openHeld(message);
  }

  /** Sends a held message on: as it is, or as it was edited. */
  async letGo(argument: unknown): Promise<void> {
    const message = await this.chosen(argument);
    if (message === undefined) return;
    const bytes = await this.documents.bytesOf(message.id);
    if (bytes === undefined || !this.documents.isChanged(message.id)) {
      await this.decide(message, { kind: 'release' });
      return;
    }
    const { bytes: sent, isChanged } = message.protocol === 'http1' ? withRightLength(bytes) : { bytes, isChanged: false };
    await this.decide(message, { kind: 'replace', bytes: sent });
    if (isChanged) vscode.window.setStatusBarMessage(t('Content-Length was put right'), 5000);
  }

  async drop(argument: unknown): Promise<void> {
    const message = await this.chosen(argument);
    if (message === undefined) return;
    await this.decide(message, { kind: 'drop' });
  }

  /** What the editor holds goes back to the speaker as an answer; the other side hears nothing. */
  async answer(argument: unknown): Promise<void> {
    const message = await this.chosen(argument);
    if (message === undefined) return;
    if (!this.documents.isChanged(message.id)) await this.documents.bytesOf(message.id);
    if (!this.documents.isChanged(message.id)) {
      await this.documents.open(message);
      await this.options.dialogs.tell('info', t('Write the answer in place of the message, and choose Answer again.'));
      return;
    }
    const bytes = (await this.documents.bytesOf(message.id)) ?? new Uint8Array();
    await this.decide(message, { kind: 'answer', bytes: message.protocol === 'http1' ? withRightLength(bytes).bytes : bytes });
  }

  private async decide(message: HeldMessage, action: HoldAction): Promise<void> {
    const { isDone } = await this.options.engine.holdDecide(message.id, action);
    if (!isDone) await this.options.dialogs.tell('warning', t('The message had gone on already.'));
  }

  private async openHeld(message: HeldMessage): Promise<void> {
    if (!(await this.documents.open(message))) await this.options.dialogs.tell('info', t('The message had gone on already.'));
  }

  /** The message that a command is about: of the editor it was called from, the only one, or the one a person picks. */
  private async chosen(argument: unknown): Promise<HeldMessage | undefined> {
    const { held } = this.status;
    const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
    const named = this.heldOf(uri) ?? (typeof argument === 'number' ? held.find(({ id }) => id === argument) : undefined);
    if (named !== undefined || held.length <= 1) return named ?? held[0];
    return this.options.dialogs.pick(held.map((message) => ({ label: message.summary, description: `#${message.flow}`, detail: this.wordsOf(message), value: message })), t('Held messages'));
  }

  private heldOf(uri: vscode.Uri | undefined): HeldMessage | undefined {
    const id = this.documents.idOf(uri);
    return id === undefined ? undefined : this.status.held.find((message) => message.id === id);
  }

  private take(status: HoldStatus): void {
    const known = new Set(this.status.held.map(({ id }) => id));
    const gone = this.status.held.filter(({ id }) => !status.held.some((message) => message.id === id));
    const fresh = status.held.filter(({ id }) => !known.has(id));
    this.status = status;
    for (const { id } of gone) background(this.documents.close(id), this.options.report);
    const [first] = fresh;
    if (first !== undefined && known.size === 0) background(this.tell(first), this.options.report);
    if (first !== undefined && this.pausesProgram) background(this.pauser.pause(), this.options.report);
    clearInterval(this.clock);
    this.clock = status.held.length === 0 ? undefined : setInterval(() => this.draw(), tickMs);
    this.draw();
  }

  private async tell(message: HeldMessage): Promise<void> {
    const [edit, release, drop] = [t('Look and Edit'), t('Let Go'), t('Drop')];
    const pressed = await this.options.dialogs.tell('info', t('Held: {0}', message.summary), edit, release, drop);
    if (pressed === edit) await this.openHeld(message);
    if (pressed === release) await this.options.engine.holdDecide(message.id, { kind: 'release' });
    if (pressed === drop) await this.options.engine.holdDecide(message.id, { kind: 'drop' });
  }

  private draw(): void {
    const { rules, held } = this.status;
    const isHolding = rules.some(({ isArmed }) => isArmed) || 0 < held.length;
    if (isHolding !== this.isHoldingKey) {
      this.isHoldingKey = isHolding;
      background(Promise.resolve(vscode.commands.executeCommand('setContext', 'portPrism.holding', isHolding)), this.options.report);
    }
    if (!isHolding) {
      this.item.hide();
      return;
    }
    const soonest = Math.min(...held.map(({ releasesAt }) => releasesAt));
    const seconds = Math.max(0, Math.ceil((soonest - Date.now()) / 1000));
    this.item.text = held.length === 0 ? `$(debug-pause) ${t('holds')}` : `$(debug-pause) ${t('{0} held · {1} s', held.length, seconds)}`;
    const filters = rules.map(({ filter }) => filter).join('\n');
    this.item.tooltip = held.length === 0 ? t('Messages that match are held: {0}', filters) : `${plural(held.length, '{0} message is held', '{0} messages are held')}\n${t('The next one goes on by itself in {0} s', seconds)}`;
    this.item.backgroundColor = new vscode.ThemeColor(held.length === 0 ? 'statusBarItem.prominentBackground' : 'statusBarItem.warningBackground');
    this.item.accessibilityInformation = { label: this.item.tooltip.replaceAll('\n', ', ') };
    this.item.show();
    this.lenses.refresh();
  }

  private wordsOf(message: HeldMessage): string {
    const seconds = Math.max(0, Math.ceil((message.releasesAt - Date.now()) / 1000));
    return message.from === 'client' ? t('from the client; goes on by itself in {0} s', seconds) : t('from the upstream; goes on by itself in {0} s', seconds);
  }
}


