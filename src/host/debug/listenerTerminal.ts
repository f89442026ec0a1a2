// What a `portPrism` task shows: the listeners it started and where they are reached, then a line for every connection. It ends by stopping them.

import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import type { FlowRow } from '../../shared/flow.js';
import { MutableDisposable, Owner, background } from '../../shared/lifecycle.js';
import type { ListenerRule } from '../../shared/rules.js';
import { isUp } from '../engineClient.js';
import { sentence } from '../failures.js';
import { clientWords, isFailure } from '../flowWords.js';
import { joinParts } from '../format.js';
import { said } from '../said.js';
import type { RuleFileStore } from '../rules/ruleFileStore.js';
import type { EngineClient, LensClient } from '../services.js';
import { protocolName } from '../views/protocolLook.js';
import { chooseListeners, reachableAddress } from './listenerChoice.js';

const t = vscode.l10n.t;

// Lines that the manifest's problem matcher looks for, whatever the language: it begins to start, all of it is there, something failed.
const beginsMark = '◌';
const readyMark = '▶';
const faultMark = '✗';

const interrupt = '\x03';
/** Rows looked at a time; what comes faster than it can be read is counted. */
const rowsAtOnce = 100;
/** A connection is told once its protocol is known, or after this long, in milliseconds. */
const tellAfterMs = 1000;
/** Connections whose protocol is waited for; a task that nobody looks at must not keep more. */
const maxUntold = 200;

export class ListenerTerminal extends Owner implements vscode.Pseudoterminal {
  private readonly written = this.register(new vscode.EventEmitter<string>());
  private readonly closed = this.register(new vscode.EventEmitter<number>());
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  private readonly following = this.register(new MutableDisposable<Owner>());
  /** the task's listeners */
  private listeners: ListenerRule[] = [];
  /** those of them that were not running before */
  private started: ListenerRule[] = [];
  private lastFlow = 0;
  private untold: number[] = [];
  private isAsking = false;
  private isStale = false;
  private isEnding = false;

  constructor(private readonly engine: EngineClient, private readonly ruleFiles: RuleFileStore, private readonly names: readonly string[]) {
    super();
  }

  open(): void {
    background(this.run(), (fault) => this.fail(fault));
  }

  /** The task was ended, or its terminal closed. */
  close(): void {
    background(this.end(0), () => undefined);
  }

  handleInput(data: string): void {
    if (data.includes(interrupt)) this.close();
  }

  private async run(): Promise<void> {
    this.line(`${beginsMark} ${t('Starting {0}', this.names.map((name) => (name === '*' ? t('all listeners') : name)).join(', '))}`);
    await this.ruleFiles.load();
    const { chosen, unknown } = chooseListeners(this.ruleFiles.rules.listeners, this.names);
    if (unknown.length > 0 || chosen.length === 0) {
      const text = unknown.length > 0 ? t('No rule file has an enabled listener {0}.', unknown.join(', ')) : t('There is no listener to start yet.');
      this.line(`${faultMark} ${this.ruleFiles.list[0]?.uri.fsPath ?? 'port-prism.json'}: ${text}`);
      await this.end(1);
      return;
    }
    this.listeners = chosen;
    // What passed before is not this task's.
    this.lastFlow = await this.newestFlow();
    for (const rule of chosen) {
      if (this.engine.status.listeners.some((listener) => listener.id === rule.id && isUp(listener))) continue;
      const status = await this.engine.start(rule.id);
      if (this.isEnding) return;
      const listener = status.listeners.find(({ id }) => id === rule.id);
      if (listener === undefined || !isUp(listener)) {
        const error = listener?.error;
        this.line(`${faultMark} ${this.fileOf(rule)}: ${t('Listener "{0}" did not start. {1}', rule.name, error === undefined ? '' : sentence(error))}`);
        await this.end(1);
        return;
      }
      this.started.push(rule);
    }
    this.line(`${readyMark} ${chosen.map((rule) => `${rule.name} ${reachableAddress(rule, this.engine.status) ?? ''}`).join(', ')}`);
    this.register(this.engine.onStatus(() => this.endWithListeners()));
    this.register(this.engine.onDidChangeLens(() => this.follow()));
    this.follow();
  }

  /** Who stops the listeners elsewhere has ended what the task is for. */
  private endWithListeners(): void {
    const isAnyUp = this.listeners.some(({ id }) => this.engine.status.listeners.some((listener) => listener.id === id && isUp(listener)));
    if (!isAnyUp) this.close();
  }

  private async end(code: number): Promise<void> {
    if (this.isEnding) return;
    this.isEnding = true;
    this.following.value = undefined;
    const stopping = this.started.filter(({ id }) => this.engine.status.listeners.some((listener) => listener.id === id && isUp(listener)));
    for (const { id } of stopping) await this.engine.stop(id);
    if (stopping.length > 0) this.line(t('Stopped {0}', stopping.map(({ name }) => name).join(', ')));
    this.closed.fire(code);
    this.dispose();
  }

  private fail(fault: unknown): void {
    const text = fault instanceof MuxError ? sentence(fault) : String(fault);
    this.line(`${faultMark} ${this.ruleFiles.list[0]?.uri.fsPath ?? 'port-prism.json'}: ${text}`);
    background(this.end(1), () => undefined);
  }

  // ---- connections ----

  private follow(): void {
    const { lens } = this.engine;
    const owner = new Owner();
    if (lens !== undefined) {
      owner.register(lens.onChanged(() => this.ask(lens)));
      owner.register(lens.onReset(() => {
        this.lastFlow = 0;
        this.untold = [];
      }));
    }
    this.following.value = owner;
  }

  private ask(lens: LensClient): void {
    if (this.isAsking) {
      this.isStale = true;
      return;
    }
    this.isAsking = true;
    this.isStale = false;
    // Lens may go away meanwhile; its successor says "reset", and connections are told from then on.
    background(this.tell(lens).finally(() => {
      this.isAsking = false;
      if (this.isStale && !this.isDisposed) this.ask(lens);
    }), () => undefined);
  }

  private async tell(lens: LensClient): Promise<void> {
    const waiting = this.untold;
    this.untold = [];
    for (const id of waiting) await lens.request('flows/get', { id }).then((row) => this.tellFlow(row), () => undefined);
    const { rows } = await lens.request('flows/list', { order: 'opened', start: await this.firstNewRow(lens), count: rowsAtOnce });
    for (const row of rows) {
      if (row.id <= this.lastFlow) continue;
      if (rows.length === rowsAtOnce && rows[0] === row && 0 < this.lastFlow && this.lastFlow + 1 < row.id) this.line(t('… {0} more connections', row.id - this.lastFlow - 1));
      this.lastFlow = row.id;
      if (this.listeners.some(({ id }) => id === row.listenerId)) this.tellFlow(row);
    }
  }

  private async firstNewRow(lens: LensClient): Promise<number> {
    const { total } = await lens.request('flows/list', { order: 'opened', start: 0, count: 0 });
    return Math.max(0, total - rowsAtOnce);
  }

  private tellFlow(row: FlowRow): void {
    const isKnown = row.classification.by !== 'none' || row.state === 'closed' || tellAfterMs < Date.now() - row.openedAt;
    if (!isKnown && this.untold.length < maxUntold) {
      this.untold.push(row.id);
      return;
    }
    const time = new Date(row.openedAt).toLocaleTimeString(vscode.env.language, { hour12: false });
    const where = joinParts([protocolName(row.classification), row.route]);
    const failed = isFailure(row.endReason) ? ` ${said(row.endDetail ?? '')}` : '';
    this.line(`${time}  #${row.id}  ${clientWords(row)} → ${where}${row.upstream === undefined ? '' : ` → ${row.upstream}`}${failed}`);
  }

  private async newestFlow(): Promise<number> {
    const { lens } = this.engine;
    if (lens === undefined) return 0;
    const { rows } = await lens.request('flows/list', { order: 'opened', start: await this.firstNewRow(lens), count: rowsAtOnce });
    return rows.at(-1)?.id ?? 0;
  }

  private fileOf(rule: ListenerRule): string {
    const position = this.ruleFiles.find(rule.id);
    return position === undefined ? 'port-prism.json' : vscode.Uri.parse(position.file).fsPath;
  }

  private line(text: string): void {
    if (!this.isDisposed) this.written.fire(`${harmless(text)}\r\n`);
  }
}

/** Names and sentences may hold what programs chose: to a terminal, control characters are orders, and bidi ones turn lines around. */
function harmless(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '·');
}
