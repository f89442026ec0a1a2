// Takes one SETTINGS acknowledgement out of an HTTP/2 client's bytes.
//
// When Port Prism has sent its own empty SETTINGS to make a waiting client go on, the client acknowledges them. The upstream
// never sent those SETTINGS, so it must not see that acknowledgement (RFC 9113 §6.5.3); every other byte passes as it is.

import { flag, frameHeaderBytes, frameType, preface } from './http2Frames.js';

export interface H2AckFilter {
  /** the acknowledgement is gone (or the bytes are not HTTP/2): from here on `push` would only copy references, so it may be left out */
  readonly isDone: boolean;
  /** @returns the pieces to pass on, views of `chunk` and bytes held back before; empty when all are held back (at most 9 bytes ever are) */
  push(chunk: Uint8Array): Uint8Array[];
  /** @returns what is held back, when the client ends in the middle of a frame header */
  end(): Uint8Array[];
}

/** The first chunk starts with the preface's first byte. Chunks may be cut anywhere. */
export function h2AckFilter(): H2AckFilter {
  let toSkip: number = preface.length;
  let isDone = false;
  const header = new Uint8Array(frameHeaderBytes);
  let held = 0;

  function push(chunk: Uint8Array): Uint8Array[] {
    if (isDone) return chunk.length === 0 ? [] : [chunk];
    const out: Uint8Array[] = [];
    let at = 0;
    let passFrom = 0;
    while (at < chunk.length && !isDone) {
      if (0 < toSkip) {
        const step = Math.min(toSkip, chunk.length - at);
        toSkip -= step;
        at += step;
        continue;
      }
      // At a frame header, byte by byte: it may be cut anywhere, and is passed on or swallowed as a whole.
      if (held === 0 && passFrom < at) out.push(chunk.subarray(passFrom, at));
      while (held < frameHeaderBytes && at < chunk.length) header[held++] = chunk[at++] ?? 0;
      passFrom = at;
      if (held < frameHeaderBytes) break;
      held = 0;
      if (isAcknowledgement(header)) isDone = true;
      else {
        out.push(header.slice());
        toSkip = ((header[0] ?? 0) << 16) | ((header[1] ?? 0) << 8) | (header[2] ?? 0);
      }
    }
    if (passFrom < chunk.length) out.push(chunk.subarray(passFrom));
    return out;
  }

  return {
    get isDone() {
      return isDone;
    },
    push,
    end() {
      const rest = held === 0 ? [] : [header.slice(0, held)];
      held = 0;
      return rest;
    },
  };
}

/** Length 0, type SETTINGS, flag ACK, stream 0 (RFC 9113 §6.5). */
function isAcknowledgement(header: Uint8Array): boolean {
  const isEmpty = header[0] === 0 && header[1] === 0 && header[2] === 0;
  return isEmpty && header[3] === frameType.settings && ((header[4] ?? 0) & flag.ack) !== 0;
}
