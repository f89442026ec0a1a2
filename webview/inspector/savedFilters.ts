// The menu of filters that have a name in the rule file, and saving the one in force.

import { l10n } from '../l10n.js';
import { below, openPopup, type PopupEntry } from '../widgets/popupMenu.js';
import type { InspectorRpc } from './inspector.js';

export interface SavedFiltersOptions {
  rpc: InspectorRpc;
  filter(): string;
  setFilter(text: string): void;
  announce(sentence: string): void;
  report(fault: unknown): void;
}

export function openSavedFilters(button: HTMLElement, options: SavedFiltersOptions): void {
  options.rpc.request('filters/list', null).then(({ filters }) => {
    const entries: PopupEntry[] = filters.map(({ name, filter }) => ({ title: name, hint: filter.length > 60 ? `${filter.slice(0, 59)}…` : filter, run: () => options.setFilter(filter) }));
    if (entries.length > 0) entries.push('line');
    const current = options.filter();
    if (current !== '') entries.push({ title: l10n.t('Save this filter…'), run: () => save(current, options) });
    else if (filters.length === 0) entries.push({ title: l10n.t('Nothing saved yet: write a filter first'), run: () => undefined });
    openPopup(l10n.t('Saved filters'), below(button), () => entries);
  }, options.report);
}

function save(filter: string, { rpc, announce, report }: SavedFiltersOptions): void {
  rpc.request('filters/save', { filter }).then((saved) => {
    if (saved !== null) announce(l10n.t('Saved as {0}.', saved.name));
  }, report);
}
