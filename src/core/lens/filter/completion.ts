// What may stand at the caret of a filter: fields with their meaning, operators that fit, values that are known or were seen, keywords, saved filters.

import type { Completion, FilterAnswer } from '../../../shared/inspect.js';
import { expandProtocol, groups, protocolOf } from '../../protocols/index.js';
import { aliases } from './aliases.js';
import { heads, namesIn } from './decodedFields.js';
import { facts, protocolNames, type FilterField } from './fields.js';
import { parseFilter, selectorOf } from './filter.js';
import { meanings } from './meanings.js';
import { bareName } from './names.js';
import { placeAt } from './place.js';
import type { FieldSelector } from './subject.js';
import type { Translate } from './translate.js';
import { fieldWords, wordsOf } from './words.js';

/** What was captured so far. */
export interface Seen {
  valuesSeen(selector: FieldSelector, most: number): { text: string; count: number }[];
  pathsSeen(): { protocol: string; path: string }[];
  /** values that a fact of flows has: programs, addresses, routes; the most frequent first */
  factsSeen(name: string, most: number): { text: string; count: number }[];
}

export const nothingSeen: Seen = { valuesSeen: () => [], pathsSeen: () => [], factsSeen: () => [] };

export interface SavedFilter {
  name: string;
  filter: string;
}

/** A list longer than this is not read. */
const maxItems = 50;

/** Longer values are not offered: they would have to be written out in full. */
const maxValueLength = 120;

/**
 * Judges what is typed, tells it in plain words, and says what could come next.
 *
 * @param caret offset in `text`; outside of it, its end
 */
export function checkFilter(text: string, caret: number, seen: Seen, saved: readonly SavedFilter[], t: Translate): FilterAnswer {
  const isEmpty = text.trim() === '';
  const filter = isEmpty ? undefined : parseFilter(text);
  const isWhole = filter !== undefined && 'matches' in filter;
  return {
    ...(filter === undefined || isWhole ? {} : { problem: { message: filter.message, start: filter.start, end: filter.end } }),
    words: isWhole ? wordsOf(filter.expression, t) : '',
    completions: completionsAt(text, Math.max(0, Math.min(caret, text.length)), seen, saved, t),
  };
}

function completionsAt(text: string, caret: number, seen: Seen, saved: readonly SavedFilter[], t: Translate): FilterAnswer['completions'] {
  const { start, end, typed, expects, field } = placeAt(text, caret);
  const isAtStart = text.slice(0, start).trim() === '' && text.slice(end).trim() === '';
  const items: Completion[] = [];
  switch (expects) {
    case 'nothing':
      break;
    case 'term':
      for (const { name, filter } of saved) items.push({ text: isAtStart || !/\bor\b/i.test(filter) ? filter : `(${filter})`, kind: 'saved', detail: name });
      items.push(...terms(typed, seen, t), { text: 'not', kind: 'keyword', detail: t('what does not fit') });
      break;
    case 'operator':
      if (field !== undefined) items.push(...operators(field, t));
      if (field === undefined || field.isThere !== undefined) items.push(...joints(t));
      break;
    case 'joint':
      items.push(...joints(t));
      break;
    case 'list':
      items.push({ text: '(', kind: 'operator', detail: t('a list of values: (a, b)') });
      break;
    case 'value':
      if (field !== undefined) items.push(...values(field, seen, t));
      break;
  }
  return { start, end, items: fitting(items, typed) };
}

/** What begins as it was typed comes first, then what has it inside; saved filters also by their names. */
function fitting(items: readonly Completion[], typed: string): Completion[] {
  const wanted = plain(typed);
  const first: Completion[] = [];
  const further: Completion[] = [];
  const known = new Set<string>();
  for (const item of items) {
    if (known.has(item.text)) continue;
    known.add(item.text);
    const text = plain(item.text);
    if (text.startsWith(wanted) || (item.kind === 'saved' && plain(item.detail).startsWith(wanted))) first.push(item);
    else if (1 < wanted.length && (text.includes(wanted) || (item.kind === 'saved' && plain(item.detail).includes(wanted)))) further.push(item);
  }
  return [...first, ...further].slice(0, maxItems);
}

function plain(text: string): string {
  return text.toLowerCase().replace(/["']/g, '').replaceAll('-', '_');
}

// ---- fields ---------------------------------------------------------------------------------------------------------

/** Without a dot: facts, protocols, and names that people use. Behind "redis.": what is inside. */
function terms(typed: string, seen: Seen, t: Translate): Completion[] {
  const dot = typed.indexOf('.');
  const head = typed.slice(0, dot < 0 ? 0 : dot).toLowerCase();
  if (0 < dot && head !== 'flow') return inside(head, seen, t);
  const spoken = new Set(seen.pathsSeen().map(({ protocol }) => protocol));
  const own = facts.map(({ name }): Completion => ({ text: name, kind: 'field', detail: meaningOf(name, t) }));
  const named = Object.entries(aliases).map(([name, { meaning }]): Completion => ({ text: name, kind: 'field', detail: t(meaning) }));
  const isSpoken = (name: string): boolean => expandProtocol(name).some((id) => spoken.has(id));
  const layers = [...heads].sort((a, b) => Number(isSpoken(b)) - Number(isSpoken(a))).map((id): Completion => ({ text: id, kind: 'field', detail: titleOf(id, t) }));
  const what = [...layers.filter(({ text }) => isSpoken(text)), ...own, ...named.filter(({ text }) => text === 'sql' || isSpoken(text.split('.')[0]!))];
  // While nothing is typed, what was never seen would only be in the way.
  return typed === '' ? what : [...what, ...layers, ...named];
}

function meaningOf(name: string, t: Translate): string {
  const meaning = meanings[name];
  return meaning === undefined ? '' : t(meaning);
}

function inside(head: string, seen: Seen, t: Translate): Completion[] {
  const ids = expandProtocol(head);
  if (ids.length === 0) return [];
  const found = new Set<string>();
  const offer = (name: string, detail: string): Completion[] => {
    if (found.has(name)) return [];
    found.add(name);
    return [{ text: `${head}.${name}`, kind: 'field', detail }];
  };
  const named = Object.entries(aliases).filter(([name]) => name.startsWith(`${head}.`)).flatMap(([name, { meaning }]) => offer(name.slice(head.length + 1), t(meaning)));
  const seenNames = seen.pathsSeen().filter(({ protocol }) => ids.includes(protocol)).flatMap(({ path }) => {
    const name = bareName(path.split('/').at(-1)!);
    return /\p{L}/u.test(name) ? offer(name, t('seen')) : [];
  });
  const written = namesIn(head).flatMap((name) => offer(name, t('field of {0}', titleOf(head, t))));
  return [...named, ...seenNames, ...written];
}

function titleOf(id: string, t: Translate): string {
  if (Object.hasOwn(groups, id)) return groups[id]!.map((member) => protocolOf(member)?.title ?? member).join(', ');
  return protocolOf(id)?.title ?? t('not recognised');
}

// ---- operators ------------------------------------------------------------------------------------------------------

function joints(t: Translate): Completion[] {
  return [
    { text: 'and', kind: 'keyword', detail: t('both fit') },
    { text: 'or', kind: 'keyword', detail: t('one of them fits') },
  ];
}

function operators({ type }: FilterField, t: Translate): Completion[] {
  const is: Completion[] = [{ text: '==', kind: 'operator', detail: t('is') }, { text: '!=', kind: 'operator', detail: t('is something else') }];
  const order: Completion[] = [
    { text: '>', kind: 'operator', detail: t('is more') },
    { text: '>=', kind: 'operator', detail: t('is as much or more') },
    { text: '<', kind: 'operator', detail: t('is less') },
    { text: '<=', kind: 'operator', detail: t('is as much or less') },
  ];
  const like: Completion[] = [{ text: '~', kind: 'operator', detail: t('fits a pattern: "node*" or /order-\\d+/') }];
  const contains: Completion[] = [{ text: 'contains', kind: 'operator', detail: t('has it inside') }];
  const isIn: Completion[] = [{ text: 'in', kind: 'operator', detail: t('is one of several: (a, b)') }];
  switch (type) {
    case 'flag':
      return is;
    case 'everything':
      return [...like, ...contains];
    case 'content':
      return [...contains, ...like, ...order, ...is];
    case 'number':
    case 'duration':
    case 'size':
      return [...order, ...is, ...isIn];
    case 'clock':
      return [...order, ...is];
    case 'choice':
    case 'text':
      return [...is, ...like, ...contains, ...isIn];
    case 'decoded':
      return [...is, ...like, ...contains, ...order, ...isIn];
  }
}

// ---- values ---------------------------------------------------------------------------------------------------------

const usual: Readonly<Partial<Record<FilterField['type'], readonly string[]>>> = {
  duration: ['1ms', '5ms', '20ms', '100ms', '1s'],
  size: ['1KB', '10KB', '100KB', '1MB'],
};

function values(field: FilterField, seen: Seen, t: Translate): Completion[] {
  const offered = (text: string, detail: string): Completion => ({ text: quotedIfNeeded(text), kind: 'value', detail });
  const counted = (list: readonly { text: string; count: number }[]): Completion[] =>
    list.filter(({ text }) => text !== '' && text.length <= maxValueLength && !/[\p{Cc}]/u.test(text)).map(({ text, count }) => offered(withoutQuotes(text), count === 1 ? t('seen once') : t('seen {0} times', String(count))));
  if (field.type === 'decoded') {
    const selector = selectorOf(field.name);
    return 'matches' in selector ? counted(seen.valuesSeen(selector, maxItems)) : [];
  }
  const known = (field.choices?.() ?? []).map((choice) => offered(choice, field.choices === protocolNames ? titleOf(choice, t) : fieldWords(field.name, t)));
  return [...counted(seen.factsSeen(field.name, maxItems)), ...known, ...(usual[field.type] ?? []).map((text) => offered(text, fieldWords(field.name, t)))];
}

/** Payloads that dissectors show in quotes are compared without them. */
function withoutQuotes(text: string): string {
  return 2 < text.length && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function quotedIfNeeded(text: string): string {
  return /^[\p{L}\p{N}_.:/*?@%+$-]+$/u.test(text) && !/^(and|or|not|in|contains)$/i.test(text) && !text.startsWith('/') ? text : JSON.stringify(text);
}
