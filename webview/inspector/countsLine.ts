// The line below the filter box: the filter in words or what is wrong with it, how much matches, is selected and kept, how far the judging is.

import type { FilterProblem } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { el, setText, show } from '../widgets/dom.js';
import { showWords } from './filterBox.js';

export interface CountsActions {
  /** what the person presses when a filter takes too long */
  cancel(): void;
  exportSelected(): void;
  /** of two rows that are selected */
  compare(): void;
}

export class CountsLine {
  readonly element: HTMLElement;
  private readonly words = el('span', { class: 'filter-words', id: 'filter-words', role: 'status' });
  private readonly dash = el('span', { text: ' — ' });
  private readonly counts = el('span', { class: 'count-words' });
  private readonly selected = el('span', { class: 'selected-rows' });
  private readonly selectedWords = el('span', { class: 'selected-words' });
  private readonly compareButton = el('button', { class: 'link-button', type: 'button', text: l10n.t('Compare') });
  private readonly judged = el('span', { class: 'judged' });
  private readonly progress = el('progress', { max: '100', 'aria-label': l10n.t('Messages judged') });
  private readonly share = el('span', {});

  constructor({ cancel, exportSelected, compare }: CountsActions) {
    const button = el('button', { class: 'link-button', type: 'button', text: l10n.t('Cancel') });
    button.addEventListener('click', cancel);
    this.judged.append(this.progress, this.share, button);
    const exportButton = el('button', { class: 'link-button', type: 'button', text: l10n.t('Export…') });
    exportButton.addEventListener('click', exportSelected);
    this.compareButton.addEventListener('click', compare);
    this.selected.append(this.selectedWords, exportButton, this.compareButton);
    this.element = el('p', { class: 'counts' }, this.selected, el('span', { class: 'counts-text' }, this.words, this.dash, this.counts), this.judged);
    this.setSelected('', 0);
    this.setJudged(undefined);
    this.setWords('', undefined);
  }

  setWords(words: string, problem: FilterProblem | undefined): void {
    showWords(this.words, words, problem);
    show(this.dash, this.words.textContent !== '');
  }

  setCounts(counts: string): void {
    setText(this.counts, counts);
  }

  /** @param words '' = one row or none, of which nothing is said */
  setSelected(words: string, rows: number): void {
    show(this.selected, words !== '');
    setText(this.selectedWords, words);
    show(this.compareButton, rows === 2);
  }

  /** @param percent undefined = everything was judged */
  setJudged(percent: number | undefined): void {
    show(this.judged, percent !== undefined);
    if (percent === undefined) return;
    this.progress.value = percent;
    setText(this.share, l10n.t('judged {0} %', percent));
  }
}
