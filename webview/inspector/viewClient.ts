// One view at a time, as the message list sees it: opened for a query, asked for rows, opened again when the lens lost it.

import { MuxError } from '../../src/shared/errors.js';
import type { FilterProblem, ViewPage, ViewQuery } from '../../src/shared/inspect.js';
import { say } from '../../src/shared/sentences.js';
import type { RowBits } from '../../src/shared/rowSet.js';
import type { InspectorRpc } from './inspector.js';

export type Opened = { view: number } | { problem: FilterProblem };

/** Asks the lens about the view of the newest query. Answers about an older one reject with `requestCancelled`, which nobody needs to hear of. */
export class ViewClient {
  private query: ViewQuery | undefined;
  private view: Promise<Opened> | undefined;
  private number = 0;

  constructor(private readonly rpc: InspectorRpc) {}

  /** Opens a view beside the one in use; `use` puts it in its place. */
  open(query: ViewQuery): Promise<Opened> {
    return this.rpc.request('view/open', query);
  }

  /** From now on questions go to this view; the one before is closed. */
  use(query: ViewQuery, opened: { view: number }): void {
    const before = this.view;
    this.number++;
    this.query = query;
    this.view = Promise.resolve(opened);
    if (before !== undefined) void before.then((old) => this.closeQuietly(old), () => undefined);
  }

  closeOpened(opened: { view: number }): void {
    this.closeQuietly(opened);
  }

  /** The lens is another one: its views are gone. */
  forget(): void {
    this.number++;
    this.view = undefined;
  }

  rowsOf(view: number, start: number, count: number, columns: readonly string[]): Promise<ViewPage> {
    return this.rpc.request('view/rows', { view, start, count, columns: [...columns] });
  }

  /** @throws MuxError `requestCancelled` when another view was opened meanwhile */
  async rows(start: number, count: number, columns: readonly string[]): Promise<ViewPage> {
    return this.ask((view) => this.rowsOf(view, start, count, columns));
  }

  /** @returns where a ledger row stands; null = it is not in the view (yet) */
  async position(row: number): Promise<number | null> {
    return (await this.ask((view) => this.rpc.request('view/position', { view, row }))).position;
  }

  /** Ledger rows that the view lists from one to another; without an end all of them. */
  between(range?: { one: number; other: number }): Promise<RowBits> {
    return this.ask((view) => this.rpc.request('view/between', { view, ...(range === undefined ? {} : { range }) }));
  }

  private async ask<T>(question: (view: number) => Promise<T>): Promise<T> {
    const { number } = this;
    try {
      const answer = await question(await this.current());
      if (number === this.number) return answer;
    } catch (fault) {
      if (number === this.number && !(fault instanceof MuxError && fault.code === 'requestCancelled')) {
        // Views are bounded: newer ones of other pages may have closed this one. Once more, with a new one.
        this.view = undefined;
        const answer = await question(await this.current());
        if (number === this.number) return answer;
      } else if (number === this.number) {
        throw fault;
      }
    }
    throw new MuxError('requestCancelled', say`The list is another one by now.`);
  }

  private async current(): Promise<number> {
    const { query } = this;
    if (query === undefined) throw new MuxError('requestCancelled', say`There is no list yet.`);
    this.view ??= this.open(query);
    const opened = await this.view;
    if ('view' in opened) return opened.view;
    throw new MuxError('internal', opened.problem.message);
  }

  private closeQuietly(opened: Opened): void {
    // A view that cannot be closed is closed by the lens when eight newer ones are there.
    if ('view' in opened) this.rpc.request('view/close', opened).catch(() => undefined);
  }
}
