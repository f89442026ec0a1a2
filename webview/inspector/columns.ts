// Which columns the message list has: chosen, ordered and sized by the person. All pure; the head and the rows are drawn elsewhere.

import type { ColumnSetting } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';

export type { ColumnSetting };

export interface SortOrder {
  column: string;
  isDescending: boolean;
}

/** A column that has room on the screen. */
export interface PlacedColumn {
  id: string;
  title: string;
  /** whole sentence, where the title does not say it all */
  hint?: string;
  widthPx: number;
  isNumber: boolean;
  /** the host puts its value into `cells` at this place; undefined = the row itself has it */
  cell?: number;
}

interface ColumnKind {
  title: string;
  hint?: string;
  widthPx: number;
  minPx: number;
  /** share of the width that is left over */
  grow: number;
  /** in a narrow list the column with the lowest goes first */
  priority: number;
  isNumber?: true;
  /** the row has no such value of its own: it is asked for by name */
  isAsked?: true;
}

export const columnGapPx = 14;
export const rowPaddingPx = 12;
const maxWidthPx = 2000;
/** More columns than fit on three screens; each one costs a value per row. */
export const maxColumns = 40;

/** @returns the columns that every message has, in the order of the menu */
function builtIn(): Record<string, ColumnKind> {
  return {
    time: { title: l10n.t('Time'), widthPx: 92, minPx: 64, grow: 0, priority: 70 },
    protocol: { title: l10n.t('Protocol'), widthPx: 96, minPx: 56, grow: 0, priority: 90 },
    message: { title: l10n.t('Message'), widthPx: 150, minPx: 90, grow: 3, priority: 100 },
    answer: { title: l10n.t('Answer'), widthPx: 110, minPx: 60, grow: 1, priority: 80 },
    took: { title: l10n.t('Took'), hint: l10n.t('From the end of the request to the start of its answer'), widthPx: 62, minPx: 40, grow: 0, priority: 50, isNumber: true },
    bytes: { title: l10n.t('Bytes'), hint: l10n.t('Of the message and its answers'), widthPx: 58, minPx: 36, grow: 0, priority: 30, isNumber: true },
    waterfall: { title: l10n.t('Waterfall'), hint: l10n.t('When it was: connecting, waiting and transfer, on the time scale of the rows in view'), widthPx: 150, minPx: 60, grow: 0, priority: 20 },
    flow: { title: l10n.t('Connection'), hint: l10n.t('Number of the connection'), widthPx: 76, minPx: 36, grow: 0, priority: 45, isNumber: true },
    client: { title: l10n.t('Client'), widthPx: 130, minPx: 50, grow: 0, priority: 45, isAsked: true },
    program: { title: l10n.t('Program'), widthPx: 110, minPx: 50, grow: 0, priority: 45 },
    upstream: { title: l10n.t('Upstream'), widthPx: 130, minPx: 50, grow: 0, priority: 45, isAsked: true },
    route: { title: l10n.t('Route'), widthPx: 90, minPx: 50, grow: 0, priority: 45, isAsked: true },
    from: { title: l10n.t('From'), widthPx: 70, minPx: 40, grow: 0, priority: 45 },
    stream: { title: l10n.t('Stream'), widthPx: 62, minPx: 40, grow: 0, priority: 45, isNumber: true },
  };
}

const usual = ['time', 'protocol', 'message', 'answer', 'took', 'bytes', 'waterfall'];

/** What the person added is wanted more than what was there anyway. */
const fieldKind: Omit<ColumnKind, 'title'> = { widthPx: 110, minPx: 40, grow: 0, priority: 60, isAsked: true };

export function usualColumns(): ColumnSetting[] {
  return usual.map((id) => ({ id }));
}

export function builtInColumns(): { id: string; title: string }[] {
  return Object.entries(builtIn()).map(([id, { title }]) => ({ id, title }));
}

export function columnTitle(id: string): string {
  return builtIn()[id]?.title ?? id;
}

/** A decoded field, not one of the columns that every message has. */
export function isFieldColumn(id: string): boolean {
  return builtIn()[id] === undefined;
}

/** @returns names that the host is asked for; `PlacedColumn.cell` is the place in this list */
export function askedColumns(settings: readonly ColumnSetting[]): string[] {
  const kinds = builtIn();
  return settings.map(({ id }) => id).filter((id) => kinds[id]?.isAsked ?? kinds[id] === undefined);
}

/**
 * Columns that fit, in their order, with whole pixels. The message always stays, however narrow the list is.
 *
 * @param availablePx width of a row with its padding
 */
export function placeColumns(settings: readonly ColumnSetting[], availablePx: number): PlacedColumn[] {
  const kinds = builtIn();
  const asked = askedColumns(settings);
  let columns = settings.map(({ id, widthPx }) => {
    const kind = kinds[id] ?? { ...fieldKind, title: id };
    return { id, kind, widthPx: widthPx ?? kind.widthPx, isSized: widthPx !== undefined };
  });
  const spare = (): number => availablePx - 2 * rowPaddingPx - columns.reduce((sum, { widthPx }) => sum + widthPx + columnGapPx, -columnGapPx);
  while (spare() < 0 && columns.length > 1) {
    const least = columns.reduce((lowest, column) => (column.kind.priority <= lowest.kind.priority ? column : lowest));
    columns = columns.filter((column) => column !== least);
  }
  // A column that the person sized keeps its width while another one can take what is left.
  let growing = columns.filter(({ kind, isSized }) => kind.grow > 0 && !isSized);
  if (growing.length === 0) growing = columns.filter(({ kind }) => kind.grow > 0);
  const shares = growing.reduce((sum, { kind }) => sum + kind.grow, 0);
  const left = spare();
  return columns.map(({ id, kind, widthPx }) => {
    const grown = growing.some((one) => one.id === id) ? Math.max(kind.minPx, widthPx + Math.floor((left * kind.grow) / shares)) : widthPx;
    return {
      id, title: kind.title, widthPx: grown, isNumber: kind.isNumber === true,
      ...(kind.hint === undefined ? {} : { hint: kind.hint }),
      ...(asked.includes(id) ? { cell: asked.indexOf(id) } : {}),
    };
  });
}

/** Value of `grid-template-columns`. */
export function gridTemplate(columns: readonly PlacedColumn[]): string {
  return columns.map(({ widthPx }) => `${widthPx}px`).join(' ');
}

export function withColumn(settings: readonly ColumnSetting[], id: string): ColumnSetting[] {
  if (settings.some((column) => column.id === id) || settings.length >= maxColumns) return [...settings];
  // A new one stands before the waterfall, which looks best at the end.
  const end = settings.at(-1)?.id === 'waterfall' ? settings.length - 1 : settings.length;
  return [...settings.slice(0, end), { id }, ...settings.slice(end)];
}

/** The last column stays: a list without any could not be mended. */
export function withoutColumn(settings: readonly ColumnSetting[], id: string): ColumnSetting[] {
  const rest = settings.filter((column) => column.id !== id);
  return rest.length === 0 ? [...settings] : rest;
}

/** Moves a column to stand before `beforeId`; undefined = at the end. */
export function movedColumn(settings: readonly ColumnSetting[], id: string, beforeId: string | undefined): ColumnSetting[] {
  const column = settings.find((one) => one.id === id);
  if (column === undefined || id === beforeId) return [...settings];
  const rest = settings.filter((one) => one !== column);
  const at = beforeId === undefined ? rest.length : rest.findIndex((one) => one.id === beforeId);
  return at < 0 ? [...settings] : [...rest.slice(0, at), column, ...rest.slice(at)];
}

/** One place towards the start (-1) or the end (1), among the columns that are seen. */
export function shiftedColumn(settings: readonly ColumnSetting[], seen: readonly { id: string }[], id: string, by: -1 | 1): ColumnSetting[] {
  const at = seen.findIndex((column) => column.id === id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= seen.length) return [...settings];
  return movedColumn(settings, id, by === -1 ? seen[to]?.id : seen[to + 1]?.id ?? afterInSettings(settings, seen[to]?.id));
}

/** What stands behind the last column that is seen may be hidden only for lack of room. */
function afterInSettings(settings: readonly ColumnSetting[], id: string | undefined): string | undefined {
  return settings[settings.findIndex((column) => column.id === id) + 1]?.id;
}

/** @param widthPx undefined = the usual width again */
export function sizedColumn(settings: readonly ColumnSetting[], id: string, widthPx: number | undefined): ColumnSetting[] {
  const minPx = builtIn()[id]?.minPx ?? fieldKind.minPx;
  return settings.map((column) => (column.id !== id ? column : widthPx === undefined ? { id } : { id, widthPx: Math.round(Math.min(maxWidthPx, Math.max(minPx, widthPx))) }));
}

/** A click on a head: ascending, descending, and back to the order of arrival. */
export function nextSort(sort: SortOrder | undefined, column: string): SortOrder | undefined {
  if (sort?.column !== column) return { column, isDescending: false };
  return sort.isDescending ? undefined : { column, isDescending: true };
}

/** @returns what was remembered, as far as it is columns; undefined when nothing is */
export function columnsFrom(saved: unknown): ColumnSetting[] | undefined {
  if (!Array.isArray(saved)) return undefined;
  const columns: ColumnSetting[] = [];
  for (const entry of saved.slice(0, maxColumns)) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { id, widthPx } = entry as { id?: unknown; widthPx?: unknown };
    if (typeof id !== 'string' || id === '' || id.length > 200 || columns.some((column) => column.id === id)) continue;
    columns.push(typeof widthPx === 'number' && Number.isFinite(widthPx) ? { id, widthPx: Math.min(maxWidthPx, Math.max(20, widthPx)) } : { id });
  }
  return columns.length === 0 ? undefined : columns;
}

/** The order of the rows, for a screen reader. */
export function sortWords(sort: SortOrder | undefined): string {
  if (sort === undefined) return l10n.t('In the order of arrival.');
  return sort.isDescending ? l10n.t('Sorted by {0}, descending.', columnTitle(sort.column)) : l10n.t('Sorted by {0}, ascending.', columnTitle(sort.column));
}
