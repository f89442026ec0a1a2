// The inspector page: a list of messages or of connections above, the chosen one below. Puts the parts together; asks the host for everything.

import { MuxError } from '../../src/shared/errors.js';
import type { ShownFile } from '../../src/shared/captureFile.js';
import type { DebugPageNotifications } from '../../src/shared/debug.js';
import type { ExchangeRow, FilterAnswer, FilterProblem } from '../../src/shared/inspect.js';
import type { InspectorHostContract, InspectorPageContract, LensSummary } from '../../src/shared/protocol.js';
import type { Rpc } from '../../src/shared/rpc.js';
import { l10n } from '../l10n.js';
import type { SavedState } from '../vscodeApi.js';
import { consume, el, setText, show } from '../widgets/dom.js';
import { formatTime } from '../widgets/format.js';
import { below, openPopup } from '../widgets/popupMenu.js';
import { splitter } from '../widgets/splitter.js';
import { openFilterMenu, openMarkMenu } from './cellMenu.js';
import { openCheatSheet } from './cheatSheet.js';
import { ChosenFlow } from './chosenFlow.js';
import { columnsFrom, sortWords, usualColumns } from './columns.js';
import { openColumnMenu } from './columnMenu.js';
import { copyForms, type CopyForm } from './bytes/literals.js';
import { CountsLine } from './countsLine.js';
import { DebugView } from './debugView.js';
import { EmptyState, type EmptyWords } from './emptyState.js';
import { noFlowsWords, noMessagesWords } from './emptyWords.js';
import type { Focus } from './exchange.js';
import { FileBar } from './file/fileBar.js';
import { fileCountsWords, isWithoutPackets } from './file/fileWords.js';
import { shown } from './file/shownKind.js';
import { FilterBox } from './filterBox.js';
import { hasPart, togglePart } from './filterParts.js';
import { FlowDetail } from './flowDetail.js';
import { FlowsPane } from './flowsPane.js';
import { inspectorKey } from './inspectorKeys.js';
import { judgedPercent, messageCounts } from './messageWords.js';
import { MessagesPane, type Part } from './messagesPane.js';
import { initialState, withHistory, type ListName, type PageState } from './pageState.js';
import { Overview } from './overview/overview.js';
import { Statistics } from './overview/statistics.js';
import { openSavedFilters } from './savedFilters.js';
import { Toolbar, type Chip, type Scope } from './toolbar.js';
import { countsWords } from './words.js';

export type InspectorRpc = Rpc<InspectorPageContract, InspectorHostContract>;
type HostState = InspectorPageContract['notifications']['inspector/state'];

/** Ages of live connections are drawn again this often. */
const tickMs = 1000;

export class Inspector {
  private readonly toolbar: Toolbar;
  private readonly filterBox: FilterBox;
  private readonly counts: CountsLine;
  private readonly messages: MessagesPane;
  private readonly flows: FlowsPane;
  private readonly detail: FlowDetail;
  private readonly debug: DebugView;
  private readonly chosen: ChosenFlow;
  private readonly overview: Overview;
  private readonly statistics: Statistics;
  private readonly empty = new EmptyState();
  private readonly live = el('div', { class: 'visually-hidden', 'aria-live': 'polite' });
  private readonly message = el('p', { class: 'message', role: 'alert', hidden: '' });
  private readonly line: HTMLElement;
  private readonly fileBar: FileBar;
  private summary: LensSummary;
  private host: HostState;
  private isPaused = false;
  /** the filter before the one in force: what cancelling goes back to */
  private filterBefore = '';

  constructor(root: HTMLElement, private readonly rpc: InspectorRpc, private readonly state: SavedState<PageState>, host: HostState) {
    this.host = host;
    this.summary = host.summary;
    shown.isFile = host.file !== undefined;
    const report = (fault: unknown): void => this.report(fault);
    if (state.value.columns === null) state.update({ columns: columnsFrom(host.columns) ?? usualColumns() });

    this.counts = new CountsLine(() => this.filterBox.setText(this.filterBefore));
    this.filterBox = new FilterBox({
      apply: (text) => this.setText(text),
      check: (text, caret) => this.check(text, caret),
      history: () => state.value.history,
      onJudged: (words, problem) => this.counts.setWords(words, problem),
      toList: () => this.list.focus(),
      savedMenu: (button) => openSavedFilters(button, { rpc, filter: () => state.value.filter, setFilter: (text) => this.filterBox.setText(text), announce: (sentence) => this.announce(sentence), report }),
      report,
    });
    this.toolbar = new Toolbar(this.filterBox.element, chips(), {
      list: (name) => this.setList(name),
      listener: (listenerId) => this.setListener(listenerId),
      pause: (isPaused) => this.setPaused(isPaused),
      clear: () => this.clear(),
      toEnd: () => this.follow(),
      chip: (condition) => this.filterBox.setText(togglePart(state.value.filter, condition)),
      more: (button) => this.openMore(button),
    });
    this.debug = new DebugView({
      rpc, report,
      onNarrowed: () => this.narrow(),
      onChanged: () => {
        this.showScopes();
        this.messages.look.showPauses();
        this.overview.setPauses(this.debug.pauses);
      },
    });
    this.messages = new MessagesPane({
      rpc, state, report, debug: this.debug,
      onChosen: (row, part) => this.chosen.choose(row.flow, undefined, focusOf(row, part)),
      onOpen: () => this.focusDetail(),
      onFilter: (problem) => this.onFilter(problem),
      onCounts: () => this.showCounts(),
      onFollowing: (isFollowing) => this.toolbar.setFollowing(isFollowing),
      columnMenu: (id, place) => this.openColumns(id, place),
      announceSort: (sort) => this.announce(sortWords(sort)),
      saveColumns: (columns) => rpc.request('columns/save', { columns: [...columns] }).catch(report),
    });
    this.flows = new FlowsPane({
      rpc, state, report, debug: this.debug,
      onChosen: (flow) => this.chosen.choose(flow.id, flow),
      onHidden: () => this.showAllFlows(),
      onCounts: () => this.showCounts(),
    });
    this.detail = new FlowDetail({
      chunks: (params) => rpc.request('chunks/list', params),
      messages: (params) => rpc.request('messages/list', params),
      message: (params) => rpc.request('messages/get', params),
      bytes: (flow, from, start, length) => rpc.request('bytes/read', { flow, from, start, length }),
      copy: (text) => rpc.request('clipboard/write', { text }),
      saveFollow: (params) => rpc.request('follow/save', params),
      announce: (sentence) => this.announce(sentence),
      report,
      save: (change) => state.update(change),
      onClose: () => {
        this.chosen.choose(undefined);
        this.list.focus();
      },
      revealRule: (flow) => rpc.request('rules/reveal', { listenerId: flow.listenerId, route: flow.route }).catch(report),
      closeFlow: (flow) => rpc.request('flows/close', { ids: [flow.id] }).catch(report),
    }, state.value);
    this.chosen = new ChosenFlow({
      rpc, state, detail: this.detail, report,
      onShown: () => show(this.message, false),
      onChanged: (id) => {
        this.showDetail(id !== undefined);
        this.flows.list.refresh();
      },
    });

    this.overview = new Overview({
      rpc, report,
      onCondition: (condition) => this.addCondition(condition),
      onListener: (name) => this.toggleListener(name),
      onStretch: (stretch) => this.setScope({ stretch: stretch ?? null }),
    });
    this.statistics = new Statistics({
      rpc, report,
      scope: () => {
        const { filter, from, to } = this.messages.query();
        return { filter, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      },
      onCondition: (condition) => {
        this.setList('messages');
        this.toolbar.setList('messages');
        this.addCondition(condition);
      },
    });

    const main = el('main', { class: 'split-area' });
    this.line = splitter(main, {
      orientation: 'horizontal', label: l10n.t('Height of the list'), controls: 'list', initial: state.value.listPercent, usual: initialState.listPercent,
      onChanged: (listPercent) => state.update({ listPercent }),
    });
    main.append(el('div', { class: 'list-pane', id: 'list' }, this.messages.element, this.flows.element, this.statistics.element, this.empty.element), this.line, this.detail.element);
    this.fileBar = new FileBar(() => void rpc.request('file/readAgain', null).catch(report));
    root.replaceChildren(this.fileBar.element, this.toolbar.element, this.counts.element, this.message, this.overview.element, main, this.live);
    root.addEventListener('keydown', (event) => this.onKey(event));

    this.setFile(host.file);
    this.toolbar.setListeners(host.listeners, state.value.listenerId);
    this.toolbar.setFollowing(state.value.messageTopRow === null && !shown.isFile);
    this.showDetail(state.value.selected !== null);
    this.overview.setShown(state.value.hasOverview && !shown.isFile);
    this.overview.setStretch(state.value.stretch ?? undefined);
    this.showList();
    this.flows.list.refresh();
    if (host.select !== undefined) this.selectById(host.select);
    else this.chosen.fetch();
    setInterval(() => this.tick(), tickMs);
  }

  private get isMessages(): boolean {
    return this.state.value.list === 'messages';
  }

  /** the filter box holds an expression over messages, not a text over connections */
  private get hasExpression(): boolean {
    return this.state.value.list !== 'flows';
  }

  private get list(): { focus(): void } {
    return this.isMessages ? this.messages.look.list : this.hasExpression ? this.statistics : this.flows.list;
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
    this.overview.onChanged();
    if (this.isMessages) this.messages.onChanged();
    else if (this.hasExpression) this.statistics.onChanged();
    else this.flows.onChanged();
    this.chosen.fetch();
  }

  /** Debug sessions came or went, stopped or ran on, or the lists were narrowed to one. */
  setDebug(state: DebugPageNotifications['debug/changed']): void {
    this.debug.take(state);
  }

  /** Everything that was known is gone: ids begin again. */
  startOver(): void {
    this.state.update({ onlyFlow: null, stretch: null });
    this.overview.setStretch(undefined);
    this.showScopes();
    this.flows.startOver();
    this.messages.startOver();
    this.chosen.choose(undefined);
  }

  command(name: string): void {
    switch (name) {
      case 'copyHex': this.copy('hex'); return;
      case 'copyText': this.copy('text'); return;
      case 'copyBase64': this.copy('base64'); return;
      case 'find': this.filterBox.focus(); return;
      case 'pause': this.toolbar.togglePause(); return;
      case 'filterByThis': this.openFilterBy(); return;
      case 'mark': this.openMarks(); return;
      default: {
        const form = copyForms.find((one) => name === `copy ${one}`);
        if (form !== undefined) this.copy(form);
      }
    }
  }

  /** Shows a flow that was chosen elsewhere. A filter that hides it is taken away. */
  selectById(id: number): void {
    this.setList('flows');
    this.chosen.choose(id);
    this.flows.locate(id).catch((fault: unknown) => this.report(fault));
  }

  private check(text: string, caret: number): Promise<FilterAnswer> {
    return this.rpc.request('filter/check', { text, caret });
  }

  private setList(list: ListName): void {
    if (list === this.state.value.list) return;
    this.state.update({ list });
    this.showList();
  }

  private showList(): void {
    const { list, filter, text } = this.state.value;
    const { isMessages, hasExpression } = this;
    this.toolbar.setList(list);
    this.filterBox.setMode(hasExpression ? 'expression' : 'text', hasExpression ? filter : text);
    show(this.messages.element, isMessages);
    show(this.flows.element, !hasExpression);
    this.statistics.setShown(list === 'statistics');
    // Statistics are counted over what was decoded: its view stays open.
    this.messages.setShown(hasExpression);
    if (!hasExpression) this.flows.onChanged();
    this.showScopes();
    this.showCounts();
  }

  /** Narrows the messages to one more condition, or takes it away again. */
  private addCondition(condition: string): void {
    if (!this.hasExpression) this.setList('messages');
    this.filterBox.setText(togglePart(this.state.value.filter, condition));
  }

  private toggleListener(name: string): void {
    const listener = this.host.listeners.find((one) => one.name === name);
    if (listener === undefined) return;
    const id = this.state.value.listenerId === listener.id ? '' : listener.id;
    this.toolbar.setListeners(this.host.listeners, id);
    this.setListener(id);
  }

  /** The filter box's text is to be in force. */
  private setText(text: string): void {
    if (!this.hasExpression) {
      if (text === this.state.value.text) return;
      this.state.update({ text, topRow: null });
      this.flows.restart();
      return;
    }
    if (text === this.state.value.filter) return;
    if (this.messages.lastPage?.isDone !== false) this.filterBefore = this.state.value.filter;
    this.state.update({ filter: text });
    this.messages.restart();
    this.statistics.restart();
    this.showScopes();
  }

  /** The lens took the filter, or said what is wrong with it: then the rows are those of the filter before. */
  private onFilter(problem: FilterProblem | undefined): void {
    this.filterBox.setProblem(problem);
    const { filter, history } = this.state.value;
    if (problem === undefined && filter !== '') this.state.update({ history: withHistory(history, filter) });
  }

  private setListener(listenerId: string): void {
    if (listenerId === this.state.value.listenerId) return;
    this.state.update({ listenerId, topRow: null });
    this.flows.restart();
    this.messages.restart();
  }

  private showAllFlows(): void {
    this.state.update({ listenerId: '' });
    this.toolbar.setListeners(this.host.listeners, '');
    if (this.debug.isNarrowed) this.debug.widen();
    this.filterBox.setText('');
  }

  private showScopes(): void {
    const { onlyFlow, since, stretch, filter } = this.state.value;
    const scopes: Scope[] = [];
    const sessions = this.debug.scopes();
    const leave = l10n.t('show all again');
    if (onlyFlow !== null) scopes.push({ title: l10n.t('connection {0}', onlyFlow), leave, end: () => this.setScope({ onlyFlow: null }) });
    if (since !== null) scopes.push({ title: l10n.t('since {0}', formatTime(since)), leave, end: () => this.setScope({ since: null }) });
    if (stretch !== null) scopes.push({ title: l10n.t('{0} to {1}', formatTime(stretch.from), formatTime(stretch.to)), leave, end: () => this.setScope({ stretch: null }) });
    this.toolbar.setScopes(this.hasExpression ? [...sessions, ...scopes] : sessions);
    this.toolbar.setChips((condition) => hasPart(filter, condition));
  }

  /** The host narrowed the lists to a debug session, or widened them again. */
  private narrow(): void {
    this.state.update({ topRow: null });
    this.flows.restart();
    this.messages.restart();
  }

  private setScope(change: { onlyFlow?: number | null; since?: number | null; stretch?: PageState['stretch'] }): void {
    this.state.update(change);
    if (change.stretch !== undefined) this.overview.setStretch(change.stretch ?? undefined);
    this.showScopes();
    this.messages.restart();
    this.statistics.restart();
  }

  private setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.messages.setPaused(isPaused, this.summary);
    this.flows.setPaused(isPaused, this.summary);
    if (!isPaused) this.onChanged(this.summary);
    this.showCounts();
    this.announce(isPaused ? l10n.t('Paused. Traffic goes on and is still recorded.') : l10n.t('Live.'));
  }

  private follow(): void {
    if (this.isPaused) this.toolbar.setPaused(false);
    if (this.isMessages) this.messages.follow();
    else this.flows.list.scrollToEnd();
  }

  private clear(): void {
    this.clearNow().catch((fault: unknown) => this.report(fault));
  }

  private async clearNow(): Promise<void> {
    // Open connections are kept, so their messages would stay: the list begins behind the last one that was.
    const newest = this.isMessages ? await this.messages.newestAt() : undefined;
    await this.rpc.request('flows/clear', null);
    this.flows.startOver();
    this.chosen.afterClear();
    if (this.isMessages) this.setScope({ since: newest ?? null });
    else this.messages.restart();
    this.announce(this.isMessages ? l10n.t('Cleared. Messages appear here from now on.') : l10n.t('Closed connections are forgotten.'));
  }

  private openMore(button: HTMLElement): void {
    const { state } = this;
    openPopup(l10n.t('More'), below(button), () => [
      ...(this.isMessages ? [
        {
          title: l10n.t('Answers as rows of their own'), isChecked: state.value.areAnswersRows,
          run: () => {
            state.update({ areAnswersRows: !state.value.areAnswersRows });
            this.messages.restart();
          },
        },
        { title: l10n.t('Columns…'), run: () => this.openColumns(undefined, below(button)) },
        'line' as const,
      ] : []),
      ...(shown.isFile ? [] : [{
        title: l10n.t('Overview'), isChecked: state.value.hasOverview,
        run: () => {
          state.update({ hasOverview: !state.value.hasOverview });
          this.overview.setShown(state.value.hasOverview);
        },
      }]),
      ...this.debug.entries(),
      { title: l10n.t('Keys'), hint: '?', run: () => openCheatSheet() },
    ]);
  }

  private openColumns(id: string | undefined, place: { x: number; y: number }): void {
    openColumnMenu(id, place, {
      columns: () => this.messages.columns,
      set: (columns) => this.messages.setColumns(columns),
      sort: (sort) => this.messages.sortBy(sort),
      check: (text, caret) => this.check(text, caret),
      report: (fault) => this.report(fault),
    });
  }

  private openFilterBy(): void {
    const { cell } = this.messages;
    if (cell === undefined || !this.isMessages) return;
    openFilterMenu(cell.row, cell.column, this.messages.look.menuPlace(), {
      filter: () => this.state.value.filter,
      setFilter: (text) => this.filterBox.setText(text),
      onlyFlow: (flow) => this.setScope({ onlyFlow: flow }),
    });
  }

  private openMarks(): void {
    const { cell } = this.messages;
    if (cell === undefined || !this.isMessages) return;
    openMarkMenu(cell.row, this.messages.look.menuPlace(), (color) => {
      this.messages.mark(cell.row, color).catch((fault: unknown) => this.report(fault));
    });
  }

  private jump(to: 'message' | 'answer'): void {
    this.messages.jump(to).then((isThere) => {
      if (!isThere) this.announce(to === 'answer' ? l10n.t('It has no answer.') : l10n.t('It is not an answer to anything in the list.'));
      else if (!this.state.value.areAnswersRows) this.announce(to === 'answer' ? l10n.t('Answer shown below.') : l10n.t('Request shown below.'));
    }, (fault: unknown) => this.report(fault));
  }

  private focusDetail(): void {
    this.detail.element.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus();
  }

  private showDetail(isShown: boolean): void {
    show(this.detail.element, isShown);
    show(this.line, isShown);
  }

  private showCounts(): void {
    const { summary } = this;
    if (this.hasExpression) {
      const page = this.messages.lastPage;
      this.counts.setCounts(messageCounts(summary, page, this.messages.isFiltered, this.messages.newer(summary)).join(' · '));
      this.counts.setJudged(this.messages.isJudging ? judgedPercent(page) : undefined);
    } else {
      const matching = this.flows.isFiltered ? this.flows.total : undefined;
      this.counts.setCounts(this.host.file === undefined ? countsWords(summary, matching, this.flows.newer(summary)) : fileCountsWords(summary, matching));
      this.counts.setJudged(undefined);
    }
    this.showEmpty();
  }

  private showEmpty(): void {
    const isEmpty = isWithoutPackets(this.host.file) || (this.isMessages ? this.messages.isEmpty : !this.hasExpression && this.flows.isEmpty);
    show(this.empty.element, isEmpty);
    if (this.isMessages) show(this.messages.look.list.element, !isEmpty);
    else if (!this.hasExpression) show(this.flows.list.element, !isEmpty);
    if (isEmpty) this.empty.show(this.emptyWords());
  }

  private emptyWords(): EmptyWords {
    const { file, isRunning, listeners } = this.host;
    const facts = { state: this.state.value, file, isRunning, listeners, isNarrowed: this.debug.isNarrowed };
    const ways = {
      clearFilter: () => this.filterBox.setText(''),
      showAll: () => this.setScope({ onlyFlow: null, since: null, stretch: null }),
      widen: () => this.debug.widen(),
    };
    if (this.isMessages) return noMessagesWords({ ...facts, all: this.messages.lastPage?.all ?? 0 }, ways);
    return noFlowsWords({ ...facts, all: this.summary.totalFlows }, ways);
  }

  private copy(form: CopyForm): void {
    this.detail.copy(form).catch((fault: unknown) => this.report(fault));
  }

  private tick(): void {
    if (document.hidden) return;
    if (this.debug.isHeld && this.isMessages) this.messages.look.showPauses();
    if (this.isPaused || this.summary.liveFlows === 0) return;
    if (!this.isMessages) this.flows.list.refresh();
    this.detail.tick();
  }

  private onKey(event: KeyboardEvent): void {
    const key = inspectorKey(event, this.isMessages, this.messages.element.contains(document.activeElement), this.detail.element.contains(document.activeElement));
    switch (key) {
      case undefined: return;
      case 'filter': this.filterBox.focus(); break;
      case 'pause': this.toolbar.togglePause(); break;
      case 'follow': this.follow(); break;
      case 'keys': openCheatSheet(); break;
      case 'mark': this.openMarks(); break;
      case 'filterByThis': this.openFilterBy(); break;
      case 'toAnswer': this.jump('answer'); break;
      case 'toRequest': this.jump('message'); break;
      case 'toList': this.list.focus(); break;
    }
    consume(event);
  }

  private announce(sentence: string): void {
    setText(this.live, sentence);
  }

  private report(fault: unknown): void {
    // The other side went away: the page is about to be reloaded or closed; or the list is another one by now.
    if (fault instanceof MuxError && fault.code === 'requestCancelled') return;
    setText(this.message, fault instanceof Error ? fault.message : String(fault));
    show(this.message, true);
  }
}

function focusOf({ index, answer }: ExchangeRow, part: Part): Focus {
  if (answer === undefined) return { index };
  return part === 'answer' ? { index: answer.index } : { index, answerIndex: answer.index, answerCount: answer.count };
}

function chips(): Chip[] {
  return [{ title: l10n.t('problems'), condition: 'problem' }, { title: l10n.t('slow'), condition: 'latency > 100ms' }];
}
