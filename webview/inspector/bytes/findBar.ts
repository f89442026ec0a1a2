// Find in the bytes of one speaker: text or hex with wildcards, next and previous, around the end, with progress and a way to stop.

import { l10n } from '../../l10n.js';
import { consume, el, setText, show } from '../../widgets/dom.js';
import { Segmented } from '../../widgets/segmented.js';
import { iconButton } from '../iconButton.js';
import { findBytes, type FindQuery } from './findBytes.js';
import type { ReadBytes } from './bytesCache.js';
import { hexPattern, textPattern, type PatternProblem, type SearchPattern } from './searchPattern.js';

export interface FindBarOptions {
  /** where to look; undefined while no flow is shown */
  scope(): (Pick<FindQuery, 'from' | 'first' | 'total'> & { read: ReadBytes; cursor: { start: number; end: number } | undefined }) | undefined;
  onFound(start: number, end: number): void;
  onClose(): void;
  report(fault: unknown): void;
}

/** Below this a share of the bytes is not worth saying: most searches are over by then, in milliseconds. */
const progressAfterMs = 150;

export class FindBar {
  readonly element: HTMLElement;
  private readonly box = el('input', { class: 'find-box', type: 'text', spellcheck: 'false', autocomplete: 'off' });
  private readonly modes: Segmented<'text' | 'hex'>;
  private readonly matchCase = el('button', { class: 'icon-button find-case', type: 'button', 'aria-pressed': 'false', title: l10n.t('Match case'), 'aria-label': l10n.t('Match case'), text: 'Aa' });
  private readonly status = el('span', { class: 'find-status', role: 'status' });
  private readonly stop = el('button', { class: 'link-button', type: 'button', text: l10n.t('Stop') });
  private mode: 'text' | 'hex' = 'text';
  private matchesCase = false;
  private running: AbortController | undefined;

  constructor(private readonly options: FindBarOptions) {
    this.modes = new Segmented(l10n.t('Look for'), [{ id: 'text', title: l10n.t('Text') }, { id: 'hex', title: l10n.t('Hex') }], (mode) => this.setMode(mode));
    const previous = iconButton('up', l10n.t('Previous (Shift+Enter)'));
    const next = iconButton('down', l10n.t('Next (Enter)'));
    const close = iconButton('close', l10n.t('Close find'));
    previous.addEventListener('click', () => this.find('previous'));
    next.addEventListener('click', () => this.find('next'));
    close.addEventListener('click', () => this.close());
    this.stop.addEventListener('click', () => this.running?.abort());
    this.matchCase.addEventListener('click', () => this.setMatchesCase(!this.matchesCase));
    this.box.addEventListener('input', () => this.judge());
    this.element = el('div', { class: 'find-bar', role: 'search', 'aria-label': l10n.t('Find in bytes'), hidden: '' },
      this.modes.element, this.box, this.matchCase, previous, next, this.status, this.stop, close);
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.setMode('text');
    show(this.stop, false);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  open(): void {
    show(this.element, true);
    this.box.focus();
    this.box.select();
  }

  close(): void {
    this.running?.abort();
    show(this.element, false);
    this.options.onClose();
  }

  /** Other bytes are shown: what was found, or not, says nothing about them. */
  reset(): void {
    this.running?.abort();
    setText(this.status, '');
  }

  find(direction: 'next' | 'previous'): void {
    this.search(direction).catch(this.options.report);
  }

  private async search(direction: 'next' | 'previous'): Promise<void> {
    const scope = this.options.scope();
    const pattern = this.judge();
    if (scope === undefined || pattern === undefined) return;
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    const began = performance.now();
    const { cursor, read } = scope;
    const start = direction === 'next' ? (cursor === undefined ? scope.first : cursor.start + 1) : (cursor?.start ?? scope.total);
    setText(this.status, '');
    try {
      const found = await findBytes(read, { ...scope, pattern, start, direction }, (share) => {
        if (performance.now() - began < progressAfterMs || running !== this.running) return;
        show(this.stop, true);
        setText(this.status, l10n.t('{0} % looked through', Math.floor(share * 100)));
      }, running.signal);
      if (running !== this.running) return;
      if (running.signal.aborted) setText(this.status, l10n.t('Stopped'));
      else if (found === undefined) setText(this.status, l10n.t('Not found'));
      else {
        this.options.onFound(found.at, found.at + pattern.values.length);
        setText(this.status, found.hasWrapped ? (direction === 'next' ? l10n.t('at 0x{0}, from the start again', found.at.toString(16)) : l10n.t('at 0x{0}, from the end again', found.at.toString(16))) : l10n.t('at 0x{0}', found.at.toString(16)));
      }
    } finally {
      if (running === this.running) {
        this.running = undefined;
        show(this.stop, false);
      }
    }
  }

  /** Says what is wrong with the pattern as it is typed. */
  private judge(): SearchPattern | undefined {
    const pattern = this.mode === 'hex' ? hexPattern(this.box.value) : textPattern(this.box.value, this.matchesCase);
    const problem = 'problem' in pattern ? pattern.problem : undefined;
    const isWrong = problem !== undefined && problem !== 'empty';
    if (isWrong) this.box.setAttribute('aria-invalid', 'true');
    else this.box.removeAttribute('aria-invalid');
    setText(this.status, problem === undefined ? '' : problemWords(problem));
    return 'problem' in pattern ? undefined : pattern;
  }

  private setMode(mode: 'text' | 'hex'): void {
    this.mode = mode;
    this.modes.choose(mode, false);
    const label = mode === 'hex' ? l10n.t('Hex digits, ? for any: 50 ?? 0?') : l10n.t('Text');
    this.box.placeholder = label;
    this.box.setAttribute('aria-label', label);
    show(this.matchCase, mode === 'text');
    this.judge();
  }

  private setMatchesCase(matchesCase: boolean): void {
    this.matchesCase = matchesCase;
    this.matchCase.setAttribute('aria-pressed', String(matchesCase));
    this.matchCase.classList.toggle('is-on', matchesCase);
    this.judge();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      consume(event);
      if (this.running === undefined) this.close();
      else this.running.abort();
    } else if (event.target === this.box && event.key === 'Enter') {
      consume(event);
      this.find(event.shiftKey ? 'previous' : 'next');
    }
  }
}

function problemWords(problem: PatternProblem): string {
  switch (problem) {
    case 'empty': return '';
    case 'digit': return l10n.t('Only 0-9, a-f and ?');
    case 'half': return l10n.t('A byte has two digits');
    case 'wild': return l10n.t('At least one digit');
  }
}
