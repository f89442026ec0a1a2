// A button that opens a menu of choices, as the ARIA menu button pattern has it.

import { consume, el, show } from './dom.js';
import { icon, type IconName } from './icons.js';

export interface MenuItem {
  id: string;
  title: string;
  /** a second, quieter text */
  hint?: string;
  /** one of several that can be on: the menu shows which are */
  isChecked?: boolean;
}

/** @param items asked for each time the menu opens */
export function menuButton(title: string, iconName: IconName, items: () => MenuItem[], onChosen: (id: string) => void): HTMLElement {
  const button = el('button', { class: 'link-button with-icon', type: 'button', 'aria-haspopup': 'menu', 'aria-expanded': 'false' }, icon(iconName), title);
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': title, hidden: '' });
  const root = el('div', { class: 'menu-button' }, button, menu);

  function close(returnsFocus: boolean): void {
    if (menu.hidden) return;
    show(menu, false);
    button.setAttribute('aria-expanded', 'false');
    window.removeEventListener('mousedown', onOutside, true);
    if (returnsFocus) button.focus();
  }
  function onOutside(event: MouseEvent): void {
    if (!(event.target instanceof Node) || !root.contains(event.target)) close(false);
  }
  function open(at: 'first' | 'last'): void {
    menu.replaceChildren(...items().map(({ id, title: text, hint, isChecked }) => {
      const role = isChecked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': String(isChecked) };
      const item = el('button', { class: 'menu-item', type: 'button', tabindex: '-1', ...role }, text, hint === undefined ? undefined : el('span', { class: 'quiet', text: hint }));
      item.addEventListener('click', () => {
        close(true);
        onChosen(id);
      });
      return item;
    }));
    show(menu, true);
    button.setAttribute('aria-expanded', 'true');
    window.addEventListener('mousedown', onOutside, true);
    move(at === 'first' ? 0 : menu.children.length - 1);
    menu.scrollIntoView({ block: 'nearest' });
  }
  function move(index: number): void {
    const count = menu.children.length;
    const item = menu.children[(index + count) % count];
    if (item instanceof HTMLElement) item.focus();
  }

  button.addEventListener('click', () => (menu.hidden ? open('first') : close(true)));
  root.addEventListener('keydown', (event) => {
    const at = [...menu.children].indexOf(document.activeElement ?? menu);
    if (menu.hidden) {
      if (event.key === 'ArrowDown') open('first');
      else if (event.key === 'ArrowUp') open('last');
      else return;
    } else if (event.key === 'ArrowDown') move(at + 1);
    else if (event.key === 'ArrowUp') move(at - 1);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(menu.children.length - 1);
    else if (event.key === 'Escape') close(true);
    else if (event.key === 'Tab') {
      close(false);
      return;
    } else return;
    consume(event);
  });
  return root;
}
