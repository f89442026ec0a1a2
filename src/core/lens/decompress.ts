// Decompression for dissectors, bounded: a few hostile bytes may claim to be gigabytes.

/// <reference path="./snappyjs.d.ts" />
import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions } from 'node:zlib';
import { Decompress } from 'fzstd';
import { uncompress as snappyUncompress } from 'snappyjs';
import { say, type Sentence } from '../../shared/sentences.js';
import type { DissectContext } from '../dissectors/dissector.js';
import { lz4 } from './lz4.js';

/** Window that a zstd frame may ask for: what RFC 8878 §3.1.1.1.2 recommends that every decoder supports. */
const maxZstdWindowBytes = 8 << 20;

/** @see DissectContext.decompress */
export const decompress: DissectContext['decompress'] = (name, bytes, maxBytes, dictionary) => {
  // What is cut off in the middle is shown as far as it goes.
  const options: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: maxBytes, ...(dictionary === undefined || dictionary.length === 0 ? {} : { dictionary }) };
  try {
    switch (name) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(bytes, options);
      case 'deflate':
        // RFC 9110 §8.4.1.2: zlib format, and the raw one that some servers send instead.
        return (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | (bytes[1] ?? 0)) % 31 === 0 ? inflateSync(bytes, options) : inflateRawSync(bytes, options);
      case 'deflate-raw':
        return inflateRawSync(bytes, options);
      case 'br':
        return brotliDecompressSync(bytes, { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: maxBytes });
      case 'zstd':
        return zstd(bytes, maxBytes);
      case 'snappy':
        return snappy(bytes, maxBytes);
      case 'lz4':
        return lz4(bytes, maxBytes);
      default:
        return say`no decompression for "${name}"`;
    }
  } catch (fault) {
    // Whatever a library makes of bytes that are no such format: they are shown as they are.
    const isTooLarge = (fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return isTooLarge ? tooLarge(maxBytes) : say`it is not ${name}: ${fault instanceof Error ? fault.message : String(fault)}`;
  }
};

function tooLarge(maxBytes: number): Sentence {
  return say`more than ${maxBytes} bytes when decompressed`;
}

function zstd(bytes: Uint8Array, maxBytes: number): Uint8Array | Sentence {
  const windowBytes = zstdWindowBytes(bytes);
  if (maxZstdWindowBytes < windowBytes) return say`asks for a window of ${windowBytes} bytes`;
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    if (maxBytes < length) throw new Error(tooLarge(maxBytes));
    pieces.push(piece.slice());
  });
  stream.push(bytes, true);
  return joined(pieces, length);
}

/** RFC 8878 §3.1.1.1: the window of the first frame; its content size when it is a single segment. */
function zstdWindowBytes(bytes: Uint8Array): number {
  const descriptor = bytes[4] ?? 0;
  if ((descriptor & 0x20) === 0) {
    const window = bytes[5] ?? 0;
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  const idBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [1, 2, 4, 8][descriptor >> 6]!;
  let size = 0;
  for (let i = sizeBytes - 1; 0 <= i; i--) size = size * 256 + (bytes[5 + idBytes + i] ?? 0);
  return sizeBytes === 2 ? size + 256 : size;
}

const xerialMagic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];

/** Raw blocks, or the framing of snappy-java that Kafka clients send: magic, two versions, then blocks with their length. */
function snappy(bytes: Uint8Array, maxBytes: number): Uint8Array | Sentence {
  if (!xerialMagic.every((byte, i) => bytes[i] === byte)) return snappyBlock(bytes, maxBytes);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let at = 16; at + 4 <= bytes.length; ) {
    const size = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
    const piece = snappyBlock(bytes.subarray(at + 4, at + 4 + size), maxBytes - length);
    if (typeof piece === 'string') return piece;
    pieces.push(piece);
    length += piece.length;
    at += 4 + size;
  }
  return joined(pieces, length);
}

function snappyBlock(bytes: Uint8Array, maxBytes: number): Uint8Array {
  // The library looks at Buffers differently: it gets a plain array of exactly these bytes.
  return snappyUncompress(new Uint8Array(bytes), maxBytes);
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
