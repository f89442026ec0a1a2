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

/** Where lens reads bytes back from: what engines recorded, or a file. */
export interface LensStore extends StoreReader, KeptTest {
  /** reads positions as the newest engine names them */
  readonly current: CaptureReader | undefined;
  /** Another engine's store follows. */
  begin(header: SharedArrayBuffer): void;
  add(segments: readonly SegmentMemory[]): void;
  /** @returns the position of the newest store's byte among all stores; what was not kept stays so */
  placed(position: number): number;
}

export class StoreReaders implements LensStore {
  private readonly stores: { base: number; reader: CaptureReader }[] = [];
  private begun = 0;

  get current(): CaptureReader | undefined {
    return this.stores.at(-1)?.reader;
  }

  begin(header: SharedArrayBuffer): void {
    this.stores.push({ base: (this.begun++ % stretches) * stretch, reader: new CaptureReader(header) });
    if (maxStores < this.stores.length) this.stores.shift();
  }

  add(segments: readonly SegmentMemory[]): void {
    this.current?.add(segments);
  }

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
