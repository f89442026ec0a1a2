// Counts, errors and times per protocol, upstream, operation or program, over the messages that the filter lets through.

import type { InspectRequests, StatRow } from '../../../src/shared/inspect.js';
import { formatCount, l10n } from '../../l10n.js';
import { el, setText, show } from '../../widgets/dom.js';
import { formatBytes, formatDuration } from '../../widgets/format.js';
import { PressGuard } from '../../widgets/pressGuard.js';
import { Segmented } from '../../widgets/segmented.js';
import type { InspectorRpc } from '../inspector.js';
import { protocolHue } from '../protocolHue.js';
import { sortedStats, type StatColumn } from './statOrder.js';

type By = InspectRequests['stats/table']['params']['by'];

const everyMs = 1000;
/** rows that are drawn: nobody reads more, and the count tells of the rest */
const maxRows = 200;

export interface StatisticsOptions {
  rpc: InspectorRpc;
  /** what the messages are narrowed to */
  scope(): { filter: string; from?: number; to?: number };
  onCondition(condition: string): void;
  report(fault: unknown): void;
}

export class Statistics {
  readonly element = el('div', { class: 'statistics list-body' });
  private readonly body = el('tbody');
  private readonly press = new PressGuard(this.body, () => this.draw());
  private readonly note = el('p', { class: 'pane-note', role: 'status' });
  private readonly heads: { column: StatColumn; cell: HTMLTableCellElement }[];
  private by: By = 'protocol';
  private sort: { column: StatColumn; isDescending: boolean } = { column: 'count', isDescending: true };
  private rows: readonly StatRow[] = [];
  private isShown = false;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStale = false;

  constructor(private readonly options: StatisticsOptions) {
    const by = new Segmented<By>(l10n.t('Statistics per'), [
      { id: 'protocol', title: l10n.t('Protocol') },
      { id: 'upstream', title: l10n.t('Upstream') },
      { id: 'operation', title: l10n.t('Operation') },
      { id: 'program', title: l10n.t('Program') },
    ], (id) => {
      this.by = id;
      this.ask();
    });
    by.choose('protocol', false);
    const columns: [StatColumn, string][] = [['key', l10n.t('Name')], ['count', l10n.t('Count')], ['errors', l10n.t('Errors')], ['p50', 'p50'], ['p95', 'p95'], ['p99', 'p99'], ['bytes', l10n.t('Bytes')]];
    this.heads = columns.map(([column, title]) => {
      const button = el('button', { class: 'stat-head', type: 'button', text: title });
      button.addEventListener('click', () => this.sortBy(column));
      return { column, cell: el('th', { scope: 'col' }, button) };
    });
    const table = el('table', { class: 'stat-table' }, el('caption', { class: 'visually-hidden', text: l10n.t('Statistics') }), el('thead', {}, el('tr', {}, ...this.heads.map(({ cell }) => cell))), this.body);
    this.element.append(el('div', { class: 'statistics-head' }, by.element, this.note), el('div', { class: 'stat-scroll', tabindex: '0', role: 'region', 'aria-label': l10n.t('Statistics') }, table));
    show(this.element, false);
  }

  setShown(isShown: boolean): void {
    this.isShown = isShown;
    show(this.element, isShown);
    if (isShown) this.ask();
  }

  /** There is more, or the messages are narrowed to something else. */
  onChanged(): void {
    if (!this.isShown || document.hidden) return;
    if (this.timer === undefined) this.ask();
    else this.isStale = true;
  }

  restart(): void {
    if (this.isShown) this.ask();
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('.stat-scroll')?.focus();
  }

  private ask(): void {
    const { rpc, scope, report } = this.options;
    const number = ++this.asked;
    this.isStale = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.isStale) this.onChanged();
    }, everyMs);
    rpc.request('stats/table', { by: this.by, ...scope() }).then((answer) => {
      // Typing goes on: a later answer is on its way.
      if (number !== this.asked || 'problem' in answer) return;
      this.rows = answer.rows;
      if (!answer.isDone) this.isStale = true;
      setText(this.note, answer.isDone ? '' : l10n.t('Counting goes on…'));
      this.draw();
    }, report);
  }

  private sortBy(column: StatColumn): void {
    this.sort = { column, isDescending: this.sort.column === column ? !this.sort.isDescending : column !== 'key' };
    this.draw();
  }

  private draw(): void {
    if (this.press.waits) return;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['key'] : undefined;
    for (const { column, cell } of this.heads) cell.setAttribute('aria-sort', column !== this.sort.column ? 'none' : this.sort.isDescending ? 'descending' : 'ascending');
    const rows = sortedStats(this.rows, this.sort.column, this.sort.isDescending).slice(0, maxRows);
    const most = rows.reduce((sum, { count }) => Math.max(sum, count), 1);
    this.body.replaceChildren(...rows.map((row) => this.row(row, most)));
    if (rows.length === 0) this.body.append(el('tr', {}, el('td', { class: 'quiet', colspan: '7', text: l10n.t('No message yet') })));
    if (focused === undefined) return;
    // The rows are new ones; whoever stood on one stays on it.
    for (const key of this.body.querySelectorAll<HTMLElement>('button')) if (key.dataset['key'] === focused) key.focus({ preventScroll: true });
  }

  private row(row: StatRow, most: number): HTMLTableRowElement {
    const name = row.key === '' ? l10n.t('unknown') : row.key;
    const condition = conditionOf(this.by, row.key);
    const key = condition === undefined ? el('span', { text: name }) : el('button', { class: 'stat-key', type: 'button', title: l10n.t('Only these'), text: name });
    if (condition !== undefined) {
      key.dataset['key'] = row.key;
      key.addEventListener('click', () => this.options.onCondition(condition));
    }
    const time = (ms: number | undefined): string => (ms === undefined ? '' : formatDuration(ms));
    const bar = el('span', { class: 'stat-bar' });
    bar.style.width = `${(row.count / most) * 100}%`;
    return el('tr', {},
      el('th', { scope: 'row', class: this.by === 'protocol' ? protocolHue(row.key) : '' }, key),
      el('td', { class: 'stat-count' }, bar, el('span', { text: formatCount(row.count) })),
      el('td', { class: row.errors > 0 ? 'is-trouble' : '', text: row.errors === 0 ? '' : formatCount(row.errors) }),
      ...[row.p50, row.p95, row.p99].map((ms) => el('td', { text: time(ms) })),
      el('td', { text: formatBytes(row.bytes) }));
  }
}

/** @returns what narrows the lists to a row; operations are words of ours, which no filter knows */
function conditionOf(by: By, key: string): string | undefined {
  if (key === '') return undefined;
  switch (by) {
    case 'protocol':
      return `protocol == ${key}`;
    case 'upstream':
      return `upstream == ${JSON.stringify(key)}`;
    case 'program':
      return `flow.process ~ ${JSON.stringify(`${key}*`)}`;
    case 'operation':
      return undefined;
  }
}
