// Sentences of engine and lens in the language of the window.

import * as vscode from 'vscode';
import { sentencesOf } from '../shared/shownSentences.js';

let show: ((text: string) => string) | undefined;

/** @returns the sentence translated, where it is one of core's; any other text as it is */
export function said(text: string): string {
  show ??= sentencesOf(vscode.l10n.bundle ?? {});
  return show(text);
}
