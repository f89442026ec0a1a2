// What stands where a list has nothing to show: why, and what to do about it.

import type { ShownListener } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';

export interface EmptyWords {
  title: string;
  next: string;
  action?: { title: string; run(): void };
}

export class EmptyState {
  readonly element = el('div', { class: 'empty', hidden: '' });
  private shown = '';

  show({ title, next, action }: EmptyWords): void {
    const key = JSON.stringify([title, next, action?.title]);
    if (key === this.shown) return;
    this.shown = key;
    this.element.replaceChildren(el('p', { class: 'empty-title', text: title }), el('p', { class: 'quiet', text: next }));
    if (action === undefined) return;
    const button = el('button', { class: 'button secondary', type: 'button', text: action.title });
    button.addEventListener('click', () => action.run());
    this.element.append(button);
  }
}

/** Nothing came yet, or nothing runs. */
export function waitingWords(listeners: readonly ShownListener[], areMessages: boolean): EmptyWords {
  const names = listeners.filter(({ isListening }) => isListening).map(({ name }) => name).join(', ');
  const faults = listeners.flatMap(({ name, fault }) => (fault === undefined ? [] : [l10n.t('{0} could not be started: {1}', name, fault)]));
  if (names === '') return { title: l10n.t('No listener is running'), next: 0 < faults.length ? faults.join(' ') : l10n.t('Start one in the Rules view, or run “Port Prism: Start All Listeners” from the command palette.') };
  return {
    title: areMessages ? l10n.t('Waiting for the first message') : l10n.t('Waiting for the first connection'),
    next: l10n.t('Listening: {0}. Use your app through that port; every connection appears here.', names),
  };
}
