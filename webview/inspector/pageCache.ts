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
 * @param readAhead pages that are fetched beyond those in view, in the direction of the last move
 * @param fetch asks for rows [start, start + count); what comes back late, for an older list, is thrown away
 * @param changed rows arrived: draw again
 */
export class PageCache<Row> {
  /** rows of the list: nothing is read ahead beyond them */
  length = 0;
  private readonly pages = new Map<number, Held<Row>>();
  private readonly underWay = new Set<number>();
  private wanted: { start: number; end: number } = { start: 0, end: 0 };
  private epoch = 0;
  private generation = 0;
  private direction: 1 | -1 = 1;

  constructor(
    private readonly fetch: (start: number, count: number) => Promise<Page<Row>>,
    private readonly changed: () => void,
    private readonly failed: (fault: unknown) => void,
    private readonly readAhead = 0,
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
    if (start !== this.wanted.start) this.direction = start < this.wanted.start ? -1 : 1;
    this.wanted = { start, end };
    this.pump();
  }

  /** The list changed: rows stay shown until newer ones arrive. */
  markOld(): void {
    this.age();
    this.pump();
  }

  /** The same, but nothing is asked for before rows are wanted again. */
  age(): void {
    this.generation++;
  }

  /** Rows that came another way than by asking for their page. @param start a multiple of `pageRows` */
  put(start: number, rows: readonly Row[]): void {
    for (let at = 0; at < rows.length; at += pageRows) {
      const page = (start + at) / pageRows;
      this.pages.delete(page);
      this.pages.set(page, { rows: rows.slice(at, at + pageRows), generation: this.generation });
    }
    this.evict();
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
    // Beyond what is seen only what was never here: old rows there can wait until they are seen.
    for (let ahead = 1; ahead <= this.readAhead && this.underWay.size < maxRequests; ahead++) {
      const page = this.direction === 1 ? last + ahead : first - ahead;
      if (page < 0 || this.length <= page * pageRows || this.underWay.has(page) || this.pages.has(page)) continue;
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
