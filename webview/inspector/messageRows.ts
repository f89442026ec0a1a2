// The rows of the message list: a view of the lens, its pages as they come into view, and whether the list follows the newest.

import type { ExchangeRow, FilterProblem, ViewPage, ViewQuery } from '../../src/shared/inspect.js';
import type { LensSummary } from '../../src/shared/protocol.js';
import type { SavedState } from '../vscodeApi.js';
import type { VirtualList } from '../widgets/virtualList.js';
import { shown } from './file/shownKind.js';
import type { InspectorRpc } from './inspector.js';
import { messageRowHeightPx } from './messageList.js';
import { PageCache, pageRows, type Page } from './pageCache.js';
import type { PageState } from './pageState.js';
import { ViewClient } from './viewClient.js';

export interface MessageRowsOptions {
  rpc: InspectorRpc;
  state: SavedState<PageState>;
  /** which rows there are to be */
  query(): ViewQuery;
  /** decoded fields that are columns */
  columns(): readonly string[];
  /** the list that shows them */
  list(): VirtualList;
  /** other rows are about to be shown */
  onOpened(): void;
  /** rows arrived */
  onRows(): void;
  /** the filter was put into force, or is wrong */
  onFilter(problem: FilterProblem | undefined): void;
  /** everything from before it was opened was judged */
  onWhole(): void;
  /** counts changed */
  onCounts(): void;
  onFollowing(isFollowing: boolean): void;
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

export class MessageRows {
  readonly client: ViewClient;
  readonly cache: PageCache<ExchangeRow>;
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
  private isShown = false;
  private isOld = true;
  /** messages from before the view was opened are still being judged */
  private isCatchingUp = false;

  constructor(private readonly options: MessageRowsOptions) {
    // A file is read from its beginning.
    this.isFollowing = options.state.value.messageTopRow === null && !shown.isFile;
    this.client = new ViewClient(options.rpc);
    this.cache = new PageCache((start, count) => this.fetch(start, count), () => options.onRows(), options.report, 2);
  }

  /** rows of the list as it is shown */
  get count(): number {
    return this.rowCount;
  }

  /** what the lens said last about the list */
  get lastPage(): ViewPage | undefined {
    return this.page;
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
    this.restart();
  }

  /** Filter, order or anything else that says which rows there are changed. */
  restart(): void {
    this.isOld = !this.isShown;
    if (this.isShown) this.open().catch(this.options.report);
  }

  follow(): void {
    this.setFollowing(true);
    this.list.scrollToEnd();
    if (!this.isPaused) this.onChanged();
  }

  private get list(): VirtualList {
    return this.options.list();
  }

  /** Opens a view and puts it in the place of the one before once it has something to show: until then the person reads on in that one. */
  private async open(): Promise<void> {
    const number = ++this.listNumber;
    const isCurrent = (): boolean => number === this.listNumber;
    const { client } = this;
    const query = this.options.query();
    const columns = this.options.columns();
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
    const { message, messageTopRow } = this.options.state.value;
    // Side by side: each question costs a way to lens and back.
    const look = (): Promise<[ViewPage, number | null]> => Promise.all([ask(0), message === null ? null : this.options.rpc.request('view/position', { view, row: message.row }).then((found) => found.position)]);
    let [page, position] = await look();
    for (let waitedMs = 0; page.total === 0 && !page.isDone && isCurrent() && waitedMs < firstRowsMs; waitedMs += pollMs) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      [page, position] = await look();
    }
    // A list that was sorted or narrowed begins where the chosen row is, else at its end while it is followed, else at its top.
    const isFirst = this.page === undefined;
    const top = isFirst && messageTopRow !== null ? messageTopRow
      : position !== null && !this.isFollowing ? Math.max(0, position - Math.floor(this.list.pageRows / 2))
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
    this.options.onOpened();
    this.list.setActive(-1);
    this.setTotal(this.page.total);
    if (this.followsTail && !(isFirst && messageTopRow !== null)) this.list.scrollToEnd();
    else this.list.scrollToPx(top * messageRowHeightPx);
    if (position !== null) this.list.setActive(position);
    this.options.onFilter(undefined);
    this.afterPage();
    if (!isCatchingUp) this.options.onWhole();
    this.options.onRows();
  }

  private async fetch(start: number, count: number): Promise<Page<ExchangeRow>> {
    const list = this.listNumber;
    const page = await this.client.rows(start, count, this.options.columns());
    if (list === this.listNumber) this.onPage(page);
    return page;
  }

  private onPage(page: ViewPage): void {
    const gone = page.forgotten - (this.page?.forgotten ?? page.forgotten);
    this.page = page;
    if (gone > 0 && !this.isFollowing) {
      // The oldest rows went away: what the person looks at stays where it is.
      this.list.scrollToPx(this.list.contentTopPx - gone * messageRowHeightPx);
      this.cache.markOld();
    }
    // A list that is followed grows only together with the rows at its end.
    if ((this.isPaused && !this.isCatchingUp) || this.followsTail) this.setTotal(Math.min(page.total, this.rowCount));
    else this.setTotal(page.total);
    this.afterPage();
  }

  /** New rows come at the end and the person wants to see them. While older messages are being judged the list would run past: it waits until that is done. */
  private get followsTail(): boolean {
    return this.isFollowing && this.options.state.value.sort === null && !this.isCatchingUp;
  }

  private setTotal(total: number): void {
    this.rowCount = total;
    this.cache.length = total;
    this.list.setCount(total, this.followsTail);
  }

  private afterPage(): void {
    if (this.isCatchingUp && this.page?.isDone === true) {
      this.isCatchingUp = false;
      this.options.onWhole();
      // As at the end of a list that was there all the while; unless the person has gone elsewhere by now.
      if (this.followsTail) this.followTail().then(() => this.isFollowing && this.list.scrollToEnd(), this.options.report);
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
        const page = await this.client.rows(start, tailRows, this.options.columns());
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
      this.options.onRows();
      this.afterPage();
    } finally {
      this.isTailing = false;
      if (this.isTailAsked) {
        this.isTailAsked = false;
        this.onChanged();
      }
    }
  }

  onScroll(): void {
    // While older messages are judged the end of the list is not its end yet.
    // A file that is still being read is followed only when the person asks for it: what was said first comes first.
    this.setFollowing(this.list.isAtEnd && !this.isCatchingUp && (this.isFollowing || !shown.isFile));
    this.keepPlace();
  }

  setFollowing(isFollowing: boolean): void {
    if (isFollowing === this.isFollowing) return;
    this.isFollowing = isFollowing;
    this.list.setCount(this.rowCount, this.followsTail);
    this.keepPlace();
    this.options.onFollowing(isFollowing);
  }

  keepPlace(): void {
    this.options.state.update({ messageTopRow: this.isFollowing ? null : this.list.rangeInView.start });
  }
}
