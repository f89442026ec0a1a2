// The list of connections with what it holds: pages, place, the row that is chosen.

import type { FlowRow } from '../../src/shared/flow.js';
import type { FlowPage, LensSummary } from '../../src/shared/protocol.js';
import type { SavedState } from '../vscodeApi.js';
import { el } from '../widgets/dom.js';
import type { VirtualList } from '../widgets/virtualList.js';
import type { DebugView } from './debugView.js';
import { shown } from './file/shownKind.js';
import { findFlow } from './findFlow.js';
import { flowList, flowRowHeightPx } from './flowList.js';
import type { InspectorRpc } from './inspector.js';
import { PageCache } from './pageCache.js';
import type { PageState } from './pageState.js';

export interface FlowsPaneOptions {
  rpc: InspectorRpc;
  state: SavedState<PageState>;
  debug: DebugView;
  onChosen(flow: FlowRow): void;
  /** filter and listener hide a flow that is looked for: take them away */
  onHidden(): void;
  /** counts changed */
  onCounts(): void;
  report(fault: unknown): void;
}

export class FlowsPane {
  readonly element = el('div', { class: 'list-body' });
  readonly list: VirtualList;
  private readonly cache: PageCache<FlowRow>;
  private forgotten = 0;
  private listNumber = 0;
  private isPaused = false;
  /** flows in all when the view was paused */
  private pausedAt = 0;
  private rowCount = 0;
  private hasPage = false;

  constructor(private readonly options: FlowsPaneOptions) {
    this.cache = new PageCache((start, count) => this.fetch(start, count), () => this.onRows(), options.report);
    this.list = flowList({
      row: (index) => this.cache.row(index),
      selectedId: () => options.state.value.selected ?? undefined,
      onRange: (start, end) => this.cache.want(start, Math.max(end, start + 1)),
      onActive: (index) => this.onActive(index),
      onOpen: (index) => this.onActive(index),
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

  private ask(start: number, count: number): Promise<FlowPage> {
    const { text, listenerId } = this.options.state.value;
    const { session, from } = this.options.debug.narrowing;
    return this.options.rpc.request('flows/list', { order: 'opened', start, count, ...(session === undefined ? {} : { session }), ...(from === undefined ? {} : { from }), ...(text === '' ? {} : { text }), ...(listenerId === '' ? {} : { listenerId }) });
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
    const { selected } = this.options.state.value;
    // Rows move when older ones are forgotten: the keyboard's row stays with its flow.
    if (selected !== null && this.cache.row(this.list.activeIndex)?.id !== selected) {
      for (const [index, row] of this.cache.entries()) if (row.id === selected) this.list.setActive(index);
    }
    this.list.refresh();
  }

  private onActive(index: number): void {
    const flow = this.cache.row(index);
    if (flow === undefined) return;
    this.keepPlace();
    this.options.onChosen(flow);
  }

  private keepPlace(): void {
    this.options.state.update({ topRow: this.list.isAtEnd ? null : this.list.rangeInView.start });
  }
}
