// The list of messages with what it holds: a view of the lens, its rows by page, the row that is chosen, and whether it follows the newest.

import type { ExchangeRow, FilterProblem, RowColor, ViewPage, ViewQuery } from '../../src/shared/inspect.js';
import type { LensSummary } from '../../src/shared/protocol.js';
import type { SavedState } from '../vscodeApi.js';
import { el } from '../widgets/dom.js';
import type { PopupPlace } from '../widgets/popupMenu.js';
import { askedColumns, movedColumn, nextSort, shiftedColumn, sizedColumn, withoutColumn, type ColumnSetting, type PlacedColumn, type SortOrder } from './columns.js';
import { shown } from './file/shownKind.js';
import type { DebugView } from './debugView.js';
import type { InspectorRpc } from './inspector.js';
import { MessageList, messageRowHeightPx } from './messageList.js';
import { PageCache, pageRows, type Page } from './pageCache.js';
import type { PageState } from './pageState.js';
import { ViewClient } from './viewClient.js';

/** Which of the two the person wants to see of a request with its answer. */
export type Part = 'message' | 'answer';

export interface MessagesPaneOptions {
  rpc: InspectorRpc;
  state: SavedState<PageState>;
  debug: DebugView;
  onChosen(row: ExchangeRow, part: Part): void;
  /** Enter or a double click: go on into the details */
  onOpen(): void;
  /** the filter was put into force, or is wrong */
  onFilter(problem: FilterProblem | undefined): void;
  /** counts changed */
  onCounts(): void;
  onFollowing(isFollowing: boolean): void;
  columnMenu(id: string | undefined, place: PopupPlace): void;
  announceSort(sort: SortOrder | undefined): void;
  /** columns were changed by the person */
  saveColumns(columns: readonly ColumnSetting[]): void;
  report(fault: unknown): void;
}

/** A new view may need this long for its first rows; until then the rows of the one before stay. */
const firstRowsMs = 160;
const pollMs = 40;
/** While messages are being judged there is more without new traffic. */
const judgingPollMs = 100;
/** Rows that are asked for at the end of a list that is followed: what came since the last time, and a screenful. */
const tailRows = 3 * pageRows;
const screenRows = 60;

export class MessagesPane {
  readonly element = el('div', { class: 'list-body' });
  readonly look: MessageList;
  private readonly client: ViewClient;
  private readonly cache: PageCache<ExchangeRow>;
  private page: ViewPage | undefined;
  private rowCount = 0;
  private listNumber = 0;
  private isFollowing: boolean;
  private isPaused = false;
  /** messages in all when the list was paused */
  private pausedAt = 0;
  private isTailing = false;
  private isTailAsked = false;
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  private chosenRow: ExchangeRow | undefined;
  private isLocating = false;
  private isShown = false;
  private isOld = true;
  /** messages from before the view was opened are still being judged */
  private isCatchingUp = false;

  constructor(private readonly options: MessagesPaneOptions) {
    const { state } = options;
    // A file is read from its beginning.
    this.isFollowing = state.value.messageTopRow === null && !shown.isFile;
    this.client = new ViewClient(options.rpc);
    this.cache = new PageCache((start, count) => this.fetch(start, count), () => this.onRows(), options.report, 2);
    this.look = new MessageList({
      row: (index) => this.cache.row(index),
      isSelected: (row) => row.row === state.value.message?.row,
      isTied: (row) => this.isTied(row),
      onRange: (start, end) => this.cache.want(start, Math.max(end, start + 1)),
      onActive: (index) => this.onActive(index),
      onOpen: (index) => {
        this.onActive(index);
        options.onOpen();
      },
      onScroll: () => this.onScroll(),
      count: () => this.rowCount,
      pauses: () => options.debug.pauses,
      onPause: (file, line) => options.debug.reveal(file, line),
      head: {
        sort: (id) => this.sortBy(nextSort(this.sort, id)),
        move: (id, beforeId) => this.setColumns(movedColumn(this.columns, id, beforeId)),
        shift: (id, by) => this.setColumns(shiftedColumn(this.columns, this.look.columns, id, by)),
        size: (id, widthPx) => this.setColumns(sizedColumn(this.columns, id, widthPx)),
        remove: (id) => this.setColumns(withoutColumn(this.columns, id)),
        menu: (id, place) => options.columnMenu(id, place),
      },
    });
    this.element.append(this.look.list.element);
    this.look.setColumns(this.columns, this.sort);
  }

  get columns(): readonly ColumnSetting[] {
    return this.options.state.value.columns ?? [];
  }

  get sort(): SortOrder | undefined {
    return this.options.state.value.sort ?? undefined;
  }

  /** what the lens said last about the list */
  get lastPage(): ViewPage | undefined {
    return this.page;
  }

  /** the row that is chosen, as far as it was seen */
  get chosen(): ExchangeRow | undefined {
    return this.chosenRow;
  }

  get isFiltered(): boolean {
    const { filter, listenerId, onlyFlow, since, stretch } = this.options.state.value;
    return filter !== '' || listenerId !== '' || onlyFlow !== null || since !== null || stretch !== null || this.options.debug.isNarrowed;
  }

  /** Messages from before the filter was set are still being judged. */
  get isJudging(): boolean {
    return this.isCatchingUp;
  }

  /** Nothing is in it, and nothing more is to be judged. */
  get isEmpty(): boolean {
    return this.page !== undefined && this.page.total === 0 && this.page.isDone;
  }

  newer(summary: LensSummary): number {
    return this.isPaused ? Math.max(0, summary.messages - this.pausedAt) : 0;
  }

  /** A list that is not shown asks for nothing. */
  setShown(isShown: boolean): void {
    this.isShown = isShown;
    if (isShown && this.isOld) this.restart();
    else if (isShown) this.onChanged();
    else clearTimeout(this.pollTimer);
  }

  onChanged(): void {
    if ((this.isPaused && !this.isCatchingUp) || !this.isShown || this.page === undefined) return;
    if (this.followsTail) this.followTail().catch(this.options.report);
    else this.cache.markOld();
  }

  setPaused(isPaused: boolean, summary: LensSummary): void {
    this.isPaused = isPaused;
    this.pausedAt = isPaused ? summary.messages : 0;
    this.onChanged();
  }

  /** Ledger numbers begin again. */
  startOver(): void {
    this.client.forget();
    this.chosenRow = undefined;
    this.options.state.update({ message: null, since: null });
    this.restart();
  }

  /** Filter, order or anything else that says which rows there are changed. */
  restart(): void {
    this.isOld = !this.isShown;
    if (this.isShown) this.open().catch(this.options.report);
  }

  follow(): void {
    this.setFollowing(true);
    this.look.list.scrollToEnd();
    if (!this.isPaused) this.onChanged();
  }

  sortBy(sort: SortOrder | undefined): void {
    this.options.state.update({ sort: sort ?? null });
    this.look.setColumns(this.columns, sort);
    this.options.announceSort(sort);
    this.restart();
  }

  setColumns(columns: readonly ColumnSetting[]): void {
    const before = askedColumns(this.columns).join('\n');
    this.options.state.update({ columns: [...columns] });
    this.options.saveColumns(columns);
    this.look.setColumns(columns, this.sort);
    if (askedColumns(columns).join('\n') === before) return;
    // The values of the rows that are here belong to other columns.
    this.cache.reset();
    this.look.list.refresh();
  }

  /** Goes to the request (`'message'`) or the answer of the chosen row. @returns false when there is none */
  async jump(to: Part): Promise<boolean> {
    const row = this.chosenRow;
    if (row === undefined) return false;
    if (!this.options.state.value.areAnswersRows) {
      if (to === 'answer' && row.answer === undefined) return false;
      this.options.onChosen(row, to);
      return true;
    }
    const other = to === 'answer' ? row.answer?.row : this.requestOf(row);
    return other !== undefined && (await this.goTo(other));
  }

  async mark(row: ExchangeRow, color: RowColor | null): Promise<void> {
    await this.options.rpc.request('marks/set', { rows: [row.row], color });
    this.cache.markOld();
  }

  /** @returns when the last message ended, a hair later; undefined when there is none */
  async newestAt(): Promise<number | undefined> {
    if (this.rowCount === 0) return this.options.state.value.since ?? undefined;
    // In the order of arrival the last one is at the end; a sorted list is looked through as far as it is here.
    const page = this.sort === undefined ? await this.client.rows(Math.max(0, this.rowCount - 1), 10, []) : undefined;
    const rows = page?.rows ?? [...this.cache.entries()].map(([, row]) => row);
    const newest = rows.reduce((latest, row) => Math.max(latest, row.endedAt, row.answer?.endedAt ?? 0), 0);
    return newest === 0 ? undefined : newest + 0.001;
  }

  /** what the person stands on, for a menu about one cell */
  get cell(): { row: ExchangeRow; column: PlacedColumn | undefined } | undefined {
    const row = this.cache.row(this.look.list.activeIndex);
    return row === undefined ? undefined : { row, column: this.look.currentCell };
  }

  /** what the list holds */
  query(): ViewQuery {
    const { filter, areAnswersRows, listenerId, onlyFlow, since, stretch } = this.options.state.value;
    const { narrowing } = this.options.debug;
    const from = Math.max(since ?? 0, narrowing.from ?? 0, stretch?.from ?? 0);
    return {
      filter, listing: areAnswersRows ? 'messages' : 'exchanges',
      ...(listenerId === '' ? {} : { listenerId }), ...(onlyFlow === null ? {} : { flow: onlyFlow }), ...(from === 0 ? {} : { from }), ...(stretch === null ? {} : { to: stretch.to }),
      ...(narrowing.session === undefined ? {} : { session: narrowing.session }),
      ...(this.sort === undefined ? {} : { sort: this.sort }),
    };
  }

  /** Opens a view and puts it in the place of the one before once it has something to show: until then the person reads on in that one. */
  private async open(): Promise<void> {
    const number = ++this.listNumber;
    const isCurrent = (): boolean => number === this.listNumber;
    const { client } = this;
    const query = this.query();
    const columns = askedColumns(this.columns);
    clearTimeout(this.pollTimer);
    const opened = await client.open(query);
    if (!isCurrent()) {
      if ('view' in opened) client.closeOpened(opened);
      return;
    }
    if ('problem' in opened) {
      this.options.onFilter(opened.problem);
      return;
    }
    const { view } = opened;
    const ask = (start: number): Promise<ViewPage> => client.rowsOf(view, start, pageRows, columns);
    let page = await ask(0);
    for (let waitedMs = 0; page.total === 0 && !page.isDone && isCurrent() && waitedMs < firstRowsMs; waitedMs += pollMs) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      page = await ask(0);
    }
    const { message, messageTopRow } = this.options.state.value;
    const position = message === null ? null : (await this.options.rpc.request('view/position', { view, row: message.row })).position;
    // A list that was sorted or narrowed begins where the chosen row is, else at its end while it is followed, else at its top.
    const isFirst = this.page === undefined;
    const top = isFirst && messageTopRow !== null ? messageTopRow
      : position !== null && !this.isFollowing ? Math.max(0, position - Math.floor(this.look.list.pageRows / 2))
        : this.isFollowing && query.sort === undefined && page.isDone ? Math.max(0, page.total - screenRows) : 0;
    const start = Math.floor(top / pageRows) * pageRows;
    const isCatchingUp = !page.isDone;
    const further = start === 0 ? undefined : await client.rowsOf(view, start, 2 * pageRows, columns);
    if (!isCurrent()) {
      client.closeOpened(opened);
      return;
    }
    client.use(query, opened);
    this.cache.reset();
    this.cache.put(0, page.rows);
    if (further !== undefined) this.cache.put(start, further.rows);
    this.page = further ?? page;
    this.isCatchingUp = isCatchingUp;
    this.look.forgetScale();
    this.look.list.setActive(-1);
    this.setTotal(this.page.total);
    if (this.followsTail && !(isFirst && messageTopRow !== null)) this.look.list.scrollToEnd();
    else this.look.list.scrollToPx(top * messageRowHeightPx);
    if (position !== null) this.look.list.setActive(position);
    this.options.onFilter(undefined);
    this.afterPage();
    this.onRows();
  }

  private async fetch(start: number, count: number): Promise<Page<ExchangeRow>> {
    const list = this.listNumber;
    const page = await this.client.rows(start, count, askedColumns(this.columns));
    if (list === this.listNumber) this.onPage(page);
    return page;
  }

  private onPage(page: ViewPage): void {
    const gone = page.forgotten - (this.page?.forgotten ?? page.forgotten);
    this.page = page;
    if (gone > 0 && !this.isFollowing) {
      // The oldest rows went away: what the person looks at stays where it is.
      this.look.list.scrollToPx(this.look.list.contentTopPx - gone * messageRowHeightPx);
      this.cache.markOld();
    }
    // A list that is followed grows only together with the rows at its end.
    if ((this.isPaused && !this.isCatchingUp) || this.followsTail) this.setTotal(Math.min(page.total, this.rowCount));
    else this.setTotal(page.total);
    this.afterPage();
  }

  /** New rows come at the end and the person wants to see them. While older messages are being judged the list would run past: it waits until that is done. */
  private get followsTail(): boolean {
    return this.isFollowing && this.sort === undefined && !this.isCatchingUp;
  }

  private setTotal(total: number): void {
    this.rowCount = total;
    this.cache.length = total;
    this.look.list.setCount(total, this.followsTail);
  }

  private afterPage(): void {
    if (this.isCatchingUp && this.page?.isDone === true) {
      this.isCatchingUp = false;
      // As at the end of a list that was there all the while; unless the person has gone elsewhere by now.
      if (this.followsTail) this.followTail().then(() => this.isFollowing && this.look.list.scrollToEnd(), this.options.report);
    }
    this.options.onCounts();
    clearTimeout(this.pollTimer);
    if (this.page !== undefined && !this.page.isDone && this.isShown) this.pollTimer = setTimeout(() => this.onChanged(), judgingPollMs);
  }

  /** Rows at the end come before the list grows to hold them: no empty rows pass by while it is followed. */
  private async followTail(): Promise<void> {
    if (this.isTailing) {
      this.isTailAsked = true;
      return;
    }
    this.isTailing = true;
    const list = this.listNumber;
    try {
      let known = this.rowCount;
      for (let round = 0; round < 3; round++) {
        const start = Math.floor(Math.max(0, known - screenRows) / pageRows) * pageRows;
        const page = await this.client.rows(start, tailRows, askedColumns(this.columns));
        if (list !== this.listNumber || this.isPaused || !this.isFollowing) return;
        const end = start + page.rows.length;
        if (this.page !== undefined && page.forgotten !== this.page.forgotten) this.cache.reset();
        this.page = page;
        this.cache.age();
        this.cache.put(start, page.rows);
        known = page.total;
        if (page.total > end && round < 2) continue;
        this.setTotal(Math.min(page.total, Math.max(end, this.rowCount)));
        break;
      }
      this.onRows();
      this.afterPage();
    } finally {
      this.isTailing = false;
      if (this.isTailAsked) {
        this.isTailAsked = false;
        this.onChanged();
      }
    }
  }

  private onRows(): void {
    const { message } = this.options.state.value;
    if (message !== null) this.keepActive(message.row);
    this.look.list.refresh();
  }

  /** Rows move when others come before them: the keyboard's row stays with its message. */
  private keepActive(row: number): void {
    const { list } = this.look;
    const there = this.cache.row(list.activeIndex);
    if (there?.row === row) {
      this.chosenRow = there;
      return;
    }
    for (const [index, other] of this.cache.entries()) {
      if (other.row !== row) continue;
      this.chosenRow = other;
      list.setActive(index);
      return;
    }
    if (this.isLocating || there === undefined) return;
    this.isLocating = true;
    this.client.position(row).then((position) => list.setActive(position ?? -1), () => undefined).finally(() => (this.isLocating = false));
  }

  private isTied(row: ExchangeRow): boolean {
    const chosen = this.chosenRow;
    return chosen !== undefined && chosen.row !== row.row && (chosen.answer?.row === row.row || row.answer?.row === chosen.row);
  }

  private requestOf(row: ExchangeRow): number | undefined {
    for (const [, other] of this.cache.entries()) if (other.answer?.row === row.row) return other.row;
    return undefined;
  }

  private async goTo(row: number): Promise<boolean> {
    const position = await this.client.position(row);
    if (position === null) return false;
    const start = Math.floor(position / pageRows) * pageRows;
    const page = await this.client.rows(start, pageRows, askedColumns(this.columns));
    this.cache.put(start, page.rows);
    this.look.list.reveal(position, 'center');
    this.look.list.setActive(position);
    this.onActive(position);
    return true;
  }

  private onActive(index: number): void {
    const row = this.cache.row(index);
    if (row === undefined) return;
    // Who looks at one row does not want it to run away; the last one is as good as following.
    if (index < this.rowCount - 1) this.setFollowing(false);
    this.chosenRow = row;
    this.options.state.update({ message: { row: row.row, flow: row.flow, index: row.index } });
    this.keepPlace();
    this.look.list.refresh();
    this.options.onChosen(row, 'message');
  }

  private onScroll(): void {
    // While older messages are judged the end of the list is not its end yet.
    // A file that is still being read is followed only when the person asks for it: what was said first comes first.
    this.setFollowing(this.look.list.isAtEnd && !this.isCatchingUp && (this.isFollowing || !shown.isFile));
    this.keepPlace();
  }

  private setFollowing(isFollowing: boolean): void {
    if (isFollowing === this.isFollowing) return;
    this.isFollowing = isFollowing;
    this.look.list.setCount(this.rowCount, this.followsTail);
    this.keepPlace();
    this.options.onFollowing(isFollowing);
  }

  private keepPlace(): void {
    this.options.state.update({ messageTopRow: this.isFollowing ? null : this.look.list.rangeInView.start });
  }
}
