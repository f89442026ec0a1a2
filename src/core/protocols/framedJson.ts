// JSON behind a `Content-Length` header: what language servers and debug adapters have in common.

import { anyCaseTextAt, byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import type { Judge } from './protocol.js';

// An `initialize` of an editor has up to some 20 KiB, in which the keys that tell may come late; classification sees 4 KiB.
export const maxFramedBytes = 4096;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const maxDigits = 9;
const maxTypeBytes = 80;

/**
 * `Content-Length: n`, perhaps `Content-Type` before or behind it, an empty line, and a body (LSP "Base Protocol", DAP "Base Protocol").
 *
 * @param judgeBody gets the position of the body, where at least one byte is
 */
export function framedJson(judgeBody: (bytes: Uint8Array, start: number) => Verdict): Judge {
  return (bytes) => {
    let at = 0;
    let hasLength = false;
    for (;;) {
      if (hasLength && byteAt(bytes, at) === carriageReturn) {
        const feed = byteAt(bytes, at + 1);
        if (0 <= feed && feed !== lineFeed) return 'no';
        return bytes.length <= at + 2 ? 'more' : judgeBody(bytes, at + 2);
      }
      const length = anyCaseTextAt(bytes, at, 'content-length:');
      const isLength = length === 'whole';
      const type = isLength ? 'not' : anyCaseTextAt(bytes, at, 'content-type:');
      if (length === 'not' && type === 'not') return 'no';
      if (length === 'part' || type === 'part') return 'more';
      if (isLength && hasLength) return 'no';
      const end = isLength ? endOfNumber(bytes, at + 15) : endOfText(bytes, at + 13);
      if (end < 0) return end === cut ? 'more' : 'no';
      hasLength ||= isLength;
      at = end;
    }
  };
}

const cut = -1;
const wrong = -2;

/** @returns position behind the line end, `cut` or `wrong` */
function endOfNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  while (byteAt(bytes, at) === 0x20) at++;
  const first = at;
  while (at < bytes.length && 0x30 <= (bytes[at] ?? 0) && (bytes[at] ?? 0) <= 0x39) at++;
  if (maxDigits < at - first || maxDigits < first - start) return wrong;
  if (at === bytes.length) return cut;
  return at === first ? wrong : endOfLine(bytes, at);
}

function endOfText(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && 0x20 <= (bytes[at] ?? 0) && (bytes[at] ?? 0) <= 0x7e) at++;
  if (maxTypeBytes < at - start) return wrong;
  return at === bytes.length ? cut : endOfLine(bytes, at);
}

function endOfLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== carriageReturn) return wrong;
  const feed = byteAt(bytes, at + 1);
  if (feed < 0) return cut;
  return feed === lineFeed ? at + 2 : wrong;
}
