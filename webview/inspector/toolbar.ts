// The thin bar on top: what to show, whether to go on showing it, and how much there is.

import { l10n } from '../l10n.js';
import { consume, el, setText, show } from '../widgets/dom.js';
import { icon, type IconName } from '../widgets/icons.js';

/** Typing is judged this long after the last key. */
const filterDelayMs = 120;

export interface ToolbarActions {
  filter(text: string): void;
  listener(id: string): void;
  pause(isPaused: boolean): void;
  clear(): void;
  toEnd(): void;
  /** arrow down in the filter box: on to the list */
  toList(): void;
}

export class Toolbar {
  readonly element = el('div', { class: 'toolbar' });
  readonly counts = el('p', { class: 'counts' });
  private readonly box = el('input', { class: 'filter', type: 'text', spellcheck: 'false', autocomplete: 'off', 'aria-label': l10n.t('Filter connections'), placeholder: l10n.t('Filter by protocol, route, upstream, program or address') });
  private readonly wipe = iconButton('close', l10n.t('Clear filter'));
  private readonly listeners = el('select', { class: 'listeners', 'aria-label': l10n.t('Listener') });
  private readonly pauseButton = iconButton('pause', l10n.t('Pause'));
  private isPaused = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly actions: ToolbarActions) {
    const clear = iconButton('clear', l10n.t('Forget closed connections'));
    const toEnd = iconButton('toEnd', l10n.t('Follow the newest'));
    this.pauseButton.addEventListener('click', () => this.setPaused(!this.isPaused));
    clear.addEventListener('click', () => actions.clear());
    toEnd.addEventListener('click', () => actions.toEnd());
    for (const button of [this.pauseButton, clear]) button.classList.add('live-only');
    this.wipe.addEventListener('click', () => {
      this.setFilter('');
      this.box.focus();
    });
    this.box.addEventListener('input', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.submit(), filterDelayMs);
      show(this.wipe, this.box.value !== '');
    });
    this.box.addEventListener('keydown', (event) => this.onKey(event));
    this.listeners.addEventListener('change', () => actions.listener(this.listeners.value));
    show(this.wipe, false);
    this.element.append(this.pauseButton, clear, toEnd, el('div', { class: 'filter-field' }, icon('search'), this.box, this.wipe), this.listeners);
    this.element.setAttribute('role', 'toolbar');
    this.element.setAttribute('aria-label', l10n.t('Inspector'));
  }

  get filter(): string {
    return this.box.value.trim();
  }

  setFilter(text: string): void {
    this.box.value = text;
    show(this.wipe, text !== '');
    this.submit();
  }

  focusFilter(): void {
    this.box.focus();
    this.box.select();
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    const title = isPaused ? l10n.t('Resume') : l10n.t('Pause');
    this.pauseButton.replaceChildren(icon(isPaused ? 'play' : 'pause'));
    this.pauseButton.title = title;
    this.pauseButton.setAttribute('aria-label', title);
    this.pauseButton.setAttribute('aria-pressed', String(isPaused));
    this.pauseButton.classList.toggle('is-on', isPaused);
    this.actions.pause(isPaused);
  }

  togglePause(): void {
    this.setPaused(!this.isPaused);
  }

  /** One listener needs no choice. */
  setListeners(listeners: readonly { id: string; name: string }[], chosen: string): void {
    show(this.listeners, listeners.length > 1);
    this.listeners.replaceChildren(option('', l10n.t('All listeners')), ...listeners.map(({ id, name }) => option(id, name)));
    this.listeners.value = listeners.some(({ id }) => id === chosen) ? chosen : '';
  }

  setCounts(words: string): void {
    setText(this.counts, words);
  }

  private submit(): void {
    clearTimeout(this.timer);
    this.actions.filter(this.filter);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.box.value !== '') this.setFilter('');
    else if (event.key === 'Enter') this.submit();
    else if (event.key === 'ArrowDown') this.actions.toList();
    else return;
    consume(event);
  }
}

function option(value: string, text: string): HTMLOptionElement {
  return el('option', { value, text });
}

export function iconButton(name: IconName, title: string): HTMLButtonElement {
  return el('button', { class: 'icon-button', type: 'button', title, 'aria-label': title }, icon(name));
}
