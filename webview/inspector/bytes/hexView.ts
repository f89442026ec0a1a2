// Hex and text of one speaker's bytes, any number of them: rows of text, a selection that mouse and keyboard move, copies.

import type { DirectionCounts, Speaker } from '../../../src/shared/flow.js';
import { formatCount, l10n, plural } from '../../l10n.js';
import { consume, el, perFrame, setText, show } from '../../widgets/dom.js';
import { formatBytes, formatOffset } from '../../widgets/format.js';
import { VirtualList } from '../../widgets/virtualList.js';
import { BytesCache, readRange, type ReadBytes } from './bytesCache.js';
import { byteValues } from './byteValues.js';
import { shown } from '../file/shownKind.js';
import { trackHexMouse, type HexSide } from './hexMouse.js';
import { bytesPerRow, hexRow, rowCount, toBase64, toHexText, toText, type Run } from './hexRows.js';
import { moveSelection, parseOffset, selectedRange, selectionOf, type HexMove, type HexSelection } from './hexSelection.js';

export const hexRowHeightPx = 20;
/** A copy is made in the page's memory, as hex three characters a byte: enough for any message, bounded for a 1 GB flow. */
const maxCopyBytes = 1024 * 1024;
/** what the line of values looks at */
const valueBytes = 32;

export type CopyForm = 'hex' | 'text' | 'base64';

export interface HexViewOptions {
  copy(text: string): Promise<unknown>;
  announce(sentence: string): void;
  report(fault: unknown): void;
  onSpeaker(from: Speaker): void;
  /** selection or scroll place changed: keep it */
  onMoved(): void;
}

export class HexView {
  readonly element = el('div', { class: 'hex' });
  private readonly speakers: Record<Speaker, HTMLButtonElement>;
  private readonly place = el('span', { class: 'hex-place' });
  private readonly goTo = el('input', { class: 'hex-goto', type: 'text', spellcheck: 'false', placeholder: l10n.t('Go to offset'), 'aria-label': l10n.t('Go to offset'), title: l10n.t('Hex as 0x1a6, decimal as 422, or +16 and -16 from the cursor') });
  private readonly note = el('p', { class: 'pane-note' });
  private readonly empty = el('p', { class: 'quiet pane-note' });
  private readonly values = el('div', { class: 'hex-values', role: 'status' });
  private readonly list: VirtualList;
  private cache: BytesCache | undefined;
  private read: ReadBytes | undefined;
  private from: Speaker = 'client';
  private counts: Record<Speaker, DirectionCounts> = { client: none(), upstream: none() };
  private selection: HexSelection | undefined;
  private side: HexSide = 'hex';
  private valuesRequest = 0;
  private readonly drawValues = perFrame(() => this.showValues());

  constructor(private readonly options: HexViewOptions) {
    this.speakers = { client: this.speakerButton('client'), upstream: this.speakerButton('upstream') };
    const copies = el('div', { class: 'hex-copies', role: 'group', 'aria-label': l10n.t('Copy selected bytes as') }, el('span', { class: 'quiet', text: l10n.t('Copy') }),
      this.copyButton('hex', l10n.t('Hex')), this.copyButton('text', l10n.t('Text')), this.copyButton('base64', l10n.t('Base64')));
    this.list = new VirtualList({
      rowHeightPx: hexRowHeightPx, label: l10n.t('Bytes'), columnCount: 3, className: 'hex-list', isPlain: true,
      createRow,
      renderRow: (row, index) => this.renderRow(row, index),
      onRange: (start, end) => this.cache?.want(start * bytesPerRow, end * bytesPerRow),
      onScroll: options.onMoved,
    });
    const { grid } = this.list;
    grid.setAttribute('aria-multiselectable', 'true');
    grid.setAttribute('data-vscode-context', JSON.stringify({ webviewSection: 'bytes', preventDefaultContextMenuItems: true }));
    grid.addEventListener('keydown', (event) => this.onKey(event));
    this.goTo.addEventListener('keydown', (event) => this.onGoToKey(event));
    this.goTo.addEventListener('input', () => this.goTo.removeAttribute('aria-invalid'));
    trackHexMouse(this.list, hexRowHeightPx, {
      press: (offset, side, extends_, keeps) => this.onPress(offset, side, extends_, keeps),
      drag: (offset) => this.select(this.selection === undefined ? undefined : { anchor: this.selection.anchor, cursor: this.clamp(offset) }, true),
    });
    this.element.append(
      el('div', { class: 'hex-head' }, el('div', { class: 'segments', role: 'group', 'aria-label': l10n.t('Whose bytes') }, this.speakers.client, this.speakers.upstream), this.goTo, copies),
      this.note, this.empty, this.list.element, this.values);
  }

  get speaker(): Speaker {
    return this.from;
  }

  get selected(): HexSelection | undefined {
    return this.selection;
  }

  get topRow(): number {
    return this.list.rangeInView.start;
  }

  /** Another flow is shown. Starts at the oldest byte that is still there. */
  start(read: ReadBytes, counts: Record<Speaker, DirectionCounts>, from: Speaker): void {
    this.read = read;
    this.counts = counts;
    this.setSpeaker(from);
  }

  /** The flow went on. */
  update(counts: Record<Speaker, DirectionCounts>): void {
    this.counts = counts;
    this.cache?.setTotal(this.total);
    this.list.setCount(rowCount(this.total), true);
    this.showHead();
  }

  /** Shows and selects bytes [start, end) of a speaker. */
  selectBytes(from: Speaker, start: number, end: number): void {
    if (from !== this.from) {
      this.setSpeaker(from);
      this.options.onSpeaker(from);
    }
    if (start >= this.total) return;
    this.list.reveal(Math.floor((end - 1) / bytesPerRow), 'center');
    this.list.reveal(Math.floor(start / bytesPerRow), 'center');
    this.select(selectionOf(start, Math.min(end, this.total)), false);
  }

  /** Puts back what an earlier page had. */
  restore(selection: HexSelection | undefined, topRow: number): void {
    if (topRow * bytesPerRow < this.total) this.list.scrollToPx(topRow * hexRowHeightPx);
    if (selection !== undefined && Math.max(selection.anchor, selection.cursor) < this.total) this.select(selection, false);
  }

  focusGoTo(): void {
    this.goTo.focus();
  }

  async copy(form: CopyForm): Promise<void> {
    const selection = this.selection;
    const read = this.read;
    if (selection === undefined || read === undefined) {
      this.options.announce(l10n.t('Select bytes first.'));
      return;
    }
    const { start, end } = selectedRange(selection);
    const { bytes, gapBytes, isCut } = await readRange(read, this.from, start, end, maxCopyBytes);
    await this.options.copy(form === 'hex' ? toHexText(bytes) : form === 'text' ? toText(bytes) : toBase64(bytes));
    const parts = [plural(bytes.length, '{0} byte copied.', '{0} bytes copied.')];
    if (isCut) parts.push(l10n.t('The rest is left out: a copy holds at most {0}.', formatBytes(maxCopyBytes)));
    if (gapBytes > 0) parts.push(plural(gapBytes, '{0} overwritten byte is a zero in it.', '{0} overwritten bytes are zeros in it.'));
    this.options.announce(parts.join(' '));
  }

  private get total(): number {
    return this.counts[this.from].total;
  }

  private clamp(offset: number): number {
    return Math.min(Math.max(0, offset), Math.max(0, this.total - 1));
  }

  private setSpeaker(from: Speaker): void {
    this.from = from;
    this.cache?.end();
    this.cache = this.read === undefined ? undefined : new BytesCache(from, this.read, () => { this.list.refresh(); this.drawValues(); }, this.options.report);
    this.selection = undefined;
    this.list.setActive(-1);
    this.cache?.setTotal(this.total);
    this.list.setCount(rowCount(this.total));
    const { total, kept, dropped } = this.counts[from];
    this.list.scrollToPx(dropped > 0 && kept > 0 ? Math.floor((total - kept) / bytesPerRow) * hexRowHeightPx : 0);
    this.showHead();
    this.drawValues();
  }

  private showHead(): void {
    for (const from of ['client', 'upstream'] as const) {
      const button = this.speakers[from];
      button.setAttribute('aria-pressed', String(from === this.from));
      setText(button, `${from === 'client' ? l10n.t('client') : l10n.t('upstream')} ${formatBytes(this.counts[from].total)}`);
    }
    const { dropped, kept } = this.counts[this.from];
    show(this.note, dropped > 0);
    setText(this.note, dropped === 0 ? '' : shown.isFile ? l10n.t('{0} of these bytes are not in the file and show as ··', formatBytes(dropped)) : kept === 0
      ? l10n.t('All {0} of these bytes were overwritten by newer traffic, or never kept.', formatBytes(dropped))
      : l10n.t('{0} older bytes were overwritten by newer traffic and show as ··', formatBytes(dropped)));
    show(this.empty, this.total === 0);
    show(this.list.element, this.total > 0);
    setText(this.empty, this.from === 'client' ? l10n.t('The client has said nothing.') : l10n.t('The upstream has said nothing.'));
    this.list.grid.setAttribute('aria-label', this.from === 'client' ? l10n.t('Bytes of the client') : l10n.t('Bytes of the upstream'));
  }

  private select(selection: HexSelection | undefined, reveals: boolean): void {
    this.selection = selection;
    if (selection !== undefined) {
      const row = Math.floor(selection.cursor / bytesPerRow);
      if (reveals) this.list.reveal(row);
      this.list.setActive(row);
      this.list.grid.setAttribute('aria-activedescendant', `hex-row-${row}`);
    }
    this.list.refresh();
    this.drawValues();
    this.options.onMoved();
  }

  private onPress(offset: number, side: HexSide, extends_: boolean, keepsInside: boolean): void {
    this.side = side;
    const at = this.clamp(offset);
    const current = this.selection;
    if (keepsInside && current !== undefined && at >= selectedRange(current).start && at < selectedRange(current).end) return;
    this.select({ anchor: extends_ && current !== undefined ? current.anchor : at, cursor: at }, false);
    this.list.grid.focus({ preventScroll: true });
  }

  private onKey(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.altKey) return;
    if (isCommand && event.key.toLowerCase() === 'a') {
      consume(event);
      if (this.total > 0) this.select({ anchor: 0, cursor: this.total - 1 }, false);
      return;
    }
    if (isCommand && event.key.toLowerCase() === 'c') {
      consume(event);
      this.copy(this.side === 'text' ? 'text' : 'hex').catch(this.options.report);
      return;
    }
    if (isCommand && event.key.toLowerCase() === 'g') {
      consume(event);
      this.focusGoTo();
      return;
    }
    const move = keyMove(event.key, isCommand);
    if (move === undefined) return;
    consume(event);
    this.select(moveSelection(this.selection, move, event.shiftKey, this.total, this.list.pageRows), true);
  }

  private onGoToKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    consume(event);
    const offset = parseOffset(this.goTo.value, this.selection?.cursor ?? 0, this.total);
    if (offset === undefined) {
      this.goTo.setAttribute('aria-invalid', 'true');
      this.options.announce(l10n.t('“{0}” is no offset between 0 and {1}.', this.goTo.value, formatCount(Math.max(0, this.total - 1))));
      return;
    }
    this.goTo.value = '';
    this.list.reveal(Math.floor(offset / bytesPerRow), 'center');
    this.select({ anchor: offset, cursor: offset }, true);
    this.list.grid.focus({ preventScroll: true });
  }

  private renderRow(row: HTMLElement, index: number): void {
    const offset = index * bytesPerRow;
    const length = Math.min(bytesPerRow, this.total - offset);
    const piece = this.cache?.view(offset, offset + length);
    const drawn = hexRow({ offset, length, bytes: piece?.bytes, gaps: piece?.gaps ?? [] }, this.selection === undefined ? undefined : selectedRange(this.selection));
    row.id = `hex-row-${index}`;
    const [place, hex, text] = row.children;
    if (place === undefined || hex === undefined || text === undefined) return;
    setText(place, formatOffset(offset));
    setRuns(hex, drawn.hex);
    setRuns(text, drawn.text);
  }

  /** The line under the bytes: where the selection is, and what it would be as numbers and text. */
  private showValues(): void {
    const selection = this.selection;
    const request = ++this.valuesRequest;
    if (selection === undefined) {
      this.values.replaceChildren(el('span', { class: 'quiet', text: this.total === 0 ? '' : l10n.t('Select bytes to see them as numbers and text.') }));
      return;
    }
    const { start, end } = selectedRange(selection);
    setText(this.place, l10n.t('{0} at 0x{1}', plural(end - start, '{0} byte', '{0} bytes'), start.toString(16)));
    const isSingle = end - start === 1;
    const stop = Math.min(this.total, isSingle ? start + 8 : Math.min(end, start + valueBytes));
    const draw = (bytes: Uint8Array, gaps: readonly { start: number; end: number }[]): void => {
      if (request !== this.valuesRequest) return;
      if (gaps.some((gap) => gap.start < stop && gap.end > start)) {
        this.values.replaceChildren(this.place, el('span', { class: 'quiet', text: l10n.t('overwritten by newer traffic') }));
        return;
      }
      const parts: Node[] = [this.place];
      for (const { name, value } of byteValues(bytes, isSingle)) parts.push(el('span', { class: 'value' }, el('span', { class: 'quiet', text: name }), ` ${value}`));
      this.values.replaceChildren(...parts);
    };
    const here = this.cache?.view(start, stop);
    if (here !== undefined && here.bytes.length === stop - start) draw(here.bytes, here.gaps);
    else this.read?.(this.from, start, stop - start).then((piece) => draw(piece.bytes, piece.gaps), this.options.report);
  }

  private speakerButton(from: Speaker): HTMLButtonElement {
    const button = el('button', { class: `segment speaker-${from}`, type: 'button' });
    button.addEventListener('click', () => {
      if (from === this.from) return;
      this.setSpeaker(from);
      this.options.onSpeaker(from);
    });
    return button;
  }

  private copyButton(form: CopyForm, title: string): HTMLButtonElement {
    const button = el('button', { class: 'link-button', type: 'button', text: title, 'aria-label': l10n.t('Copy as {0}', title) });
    button.addEventListener('click', () => this.copy(form).catch(this.options.report));
    return button;
  }
}

function none(): DirectionCounts {
  return { total: 0, kept: 0, dropped: 0 };
}

function keyMove(key: string, isCommand: boolean): HexMove | undefined {
  switch (key) {
    case 'ArrowLeft': return 'left';
    case 'ArrowRight': return 'right';
    case 'ArrowUp': return 'up';
    case 'ArrowDown': return 'down';
    case 'PageUp': return 'pageUp';
    case 'PageDown': return 'pageDown';
    case 'Home': return isCommand ? 'start' : 'rowStart';
    case 'End': return isCommand ? 'end' : 'rowEnd';
    default: return undefined;
  }
}

function createRow(): HTMLElement {
  return el('div', { class: 'hex-row' }, el('div', { class: 'hex-offset', role: 'rowheader' }), el('div', { class: 'hex-bytes', role: 'gridcell' }), el('div', { class: 'hex-text', role: 'gridcell' }));
}

function setRuns(cell: Element, runs: readonly Run[]): void {
  const key = runs.map((run) => `${run.kind}:${run.text}`).join('\u0000');
  const known = cell as Element & { drawnRuns?: string };
  if (known.drawnRuns === key) return;
  known.drawnRuns = key;
  if (runs.every((run) => run.kind === 'plain')) {
    cell.textContent = runs.map((run) => run.text).join('');
    return;
  }
  cell.replaceChildren(...runs.map((run) => (run.kind === 'plain' ? run.text : el('span', { class: `run-${run.kind}`, text: run.text }))));
}
