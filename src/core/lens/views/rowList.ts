// Row numbers in rising order, without gaps between them in memory: a million take 4 MB. Rows come at the end, go from the front, and now and then in the middle.

/** 16 KiB: moved whole when a row comes in the middle. */
const rowsPerBlock = 4096;
const firstCapacity = 64;

interface Block {
  rows: Uint32Array;
  start: number;
  end: number;
}

/** Row numbers are kept in 32 bits: 4,294,967,295 messages in the life of a lens. */
export class RowList {
  private blocks: Block[] = [];
  /** rows before each block; made again when it is asked for */
  private before: number[] = [];
  private isIndexed = true;
  private size = 0;

  get count(): number {
    return this.size;
  }

  get memoryBytes(): number {
    return this.blocks.reduce((sum, { rows }) => sum + rows.byteLength, 0);
  }

  /** @param row greater than all that are there */
  push(row: number): void {
    let block = this.blocks[this.blocks.length - 1];
    if (block === undefined || block.end === rowsPerBlock) {
      block = { rows: new Uint32Array(this.blocks.length === 0 ? firstCapacity : rowsPerBlock), start: 0, end: 0 };
      this.blocks.push(block);
      this.isIndexed = false;
    }
    makeRoom(block);
    block.rows[block.end++] = row;
    this.size += 1;
  }

  /** @param position below `count` */
  at(position: number): number {
    this.index();
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.before[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    const block = this.blocks[low]!;
    return block.rows[block.start + position - this.before[low]!]!;
  }

  /** @returns -1 when it is not there */
  positionOf(row: number): number {
    const at = this.blockOf(row);
    const block = this.blocks[at];
    if (block === undefined) return -1;
    const place = placeOf(block, row);
    if (place === block.end || block.rows[place] !== row) return -1;
    this.index();
    return this.before[at]! + place - block.start;
  }

  has(row: number): boolean {
    const block = this.blocks[this.blockOf(row)];
    if (block === undefined) return false;
    const place = placeOf(block, row);
    return place < block.end && block.rows[place] === row;
  }

  /** @returns false when it is there already */
  insert(row: number): boolean {
    const at = this.blockOf(row);
    const block = this.blocks[at];
    const isLast = at === this.blocks.length - 1;
    if (block === undefined || (isLast && block.rows[block.end - 1]! < row)) {
      this.push(row);
      return true;
    }
    const place = placeOf(block, row);
    if (place < block.end && block.rows[place] === row) return false;
    if (block.end === rowsPerBlock) {
      if (0 < block.start) moveToFront(block);
      else this.split(at);
      return this.insert(row);
    }
    makeRoom(block);
    block.rows.copyWithin(place + 1, place, block.end);
    block.rows[place] = row;
    block.end += 1;
    this.size += 1;
    this.isIndexed = false;
    return true;
  }

  /** @returns false when it is not there */
  delete(row: number): boolean {
    const at = this.blockOf(row);
    const block = this.blocks[at];
    if (block === undefined) return false;
    const place = placeOf(block, row);
    if (place === block.end || block.rows[place] !== row) return false;
    block.rows.copyWithin(place, place + 1, block.end);
    block.end -= 1;
    if (block.start === block.end) this.blocks.splice(at, 1);
    this.size -= 1;
    this.isIndexed = false;
    return true;
  }

  /** Lets go of rows below `row`. @returns how many */
  dropBelow(row: number): number {
    const before = this.size;
    while (0 < this.blocks.length) {
      const block = this.blocks[0]!;
      if (row <= block.rows[block.start]!) break;
      const place = placeOf(block, row);
      this.size -= place - block.start;
      this.isIndexed = false;
      block.start = place;
      if (place < block.end) break;
      this.blocks.shift();
    }
    return before - this.size;
  }

  /**
   * Takes out what does not stay, for a part of the list.
   *
   * @param from row to begin at
   * @returns row to go on at, or undefined when the end was reached
   */
  sweep(from: number, stays: (row: number) => boolean, removed: (row: number) => void): number | undefined {
    const at = this.blockOf(from);
    const block = this.blocks[at];
    if (block === undefined) return undefined;
    let kept = block.start;
    for (let place = block.start; place < block.end; place++) {
      const row = block.rows[place]!;
      if (stays(row)) block.rows[kept++] = row;
      else removed(row);
    }
    const gone = block.end - kept;
    block.end = kept;
    this.size -= gone;
    if (0 < gone) this.isIndexed = false;
    const isEmpty = block.start === block.end;
    if (isEmpty) this.blocks.splice(at, 1);
    const next = this.blocks[isEmpty ? at : at + 1];
    return next?.rows[next.start];
  }

  /** Takes over the rows of `later`, all greater than those that are here. */
  append(later: RowList): void {
    this.blocks.push(...later.blocks);
    this.size += later.size;
    this.isIndexed = false;
    later.blocks = [];
    later.size = 0;
  }

  /** @returns a copy */
  toArray(): Uint32Array {
    const all = new Uint32Array(this.size);
    let at = 0;
    for (const { rows, start, end } of this.blocks) {
      all.set(rows.subarray(start, end), at);
      at += end - start;
    }
    return all;
  }

  /** The last block that begins at or below `row`; the first one when none does. */
  private blockOf(row: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const block = this.blocks[middle]!;
      if (block.rows[block.start]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private split(at: number): void {
    const block = this.blocks[at]!;
    const middle = (block.start + block.end) >>> 1;
    const rows = new Uint32Array(rowsPerBlock);
    rows.set(block.rows.subarray(middle, block.end));
    this.blocks.splice(at + 1, 0, { rows, start: 0, end: block.end - middle });
    block.end = middle;
    this.isIndexed = false;
  }

  private index(): void {
    if (this.isIndexed) return;
    this.isIndexed = true;
    this.before.length = 0;
    let sum = 0;
    for (const { start, end } of this.blocks) {
      this.before.push(sum);
      sum += end - start;
    }
  }
}

function makeRoom(block: Block): void {
  if (block.end < block.rows.length) return;
  const larger = new Uint32Array(Math.min(rowsPerBlock, block.rows.length * 2));
  larger.set(block.rows);
  block.rows = larger;
}

function moveToFront(block: Block): void {
  block.rows.copyWithin(0, block.start, block.end);
  block.end -= block.start;
  block.start = 0;
}

/** Where `row` stands or would stand in the block. */
function placeOf({ rows, start, end }: Block, row: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
}
