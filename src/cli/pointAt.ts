// What is wrong with `--filter`, shown where it is.

import type { FilterProblem } from '../core/lens/filter/filter.js';

/** The expression with a mark below what is wrong. */
export function pointAt(source: string, { message, start, end }: FilterProblem): string {
  const line = source.replace(/\s/g, ' ');
  return `port-prism: --filter, character ${start + 1}: ${message}\n  ${line}\n  ${' '.repeat(start)}${'^'.repeat(Math.max(1, end - start))}\n`;
}
