// The list of connections with what it holds: pages, place, the row that is chosen.

import type { FlowRow } from '../../src/shared/flow.js';
import type { FlowPage, FlowQuery, LensSummary } from '../../src/shared/protocol.js';
import type { RowBits } from '../../src/shared/rowSet.js';
import type { SavedState } from '../vscodeApi.js';
import { el } from '../widgets/dom.js';
import type { Reach } from '../widgets/listReach.js';
import type { VirtualList } from '../widgets/virtualList.js';
import type { DebugView } from './debugView.js';
import { shown } from './file/shownKind.js';
import { findFlow } from './findFlow.js';
import { flowList, flowRowHeightPx } from './flowList.js';
import type { InspectorRpc } from './inspector.js';
import { PageCache } from './pageCache.js';
import type { PageState } from './pageState.js';
import { RowSelection } from './rowSelection.js';

export interface FlowsPaneOptions {
  rpc: InspectorRpc;
  state: SavedState<PageState>;
  debug: DebugView;
  onChosen(flow: FlowRow): void;
  /** filter and listener hide a flow that is looked for: take them away */
  onHidden(): void;
  /** the list is another one, and it is here */
  onWhole(): void;
  /** other rows are selected */
  onSelection(): void;
  /** counts changed */
  onCounts(): void;
  report(fault: unknown): void;
}

export class FlowsPane {
  readonly element = el('div', { class: 'list-body' });
  readonly list: VirtualList;
  readonly selection: RowSelection;
  private readonly cache: PageCache<FlowRow>;
  /** the person went to a row that is not here yet */
  private awaited: { index: number; reach: Reach } | undefined;
  private forgotten = 0;
  private listNumber = 0;
  private isPaused = false;
  /** flows in all when the view was paused */
  private pausedAt = 0;
  private rowCount = 0;
  private hasPage = false;

  constructor(private readonly options: FlowsPaneOptions) {
    this.cache = new PageCache((start, count) => this.fetch(start, count), () => this.onRows(), options.report);
    const { state, rpc } = options;
    this.selection = new RowSelection({
      rowAt: (index) => this.cache.row(index)?.id,
      indexOf: (id) => this.indexOf(id),
      between: (range) => rpc.request('flows/between', { ...this.query(), ...(range === undefined ? {} : { range }) }),
      changed: () => this.onSelection(),
      report: options.report,
    });
    this.selection.restore(state.value.chosenFlows, state.value.selected ?? undefined);
    this.list = flowList({
      row: (index) => this.cache.row(index),
      isSelected: (id) => this.selection.hasWith(id, state.value.selected),
      isCurrent: (id) => this.selection.size > 1 && state.value.selected === id,
      onRange: (start, end) => this.cache.want(start, Math.max(end, start + 1)),
      onActive: (index, reach) => this.onActive(index, reach),
      onAll: () => this.selection.all(),
      onOne: () => this.selection.toOne(),
      onOpen: (index) => this.onActive(index, this.selection.size > 1 ? 'move' : 'only'),
      onScroll: () => this.keepPlace(),
    });
    this.element.append(this.list.element);
  }

  /** rows that match */
  get total(): number {
    return this.rowCount;
  }

  /** Until the list has answered nobody knows whether it is empty. */
  get isEmpty(): boolean {
    return this.rowCount === 0 && this.hasPage;
  }

  /** how many rows are selected; of one alone nobody needs to hear */
  get selected(): number {
    return this.selection.sizeWith(this.options.state.value.selected);
  }

  get isFiltered(): boolean {
    const { text, listenerId } = this.options.state.value;
    return text !== '' || listenerId !== '' || this.options.debug.isNarrowed;
  }

  newer(summary: LensSummary): number {
    return this.isPaused ? Math.max(0, summary.totalFlows - this.pausedAt) : 0;
  }

  onChanged(): void {
    if (!this.isPaused) this.cache.markOld();
  }

  setPaused(isPaused: boolean, summary: LensSummary): void {
    this.isPaused = isPaused;
    this.pausedAt = isPaused ? summary.totalFlows : 0;
    this.onChanged();
  }

  /** Ids begin again. */
  startOver(): void {
    this.forgotten = 0;
    this.selection.clear();
    this.restart();
  }

  /** The list is another one now. */
  restart(): void {
    this.listNumber++;
    this.hasPage = false;
    this.cache.reset();
    this.rowCount = 0;
    this.list.setActive(-1);
    this.list.setCount(0);
    this.cache.want(0, 1);
  }

  /** Scrolls to a flow that was chosen elsewhere. A filter that hides it is taken away. */
  async locate(id: number): Promise<void> {
    let index = await findFlow(id, (at) => this.ask(at, 1));
    if (index === undefined && this.isFiltered) {
      this.options.onHidden();
      index = await findFlow(id, (at) => this.ask(at, 1));
    }
    if (index === undefined || this.options.state.value.selected !== id) return;
    if (index >= this.rowCount) this.setTotal(index + 1);
    this.list.reveal(index, 'center');
    this.list.setActive(index);
  }

  /** ids of all rows of the list */
  listed(): Promise<RowBits> {
    return this.options.rpc.request('flows/between', this.query());
  }

  private ask(start: number, count: number): Promise<FlowPage> {
    return this.options.rpc.request('flows/list', { ...this.query(), start, count });
  }

  private query(): Omit<FlowQuery, 'start' | 'count'> {
    const { text, listenerId } = this.options.state.value;
    const { session, from } = this.options.debug.narrowing;
    return { order: 'opened', ...(session === undefined ? {} : { session }), ...(from === undefined ? {} : { from }), ...(text === '' ? {} : { text }), ...(listenerId === '' ? {} : { listenerId }) };
  }

  private async fetch(start: number, count: number): Promise<{ rows: FlowRow[]; start: number }> {
    const list = this.listNumber;
    const page = await this.ask(start, count);
    // An answer about the list before this one says nothing about its length.
    if (list === this.listNumber) this.onPage(page);
    return page;
  }

  private onPage(page: FlowPage): void {
    const gone = page.forgotten - this.forgotten;
    const isFirst = this.rowCount === 0;
    this.forgotten = page.forgotten;
    if (!this.hasPage) this.options.onWhole();
    this.hasPage = true;
    if (!isFirst && gone > 0 && !this.isFiltered && !this.list.isAtEnd) {
      // The oldest rows went away: what the person looks at stays where it is.
      this.list.scrollToPx(this.list.contentTopPx - gone * flowRowHeightPx);
      this.cache.markOld();
    }
    this.setTotal(this.isPaused && !isFirst ? Math.min(page.total, Math.max(this.rowCount, this.pausedAt)) : page.total);
    if (isFirst && page.total > 0) {
      const { topRow } = this.options.state.value;
      if (topRow === null && shown.isFile) this.list.scrollToPx(0);
      else if (topRow === null) this.list.scrollToEnd();
      else this.list.scrollToPx(topRow * flowRowHeightPx);
    }
    this.options.onCounts();
  }

  private setTotal(total: number): void {
    this.rowCount = total;
    this.list.setCount(total, !shown.isFile);
  }

  private onRows(): void {
    const { awaited } = this;
    if (awaited !== undefined && this.cache.row(awaited.index) !== undefined) {
      this.onActive(awaited.index, awaited.reach);
      return;
    }
    const { selected } = this.options.state.value;
    // Rows move when older ones are forgotten: the keyboard's row stays with its flow.
    if (selected !== null && this.cache.row(this.list.activeIndex)?.id !== selected) {
      for (const [index, row] of this.cache.entries()) if (row.id === selected) this.list.setActive(index);
    }
    this.list.refresh();
  }

  private onActive(index: number, reach: Reach): void {
    const flow = this.cache.row(index);
    this.awaited = flow === undefined ? { index, reach } : undefined;
    if (flow === undefined) return;
    this.keepPlace();
    this.options.onChosen(flow);
    this.selection.reach(flow.id, reach);
  }

  private onSelection(): void {
    this.options.state.update({ chosenFlows: this.selection.remembered() ?? null });
    this.list.refresh();
    this.options.onSelection();
  }

  private indexOf(id: number): number | undefined {
    for (const [index, row] of this.cache.entries()) if (row.id === id) return index;
    return undefined;
  }

  private keepPlace(): void {
    this.options.state.update({ topRow: this.list.isAtEnd ? null : this.list.rangeInView.start });
  }
}
