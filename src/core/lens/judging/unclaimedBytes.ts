// Bytes of one speaker that were read and are not yet part of a message: kept for filters that look into bytes.

import type { Range } from '../../../shared/message.js';

/** Of a longer message the first bytes are searched. */
const maxBytes = 16 << 20;

export class UnclaimedBytes {
  private pieces: { offset: number; bytes: Uint8Array }[] = [];
  private length = 0;

  add(offset: number, bytes: Uint8Array): void {
    if (maxBytes <= this.length) return;
    this.pieces.push({ offset, bytes: bytes.slice() });
    this.length += bytes.length;
  }

  /** Bytes of a message, as far as they were kept; what lies before its end is let go. Messages of a speaker come in order. */
  claim({ start, end }: Range): Uint8Array {
    const parts: Uint8Array[] = [];
    while (this.pieces.length !== 0) {
      const { offset, bytes } = this.pieces[0]!;
      const part = bytes.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
      if (0 < part.length) parts.push(part);
      if (end < offset + bytes.length) break;
      this.pieces.shift();
      this.length -= bytes.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }
}
