// The views that are open: made, asked for pages, told of what changed, closed. Nothing here decodes: it asks the ledger.

import { unknownView } from '../../../shared/errors.js';
import type { ExchangeRow, FilterProblem, InspectRequests, RowColor, ViewPage, ViewQuery } from '../../../shared/inspect.js';
import { Owner } from '../../../shared/lifecycle.js';
import { RowSet, type RowBits } from '../../../shared/rowSet.js';
import { columnOf, type Column } from './columns.js';
import { exchangeRow } from './exchanges.js';
import { ColorRules, Marks, type ColorRule } from './marks.js';
import type { Slices } from './slices.js';
import { View } from './view.js';
import { isProblem, type SubjectTest, type ViewSource } from './viewSource.js';

/** 4 MB for a million rows each, and as much again when sorted. */
const maxViews = 8;
/** A page larger than this is cut. */
const maxRows = 1000;
const maxColumns = 32;
/** How long a page may wait for rows that came since the last slice. */
const pageJudgeMs = 3;
/** How long a page may wait for colours; rows that are not judged by then get them with the next look. */
const pageColorMs = 8;

/** What of a query depends on debug sessions and their pauses: their names, and every time between request and answer. */
const dependsOnSessions = /session|latency|took/i;

interface Open {
  view: View;
  query: ViewQuery;
  columns: Map<string, Column | undefined>;
}

export class Views extends Owner {
  readonly marks = new Marks();
  private readonly rules = new ColorRules();
  private readonly views = new Map<number, Open>();
  private nextId = 1;

  /** @param changed there is more to see; @param lookedAt whether any view is open, whenever that changes */
  constructor(private readonly source: ViewSource, private readonly slices: Slices, private readonly changed: () => void, private readonly lookedAt: (isLookedAt: boolean) => void = () => undefined) {
    super();
    const subscription = source.ledger.onRowChanged?.((row) => this.reconsider(row));
    if (subscription !== undefined) this.register(subscription);
  }

  get memoryBytes(): number {
    let sum = this.marks.memoryBytes;
    for (const { view } of this.views.values()) sum += view.memoryBytes;
    return sum;
  }

  open(query: ViewQuery): { view: number } | { problem: FilterProblem } {
    const test = this.parsed(query.filter);
    if (test !== undefined && isProblem(test)) return { problem: test };
    const sort = query.sort === undefined ? undefined : columnOf(query.sort.column, this.source, query.listing === 'messages');
    const view = new View(this.source, query, test, sort, this.changed);
    const id = this.nextId++;
    this.views.set(id, { view, query, columns: new Map() });
    for (const oldest of this.views.keys()) {
      if (this.views.size <= maxViews) break;
      this.close(oldest);
    }
    this.slices.add(view);
    if (this.views.size === 1) this.lookedAt(true);
    return { view: id };
  }

  close(id: number): void {
    const open = this.views.get(id);
    if (open === undefined) return;
    this.views.delete(id);
    this.slices.remove(open.view);
    if (this.views.size === 0) this.lookedAt(false);
  }

  /** @throws MuxError `unknownView` */
  page(params: InspectRequests['view/rows']['params']): ViewPage {
    const open = this.require(params.view);
    const { view, query } = open;
    this.slices.advance(view, pageJudgeMs);
    const { total, judged, all, isDone, forgotten, growsAt } = view.progress();
    const start = Math.max(0, Math.floor(params.start));
    const end = Math.min(total, start + Math.max(0, Math.min(Math.floor(params.count), maxRows)));
    const isAlone = query.listing === 'messages';
    const columns = params.columns.slice(0, maxColumns).map((name) => this.column(open, name));
    const paint = this.painter(isAlone);
    const rows: ExchangeRow[] = [];
    for (let position = start; position < end; position++) {
      const row = exchangeRow(this.source, view.at(position), isAlone);
      row.cells = columns.map((column) => column?.cell(row.row) ?? '');
      paint(row);
      rows.push(row);
    }
    return { rows, start, total, judged, all, isDone, ...(growsAt === undefined ? {} : { growsAt }), forgotten, undecodedBytes: this.source.undecodedBytes() };
  }

  /** @throws MuxError `unknownView` */
  positionOf({ view, row }: InspectRequests['view/position']['params']): number | null {
    const open = this.require(view);
    this.slices.advance(open.view, pageJudgeMs);
    open.view.progress();
    return open.view.positionOf(row);
  }

  /** @throws MuxError `unknownView` */
  between({ view, range }: InspectRequests['view/between']['params']): RowBits {
    const open = this.require(view);
    this.slices.advance(open.view, pageJudgeMs);
    const { total } = open.view.progress();
    const ends = range === undefined ? [0, total - 1] : [range.one, range.other].map((row) => open.view.positionOf(row)).filter((position) => position !== null);
    const rows = new RowSet();
    if (0 < ends.length) for (let position = Math.min(...ends); position <= Math.max(...ends); position++) rows.add(open.view.at(position));
    return rows.pack();
  }

  setMarks(rows: readonly number[], color: RowColor | null): void {
    this.marks.dropBelow(this.source.ledger.first);
    const { first, end } = this.source.ledger;
    const known = rows.filter((row) => first <= row && row < end);
    this.marks.set(known, color);
    this.rules.clear();
    for (const row of known) this.reconsider(row);
    this.changed();
  }

  setColors(rules: readonly { filter: string; color: RowColor }[]): { problems: (FilterProblem & { rule: number })[] } {
    const problems: (FilterProblem & { rule: number })[] = [];
    const compiled: ColorRule[] = [];
    rules.forEach(({ filter, color }, rule) => {
      const test = this.parsed(filter);
      if (test === undefined) compiled.push({ test: () => true, color });
      else if (isProblem(test)) problems.push({ ...test, rule });
      else compiled.push({ test, color });
    });
    this.rules.set(compiled);
    this.changed();
    return { problems };
  }

  /** Debug sessions began, ended or were paused. */
  sessionsChanged(): void {
    this.rules.clear();
    for (const { view, query } of this.views.values()) {
      if (query.session !== undefined || dependsOnSessions.test(`${query.filter} ${query.sort?.column ?? ''}`)) view.reconsiderAll();
    }
    this.slices.wake();
  }

  /** What is known of these rows' flow changed: its program, its route. */
  rowsChanged(rows: Iterable<number>): void {
    if (this.views.size === 0) return;
    this.rules.clear();
    for (const row of rows) this.reconsider(row);
  }

  private reconsider(row: number): void {
    for (const { view } of this.views.values()) view.reconsider(row);
  }

  private parsed(filter: string): SubjectTest | FilterProblem | undefined {
    return filter.trim() === '' ? undefined : this.source.parse(filter);
  }

  private column({ columns, query }: Open, name: string): Column | undefined {
    if (!columns.has(name)) columns.set(name, columnOf(name, this.source, query.listing === 'messages'));
    return columns.get(name);
  }

  private painter(isAlone: boolean): (row: ExchangeRow) => void {
    const { ledger } = this.source;
    const until = this.source.now() + pageColorMs;
    let isOver = false;
    const mayJudge = (): boolean => {
      if (!isOver && until < this.source.now()) {
        isOver = true;
        this.changed();
      }
      return !isOver;
    };
    return (told) => {
      const { row } = told;
      const mark = this.marks.colorOf(row);
      if (mark !== undefined) told.isMarked = true;
      // A message alone may pass other rules than with its answers.
      const color = mark ?? this.rules.colorOf(row * 2 + (isAlone ? 1 : 0), ledger.answerCount(row), () => this.source.subject(row, isAlone), mayJudge);
      if (color !== undefined) told.color = color;
    };
  }

  private require(id: number): Open {
    const open = this.views.get(id);
    if (open === undefined) throw unknownView(id);
    return open;
  }
}
