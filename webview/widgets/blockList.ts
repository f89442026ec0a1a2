// A list over something long whose rows are known only once they are laid out: it shows a run of blocks, and takes in the next one when a
// person scrolls towards it. Standing at its end it follows what is added; scrolled away it keeps its place.

import { el } from './dom.js';
import { BlockWindow } from './blockWindow.js';
import { VirtualList } from './virtualList.js';

export interface BlockSource<Row> {
  /** blocks [start, end) exist now */
  start: number;
  end: number;
  /** @returns the block's rows as far as they are known now */
  load(block: number): Promise<Row[]>;
}

export interface BlockListOptions<Row> {
  rowHeightPx: number;
  label: string;
  className: string;
  createRow(): HTMLElement;
  renderRow(element: HTMLElement, row: Row, index: number): void;
  /** instead of rows that are not here yet */
  renderMore(element: HTMLElement): void;
  onScroll?(): void;
  report(fault: unknown): void;
}

/** Rows that are kept; the far end is let go of and laid out again when somebody comes back to it. */
const maxRows = 200_000;
/** Towards this many rows beyond what is seen the next block is asked for. */
const aheadRows = 60;

export class BlockList<Row> {
  readonly list: VirtualList;
  private readonly window = new BlockWindow<Row>();
  private source: BlockSource<Row> | undefined;
  private isLoading = false;
  /** a person stands at the end: what is added scrolls into view */
  private followsEnd = false;
  /** block that was the last one when it was asked for: it may be longer by now; -1 = none */
  private partial = -1;
  /** the source has grown since then */
  private hasGrown = false;
  private generation = 0;

  constructor(private readonly options: BlockListOptions<Row>) {
    this.list = new VirtualList({
      rowHeightPx: options.rowHeightPx, label: options.label, columnCount: 1, className: options.className, isPlain: true,
      createRow: options.createRow,
      renderRow: (element, index) => this.render(element, index),
      onRange: (start, end) => this.onRange(start, end),
      onScroll: () => {
        this.followsEnd = this.isAtEnd;
        options.onScroll?.();
      },
    });
  }

  get element(): HTMLElement {
    return this.list.element;
  }

  get isAtEnd(): boolean {
    return this.list.isAtEnd && this.source !== undefined && this.window.end === this.source.end;
  }

  /**
   * Shows a source from one of its blocks on, at the top; or its end.
   *
   * @param arrived the rows of that block are here
   */
  start(source: BlockSource<Row>, at: number | 'end', arrived?: () => void): void {
    this.source = source;
    this.generation++;
    this.isLoading = false;
    this.partial = -1;
    this.hasGrown = false;
    this.followsEnd = at === 'end';
    const block = at === 'end' ? Math.max(source.start, source.end - 1) : Math.min(Math.max(source.start, at), Math.max(source.start, source.end - 1));
    this.window.reset(block);
    this.list.setCount(0);
    this.list.scrollToPx(0);
    if (source.end <= source.start) return;
    this.load(block, () => {
      if (at === 'end') this.list.scrollToEnd();
      else this.list.scrollToPx(this.before * this.options.rowHeightPx);
      arrived?.();
    });
  }

  /** Goes to the first or the last row of the whole source, however far it is from what is shown. @param arrived it is here */
  goTo(end: 'start' | 'end', arrived: () => void): void {
    const { source, window } = this;
    if (source === undefined) return;
    const isHere = end === 'start' ? window.first <= source.start : source.end <= window.end;
    if (isHere) arrived();
    else this.start(source, end === 'end' ? 'end' : source.start, arrived);
  }

  /** The source has grown, or its oldest blocks are gone. */
  update(): void {
    this.hasGrown = true;
    this.setCount();
    this.fill();
  }

  refresh(): void {
    this.list.refresh();
  }

  row(index: number): Row | undefined {
    return this.window.rowAt(index - this.before);
  }

  /** Brings a block here if need be, and tells its rows and the number of the first of them. */
  async bring(block: number): Promise<{ rows: readonly Row[]; start: number } | undefined> {
    if (this.source === undefined || block < this.source.start || this.source.end <= block) return undefined;
    if (this.window.startOf(block) === undefined) {
      this.generation++;
      this.isLoading = false;
      this.window.reset(block);
      this.setCount();
      const { generation, source } = this;
      const rows = await source.load(block);
      if (generation !== this.generation) return undefined;
      this.window.append(rows);
      this.setCount();
    }
    const start = this.window.startOf(block);
    const rows = this.window.rowsOf(block);
    return start === undefined || rows === undefined ? undefined : { rows, start: start + this.before };
  }

  reveal(index: number): void {
    this.list.reveal(index, 'center');
  }

  /** 1 when a row at the top says that there is more above */
  private get before(): number {
    return this.source !== undefined && this.source.start < this.window.first ? 1 : 0;
  }

  private get after(): number {
    return this.source !== undefined && this.window.end < this.source.end ? 1 : 0;
  }

  private setCount(): void {
    this.list.setCount(this.before + this.window.rowCount + this.after, this.followsEnd);
  }

  private onRange(start: number, end: number): void {
    if (this.source === undefined || this.isLoading) return;
    const { before, window, source } = this;
    const isNearEnd = end + aheadRows >= before + window.rowCount;
    // The rest of a block comes before the one after it.
    if (isNearEnd && this.hasGrown && window.rowsOf(this.partial) !== undefined) this.load(this.partial);
    else if (isNearEnd && window.end < source.end) this.load(window.end);
    else if (start <= before + aheadRows && source.start < window.first) this.load(window.first - 1);
  }

  private fill(): void {
    const { start, end } = this.list.rangeInView;
    this.onRange(start, end);
  }

  private load(block: number, done?: () => void): void {
    const { source, generation } = this;
    if (source === undefined || block < source.start || source.end <= block) return;
    this.isLoading = true;
    // What grows while it is read is asked for again.
    if (block === this.partial) this.hasGrown = false;
    if (block === source.end - 1) this.partial = block;
    else if (block === this.partial) this.partial = -1;
    source.load(block).then((rows) => {
      if (generation !== this.generation) return;
      this.isLoading = false;
      this.take(block, rows);
      done?.();
      this.fill();
    }, (fault: unknown) => {
      if (generation !== this.generation) return;
      this.isLoading = false;
      this.options.report(fault);
    });
  }

  private take(block: number, rows: Row[]): void {
    const { window, list } = this;
    const top = list.contentTopPx;
    const before = this.before;
    if (block === window.end) {
      window.append(rows);
      const gone = window.trim(maxRows, 'front') + (before - this.before);
      this.setCount();
      if (gone !== 0) list.scrollToPx(top - gone * this.options.rowHeightPx);
    } else if (block === window.first - 1) {
      window.prepend(rows);
      window.trim(maxRows, 'end');
      this.setCount();
      list.scrollToPx(top + (rows.length + this.before - before) * this.options.rowHeightPx);
    } else if (window.first <= block && block < window.end) {
      window.replace(block, rows);
      this.setCount();
    }
    list.refresh();
  }

  private render(element: HTMLElement, index: number): void {
    const row = this.row(index);
    if (row === undefined) this.options.renderMore(element);
    else this.options.renderRow(element, row, index);
  }
}

/** A row of one cell. */
export function createTextRow(className: string): HTMLElement {
  return el('div', { class: className }, el('div', { class: 'text-cell', role: 'gridcell' }));
}
