// The list of choices under a text box, as the ARIA combobox pattern has it: the focus stays in the box, arrows move through the list.

import { el, setAttribute, show } from '../widgets/dom.js';

export interface Suggestion {
  text: string;
  /** a second, quieter text */
  detail: string;
  kind: string;
}

/** What is shown of a text that goes over many lines or is very long. */
const maxShownCharacters = 200;

export class Suggestions {
  readonly element: HTMLElement;
  private items: readonly Suggestion[] = [];
  private at = -1;

  /** @param name id of the list; unique in the page */
  constructor(private readonly input: HTMLInputElement, private readonly name: string, label: string, private readonly onChosen: (item: Suggestion) => void) {
    this.element = el('div', { class: 'suggestions', role: 'listbox', id: name, 'aria-label': label, hidden: '' });
    setAttribute(input, 'role', 'combobox');
    setAttribute(input, 'aria-autocomplete', 'list');
    setAttribute(input, 'aria-controls', name);
    setAttribute(input, 'aria-expanded', 'false');
    // The box keeps the focus: a press in the list must not take it away.
    this.element.addEventListener('mousedown', (event) => {
      event.preventDefault();
      const option = event.target instanceof Element ? event.target.closest('[role=option]') : null;
      const item = option === null ? undefined : this.items[[...this.element.children].indexOf(option)];
      if (item !== undefined) this.onChosen(item);
    });
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** what the arrows stand on */
  get active(): Suggestion | undefined {
    return this.items[this.at];
  }

  get first(): Suggestion | undefined {
    return this.items[0];
  }

  show(items: readonly Suggestion[], leftPx = 0): void {
    this.items = items;
    this.at = -1;
    this.element.replaceChildren(...items.map(({ text, detail, kind }, index) =>
      el('div', { class: `suggestion is-${kind}`, role: 'option', id: `${this.name}-${index}`, 'aria-selected': 'false' },
        el('span', { class: 'suggestion-text', text: text.slice(0, maxShownCharacters) }), el('span', { class: 'quiet', text: detail }))));
    this.element.style.left = `${Math.max(0, leftPx)}px`;
    const isOpen = items.length > 0;
    show(this.element, isOpen);
    this.input.setAttribute('aria-expanded', String(isOpen));
    setAttribute(this.input, 'aria-activedescendant', undefined);
  }

  hide(): void {
    if (this.isOpen) this.show([]);
  }

  move(by: 1 | -1): void {
    const count = this.items.length;
    if (count === 0) return;
    this.element.children[this.at]?.setAttribute('aria-selected', 'false');
    this.at = this.at < 0 ? (by === 1 ? 0 : count - 1) : (this.at + by + count) % count;
    const option = this.element.children[this.at];
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    setAttribute(this.input, 'aria-activedescendant', `${this.name}-${this.at}`);
  }
}
