// What the page says of its list as a whole: the counts, how far it is judged, and why there is nothing in it.

import { show } from '../widgets/dom.js';
import { EmptyState, type EmptyWords } from './emptyState.js';
import { noFlowsWords, noMessagesWords } from './emptyWords.js';
import { fileCountsWords, isWithoutPackets } from './file/fileWords.js';
import type { InspectorParts } from './inspectorParts.js';
import { judgedPercent, messageCounts } from './messageWords.js';
import type { Narrowing } from './narrowing.js';
import type { Taking } from './taking.js';
import { countsWords } from './words.js';

export class ListStatus {
  readonly empty = new EmptyState();

  constructor(private readonly parts: InspectorParts, private readonly narrowing: Narrowing, private readonly taking: Taking) {}

  show(): void {
    const { summary } = this.parts;
    if (this.parts.hasExpression) {
      const page = this.parts.messages.rows.lastPage;
      this.parts.counts.setCounts(messageCounts(summary, page, this.parts.messages.isFiltered, this.parts.messages.rows.newer(summary)).join(' · '));
      this.parts.counts.setJudged(this.parts.messages.rows.isJudging ? judgedPercent(page) : undefined);
    } else {
      const matching = this.parts.flows.isFiltered ? this.parts.flows.total : undefined;
      this.parts.counts.setCounts(this.parts.host.file === undefined ? countsWords(summary, matching, this.parts.flows.newer(summary)) : fileCountsWords(summary, matching));
      this.parts.counts.setJudged(undefined);
    }
    this.taking.onSelection();
    this.showEmpty();
  }

  showEmpty(): void {
    const isEmpty = isWithoutPackets(this.parts.host.file) || (this.parts.isMessages ? this.parts.messages.rows.isEmpty : !this.parts.hasExpression && this.parts.flows.isEmpty);
    show(this.empty.element, isEmpty);
    if (this.parts.isMessages) show(this.parts.messages.look.list.element, !isEmpty);
    else if (!this.parts.hasExpression) show(this.parts.flows.list.element, !isEmpty);
    if (isEmpty) this.empty.show(this.emptyWords());
  }

  private emptyWords(): EmptyWords {
    const { file, listeners } = this.parts.host;
    const facts = { state: this.parts.state.value, file, listeners, isNarrowed: this.parts.debug.isNarrowed };
    const ways = {
      clearFilter: () => this.parts.filterBox.setText(''),
      showAll: () => this.narrowing.setScope({ onlyFlow: null, since: null, stretch: null }),
      widen: () => this.parts.debug.widen(),
    };
    if (this.parts.isMessages) return noMessagesWords({ ...facts, all: this.parts.messages.rows.lastPage?.all ?? 0 }, ways);
    return noFlowsWords({ ...facts, all: this.parts.summary.totalFlows }, ways);
  }
}
