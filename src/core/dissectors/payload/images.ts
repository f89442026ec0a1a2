// Pictures by their first bytes, with width and height: PNG, JPEG, GIF, WebP.

import { latin1 } from '../../bytes.js';

/** @returns "png 640×480", "jpeg" when the size lies behind what is there, undefined for what is no picture */
export function imageText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const magic = latin1(bytes, start, Math.min(end, start + 16));
  if (magic.startsWith('\x89PNG\r\n\x1a\n')) return sized('png', 24 <= end - start ? [u32(bytes, start + 16), u32(bytes, start + 20)] : undefined);
  if (magic.startsWith('GIF8')) return sized('gif', 10 <= end - start ? [u16Le(bytes, start + 6), u16Le(bytes, start + 8)] : undefined);
  if (magic.startsWith('\xff\xd8\xff')) return sized('jpeg', jpegSize(bytes, start + 2, end));
  if (magic.startsWith('RIFF') && magic.startsWith('WEBP', 8)) return sized('webp', webpSize(bytes, start + 12, end));
  return undefined;
}

function sized(name: string, size: readonly [number, number] | undefined): string {
  return size === undefined ? name : `${name} ${size[0]}×${size[1]}`;
}

/** Segments up to the frame header, which has height and width (ITU T.81 §B.2.2). */
function jpegSize(bytes: Uint8Array, from: number, end: number): [number, number] | undefined {
  for (let at = from; at + 9 <= end && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    const isFrame = 0xc0 <= marker && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return [u16(bytes, at + 7), u16(bytes, at + 5)];
    at += 2 + u16(bytes, at + 2);
  }
  return undefined;
}

/** The first chunk: lossy, lossless or extended (RFC 9649 §2.5-§2.7). */
function webpSize(bytes: Uint8Array, at: number, end: number): [number, number] | undefined {
  if (end < at + 18) return undefined;
  const data = at + 8;
  switch (latin1(bytes, at, at + 4)) {
    case 'VP8 ':
      return [u16Le(bytes, data + 6) & 0x3fff, u16Le(bytes, data + 8) & 0x3fff];
    case 'VP8L': {
      const bits = u16Le(bytes, data + 1) | (u16Le(bytes, data + 3) << 16);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case 'VP8X':
      return [u24Le(bytes, data + 4) + 1, u24Le(bytes, data + 7) + 1];
    default:
      return undefined;
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 0x10000 + u16(bytes, at + 2);
}

function u16Le(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function u24Le(bytes: Uint8Array, at: number): number {
  return u16Le(bytes, at) | ((bytes[at + 2] ?? 0) << 16);
}
