// The bytes of a capture file as lens reads them back: positions are offsets in the file, so nothing of it is held but what was read last.
// Bytes that stand nowhere in the file as a whole (their packet came in fragments) are kept here, at positions behind any file's end.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileNotReadable } from '../../../shared/errors.js';
import { Owner, toDisposable } from '../../../shared/lifecycle.js';
import { reasonOf } from '../../fileFault.js';
import type { LensStore } from '../storeReaders.js';

/** Packets are smaller than this: one read serves those around it too. */
const blockBytes = 64 << 10;
/** 16 MiB: what is decoded, shown and searched lies close together. */
const maxBlocks = 256;

/** Positions from here on are those of kept bytes: a pebibyte, farther than a file goes. */
const keptFrom = 2 ** 50;
/** Fragments are rare; what comes after so many bytes of them counts as missing. */
const maxKeptBytes = 64 << 20;

export class FileStore extends Owner implements LensStore {
  readonly current = undefined;
  /** bytes of the file when it was opened */
  readonly size: number;
  private readonly handle: number;
  /** by number; the last one used comes last */
  private readonly blocks = new Map<number, Uint8Array>();
  private lastNumber = -1;
  private lastBlock = new Uint8Array(0);
  private readonly kept: { start: number; bytes: Uint8Array }[] = [];
  private keptBytes = 0;

  /** @throws MuxError `fileNotReadable` */
  constructor(private readonly file: string) {
    super();
    try {
      this.handle = openSync(file, 'r');
      this.register(toDisposable(() => closeSync(this.handle)));
      const stat = fstatSync(this.handle);
      if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
      this.size = stat.size;
    } catch (fault) {
      this.dispose();
      throw fileNotReadable(file, reasonOf(fault as NodeJS.ErrnoException), fault);
    }
  }

  begin(): void {}

  add(): void {}

  placed(position: number): number {
    return position;
  }

  isKept(position: number): boolean {
    return 0 <= position;
  }

  /** Bytes that are not in the file as they are. @returns their position; -1 when there is no more room */
  keep(bytes: Uint8Array): number {
    if (maxKeptBytes < this.keptBytes + bytes.length) return -1;
    const start = keptFrom + this.keptBytes;
    this.kept.push({ start, bytes: bytes.slice() });
    this.keptBytes += bytes.length;
    return start;
  }

  /** @returns false when the file no longer has these bytes */
  read(position: number, length: number, into: Uint8Array, at: number): boolean {
    if (keptFrom <= position) return this.readKept(position, length, into, at);
    for (let done = 0; done < length; ) {
      const number = Math.floor((position + done) / blockBytes);
      const block = number === this.lastNumber ? this.lastBlock : this.block(number);
      const start = position + done - number * blockBytes;
      const piece = Math.min(length - done, block.length - start);
      if (piece <= 0) return false;
      into.set(block.subarray(start, start + piece), at + done);
      done += piece;
    }
    return true;
  }

  /** The next bytes of the file, past the cache: for reading all of it. @returns bytes read; 0 at its end */
  readInto(into: Uint8Array, position: number): number {
    try {
      return readSync(this.handle, into, 0, into.length, position);
    } catch (fault) {
      throw fileNotReadable(this.file, reasonOf(fault as NodeJS.ErrnoException), fault);
    }
  }

  private block(number: number): Uint8Array {
    let block = this.blocks.get(number);
    if (block === undefined) {
      const bytes = new Uint8Array(blockBytes);
      block = bytes.subarray(0, this.readInto(bytes, number * blockBytes));
      if (maxBlocks <= this.blocks.size) this.blocks.delete(this.blocks.keys().next().value!);
    } else {
      this.blocks.delete(number);
    }
    this.blocks.set(number, block);
    this.lastNumber = number;
    this.lastBlock = block as Uint8Array<ArrayBuffer>;
    return block;
  }

  private readKept(position: number, length: number, into: Uint8Array, at: number): boolean {
    let low = 0;
    let high = this.kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.kept[middle]!.start <= position) low = middle + 1;
      else high = middle;
    }
    const found = this.kept[low - 1];
    const start = position - (found?.start ?? 0);
    if (found === undefined || found.bytes.length < start + length) return false;
    into.set(found.bytes.subarray(start, start + length), at);
    return true;
  }
}
