// What is taken along from the list in front: which rows an export is about, and the two that are compared. The host asks for the rest.

import type { DocumentTarget, PageExport } from '../../src/shared/export.js';
import { formatCount, l10n, plural } from '../l10n.js';
import { setAttribute } from '../widgets/dom.js';
import { below, openPopup, type PopupEntry } from '../widgets/popupMenu.js';
import type { InspectorParts } from './inspectorParts.js';
import type { RowSelection } from './rowSelection.js';

/** While older messages are judged the list is not whole; asked again this often. */
const judgedEveryMs = 50;

export class Taking {
  /** rows that were selected when it was said last */
  private said = 0;

  constructor(private readonly parts: InspectorParts) {}

  /** rows of the list in front that are selected */
  get selected(): number {
    const { isMessages, hasExpression, messages, flows } = this.parts;
    return isMessages ? messages.selected : hasExpression ? 0 : flows.selected;
  }

  /** Other rows are selected, another list is in front, or it has grown. */
  onSelection(): void {
    const { isMessages, messages, flows, counts } = this.parts;
    const { selected } = this;
    const total = isMessages ? messages.rows.count : flows.total;
    const words = selected < 2 ? '' : l10n.t('{0} of {1} selected', formatCount(selected), formatCount(total));
    counts.setSelected(words, selected);
    // Menus of rows ask for it; the row under the pointer is always among them.
    const context = selected < 2 ? undefined : JSON.stringify({ chosenRows: selected });
    setAttribute(messages.element, 'data-vscode-context', isMessages ? context : undefined);
    setAttribute(flows.element, 'data-vscode-context', isMessages ? undefined : context);
    // A list that grows is no news for who cannot see it.
    if (selected === this.said) return;
    if (1 < selected) this.parts.announce(words);
    else if (1 < this.said) this.parts.announce(l10n.t('{0} selected', selected));
    this.said = selected;
  }

  /** Rows that left the list are no longer selected. */
  async keepListed(selection: RowSelection): Promise<void> {
    const gone = await selection.keepListed();
    if (0 < gone) this.parts.announce(plural(gone, '{0} row left the list and the selection.', '{0} rows left the list and the selection.'));
  }

  exportMenu(button: HTMLElement): void {
    openPopup(l10n.t('Export'), below(button), () => this.entries());
  }

  exportSelected(): void {
    this.run(this.exportSelectedNow());
  }

  /** The two selected rows, the earlier one on the left. */
  compare(): void {
    this.run(this.compareNow());
  }

  private entries(): PopupEntry[] {
    const { isMessages, hasExpression, messages, flows } = this.parts;
    const { selected } = this;
    const entries: PopupEntry[] = [];
    if (isMessages && 0 < selected) entries.push({ title: plural(selected, 'The selected message…', 'The {0} selected messages…'), run: () => this.exportSelected() });
    if (!hasExpression && 0 < selected) entries.push({ title: plural(selected, 'The selected connection…', 'The {0} selected connections…'), run: () => this.exportSelected() });
    const isNarrowed = hasExpression ? messages.isFiltered : flows.isFiltered;
    const total = hasExpression ? messages.rows.count : flows.total;
    if (isNarrowed && 0 < total) entries.push({ title: plural(total, 'The row of this list…', 'All {0} rows of this list…'), run: () => this.run(hasExpression ? this.exportListedMessages() : this.exportListedFlows()) });
    if (0 < entries.length) entries.push('line');
    entries.push({ title: l10n.t('Everything captured…'), run: () => this.run(this.send('all')) });
    return entries;
  }

  private async exportSelectedNow(): Promise<void> {
    const { isMessages, messages, flows } = this.parts;
    const { selection } = isMessages ? messages : flows;
    await this.keepListed(selection);
    if (selection.size === 0) return;
    if (isMessages) await this.send({ messages: selection.pack(), areAlone: this.parts.state.value.areAnswersRows });
    else await this.send({ flows: selection.pack() });
  }

  private async exportListedMessages(): Promise<void> {
    const { rows } = this.parts.messages;
    while (rows.isJudging) await new Promise((resolve) => setTimeout(resolve, judgedEveryMs));
    await this.send({ messages: await rows.client.between(), areAlone: this.parts.state.value.areAnswersRows });
  }

  private async exportListedFlows(): Promise<void> {
    await this.send({ flows: await this.parts.flows.listed() });
  }

  private async send(what: PageExport): Promise<void> {
    await this.parts.rpc.request('export/run', { what });
  }

  private async compareNow(): Promise<void> {
    const { isMessages, messages, flows } = this.parts;
    const [one, other, ...more] = (isMessages ? messages : flows).selection.values();
    if (one === undefined || other === undefined || 0 < more.length) {
      this.parts.announce(l10n.t('Select two rows to compare them.'));
      return;
    }
    const targets: (DocumentTarget | undefined)[] = isMessages ? [await messages.idOf(one), await messages.idOf(other)] : [{ flow: one }, { flow: other }];
    const [left, right] = targets;
    if (left !== undefined && right !== undefined) await this.parts.rpc.request('document/compare', { left, right });
  }

  private run(work: Promise<void>): void {
    work.catch((fault: unknown) => this.parts.report(fault));
  }
}
