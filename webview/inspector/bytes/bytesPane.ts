// The right half: bytes of the selected connection as hex and text, and the body of the chosen message. What is selected here is selected in
// all of them, and known to whoever shows fields.

import type { DirectionCounts, Speaker } from '../../../src/shared/flow.js';
import type { Message, Range } from '../../../src/shared/message.js';
import { formatCount, l10n, plural } from '../../l10n.js';
import { consume, el, setText, show } from '../../widgets/dom.js';
import { formatBytes } from '../../widgets/format.js';
import { Tabs } from '../../widgets/tabs.js';
import { shown } from '../file/shownKind.js';
import { BodyView } from './bodyView.js';
import { ByteModel, type ByteChange } from './byteModel.js';
import { readRange, type ReadBytes } from './bytesCache.js';
import { ByteTools } from './byteTools.js';
import { FindBar } from './findBar.js';
import { parseOffset, type HexSelection } from './hexSelection.js';
import { HexView, type HexLook } from './hexView.js';
import { copyText, type CopyForm } from './literals.js';
import type { TextEncoding } from './textLayout.js';
import { TextView } from './textView.js';
import { ValuesLine } from './valuesLine.js';

/** A copy is made in the page's memory, as a literal five characters a byte: enough for any message, bounded for a 1 GB flow. */
const maxCopyBytes = 1024 * 1024;

/** What is remembered of it. */
export interface BytesState {
  bytesTab: string;
  hexColumns: number;
  hexOffsets: 'hex' | 'decimal';
  textEncoding: TextEncoding;
  hasValues: boolean;
}

export interface BytesPaneOptions {
  copy(text: string): Promise<unknown>;
  /** opens the body of a message of the flow in an editor of its own */
  openBody(index: number): void;
  announce(sentence: string): void;
  report(fault: unknown): void;
  onSpeaker(from: Speaker): void;
  /** a person went to a byte */
  onByte(from: Speaker, offset: number): void;
  /** selection or scroll place changed: keep it */
  onMoved(): void;
  save(change: Partial<BytesState>): void;
}

export class BytesPane {
  readonly element: HTMLElement;
  private readonly model: ByteModel;
  private readonly tools: ByteTools;
  private readonly find: FindBar;
  private readonly hex: HexView;
  private readonly text: TextView;
  private readonly body: BodyView;
  private readonly values: ValuesLine;
  private readonly tabs: Tabs;
  private readonly place = el('span', { class: 'bytes-place' });
  private readonly note = el('p', { class: 'pane-note' });
  private readonly empty = el('p', { class: 'quiet pane-note' });
  private readonly panels = { hex: el('div', {}), text: el('div', {}), body: el('div', {}) };
  private look: HexLook;
  private encoding: TextEncoding;
  /** what the selected and the lit bytes are, where that is known */
  private readonly names: Record<'selected' | 'lit', { name: string | undefined; range: Range } | undefined> = { selected: undefined, lit: undefined };

  constructor(private readonly options: BytesPaneOptions, state: BytesState) {
    this.look = { columns: state.hexColumns, offsets: state.hexOffsets };
    this.encoding = state.textEncoding;
    this.model = new ByteModel((what) => this.onChange(what), options.report);
    const onByte = (offset: number): void => options.onByte(this.model.from, offset);
    const onCommandKey = (event: KeyboardEvent): boolean => this.onCommandKey(event);
    this.hex = new HexView(this.model, { onByte, onScroll: options.onMoved, onCommandKey });
    this.text = new TextView(this.model, { onByte, onCommandKey, report: options.report });
    this.body = new BodyView({ read: () => this.model.read, onCommandKey: (event) => this.onBodyKey(event), open: options.openBody, report: options.report });
    this.values = new ValuesLine(this.model, (hasValues) => options.save({ hasValues }), options.report);
    this.find = new FindBar({
      scope: () => (this.model.read === undefined ? undefined : { from: this.model.from, first: this.model.firstKept, total: this.model.total, read: this.model.read, cursor: this.model.selected }),
      onFound: (start, end) => this.goToRange({ start, end }),
      onClose: () => this.focus(),
      report: options.report,
    });
    this.tools = new ByteTools({
      onSpeaker: (from) => this.setSpeaker(from),
      goTo: (words) => this.goTo(words),
      find: () => this.find.open(),
      copy: (form) => void this.copy(form).catch(options.report),
      onLook: (look) => this.setLook(look),
      onEncoding: (encoding) => this.setEncoding(encoding),
    }, () => this.look, () => this.encoding, () => this.tabs.current === 'text');
    this.panels.hex.append(this.hex.element);
    this.panels.text.append(this.text.element);
    this.panels.body.append(this.body.element);
    this.tabs = new Tabs('bytes', l10n.t('Bytes'), [
      { id: 'hex', title: l10n.t('Hex'), panel: this.panels.hex },
      { id: 'text', title: l10n.t('Text'), panel: this.panels.text },
      { id: 'body', title: l10n.t('Body'), panel: this.panels.body },
    ], (tab) => {
      options.save({ bytesTab: tab });
      this.showTab(tab);
    });
    this.tabs.extra.append(this.place);
    this.element = el('div', { class: 'hex' }, this.tabs.element);
    this.hex.setLook(this.look);
    this.text.setEncoding(this.encoding);
    this.values.setOpen(state.hasValues);
    this.tabs.choose(state.bytesTab, false);
    this.showTab(this.tabs.current);
  }

  get speaker(): Speaker {
    return this.model.from;
  }

  get selected(): HexSelection | undefined {
    return this.model.selection;
  }

  get topOffset(): number {
    return this.hex.topOffset;
  }

  /** Another flow is shown. Starts at the oldest byte that is still there. */
  start(read: ReadBytes, counts: Record<Speaker, DirectionCounts>, from: Speaker): void {
    this.names.selected = undefined;
    this.body.setMessage(undefined);
    this.model.start(read, counts, from);
  }

  /** The flow went on. */
  update(counts: Record<Speaker, DirectionCounts>): void {
    this.model.update(counts);
  }

  /** Shows and selects the bytes of something that was chosen. @param name what they are: "postgres.query" */
  select(from: Speaker, range: Range, name?: string): void {
    this.setSpeaker(from);
    this.names.selected = { name, range };
    this.model.lit = undefined;
    if (!this.model.selectRange(range)) return;
    this.reveal(range);
  }

  /** Lights up the bytes of what is pointed at, when their speaker is the one that is shown. */
  light(from: Speaker | undefined, range?: Range, name?: string): void {
    if (from === this.model.from && range !== undefined) {
      this.names.lit = { name, range };
      this.model.light(range);
    } else this.model.light(undefined);
  }

  setMessage(message: Message | undefined): void {
    this.body.setMessage(message);
  }

  /** Puts back what an earlier page had. */
  restore(selection: HexSelection | undefined, topOffset: number): void {
    if (topOffset < this.model.total) this.hex.scrollTo(topOffset);
    if (selection !== undefined && Math.max(selection.anchor, selection.cursor) < this.model.total) this.model.select(selection);
  }

  openFind(): void {
    if (this.tabs.current === 'body') this.tabs.choose('hex', true);
    this.find.open();
  }

  async copy(form: CopyForm): Promise<void> {
    const model = this.tabs.current === 'body' ? this.body.model : this.model;
    const { selected, read } = model;
    if (selected === undefined || read === undefined) {
      this.options.announce(l10n.t('Select bytes first.'));
      return;
    }
    const { bytes, gapBytes, isCut } = await readRange(read, model.from, selected.start, selected.end, maxCopyBytes);
    await this.options.copy(copyText(form, bytes, selected.start));
    const parts = [plural(bytes.length, '{0} byte copied.', '{0} bytes copied.')];
    if (isCut) parts.push(l10n.t('The rest is left out: a copy holds at most {0}.', formatBytes(maxCopyBytes)));
    if (gapBytes > 0) parts.push(plural(gapBytes, '{0} overwritten byte is a zero in it.', '{0} overwritten bytes are zeros in it.'));
    this.options.announce(parts.join(' '));
  }

  private onChange(what: ByteChange): void {
    this.hex.onChange(what);
    this.text.onChange(what);
    if (what === 'flow') this.find.reset();
    if (what === 'flow' || what === 'counts') this.showHead();
    if (what !== 'light') this.values.draw();
    if (what === 'selection') this.options.onMoved();
    this.showPlace();
  }

  private showHead(): void {
    const { from, counts, total } = this.model;
    this.tools.show(from, counts);
    const { dropped, kept } = counts[from];
    show(this.note, dropped > 0);
    setText(this.note, dropped === 0 ? '' : shown.isFile ? l10n.t('{0} of these bytes are not in the file and show as ··', formatBytes(dropped)) : kept === 0
      ? l10n.t('All {0} of these bytes were overwritten by newer traffic, or never kept.', formatBytes(dropped))
      : l10n.t('{0} older bytes were overwritten by newer traffic and show as ··', formatBytes(dropped)));
    show(this.empty, total === 0);
    show(this.hex.element, total > 0);
    show(this.text.element, total > 0);
    setText(this.empty, from === 'client' ? l10n.t('The client has said nothing.') : l10n.t('The upstream has said nothing.'));
  }

  /** "postgres.query · 61 bytes at 0x1a6": what is lit, or else what is selected. */
  private showPlace(): void {
    const range = this.model.lit ?? this.model.selected;
    if (range === undefined) {
      setText(this.place, '');
      return;
    }
    const named = this.model.lit === undefined ? this.names.selected : this.names.lit;
    const name = named?.range.start === range.start && named.range.end === range.end ? named.name : undefined;
    const words = l10n.t('{0} at 0x{1}', plural(range.end - range.start, '{0} byte', '{0} bytes'), range.start.toString(16));
    setText(this.place, name === undefined ? words : `${name} · ${words}`);
    this.place.title = this.place.textContent ?? '';
  }

  private showTab(tab: string): void {
    if (tab === 'hex' || tab === 'text') {
      const panel = this.panels[tab];
      panel.prepend(this.tools.element, this.find.element, this.note, this.empty);
      panel.append(this.values.element);
    }
    this.text.setShown(tab === 'text');
    this.body.setShown(tab === 'body');
    if (tab === 'hex' && this.model.selected !== undefined) this.hex.reveal(this.model.selected.start, this.model.selected.end);
  }

  private setSpeaker(from: Speaker): void {
    if (from === this.model.from) return;
    this.model.setSpeaker(from);
    this.options.onSpeaker(from);
  }

  private reveal(range: Range): void {
    this.hex.reveal(range.start, range.end);
    this.text.reveal(range.start);
  }

  private goToRange(range: Range): void {
    this.names.selected = undefined;
    this.model.selectRange(range);
    this.reveal(range);
    this.options.onByte(this.model.from, range.start);
  }

  private goTo(words: string): boolean {
    const { model } = this;
    const offset = parseOffset(words, model.selection?.cursor ?? 0, model.total);
    if (offset === undefined) {
      this.options.announce(l10n.t('“{0}” is no offset between 0 and {1}.', words, formatCount(Math.max(0, model.total - 1))));
      return false;
    }
    this.goToRange({ start: offset, end: offset + 1 });
    this.focus();
    return true;
  }

  private focus(): void {
    if (this.tabs.current === 'text') this.text.focus();
    else this.hex.focus();
  }

  private setLook(look: HexLook): void {
    this.look = look;
    this.hex.setLook(look);
    this.options.save({ hexColumns: look.columns, hexOffsets: look.offsets });
  }

  private setEncoding(encoding: TextEncoding): void {
    this.encoding = encoding;
    this.text.setEncoding(encoding);
    this.options.save({ textEncoding: encoding });
  }

  private onCommandKey(event: KeyboardEvent): boolean {
    if (event.key === 'F3') {
      consume(event);
      if (this.find.isOpen) this.find.find(event.shiftKey ? 'previous' : 'next');
      else this.find.open();
      return true;
    }
    if (!event.ctrlKey && !event.metaKey) return false;
    switch (event.key.toLowerCase()) {
      case 'a':
        if (this.model.total > 0) this.model.select({ anchor: 0, cursor: this.model.total - 1 });
        break;
      case 'c':
        this.copy(this.tabs.current === 'text' || this.hex.side === 'text' ? 'text' : 'hex').catch(this.options.report);
        break;
      case 'f': this.find.open(); break;
      case 'g': this.tools.focusGoTo(); break;
      default: return false;
    }
    consume(event);
    return true;
  }

  private onBodyKey(event: KeyboardEvent): boolean {
    if (!event.ctrlKey && !event.metaKey) return false;
    const { model } = this.body;
    if (event.key.toLowerCase() === 'a' && model.total > 0) model.select({ anchor: 0, cursor: model.total - 1 });
    else if (event.key.toLowerCase() === 'c') this.copy('text').catch(this.options.report);
    else return false;
    consume(event);
    return true;
  }
}
