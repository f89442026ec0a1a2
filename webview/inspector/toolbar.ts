// The bar on top: which list, whether it goes on, the filter box, quick narrowings. What it does with them is the inspector's.

import { l10n } from '../l10n.js';
import { el, setAttribute, show } from '../widgets/dom.js';
import { icon } from '../widgets/icons.js';
import { Segmented } from '../widgets/segmented.js';
import { iconButton } from './iconButton.js';
import type { ListName } from './pageState.js';

export { iconButton };

/** A condition that is put to the filter and taken away with one press. */
export interface Chip {
  title: string;
  condition: string;
}

/** What narrows the list beside the filter, with a way out of it. */
export interface Scope {
  title: string;
  /** what the button that takes it away is called */
  leave: string;
  end(): void;
}

export interface ToolbarActions {
  list(name: ListName): void;
  listener(id: string): void;
  pause(isPaused: boolean): void;
  clear(): void;
  toEnd(): void;
  chip(condition: string): void;
  /** the list, or what is selected of it, into a file */
  export(button: HTMLElement): void;
  more(button: HTMLElement): void;
}

export class Toolbar {
  readonly element = el('div', { class: 'toolbar' });
  private readonly lists: Segmented<ListName>;
  private readonly listeners = el('select', { class: 'listeners', 'aria-label': l10n.t('Listener') });
  private readonly pauseButton = iconButton('pause', l10n.t('Pause'));
  private readonly clearButton = iconButton('clear', l10n.t('Clear'));
  private readonly endButton = iconButton('toEnd', l10n.t('Follow the newest'));
  private readonly chips: { element: HTMLButtonElement; condition: string }[];
  private readonly chipRow = el('div', { class: 'chips' });
  private readonly scopes = el('div', { class: 'chips' });
  private isPaused = false;

  constructor(filterBox: HTMLElement, chips: readonly Chip[], private readonly actions: ToolbarActions) {
    this.lists = new Segmented(l10n.t('List'), [{ id: 'messages', title: l10n.t('Messages') }, { id: 'flows', title: l10n.t('Flows') }, { id: 'statistics', title: l10n.t('Statistics') }], (name) => actions.list(name));
    this.lists.element.classList.add('view-switch');
    this.pauseButton.addEventListener('click', () => this.setPaused(!this.isPaused));
    this.clearButton.addEventListener('click', () => actions.clear());
    this.endButton.addEventListener('click', () => actions.toEnd());
    for (const button of [this.pauseButton, this.clearButton, this.endButton]) button.classList.add('live-only');
    this.listeners.addEventListener('change', () => actions.listener(this.listeners.value));
    this.chips = chips.map(({ title, condition }) => {
      const element = el('button', { class: 'chip', type: 'button', 'aria-pressed': 'false', title: condition, text: title });
      element.addEventListener('click', () => actions.chip(condition));
      return { element, condition };
    });
    this.chipRow.append(...this.chips.map(({ element }) => element));
    const take = iconButton('export', l10n.t('Export…'));
    take.setAttribute('aria-haspopup', 'menu');
    take.addEventListener('click', () => actions.export(take));
    const more = iconButton('more', l10n.t('More'));
    more.setAttribute('aria-haspopup', 'menu');
    more.addEventListener('click', () => actions.more(more));
    this.element.append(this.lists.element, el('div', { class: 'toolbar-buttons' }, this.pauseButton, this.clearButton, this.endButton), filterBox, this.scopes, this.chipRow, this.listeners, take, more);
    this.element.setAttribute('role', 'toolbar');
    this.element.setAttribute('aria-label', l10n.t('Inspector'));
  }

  setList(name: ListName): void {
    this.lists.choose(name, false);
    const isMessages = name !== 'flows';
    show(this.chipRow, isMessages);
    setLabel(this.clearButton, isMessages ? l10n.t('Clear: show only what comes from now on') : l10n.t('Forget closed connections'));
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.pauseButton.replaceChildren(icon(isPaused ? 'play' : 'pause'));
    setLabel(this.pauseButton, isPaused ? l10n.t('Resume') : l10n.t('Pause'));
    this.pauseButton.setAttribute('aria-pressed', String(isPaused));
    this.pauseButton.classList.toggle('is-on', isPaused);
    this.actions.pause(isPaused);
  }

  togglePause(): void {
    this.setPaused(!this.isPaused);
  }

  setFollowing(isFollowing: boolean): void {
    setAttribute(this.endButton, 'aria-pressed', String(isFollowing));
    this.endButton.classList.toggle('is-on', isFollowing);
  }

  /** One listener needs no choice. */
  setListeners(listeners: readonly { id: string; name: string }[], chosen: string): void {
    show(this.listeners, listeners.length > 1);
    this.listeners.replaceChildren(option('', l10n.t('All listeners')), ...listeners.map(({ id, name }) => option(id, name)));
    this.listeners.value = listeners.some(({ id }) => id === chosen) ? chosen : '';
  }

  /** @param holds whether a chip's condition is part of the filter */
  setChips(holds: (condition: string) => boolean): void {
    for (const { element, condition } of this.chips) {
      const isOn = holds(condition);
      setAttribute(element, 'aria-pressed', String(isOn));
      element.classList.toggle('is-on', isOn);
    }
  }

  setScopes(scopes: readonly Scope[]): void {
    this.scopes.replaceChildren(...scopes.map(({ title, leave, end }) => {
      const button = el('button', { class: 'chip is-on', type: 'button', title: leave, 'aria-label': `${title}, ${leave}` }, title, icon('close'));
      button.addEventListener('click', end);
      return button;
    }));
    show(this.scopes, scopes.length > 0);
  }
}

function setLabel(button: HTMLElement, label: string): void {
  button.title = label;
  button.setAttribute('aria-label', label);
}

function option(value: string, text: string): HTMLOptionElement {
  return el('option', { value, text });
}
