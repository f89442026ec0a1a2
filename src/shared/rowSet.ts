// A set of row numbers, as a bit each: a million rows that are chosen take 150 KB, wherever they lie, and cross a border as one piece.

/** Bit `n` of `bits`, from the lowest of the first byte on, stands for row `first + n`. */
export interface RowBits {
  /** a multiple of 8 */
  first: number;
  bits: Uint8Array;
}

/** 8,192 rows, 1 KiB. */
const blockRows = 8192;

export class RowSet {
  private readonly blocks = new Map<number, { bits: Uint8Array; count: number }>();
  private count = 0;

  static of(rows: Iterable<number>): RowSet {
    const set = new RowSet();
    for (const row of rows) set.add(row);
    return set;
  }

  static from(packed: RowBits): RowSet {
    const set = new RowSet();
    for (const row of rowsIn(packed)) set.add(row);
    return set;
  }

  get size(): number {
    return this.count;
  }

  has(row: number): boolean {
    const block = this.blocks.get(Math.floor(row / blockRows));
    return block !== undefined && (block.bits[(row % blockRows) >> 3]! & (1 << (row & 7))) !== 0;
  }

  /** @returns false when it is there already */
  add(row: number): boolean {
    if (this.has(row)) return false;
    const at = Math.floor(row / blockRows);
    let block = this.blocks.get(at);
    if (block === undefined) this.blocks.set(at, (block = { bits: new Uint8Array(blockRows / 8), count: 0 }));
    block.bits[(row % blockRows) >> 3]! |= 1 << (row & 7);
    block.count += 1;
    this.count += 1;
    return true;
  }

  /** @returns false when it is not there */
  delete(row: number): boolean {
    if (!this.has(row)) return false;
    const at = Math.floor(row / blockRows);
    const block = this.blocks.get(at)!;
    block.bits[(row % blockRows) >> 3]! &= ~(1 << (row & 7));
    block.count -= 1;
    this.count -= 1;
    if (block.count === 0) this.blocks.delete(at);
    return true;
  }

  clear(): void {
    this.blocks.clear();
    this.count = 0;
  }

  /** Rows in rising order. */
  *values(): IterableIterator<number> {
    for (const at of [...this.blocks.keys()].sort((a, b) => a - b)) yield* rowsIn({ first: at * blockRows, bits: this.blocks.get(at)!.bits });
  }

  /** @returns a copy, from the first block that holds a row to the last */
  pack(): RowBits {
    if (this.count === 0) return { first: 0, bits: new Uint8Array(0) };
    let low = Infinity;
    let high = -Infinity;
    for (const at of this.blocks.keys()) {
      low = Math.min(low, at);
      high = Math.max(high, at);
    }
    const bits = new Uint8Array(((high - low + 1) * blockRows) / 8);
    for (const [at, block] of this.blocks) bits.set(block.bits, ((at - low) * blockRows) / 8);
    return { first: low * blockRows, bits };
  }
}

/** Rows in rising order. */
export function* rowsIn({ first, bits }: RowBits): IterableIterator<number> {
  for (let at = 0; at < bits.length; at++) {
    const byte = bits[at]!;
    if (byte === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) yield first + at * 8 + bit;
  }
}
