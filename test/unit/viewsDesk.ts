// Plays the inspector for views: opens them, lets time pass slice by slice, reads pages.

import assert from 'node:assert/strict';
import { Slices } from '../../src/core/lens/views/slices.js';
import { Views } from '../../src/core/lens/views/views.js';
import type { ExchangeRow, ViewPage, ViewQuery } from '../../src/shared/inspect.js';
import { Owner } from '../../src/shared/lifecycle.js';
import { SyntheticLedger, SyntheticSource } from './syntheticLedger.js';

export class ViewsDesk extends Owner {
  readonly ledger: SyntheticLedger;
  readonly source: SyntheticSource;
  readonly slices: Slices;
  readonly views: Views;
  readonly faults: unknown[] = [];
  changes = 0;
  isLookedAt = false;
  /** the clock: milliseconds; every look at it takes `lookMs` */
  time = 1000;
  lookMs = 0;

  constructor(capacity = 1000) {
    super();
    this.ledger = new SyntheticLedger(capacity);
    this.source = new SyntheticSource(this.ledger);
    this.source.now = () => (this.time += this.lookMs);
    this.slices = this.register(new Slices(this.source.now, (fault) => this.faults.push(fault)));
    this.views = this.register(new Views(this.source, this.slices, () => (this.changes += 1), (isLookedAt) => (this.isLookedAt = isLookedAt)));
    this.source.isMarked = (row) => this.views.marks.colorOf(row) !== undefined;
    this.source.flow(1);
  }

  open(query: Partial<ViewQuery> = {}): number {
    const opened = this.views.open({ filter: '', listing: 'exchanges', ...query });
    assert.ok('view' in opened, JSON.stringify(opened));
    return opened.view;
  }

  page(view: number, start = 0, count = 1000, columns: string[] = []): ViewPage {
    return this.views.page({ view, start, count, columns });
  }

  rows(view: number): ExchangeRow[] {
    return this.page(view).rows;
  }

  summaries(view: number): string[] {
    return this.rows(view).map(({ summary }) => summary);
  }

  numbers(view: number): number[] {
    return this.rows(view).map(({ row }) => row);
  }

  numbersAt(view: number, start: number): number[] {
    return this.page(view, start).rows.map(({ row }) => row);
  }

  /** Slices go on until the view has judged and sorted everything. */
  async done(view: number): Promise<void> {
    for (let turn = 0; !this.page(view, 0, 0).isDone; turn++) {
      assert.ok(turn < 100_000, 'a view that never ends');
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
