// `payload`: one of several byte strings stands at an offset, under an optional mask.

import type { Condition } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { fromHex } from '../bytes.js';
import { atPhrase, byteCount, routeMatcher, type RouteMatcher, type Verdict } from './matcher.js';

/**
 * Says `no` at the first byte that contradicts every alternative, `match` when the shortest agreeing one is complete.
 * Risk of a false positive is the author's: two bytes of hex fit one connection in 65,536 of random bytes.
 *
 * @throws when `hex` or `mask` is not hex: the rule file's validation comes first
 */
export function payload(condition: Extract<Condition, { kind: 'payload' }>): RouteMatcher {
  const { offset } = condition;
  const mask = condition.mask === undefined ? undefined : bytesOf(condition.mask);
  const wanted = condition.hex.map((text) => masked(bytesOf(text), mask));
  const maxBytes = offset + Math.max(0, ...wanted.map((bytes) => bytes.length));

  return routeMatcher({
    maxBytes,
    match(prefix, ended): Verdict {
      let isOpen = false;
      for (const bytes of wanted) {
        const verdict = stands(bytes, mask, prefix, offset);
        if (verdict === 'match') return 'match';
        if (verdict === 'more') isOpen = true;
      }
      return isOpen && !ended ? 'more' : 'no';
    },
    explain(verdict, prefix, atByte) {
      const what = say`${condition.hex.join(', ')} at offset ${offset}`;
      if (verdict === 'match') return say`client bytes have ${what}`;
      if (verdict === 'more') return say`needs ${byteCount(maxBytes - prefix.length)} more to compare with ${what}`;
      return atByte <= offset ? say`client bytes end before offset ${offset}` : say`client bytes do not have ${what} (${atPhrase(prefix, atByte)})`;
    },
  });
}

function stands(bytes: Uint8Array, mask: Uint8Array | undefined, prefix: Uint8Array, offset: number): Verdict {
  const available = prefix.length - offset;
  for (let i = 0; i < bytes.length; i++) {
    if (available <= i) return 'more';
    const byte = prefix[offset + i] ?? 0;
    const seen = mask !== undefined && i < mask.length ? byte & (mask[i] ?? 0xff) : byte;
    if (seen !== bytes[i]) return 'no';
  }
  return 'match';
}

function masked(bytes: Uint8Array, mask: Uint8Array | undefined): Uint8Array {
  return mask === undefined ? bytes : bytes.map((byte, i) => byte & (i < mask.length ? (mask[i] ?? 0xff) : 0xff));
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}
