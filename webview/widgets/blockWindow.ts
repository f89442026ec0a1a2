// Part of something long that has no row numbers of its own: a run of neighbouring blocks, each of as many rows as it turned out to have. Pure.

export class BlockWindow<Row> {
  /** number of the first block that is here */
  first = 0;
  private blocks: Row[][] = [];
  /** rows before each block, and in all at the end */
  private starts: number[] = [0];

  get end(): number {
    return this.first + this.blocks.length;
  }

  get rowCount(): number {
    return this.starts.at(-1) ?? 0;
  }

  /** Forgets everything; the next block that comes will be this one. */
  reset(first: number): void {
    this.first = first;
    this.blocks = [];
    this.starts = [0];
  }

  append(rows: Row[]): void {
    this.blocks.push(rows);
    this.starts.push(this.rowCount + rows.length);
  }

  prepend(rows: Row[]): void {
    this.first -= 1;
    this.blocks.unshift(rows);
    this.count();
  }

  /** The last block has grown, or turned out different. */
  replace(block: number, rows: Row[]): void {
    this.blocks[block - this.first] = rows;
    this.count();
  }

  /**
   * Drops blocks from one end until about `maxRows` are left; the last block always stays.
   *
   * @returns rows that went from the front
   */
  trim(maxRows: number, side: 'front' | 'end'): number {
    let gone = 0;
    while (1 < this.blocks.length && maxRows < this.rowCount - gone) {
      const dropped = side === 'front' ? this.blocks.shift() : this.blocks.pop();
      if (side === 'front') {
        this.first += 1;
        gone += dropped?.length ?? 0;
      } else this.count();
    }
    this.count();
    return side === 'front' ? gone : 0;
  }

  rowAt(index: number): Row | undefined {
    const at = this.blockAt(index);
    return this.blocks[at]?.[index - (this.starts[at] ?? 0)];
  }

  /** @returns number of the first row of a block; undefined when it is not here */
  startOf(block: number): number | undefined {
    return this.first <= block && block < this.end ? this.starts[block - this.first] : undefined;
  }

  rowsOf(block: number): readonly Row[] | undefined {
    return this.blocks[block - this.first];
  }

  private blockAt(index: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private count(): void {
    this.starts = [0];
    for (const rows of this.blocks) this.starts.push((this.starts.at(-1) ?? 0) + rows.length);
  }
}
