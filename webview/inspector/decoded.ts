// What was said, decoded: the messages of a flow as lines, their fields below them when opened. Choosing a line selects its bytes in the
// hex view.

import type { Speaker } from '../../src/shared/flow.js';
import type { Range } from '../../src/shared/message.js';
import type { InspectorHostContract, MessageRow } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';
import { consume, el, setAttribute, setText, show } from '../widgets/dom.js';
import { formatDuration } from '../widgets/format.js';
import { VirtualList } from '../widgets/virtualList.js';
import { MessageTree, type TreeLine } from './messageTree.js';
import { PageCache } from './pageCache.js';
import { protocolHue } from './protocolHue.js';

const lineHeightPx = 22;

type Requests = InspectorHostContract['requests'];

export interface DecodedOptions {
  list(params: Requests['messages/list']['params']): Promise<Requests['messages/list']['result']>;
  get(params: Requests['messages/get']['params']): Promise<Requests['messages/get']['result']>;
  onChosen(from: Speaker, range: Range): void;
  report(fault: unknown): void;
}

export class Decoded {
  readonly element = el('div', { class: 'decoded' });
  private readonly note = el('p', { class: 'pane-note', role: 'status' });
  private readonly empty = el('p', { class: 'quiet pane-note' });
  private readonly list: VirtualList;
  private readonly tree = new MessageTree();
  private cache: PageCache<MessageRow>;
  /** 0 = none yet: ids begin at 1 */
  private flow = 0;
  private openedAt = 0;
  /** lines name their protocol only where there is more than one */
  private hasLayers = false;
  private chosen: { index: number; path: string } | undefined;

  constructor(private readonly options: DecodedOptions) {
    this.cache = this.newCache();
    this.list = new VirtualList({
      rowHeightPx: lineHeightPx,
      label: l10n.t('Messages'),
      columns: [l10n.t('Seconds'), l10n.t('Who'), l10n.t('Message'), l10n.t('Took')],
      className: 'message-list',
      createRow,
      renderRow: (row, line) => this.renderLine(row, line),
      onRange: (start, end) => this.want(start, end),
      onActive: (line) => this.choose(line),
      onOpen: (line) => this.toggle(line),
    });
    this.list.grid.setAttribute('role', 'treegrid');
    this.list.element.addEventListener('keydown', (event) => this.onKey(event));
    this.list.element.addEventListener('click', (event) => this.onClick(event));
    this.element.append(this.note, this.empty, this.list.element);
  }

  /** Another flow is shown. */
  start(flow: number, openedAt: number): void {
    this.flow = flow;
    this.openedAt = openedAt;
    this.chosen = undefined;
    this.tree.reset();
    this.cache.reset();
    this.cache = this.newCache();
    this.list.setActive(-1);
    this.list.setCount(0);
    this.list.scrollToPx(0);
    show(this.note, false);
    show(this.empty, false);
    this.cache.want(0, 1);
  }

  /** The flow went on, or more of it was decoded. */
  update(): void {
    this.cache.markOld();
  }

  private newCache(): PageCache<MessageRow> {
    const flow = this.flow;
    return new PageCache(
      async (start, count) => {
        const page = await this.options.list({ flow, start, count });
        if (flow === this.flow) this.take(page);
        return page;
      },
      () => this.list.refresh(),
      this.options.report,
    );
  }

  private take(page: Requests['messages/list']['result']): void {
    this.tree.count = page.total;
    const words = [page.isCaughtUp ? '' : l10n.t('Decoding goes on…'), page.isCut ? l10n.t('This connection has more messages than are listed.') : ''].filter((part) => part !== '').join(' ');
    show(this.note, words !== '');
    setText(this.note, words);
    show(this.empty, page.total === 0);
    setText(this.empty, l10n.t('Neither side has said anything yet.'));
    show(this.list.element, 0 < page.total);
    // A conversation is read from its start. Who has scrolled to its end follows it from there.
    this.list.setCount(this.tree.lineCount, 0 < this.list.contentTopPx);
    this.hasLayers = 1 < page.layers.length;
  }

  private want(start: number, end: number): void {
    // A panel that is restored has a size before it has a flow.
    if (this.flow === 0) return;
    const first = this.tree.lineAt(start)?.index ?? 0;
    const last = this.tree.lineAt(Math.max(start, end - 1))?.index ?? first;
    this.cache.want(first, last + 1);
  }

  private choose(line: number): void {
    const at = this.tree.lineAt(line);
    if (at === undefined) return;
    const row = this.cache.row(at.index);
    this.chosen = { index: at.index, path: at.kind === 'field' ? at.path : '' };
    this.list.refresh();
    if (row === undefined) return;
    const range = at.kind === 'message' ? row.range : (at.field?.range ?? at.problem?.range ?? row.range);
    this.options.onChosen(row.from, range.start < range.end ? range : { start: range.start, end: range.start + 1 });
  }

  private toggle(line: number): void {
    const at = this.tree.lineAt(line);
    if (at === undefined) return;
    if (at.kind === 'field') {
      if (at.hasFields) this.tree.toggle(at.path);
      this.list.setCount(this.tree.lineCount);
    } else if (at.isOpen) {
      this.tree.close(at.index);
      this.list.setCount(this.tree.lineCount);
    } else {
      this.open(at.index).catch(this.options.report);
    }
  }

  private async open(index: number): Promise<void> {
    const row = this.cache.row(index);
    if (row === undefined || (!row.hasFields && row.severity === undefined)) return;
    const flow = this.flow;
    const message = await this.options.get({ flow, index: row.index });
    if (flow !== this.flow || message === null) return;
    this.tree.open(index, message);
    this.list.setCount(this.tree.lineCount);
  }

  private onKey(event: KeyboardEvent): void {
    const line = this.list.activeIndex;
    const at = this.tree.lineAt(line);
    if (at === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowRight' && !at.isOpen) {
      consume(event);
      this.toggle(line);
    } else if (event.key === 'ArrowLeft') {
      consume(event);
      if (at.isOpen) this.toggle(line);
      else this.toParent(line, at);
    }
  }

  private toParent(line: number, at: TreeLine): void {
    if (at.kind === 'message') return;
    let parent = line - 1;
    for (let above = this.tree.lineAt(parent); above?.kind === 'field' && at.depth <= above.depth; above = this.tree.lineAt(parent)) parent -= 1;
    this.list.reveal(parent);
    this.list.setActive(parent);
    this.choose(parent);
  }

  private onClick(event: MouseEvent): void {
    if (event.target instanceof Element && event.target.closest('.twistie') !== null) this.toggle(this.list.activeIndex);
  }

  // ---- drawing ----

  private renderLine(element: HTMLElement, line: number): void {
    const at = this.tree.lineAt(line);
    const row = at === undefined ? undefined : this.cache.row(at.index);
    const [after, who, text, took] = element.children;
    if (after === undefined || who === undefined || text === undefined || took === undefined) return;
    const isChosen = at !== undefined && this.chosen?.index === at.index && this.chosen.path === (at.kind === 'field' ? at.path : '');
    element.classList.toggle('is-selected', isChosen);
    setAttribute(element, 'aria-selected', String(isChosen));
    if (at === undefined || row === undefined) {
      for (const cell of element.children) setText(cell, '');
      element.className = 'vlist-row message-row';
      setAttribute(element, 'aria-label', l10n.t('Loading'));
      return;
    }
    if (at.kind === 'message') this.renderMessage(element, after, who, text, took, row, at.isOpen);
    else this.renderField(element, after, who, text, took, at);
  }

  private renderMessage(element: HTMLElement, after: Element, who: Element, text: Element, took: Element, row: MessageRow, isOpen: boolean): void {
    const isFromClient = row.from === 'client';
    const canOpen = row.hasFields || row.severity !== undefined;
    element.className = ['vlist-row message-row is-message', isFromClient ? 'is-client' : '', `is-${row.kind}`, row.severity === undefined ? '' : `has-${row.severity}`, row.isOpen === true ? 'is-open-end' : '', element.classList.contains('is-selected') ? 'is-selected' : ''].join(' ');
    const delta = `+${((row.startedAt - this.openedAt) / 1000).toFixed(3)}`;
    const speaker = isFromClient ? l10n.t('client →') : l10n.t('← upstream');
    const latency = row.latencyMs === undefined ? '' : formatDuration(row.latencyMs);
    setText(after, delta);
    setText(who, speaker);
    setText(took, latency);
    const mark = row.severity === 'error' ? '✕ ' : row.severity === 'warning' ? '⚠ ' : '';
    setLine(text, 0, canOpen ? isOpen : undefined, [['protocol ' + protocolHue(row.protocol), this.hasLayers ? `${row.protocol} ` : ''], ['summary', `${mark}${row.summary}`]]);
    setAttribute(element, 'aria-level', '1');
    setAttribute(element, 'aria-expanded', canOpen ? String(isOpen) : undefined);
    setAttribute(element, 'aria-label', l10n.t('{0}, {1}, after {2}: {3}', isFromClient ? l10n.t('client') : l10n.t('upstream'), row.protocol, formatDuration(row.startedAt - this.openedAt), row.summary) + (latency === '' ? '' : `, ${l10n.t('took {0}', latency)}`));
  }

  private renderField(element: HTMLElement, after: Element, who: Element, text: Element, took: Element, line: Extract<TreeLine, { kind: 'field' }>): void {
    const { field, problem } = line;
    element.className = `vlist-row message-row is-field${problem === undefined ? '' : ` is-problem has-${problem.severity}`}${element.classList.contains('is-selected') ? ' is-selected' : ''}`;
    for (const cell of [after, who, took]) setText(cell, '');
    const name = problem === undefined ? (field?.name ?? '') : severityWord(problem.severity);
    const value = problem === undefined ? (field?.text ?? '') : problem.text;
    setLine(text, line.depth, line.hasFields ? line.isOpen : undefined, [['field-name', name], ['field-text', value === '' ? '' : `  ${value}`]]);
    setAttribute(element, 'aria-level', String(line.depth + 1));
    setAttribute(element, 'aria-expanded', line.hasFields ? String(line.isOpen) : undefined);
    setAttribute(element, 'aria-label', `${name}: ${value}`);
  }
}

function severityWord(severity: 'error' | 'warning' | 'note'): string {
  switch (severity) {
    case 'error':
      return l10n.t('Error');
    case 'warning':
      return l10n.t('Warning');
    case 'note':
      return l10n.t('Note');
  }
}

function createRow(): HTMLElement {
  const row = el('div', { class: 'message-row' });
  for (let cell = 0; cell < 4; cell++) row.append(el('div', { class: `cell cell-${cell}`, role: 'gridcell' }));
  return row;
}

/** @param isOpen undefined = nothing to open */
function setLine(cell: Element, depth: number, isOpen: boolean | undefined, parts: readonly (readonly [string, string])[]): void {
  const key = `${depth} ${isOpen} ${parts.flat().join('\u0000')}`;
  const known = cell as HTMLElement & { drawnLine?: string };
  if (known.drawnLine === key) return;
  known.drawnLine = key;
  known.style.paddingLeft = `${depth * 16}px`;
  const twistie = el('span', { class: 'twistie', 'aria-hidden': 'true', text: isOpen === undefined ? '' : isOpen ? '⌄' : '›' });
  cell.replaceChildren(twistie, ...parts.map(([className, text]) => el('span', { class: className, text })));
}
