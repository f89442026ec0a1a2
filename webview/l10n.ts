// Words for people. English stands in the code; the host sends the translations it has, keyed by the English text,
// which is the form vscode.l10n uses, so one bundle serves host and pages.

import { sentencesOf } from '../src/shared/shownSentences.js';

const none: Readonly<Record<string, string>> = {};
let dictionary = none;
let show = sentencesOf(dictionary);

export const l10n = {
  /** @param table translations by English text; a text without one stays English. The first one counts: a window keeps its language */
  load(table: Readonly<Record<string, string>>): void {
    if (dictionary !== none) return;
    dictionary = table;
    show = sentencesOf(table);
  },

  /** @param message English text with {0}, {1}… where the values go */
  t(message: string, ...values: (string | number)[]): string {
    const text = dictionary[message] ?? message;
    return text.replace(/\{(\d+)\}/g, (whole, index: string) => {
      const value = values[Number(index)];
      return value === undefined ? whole : String(value);
    });
  },

  /** What core said: a sentence of its own translated, any other text as it is. */
  said(text: string): string {
    return show(text);
  },
};

/** @returns the sentence for one or for many; {0} is the number, grouped */
export function plural(count: number, one: string, many: string): string {
  return l10n.t(count === 1 ? one : many, formatCount(count));
}

const counts = new Intl.NumberFormat('en-US');

/** 48911 -> "48,911" */
export function formatCount(count: number): string {
  return counts.format(count);
}
