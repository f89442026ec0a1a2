// The inspector page: the list of connections above, the selected one below. Holds what is shown; asks the host for everything.

import { MuxError } from '../../src/shared/errors.js';
import type { FlowRow } from '../../src/shared/flow.js';
import type { ShownFile } from '../../src/shared/captureFile.js';
import type { FlowPage, InspectorHostContract, InspectorPageContract, LensSummary } from '../../src/shared/protocol.js';
import type { Rpc } from '../../src/shared/rpc.js';
import { formatCount, l10n } from '../l10n.js';
import type { SavedState } from '../vscodeApi.js';
import { consume, el, setText, show } from '../widgets/dom.js';
import { splitter } from '../widgets/splitter.js';
import type { VirtualList } from '../widgets/virtualList.js';
import { FileBar } from './file/fileBar.js';
import { emptyFileWords, fileCountsWords } from './file/fileWords.js';
import { shown } from './file/shownKind.js';
import { findFlow } from './findFlow.js';
import { FlowDetail } from './flowDetail.js';
import { flowList, flowRowHeightPx } from './flowList.js';
import { PageCache } from './pageCache.js';
import { initialState, type PageState } from './pageState.js';
import { Toolbar } from './toolbar.js';
import { countsWords } from './words.js';

export type InspectorRpc = Rpc<InspectorPageContract, InspectorHostContract>;
type HostState = InspectorPageContract['notifications']['inspector/state'];

/** Ages of live connections are drawn again this often. */
const tickMs = 1000;

export class Inspector {
  private readonly toolbar: Toolbar;
  private readonly list: VirtualList;
  private readonly cache: PageCache<FlowRow>;
  private readonly detail: FlowDetail;
  private readonly empty = el('div', { class: 'empty' });
  private readonly live = el('div', { class: 'visually-hidden', 'aria-live': 'polite' });
  private readonly message = el('p', { class: 'message', role: 'alert', hidden: '' });
  private readonly line: HTMLElement;
  private readonly fileBar: FileBar;
  private summary: LensSummary;
  private host: HostState;
  private total = 0;
  private forgotten = 0;
  private listNumber = 0;
  private hasAnswered = false;
  private isPaused = false;
  /** flows in all when the view was paused */
  private pausedAt = 0;
  private isFetchingSelected = false;
  /** the selected flow is from before the page was loaded: it is shown at the place where the person was */
  private isRestoring: boolean;
  /** a selected flow that is no longer known is let go of without a message: the person cleared it */
  private leavesIfGone = false;

  constructor(root: HTMLElement, private readonly rpc: InspectorRpc, private readonly state: SavedState<PageState>, host: HostState) {
    this.host = host;
    this.summary = host.summary;
    this.isRestoring = state.value.selected !== null;
    const report = (fault: unknown): void => this.report(fault);
    this.cache = new PageCache((start, count) => this.fetch(start, count), () => this.onRows(), report);
    this.toolbar = new Toolbar({
      filter: (text) => this.setQuery({ text }),
      listener: (listenerId) => this.setQuery({ listenerId }),
      pause: (isPaused) => this.setPaused(isPaused),
      clear: () => this.clear(),
      toEnd: () => this.list.scrollToEnd(),
      toList: () => this.list.focus(),
    });
    this.list = flowList({
      row: (index) => this.cache.row(index),
      selectedId: () => this.state.value.selected ?? undefined,
      onRange: (start, end) => this.cache.want(start, Math.max(end, start + 1)),
      onActive: (index) => this.onActive(index),
      onOpen: (index) => this.onActive(index),
      onScroll: () => this.keepPlace(),
    });
    this.detail = new FlowDetail({
      chunks: (params) => rpc.request('chunks/list', params),
      messages: (params) => rpc.request('messages/list', params),
      message: (params) => rpc.request('messages/get', params),
      bytes: (flow, from, start, length) => rpc.request('bytes/read', { flow, from, start, length }),
      copy: (text) => rpc.request('clipboard/write', { text }),
      announce: (sentence) => this.announce(sentence),
      report,
      save: (change) => state.update(change),
      onClose: () => this.select(undefined),
      revealRule: (flow) => rpc.request('rules/reveal', { listenerId: flow.listenerId, route: flow.route }).catch(report),
      closeFlow: (flow) => rpc.request('flows/close', { ids: [flow.id] }).catch(report),
    }, state.value);

    const main = el('main', { class: 'split-area' });
    this.line = splitter(main, {
      orientation: 'horizontal', label: l10n.t('Height of the list'), controls: 'list', initial: state.value.listPercent, usual: initialState.listPercent,
      onChanged: (listPercent) => state.update({ listPercent }),
    });
    main.append(el('div', { class: 'list-pane', id: 'list' }, this.list.element, this.empty), this.line, this.detail.element);
    this.fileBar = new FileBar(() => void rpc.request('file/readAgain', null).catch(report));
    root.replaceChildren(this.fileBar.element, this.toolbar.element, this.toolbar.counts, this.message, main, this.live);
    root.addEventListener('keydown', (event) => this.onKey(event));

    this.setFile(host.file);
    this.toolbar.setListeners(host.listeners, state.value.listenerId);
    if (state.value.text !== '') this.toolbar.setFilter(state.value.text);
    this.showDetail(state.value.selected !== null);
    if (host.select !== undefined) this.selectById(host.select);
    else if (state.value.selected !== null) this.fetchSelected();
    this.showCounts();
    this.list.refresh();
    setInterval(() => this.tick(), tickMs);
  }

  /** The host's state again: listeners started, stopped or changed. */
  setHost(host: HostState): void {
    this.host = host;
    this.setFile(host.file);
    this.toolbar.setListeners(host.listeners, this.state.value.listenerId);
    this.onChanged(host.summary);
    if (host.select !== undefined) this.selectById(host.select);
  }

  /** More of the file was read, or something happened to it. */
  setFile(file: ShownFile | undefined): void {
    this.host = { ...this.host, ...(file === undefined ? {} : { file }) };
    shown.isFile = this.host.file !== undefined;
    document.body.classList.toggle('shows-file', shown.isFile);
    this.fileBar.show(this.host.file);
    this.showEmpty();
  }

  onChanged(summary: LensSummary): void {
    this.summary = summary;
    this.showCounts();
    if (this.isPaused) return;
    this.cache.markOld();
    this.fetchSelected();
  }

  /** Everything that was known is gone: ids begin again. */
  startOver(): void {
    this.forgotten = 0;
    this.restart();
    this.select(undefined);
  }

  command(name: string): void {
    switch (name) {
      case 'copyHex': this.copy('hex'); return;
      case 'copyText': this.copy('text'); return;
      case 'copyBase64': this.copy('base64'); return;
      case 'find': this.toolbar.focusFilter(); return;
      case 'pause': this.toolbar.togglePause(); return;
      default: return;
    }
  }

  /** Shows a flow that was chosen elsewhere. A filter that hides it is taken away. */
  selectById(id: number): void {
    this.select(id);
    this.locate(id).catch((fault: unknown) => this.report(fault));
  }

  private async locate(id: number): Promise<void> {
    let index = await findFlow(id, (at) => this.ask(at, 1));
    if (index === undefined && (this.state.value.text !== '' || this.state.value.listenerId !== '')) {
      this.state.update({ listenerId: '' });
      this.toolbar.setListeners(this.host.listeners, '');
      this.toolbar.setFilter('');
      index = await findFlow(id, (at) => this.ask(at, 1));
    }
    if (index === undefined || this.state.value.selected !== id) return;
    if (index >= this.total) this.setTotal(index + 1);
    this.list.reveal(index, 'center');
    this.list.setActive(index);
  }

  private ask(start: number, count: number): Promise<FlowPage> {
    const { text, listenerId } = this.state.value;
    return this.rpc.request('flows/list', { order: 'opened', start, count, ...(text === '' ? {} : { text }), ...(listenerId === '' ? {} : { listenerId }) });
  }

  private async fetch(start: number, count: number): Promise<{ rows: FlowRow[]; start: number }> {
    const list = this.listNumber;
    const page = await this.ask(start, count);
    // An answer about the list before this one says nothing about its length.
    if (list === this.listNumber) this.onPage(page);
    return page;
  }

  private onPage(page: FlowPage): void {
    const { text, listenerId, topRow } = this.state.value;
    const gone = page.forgotten - this.forgotten;
    const isFirst = this.total === 0;
    this.forgotten = page.forgotten;
    this.hasAnswered = true;
    if (!isFirst && gone > 0 && text === '' && listenerId === '' && !this.list.isAtEnd) {
      // The oldest rows went away: what the person looks at stays where it is.
      this.list.scrollToPx(this.list.contentTopPx - gone * flowRowHeightPx);
      this.cache.markOld();
    }
    this.setTotal(this.isPaused && !isFirst ? Math.min(page.total, Math.max(this.total, this.pausedAt)) : page.total);
    if (isFirst && page.total > 0) {
      if (topRow === null && shown.isFile) this.list.scrollToPx(0);
      else if (topRow === null) this.list.scrollToEnd();
      else this.list.scrollToPx(topRow * flowRowHeightPx);
    }
    this.showCounts();
  }

  private setTotal(total: number): void {
    this.total = total;
    this.list.setCount(total, !shown.isFile);
    this.showEmpty();
  }

  private onRows(): void {
    const selected = this.state.value.selected;
    // Rows move when older ones are forgotten: the keyboard's row stays with its flow.
    if (selected !== null && this.cache.row(this.list.activeIndex)?.id !== selected) {
      for (const [index, row] of this.cache.entries()) if (row.id === selected) this.list.setActive(index);
    }
    this.list.refresh();
  }

  private setQuery(change: { text?: string; listenerId?: string }): void {
    const { text, listenerId } = this.state.value;
    if ((change.text ?? text) === text && (change.listenerId ?? listenerId) === listenerId) return;
    this.state.update({ ...change, topRow: null });
    this.restart();
  }

  /** The list is another one now. */
  private restart(): void {
    this.listNumber++;
    this.hasAnswered = false;
    this.cache.reset();
    this.total = 0;
    this.list.setActive(-1);
    this.list.setCount(0);
    this.cache.want(0, 1);
  }

  private setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.pausedAt = isPaused ? this.summary.totalFlows : 0;
    if (!isPaused) this.onChanged(this.summary);
    this.showCounts();
    this.announce(isPaused ? l10n.t('Paused. Traffic goes on and is still recorded.') : l10n.t('Live.'));
  }

  private clear(): void {
    this.rpc.request('flows/clear', null).then(() => {
      this.forgotten = 0;
      this.restart();
      this.leavesIfGone = true;
      this.fetchSelected();
      this.announce(l10n.t('Closed connections are forgotten.'));
    }, (fault: unknown) => this.report(fault));
  }

  private onActive(index: number): void {
    const flow = this.cache.row(index);
    if (flow === undefined) return;
    this.keepPlace();
    this.select(flow.id, flow);
  }

  /** @param row what the list knows of it, shown at once while the newest facts are fetched */
  private select(id: number | undefined, row?: FlowRow): void {
    const isOther = id !== (this.state.value.selected ?? undefined);
    if (isOther) {
      this.isRestoring = false;
      this.state.update({ selected: id ?? null, hexTopRow: 0, hexSelection: null });
      this.detail.forget();
      this.rpc.notify('page/selected', { flow: id });
    }
    this.hideMessage();
    this.showDetail(id !== undefined);
    if (row !== undefined && isOther) this.detail.show(row, this.state.value, false);
    if (id !== undefined) this.fetchSelected();
    this.list.refresh();
  }

  private fetchSelected(): void {
    const id = this.state.value.selected;
    if (id === null || this.isFetchingSelected) return;
    this.isFetchingSelected = true;
    this.rpc.request('flows/get', { id }).then((flow) => {
      if (this.state.value.selected !== id) return;
      this.hideMessage();
      if (this.isRestoring && flow.openedAt !== this.state.value.selectedOpenedAt) {
        this.select(undefined);
        return;
      }
      this.state.update({ selectedOpenedAt: flow.openedAt });
      this.detail.show(flow, this.state.value, this.isRestoring);
      this.isRestoring = false;
    }, (fault: unknown) => {
      if (this.state.value.selected !== id) return;
      if (this.isRestoring || this.leavesIfGone) this.select(undefined);
      else this.report(fault);
    }).finally(() => {
      this.isFetchingSelected = false;
      this.leavesIfGone = false;
      if (this.state.value.selected !== id) this.fetchSelected();
    });
  }

  private showDetail(isShown: boolean): void {
    show(this.detail.element, isShown);
    show(this.line, isShown);
  }

  private showCounts(): void {
    const { text, listenerId } = this.state.value;
    const isFiltered = text !== '' || listenerId !== '';
    const newer = this.isPaused ? Math.max(0, this.summary.totalFlows - this.pausedAt) : 0;
    const matching = isFiltered ? this.total : undefined;
    this.toolbar.setCounts(this.host.file === undefined ? countsWords(this.summary, matching, newer) : fileCountsWords(this.summary, matching));
    this.showEmpty();
  }

  private showEmpty(): void {
    // Until the list has answered nobody knows whether it is empty.
    const isEmpty = this.total === 0 && this.hasAnswered;
    show(this.empty, isEmpty);
    show(this.list.element, !isEmpty);
    if (!isEmpty) return;
    const { text } = this.state.value;
    const [title, next] = this.emptyWords(text);
    const key = `${title}\n${next}`;
    if (this.empty.dataset['key'] === key) return;
    this.empty.dataset['key'] = key;
    this.empty.replaceChildren(el('p', { class: 'empty-title', text: title }), el('p', { class: 'quiet', text: next }));
    if (text !== '') {
      const button = el('button', { class: 'button secondary', type: 'button', text: l10n.t('Clear filter') });
      button.addEventListener('click', () => this.toolbar.setFilter(''));
      this.empty.append(button);
    }
  }

  private emptyWords(text: string): [title: string, next: string] {
    if (text !== '') return [l10n.t('No connection matches “{0}”', text), l10n.t('Of {0} connections, none has this in its protocol, route, upstream, program or address.', formatCount(this.summary.totalFlows))];
    if (this.host.file !== undefined) return emptyFileWords(this.host.file);
    if (!this.host.isRunning) return [l10n.t('No listener is running'), l10n.t('Start one in the Rules view, or run “Port Prism: Start All Listeners” from the command palette.')];
    const names = this.host.listeners.map(({ name }) => name).join(', ');
    return [l10n.t('Waiting for the first connection'), names === '' ? l10n.t('Use your app through a listener’s port; every connection appears here.') : l10n.t('Listening: {0}. Use your app through that port; every connection appears here.', names)];
  }

  private keepPlace(): void {
    this.state.update({ topRow: this.list.isAtEnd ? null : this.list.rangeInView.start });
  }

  private copy(form: 'hex' | 'text' | 'base64'): void {
    this.detail.copy(form).catch((fault: unknown) => this.report(fault));
  }

  private tick(): void {
    if (this.isPaused || this.summary.liveFlows === 0 || document.hidden) return;
    this.list.refresh();
    this.detail.tick();
  }

  private onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f') {
      consume(event);
      this.toolbar.focusFilter();
    } else if (event.key === 'Escape' && this.state.value.selected !== null && this.detail.element.contains(document.activeElement)) {
      consume(event);
      this.list.focus();
    }
  }

  private announce(sentence: string): void {
    setText(this.live, sentence);
  }

  private report(fault: unknown): void {
    // The other side went away: the page is about to be reloaded or closed.
    if (fault instanceof MuxError && fault.code === 'requestCancelled') return;
    setText(this.message, fault instanceof Error ? fault.message : String(fault));
    show(this.message, true);
  }

  private hideMessage(): void {
    show(this.message, false);
  }
}
