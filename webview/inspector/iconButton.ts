// A small button with a picture; its label is what screen readers and the mouse learn.

import { el } from '../widgets/dom.js';
import { icon, type IconName } from '../widgets/icons.js';

export function iconButton(name: IconName, title: string): HTMLButtonElement {
  return el('button', { class: 'icon-button', type: 'button', title, 'aria-label': title }, icon(name));
}
