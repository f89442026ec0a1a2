// Internet addresses as people write them.

import { toHex } from '../bytes.js';

/** @returns an IPv4 or IPv6 address (RFC 5952 §4) as text */
export function addressOf(view: Uint8Array): string {
  if (view.length === 4) return view.join('.');
  if (view.length !== 16) return toHex(view);
  const words: string[] = [];
  for (let i = 0; i < 16; i += 2) words.push(((view[i]! << 8) | view[i + 1]!).toString(16));
  const runs = words.join(':').match(/\b0(?::0)+\b/g) ?? [];
  const longest = runs.reduce((best, run) => (best.length < run.length ? run : best), '');
  return longest === '' ? words.join(':') : words.join(':').replace(new RegExp(`:?\\b${longest}\\b:?`), '::');
}
