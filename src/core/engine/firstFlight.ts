// What a client sends before anyone has answered, kept in order in memory of its own until an upstream has it.

/** Nearly every first flight fits; longer ones double this until they do. */
const firstCapacity = 1024;

/** Grows up to what its user appends; the user bounds it. */
export class FirstFlight {
  private memory: Uint8Array | undefined;
  private length = 0;

  get size(): number {
    return this.length;
  }

  append(view: Uint8Array): void {
    const needed = this.length + view.length;
    if (this.memory === undefined || this.memory.length < needed) {
      let capacity = Math.max(firstCapacity, this.memory?.length ?? 0);
      while (capacity < needed) capacity *= 2;
      const larger = Buffer.allocUnsafe(capacity);
      if (this.memory !== undefined) larger.set(this.memory.subarray(0, this.length));
      this.memory = larger;
    }
    this.memory.set(view, this.length);
    this.length = needed;
  }

  clear(): void {
    this.memory = undefined;
    this.length = 0;
  }

  /** @returns everything so far, from byte 0; valid until the next `append` */
  view(): Uint8Array {
    return this.memory === undefined ? nothing : this.memory.subarray(0, this.length);
  }
}

const nothing = new Uint8Array(0);
