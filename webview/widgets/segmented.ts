// A few choices side by side of which one holds, as the ARIA radio group has it: arrows move and choose.

import { consume, el, setText } from './dom.js';

export interface Segment<Id extends string> {
  id: Id;
  title: string;
}

export class Segmented<Id extends string> {
  readonly element: HTMLElement;
  private readonly buttons: HTMLButtonElement[];

  constructor(label: string, private readonly segments: readonly Segment<Id>[], private readonly onChosen: (id: Id) => void) {
    this.buttons = segments.map(({ id, title }) => {
      const button = el('button', { class: 'segment', type: 'button', role: 'radio', 'aria-checked': 'false', text: title });
      button.addEventListener('click', () => this.choose(id, true));
      return button;
    });
    this.element = el('div', { class: 'segments', role: 'radiogroup', 'aria-label': label }, ...this.buttons);
    this.element.addEventListener('keydown', (event) => this.onKey(event));
  }

  setTitle(id: Id, title: string): void {
    const button = this.buttons[this.segments.findIndex((segment) => segment.id === id)];
    if (button !== undefined) setText(button, title);
  }

  choose(id: Id, isByPerson: boolean): void {
    for (const [index, segment] of this.segments.entries()) {
      const button = this.buttons[index];
      if (button === undefined) continue;
      button.setAttribute('aria-checked', String(segment.id === id));
      button.tabIndex = segment.id === id ? 0 : -1;
    }
    if (isByPerson) this.onChosen(id);
  }

  private onKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    consume(event);
    const at = this.buttons.findIndex((button) => button.tabIndex === 0);
    const next = (at + step + this.segments.length) % this.segments.length;
    const segment = this.segments[next];
    if (segment === undefined) return;
    this.choose(segment.id, true);
    this.buttons[next]?.focus();
  }
}
