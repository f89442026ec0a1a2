// What the inspector page asks about messages of all flows, checked and copied as in validate.ts.

import { rowColors, type RowColor, type ViewQuery } from '../../shared/inspect.js';
import type { InspectRequests } from '../../shared/inspect.js';
import type { PageExport } from '../../shared/export.js';
import type { RowBits } from '../../shared/rowSet.js';
import type { ColumnSetting } from '../../shared/protocol.js';
import { finite, list, maxRows, oneOf, record, refused, rowRange, shortText, text, whole } from './validate.js';

type Params<K extends keyof InspectRequests> = InspectRequests[K]['params'];

/** The filter language takes 4,000 characters; somewhat more is sent so that it can say so. */
const maxFilterCharacters = 10_000;
const maxColumns = 60;
/** 8 rows a byte, and the list holds 1,200,000. */
const maxRowBytes = 1 << 20;
const maxBuckets = 10_000;
const maxColorRules = 200;

export function viewQuery(raw: unknown): ViewQuery {
  const { filter, listing, flow, listenerId, from, to, session, sort } = record(raw);
  return {
    filter: text(filter, 'filter', maxFilterCharacters),
    listing: oneOf(listing, ['exchanges', 'messages'], 'listing'),
    ...(flow === undefined ? {} : { flow: whole(flow, 'flow') }),
    ...(listenerId === undefined ? {} : { listenerId: shortText(listenerId, 'listenerId') }),
    ...timeRange(from, to),
    ...(session === undefined ? {} : { session: shortText(session, 'session') }),
    ...(sort === undefined ? {} : { sort: sortOf(sort) }),
  };
}

export function viewRows(raw: unknown): Params<'view/rows'> {
  const { view, start, count, columns } = record(raw);
  return { view: whole(view, 'view'), start: whole(start, 'start'), count: whole(count, 'count', maxRows), columns: list(columns, 'columns', maxColumns).map((column) => shortText(column, 'columns')) };
}

export function viewPosition(raw: unknown): Params<'view/position'> {
  const { view, row } = record(raw);
  return { view: whole(view, 'view'), row: whole(row, 'row') };
}

export function viewBetween(raw: unknown): Params<'view/between'> {
  const { view, range } = record(raw);
  return { view: whole(view, 'view'), ...rowRange(range) };
}

export function viewId(raw: unknown): Params<'view/close'> {
  return { view: whole(record(raw)['view'], 'view') };
}

export function marks(raw: unknown): Params<'marks/set'> {
  const { rows, color } = record(raw);
  return { rows: list(rows, 'rows', maxRows).map((row) => whole(row, 'rows')), color: color === null ? null : colorOf(color) };
}

export function colors(raw: unknown): Params<'colors/set'> {
  const { rules } = record(raw);
  return {
    rules: list(rules, 'rules', maxColorRules).map((rule) => {
      const { filter, color } = record(rule);
      return { filter: text(filter, 'filter', maxFilterCharacters), color: colorOf(color) };
    }),
  };
}

export function columnSettings(raw: unknown): ColumnSetting[] {
  return list(record(raw)['columns'], 'columns', maxColumns).map((column) => {
    const { id, widthPx } = record(column);
    return { id: shortText(id, 'columns'), ...(widthPx === undefined ? {} : { widthPx: finite(widthPx, 'columns') }) };
  });
}

export function savedFilter(raw: unknown): string {
  return text(record(raw)['filter'], 'filter', maxFilterCharacters);
}

export function filterCheck(raw: unknown): Params<'filter/check'> {
  const { text: typed, caret } = record(raw);
  return { text: text(typed, 'text', maxFilterCharacters), caret: whole(caret, 'caret', maxFilterCharacters) };
}

export function statsQuery(raw: unknown): Params<'stats/table'> {
  const { by, filter, from, to } = record(raw);
  return { by: oneOf(by, ['protocol', 'upstream', 'operation', 'program'], 'by'), filter: text(filter, 'filter', maxFilterCharacters), ...timeRange(from, to) };
}

export function throughputQuery(raw: unknown): Params<'throughput/get'> {
  const { from, to, buckets } = record(raw);
  return { ...timeRange(from, to), buckets: whole(buckets, 'buckets', maxBuckets) };
}

export function pageExport(raw: unknown): PageExport {
  const { what } = record(raw);
  if (what === 'all') return what;
  const { flows, messages, areAlone } = record(what);
  return flows === undefined ? { messages: rowBits(messages), areAlone: areAlone === true } : { flows: rowBits(flows) };
}

function rowBits(raw: unknown): RowBits {
  const { first, bits } = record(raw);
  if (!(bits instanceof Uint8Array) || maxRowBytes < bits.length) throw refused('rows');
  return { first: whole(first, 'rows'), bits };
}

function timeRange(from: unknown, to: unknown): { from?: number; to?: number } {
  return { ...(from === undefined ? {} : { from: finite(from, 'from') }), ...(to === undefined ? {} : { to: finite(to, 'to') }) };
}

function sortOf(raw: unknown): { column: string; isDescending: boolean } {
  const { column, isDescending } = record(raw);
  if (typeof isDescending !== 'boolean') throw refused('sort');
  return { column: shortText(column, 'sort'), isDescending };
}

function colorOf(value: unknown): RowColor {
  return oneOf(value, rowColors, 'color');
}
