// The lower half: what was decoded, conversation, facts and trace of the selected flow on the left, its bytes on the right, linked both ways.
// In a narrow panel the bytes become a tab of their own.

import type { FlowRow, Speaker } from '../../src/shared/flow.js';
import type { InspectorHostContract } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';
import { el, setText, show } from '../widgets/dom.js';
import { formatTime } from '../widgets/format.js';
import { splitter } from '../widgets/splitter.js';
import { Tabs } from '../widgets/tabs.js';
import { Conversation, type ConversationOptions } from './conversation.js';
import { BytesPane } from './bytes/bytesPane.js';
import type { ReadBytes } from './bytes/bytesCache.js';
import type { CopyForm } from './bytes/literals.js';
import { Decoded, type DecodedOptions, type Place } from './decoded.js';
import type { Focus } from './exchange.js';
import { shown } from './file/shownKind.js';
import { FlowFacts } from './flowFacts.js';
import { Follow } from './follow/follow.js';
import { iconButton } from './iconButton.js';
import { initialState, type PageState } from './pageState.js';
import { protocolWords, routeWords } from './words.js';
import { WhyHere } from './whyHere.js';

/** Below this the hex view (offset, 16 columns, text) and the facts do not fit side by side. */
const narrowPx = 860;
/** The place in the hex view is kept in rows of this, whatever is shown in a row. */
const savedRowBytes = 16;

export interface FlowDetailOptions {
  revealRule(flow: FlowRow): void;
  closeFlow(flow: FlowRow): void;
  /** in an editor of its own */
  openBody(flow: FlowRow, index: number): void;
  chunks: ConversationOptions['fetch'];
  messages: DecodedOptions['list'];
  message: DecodedOptions['get'];
  /** reads bytes of the flow that is shown */
  bytes(flow: number, from: Speaker, start: number, length: number): ReturnType<ReadBytes>;
  copy(text: string): Promise<unknown>;
  /** asks for a file and writes the conversation into it */
  saveFollow(params: InspectorHostContract['requests']['follow/save']['params']): Promise<unknown>;
  announce(sentence: string): void;
  report(fault: unknown): void;
  save(change: Partial<PageState>): void;
  onClose(): void;
}

export class FlowDetail {
  readonly element = el('section', { class: 'detail', id: 'detail', 'aria-label': l10n.t('Selected connection') });
  private readonly title = el('h2', { class: 'detail-title' });
  private readonly reveal = el('button', { class: 'link-button live-only', type: 'button', text: l10n.t('Go to rule') });
  private readonly end = el('button', { class: 'link-button live-only', type: 'button', text: l10n.t('Close connection') });
  private readonly panes = el('div', { class: 'panes' });
  private readonly right = el('div', { class: 'pane-right' });
  private readonly bytesPanel = el('div', {});
  private readonly decodedPanel = el('div', {});
  /** nothing in these two takes the focus: they do themselves, so that keys can scroll them */
  private readonly factsPanel = el('div', { tabindex: '0' });
  private readonly whyPanel = el('div', { tabindex: '0' });
  private readonly conversationPanel = el('div', {});
  private readonly tabs: Tabs;
  private readonly decoded: Decoded;
  private readonly facts = new FlowFacts();
  private readonly why = new WhyHere();
  private readonly follow: Follow;
  private readonly bytes: BytesPane;
  private readonly line: HTMLElement;
  private shown: FlowRow | undefined;
  private focus: Focus | undefined;
  private keepsSelection = false;

  constructor(private readonly options: FlowDetailOptions, state: Readonly<PageState>) {
    this.decoded = new Decoded({
      list: options.messages,
      get: options.message,
      onChosen: (place, isByPerson) => this.showPlace(place, isByPerson),
      onHover: (place) => this.bytes.light(place?.from, place?.range, place?.name),
      onMessage: (message) => this.bytes.setMessage(message),
      report: options.report,
    });
    this.follow = new Follow({
      reader: { chunks: options.chunks, messages: options.messages },
      reads: new Conversation({ fetch: options.chunks, onChosen: ({ from, offset, length }) => this.bytes.select(from, { start: offset, end: offset + length }), report: options.report }),
      onChosen: (from, range) => this.bytes.select(from, range),
      saveFile: async (form, from) => {
        if (this.shown !== undefined) await options.saveFollow({ flow: this.shown.id, form, from });
      },
      save: (change) => options.save(change),
      report: options.report,
    }, state);
    this.bytes = new BytesPane({
      copy: options.copy,
      openBody: (index) => this.shown !== undefined && options.openBody(this.shown, index),
      announce: options.announce,
      report: options.report,
      onSpeaker: (from) => options.save({ from }),
      onByte: (from, offset) => void this.decoded.openAt(from, offset).catch(options.report),
      onMoved: () => options.save({ hexTopRow: Math.floor(this.bytes.topOffset / savedRowBytes), hexSelection: this.bytes.selected ?? null }),
      save: (change) => options.save(change),
    }, state);
    this.decodedPanel.append(this.decoded.element);
    this.factsPanel.append(this.facts.element);
    this.whyPanel.append(this.why.element);
    this.conversationPanel.append(this.follow.element);
    this.tabs = new Tabs('detail', l10n.t('Selected connection'), [
      { id: 'decoded', title: l10n.t('Decoded'), panel: this.decodedPanel },
      { id: 'conversation', title: l10n.t('Conversation'), panel: this.conversationPanel },
      { id: 'facts', title: l10n.t('Flow'), panel: this.factsPanel },
      { id: 'why', title: l10n.t('Why here'), panel: this.whyPanel },
      { id: 'bytes', title: l10n.t('Bytes'), panel: this.bytesPanel },
    ], (tab) => {
      options.save({ tab });
      this.follow.setShown(tab === 'conversation');
    });
    const close = iconButton('close', l10n.t('Close the details'));
    close.addEventListener('click', () => options.onClose());
    this.reveal.addEventListener('click', () => this.shown !== undefined && options.revealRule(this.shown));
    this.end.addEventListener('click', () => this.shown !== undefined && options.closeFlow(this.shown));
    const left = el('div', { class: 'pane-left', id: 'pane-left' }, this.tabs.element);
    this.line = splitter(this.panes, {
      orientation: 'vertical', label: l10n.t('Width of the facts'), controls: 'pane-left', initial: state.leftPercent, usual: initialState.leftPercent,
      onChanged: (leftPercent) => options.save({ leftPercent }),
    });
    this.panes.append(left, this.line, this.right);
    this.element.append(el('div', { class: 'detail-head' }, this.title, this.reveal, this.end, close), this.panes);
    this.place(false);
    this.tabs.choose(state.tab, false);
    this.follow.setShown(this.tabs.current === 'conversation');
    new ResizeObserver(() => this.place(this.element.clientWidth < narrowPx)).observe(this.element);
  }

  /**
   * Shows a flow from its start, or what is new about the one that is shown.
   *
   * @param focus the message that was chosen in a list; without one the whole connection is shown
   */
  show(flow: FlowRow, state: Readonly<PageState>, isRestored: boolean, focus?: Focus): void {
    const isNew = flow.id !== this.shown?.id;
    this.shown = flow;
    setText(this.title, [formatTime(flow.openedAt), protocolWords(flow), routeWords(flow)].filter((part) => part !== '').join(' · '));
    show(this.reveal, flow.route !== undefined);
    show(this.end, flow.state !== 'closed');
    this.facts.show(flow);
    this.why.show(flow);
    // A file does not tell what the rules made of it.
    this.tabs.setAvailable('why', !shown.isFile);
    const counts = { client: flow.fromClient, upstream: flow.fromUpstream };
    if (!isNew) {
      if (focus !== undefined && focus.index !== this.focus?.index) this.decoded.start(flow.id, flow.openedAt, focus);
      else this.decoded.update();
      this.focus = focus ?? this.focus;
      this.follow.update(flow.chunkCount);
      this.bytes.update(counts);
      return;
    }
    this.focus = focus;
    const speaks = counts[state.from].total > 0 ? state.from : counts.client.total > 0 ? 'client' : 'upstream';
    const read: ReadBytes = (from, start, length) => this.options.bytes(flow.id, from, start, length);
    this.bytes.start(read, counts, speaks);
    this.keepsSelection = isRestored && speaks === state.from && state.hexSelection !== null;
    if (isRestored && speaks === state.from) this.bytes.restore(state.hexSelection ?? undefined, state.hexTopRow * savedRowBytes);
    this.decoded.start(flow.id, flow.openedAt, focus);
    this.follow.start(flow.id, flow.openedAt, flow.chunkCount, flow.state !== 'closed', read);
  }

  /** The clock went on: ages change though nothing happened. */
  tick(): void {
    if (this.shown !== undefined && this.shown.state !== 'closed') this.facts.show(this.shown);
  }

  forget(): void {
    this.shown = undefined;
    this.focus = undefined;
  }

  copy(form: CopyForm): Promise<void> {
    return this.bytes.copy(form);
  }

  /** @param isByPerson a message that a list chose must not take away the bytes that were selected before the page was loaded again */
  private showPlace({ from, range, name }: Place, isByPerson: boolean): void {
    if (!isByPerson && this.keepsSelection) {
      this.keepsSelection = false;
      return;
    }
    this.bytes.select(from, range, name);
  }

  private place(isNarrow: boolean): void {
    const home = isNarrow ? this.bytesPanel : this.right;
    if (this.bytes.element.parentElement === home) return;
    const chosen = this.tabs.current;
    home.append(this.bytes.element);
    this.element.classList.toggle('is-narrow', isNarrow);
    show(this.right, !isNarrow);
    show(this.line, !isNarrow);
    this.tabs.setAvailable('bytes', isNarrow);
    this.tabs.choose(chosen, false);
  }
}
