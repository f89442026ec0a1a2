// Memory for reads of directions that are not busy: a small buffer each, larger while reads fill it, used again and again.

/**
 * Sizes a direction goes through: 4 KiB holds nearly every request and keeps 10,000 idle flows cheap. A direction that fills 64 KiB
 * sends in bulk, and gets as much at a time as the ring would give it (capture/store.ts, `segmentBytes`, says what that is good for).
 */
export const readSizes = [4 << 10, 16 << 10, 64 << 10, 1 << 20] as const;

export type ReadLevel = 0 | 1 | 2 | 3;
export const topLevel: ReadLevel = 3;

/** Small buffers are cut from blocks of this size: an ArrayBuffer costs about a microsecond and 200 bytes. */
const blockBytes = 256 << 10;

/** Free buffers kept per size. 4 KiB: as many as flows had at once (they are cut from blocks anyway); larger ones: 36 MiB together. */
const keptFree = [Number.POSITIVE_INFINITY, 1024, 64, 16] as const;

/** Buffers of the largest size in use at a time: 64 MiB. More directions than that in bulk at once share the cores, and 64 KiB serve them as well. */
const maxLarge = 64;

/** Buffers by size, handed out and taken back. One per engine. */
export class BufferPool {
  private readonly free: Uint8Array[][] = [[], [], [], []];
  private largeInUse = 0;

  /** One of the largest may be taken. */
  get hasLarge(): boolean {
    return this.largeInUse < maxLarge;
  }

  take(level: ReadLevel): Uint8Array {
    if (level === topLevel) this.largeInUse++;
    const kept = this.free[level] ?? [];
    const buffer = kept.pop();
    if (buffer !== undefined) return buffer;
    const size = readSizes[level];
    if (1 < level) return Buffer.allocUnsafeSlow(size);
    const block = Buffer.allocUnsafeSlow(blockBytes);
    for (let start = size; start < blockBytes; start += size) kept.push(block.subarray(start, start + size));
    return block.subarray(0, size);
  }

  give(level: ReadLevel, buffer: Uint8Array): void {
    if (level === topLevel) this.largeInUse--;
    const kept = this.free[level];
    if (kept !== undefined && kept.length < keptFree[level]) kept.push(buffer);
  }
}
