// The filter box: one line of an expression, judged while it is typed, with completion, a squiggle under what is wrong, and what was typed before.
// In the list of connections it takes a plain text.

import type { FilterAnswer, FilterProblem } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { consume, el, setAttribute, setText, show } from '../widgets/dom.js';
import { icon } from '../widgets/icons.js';
import { iconButton } from './iconButton.js';
import { Suggestions, type Suggestion } from './suggestions.js';

export type FilterMode = 'expression' | 'text';

export interface FilterBoxOptions {
  /** the text is to be in force; asked for again with the same text when the person presses Enter */
  apply(text: string): void;
  check(text: string, caret: number): Promise<FilterAnswer>;
  /** newest first */
  history(): readonly string[];
  /** what is said of the text: words or a problem */
  onJudged(words: string, problem: FilterProblem | undefined): void;
  /** arrow down: on to the list */
  toList(): void;
  savedMenu(button: HTMLElement): void;
  report(fault: unknown): void;
}

/**
 * Typing is applied this long after the last key, so that a burst (a held key repeats every 33 ms) is judged once. No longer: within 200 ms the
 * first rows are to be there, and most of that goes to ways through VS Code.
 */
const applyDelayMs = 50;
const checkDelayMs = 40;

export class FilterBox {
  readonly element: HTMLElement;
  private readonly field: HTMLElement;
  private readonly input = el('input', { class: 'filter', type: 'text', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off' });
  private readonly under = el('div', { class: 'filter-under', 'aria-hidden': 'true' });
  private readonly wipe = iconButton('close', l10n.t('Clear filter'));
  private readonly saved = iconButton('bookmark', l10n.t('Saved filters'));
  private readonly suggestions: Suggestions;
  private mode: FilterMode = 'expression';
  private answer: FilterAnswer | undefined;
  private problem: FilterProblem | undefined;
  private isHistory = false;
  private checkNumber = 0;
  private applyTimer: ReturnType<typeof setTimeout> | undefined;
  private checkTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: FilterBoxOptions) {
    this.suggestions = new Suggestions(this.input, 'filter-suggestions', l10n.t('Suggestions'), (item) => this.accept(item));
    this.field = el('div', { class: 'filter-field' }, icon('search'), el('div', { class: 'filter-line' }, this.under, this.input), this.wipe, this.saved);
    this.element = el('div', { class: 'filter-box' }, this.field, this.suggestions.element);
    this.saved.setAttribute('aria-haspopup', 'menu');
    this.wipe.addEventListener('click', () => {
      this.setText('');
      this.input.focus();
    });
    this.saved.addEventListener('click', () => options.savedMenu(this.saved));
    this.input.addEventListener('input', () => this.onTyped());
    this.input.addEventListener('keydown', (event) => this.onKey(event));
    this.input.addEventListener('scroll', () => this.alignUnder());
    this.input.addEventListener('blur', () => this.suggestions.hide());
    this.input.addEventListener('pointerup', () => this.suggestions.hide());
    this.setMode('expression', '');
  }

  get text(): string {
    return this.input.value.trim();
  }

  /** @param text what stands in the box from now on; it is in force already */
  setMode(mode: FilterMode, text: string): void {
    this.mode = mode;
    const isExpression = mode === 'expression';
    this.input.placeholder = isExpression ? l10n.t('Filter, e.g. http.status >= 500 or latency > 5ms') : l10n.t('Filter by protocol, route, upstream, program or address');
    this.input.setAttribute('aria-label', isExpression ? l10n.t('Filter messages') : l10n.t('Filter connections'));
    show(this.saved, isExpression);
    this.put(text);
  }

  /** Puts another text in and brings it into force. */
  setText(text: string): void {
    this.put(text);
    this.applyNow();
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  /** What the lens said when the filter was to be applied; it knows best. */
  setProblem(problem: FilterProblem | undefined): void {
    this.problem = problem;
    this.showValidity();
  }

  private put(text: string): void {
    clearTimeout(this.applyTimer);
    this.input.value = text;
    this.answer = undefined;
    this.problem = undefined;
    this.suggestions.hide();
    this.afterChange();
    this.checkNumber++;
    if (this.mode === 'expression' && text.trim() !== '') this.checkSoon(false, 0);
  }

  private onTyped(): void {
    clearTimeout(this.applyTimer);
    this.applyTimer = setTimeout(() => this.applyNow(), applyDelayMs);
    this.problem = undefined;
    this.afterChange();
    if (this.mode === 'expression') this.checkSoon(true, checkDelayMs);
  }

  private afterChange(): void {
    show(this.wipe, this.input.value !== '');
    this.showValidity();
  }

  private applyNow(): void {
    clearTimeout(this.applyTimer);
    this.applyTimer = undefined;
    this.options.apply(this.text);
  }

  /** @param suggests opens the list when there is something to choose */
  private checkSoon(suggests: boolean, delayMs: number): void {
    clearTimeout(this.checkTimer);
    const number = ++this.checkNumber;
    this.checkTimer = setTimeout(() => {
      const caret = this.input.selectionStart ?? this.input.value.length;
      this.options.check(this.input.value, caret).then((answer) => {
        if (number !== this.checkNumber || this.mode !== 'expression') return;
        this.answer = answer;
        this.problem = answer.problem;
        this.showValidity();
        if (suggests && document.activeElement === this.input) this.suggest(answer);
      }, this.options.report);
    }, delayMs);
  }

  private suggest({ completions: { start, end, items } }: FilterAnswer): void {
    this.isHistory = false;
    const typed = this.input.value.slice(start, end);
    // What stands there already needs no suggestion, and would be in the way of the next word.
    const isComplete = items.length === 1 && items[0]?.text === typed;
    this.suggestions.show(isComplete ? [] : items, this.offsetOf(start));
  }

  /** Pixels from the left edge of the box to a character. */
  private offsetOf(character: number): number {
    const measure = el('span', { class: 'filter-measure', text: this.input.value.slice(0, character) });
    this.under.append(measure);
    const { width } = measure.getBoundingClientRect();
    measure.remove();
    const line = this.input.getBoundingClientRect().left - this.element.getBoundingClientRect().left;
    return Math.min(line + width - this.input.scrollLeft - 8, Math.max(0, this.element.clientWidth - 280));
  }

  private accept(item: Suggestion): void {
    const { value } = this.input;
    if (this.isHistory) this.input.value = item.text;
    else {
      const { start, end } = this.answer?.completions ?? { start: value.length, end: value.length };
      this.input.value = value.slice(0, start) + item.text + value.slice(end);
      this.input.setSelectionRange(start + item.text.length, start + item.text.length);
    }
    this.suggestions.hide();
    this.onTyped();
  }

  private showValidity(): void {
    const { value } = this.input;
    const { problem } = this;
    const isExpression = this.mode === 'expression' && value.trim() !== '';
    this.field.classList.toggle('is-valid', isExpression && problem === undefined && this.answer !== undefined);
    this.field.classList.toggle('is-wrong', isExpression && problem !== undefined);
    setAttribute(this.input, 'aria-invalid', isExpression && problem !== undefined ? 'true' : undefined);
    if (!isExpression || problem === undefined) this.under.replaceChildren();
    else {
      const start = Math.min(problem.start, value.length);
      const end = Math.min(Math.max(problem.end, start), value.length);
      // What is missing at the end has no letters of its own to stand under.
      const wrong = end > start ? value.slice(start, end) : ' ';
      this.under.replaceChildren(el('span', { text: value.slice(0, start) }), el('span', { class: 'squiggle', text: wrong }), value.slice(end));
      this.alignUnder();
    }
    this.options.onJudged(isExpression ? this.answer?.words ?? '' : '', isExpression ? problem : undefined);
  }

  private alignUnder(): void {
    this.under.scrollLeft = this.input.scrollLeft;
  }

  private onKey(event: KeyboardEvent): void {
    const { suggestions } = this;
    if ((event.ctrlKey || event.metaKey) && event.key === ' ') {
      if (this.mode === 'expression') this.checkSoon(true, 0);
    } else if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    } else if (suggestions.isOpen && event.key === 'ArrowDown') suggestions.move(1);
    else if (suggestions.isOpen && event.key === 'ArrowUp') suggestions.move(-1);
    else if (suggestions.isOpen && event.key === 'Escape') suggestions.hide();
    else if (suggestions.isOpen && (event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && (suggestions.active ?? (event.key === 'Tab' ? suggestions.first : undefined)) !== undefined) {
      const item = suggestions.active ?? suggestions.first;
      if (item !== undefined) this.accept(item);
    } else if (event.key === 'Enter') {
      suggestions.hide();
      this.applyNow();
    } else if (event.key === 'Escape' && this.input.value !== '') this.setText('');
    else if (event.key === 'ArrowUp' && this.mode === 'expression' && this.input.value === '') this.showHistory();
    else if (event.key === 'ArrowDown') this.options.toList();
    else return;
    consume(event);
  }

  private showHistory(): void {
    const texts = this.options.history();
    this.isHistory = true;
    this.suggestions.show(texts.map((text) => ({ text, detail: '', kind: 'history' })));
    this.suggestions.move(1);
  }
}

/** The sentence about a wrong filter, with the place for those who do not see the squiggle. */
export function problemWords(problem: FilterProblem): string {
  return l10n.t('{0} (at character {1})', l10n.said(problem.message), problem.start + 1);
}

/** Writes what the filter means, or what is wrong with it. */
export function showWords(line: HTMLElement, words: string, problem: FilterProblem | undefined): void {
  setText(line, problem === undefined ? words : problemWords(problem));
  line.classList.toggle('is-wrong', problem !== undefined);
}
