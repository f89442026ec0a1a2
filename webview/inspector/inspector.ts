// The inspector page: a list of messages or of connections above, the chosen one below. Puts the parts together; asks the host for everything.

import { MuxError } from '../../src/shared/errors.js';
import type { ShownFile } from '../../src/shared/captureFile.js';
import type { DebugPageNotifications } from '../../src/shared/debug.js';
import type { ExchangeRow, FilterAnswer } from '../../src/shared/inspect.js';
import type { InspectorHostContract, InspectorPageContract, LensSummary } from '../../src/shared/protocol.js';
import type { Rpc } from '../../src/shared/rpc.js';
import { l10n } from '../l10n.js';
import type { SavedState } from '../vscodeApi.js';
import { consume, el, setText, show } from '../widgets/dom.js';
import { splitter } from '../widgets/splitter.js';
import { openCheatSheet } from './cheatSheet.js';
import { ChosenFlow } from './chosenFlow.js';
import { columnsFrom, sortWords, usualColumns } from './columns.js';
import { copyForms, type CopyForm } from './bytes/literals.js';
import { CountsLine } from './countsLine.js';
import { DebugView } from './debugView.js';
import type { Focus } from './exchange.js';
import { FileBar } from './file/fileBar.js';
import { shown } from './file/shownKind.js';
import { FilterBox } from './filterBox.js';
import { togglePart } from './filterParts.js';
import { FlowDetail } from './flowDetail.js';
import { FlowsPane } from './flowsPane.js';
import { inspectorKey } from './inspectorKeys.js';
import { InspectorMenus } from './inspectorMenus.js';
import type { HostState, InspectorParts } from './inspectorParts.js';
import { ListStatus } from './listStatus.js';
import { MessagesPane, type Part } from './messagesPane.js';
import { Narrowing } from './narrowing.js';
import { initialState, type ListName, type PageState } from './pageState.js';
import { Overview } from './overview/overview.js';
import { Statistics } from './overview/statistics.js';
import { openSavedFilters } from './savedFilters.js';
import { Taking } from './taking.js';
import { Toolbar, type Chip } from './toolbar.js';

export type InspectorRpc = Rpc<InspectorPageContract, InspectorHostContract>;

/** Ages of live connections are drawn again this often. */
const tickMs = 1000;

export class Inspector implements InspectorParts {
  readonly toolbar: Toolbar;
  readonly filterBox: FilterBox;
  readonly counts: CountsLine;
  readonly messages: MessagesPane;
  readonly flows: FlowsPane;
  private readonly detail: FlowDetail;
  readonly debug: DebugView;
  private readonly chosen: ChosenFlow;
  readonly overview: Overview;
  readonly statistics: Statistics;
  private readonly narrowing = new Narrowing(this);
  private readonly menus = new InspectorMenus(this, this.narrowing);
  private readonly taking = new Taking(this);
  private readonly status = new ListStatus(this, this.narrowing, this.taking);
  private readonly live = el('div', { class: 'visually-hidden', 'aria-live': 'polite' });
  private readonly message = el('p', { class: 'message', role: 'alert', hidden: '' });
  private readonly line: HTMLElement;
  private readonly fileBar: FileBar;
  summary: LensSummary;
  host: HostState;
  private isPaused = false;

  constructor(root: HTMLElement, readonly rpc: InspectorRpc, readonly state: SavedState<PageState>, host: HostState) {
    this.host = host;
    this.summary = host.summary;
    shown.isFile = host.file !== undefined;
    const report = (fault: unknown): void => this.report(fault);
    if (state.value.columns === null) state.update({ columns: columnsFrom(host.columns) ?? usualColumns() });

    this.counts = new CountsLine({
      cancel: () => this.filterBox.setText(this.narrowing.filterBefore),
      exportSelected: () => this.taking.exportSelected(),
      compare: () => this.taking.compare(),
    });
    this.filterBox = new FilterBox({
      apply: (text) => this.narrowing.setText(text),
      check: (text, caret) => this.check(text, caret),
      history: () => state.value.history,
      onJudged: (words, problem) => this.counts.setWords(words, problem),
      toList: () => this.list.focus(),
      savedMenu: (button) => openSavedFilters(button, { rpc, filter: () => state.value.filter, setFilter: (text) => this.filterBox.setText(text), announce: (sentence) => this.announce(sentence), report }),
      report,
    });
    this.toolbar = new Toolbar(this.filterBox.element, chips(), {
      list: (name) => this.setList(name),
      listener: (listenerId) => this.narrowing.setListener(listenerId),
      pause: (isPaused) => this.setPaused(isPaused),
      clear: () => this.clear(),
      toEnd: () => this.follow(),
      chip: (condition) => this.filterBox.setText(togglePart(state.value.filter, condition)),
      export: (button) => this.taking.exportMenu(button),
      more: (button) => this.menus.more(button),
    });
    this.debug = new DebugView({
      rpc, report,
      onNarrowed: () => this.narrowing.narrow(),
      onChanged: () => {
        this.narrowing.showScopes();
        this.messages.look.showPauses();
        this.overview.setPauses(this.debug.pauses);
      },
    });
    this.messages = new MessagesPane({
      rpc, state, report, debug: this.debug,
      onChosen: (row, part) => this.chosen.choose(row.flow, undefined, focusOf(row, part)),
      onSelection: () => this.taking.onSelection(),
      onWhole: () => void this.taking.keepListed(this.messages.selection).catch(report),
      onOpen: () => this.focusDetail(),
      onFilter: (problem) => this.narrowing.onFilter(problem),
      onCounts: () => this.status.show(),
      onFollowing: (isFollowing) => this.toolbar.setFollowing(isFollowing),
      columnMenu: (id, place) => this.menus.columns(id, place),
      announceSort: (sort) => this.announce(sortWords(sort)),
      saveColumns: (columns) => rpc.request('columns/save', { columns: [...columns] }).catch(report),
    });
    this.flows = new FlowsPane({
      rpc, state, report, debug: this.debug,
      onChosen: (flow) => this.chosen.choose(flow.id, flow),
      onSelection: () => this.taking.onSelection(),
      onWhole: () => void this.taking.keepListed(this.flows.selection).catch(report),
      onHidden: () => this.narrowing.showAllFlows(),
      onCounts: () => this.status.show(),
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
      openBody: (flow, index) => rpc.request('document/open', { flow: flow.id, index, kind: 'body' }).catch(report),
      closeFlow: (flow) => rpc.request('flows/close', { ids: [flow.id] }).catch(report),
    }, state.value);
    this.chosen = new ChosenFlow({
      rpc, state, detail: this.detail, report,
      onShown: () => show(this.message, false),
      onChanged: (id) => {
        this.showDetail(id !== undefined);
        this.flows.list.refresh();
        this.taking.onSelection();
      },
    });

    this.overview = new Overview({
      rpc, report,
      onCondition: (condition) => this.narrowing.addCondition(condition),
      onListener: (name) => this.narrowing.toggleListener(name),
      onStretch: (stretch) => this.narrowing.setScope({ stretch: stretch ?? null }),
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
        this.narrowing.addCondition(condition);
      },
    });

    const main = el('main', { class: 'split-area' });
    this.line = splitter(main, {
      orientation: 'horizontal', label: l10n.t('Height of the list'), controls: 'list', initial: state.value.listPercent, usual: initialState.listPercent,
      onChanged: (listPercent) => state.update({ listPercent }),
    });
    main.append(el('div', { class: 'list-pane', id: 'list' }, this.messages.element, this.flows.element, this.statistics.element, this.status.empty.element), this.line, this.detail.element);
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

  get isMessages(): boolean {
    return this.state.value.list === 'messages';
  }

  /** the filter box holds an expression over messages, not a text over connections */
  get hasExpression(): boolean {
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
    this.status.showEmpty();
  }

  onChanged(summary: LensSummary): void {
    this.summary = summary;
    this.status.show();
    if (this.isPaused) return;
    this.overview.onChanged();
    if (this.isMessages) this.messages.rows.onChanged();
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
    this.narrowing.showScopes();
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
      case 'filterByThis': this.menus.filterBy(); return;
      case 'mark': this.menus.marks(); return;
      case 'export': this.taking.exportSelected(); return;
      case 'compare': this.taking.compare(); return;
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

  setList(list: ListName): void {
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
    this.messages.rows.setShown(hasExpression);
    if (!hasExpression) this.flows.onChanged();
    this.narrowing.showScopes();
    this.status.show();
  }

  private setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.messages.rows.setPaused(isPaused, this.summary);
    this.flows.setPaused(isPaused, this.summary);
    if (!isPaused) this.onChanged(this.summary);
    this.status.show();
    this.announce(isPaused ? l10n.t('Paused. Traffic goes on and is still recorded.') : l10n.t('Live.'));
  }

  private follow(): void {
    if (this.isPaused) this.toolbar.setPaused(false);
    if (this.isMessages) this.messages.rows.follow();
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
    if (this.isMessages) this.narrowing.setScope({ since: newest ?? null });
    else this.messages.rows.restart();
    this.announce(this.isMessages ? l10n.t('Cleared. Messages appear here from now on.') : l10n.t('Closed connections are forgotten.'));
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
      case 'mark': this.menus.marks(); break;
      case 'filterByThis': this.menus.filterBy(); break;
      case 'toAnswer': this.jump('answer'); break;
      case 'toRequest': this.jump('message'); break;
      case 'toList': this.list.focus(); break;
    }
    consume(event);
  }

  announce(sentence: string): void {
    setText(this.live, sentence);
  }

  report(fault: unknown): void {
    // The other side went away: the page is about to be reloaded or closed; or the list is another one by now.
    if (fault instanceof MuxError && fault.code === 'requestCancelled') return;
    setText(this.message, l10n.said(fault instanceof Error ? fault.message : String(fault)));
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
