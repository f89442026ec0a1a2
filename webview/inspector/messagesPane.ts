// The list of messages as the person uses it: its columns and order, the row that is chosen, and what is done with rows.

import type { ExchangeRow, FilterProblem, RowColor, ViewQuery } from '../../src/shared/inspect.js';
import type { SavedState } from '../vscodeApi.js';
import { el } from '../widgets/dom.js';
import type { PopupPlace } from '../widgets/popupMenu.js';
import { askedColumns, movedColumn, nextSort, shiftedColumn, sizedColumn, withoutColumn, type ColumnSetting, type PlacedColumn, type SortOrder } from './columns.js';
import type { DebugView } from './debugView.js';
import type { InspectorRpc } from './inspector.js';
import { MessageList } from './messageList.js';
import { MessageRows } from './messageRows.js';
import { pageRows } from './pageCache.js';
import type { PageState } from './pageState.js';

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

export class MessagesPane {
  readonly element = el('div', { class: 'list-body' });
  readonly look: MessageList;
  readonly rows: MessageRows;
  private chosenRow: ExchangeRow | undefined;
  private isLocating = false;

  constructor(private readonly options: MessagesPaneOptions) {
    const { state } = options;
    this.rows = new MessageRows({
      rpc: options.rpc, state, report: options.report, onFilter: options.onFilter, onCounts: options.onCounts, onFollowing: options.onFollowing,
      query: () => this.query(),
      columns: () => askedColumns(this.columns),
      list: () => this.look.list,
      onOpened: () => this.look.forgetScale(),
      onRows: () => this.onRows(),
    });
    const { cache } = this.rows;
    this.look = new MessageList({
      row: (index) => cache.row(index),
      isSelected: (row) => row.row === state.value.message?.row,
      isTied: (row) => this.isTied(row),
      onRange: (start, end) => cache.want(start, Math.max(end, start + 1)),
      onActive: (index) => this.onActive(index),
      onOpen: (index) => {
        this.onActive(index);
        options.onOpen();
      },
      onScroll: () => this.rows.onScroll(),
      count: () => this.rows.count,
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

  /** the row that is chosen, as far as it was seen */
  get chosen(): ExchangeRow | undefined {
    return this.chosenRow;
  }

  get isFiltered(): boolean {
    const { filter, listenerId, onlyFlow, since, stretch } = this.options.state.value;
    return filter !== '' || listenerId !== '' || onlyFlow !== null || since !== null || stretch !== null || this.options.debug.isNarrowed;
  }

  /** Ledger numbers begin again. */
  startOver(): void {
    this.chosenRow = undefined;
    this.options.state.update({ message: null, since: null });
    this.rows.startOver();
  }

  sortBy(sort: SortOrder | undefined): void {
    this.options.state.update({ sort: sort ?? null });
    this.look.setColumns(this.columns, sort);
    this.options.announceSort(sort);
    this.rows.restart();
  }

  setColumns(columns: readonly ColumnSetting[]): void {
    const before = askedColumns(this.columns).join('\n');
    this.options.state.update({ columns: [...columns] });
    this.options.saveColumns(columns);
    this.look.setColumns(columns, this.sort);
    if (askedColumns(columns).join('\n') === before) return;
    // The values of the rows that are here belong to other columns.
    this.rows.cache.reset();
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
    this.rows.cache.markOld();
  }

  /** @returns when the last message ended, a hair later; undefined when there is none */
  async newestAt(): Promise<number | undefined> {
    if (this.rows.count === 0) return this.options.state.value.since ?? undefined;
    // In the order of arrival the last one is at the end; a sorted list is looked through as far as it is here.
    const page = this.sort === undefined ? await this.rows.client.rows(Math.max(0, this.rows.count - 1), 10, []) : undefined;
    const rows = page?.rows ?? [...this.rows.cache.entries()].map(([, row]) => row);
    const newest = rows.reduce((latest, row) => Math.max(latest, row.endedAt, row.answer?.endedAt ?? 0), 0);
    return newest === 0 ? undefined : newest + 0.001;
  }

  /** what the person stands on, for a menu about one cell */
  get cell(): { row: ExchangeRow; column: PlacedColumn | undefined } | undefined {
    const row = this.rows.cache.row(this.look.list.activeIndex);
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

  private onRows(): void {
    const { message } = this.options.state.value;
    if (message !== null) this.keepActive(message.row);
    this.look.list.refresh();
  }

  /** Rows move when others come before them: the keyboard's row stays with its message. */
  private keepActive(row: number): void {
    const { list } = this.look;
    const there = this.rows.cache.row(list.activeIndex);
    if (there?.row === row) {
      this.chosenRow = there;
      return;
    }
    for (const [index, other] of this.rows.cache.entries()) {
      if (other.row !== row) continue;
      this.chosenRow = other;
      list.setActive(index);
      return;
    }
    if (this.isLocating || there === undefined) return;
    this.isLocating = true;
    this.rows.client.position(row).then((position) => list.setActive(position ?? -1), () => undefined).finally(() => (this.isLocating = false));
  }

  private isTied(row: ExchangeRow): boolean {
    const chosen = this.chosenRow;
    return chosen !== undefined && chosen.row !== row.row && (chosen.answer?.row === row.row || row.answer?.row === chosen.row);
  }

  private requestOf(row: ExchangeRow): number | undefined {
    for (const [, other] of this.rows.cache.entries()) if (other.answer?.row === row.row) return other.row;
    return undefined;
  }

  private async goTo(row: number): Promise<boolean> {
    const position = await this.rows.client.position(row);
    if (position === null) return false;
    const start = Math.floor(position / pageRows) * pageRows;
    const page = await this.rows.client.rows(start, pageRows, askedColumns(this.columns));
    this.rows.cache.put(start, page.rows);
    this.look.list.reveal(position, 'center');
    this.look.list.setActive(position);
    this.onActive(position);
    return true;
  }

  private onActive(index: number): void {
    const row = this.rows.cache.row(index);
    if (row === undefined) return;
    // Who looks at one row does not want it to run away; the last one is as good as following.
    if (index < this.rows.count - 1) this.rows.setFollowing(false);
    this.chosenRow = row;
    this.options.state.update({ message: { row: row.row, flow: row.flow, index: row.index } });
    this.rows.keepPlace();
    this.look.list.refresh();
    this.options.onChosen(row, 'message');
  }
}
