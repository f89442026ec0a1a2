// Rows of a long list, fetched by page as they come into view. Knows what is there, what is old and what is on its way.

export interface Page<Row> {
  rows: Row[];
  start: number;
}

/** Rows per request: two screens, about 100 KB of flow facts. */
export const pageRows = 100;
/** Pages kept: enough to scroll back and forth without asking again, some 6,000 rows. */
const maxPages = 60;
/** Requests under way at once; while a thumb is dragged through a million rows the pages in between are never asked for. */
const maxRequests = 2;

interface Held<Row> {
  rows: Row[];
  /** generation of the list when they were asked for */
  generation: number;
}

/**
 * @param fetch asks for rows [start, start + count); what comes back late, for an older list, is thrown away
 * @param changed rows arrived: draw again
 */
export class PageCache<Row> {
  private readonly pages = new Map<number, Held<Row>>();
  private readonly underWay = new Set<number>();
  private wanted: { start: number; end: number } = { start: 0, end: 0 };
  private epoch = 0;
  private generation = 0;

  constructor(
    private readonly fetch: (start: number, count: number) => Promise<Page<Row>>,
    private readonly changed: () => void,
    private readonly failed: (fault: unknown) => void,
  ) {}

  row(index: number): Row | undefined {
    return this.pages.get(Math.floor(index / pageRows))?.rows[index % pageRows];
  }

  /** Rows that are here, with their index; for finding a row by what it holds. */
  *entries(): IterableIterator<[number, Row]> {
    for (const [page, held] of this.pages) for (const [index, row] of held.rows.entries()) yield [page * pageRows + index, row];
  }

  /** Says which rows are in view; missing and old ones are asked for. */
  want(start: number, end: number): void {
    this.wanted = { start, end };
    this.pump();
  }

  /** The list changed: rows stay shown until newer ones arrive. */
  markOld(): void {
    this.generation++;
    this.pump();
  }

  /** The list is another one: nothing that was fetched belongs to it. */
  reset(): void {
    this.epoch++;
    this.generation++;
    this.pages.clear();
    this.underWay.clear();
  }

  private pump(): void {
    if (this.wanted.end <= this.wanted.start) return;
    const first = Math.floor(this.wanted.start / pageRows);
    const last = Math.floor((this.wanted.end - 1) / pageRows);
    for (let page = first; page <= last && this.underWay.size < maxRequests; page++) {
      if (this.underWay.has(page)) continue;
      const held = this.pages.get(page);
      if (held !== undefined && held.generation === this.generation) continue;
      this.load(page);
    }
  }

  private load(page: number): void {
    const epoch = this.epoch;
    const generation = this.generation;
    this.underWay.add(page);
    this.fetch(page * pageRows, pageRows)
      .then((answer) => {
        if (epoch !== this.epoch) return;
        this.pages.delete(page);
        this.pages.set(page, { rows: answer.rows, generation });
        this.evict();
        this.changed();
      }, (fault: unknown) => {
        if (epoch === this.epoch) this.failed(fault);
      })
      .finally(() => {
        if (epoch !== this.epoch) return;
        this.underWay.delete(page);
        // Only a page that arrived leads on to the next one: a host that fails is not asked in a loop.
        if (this.pages.get(page)?.generation === generation) this.pump();
      });
  }

  private evict(): void {
    for (const page of this.pages.keys()) {
      if (this.pages.size <= maxPages) return;
      this.pages.delete(page);
    }
  }
}
