// The list of messages as something to look at: columns, rows, the waterfall's scale, the cell that the keyboard is in. What it holds is the pane's.

import type { DebugPause } from '../../src/shared/debug.js';
import type { ExchangeRow } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { consume, perFrame } from '../widgets/dom.js';
import { below, type PopupPlace } from '../widgets/popupMenu.js';
import type { Reach } from '../widgets/listReach.js';
import { VirtualList } from '../widgets/virtualList.js';
import { ColumnHead, type ColumnHeadActions } from './columnHead.js';
import { gridTemplate, placeColumns, type ColumnSetting, type PlacedColumn, type SortOrder } from './columns.js';
import { createMessageRow, renderMessageRow } from './messageRow.js';
import { noteBetween, stripes, type PauseNote } from './pauseBands.js';
import { scaleOf, type TimeScale } from './waterfall.js';

export const messageRowHeightPx = 22;
/** Room that the waterfall's scale gets ahead of the scrolling, as a share of what is in view. */
const scrollAhead = 0.6;
const settleMs = 180;

export interface MessageListOptions {
  row(index: number): ExchangeRow | undefined;
  isSelected(row: ExchangeRow): boolean;
  isTied(row: ExchangeRow): boolean;
  /** the one that the details show, of several that are selected */
  isCurrent(row: ExchangeRow): boolean;
  onRange(start: number, end: number): void;
  onActive(index: number, reach: Reach): void;
  onAll(): void;
  onOne(): boolean;
  onOpen(index: number): void;
  onScroll(): void;
  /** rows in all */
  count(): number;
  /** times at which a debugger held a program, in the order they began */
  pauses(): readonly DebugPause[];
  onPause(file: string, line: number): void;
  head: Omit<ColumnHeadActions, 'toRows'>;
}

export class MessageList {
  readonly list: VirtualList;
  private readonly head: ColumnHead;
  private settings: readonly ColumnSetting[] = [];
  private sort: SortOrder | undefined;
  private placed: readonly PlacedColumn[] = [];
  private layout = 0;
  private widthPx = 0;
  private scale: TimeScale | undefined;
  private drawnStart = -1;
  private settleTimer: ReturnType<typeof setTimeout> | undefined;
  /** column that the keyboard is in; undefined = the row as a whole */
  private cell: string | undefined;
  private readonly relayout = perFrame(() => this.layoutNow());

  constructor(private readonly options: MessageListOptions) {
    this.head = new ColumnHead({ ...options.head, toRows: () => this.list.focus() });
    this.list = new VirtualList({
      rowHeightPx: messageRowHeightPx,
      label: l10n.t('Messages'),
      head: this.head.element,
      className: 'exchange-list',
      createRow: createMessageRow,
      renderRow: (row, index) => this.render(row, index),
      beforeDraw: (start, end) => this.fitScale(start, end),
      onRange: options.onRange,
      isMulti: true,
      onActive: options.onActive,
      onAll: options.onAll,
      onOne: options.onOne,
      onOpen: options.onOpen,
      onScroll: options.onScroll,
      focusTarget: (row) => {
        const cell = this.cellOf(row);
        // Only now: a click on a cell is to give the focus to its row.
        if (cell !== undefined) cell.tabIndex = -1;
        return cell ?? row;
      },
    });
    this.list.viewport.addEventListener('keydown', (event) => this.onKey(event));
    this.list.viewport.addEventListener('mousedown', (event) => {
      const cell = event.target instanceof Element ? event.target.closest('[role=gridcell]') : null;
      // The right button is about one cell; a click means the row.
      const at = cell === null ? -1 : Number(cell.getAttribute('aria-colindex')) - 1;
      this.cell = event.button === 2 ? this.placed[at]?.id : undefined;
    });
    this.list.viewport.addEventListener('click', (event) => this.onClick(event));
    new ResizeObserver(() => this.relayout()).observe(this.list.viewport);
  }

  /** @returns the column that the keyboard or the last right click is in */
  get currentCell(): PlacedColumn | undefined {
    return this.placed.find(({ id }) => id === this.cell);
  }

  column(id: string): PlacedColumn | undefined {
    return this.placed.find((column) => column.id === id);
  }

  get columns(): readonly PlacedColumn[] {
    return this.placed;
  }

  setColumns(settings: readonly ColumnSetting[], sort: SortOrder | undefined): void {
    this.settings = settings;
    this.sort = sort;
    this.layoutNow();
  }

  /** Where a menu about the keyboard's row or cell opens. */
  menuPlace(): PopupPlace {
    const row = this.list.rowElement(this.list.activeIndex);
    if (row === undefined) return below(this.list.element);
    return below(this.cellOf(row) ?? row.children[this.placed.findIndex(({ id }) => id === 'message')] ?? row);
  }

  /** The rows are others: the time scale begins anew. */
  forgetScale(): void {
    this.scale = undefined;
  }

  private layoutNow(): void {
    const { clientWidth } = this.list.viewport;
    // A hidden list has no width; it is laid out when it is shown.
    if (clientWidth > 0) this.widthPx = clientWidth;
    const placed = placeColumns(this.settings, this.widthPx === 0 ? Infinity : this.widthPx);
    const key = (columns: readonly PlacedColumn[]): string => JSON.stringify(columns.map(({ id, cell, title }) => [id, cell, title]));
    if (key(placed) !== key(this.placed)) this.layout++;
    this.placed = placed;
    if (this.widthPx > 0) this.list.element.style.setProperty('--columns', gridTemplate(placed));
    this.list.setColumnCount(placed.length);
    this.head.show(placed, this.sort);
    this.list.refresh();
  }

  /** Pauses began, ended or went on. */
  showPauses(): void {
    this.drawStripes();
    this.list.refresh();
  }

  private drawStripes(): void {
    this.list.element.style.setProperty('--pauses', stripes(this.options.pauses(), this.scale, Date.now()));
  }

  private noteOf(row: ExchangeRow, index: number): PauseNote | undefined {
    const pauses = this.options.pauses();
    // In another order than that of time nothing is "between" two rows.
    if (pauses.length === 0 || this.sort !== undefined) return undefined;
    const next = this.options.row(index + 1);
    if (next === undefined && index + 1 < this.options.count()) return undefined;
    return noteBetween(pauses, row.startedAt, next?.startedAt ?? Infinity, Date.now());
  }

  private onClick(event: MouseEvent): void {
    const note = event.target instanceof Element ? event.target.closest<HTMLElement>('.pause-note') : null;
    const { file, line } = note?.dataset ?? {};
    if (file !== undefined && line !== undefined) this.options.onPause(file, Number(line));
  }

  /** Bars stand still while the person scrolls through half a screen, and fill the column once they have stopped. */
  private fitScale(start: number, end: number): void {
    const before = this.scale;
    const isMoving = start !== this.drawnStart && this.drawnStart >= 0;
    this.drawnStart = start;
    this.scale = scaleOf(this.rowsBetween(start, end), before, isMoving ? scrollAhead : 0);
    if (before !== this.scale) this.drawStripes();
    if (!isMoving || before === this.scale) return;
    clearTimeout(this.settleTimer);
    this.settleTimer = setTimeout(() => {
      const { start: from, end: to } = this.list.rangeInView;
      this.scale = scaleOf(this.rowsBetween(from, to), undefined) ?? this.scale;
      this.drawStripes();
      this.list.refresh();
    }, settleMs);
  }

  private *rowsBetween(start: number, end: number): IterableIterator<ExchangeRow> {
    for (let index = start; index < end; index++) {
      const row = this.options.row(index);
      if (row !== undefined) yield row;
    }
  }

  private render(element: HTMLElement, index: number): void {
    const row = this.options.row(index);
    renderMessageRow(element, row, {
      columns: this.placed, layout: this.layout, scale: this.scale,
      isSelected: row !== undefined && this.options.isSelected(row), isTied: row !== undefined && this.options.isTied(row),
      isCurrent: row !== undefined && this.options.isCurrent(row),
      note: row === undefined ? undefined : this.noteOf(row, index),
    });
  }

  private cellOf(row: HTMLElement): HTMLElement | undefined {
    const at = this.placed.findIndex(({ id }) => id === this.cell);
    const cell = row.children[at];
    return cell instanceof HTMLElement ? cell : undefined;
  }

  /** Left and right go through the cells of the row; left of the first one is the row itself. */
  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    consume(event);
    const at = this.placed.findIndex(({ id }) => id === this.cell) + step;
    this.cell = at < 0 ? undefined : this.placed[Math.min(at, this.placed.length - 1)]?.id;
    this.list.focus();
  }
}
