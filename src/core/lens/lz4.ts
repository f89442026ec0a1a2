// LZ4 frames and blocks (LZ4 Frame Format Description 1.6.4, LZ4 Block Format Description). The packages that do this are native or
// unmaintained.

import { say, type Sentence } from '../../shared/sentences.js';

const magic = 0x184d2204;

/** @returns the bytes, or a phrase that says why not */
export function lz4(bytes: Uint8Array, maxBytes: number): Uint8Array | Sentence {
  const output = new Output(maxBytes);
  if (u32Le(bytes, 0) !== magic) return block(bytes, 0, bytes.length, output) ?? output.bytes();
  const flags = bytes[4] ?? 0;
  // Magic, FLG, BD, content size (bit 3), dictionary id (bit 0), header checksum.
  let at = 6 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4) + 1;
  const checksumBytes = (flags & 16) === 0 ? 0 : 4;
  while (at + 4 <= bytes.length) {
    const size = u32Le(bytes, at);
    at += 4;
    if (size === 0) break;
    const isPlain = 0x7fffffff < size;
    const length = isPlain ? size - 0x80000000 : size;
    const stop = Math.min(at + length, bytes.length);
    const fault = isPlain ? output.append(bytes, at, stop - at) : block(bytes, at, stop, output);
    if (fault !== undefined) return fault;
    at += length + checksumBytes;
  }
  return output.bytes();
}

function block(bytes: Uint8Array, start: number, end: number, output: Output): Sentence | undefined {
  let at = start;
  const extended = (length: number): number => {
    let sum = length;
    if (length !== 15) return sum;
    for (let next = 255; next === 255 && at < end; ) {
      next = bytes[at++]!;
      sum += next;
    }
    return sum;
  };
  while (at < end) {
    const token = bytes[at++]!;
    const literals = extended(token >> 4);
    if (end < at + literals) return say`an LZ4 block is cut or broken`;
    const fault = output.append(bytes, at, literals);
    if (fault !== undefined) return fault;
    at += literals;
    // The last sequence is literals only.
    if (end <= at) return undefined;
    const distance = bytes[at]! | ((bytes[at + 1] ?? 0) << 8);
    at += 2;
    const copied = output.repeat(distance, extended(token & 15) + 4);
    if (copied !== undefined) return copied;
  }
  return undefined;
}

/** Grows by doubling, never past its bound. */
class Output {
  private memory: Uint8Array;
  private length = 0;

  constructor(private readonly maxBytes: number) {
    this.memory = new Uint8Array(Math.min(maxBytes, 4096));
  }

  append(bytes: Uint8Array, at: number, length: number): Sentence | undefined {
    const fault = this.grow(length);
    if (fault !== undefined) return fault;
    this.memory.set(bytes.subarray(at, at + length), this.length);
    this.length += length;
    return undefined;
  }

  /** Copies what stands `distance` back; the copy may overlap what it makes. */
  repeat(distance: number, length: number): Sentence | undefined {
    if (distance === 0 || this.length < distance) return say`an LZ4 block points before its start`;
    const fault = this.grow(length);
    if (fault !== undefined) return fault;
    const { memory } = this;
    for (let i = 0; i < length; i++) memory[this.length + i] = memory[this.length - distance + i]!;
    this.length += length;
    return undefined;
  }

  bytes(): Uint8Array {
    return this.memory.slice(0, this.length);
  }

  private grow(length: number): Sentence | undefined {
    const needed = this.length + length;
    if (this.maxBytes < needed) return say`more than ${this.maxBytes} bytes when decompressed`;
    if (this.memory.length < needed) {
      const larger = new Uint8Array(Math.min(this.maxBytes, Math.max(needed, this.memory.length * 2)));
      larger.set(this.memory.subarray(0, this.length));
      this.memory = larger;
    }
    return undefined;
  }
}

function u32Le(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) + (bytes[at + 3] ?? 0) * 0x1000000;
}
