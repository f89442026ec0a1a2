// A list of any length: only the rows in view exist. Rows have one height; the owner draws them and says how many there are.
// Keyboard first: one row is active and can take the focus (roving tabindex); it stays in the page even when scrolled away.

import { Owner, toDisposable } from '../../src/shared/lifecycle.js';
import { consume, el, perFrame } from './dom.js';
import { keyInList, reachOfMouse, type Reach } from './listReach.js';
import { clampTop, contentTop, maxContentTop, rowsInView, scrollScale, scrollTopFor, type ScrollScale } from './scrollScale.js';

export interface VirtualListOptions {
  rowHeightPx: number;
  /** what a screen reader calls the list */
  label: string;
  /** heads of the columns; without them the grid has no header row */
  columns?: string[];
  /** a head of the owner's own, with a row of role `row`, in place of `columns` */
  head?: HTMLElement;
  /** number of columns when there is no header row */
  columnCount?: number;
  className: string;
  /** rows cannot be focused: the scrolling part is the grid, takes the focus, and its keys are the owner's */
  isPlain?: boolean;
  createRow(): HTMLElement;
  /** draws row `index` into `row`; `isActive` is the keyboard's row */
  renderRow(row: HTMLElement, index: number, isActive: boolean): void;
  /** rows [start, end) are about to be drawn */
  beforeDraw?(start: number, end: number): void;
  /** rows [start, end) came into view, or were asked to be drawn again */
  onRange?(start: number, end: number): void;
  /** several rows may be chosen at once; otherwise Ctrl and Shift mean nothing */
  isMulti?: boolean;
  /** the person moved to a row by key or click */
  onActive?(index: number, reach: Reach): void;
  /** Ctrl+A */
  onAll?(): void;
  /** Escape: back to one row. @returns false when there is nothing to do */
  onOne?(): boolean;
  /** Enter or double click */
  onOpen?(index: number): void;
  /** a person scrolled */
  onScroll?(): void;
  /** what takes the focus in the keyboard's row; without it the row itself */
  focusTarget?(row: HTMLElement): HTMLElement;
}

/** Lists say "at the end" up to this distance, so that half a row of rounding does not stop the following. */
const endSlackPx = 4;

/** Places stay far below what a float of the browser holds exactly (2^24 pixels). */
const maxStripRows = 100_000;

export class VirtualList extends Owner {
  /** holds header and viewport */
  readonly element: HTMLElement;
  /** what has role grid */
  readonly grid: HTMLElement;
  /** the scrolling part */
  readonly viewport: HTMLElement;
  private readonly spacer = el('div', { class: 'vlist-spacer' });
  private readonly layer = el('div', { class: 'vlist-layer' });
  /** rows lie on it where they belong and move with it: scrolling changes one place, not one per row */
  private readonly strip = el('div', { class: 'vlist-strip' });
  /** row that lies at the origin of the strip */
  private base = 0;
  private stripPx = 0;
  /** where each row lies on the strip */
  private readonly places = new WeakMap<HTMLElement, number>();
  private readonly rows = new Map<number, HTMLElement>();
  private readonly spare: HTMLElement[] = [];
  private readonly headerRows: number;
  private count = 0;
  private top = 0;
  private viewportPx = 0;
  private scale: ScrollScale;
  /** scrollTop that we set ourselves: the event that follows must not be taken for the person's */
  private expectedScrollTop = 0;
  private active = -1;
  private sticksToEnd = false;
  private wasHidden = false;
  /** the keyboard's row gets the focus once it is drawn */
  private takesFocus = false;
  private readonly draw = perFrame(() => this.drawNow());

  constructor(private readonly options: VirtualListOptions) {
    super();
    this.scale = scrollScale(0, options.rowHeightPx, 0);
    this.headerRows = options.columns === undefined && options.head === undefined ? 0 : 1;
    this.viewport = el('div', { class: 'vlist-viewport' }, this.spacer);
    this.spacer.append(this.layer);
    this.layer.append(this.strip);
    this.element = el('div', { class: `vlist ${options.className}` });
    this.grid = options.isPlain === true ? this.viewport : this.element;
    this.grid.setAttribute('role', 'grid');
    this.grid.setAttribute('aria-label', options.label);
    if (options.isMulti === true) this.grid.setAttribute('aria-multiselectable', 'true');
    this.grid.setAttribute('aria-colcount', String(options.columns?.length ?? options.columnCount ?? 1));
    if (options.head !== undefined) this.element.append(options.head);
    else if (options.columns !== undefined) this.element.append(headerRow(options.columns));
    this.element.append(this.viewport);
    if (options.isPlain === true) {
      this.viewport.tabIndex = 0;
      this.layer.setAttribute('role', 'rowgroup');
    } else {
      this.viewport.setAttribute('role', 'rowgroup');
    }

    this.listen(this.viewport, 'scroll', () => this.onScrolled(), { passive: true });
    this.listen(this.viewport, 'wheel', (event) => this.onWheel(event), { passive: false });
    if (options.isPlain !== true) {
      this.listen(this.element, 'keydown', (event) => this.onKey(event));
      this.listen(this.layer, 'mousedown', (event) => this.onMouseDown(event));
      this.listen(this.layer, 'dblclick', (event) => {
        if (options.isMulti === true && reachOfMouse(event) !== 'only') return;
        const index = this.indexOf(event.target);
        if (index !== undefined) options.onOpen?.(index);
      });
    }
    // A cell that is cut shows all of itself to the mouse; screen readers have the row's label.
    this.listen(this.layer, 'mouseover', (event) => {
      const cell = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('.cell') : null;
      if (cell !== null && !cell.hasAttribute('title') && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent ?? '';
    });
    this.listen(this.layer, 'mouseout', (event) => {
      if (event.target instanceof HTMLElement) event.target.closest('.cell')?.removeAttribute('title');
    });
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.viewport);
    this.register(toDisposable(() => observer.disconnect()));
    this.setAriaCount();
  }

  get rowCount(): number {
    return this.count;
  }

  /** the keyboard's row; -1 = none */
  get activeIndex(): number {
    return this.active;
  }

  get isAtEnd(): boolean {
    return this.top >= maxContentTop(this.scale) - endSlackPx;
  }

  /** pixels of content above the view: what to keep in order to come back to the same place */
  get contentTopPx(): number {
    return this.top;
  }

  get pageRows(): number {
    return Math.max(1, Math.floor(this.viewportPx / this.options.rowHeightPx) - 1);
  }

  get rangeInView(): { start: number; end: number } {
    return rowsInView(this.top, this.viewportPx, this.options.rowHeightPx, this.count);
  }

  /** @param follows new rows at the end scroll into view while the list stands at its end */
  setCount(count: number, follows = false): void {
    this.sticksToEnd = follows;
    const wasAtEnd = this.isAtEnd;
    if (count !== this.count) {
      this.count = count;
      if (this.active >= count) this.active = count - 1;
      this.rescale();
      this.setAriaCount();
      if (follows && wasAtEnd) this.scrollToPx(maxContentTop(this.scale));
    }
    this.draw();
  }

  /** Draws what is in view again: contents changed. */
  refresh(): void {
    this.draw();
  }

  scrollToPx(top: number): void {
    this.top = clampTop(this.scale, top);
    this.expectedScrollTop = scrollTopFor(this.scale, this.top);
    this.viewport.scrollTop = this.expectedScrollTop;
    // The browser rounds to device pixels: what it really kept is what its event will report.
    this.expectedScrollTop = this.viewport.scrollTop;
    this.draw();
  }

  scrollToEnd(): void {
    this.scrollToPx(maxContentTop(this.scale));
  }

  /** Scrolls as little as needed to show a row; `'center'` puts a far row in the middle. */
  reveal(index: number, far: 'nearest' | 'center' = 'nearest'): void {
    const rowTop = index * this.options.rowHeightPx;
    const rowBottom = rowTop + this.options.rowHeightPx;
    if (rowTop >= this.top && rowBottom <= this.top + this.viewportPx) return;
    if (far === 'center') this.scrollToPx(rowTop - (this.viewportPx - this.options.rowHeightPx) / 2);
    else if (rowTop < this.top) this.scrollToPx(rowTop);
    else this.scrollToPx(rowBottom - this.viewportPx);
  }

  /** Makes a row the keyboard's row without telling the owner. */
  setActive(index: number): void {
    if (index === this.active) return;
    const hadFocus = this.layer.contains(document.activeElement);
    this.active = index;
    this.drawNow();
    if (hadFocus) this.focus();
  }

  focus(): void {
    if (this.active < 0 && this.count > 0) this.active = this.rangeInView.start;
    this.drawNow();
    this.focusActive();
  }

  /** The row that is drawn for an index; undefined when it is out of view. */
  rowElement(index: number): HTMLElement | undefined {
    return this.rows.get(index);
  }

  setColumnCount(count: number): void {
    this.grid.setAttribute('aria-colcount', String(count));
  }

  private listen<K extends keyof HTMLElementEventMap>(target: HTMLElement, name: K, hear: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void {
    target.addEventListener(name, hear, options);
    this.register(toDisposable(() => target.removeEventListener(name, hear, options)));
  }

  private measure(): void {
    const height = this.viewport.clientHeight;
    // A hidden list keeps its measures, and its place: the browser forgets scrollTop, so it is put back when shown.
    if (height === 0) this.wasHidden = true;
    if (height === 0 || (height === this.viewportPx && !this.wasHidden)) return;
    this.wasHidden = false;
    const wasAtEnd = this.isAtEnd;
    const { start, end } = this.rangeInView;
    const sawActive = start <= this.active && this.active < end;
    this.viewportPx = height;
    this.layer.style.height = `${height}px`;
    this.rescale();
    if (this.sticksToEnd && wasAtEnd) this.scrollToEnd();
    else this.scrollToPx(this.top);
    if (sawActive) this.reveal(this.active);
  }

  private rescale(): void {
    this.scale = scrollScale(this.count, this.options.rowHeightPx, this.viewportPx);
    this.spacer.style.height = `${this.scale.elementPx}px`;
    this.top = clampTop(this.scale, this.top);
  }

  private setAriaCount(): void {
    this.grid.setAttribute('aria-rowcount', String(this.count + this.headerRows));
  }

  private onScrolled(): void {
    const scrollTop = this.viewport.scrollTop;
    if (Math.abs(scrollTop - this.expectedScrollTop) < 1) return;
    this.expectedScrollTop = scrollTop;
    this.top = contentTop(this.scale, scrollTop);
    this.draw();
    this.options.onScroll?.();
  }

  /** In a scaled list the browser's own wheel step would jump over many rows, so the wheel moves the content by its true pixels. */
  private onWheel(event: WheelEvent): void {
    if (!this.scale.isScaled || event.ctrlKey || event.deltaY === 0) return;
    event.preventDefault();
    const unitPx = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? this.options.rowHeightPx : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? this.viewportPx : 1;
    this.scrollToPx(this.top + event.deltaY * unitPx);
    this.options.onScroll?.();
  }

  private onKey(event: KeyboardEvent): void {
    const { options } = this;
    const meant = keyInList(event, { at: this.active, pageRows: this.pageRows, count: this.count, isMulti: options.isMulti === true });
    if (meant === undefined || (meant === 'one' && options.onOne?.() !== true)) return;
    consume(event);
    if (meant === 'open') options.onOpen?.(this.active);
    else if (meant === 'all') options.onAll?.();
    else if (meant !== 'one') this.moveTo(meant.to, meant.reach);
  }

  private onMouseDown(event: MouseEvent): void {
    const index = this.indexOf(event.target);
    if (index === undefined) return;
    const reach = this.options.isMulti === true ? reachOfMouse(event) : 'only';
    // The browser would select text up to here.
    if (reach === 'range' || reach === 'further') event.preventDefault();
    this.moveTo(index, reach);
    // At once: a menu that the press opens would be closed by a focus that comes later.
    this.takesFocus = false;
    this.focus();
  }

  /** The focus goes along with the next frame: given at once, it makes the browser lay out the page a second time for each key of a held one. */
  private moveTo(index: number, reach: Reach): void {
    this.active = index;
    this.reveal(index);
    this.takesFocus = true;
    this.draw();
    this.options.onActive?.(index, reach);
  }

  /** @returns index of the row that an element of the list lies in */
  indexOf(target: EventTarget | null): number | undefined {
    const row = target instanceof Element ? target.closest('[aria-rowindex]') : null;
    if (row === null || !this.layer.contains(row)) return undefined;
    return Number(row.getAttribute('aria-rowindex')) - 1 - this.headerRows;
  }

  private drawNow(): void {
    if (this.isDisposed) return;
    const { start, end } = this.rangeInView;
    const active = this.active;
    this.options.beforeDraw?.(start, end);
    this.renumber(start, end);
    this.moveStrip(start);
    for (const [index, row] of this.rows) {
      if ((index >= start && index < end) || (index === active && index < this.count)) continue;
      this.rows.delete(index);
      row.remove();
      this.spare.push(row);
    }
    for (let index = start; index < end; index++) this.place(index);
    if (active >= 0 && active < this.count && (active < start || active >= end)) this.place(active);
    if (this.takesFocus) {
      this.takesFocus = false;
      // Unless the person has gone elsewhere by now.
      const { activeElement } = document;
      if (document.hasFocus() && (activeElement === null || activeElement === document.body || this.element.contains(activeElement))) this.focusActive();
    }
    this.options.onRange?.(start, end);
  }

  private focusActive(): void {
    const row = this.rows.get(this.active);
    if (row !== undefined) (this.options.focusTarget?.(row) ?? row).focus({ preventScroll: true });
  }

  /** After a jump no row in the page is one of those in view: they become these where they stand, which is far cheaper than taking them out and in again. */
  private renumber(start: number, end: number): void {
    const active = this.active;
    const old = [...this.rows.keys()].filter((index) => index !== active).sort((one, other) => one - other);
    if (old.length === 0 || old.some((index) => start <= index && index < end) || (start <= active && active < end)) return;
    const elements = old.map((index) => this.rows.get(index)).filter((row) => row !== undefined);
    for (const index of old) this.rows.delete(index);
    for (const [at, row] of elements.entries()) {
      const index = start + at;
      if (index < end) {
        this.rows.set(index, row);
        row.setAttribute('aria-rowindex', String(index + 1 + this.headerRows));
      } else {
        row.remove();
        this.spare.push(row);
      }
    }
    const kept = this.rows.get(active);
    if (kept !== undefined && kept !== document.activeElement && !kept.contains(document.activeElement)) this.insertInOrder(active, kept);
  }

  private place(index: number): void {
    let row = this.rows.get(index);
    if (row === undefined) {
      row = this.spare.pop() ?? this.newRow();
      this.rows.set(index, row);
      row.setAttribute('aria-rowindex', String(index + 1 + this.headerRows));
      this.insertInOrder(index, row);
    }
    const height = this.options.rowHeightPx;
    // The active row stays in the page when it is scrolled away, just out of sight, so that it keeps the focus.
    const y = Math.min(Math.max(index * height - this.top, -2 * height), this.viewportPx + height);
    const isSeen = y === index * height - this.top;
    const place = isSeen && this.isEven ? (index - this.base) * height : onPixel(y) - this.stripPx;
    if (this.places.get(row) !== place) {
      this.places.set(row, place);
      row.style.transform = `translateY(${place}px)`;
    }
    const isActive = index === this.active;
    const tabIndex = isActive || (this.active < 0 && index === this.rangeInView.start) ? 0 : -1;
    if (this.options.isPlain !== true && row.tabIndex !== tabIndex) row.tabIndex = tabIndex;
    this.options.renderRow(row, index, isActive);
  }

  private moveStrip(start: number): void {
    if (Math.abs(start - this.base) > maxStripRows) this.base = start;
    this.stripPx = onPixel(this.base * this.options.rowHeightPx - this.top);
    this.strip.style.transform = `translateY(${this.stripPx}px)`;
  }

  /** Rows end on whole device pixels; otherwise each one is put on them by itself. */
  private get isEven(): boolean {
    return Number.isInteger(this.options.rowHeightPx * devicePixelRatio);
  }

  /** Screen readers read rows in the order of the page, so a new row goes where its index says. Scrolling adds at either end, which is found at once. */
  private insertInOrder(index: number, row: HTMLElement): void {
    let after = this.strip.lastElementChild;
    while (after !== null && Number(after.getAttribute('aria-rowindex')) > index + 1 + this.headerRows) after = after.previousElementSibling;
    if (after === null) this.strip.prepend(row);
    else after.after(row);
  }

  private newRow(): HTMLElement {
    const row = this.options.createRow();
    row.classList.add('vlist-row');
    row.setAttribute('role', 'row');
    return row;
  }
}

function headerRow(columns: readonly string[]): HTMLElement {
  const row = el('div', { class: 'vlist-header', role: 'row', 'aria-rowindex': '1' });
  for (const [index, title] of columns.entries()) row.append(el('div', { class: `cell cell-${index}`, role: 'columnheader', text: title }));
  return el('div', { role: 'rowgroup', class: 'vlist-head' }, row);
}

/** Between device pixels, neighbouring rows would show a seam. */
function onPixel(px: number): number {
  return Math.round(px * devicePixelRatio) / devicePixelRatio;
}
