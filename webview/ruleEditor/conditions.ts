// Conditions of a `match` as rows of a form, and back. Pure, and nothing is lost: what no row can show becomes a row that keeps
// its JSON as it is, and what nobody touched is written back exactly as it was read.

import type { Json } from '../../src/shared/rules.js';
import { isJsonObject, isSameJson, joinValues, valuesToJson } from './valueText.js';

export type ConditionKind =
  | 'protocol' | 'host' | 'path' | 'method' | 'header' | 'sni' | 'alpn' | 'payload' | 'pattern' | 'remote' | 'process' | 'silent'
  /** shown as JSON, edited in the file */
  | 'other';

/** One line of the form. */
export interface ConditionRow {
  kind: ConditionKind;
  isNot: boolean;
  /** keys from the match object (inside `not` when isNot) to the value: ['host'], ['http', 'host'], ['tls', 'sni'] */
  place: string[];
  /** texts of its inputs; `value` is the main one */
  inputs: Record<string, string>;
  /** kind 'other': the JSON as written */
  json?: Json;
}

/** All rows must hold: one object of a match. */
export interface Alternative {
  /** as read; undefined when made in the form */
  source: Json | undefined;
  rows: ConditionRow[];
}

type JsonObject = { [key: string]: Json };

/** Kinds whose value is a glob or a list of globs, and where a new one is written. */
const listPlaces: Partial<Record<ConditionKind, string[]>> = {
  protocol: ['protocol'], host: ['host'], path: ['path'], method: ['method'], sni: ['tls', 'sni'], alpn: ['tls', 'alpn'], remote: ['remote'], process: ['process'],
};

/** Groups that hold several conditions as keys. */
const groups: Readonly<Record<string, Readonly<Record<string, ConditionKind>>>> = {
  tls: { sni: 'sni', alpn: 'alpn' },
  http: { host: 'host', path: 'path', method: 'method' },
};

export function newRow(kind: ConditionKind): ConditionRow {
  const inputs: Record<string, string> = { value: '' };
  if (kind === 'payload') Object.assign(inputs, { offset: '0', mask: '' });
  if (kind === 'pattern') Object.assign(inputs, { flags: '', maxBytes: '' });
  if (kind === 'header') inputs['name'] = '';
  return { kind, isNot: false, place: listPlaces[kind] ?? (kind === 'header' ? ['headers'] : [kind]), inputs };
}

export function parseAlternative(source: Json): Alternative {
  if (!isJsonObject(source)) return { source, rows: [{ kind: 'other', isNot: false, place: [], inputs: {}, json: source }] };
  return { source, rows: parseObject(source, false) };
}

/** @returns the JSON of one alternative; every key whose rows are unchanged keeps its value as read */
export function composeAlternative(alternative: Alternative): Json {
  const { source, rows } = alternative;
  if (source !== undefined && !isJsonObject(source)) return rows[0]?.json ?? source;
  const read = source === undefined ? [] : parseObject(source, false);
  const result: JsonObject = {};
  const keys = [...new Set([...Object.keys(source ?? {}), ...rows.map(topKey)])];
  for (const key of keys) {
    const now = rows.filter((row) => topKey(row) === key);
    const before = read.filter((row) => topKey(row) === key);
    if (now.length === 0 && before.length > 0) continue;
    const written = source?.[key];
    if (written !== undefined && isSameRows(now, before)) result[key] = written;
    else result[key] = key === 'not' ? composeNot(now) : composeKey(now);
  }
  return result;
}

/** @returns JSON path of a row's value from its match object, for the problems that belong to it */
export function rowPath(alternative: Alternative, row: ConditionRow): (string | number)[] {
  if (!row.isNot) return row.place;
  const nots = alternative.rows.filter((other) => other.isNot);
  return nots.length === 1 ? ['not', ...row.place] : ['not', nots.indexOf(row), ...row.place];
}

/** @returns whether another row of this kind can be added: each key stands once, headers and negations any number of times */
export function canAdd(alternative: Alternative, kind: ConditionKind): boolean {
  return kind === 'header' || !alternative.rows.some((row) => row.kind === kind && !row.isNot);
}

function topKey(row: ConditionRow): string {
  return row.isNot ? 'not' : (row.place[0] ?? '');
}

function parseObject(object: JsonObject, isNot: boolean): ConditionRow[] {
  const rows: ConditionRow[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (key === 'not' && !isNot) rows.push(...parseNot(value));
    else rows.push(...parseKey(key, value, isNot));
  }
  return rows;
}

/** `not: {one}` is a row with a "not"; `not: [{one}, {one}]` is neither of them, so two such rows; anything else stays JSON. */
function parseNot(value: Json): ConditionRow[] {
  const parts = Array.isArray(value) ? value : [value];
  const rows = parts.map((part) => (isJsonObject(part) ? parseObject(part, true) : []));
  const single = rows.map((row) => row[0]);
  if (parts.length === 0 || rows.some((row) => row.length !== 1) || single.some((row) => row?.kind === 'other')) return [other(['not'], value, false)];
  return single.filter((row) => row !== undefined);
}

function parseKey(key: string, value: Json, isNot: boolean): ConditionRow[] {
  const group = groups[key];
  if (group !== undefined && isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, part]) => {
      const kind = group[name];
      if (name === 'headers' && key === 'http') return parseHeaders(['http', 'headers'], part, isNot);
      return [kind === undefined ? other([key, name], part, isNot) : parseList(kind, [key, name], part, isNot)];
    });
  }
  switch (key) {
    case 'protocol': case 'host': case 'path': case 'method': case 'remote': case 'process':
      return [parseList(key, [key], value, isNot)];
    case 'headers':
      return parseHeaders(['headers'], value, isNot);
    case 'silent':
      return [value === true ? { kind: 'silent', isNot, place: ['silent'], inputs: {} } : other(['silent'], value, isNot)];
    case 'pattern':
      return [parsePattern(value, isNot)];
    case 'payload':
      return [parsePayload(value, isNot)];
    default:
      return [other([key], value, isNot)];
  }
}

function parseList(kind: ConditionKind, place: string[], value: Json, isNot: boolean): ConditionRow {
  const text = joinValues(value);
  return text === undefined ? other(place, value, isNot) : { kind, isNot, place, inputs: { value: text } };
}

function parseHeaders(place: string[], value: Json, isNot: boolean): ConditionRow[] {
  if (!isJsonObject(value)) return [other(place, value, isNot)];
  return Object.entries(value).map(([name, part]) => {
    const text = joinValues(part);
    return text === undefined ? other([...place, name], part, isNot) : { kind: 'header', isNot, place, inputs: { name, value: text } };
  });
}

/** A source alone, or with flags and a bound. */
function parsePattern(value: Json, isNot: boolean): ConditionRow {
  if (typeof value === 'string') return { kind: 'pattern', isNot, place: ['pattern'], inputs: { value, flags: '', maxBytes: '' } };
  if (!isJsonObject(value)) return other(['pattern'], value, isNot);
  const { source, flags = '', maxBytes = '', ...rest } = value;
  if (typeof source !== 'string' || typeof flags !== 'string' || (maxBytes !== '' && typeof maxBytes !== 'number') || Object.keys(rest).length > 0) return other(['pattern'], value, isNot);
  return { kind: 'pattern', isNot, place: ['pattern'], inputs: { value: source, flags, maxBytes: String(maxBytes) } };
}

/** Bytes alone stand at offset 0. */
function parsePayload(value: Json, isNot: boolean): ConditionRow {
  if (!isJsonObject(value)) {
    const short = joinValues(value);
    return short === undefined ? other(['payload'], value, isNot) : { kind: 'payload', isNot, place: ['payload'], inputs: { offset: '0', value: short, mask: '' } };
  }
  const { offset = 0, hex, mask, ...rest } = value;
  const text = hex === undefined ? undefined : joinValues(hex);
  if (text === undefined || typeof offset !== 'number' || (mask !== undefined && typeof mask !== 'string') || Object.keys(rest).length > 0) return other(['payload'], value, isNot);
  return { kind: 'payload', isNot, place: ['payload'], inputs: { offset: String(offset), value: text, mask: mask ?? '' } };
}

function other(place: string[], json: Json, isNot: boolean): ConditionRow {
  return { kind: 'other', isNot, place, inputs: {}, json };
}

function isSameRows(one: readonly ConditionRow[], two: readonly ConditionRow[]): boolean {
  return one.length === two.length && one.every((row, index) => {
    const twin = two[index];
    return twin !== undefined && row.kind === twin.kind && row.isNot === twin.isNot && isSameJson(row.place, twin.place) && isSameJson(row.inputs, twin.inputs) && isSameJson(row.json, twin.json);
  });
}

/** `not` with a list means none of them, so negations that no row can show stand in the list beside those that rows show. */
function composeNot(rows: readonly ConditionRow[]): Json {
  const parts = rows.flatMap((row): Json[] => {
    if (row.isNot) return [composeRow(row)];
    return Array.isArray(row.json) ? row.json : [row.json ?? null];
  });
  return parts.length === 1 ? (parts[0] ?? null) : parts;
}

/** A match object with this row as its only condition. */
function composeRow(row: ConditionRow): JsonObject {
  const key = row.place[0] ?? row.kind;
  return { [key]: composeKey([row]) };
}

/** The value of one key of the match object, from all rows that stand under it. */
function composeKey(rows: readonly ConditionRow[]): Json {
  const only = rows[0];
  if (only === undefined) return {};
  if (rows.length === 1 && only.place.length === 1 && only.kind !== 'header') return composeValue(only);
  const result: JsonObject = {};
  for (const row of rows) setAt(result, row.kind === 'header' ? [...row.place.slice(1), row.inputs['name'] ?? ''] : row.place.slice(1), composeValue(row));
  return result;
}

function setAt(target: JsonObject, keys: readonly string[], value: Json): void {
  const [key, ...rest] = keys;
  if (key === undefined) return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = target[key];
  const next: JsonObject = isJsonObject(inner) ? inner : {};
  target[key] = next;
  setAt(next, rest, value);
}

function composeValue(row: ConditionRow): Json {
  const value = row.inputs['value'] ?? '';
  switch (row.kind) {
    case 'other': return row.json ?? null;
    case 'silent': return true;
    case 'pattern': {
      const flags = (row.inputs['flags'] ?? '').trim();
      const maxBytes = (row.inputs['maxBytes'] ?? '').trim();
      return flags === '' && maxBytes === '' ? value : { source: value, ...(flags === '' ? {} : { flags }), ...(maxBytes === '' ? {} : { maxBytes: numberOr(maxBytes) }) };
    }
    case 'payload': {
      const offset = row.inputs['offset'] ?? '';
      const mask = (row.inputs['mask'] ?? '').trim();
      return { offset: numberOr(offset.trim()), hex: splitHex(value), ...(mask === '' ? {} : { mask }) };
    }
    default: return valuesToJson(value);
  }
}

/** What is no number goes to the check as it was typed, which says so at its place. */
function numberOr(text: string): Json {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** `hex` is always written as a list: that is how every example shows it. */
function splitHex(text: string): Json {
  const json = valuesToJson(text);
  return Array.isArray(json) ? json : [json];
}
