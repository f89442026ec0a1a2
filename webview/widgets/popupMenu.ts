// A menu at a place of the page, as the ARIA menu pattern has it: arrows move, letters jump, Escape and Tab close, the focus goes back to where it was.

import { consume, el } from './dom.js';

export interface PopupItem {
  title: string;
  /** a second, quieter text */
  hint?: string;
  /** class of a swatch before the title */
  swatch?: string;
  /** a choice that is on or off; the menu stays open */
  isChecked?: boolean;
  run(): void;
}

/** `'line'` divides groups. */
export type PopupEntry = PopupItem | 'line';

/** Where the menu opens: its corner stands there as far as there is room. */
export interface PopupPlace {
  x: number;
  y: number;
  /** above this when there is no room below */
  above?: number;
}

const edgePx = 4;
let closeOpen: (() => void) | undefined;

/** @param entries asked for again after each choice that leaves the menu open */
export function openPopup(label: string, place: PopupPlace, entries: () => readonly PopupEntry[], start = 0): void {
  closeOpen?.();
  const before = document.activeElement;
  const menu = el('div', { class: 'menu popup', role: 'menu', 'aria-label': label });
  const items = (): HTMLElement[] => [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]')];

  function draw(): void {
    menu.replaceChildren(...entries().map((entry) => {
      if (entry === 'line') return el('div', { class: 'menu-line', role: 'separator' });
      const isChoice = entry.isChecked !== undefined;
      const item = el('button', { class: 'menu-item', type: 'button', role: isChoice ? 'menuitemcheckbox' : 'menuitem', tabindex: '-1', 'aria-checked': isChoice ? String(entry.isChecked) : undefined },
        isChoice ? el('span', { class: 'menu-check', 'aria-hidden': 'true', text: entry.isChecked === true ? '✓' : '' }) : undefined,
        entry.swatch === undefined ? undefined : el('span', { class: `swatch ${entry.swatch}` }),
        el('span', { class: 'menu-title', text: entry.title }),
        entry.hint === undefined ? undefined : el('span', { class: 'quiet', text: entry.hint }));
      item.addEventListener('click', () => {
        if (!isChoice) {
          close(true);
          entry.run();
          return;
        }
        const at = items().indexOf(item);
        entry.run();
        draw();
        move(at);
      });
      return item;
    }));
  }
  function close(returnsFocus: boolean): void {
    closeOpen = undefined;
    menu.remove();
    window.removeEventListener('mousedown', onOutside, true);
    window.removeEventListener('blur', onBlur);
    if (returnsFocus && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  }
  function onOutside(event: MouseEvent): void {
    if (!(event.target instanceof Node) || !menu.contains(event.target)) close(false);
  }
  function onBlur(): void {
    close(false);
  }
  function move(index: number): void {
    const all = items();
    all[(index + all.length) % all.length]?.focus();
  }

  menu.addEventListener('keydown', (event) => {
    const all = items();
    const at = all.findIndex((item) => item === document.activeElement);
    if (event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'ArrowUp') move(at - 1);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(-1);
    else if (event.key === 'Escape' || event.key === 'Tab') close(true);
    else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
      const letter = event.key.toLowerCase();
      const next = [...all.slice(at + 1), ...all.slice(0, at + 1)].find((item) => (item.querySelector('.menu-title')?.textContent ?? '').toLowerCase().startsWith(letter));
      next?.focus();
    } else {
      // Enter and Space press the item; the workbench must not hear them.
      event.stopPropagation();
      return;
    }
    consume(event);
  });
  menu.addEventListener('contextmenu', consume);
  draw();
  document.body.append(menu);
  const box = menu.getBoundingClientRect();
  const fitsBelow = place.y + box.height + edgePx <= innerHeight;
  const top = fitsBelow ? place.y : Math.max(edgePx, (place.above ?? place.y) - box.height);
  menu.style.left = `${Math.max(edgePx, Math.min(place.x, innerWidth - box.width - edgePx))}px`;
  menu.style.top = `${Math.max(edgePx, Math.min(top, innerHeight - box.height - edgePx))}px`;
  window.addEventListener('mousedown', onOutside, true);
  window.addEventListener('blur', onBlur);
  closeOpen = () => close(false);
  move(start);
}

/** The place below an element. */
export function below(element: Element): PopupPlace {
  const box = element.getBoundingClientRect();
  return { x: box.left, y: box.bottom, above: box.top };
}
