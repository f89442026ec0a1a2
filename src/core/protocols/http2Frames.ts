// HTTP/2 from the first byte: the client's preface and a walk over frame headers (RFC 9113 §3.4, §4.1).

import { textAt, u24At, u32At } from '../bytes.js';

/** What an HTTP/2 client sends before its first frame (RFC 9113 §3.4). */
export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
export const frameHeaderBytes = 9;

export const frameType = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, ping: 6, windowUpdate: 8, continuation: 9 } as const;
export const flag = { ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** A whole SETTINGS frame without settings: what Port Prism says to a client that waits for its server's SETTINGS. */
export const emptySettings: Uint8Array = Uint8Array.of(0, 0, 0, frameType.settings, 0, 0, 0, 0, 0);

export interface FrameHeader {
  length: number;
  type: number;
  flags: number;
  stream: number;
}

/** @returns undefined when fewer than 9 bytes are there */
export function frameHeaderAt(bytes: Uint8Array, at: number): FrameHeader | undefined {
  if (bytes.length < at + frameHeaderBytes) return undefined;
  return {
    length: u24At(bytes, at),
    type: bytes[at + 3] ?? 0,
    flags: bytes[at + 4] ?? 0,
    // The top bit is reserved and must be ignored (RFC 9113 §4.1).
    stream: u32At(bytes, at + 5) % 0x80000000,
  };
}

/**
 * Has this client said all that it will say before it hears the server's SETTINGS?
 *
 * True for a preface followed by whole frames, SETTINGS first, none of which is HEADERS: grpc-js stops after 39 such bytes.
 */
export function waitsForServer(bytes: Uint8Array): boolean {
  if (textAt(bytes, 0, preface) !== 'whole') return false;
  let at = preface.length;
  for (let isFirst = true; ; isFirst = false) {
    if (at === bytes.length) return !isFirst;
    const frame = frameHeaderAt(bytes, at);
    if (frame === undefined) return false;
    if (isFirst && frame.type !== frameType.settings) return false;
    if (frame.type === frameType.headers) return false;
    at += frameHeaderBytes + frame.length;
    if (bytes.length < at) return false;
  }
}
