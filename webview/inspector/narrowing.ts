// What narrows the lists: the filter, the listener, one connection, a stretch of time, a debug session. One place, so that each part of the page agrees.

import type { FilterProblem } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { formatTime } from '../widgets/format.js';
import { hasPart, togglePart } from './filterParts.js';
import type { InspectorParts } from './inspectorParts.js';
import { withHistory, type PageState } from './pageState.js';
import type { Scope } from './toolbar.js';

export class Narrowing {
  /** the filter before the one in force: what cancelling goes back to */
  filterBefore = '';

  constructor(private readonly parts: InspectorParts) {}

  /** Narrows the messages to one more condition, or takes it away again. */
  addCondition(condition: string): void {
    if (!this.parts.hasExpression) this.parts.setList('messages');
    this.parts.filterBox.setText(togglePart(this.parts.state.value.filter, condition));
  }

  toggleListener(name: string): void {
    const listener = this.parts.host.listeners.find((one) => one.name === name);
    if (listener === undefined) return;
    const id = this.parts.state.value.listenerId === listener.id ? '' : listener.id;
    this.parts.toolbar.setListeners(this.parts.host.listeners, id);
    this.setListener(id);
  }

  /** The filter box's text is to be in force. */
  setText(text: string): void {
    if (!this.parts.hasExpression) {
      if (text === this.parts.state.value.text) return;
      this.parts.state.update({ text, topRow: null });
      this.parts.flows.restart();
      return;
    }
    if (text === this.parts.state.value.filter) return;
    if (this.parts.messages.rows.lastPage?.isDone !== false) this.filterBefore = this.parts.state.value.filter;
    this.parts.state.update({ filter: text });
    this.parts.messages.rows.restart();
    this.parts.statistics.restart();
    this.showScopes();
  }

  /** The lens took the filter, or said what is wrong with it: then the rows are those of the filter before. */
  onFilter(problem: FilterProblem | undefined): void {
    this.parts.filterBox.setProblem(problem);
    const { filter, history } = this.parts.state.value;
    if (problem === undefined && filter !== '') this.parts.state.update({ history: withHistory(history, filter) });
  }

  setListener(listenerId: string): void {
    if (listenerId === this.parts.state.value.listenerId) return;
    this.parts.state.update({ listenerId, topRow: null });
    this.parts.flows.restart();
    this.parts.messages.rows.restart();
  }

  showAllFlows(): void {
    this.parts.state.update({ listenerId: '' });
    this.parts.toolbar.setListeners(this.parts.host.listeners, '');
    if (this.parts.debug.isNarrowed) this.parts.debug.widen();
    this.parts.filterBox.setText('');
  }

  showScopes(): void {
    const { onlyFlow, since, stretch, filter } = this.parts.state.value;
    const scopes: Scope[] = [];
    const sessions = this.parts.debug.scopes();
    const leave = l10n.t('show all again');
    if (onlyFlow !== null) scopes.push({ title: l10n.t('connection {0}', onlyFlow), leave, end: () => this.setScope({ onlyFlow: null }) });
    if (since !== null) scopes.push({ title: l10n.t('since {0}', formatTime(since)), leave, end: () => this.setScope({ since: null }) });
    if (stretch !== null) scopes.push({ title: l10n.t('{0} to {1}', formatTime(stretch.from), formatTime(stretch.to)), leave, end: () => this.setScope({ stretch: null }) });
    this.parts.toolbar.setScopes(this.parts.hasExpression ? [...sessions, ...scopes] : sessions);
    this.parts.toolbar.setChips((condition) => hasPart(filter, condition));
  }

  /** The host narrowed the lists to a debug session, or widened them again. */
  narrow(): void {
    this.parts.state.update({ topRow: null });
    this.parts.flows.restart();
    this.parts.messages.rows.restart();
  }

  setScope(change: { onlyFlow?: number | null; since?: number | null; stretch?: PageState['stretch'] }): void {
    this.parts.state.update(change);
    if (change.stretch !== undefined) this.parts.overview.setStretch(change.stretch ?? undefined);
    this.showScopes();
    this.parts.messages.rows.restart();
    this.parts.statistics.restart();
  }
}
