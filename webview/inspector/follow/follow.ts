// The conversation, live: what client and upstream said, one below the other, as text, hex, decoded lines, or read by read. Whoever stands at
// its end sees it go on; whoever scrolled up keeps the place.

import type { Speaker } from '../../../src/shared/flow.js';
import type { Range } from '../../../src/shared/message.js';
import { formatCount, l10n } from '../../l10n.js';
import { BlockList } from '../../widgets/blockList.js';
import { consume, el, setAttribute, setText, show } from '../../widgets/dom.js';
import { formatBytes, formatOffset } from '../../widgets/format.js';
import { icon } from '../../widgets/icons.js';
import { Segmented } from '../../widgets/segmented.js';
import { visibleText } from '../../widgets/visibleText.js';
import { measureCharacter } from '../bytes/hexMouse.js';
import { hexRow, hexWidth } from '../bytes/hexRows.js';
import { setRuns } from '../bytes/hexView.js';
import { drawText } from '../bytes/textLayout.js';
import type { Conversation } from '../conversation.js';
import { summaryWords } from '../messageWords.js';
import { followHexBytes, type FollowForm, type FollowRow, type FollowSides } from './followRows.js';
import { bytesSource, messagesSource, type FollowReader, type FollowSource } from './followSource.js';

const rowHeightPx = 20;
/** mark and time in front, padding, scroll bar */
const aroundPx = 120;
const minWidth = 20;
const maxWidth = 200;

export interface FollowState {
  followForm: FollowForm;
  followSides: FollowSides;
}

export interface FollowOptions {
  reader: Omit<FollowReader, 'bytes'>;
  /** reads by read: the list of chunks */
  reads: Conversation;
  onChosen(from: Speaker, range: Range): void;
  /** asks for a file and writes the conversation into it */
  saveFile(form: Exclude<FollowForm, 'reads'>, sides: FollowSides): Promise<void>;
  save(change: Partial<FollowState>): void;
  report(fault: unknown): void;
}

export class Follow {
  readonly element = el('div', { class: 'follow' });
  private readonly forms: Segmented<FollowForm>;
  private readonly sides: Segmented<FollowSides>;
  private readonly saveButton = el('button', { class: 'link-button with-icon', type: 'button' }, icon('save'), l10n.t('Save…'));
  private readonly empty = el('p', { class: 'quiet pane-note', text: l10n.t('Neither side has said anything yet.') });
  private readonly blocks: BlockList<FollowRow>;
  private form: FollowForm;
  private side: FollowSides;
  private source: FollowSource | undefined;
  private reader: FollowReader | undefined;
  private flow = 0;
  private openedAt = 0;
  private chunkCount = 0;
  private isLive = false;
  private isShown = false;
  private isOld = true;
  /** the list of reads shows another flow, or none yet */
  private areReadsOther = true;
  private isGrowing = false;
  /** the flow went on while its length was asked for */
  private hasGrown = false;
  private width = 100;
  private active = -1;
  private activeKey = '';

  constructor(private readonly options: FollowOptions, state: Readonly<FollowState>) {
    this.form = state.followForm;
    this.side = state.followSides;
    this.blocks = new BlockList({
      rowHeightPx, label: l10n.t('Conversation'), className: 'follow-list',
      createRow,
      renderRow: (element, row, index) => this.renderRow(element, row, index),
      renderMore: (element) => renderEmpty(element),
      report: options.report,
    });
    const { grid, viewport } = this.blocks.list;
    grid.addEventListener('keydown', (event) => this.onKey(event));
    viewport.addEventListener('mousedown', (event) => this.onMouse(event));
    new ResizeObserver(() => this.fit()).observe(viewport);
    this.forms = new Segmented(l10n.t('Shown as'), [
      { id: 'text', title: l10n.t('Text') }, { id: 'hex', title: l10n.t('Hex') }, { id: 'decoded', title: l10n.t('Decoded') }, { id: 'reads', title: l10n.t('Reads') },
    ], (form) => this.setForm(form));
    this.sides = new Segmented(l10n.t('Who is shown'), [{ id: 'both', title: l10n.t('Both') }, { id: 'client', title: l10n.t('client') }, { id: 'upstream', title: l10n.t('upstream') }], (side) => this.setSide(side));
    this.saveButton.addEventListener('click', () => {
      if (this.form !== 'reads') options.saveFile(this.form, this.side).catch(options.report);
    });
    const head = el('div', { class: 'hex-head follow-head' }, this.forms.element, this.sides.element, this.saveButton);
    this.element.append(head, this.empty, this.blocks.element, options.reads.element);
    this.mark();
  }

  /** Another flow is shown. */
  start(flow: number, openedAt: number, chunkCount: number, isLive: boolean, bytes: FollowReader['bytes']): void {
    this.flow = flow;
    this.openedAt = openedAt;
    this.chunkCount = chunkCount;
    this.isLive = isLive;
    this.reader = { ...this.options.reader, bytes };
    this.areReadsOther = true;
    this.layOut();
  }

  /** The flow went on, or more of it was decoded. */
  update(chunkCount: number): void {
    this.chunkCount = chunkCount;
    this.updateReads();
    const { source } = this;
    if (!this.isShown || source === undefined || this.form === 'reads') {
      this.isOld = this.isOld || source === undefined;
      return;
    }
    this.hasGrown = true;
    if (!this.isGrowing) this.grow(source);
  }

  /** Nothing is asked for while nobody looks. */
  private updateReads(): void {
    const { flow, openedAt, chunkCount } = this;
    if (!this.isShown || this.form !== 'reads' || this.reader === undefined) return;
    if (this.areReadsOther) this.options.reads.start(flow, openedAt, chunkCount);
    else this.options.reads.update(chunkCount);
    this.areReadsOther = false;
  }

  private grow(source: FollowSource): void {
    this.isGrowing = true;
    this.hasGrown = false;
    source.grow(this.chunkCount).then(() => {
      this.isGrowing = false;
      if (source === this.source) {
        this.showEmpty();
        this.blocks.update();
      }
      if (this.hasGrown && this.source !== undefined) this.grow(this.source);
    }, (fault: unknown) => {
      this.isGrowing = false;
      this.options.report(fault);
    });
  }

  /** Nothing is laid out while nobody looks. */
  setShown(isShown: boolean): void {
    this.isShown = isShown;
    if (!isShown) return;
    if (this.isOld) this.layOut();
    else this.update(this.chunkCount);
  }

  private setForm(form: FollowForm): void {
    if (form === this.form) return;
    this.form = form;
    this.options.save({ followForm: form });
    this.mark();
    this.layOut();
  }

  private setSide(side: FollowSides): void {
    if (side === this.side) return;
    this.side = side;
    this.options.save({ followSides: side });
    this.mark();
    this.layOut();
  }

  private mark(): void {
    this.forms.choose(this.form, false);
    this.sides.choose(this.side, false);
    const isReads = this.form === 'reads';
    show(this.sides.element, !isReads);
    show(this.saveButton, !isReads);
    show(this.options.reads.element, isReads);
    this.showEmpty();
  }

  private showEmpty(): void {
    const isReads = this.form === 'reads';
    show(this.blocks.element, !isReads && 0 < this.chunkCount);
    show(this.empty, !isReads && this.chunkCount === 0);
  }

  private layOut(): void {
    this.isOld = true;
    this.active = -1;
    this.activeKey = '';
    this.showEmpty();
    this.updateReads();
    if (!this.isShown || this.reader === undefined || this.form === 'reads') return;
    this.isOld = false;
    this.element.dataset['form'] = this.form;
    const { reader, flow, chunkCount, form, side } = this;
    const source = form === 'decoded' ? messagesSource(reader, flow, side) : bytesSource(reader, flow, chunkCount, form, side, this.width);
    this.source = source;
    source.grow(chunkCount).then(() => {
      // A conversation that goes on is followed; one that is over is read from its start.
      if (source === this.source) this.blocks.start(source, this.isLive ? 'end' : 0);
    }, this.options.report);
  }

  private fit(): void {
    const { clientWidth } = this.blocks.list.viewport;
    if (clientWidth === 0) return;
    const width = Math.min(maxWidth, Math.max(minWidth, Math.floor((clientWidth - aroundPx) / measureCharacter(this.blocks.element))));
    if (width === this.width) return;
    this.width = width;
    if (this.form === 'text' || this.form === 'hex') this.layOut();
  }

  private choose(index: number): void {
    const row = this.blocks.row(index);
    if (row === undefined) return;
    this.active = index;
    this.activeKey = keyOf(row);
    this.blocks.list.setActive(index);
    this.blocks.list.grid.setAttribute('aria-activedescendant', `follow-${index}`);
    this.blocks.refresh();
    this.options.onChosen(row.from, row.range);
  }

  private onMouse(event: MouseEvent): void {
    const index = this.blocks.list.indexOf(event.target);
    if (index === undefined || event.button !== 0) return;
    this.blocks.list.grid.focus({ preventScroll: true });
    this.choose(index);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { list } = this.blocks;
    const from = this.active < 0 ? list.rangeInView.start - 1 : this.active;
    switch (event.key) {
      case 'ArrowDown': this.moveTo(from + 1); break;
      case 'ArrowUp': this.moveTo(from - 1); break;
      case 'PageDown': this.moveTo(from + list.pageRows); break;
      case 'PageUp': this.moveTo(from - list.pageRows); break;
      case 'Home': this.blocks.goTo('start', () => this.moveTo(0)); break;
      case 'End': this.blocks.goTo('end', () => this.moveTo(list.rowCount - 1)); break;
      default: return;
    }
    consume(event);
  }

  private moveTo(index: number): void {
    const { list } = this.blocks;
    const next = Math.min(Math.max(0, index), list.rowCount - 1);
    list.reveal(next);
    this.choose(next);
  }

  // ---- drawing ----

  private renderRow(element: HTMLElement, row: FollowRow, index: number): void {
    const [mark, cell] = element.children;
    if (mark === undefined || cell === undefined) return;
    const isFromClient = row.from === 'client';
    const who = isFromClient ? l10n.t('client') : l10n.t('upstream');
    const seconds = row.at === undefined ? '' : `+${((row.at - this.openedAt) / 1000).toFixed(3)}`;
    element.id = `follow-${index}`;
    element.classList.toggle('is-client', isFromClient);
    element.classList.toggle('is-gap', row.isGap === true);
    element.classList.toggle('is-turn', row.at !== undefined);
    const isChosen = keyOf(row) === this.activeKey;
    element.classList.toggle('is-selected', isChosen);
    setAttribute(element, 'aria-selected', String(isChosen));
    setText(mark, isFromClient ? `→ ${seconds}` : `← ${seconds}`);
    this.renderCell(cell, row);
    const words = row.isGap === true || row.message === undefined ? (cell.textContent ?? '') : summaryWords(row.message);
    setAttribute(element, 'aria-label', row.at === undefined ? `${who}: ${words}` : l10n.t('{0} after {1} s: {2}', who, seconds.slice(1), words));
  }

  private renderCell(cell: Element, row: FollowRow): void {
    if (row.isGap === true) {
      setRuns(cell, [{ text: l10n.t('{0} overwritten by newer traffic', formatBytes(row.range.end - row.range.start)), kind: 'plain' }]);
      return;
    }
    if (row.message !== undefined) {
      const { severity, latencyMs } = row.message;
      const mark = severity === 'error' ? '✕ ' : severity === 'warning' ? '⚠ ' : '';
      const runs = [{ text: `${mark}${visibleText(summaryWords(row.message))}`, kind: severity === 'error' ? 'trouble' : 'plain' }];
      if (latencyMs !== undefined) runs.push({ text: `   ${formatCount(Math.round(latencyMs * 10) / 10)} ms`, kind: 'control' });
      setRuns(cell, runs);
      return;
    }
    const { piece, range } = row;
    if (piece === undefined) return;
    if (this.form === 'text') {
      setRuns(cell, drawText(piece, range, 'utf-8', { selected: undefined, lit: undefined }).runs);
      return;
    }
    const bytes = piece.bytes.subarray(range.start - piece.offset, range.end - piece.offset);
    const drawn = hexRow({ offset: range.start, length: range.end - range.start, bytes, gaps: piece.gaps }, undefined);
    const hexCharacters = drawn.hex.reduce((sum, { text }) => sum + text.length, 0);
    setRuns(cell, [{ text: `${formatOffset(range.start)}  `, kind: 'control' }, ...drawn.hex, { text: ' '.repeat(Math.max(0, hexWidth(followHexBytes(this.width)) + 2 - hexCharacters)), kind: 'plain' }, ...drawn.text]);
  }
}

/** Rows are numbered anew whenever a block comes in: what is chosen is known by its bytes. */
function keyOf(row: FollowRow): string {
  return `${row.from} ${row.range.start}`;
}

function createRow(): HTMLElement {
  return el('div', { class: 'follow-row' }, el('div', { class: 'follow-mark', role: 'rowheader' }), el('div', { class: 'follow-cell', role: 'gridcell' }));
}

function renderEmpty(element: HTMLElement): void {
  const [mark, cell] = element.children;
  element.className = 'vlist-row follow-row';
  if (mark !== undefined) setText(mark, '');
  if (cell !== undefined) setRuns(cell, [{ text: '…', kind: 'plain' }]);
}
