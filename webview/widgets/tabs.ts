// A row of tabs and the panel of the chosen one, as the ARIA tabs pattern has it: arrows move and choose, Tab goes into the panel.

import { consume, el, show } from './dom.js';

export interface Tab {
  id: string;
  title: string;
  panel: HTMLElement;
}

export class Tabs {
  readonly element: HTMLElement;
  /** right end of the tab row, for what belongs to the panel */
  readonly extra = el('div', { class: 'tabs-extra' });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly hidden = new Set<string>();
  private chosen = '';

  /** @param name prefix of the element ids; unique in the page */
  constructor(name: string, label: string, private readonly tabs: readonly Tab[], private readonly onChosen: (id: string) => void) {
    const row = el('div', { class: 'tabs-row', role: 'tablist', 'aria-label': label });
    const panels = el('div', { class: 'tabs-panels' });
    for (const tab of tabs) {
      const button = el('button', { class: 'tab', role: 'tab', id: `${name}-${tab.id}`, 'aria-controls': `${name}-${tab.id}-panel`, text: tab.title, type: 'button' });
      button.addEventListener('click', () => this.choose(tab.id, true));
      this.buttons.set(tab.id, button);
      row.append(button);
      tab.panel.id = `${name}-${tab.id}-panel`;
      tab.panel.classList.add('tab-panel');
      tab.panel.setAttribute('role', 'tabpanel');
      tab.panel.setAttribute('aria-labelledby', button.id);
      panels.append(tab.panel);
    }
    row.addEventListener('keydown', (event) => this.onKey(event));
    this.element = el('div', { class: 'tabs' }, el('div', { class: 'tabs-head' }, row, this.extra), panels);
    this.choose(tabs[0]?.id ?? '', false);
  }

  get current(): string {
    return this.chosen;
  }

  choose(id: string, isByPerson: boolean): void {
    if (!this.buttons.has(id) || this.hidden.has(id)) return;
    this.chosen = id;
    for (const tab of this.tabs) {
      const isChosen = tab.id === id;
      const button = this.buttons.get(tab.id);
      button?.setAttribute('aria-selected', String(isChosen));
      if (button !== undefined) button.tabIndex = isChosen ? 0 : -1;
      show(tab.panel, isChosen);
    }
    if (isByPerson) this.onChosen(id);
  }

  /** Takes a tab away or brings it back; if it was the chosen one, the first tab is chosen. */
  setAvailable(id: string, isAvailable: boolean): void {
    const button = this.buttons.get(id);
    if (button === undefined || isAvailable !== this.hidden.has(id)) return;
    if (isAvailable) this.hidden.delete(id);
    else this.hidden.add(id);
    show(button, isAvailable);
    if (!isAvailable && this.chosen === id) this.choose(this.tabs[0]?.id ?? '', false);
  }

  private onKey(event: KeyboardEvent): void {
    const available = this.tabs.filter((tab) => !this.hidden.has(tab.id));
    const at = available.findIndex((tab) => tab.id === this.chosen);
    const last = available.length - 1;
    let next: number;
    switch (event.key) {
      case 'ArrowRight': next = at === last ? 0 : at + 1; break;
      case 'ArrowLeft': next = at <= 0 ? last : at - 1; break;
      case 'Home': next = 0; break;
      case 'End': next = last; break;
      default: return;
    }
    consume(event);
    const tab = available[next];
    if (tab === undefined) return;
    this.choose(tab.id, true);
    this.buttons.get(tab.id)?.focus();
  }
}
