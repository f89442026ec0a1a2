// The hex view: offsets, bytes and characters of one speaker, any number of them. Rows are text; a selection that mouse and keyboard move.

import { l10n } from '../../l10n.js';
import { consume, el, setText } from '../../widgets/dom.js';
import { formatOffset } from '../../widgets/format.js';
import { VirtualList } from '../../widgets/virtualList.js';
import type { ByteChange, ByteModel } from './byteModel.js';
import { measureCharacter, trackHexMouse, type HexSide } from './hexMouse.js';
import { fittingColumns, hexRow, rowCount, type Run } from './hexRows.js';
import { moveSelection, selectedRange, type HexMove, type HexSelection } from './hexSelection.js';

export const hexRowHeightPx = 20;
/** padding of a row, and a pixel for what is rounded; a scroll bar that takes room is not in the width that is measured */
const aroundPx = 25;

export interface HexViewOptions {
  /** a person went to this byte, by mouse or key: its field opens */
  onByte(offset: number): void;
  onScroll(): void;
  /** Ctrl and a letter, F3: what the pane does for hex and text alike. @returns whether it did */
  onCommandKey(event: KeyboardEvent): boolean;
}

/** How rows look. */
export interface HexLook {
  /** 0 = as many as fit */
  columns: number;
  offsets: 'hex' | 'decimal';
}

export class HexView {
  readonly element: HTMLElement;
  /** side that was clicked last: Ctrl+C copies what is seen there */
  side: HexSide = 'hex';
  private readonly list: VirtualList;
  private look: HexLook = { columns: 0, offsets: 'hex' };
  private columns = 16;

  constructor(private readonly model: ByteModel, private readonly options: HexViewOptions) {
    this.list = new VirtualList({
      rowHeightPx: hexRowHeightPx, label: l10n.t('Bytes'), columnCount: 3, className: 'hex-list', isPlain: true,
      createRow,
      renderRow: (row, index) => this.renderRow(row, index),
      onRange: (start, end) => model.want(start * this.columns, end * this.columns),
      onScroll: options.onScroll,
    });
    this.element = this.list.element;
    const { grid } = this.list;
    grid.setAttribute('aria-multiselectable', 'true');
    grid.setAttribute('data-vscode-context', JSON.stringify({ webviewSection: 'bytes', preventDefaultContextMenuItems: true }));
    grid.addEventListener('keydown', (event) => this.onKey(event));
    trackHexMouse(this.list, hexRowHeightPx, () => this.columns, {
      press: (offset, side, extends_, keeps) => this.onPress(offset, side, extends_, keeps),
      drag: (offset) => this.onDrag(offset),
    });
    new ResizeObserver(() => this.fit()).observe(this.list.viewport);
  }

  get topOffset(): number {
    return this.list.rangeInView.start * this.columns;
  }

  setLook(look: HexLook): void {
    this.look = look;
    this.fit();
    this.list.refresh();
  }

  onChange(what: ByteChange): void {
    if (what === 'flow') {
      const { model } = this;
      this.list.setActive(-1);
      this.list.setCount(rowCount(model.total, this.columns));
      this.list.scrollToPx(Math.floor(model.firstKept / this.columns) * hexRowHeightPx);
      this.list.grid.setAttribute('aria-label', model.from === 'client' ? l10n.t('Bytes of the client') : l10n.t('Bytes of the upstream'));
    // New bytes are followed at the end, but not away from bytes that somebody looks at.
    } else if (what === 'counts') this.list.setCount(rowCount(this.model.total, this.columns), this.model.selection === undefined);
    else if (what === 'selection') this.markCursor();
    this.list.refresh();
  }

  /** Scrolls as little as needed so that bytes are seen; their first row matters most. */
  reveal(start: number, end: number): void {
    this.list.reveal(Math.floor((end - 1) / this.columns), 'center');
    this.list.reveal(Math.floor(start / this.columns), 'center');
  }

  scrollTo(offset: number): void {
    this.list.scrollToPx(Math.floor(offset / this.columns) * hexRowHeightPx);
  }

  focus(): void {
    this.list.grid.focus({ preventScroll: true });
  }

  private fit(): void {
    const { viewport } = this.list;
    if (viewport.clientWidth === 0) return;
    const columns = this.look.columns === 0 ? fittingColumns((viewport.clientWidth - aroundPx) / measureCharacter(this.element)) : this.look.columns;
    if (columns === this.columns) return;
    const top = this.topOffset;
    this.columns = columns;
    this.element.style.setProperty('--hex-columns', String(columns));
    this.list.setCount(rowCount(this.model.total, columns));
    this.scrollTo(top);
    this.markCursor();
  }

  private markCursor(): void {
    const { selection } = this.model;
    if (selection === undefined) return;
    const row = Math.floor(selection.cursor / this.columns);
    this.list.setActive(row);
    this.list.grid.setAttribute('aria-activedescendant', `hex-row-${row}`);
  }

  private select(selection: HexSelection | undefined, reveals: boolean): void {
    if (reveals && selection !== undefined) this.list.reveal(Math.floor(selection.cursor / this.columns));
    this.model.select(selection);
  }

  private onPress(offset: number, side: HexSide, extends_: boolean, keepsInside: boolean): void {
    this.side = side;
    const at = this.model.clamp(offset);
    const current = this.model.selection;
    if (keepsInside && current !== undefined && at >= selectedRange(current).start && at < selectedRange(current).end) return;
    this.select({ anchor: extends_ && current !== undefined ? current.anchor : at, cursor: at }, false);
    this.focus();
    if (!extends_) this.options.onByte(at);
  }

  private onDrag(offset: number): void {
    const { model } = this;
    if (model.selection !== undefined) this.select({ anchor: model.selection.anchor, cursor: model.clamp(offset) }, true);
  }

  private onKey(event: KeyboardEvent): void {
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.altKey) return;
    if (this.options.onCommandKey(event)) return;
    const move = keyMove(event.key, isCommand);
    if (move === undefined) return;
    consume(event);
    this.select(moveSelection(this.model.selection, move, event.shiftKey, this.model.total, { columns: this.columns, pageRows: this.list.pageRows }), true);
    if (!event.shiftKey && this.model.selection !== undefined) this.options.onByte(this.model.selection.cursor);
  }

  private renderRow(row: HTMLElement, index: number): void {
    const { model, columns } = this;
    const offset = index * columns;
    const length = Math.min(columns, model.total - offset);
    const piece = model.view(offset, offset + length);
    const drawn = hexRow({ offset, length, bytes: piece?.bytes, gaps: piece?.gaps ?? [] }, model.selected, model.lit);
    row.id = `hex-row-${index}`;
    const [place, hex, text] = row.children;
    if (place === undefined || hex === undefined || text === undefined) return;
    setText(place, this.look.offsets === 'hex' ? formatOffset(offset) : String(offset).padStart(8));
    setRuns(hex, drawn.hex);
    setRuns(text, drawn.text);
  }
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

/** Draws runs of text into a cell, unless they stand there already. */
export function setRuns(cell: Element, runs: readonly { text: string; kind: string }[]): void {
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

export type { Run };
