// The first request of an HTTP/2 client, or the first response of a server: the frames up to it, and its decoded header block.

import { textAt } from '../bytes.js';
import { flag, frameHeaderAt, frameHeaderBytes, frameType, preface } from './http2Frames.js';
import { decodeHeaders, type HeaderField } from './hpack.js';

// Before SETTINGS are exchanged no frame may be larger (RFC 9113 §4.2).
const maxFrameBytes = 16384;

/** How much of a first flight is looked at for a header block; Chromium and curl send theirs within the first kilobyte. */
export const maxHeadBytes = 16384;

/**
 * Header fields of the first request, in order.
 *
 * @returns 'no' when these bytes are not HTTP/2 or break its framing, 'more' while the header block is not complete
 */
export function firstRequest(bytes: Uint8Array): HeaderField[] | 'no' | 'more' {
  const start = textAt(bytes, 0, preface);
  if (start !== 'whole') return start === 'part' ? 'more' : 'no';
  return firstHeaders(bytes, preface.length);
}

/** As `firstRequest`, for what a server sends. */
export function firstResponse(bytes: Uint8Array): HeaderField[] | 'no' | 'more' {
  return firstHeaders(bytes, 0);
}

export function fieldOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}

/** Walks frames from `at` to the first HEADERS and its CONTINUATIONs (RFC 9113 §6.2, §6.10). */
function firstHeaders(bytes: Uint8Array, at: number): HeaderField[] | 'no' | 'more' {
  for (let isFirst = true; ; isFirst = false) {
    const frame = frameHeaderAt(bytes, at);
    if (frame === undefined) return 'more';
    if (maxFrameBytes < frame.length) return 'no';
    if (isFirst && frame.type !== frameType.settings) return 'no';
    if (frame.type === frameType.headers) return headerBlock(bytes, at);
    if (frame.type === frameType.data || frame.type === frameType.continuation) return 'no';
    at += frameHeaderBytes + frame.length;
    if (bytes.length < at) return 'more';
  }
}

function headerBlock(bytes: Uint8Array, start: number): HeaderField[] | 'no' | 'more' {
  const first = frameHeaderAt(bytes, start);
  if (first === undefined) return 'more';
  let at = start + frameHeaderBytes;
  if (bytes.length < at + first.length) return 'more';
  let from = at;
  let to = at + first.length;
  if ((first.flags & flag.padded) !== 0) to -= bytes[from++] ?? 0;
  if ((first.flags & flag.priority) !== 0) from += 5;
  if (to < from) return 'no';
  const pieces = [bytes.subarray(from, to)];
  at += first.length;
  for (let isEnd = (first.flags & flag.endHeaders) !== 0; !isEnd; ) {
    const next = frameHeaderAt(bytes, at);
    if (next === undefined) return 'more';
    if (next.type !== frameType.continuation || next.stream !== first.stream || maxFrameBytes < next.length) return 'no';
    at += frameHeaderBytes + next.length;
    if (bytes.length < at) return 'more';
    pieces.push(bytes.subarray(at - next.length, at));
    isEnd = (next.flags & flag.endHeaders) !== 0;
  }
  return decodeHeaders(joined(pieces)) ?? 'no';
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const only = pieces[0];
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
