// The lower half: facts, trace and conversation of the selected flow on the left, its bytes on the right.
// In a narrow panel the bytes become a tab of their own.

import type { ChunkRow, FlowRow, Speaker } from '../../src/shared/flow.js';
import { l10n } from '../l10n.js';
import { el, setText, show } from '../widgets/dom.js';
import { formatTime } from '../widgets/format.js';
import { splitter } from '../widgets/splitter.js';
import { Tabs } from '../widgets/tabs.js';
import { Conversation, type ConversationOptions } from './conversation.js';
import { Decoded, type DecodedOptions } from './decoded.js';
import { shown } from './file/shownKind.js';
import { FlowFacts } from './flowFacts.js';
import { HexView, type CopyForm } from './bytes/hexView.js';
import type { ReadBytes } from './bytes/bytesCache.js';
import { iconButton } from './toolbar.js';
import { initialState, type PageState } from './pageState.js';
import { protocolWords, routeWords } from './words.js';
import { WhyHere } from './whyHere.js';

/** Below this the hex view (offset, 16 columns, text) and the facts do not fit side by side. */
const narrowPx = 860;

export interface FlowDetailOptions {
  revealRule(flow: FlowRow): void;
  closeFlow(flow: FlowRow): void;
  chunks: ConversationOptions['fetch'];
  messages: DecodedOptions['list'];
  message: DecodedOptions['get'];
  /** reads bytes of the flow that is shown */
  bytes(flow: number, from: Speaker, start: number, length: number): ReturnType<ReadBytes>;
  copy(text: string): Promise<unknown>;
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
  private readonly factsPanel = el('div', {});
  private readonly whyPanel = el('div', {});
  private readonly conversationPanel = el('div', {});
  private readonly tabs: Tabs;
  private readonly decoded: Decoded;
  private readonly facts = new FlowFacts();
  private readonly why = new WhyHere();
  private readonly conversation: Conversation;
  private readonly hex: HexView;
  private readonly line: HTMLElement;
  private shown: FlowRow | undefined;

  constructor(private readonly options: FlowDetailOptions, state: Readonly<PageState>) {
    this.decoded = new Decoded({ list: options.messages, get: options.message, onChosen: (from, { start, end }) => this.hex.selectBytes(from, start, end), report: options.report });
    this.conversation = new Conversation({ fetch: options.chunks, onChosen: (chunk) => this.showChunk(chunk), report: options.report });
    this.hex = new HexView({
      copy: options.copy,
      announce: options.announce,
      report: options.report,
      onSpeaker: (from) => options.save({ from }),
      onMoved: () => options.save({ hexTopRow: this.hex.topRow, hexSelection: this.hex.selected ?? null }),
    });
    this.decodedPanel.append(this.decoded.element);
    this.factsPanel.append(this.facts.element);
    this.whyPanel.append(this.why.element);
    this.conversationPanel.append(this.conversation.element);
    this.tabs = new Tabs('detail', l10n.t('Selected connection'), [
      { id: 'decoded', title: l10n.t('Decoded'), panel: this.decodedPanel },
      { id: 'facts', title: l10n.t('Facts'), panel: this.factsPanel },
      { id: 'why', title: l10n.t('Why here'), panel: this.whyPanel },
      { id: 'conversation', title: l10n.t('Conversation'), panel: this.conversationPanel },
      { id: 'bytes', title: l10n.t('Bytes'), panel: this.bytesPanel },
    ], (tab) => options.save({ tab }));
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
    new ResizeObserver(() => this.place(this.element.clientWidth < narrowPx)).observe(this.element);
  }

  /** Shows a flow from its start, or what is new about the one that is shown. */
  show(flow: FlowRow, state: Readonly<PageState>, isRestored: boolean): void {
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
      this.decoded.update();
      this.conversation.update(flow.chunkCount);
      this.hex.update(counts);
      return;
    }
    this.decoded.start(flow.id, flow.openedAt);
    this.conversation.start(flow.id, flow.openedAt, flow.chunkCount);
    const speaks = counts[state.from].total > 0 ? state.from : counts.client.total > 0 ? 'client' : 'upstream';
    this.hex.start((from, start, length) => this.options.bytes(flow.id, from, start, length), counts, speaks);
    if (isRestored && speaks === state.from) this.hex.restore(state.hexSelection ?? undefined, state.hexTopRow);
  }

  /** The clock went on: ages change though nothing happened. */
  tick(): void {
    if (this.shown !== undefined && this.shown.state !== 'closed') this.facts.show(this.shown);
  }

  forget(): void {
    this.shown = undefined;
  }

  copy(form: CopyForm): Promise<void> {
    return this.hex.copy(form);
  }

  private showChunk(chunk: ChunkRow): void {
    this.hex.selectBytes(chunk.from, chunk.offset, chunk.offset + chunk.length);
  }

  private place(isNarrow: boolean): void {
    const home = isNarrow ? this.bytesPanel : this.right;
    if (this.hex.element.parentElement === home) return;
    const chosen = this.tabs.current;
    home.append(this.hex.element);
    this.element.classList.toggle('is-narrow', isNarrow);
    show(this.right, !isNarrow);
    show(this.line, !isNarrow);
    this.tabs.setAvailable('bytes', isNarrow);
    this.tabs.choose(chosen, false);
  }
}
