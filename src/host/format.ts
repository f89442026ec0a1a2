// Numbers as people read them in rows: short, one unit, never more than three digits before it.

import * as vscode from 'vscode';

const sizeUnits = ['B', 'KB', 'MB', 'GB', 'TB'];

/** @returns `318 B`, `1.2 KB`, `48 KB`; a KB is 1024 bytes, as in the editor's own sizes */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  const text = unit === 0 || value >= 10 ? String(Math.round(value)) : value.toFixed(1);
  return `${text} ${sizeUnits[unit]}`;
}

/** @returns `2.1 MB/s` */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** @returns `0 s`, `41 s`, `2 m`, `3 h`, `2 d`: coarse, so that a row changes seldom */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return vscode.l10n.t('{0} s', seconds);
  if (seconds < 3600) return vscode.l10n.t('{0} m', Math.floor(seconds / 60));
  if (seconds < 86_400) return vscode.l10n.t('{0} h', Math.floor(seconds / 3600));
  return vscode.l10n.t('{0} d', Math.floor(seconds / 86_400));
}

/** @returns the parts that are there, joined as rows join them */
export function joinParts(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** Text cut to what fits a row, with the cut shown. */
export function shorten(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1)}…`;
}

/** @returns the sentence for one or for many; both take the number as {0} and other values after it */
export function plural(count: number, one: string, many: string, ...values: string[]): string {
  return vscode.l10n.t(count === 1 ? one : many, count, ...values);
}
