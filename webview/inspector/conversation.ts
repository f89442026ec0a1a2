// Who said how much when: the chunks of a flow in the order they were read. Choosing one selects its bytes in the hex view.

import type { ChunkRow } from '../../src/shared/flow.js';
import type { InspectorHostContract } from '../../src/shared/protocol.js';
import { formatCount, l10n, plural } from '../l10n.js';
import { el, setAttribute, setText, show } from '../widgets/dom.js';
import { formatBytes, formatDuration } from '../widgets/format.js';
import { VirtualList } from '../widgets/virtualList.js';
import { PageCache } from './pageCache.js';

const chunkRowHeightPx = 22;

type ChunkList = InspectorHostContract['requests']['chunks/list'];

export interface ConversationOptions {
  fetch(params: ChunkList['params']): Promise<ChunkList['result']>;
  onChosen(chunk: ChunkRow): void;
  report(fault: unknown): void;
}

export class Conversation {
  readonly element = el('div', { class: 'conversation' });
  private readonly note = el('p', { class: 'pane-note' });
  private readonly empty = el('p', { class: 'quiet pane-note' });
  private readonly list: VirtualList;
  private cache: PageCache<ChunkRow>;
  /** 0 = none yet: ids begin at 1 */
  private flow = 0;
  private openedAt = 0;
  /** index of the oldest chunk that is still kept: row 0 of the list */
  private first = 0;
  private chosen = -1;

  constructor(private readonly options: ConversationOptions) {
    this.cache = this.newCache();
    this.list = new VirtualList({
      rowHeightPx: chunkRowHeightPx,
      label: l10n.t('Conversation'),
      columns: [l10n.t('Who'), l10n.t('After'), l10n.t('Size'), l10n.t('Bytes')],
      className: 'chunk-list',
      createRow,
      renderRow: (row, index) => this.renderRow(row, index),
      onRange: (start, end) => this.want(start, end),
      onActive: (index) => this.choose(index),
      onOpen: (index) => this.choose(index),
    });
    this.element.append(this.note, this.empty, this.list.element);
  }

  /** Another flow is shown. */
  start(flow: number, openedAt: number, chunkCount: number): void {
    this.flow = flow;
    this.openedAt = openedAt;
    this.first = 0;
    this.chosen = -1;
    this.cache.reset();
    this.cache = this.newCache();
    this.list.setActive(-1);
    this.list.setCount(0);
    this.list.scrollToPx(0);
    this.setCount(chunkCount, false);
  }

  /** The flow went on. */
  update(chunkCount: number): void {
    this.cache.markOld();
    this.setCount(chunkCount, true);
  }

  private newCache(): PageCache<ChunkRow> {
    const flow = this.flow;
    return new PageCache(
      async (start, count) => {
        const answer = await this.options.fetch({ flow, start: this.first + start, count });
        if (flow === this.flow && answer.first !== this.first) this.setFirst(answer.first, answer.total);
        return { rows: answer.rows, start };
      },
      () => this.list.refresh(),
      this.options.report,
    );
  }

  /** Older chunks were dropped: rows move up, and the pages that are here no longer fit. */
  private setFirst(first: number, total: number): void {
    this.first = first;
    this.cache.reset();
    this.setCount(total, true);
  }

  /** A panel that is restored has a size before it has a flow. */
  private want(start: number, end: number): void {
    if (this.flow !== 0) this.cache.want(start, Math.max(end, start + 1));
  }

  private setCount(chunkCount: number, follows: boolean): void {
    const rows = Math.max(0, chunkCount - this.first);
    show(this.list.element, rows > 0);
    show(this.empty, rows === 0);
    setText(this.empty, l10n.t('Neither side has said anything yet.'));
    show(this.note, this.first > 0);
    setText(this.note, this.first > 0 ? plural(this.first, '{0} older chunk is no longer listed.', '{0} older chunks are no longer listed.') : '');
    this.list.setCount(rows, follows);
  }

  private choose(index: number): void {
    const chunk = this.cache.row(index);
    if (chunk === undefined) return;
    this.chosen = chunk.index;
    this.list.refresh();
    this.options.onChosen(chunk);
  }

  private renderRow(row: HTMLElement, index: number): void {
    const chunk = this.cache.row(index);
    const [who, after, size, bytes] = row.children;
    if (who === undefined || after === undefined || size === undefined || bytes === undefined) return;
    if (chunk === undefined) {
      for (const cell of row.children) setText(cell, '');
      setAttribute(row, 'aria-label', l10n.t('Loading'));
      return;
    }
    const before = this.cache.row(index - 1);
    const isFromClient = chunk.from === 'client';
    const delta = before === undefined ? chunk.at - this.openedAt : chunk.at - before.at;
    setText(who, isFromClient ? l10n.t('client →') : l10n.t('← upstream'));
    setText(after, `+${formatDuration(delta)}`);
    setText(size, formatBytes(chunk.length));
    setText(bytes, chunk.missing >= chunk.length ? l10n.t('overwritten by newer traffic') : chunk.preview);
    row.classList.toggle('is-client', isFromClient);
    row.classList.toggle('is-gone', chunk.missing >= chunk.length);
    const isChosen = chunk.index === this.chosen;
    row.classList.toggle('is-selected', isChosen);
    setAttribute(row, 'aria-selected', String(isChosen));
    setAttribute(row, 'aria-label', l10n.t('{0}, {1} bytes at offset {2}, after {3}: {4}', isFromClient ? l10n.t('client') : l10n.t('upstream'), formatCount(chunk.length), formatCount(chunk.offset), formatDuration(delta), bytes.textContent ?? ''));
    setAttribute(row, 'data-vscode-context', JSON.stringify({ webviewSection: 'chunk', flow: this.flow, chunk: chunk.index, preventDefaultContextMenuItems: true }));
  }
}

function createRow(): HTMLElement {
  const row = el('div', { class: 'chunk-row' });
  for (let cell = 0; cell < 4; cell++) row.append(el('div', { class: `cell cell-${cell}`, role: 'gridcell' }));
  return row;
}
