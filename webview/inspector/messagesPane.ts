// The list of messages as the person uses it: its columns and order, the row that is chosen, and what is done with rows.

import type { MessageId } from '../../src/shared/export.js';
import type { ExchangeRow, FilterProblem, RowColor, ViewQuery } from '../../src/shared/inspect.js';
import type { SavedState } from '../vscodeApi.js';
import { el } from '../widgets/dom.js';
import type { Reach } from '../widgets/listReach.js';
import type { PopupPlace } from '../widgets/popupMenu.js';
import { askedColumns, movedColumn, nextSort, shiftedColumn, sizedColumn, withoutColumn, type ColumnSetting, type PlacedColumn, type SortOrder } from './columns.js';
import type { DebugView } from './debugView.js';
import type { InspectorRpc } from './inspector.js';
import { MessageList, messageRowHeightPx } from './messageList.js';
import { MessageRows } from './messageRows.js';
import { pageRows } from './pageCache.js';
import type { PageState } from './pageState.js';
import { RowSelection } from './rowSelection.js';

/** Rows that are marked with one request. */
const maxMarked = 1000;

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
  /** the list is another one, and all of it was judged */
  onWhole(): void;
  /** other rows are selected */
  onSelection(): void;
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
  readonly selection: RowSelection;
  private chosenRow: ExchangeRow | undefined;
  /** the person went to a row that is not here yet */
  private awaited: { index: number; reach: Reach } | undefined;
  private isLocating = false;

  constructor(private readonly options: MessagesPaneOptions) {
    const { state } = options;
    this.rows = new MessageRows({
      rpc: options.rpc, state, report: options.report, onFilter: options.onFilter, onCounts: options.onCounts, onFollowing: options.onFollowing, onWhole: options.onWhole,
      query: () => this.query(),
      columns: () => askedColumns(this.columns),
      list: () => this.look.list,
      onOpened: () => this.look.forgetScale(),
      onRows: () => this.onRows(),
    });
    const { cache, client } = this.rows;
    this.selection = new RowSelection({
      rowAt: (index) => cache.row(index)?.row,
      indexOf: (row) => this.indexOf(row),
      between: (range) => client.between(range),
      changed: () => this.onSelection(),
      report: options.report,
    });
    this.selection.restore(state.value.chosenMessages, state.value.message?.row);
    this.look = new MessageList({
      row: (index) => cache.row(index),
      isSelected: ({ row }) => this.selection.hasWith(row, state.value.message?.row ?? null),
      isCurrent: (row) => this.selection.size > 1 && row.row === state.value.message?.row,
      isTied: (row) => this.isTied(row),
      onRange: (start, end) => cache.want(start, Math.max(end, start + 1)),
      onActive: (index, reach) => this.onActive(index, reach),
      onAll: () => this.selection.all(),
      onOne: () => this.selection.toOne(),
      onOpen: (index) => {
        this.onActive(index, this.selection.size > 1 ? 'move' : 'only');
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

  /** how many rows are selected; of one alone nobody needs to hear */
  get selected(): number {
    return this.selection.sizeWith(this.options.state.value.message?.row ?? null);
  }

  get isFiltered(): boolean {
    const { filter, listenerId, onlyFlow, since, stretch } = this.options.state.value;
    return filter !== '' || listenerId !== '' || onlyFlow !== null || since !== null || stretch !== null || this.options.debug.isNarrowed;
  }

  /** Ledger numbers begin again. */
  startOver(): void {
    this.chosenRow = undefined;
    this.options.state.update({ message: null, since: null });
    this.selection.clear();
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
    // An order that nothing on the screen explains would be a riddle.
    if (this.sort !== undefined && !columns.some(({ id }) => id === this.sort?.column)) this.sortBy(undefined);
    else this.look.setColumns(columns, this.sort);
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
    const other = to === 'answer' ? row.answeredBy : row.answers;
    return other !== undefined && (await this.goTo(other));
  }

  /** Marks a row, and with it all others when it is one of several that are selected. */
  async mark(row: ExchangeRow, color: RowColor | null): Promise<void> {
    const rows = this.selection.has(row.row) ? [...this.selection.values()] : [row.row];
    for (let at = 0; at < rows.length; at += maxMarked) await this.options.rpc.request('marks/set', { rows: rows.slice(at, at + maxMarked), color });
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
    const { awaited } = this;
    if (awaited !== undefined && this.rows.cache.row(awaited.index) !== undefined) {
      this.onActive(awaited.index, awaited.reach);
      return;
    }
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
      this.moveActive(index);
      return;
    }
    if (this.isLocating || there === undefined) return;
    this.isLocating = true;
    this.rows.client.position(row).then((position) => this.moveActive(position ?? -1), () => undefined).finally(() => (this.isLocating = false));
  }

  /** In a sorted list rows come in anywhere: what the person looks at stays where it is on the screen. */
  private moveActive(index: number): void {
    const { list } = this.look;
    const { activeIndex } = list;
    const { start, end } = list.rangeInView;
    const isSeen = this.sort !== undefined && start <= activeIndex && activeIndex < end;
    list.setActive(index);
    if (isSeen && 0 <= index) list.scrollToPx(list.contentTopPx + (index - activeIndex) * messageRowHeightPx);
  }

  private isTied(row: ExchangeRow): boolean {
    const chosen = this.chosenRow;
    return chosen !== undefined && (chosen.answers === row.row || row.answers === chosen.row);
  }

  private async goTo(row: number): Promise<boolean> {
    const position = await this.rows.client.position(row);
    if (position === null) return false;
    const start = Math.floor(position / pageRows) * pageRows;
    const page = await this.rows.client.rows(start, pageRows, askedColumns(this.columns));
    this.rows.cache.put(start, page.rows);
    this.look.list.reveal(position, 'center');
    this.look.list.setActive(position);
    this.onActive(position, 'only');
    return true;
  }

  private onActive(index: number, reach: Reach): void {
    const row = this.rows.cache.row(index);
    this.awaited = row === undefined ? { index, reach } : undefined;
    if (row === undefined) return;
    // Who looks at one row does not want it to run away; the last one is as good as following.
    if (index < this.rows.count - 1) this.rows.setFollowing(false);
    this.chosenRow = row;
    this.options.state.update({ message: { row: row.row, flow: row.flow, index: row.index } });
    this.selection.reach(row.row, reach);
    this.rows.keepPlace();
    this.options.onChosen(row, 'message');
  }

  /** @returns undefined when it is no longer in the list */
  async idOf(row: number): Promise<MessageId | undefined> {
    const index = this.indexOf(row) ?? (await this.rows.client.position(row)) ?? undefined;
    if (index === undefined) return undefined;
    const found = this.rows.cache.row(index) ?? (await this.rows.client.rows(index, 1, [])).rows[0];
    return found?.row === row ? { flow: found.flow, index: found.index } : undefined;
  }

  private onSelection(): void {
    this.options.state.update({ chosenMessages: this.selection.remembered() ?? null });
    this.look.list.refresh();
    this.options.onSelection();
  }

  private indexOf(row: number): number | undefined {
    for (const [index, other] of this.rows.cache.entries()) if (other.row === row) return index;
    return undefined;
  }
}
