// Bytes of one speaker as text: lines as they are, long ones wrapped, what is not seen shown by sign. The same selection as in the hex view.

import { l10n } from '../../l10n.js';
import { consume, el, setAttribute } from '../../widgets/dom.js';
import { BlockList, createTextRow, type BlockSource } from '../../widgets/blockList.js';
import { formatBytes } from '../../widgets/format.js';
import type { ByteChange, ByteModel } from './byteModel.js';
import { measureCharacter } from './hexMouse.js';
import { setRuns } from './hexView.js';
import { drawText, type TextEncoding } from './textLayout.js';
import { blockOf, grow, readingSource, type PlacedRow } from './textSource.js';

export const textRowHeightPx = 20;
/** padding of a row and the scroll bar */
const aroundPx = 40;
const minWidth = 20;
const maxWidth = 200;

export interface TextViewOptions {
  onByte(offset: number): void;
  onCommandKey(event: KeyboardEvent): boolean;
  report(fault: unknown): void;
}

interface DrawnCell extends HTMLElement {
  offsets?: number[];
}

export class TextView {
  readonly element: HTMLElement;
  private readonly blocks: BlockList<PlacedRow>;
  private source: BlockSource<PlacedRow> | undefined;
  private encoding: TextEncoding = 'utf-8';
  private width = 100;
  /** nothing is laid out while nobody looks */
  private isShown = false;
  private isOld = true;

  constructor(private readonly model: ByteModel, private readonly options: TextViewOptions) {
    this.blocks = new BlockList({
      rowHeightPx: textRowHeightPx, label: l10n.t('Text'), className: 'text-list',
      createRow: () => createTextRow('text-row'),
      renderRow: (element, row) => this.renderRow(element, row),
      renderMore,
      report: options.report,
    });
    this.element = this.blocks.element;
    const { grid, viewport } = this.blocks.list;
    grid.setAttribute('data-vscode-context', JSON.stringify({ webviewSection: 'bytes', preventDefaultContextMenuItems: true }));
    grid.addEventListener('keydown', (event) => this.onKey(event));
    viewport.addEventListener('mousedown', (event) => this.onMouse(event));
    new ResizeObserver(() => this.fit()).observe(viewport);
  }

  setShown(isShown: boolean): void {
    this.isShown = isShown;
    if (isShown && this.isOld) this.layOut();
  }

  setEncoding(encoding: TextEncoding): void {
    if (encoding === this.encoding) return;
    this.encoding = encoding;
    this.layOut();
  }

  onChange(what: ByteChange): void {
    const { model } = this;
    if (what === 'flow') this.layOut();
    else if (what === 'counts' && this.source !== undefined) {
      grow(this.source, model.firstKept, model.total);
      if (this.isShown) this.blocks.update();
    } else if (what !== 'bytes') this.blocks.refresh();
  }

  reveal(start: number): void {
    if (this.isShown && !this.isOld) this.bring(start).catch(this.options.report);
  }

  focus(): void {
    this.blocks.list.grid.focus({ preventScroll: true });
  }

  private layOut(): void {
    this.isOld = true;
    const { model } = this;
    if (!this.isShown || model.read === undefined || this.blocks.list.viewport.clientWidth === 0) return;
    this.isOld = false;
    this.blocks.list.grid.setAttribute('aria-label', model.from === 'client' ? l10n.t('Text of the client') : l10n.t('Text of the upstream'));
    this.source = readingSource(model.read, model.from, model.firstKept, model.total, { encoding: this.encoding, width: this.width });
    const place = (model.selected ?? model.lit)?.start;
    this.blocks.start(this.source, place === undefined ? 0 : blockOf(place));
    if (place !== undefined) this.bring(place).catch(this.options.report);
  }

  private async bring(offset: number): Promise<void> {
    const block = await this.blocks.bring(blockOf(offset));
    const at = block?.rows.findIndex((row) => row.start <= offset && offset < row.end) ?? -1;
    if (block !== undefined && 0 <= at) this.blocks.reveal(block.start + at);
  }

  private fit(): void {
    const { clientWidth } = this.blocks.list.viewport;
    if (clientWidth === 0) return;
    const width = Math.min(maxWidth, Math.max(minWidth, Math.floor((clientWidth - aroundPx) / measureCharacter(this.element))));
    if (width === this.width && !this.isOld) return;
    this.width = width;
    this.layOut();
  }

  private renderRow(element: HTMLElement, row: PlacedRow): void {
    const cell = element.firstElementChild as DrawnCell | null;
    if (cell === null) return;
    element.classList.toggle('is-gap', row.isGap === true);
    if (row.isGap === true) {
      cell.offsets = [];
      setRuns(cell, [{ text: l10n.t('{0} overwritten by newer traffic', formatBytes(row.end - row.start)), kind: 'plain' }]);
      return;
    }
    const drawn = drawText(row.piece, row, this.encoding, { selected: this.model.selected, lit: this.model.lit });
    cell.offsets = drawn.offsets;
    setRuns(cell, drawn.runs);
    setAttribute(element, 'aria-selected', String(this.model.selected !== undefined && row.start < this.model.selected.end && this.model.selected.start < row.end));
  }

  private onMouse(down: MouseEvent): void {
    const at = offsetAt(down.clientX, down.clientY);
    if (at === undefined) return;
    consume(down);
    this.focus();
    const { model } = this;
    const current = model.selected;
    if (down.button !== 0) {
      if (current !== undefined && current.start <= at && at < current.end) return;
      model.select({ anchor: at, cursor: at });
      return;
    }
    const anchor = down.shiftKey && model.selection !== undefined ? model.selection.anchor : at;
    model.select({ anchor, cursor: at });
    if (!down.shiftKey) this.options.onByte(at);
    const move = (event: MouseEvent): void => {
      const cursor = offsetAt(event.clientX, event.clientY);
      if (cursor !== undefined) model.select({ anchor, cursor });
    };
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', () => window.removeEventListener('mousemove', move), { once: true });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || this.options.onCommandKey(event)) return;
    const { model } = this;
    const { selection } = model;
    if (selection === undefined || model.total === 0) return;
    const isCommand = event.ctrlKey || event.metaKey;
    let cursor: number;
    switch (event.key) {
      case 'ArrowLeft': cursor = selection.cursor - 1; break;
      case 'ArrowRight': cursor = selection.cursor + 1; break;
      case 'ArrowUp': cursor = this.vertical(selection.cursor, -1); break;
      case 'ArrowDown': cursor = this.vertical(selection.cursor, 1); break;
      case 'PageUp': cursor = this.vertical(selection.cursor, -this.blocks.list.pageRows); break;
      case 'PageDown': cursor = this.vertical(selection.cursor, this.blocks.list.pageRows); break;
      case 'Home': cursor = isCommand ? 0 : (this.rowOf(selection.cursor)?.row.start ?? selection.cursor); break;
      case 'End': cursor = isCommand ? model.total - 1 : (this.rowOf(selection.cursor)?.row.end ?? selection.cursor + 1) - 1; break;
      default: return;
    }
    consume(event);
    cursor = model.clamp(cursor);
    model.select({ anchor: event.shiftKey ? selection.anchor : cursor, cursor });
    this.reveal(cursor);
    if (!event.shiftKey) this.options.onByte(cursor);
  }

  /** Up and down keep the place in the row, as far as the other row goes. */
  private vertical(cursor: number, rows: number): number {
    const here = this.rowOf(cursor);
    const there = here === undefined ? undefined : this.blocks.row(here.index + rows);
    if (here === undefined || there === undefined) return cursor;
    return Math.min(there.end - 1, there.start + cursor - here.row.start);
  }

  private rowOf(offset: number): { row: PlacedRow; index: number } | undefined {
    let low = 0;
    let high = this.blocks.list.rowCount - 1;
    while (low <= high) {
      const index = (low + high) >> 1;
      const row = this.blocks.row(index);
      if (row === undefined) {
        // The rows that say "more" stand at either end.
        if (index === low) low++;
        else high--;
      } else if (offset < row.start) high = index - 1;
      else if (row.end <= offset) low = index + 1;
      else return { row, index };
    }
    return undefined;
  }
}

/** A row whose bytes are on their way. */
export function renderMore(element: HTMLElement): void {
  const cell = element.firstElementChild;
  element.classList.remove('is-gap');
  if (cell !== null) setRuns(cell, [{ text: '…', kind: 'plain' }]);
}

/** @returns offset of the byte whose character is under the pointer */
export function offsetAt(x: number, y: number): number | undefined {
  const caret = document.caretPositionFromPoint(x, y);
  const node = caret?.offsetNode;
  const element = node instanceof Element ? node : node?.parentElement;
  const cell = element?.closest<DrawnCell>('.text-cell');
  if (caret === null || node === undefined || cell === null || cell === undefined || cell.offsets === undefined) return undefined;
  const before = document.createRange();
  before.setStart(cell, 0);
  before.setEnd(node, caret.offset);
  const character = before.toString().length;
  return cell.offsets[Math.min(character, cell.offsets.length - 1)];
}

export function textBox(): HTMLElement {
  return el('div', { class: 'text-box' });
}
