// Which rows of the ledger are one flow's: row by index of the message.

/** Made by `Ledger.open`; only the ledger changes it. */
export class FlowRows {
  /** index of the oldest message whose row is still there */
  firstIndex = 0;
  private rows: Float64Array = none;
  private start = 0;
  private end = 0;

  /** @param flow its id */
  constructor(readonly flow: number) {}

  /** rows that are there */
  get count(): number {
    return this.end - this.start;
  }

  /** index that the next message gets */
  get nextIndex(): number {
    return this.firstIndex + this.count;
  }

  get byteLength(): number {
    return 120 + this.rows.byteLength;
  }

  /** @returns -1 = there is none with that index, or it was forgotten */
  rowOf(index: number): number {
    const at = index - this.firstIndex;
    return 0 <= at && at < this.end - this.start ? this.rows[this.start + at]! : -1;
  }

  /** @returns a copy of at most so many of the last rows */
  latest(most: number): Float64Array {
    return this.rows.slice(Math.max(this.start, this.end - most), this.end);
  }

  /** @returns bytes that it takes more than before */
  add(row: number): number {
    const before = this.rows.byteLength;
    if (this.end === this.rows.length) this.makeRoom();
    this.rows[this.end++] = row;
    return this.rows.byteLength - before;
  }

  /** Its oldest row is gone. */
  dropFirst(): void {
    this.start += 1;
    this.firstIndex += 1;
    if (this.start === this.end) {
      this.rows = none;
      this.start = this.end = 0;
    }
  }

  /** Every row is gone; the next message is the first one again. */
  clear(): void {
    this.rows = none;
    this.start = this.end = this.firstIndex = 0;
  }

  private makeRoom(): void {
    const { count } = this;
    // Where half of it is free already, what is left moves to the front.
    const room = this.rows.length <= count * 2 ? new Float64Array(Math.max(4, count * 2)) : this.rows;
    room.set(this.rows.subarray(this.start, this.end));
    this.rows = room;
    this.start = 0;
    this.end = count;
  }
}

const none = new Float64Array(0);
