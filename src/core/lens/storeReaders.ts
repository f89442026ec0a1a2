// The capture stores of engines that followed one another, read as one: a store's positions start from 0 again, so each store
// gets a stretch of positions of its own here. What an engine kept can be read after it has ended.

import { CaptureReader, segmentBytes, type SegmentMemory } from '../capture/store.js';
import type { KeptTest } from './chunkIndex.js';
import type { StoreReader } from './byteReader.js';

/** The newest store and the one before: two captures' worth of memory at most. */
const maxStores = 2;

/** Positions of one store: a pebibyte each, so that a few stretches still count exactly in a double. */
const stretch = segmentBytes * 2 ** 30;
const stretches = 4;

export class StoreReaders implements StoreReader, KeptTest {
  private readonly stores: { base: number; reader: CaptureReader }[] = [];
  private begun = 0;

  /** reads positions as the newest engine names them */
  get current(): CaptureReader | undefined {
    return this.stores.at(-1)?.reader;
  }

  /** Another engine's store follows. */
  begin(header: SharedArrayBuffer): void {
    this.stores.push({ base: (this.begun++ % stretches) * stretch, reader: new CaptureReader(header) });
    if (maxStores < this.stores.length) this.stores.shift();
  }

  add(segments: readonly SegmentMemory[]): void {
    this.current?.add(segments);
  }

  /** @returns the position of the newest store's byte among all stores; what was not kept stays so */
  placed(position: number): number {
    const store = this.stores.at(-1);
    return position < 0 || store === undefined ? position : store.base + position;
  }

  isKept(position: number): boolean {
    const store = this.find(position);
    return store?.reader.isKept(position - store.base) === true;
  }

  read(position: number, length: number, into: Uint8Array, at: number): boolean {
    const store = this.find(position);
    return store?.reader.read(position - store.base, length, into, at) === true;
  }

  private find(position: number): { base: number; reader: CaptureReader } | undefined {
    return this.stores.find(({ base }) => base <= position && position < base + stretch);
  }
}
