// What was said, decoded, as lines that open: one request with its answers, or every message of the flow. Lines and bytes find each other:
// choosing or hovering a line tells its bytes, and `openAt` goes from a byte to its field.

import type { Speaker } from '../../src/shared/flow.js';
import type { Message, Range } from '../../src/shared/message.js';
import type { InspectorHostContract, MessageRow } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';
import { consume, el, setText, show } from '../widgets/dom.js';
import { Segmented } from '../widgets/segmented.js';
import { VirtualList } from '../widgets/virtualList.js';
import { createDecodedRow, renderDivider, renderField, renderLoading, renderMessage } from './decodedRows.js';
import { findExchange, findMessageAt, type Exchange, type Focus, type ListMessages } from './exchange.js';
import { MessageTree, messageName, placeName, shownRange, type TreeLine } from './messageTree.js';
import { PageCache } from './pageCache.js';

const lineHeightPx = 22;
/** Messages of an exchange that are opened with it: the request and its first answer. */
const openedAtFirst = 2;

type Requests = InspectorHostContract['requests'];

/** The bytes of a line, and what they are: "postgres.query". */
export interface Place {
  from: Speaker;
  range: Range;
  name: string;
}

export interface DecodedOptions {
  list: ListMessages;
  get(params: Requests['messages/get']['params']): Promise<Requests['messages/get']['result']>;
  /** @param isByPerson false when a message was chosen in a list above */
  onChosen(place: Place, isByPerson: boolean): void;
  onHover(place: Place | undefined): void;
  /** the message that the chosen line belongs to, once its fields are here */
  onMessage(message: Message): void;
  report(fault: unknown): void;
}

export class Decoded {
  readonly element = el('div', { class: 'decoded' });
  private readonly scopes: Segmented<'exchange' | 'all'>;
  private readonly head: HTMLElement;
  private readonly note = el('p', { class: 'pane-note', role: 'status' });
  private readonly empty = el('p', { class: 'quiet pane-note' });
  private readonly list: VirtualList;
  private readonly tree = new MessageTree();
  private cache: PageCache<MessageRow>;
  /** 0 = none yet: ids begin at 1 */
  private flow = 0;
  private openedAt = 0;
  private total = 0;
  private hasLayers = false;
  private focus: Focus | undefined;
  private scope: 'exchange' | 'all' = 'all';
  /** undefined while every message of the flow is listed */
  private exchange: Exchange | undefined;
  /** place of the message in the list, and which of its lines; '' = the message itself */
  private chosen: { index: number; id: string } | undefined;
  private isChosenByPerson = false;
  private readonly revealed = new Set<string>();
  private hovered = -1;
  private isLooking = false;
  /** there is more, or something else, to look for once that has come back */
  private isOld = false;
  /** counts what is shown: an answer about something older is dropped */
  private generation = 0;

  constructor(private readonly options: DecodedOptions) {
    this.cache = this.newCache();
    this.scopes = new Segmented(l10n.t('Which messages'), [{ id: 'exchange', title: l10n.t('This exchange') }, { id: 'all', title: l10n.t('Whole connection') }], (scope) => this.showAs(scope));
    this.head = el('div', { class: 'decoded-head' }, this.scopes.element);
    this.list = new VirtualList({
      rowHeightPx: lineHeightPx,
      label: l10n.t('Messages'),
      columns: [l10n.t('Seconds'), l10n.t('Who'), l10n.t('Message'), l10n.t('Took')],
      className: 'message-list',
      createRow: createDecodedRow,
      renderRow: (row, line) => this.renderLine(row, line),
      onRange: (start, end) => this.want(start, end),
      onActive: (line) => this.choose(line, true),
      onOpen: (line) => this.toggle(line),
    });
    this.list.grid.setAttribute('role', 'treegrid');
    this.list.element.addEventListener('keydown', (event) => this.onKey(event));
    this.list.element.addEventListener('click', (event) => this.onClick(event));
    this.list.element.addEventListener('mouseover', (event) => this.hover(this.list.indexOf(event.target) ?? -1));
    this.list.element.addEventListener('mouseleave', () => this.hover(-1));
    this.element.append(this.head, this.note, this.empty, this.list.element);
    show(this.head, false);
  }

  /** Another flow is shown, or another message of it. Without a focus every message is listed. */
  start(flow: number, openedAt: number, focus: Focus | undefined): void {
    this.flow = flow;
    this.openedAt = openedAt;
    this.focus = focus;
    this.total = 0;
    show(this.head, focus !== undefined);
    this.showAs(focus === undefined ? 'all' : 'exchange');
  }

  /** The flow went on, or more of it was decoded. */
  update(): void {
    if (this.scope === 'all') this.cache.markOld();
    else if (this.exchange === undefined || this.exchange.mayGrow) this.lookAgain();
  }

  /** Opens the way to the field that holds a byte, and marks it. The bytes stay as they are. */
  async openAt(from: Speaker, offset: number): Promise<void> {
    const { generation, flow } = this;
    let index = this.exchange?.rows.findIndex((row) => row.from === from && row.range.start <= offset && offset < row.range.end) ?? -1;
    if (index < 0) {
      const total = this.total === 0 ? (await this.options.list({ flow, start: 0, count: 1 })).total : this.total;
      const row = await findMessageAt(this.options.list, flow, total, from, offset);
      if (row === undefined || generation !== this.generation) return;
      if (this.exchange === undefined) index = row.index;
      else {
        const other = await findExchange(this.options.list, flow, { index: row.index });
        if (other === undefined || generation !== this.generation) return;
        // What is shown is another exchange from now on, whatever the list above has chosen.
        this.focus = { index: row.index };
        this.take(other, false);
        index = other.chosen;
      }
    }
    if (!this.tree.isOpen(index) && !(await this.open(index))) return;
    if (generation !== this.generation) return;
    const id = this.tree.openTo(index, offset);
    if (id === undefined) return;
    this.list.setCount(this.tree.lineCount);
    this.chosen = { index, id };
    const line = id === '' ? this.tree.lineOf(index) : this.tree.lineOfField(index, id);
    this.list.reveal(line, 'center');
    this.list.setActive(line);
    this.list.refresh();
    this.tell(line, (place) => this.options.onHover(place));
    this.tellMessage(index);
  }

  private showAs(scope: 'exchange' | 'all'): void {
    this.generation++;
    this.scope = scope;
    this.exchange = undefined;
    this.chosen = undefined;
    this.hovered = -1;
    this.revealed.clear();
    this.tree.reset();
    this.cache.reset();
    this.cache = this.newCache();
    this.list.setActive(-1);
    this.list.setCount(0);
    this.list.scrollToPx(0);
    show(this.note, false);
    show(this.empty, false);
    this.element.classList.toggle('is-exchange', scope === 'exchange');
    this.scopes.choose(scope, false);
    if (scope === 'all') this.cache.want(0, 1);
    else this.lookAgain();
  }

  // ---- one exchange ----

  private lookAgain(): void {
    const { focus, flow, generation } = this;
    if (focus === undefined || this.scope !== 'exchange') return;
    this.isOld = this.isLooking;
    if (this.isLooking) return;
    this.isLooking = true;
    findExchange(this.options.list, flow, focus).then((found) => {
      if (found === undefined || generation !== this.generation || focus !== this.focus) return;
      // What the list above knew of its answers holds for now only: more may come.
      if (focus.answerCount !== undefined) this.focus = { index: focus.index };
      this.take(found);
    }, (fault: unknown) => {
      if (generation === this.generation) this.options.report(fault);
    }).finally(() => {
      this.isLooking = false;
      if (this.isOld) this.lookAgain();
    });
  }

  /** @param tells the bytes of its message are shown */
  private take(found: Exchange, tells = true): void {
    const before = this.exchange;
    const isSame = before !== undefined && before.rows[0]?.index === found.rows[0]?.index;
    if (isSame && before.rows.length === found.rows.length && before.rows.every((row, at) => row.range.end === found.rows[at]?.range.end)) return;
    this.exchange = found;
    if (!isSame) {
      this.tree.reset();
      this.list.setActive(-1);
      this.list.scrollToPx(0);
      this.chosen = undefined;
    }
    this.tree.count = found.rows.length;
    this.tree.divider = found.divider;
    show(this.list.element, true);
    this.list.setCount(this.tree.lineCount);
    for (const at of found.rows.keys()) {
      const opensAtFirst = (at < openedAtFirst || at === found.chosen) && (!isSame || before.rows.length <= at);
      const hasGrown = isSame && this.tree.isOpen(at) && before.rows[at]?.range.end !== found.rows[at]?.range.end;
      if (opensAtFirst || hasGrown) this.open(at).catch(this.options.report);
    }
    if (!isSame) {
      const line = this.tree.lineOf(found.chosen);
      this.list.setActive(line);
      if (tells) this.choose(line, false);
    }
  }

  // ---- every message ----

  private newCache(): PageCache<MessageRow> {
    const flow = this.flow;
    return new PageCache(
      async (start, count) => {
        const page = await this.options.list({ flow, start, count });
        if (flow === this.flow && this.exchange === undefined) this.takePage(page);
        // Rows stand in their page by their index, also where those before them were forgotten.
        const gone = Math.min(count, page.start - start);
        return { start, rows: gone <= 0 ? page.rows : [...Array<MessageRow>(gone), ...page.rows.slice(0, count - gone)] };
      },
      () => this.list.refresh(),
      this.options.report,
    );
  }

  private takePage(page: Requests['messages/list']['result']): void {
    this.total = page.total;
    this.tree.count = page.total;
    if (page.first !== this.tree.first) this.setFirst(page.first);
    const words = [page.isCaughtUp ? '' : l10n.t('Decoding goes on…'), page.isCut ? l10n.t('This connection has more messages than are listed.') : ''].filter((part) => part !== '').join(' ');
    show(this.note, words !== '');
    setText(this.note, words);
    show(this.empty, page.total === 0);
    setText(this.empty, l10n.t('Neither side has said anything yet.'));
    show(this.list.element, 0 < page.total);
    // A conversation is read from its start. Who has scrolled to its end follows it from there.
    this.list.setCount(this.tree.lineCount, 0 < this.list.contentTopPx);
    this.hasLayers = 1 < page.layers.length;
  }

  /** Messages before this one were forgotten: lines move up, and what is chosen with them. */
  private setFirst(first: number): void {
    const active = this.tree.lineAt(this.list.activeIndex);
    this.tree.forgetBefore(first);
    if (active !== undefined) this.list.setActive(active.index < first ? -1 : active.kind === 'field' ? this.tree.lineOfField(active.index, active.id) : this.tree.lineOf(active.index));
  }

  private want(start: number, end: number): void {
    // A panel that is restored has a size before it has a flow.
    if (this.flow === 0 || this.scope !== 'all') return;
    const first = this.tree.lineAt(start)?.index ?? this.tree.first;
    const last = this.tree.lineAt(Math.max(start, end - 1))?.index ?? first;
    this.cache.want(first, last + 1);
  }

  // ---- lines ----

  private rowAt(index: number): MessageRow | undefined {
    return this.exchange === undefined ? this.cache.row(index) : this.exchange.rows[index];
  }

  private choose(line: number, isByPerson: boolean): void {
    const at = this.tree.lineAt(line);
    if (at === undefined || at.kind === 'divider') return;
    this.chosen = { index: at.index, id: at.kind === 'field' ? at.id : '' };
    this.isChosenByPerson = isByPerson;
    this.list.refresh();
    this.tell(line, (place) => this.options.onChosen(place, isByPerson));
    this.tellMessage(at.index);
  }

  private tellMessage(index: number): void {
    const known = this.tree.message(index);
    if (known !== undefined) {
      this.options.onMessage(known);
      return;
    }
    const row = this.rowAt(index);
    const { generation, flow } = this;
    if (row === undefined) return;
    this.options.get({ flow, index: row.index }).then((message) => {
      if (message === null || generation !== this.generation || this.chosen?.index !== index) return;
      if (message.content !== undefined || this.isChosenByPerson) this.options.onMessage(message);
    }, this.options.report);
  }

  private tell(line: number, hear: (place: Place) => void): void {
    const at = this.tree.lineAt(line);
    const row = at === undefined ? undefined : this.rowAt(at.index);
    if (at === undefined || row === undefined || at.kind === 'divider') return;
    const range = at.kind === 'message' ? row.range : (at.field?.range ?? at.problem?.range ?? row.range);
    hear({ from: row.from, range: shownRange(range), name: placeName(this.tree.message(at.index), row.protocol, at.kind === 'field' ? at.path : '') });
  }

  private hover(line: number): void {
    if (line === this.hovered) return;
    this.hovered = line;
    const at = this.tree.lineAt(line);
    if (at === undefined || at.kind === 'divider') this.options.onHover(undefined);
    else this.tell(line, (place) => this.options.onHover(place));
  }

  private toggle(line: number): void {
    const at = this.tree.lineAt(line);
    if (at === undefined || at.kind === 'divider') return;
    if (at.kind === 'field') {
      if (at.field?.isSecret === true) this.reveal(at.index, at.id);
      if (at.hasFields) this.tree.toggle(at.path);
      this.list.setCount(this.tree.lineCount);
    } else if (at.isOpen) {
      this.tree.close(at.index);
      this.list.setCount(this.tree.lineCount);
    } else {
      this.open(at.index).catch(this.options.report);
    }
  }

  private reveal(index: number, id: string): void {
    const key = `${index} ${id}`;
    if (!this.revealed.delete(key)) this.revealed.add(key);
  }

  /** @returns whether it is open now */
  private async open(index: number): Promise<boolean> {
    const row = this.rowAt(index);
    if (row === undefined || (!row.hasFields && row.severity === undefined)) return false;
    const { flow, generation } = this;
    const message = await this.options.get({ flow, index: row.index });
    if (generation !== this.generation || message === null || this.rowAt(index)?.index !== row.index) return false;
    const active = this.tree.lineAt(this.list.activeIndex);
    this.tree.open(index, message);
    this.list.setCount(this.tree.lineCount);
    // A GET carries nothing: the body that belongs to it is its answer's, until a person chooses another message.
    if (message.content !== undefined && !this.isChosenByPerson && this.exchange !== undefined && this.tree.message(this.exchange.chosen)?.content === undefined) this.options.onMessage(message);
    // The keyboard's line moves down with its message.
    if (active !== undefined && index < active.index) this.list.setActive(active.kind === 'field' ? this.tree.lineOfField(active.index, active.id) : this.tree.lineOf(active.index) - (active.kind === 'divider' ? 1 : 0));
    return true;
  }

  private onKey(event: KeyboardEvent): void {
    const line = this.list.activeIndex;
    const at = this.tree.lineAt(line);
    if (at === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowRight' && !at.isOpen) {
      consume(event);
      this.toggle(line);
    } else if (event.key === 'ArrowLeft') {
      consume(event);
      if (at.isOpen) this.toggle(line);
      else this.toParent(line, at);
    }
  }

  private toParent(line: number, at: TreeLine): void {
    if (at.kind !== 'field') return;
    let parent = line - 1;
    for (let above = this.tree.lineAt(parent); above?.kind === 'field' && at.depth <= above.depth; above = this.tree.lineAt(parent)) parent -= 1;
    this.list.reveal(parent);
    this.list.setActive(parent);
    this.choose(parent, true);
  }

  private onClick(event: MouseEvent): void {
    if (event.target instanceof Element && event.target.closest('.twistie') !== null) this.toggle(this.list.activeIndex);
  }

  private renderLine(element: HTMLElement, line: number): void {
    const at = this.tree.lineAt(line);
    const row = at === undefined ? undefined : this.rowAt(at.index);
    if (at === undefined || row === undefined) {
      renderLoading(element);
      return;
    }
    const isChosen = this.chosen?.index === at.index && at.kind !== 'divider' && this.chosen.id === (at.kind === 'field' ? at.id : '');
    if (at.kind === 'divider') renderDivider(element, row);
    else if (at.kind === 'message') renderMessage(element, row, { isOpen: at.isOpen, isChosen, namesProtocol: this.hasLayers && this.exchange === undefined, openedAt: this.openedAt, title: this.titleOf(at.index, row) });
    else renderField(element, at, isChosen, this.revealed.has(`${at.index} ${at.id}`));
  }

  private titleOf(index: number, row: MessageRow): string {
    const name = this.exchange === undefined ? undefined : messageName(this.tree.message(index));
    return name === undefined || row.summary.toLowerCase().startsWith(name.toLowerCase()) ? '' : name;
  }
}
