// Recording to a pcapng file while traffic passes: asked for by a command, seen in the status bar as long as it goes on, ended with the engine.

import { basename } from 'node:path';
import * as vscode from 'vscode';
import { MuxError } from '../../shared/errors.js';
import type { RecordingStatus } from '../../shared/export.js';
import { MutableDisposable, Owner, background, toDisposable, type Disposable } from '../../shared/lifecycle.js';
import { verbatim } from '../../shared/sentences.js';
import type { Dialogs } from '../dialogs.js';
import { isUp } from '../engineClient.js';
import { formatBytes, joinParts, plural, shorten } from '../format.js';
import { said } from '../said.js';
import type { SavedFilter } from '../../shared/protocol.js';
import type { EngineClient, LensClient } from '../services.js';

const t = vscode.l10n.t;

/** What is in the status bar of a filter. */
const maxFilterCharacters = 30;
/** How often the size is asked for, in milliseconds. */
const statusEveryMs = 1000;

export interface RecordingOptions {
  engine: EngineClient;
  dialogs: Dialogs;
  /** filters that have a name in the rule files */
  filters(): readonly SavedFilter[];
  report(fault: unknown): void;
}

/** What goes into a recording: a filter, which may have a name; '' = everything. */
type RecordedOnly = SavedFilter;

export class Recording extends Owner {
  private readonly item = this.register(vscode.window.createStatusBarItem('portPrism.recording', vscode.StatusBarAlignment.Left, 9));
  private readonly running = this.register(new MutableDisposable<Disposable>());
  private lens: LensClient | undefined;
  private only: RecordedOnly = { name: '', filter: '' };
  private lastFilter = '';
  private wasUp = false;

  constructor(private readonly options: RecordingOptions) {
    super();
    this.item.name = t('Port Prism: Recording');
    this.item.command = 'portPrism.record.stop';
    this.register(options.engine.onStatus(({ listeners }) => {
      const up = listeners.some(isUp);
      if (this.wasUp && !up && this.isOn) this.inBackground(this.stop());
      this.wasUp = up;
    }));
  }

  get isOn(): boolean {
    return this.lens !== undefined;
  }

  async start(): Promise<void> {
    const { engine, dialogs } = this.options;
    const { lens } = engine;
    if (this.isOn) {
      await dialogs.tell('info', t('A recording runs already.'));
      return;
    }
    if (lens === undefined) {
      const start = t('Start All Listeners');
      if ((await dialogs.tell('info', t('There is nothing to record: no listener runs.'), start)) === start) await vscode.commands.executeCommand('portPrism.startAll');
      return;
    }
    const listenerId = await this.askListener();
    if (listenerId === undefined) return;
    const only = await this.askFilter(lens);
    if (only === undefined) return;
    const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
    const target = await dialogs.save({ title: t('Record to (secrets included)'), name: `traffic-${stamp}`, kind: t('Capture for Wireshark'), ending: 'pcapng' });
    if (target === undefined) return;
    if (target.scheme !== 'file') throw new MuxError('recordingFailed', verbatim(t('{0} is not on this machine, where the traffic was captured. Choose a place here.', target.toString())));
    await lens.request('record/start', { file: target.fsPath, ...(listenerId === '' ? {} : { listenerId }), ...(only.filter === '' ? {} : { filter: only.filter }) });
    this.only = only;
    this.begin(lens, target);
  }

  async stop(): Promise<void> {
    const { lens } = this;
    if (lens === undefined) return;
    this.end();
    const { file, packets, bytes } = await lens.request('record/stop', null);
    const open = t('Open');
    const pressed = await this.options.dialogs.tell('info', t('Recorded to {0}: {1}.', basename(file), joinParts([plural(packets, '{0} packet', '{0} packets'), formatBytes(bytes)])), open);
    if (pressed === open) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
  }

  /** @returns '' for all; undefined when the person left */
  private async askListener(): Promise<string | undefined> {
    const { engine, dialogs } = this.options;
    const up = engine.status.listeners.filter(isUp);
    if (up.length < 2) return '';
    return dialogs.pick([{ label: t('All listeners'), isPicked: true, value: '' }, ...up.map(({ id, name }) => ({ label: name, value: id }))], t('Record Traffic Of'));
  }

  /** @returns an empty filter for everything; undefined when the person left */
  private async askFilter(lens: LensClient): Promise<RecordedOnly | undefined> {
    const { dialogs, filters } = this.options;
    const chosen = await dialogs.pick<RecordedOnly | 'ask'>([
      { label: t('Everything'), detail: t('All bytes of every connection'), icon: 'record', isPicked: true, value: { name: '', filter: '' } },
      { label: t('Only What a Filter Lets Through…'), detail: t('Requests that fit, with their answers; where a part could not be read, the connection'), icon: 'filter', value: 'ask' },
      ...filters().map(({ name, filter }) => ({ label: name, description: filter, icon: 'bookmark', value: { name, filter } })),
    ], t('What to Record'));
    if (chosen !== 'ask') return chosen;
    const filter = await dialogs.input({
      title: t('Record by Filter'),
      prompt: t('Only messages that match this filter are recorded, with their answers'),
      value: this.lastFilter,
      placeholder: 'http.status >= 500 or latency > 50ms',
      check: (text) => this.problemOf(lens, text),
    });
    if (filter === undefined) return undefined;
    this.lastFilter = filter;
    return { name: '', filter };
  }

  /** What is wrong with a filter, and where. */
  private async problemOf(lens: LensClient, text: string): Promise<string | undefined> {
    if (text.trim() === '') return t('Write a filter, or go back and record everything.');
    const { problem } = await lens.request('filter/check', { text, caret: text.length });
    return problem === undefined ? undefined : t('Character {0}: {1}', problem.start + 1, said(problem.message));
  }

  private begin(lens: LensClient, target: vscode.Uri): void {
    this.lens = lens;
    this.draw(target.fsPath, 0);
    this.item.show();
    void vscode.commands.executeCommand('setContext', 'portPrism.recording', true);
    const timer = setInterval(() => this.inBackground(this.look(lens)), statusEveryMs);
    const owner = new Owner();
    owner.register(toDisposable(() => clearInterval(timer)));
    owner.register(lens.onReset(() => {
      this.end();
      this.options.report(new MuxError('recordingFailed', verbatim(t('The recording to {0} ended: the traffic viewer ended unexpectedly. What was written is readable.', basename(target.fsPath)))));
    }));
    this.running.value = owner;
  }

  private async look(lens: LensClient): Promise<void> {
    const status = await lens.request('record/status', null);
    if (status === null || this.lens !== lens) return;
    if (status.isOn) this.draw(status.file, status.bytes);
    else if (status.fault !== undefined) this.failed(status);
  }

  private failed({ file, bytes, fault }: RecordingStatus): void {
    this.end();
    this.options.report(new MuxError('recordingFailed', verbatim(`${said(fault ?? '')} ${t('{0} of {1} were written; traffic goes on.', formatBytes(bytes), basename(file))}`)));
  }

  private end(): void {
    this.lens = undefined;
    this.running.value = undefined;
    this.item.hide();
    void vscode.commands.executeCommand('setContext', 'portPrism.recording', false);
  }

  private draw(file: string, bytes: number): void {
    const { name, filter } = this.only;
    const words = name === '' ? filter : name;
    // Icons are written in dollar signs: what a person wrote is to be no icon.
    const shortened = shorten(words, maxFilterCharacters).replaceAll('$(', '$ (');
    this.item.text = joinParts([`$(record) ${formatBytes(bytes)}`, shortened]);
    this.item.tooltip = filter === '' ? t('Recording to {0}. Click to stop.', file) : t('Recording to {0} what fits the filter {1}. Click to stop.', file, filter);
    this.item.accessibilityInformation = { label: `${t('Recording to {0}. Click to stop.', file)} ${formatBytes(bytes)}` };
  }

  private inBackground(work: Promise<unknown>): void {
    background(work, this.options.report);
  }
}
