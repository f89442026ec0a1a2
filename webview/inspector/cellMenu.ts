// What can be done with one cell of the message list: narrow the list by its value, or mark its row.

import { rowColors, type ExchangeRow, type RowColor } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { openPopup, type PopupEntry, type PopupPlace } from '../widgets/popupMenu.js';
import { cellCondition } from './cellCondition.js';
import type { PlacedColumn } from './columns.js';
import { joined, type Joining } from './filterParts.js';
import { colorWords } from './messageWords.js';

export interface FilterMenuOptions {
  filter(): string;
  setFilter(text: string): void;
  onlyFlow(flow: number): void;
}

/** @param column the cell that is meant; undefined = the row, which is filtered by its protocol */
export function openFilterMenu(row: ExchangeRow, column: PlacedColumn | undefined, place: PopupPlace, options: FilterMenuOptions): void {
  const condition = cellCondition(row, column) ?? cellCondition(row, undefined);
  const entries: PopupEntry[] = [];
  if (condition !== undefined) {
    const entry = (joining: Joining, title: string): PopupEntry => ({ title, hint: joining === 'apply' ? shortened(condition) : '', run: () => options.setFilter(joined(options.filter(), condition, joining)) });
    entries.push(entry('apply', l10n.t('Filter')), entry('and', l10n.t('And')), entry('or', l10n.t('Or')), entry('not', l10n.t('And not')), 'line');
  }
  entries.push({ title: l10n.t('Only this connection'), run: () => options.onlyFlow(row.flow) });
  openPopup(l10n.t('Filter by this'), place, () => entries);
}

export function openMarkMenu(row: ExchangeRow, place: PopupPlace, mark: (color: RowColor | null) => void): void {
  const entries: PopupEntry[] = rowColors.map((color) => ({ title: capital(colorWords(color)), swatch: `color-${color}`, run: () => mark(color) }));
  const at = row.color === undefined ? 0 : rowColors.indexOf(row.color);
  openPopup(l10n.t('Mark'), place, () => [...entries, 'line', { title: l10n.t('No mark'), run: () => mark(null) }], at);
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
