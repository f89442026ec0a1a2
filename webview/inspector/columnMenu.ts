// Choosing columns: a menu with everything that every message has, and a box for the name of any decoded field.

import type { FilterAnswer } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';
import { openPopup, type PopupEntry, type PopupPlace } from '../widgets/popupMenu.js';
import { builtInColumns, columnTitle, isFieldColumn, usualColumns, withColumn, withoutColumn, type ColumnSetting, type SortOrder } from './columns.js';
import { Suggestions } from './suggestions.js';

export interface ColumnMenuOptions {
  columns(): readonly ColumnSetting[];
  set(columns: readonly ColumnSetting[]): void;
  sort(sort: SortOrder | undefined): void;
  /** completion of field names */
  check(text: string, caret: number): Promise<FilterAnswer>;
  report(fault: unknown): void;
}

/** @param id the column that the menu was opened on */
export function openColumnMenu(id: string | undefined, place: PopupPlace, options: ColumnMenuOptions): void {
  const { columns, set } = options;
  const choice = (column: string, title: string): PopupEntry => {
    const isChecked = columns().some((one) => one.id === column);
    return { title, isChecked, run: () => set(isChecked ? withoutColumn(columns(), column) : withColumn(columns(), column)) };
  };
  openPopup(l10n.t('Columns'), place, () => [
    ...(id === undefined ? [] : sortEntries(id, options)),
    ...builtInColumns().map(({ id: column, title }) => choice(column, title)),
    ...columns().filter((column) => isFieldColumn(column.id)).map((column) => choice(column.id, column.id)),
    'line',
    { title: l10n.t('Add column…'), run: () => openColumnBox(place, options) },
    { title: l10n.t('Usual columns'), run: () => set(usualColumns()) },
  ]);
}

function sortEntries(id: string, { sort }: ColumnMenuOptions): PopupEntry[] {
  const title = columnTitle(id);
  return [
    { title: l10n.t('Sort by {0}, ascending', title), run: () => sort({ column: id, isDescending: false }) },
    { title: l10n.t('Sort by {0}, descending', title), run: () => sort({ column: id, isDescending: true }) },
    { title: l10n.t('Order of arrival'), run: () => sort(undefined) },
    'line',
  ];
}

/** A box for one field name, with completion. Enter adds, Escape leaves. */
function openColumnBox(place: PopupPlace, options: ColumnMenuOptions): void {
  const before = document.activeElement;
  const input = el('input', { class: 'column-name', type: 'text', spellcheck: 'false', 'aria-label': l10n.t('Field of the new column'), placeholder: l10n.t('Field, e.g. http.status') });
  const suggestions = new Suggestions(input, 'column-suggestions', l10n.t('Fields'), (item) => add(item.text));
  const dialog = el('dialog', { class: 'column-dialog', 'aria-label': l10n.t('Add column') }, input, suggestions.element);
  let number = 0;

  function add(name: string): void {
    const id = name.trim();
    dialog.close();
    if (id !== '') options.set(withColumn(options.columns(), id));
  }
  function complete(): void {
    const current = ++number;
    options.check(input.value, input.value.length).then(({ completions }) => {
      if (current === number) suggestions.show(completions.items.filter(({ kind }) => kind === 'field'));
    }, options.report);
  }
  input.addEventListener('input', complete);
  dialog.addEventListener('keydown', (event) => {
    event.stopPropagation();
    if (event.key === 'ArrowDown') suggestions.move(1);
    else if (event.key === 'ArrowUp') suggestions.move(-1);
    else if (event.key === 'Enter') add(suggestions.active?.text ?? input.value);
    else if (event.key === 'Tab' && suggestions.first !== undefined) input.value = (suggestions.active ?? suggestions.first).text;
    else return;
    event.preventDefault();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.style.left = `${Math.max(4, Math.min(place.x, innerWidth - 300))}px`;
  dialog.style.top = `${Math.min(place.y, Math.max(4, innerHeight - 240))}px`;
  dialog.showModal();
  complete();
}
