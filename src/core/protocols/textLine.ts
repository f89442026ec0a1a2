// A line of text, all that some old protocols have for a question.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';

/** One line of printable characters, UTF-8 among them, with its end. */
export function textLine(bytes: Uint8Array): Verdict {
  let at = 0;
  for (; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x0a) return 'match';
    if (byte === 0x0d) {
      const next = byteAt(bytes, at + 1);
      if (next < 0) return 'more';
      return next === 0x0a ? 'match' : 'no';
    }
    if (byte < 0x20 || byte === 0x7f) return 'no';
  }
  return 'more';
}
