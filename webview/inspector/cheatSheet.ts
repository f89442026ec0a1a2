// All keys of the inspector in one dialog. The focus stays in it until it is closed.

import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';
import { iconButton } from './iconButton.js';

interface Group {
  title: string;
  keys: [keys: string, does: string][];
}

function groups(): Group[] {
  return [
    { title: l10n.t('Anywhere'), keys: [
      ['Ctrl+F  /', l10n.t('go to the filter box')],
      ['P', l10n.t('pause and go on; traffic is recorded all the while')],
      ['F', l10n.t('follow the newest')],
      ['?', l10n.t('this list')],
    ] },
    { title: l10n.t('In a list'), keys: [
      ['↑ ↓  PgUp PgDn  Home End', l10n.t('move')],
      ['Shift+arrows', l10n.t('select several rows; with Ctrl beside those that are selected')],
      ['Ctrl+↑  Ctrl+↓  Ctrl+Space', l10n.t('move without selecting, and select one more or one less')],
      ['Ctrl+A', l10n.t('select all rows')],
      ['← →', l10n.t('go through the cells of a row')],
      ['Enter', l10n.t('on to the details')],
      [']  [', l10n.t('to the answer, and back to the request')],
      ['M', l10n.t('mark with a colour')],
      ['=', l10n.t('filter by the value of the cell')],
      ['Shift+F10', l10n.t('menu of the row')],
      ['Esc', l10n.t('back to one row; from the details back to the list')],
    ] },
    { title: l10n.t('In the head of the list'), keys: [
      ['Enter', l10n.t('sort; again to reverse, a third time for the order of arrival')],
      ['Alt+←  Alt+→', l10n.t('move the column')],
      ['Shift+←  Shift+→', l10n.t('make it narrower or wider')],
      ['Delete', l10n.t('take it away')],
      ['Shift+F10', l10n.t('choose and add columns')],
    ] },
    { title: l10n.t('In decoded lines and bytes'), keys: [
      ['→  ←', l10n.t('open a line, close it or go to what is around it')],
      ['Shift+arrows', l10n.t('select bytes')],
      ['Home  End  Ctrl+Home  Ctrl+End', l10n.t('to the ends of the row, and of all bytes')],
      ['Ctrl+A', l10n.t('select all bytes')],
      ['Ctrl+C', l10n.t('copy what is selected')],
      ['Ctrl+F', l10n.t('find in the bytes')],
      ['F3  Shift+F3', l10n.t('next and previous')],
      ['Ctrl+G', l10n.t('go to an offset')],
    ] },
    { title: l10n.t('In the filter box'), keys: [
      ['Ctrl+Space', l10n.t('suggestions')],
      ['Tab', l10n.t('take the suggestion')],
      ['Enter', l10n.t('apply at once')],
      ['↑', l10n.t('earlier filters, in an empty box')],
      ['↓', l10n.t('on to the list')],
      ['Esc', l10n.t('close the suggestions, then empty the box')],
    ] },
  ];
}

/** Opens the dialog; the focus goes back to where it was when it is closed. */
export function openCheatSheet(): void {
  const before = document.activeElement;
  const close = iconButton('close', l10n.t('Close'));
  const dialog = el('dialog', { class: 'cheat-sheet', 'aria-labelledby': 'cheat-sheet-title' },
    el('div', { class: 'cheat-head' }, el('h2', { id: 'cheat-sheet-title', text: l10n.t('Keys') }), close),
    el('div', { class: 'cheat-groups' }, ...groups().map(({ title, keys }) => el('section', {}, el('h3', { text: title }),
      el('dl', {}, ...keys.map(([key, does]) => el('div', { class: 'cheat-key' }, el('dt', {}, ...key.split('  ').map((one) => el('kbd', { text: one }))), el('dd', { text: does }))))))));
  close.addEventListener('click', () => dialog.close());
  // A modal dialog keeps the focus in it and closes on Escape; the workbench must not hear the keys.
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
}
