// A route or listener as a form, and back. Pure: form -> JSON -> form is the same form, JSON -> form -> JSON is the same JSON.

import type { Json } from '../../src/shared/rules.js';
import { composeAlternative, parseAlternative, type Alternative } from './conditions.js';
import { isJsonObject, isSameJson } from './valueText.js';

export type JsonObject = { [key: string]: Json };

/** Upstreams as texts; `other` when the file says something that texts cannot show (a built-in service). */
export interface TargetForm {
  upstreams: string[];
  balance: string;
  whenSilent: boolean;
  other?: Json;
}

export interface RouteForm {
  kind: 'route';
  source: JsonObject;
  name: string;
  isEnabled: boolean;
  /** any of them may hold; none = every connection */
  alternatives: Alternative[];
  to: TargetForm;
}

export interface ListenerForm {
  kind: 'listener';
  source: JsonObject;
  name: string;
  isEnabled: boolean;
  listen: string;
  timeoutMs: string;
  maxBytes: string;
  fallback: TargetForm;
}

export type RuleForm = RouteForm | ListenerForm;

/** @returns undefined when the value is no object: nothing a form could show */
export function parseForm(kind: 'route' | 'listener', value: Json): RuleForm | undefined {
  if (!isJsonObject(value)) return undefined;
  const name = textOf(value['name']);
  const isEnabled = value['enabled'] !== false;
  if (kind === 'route') {
    return { kind, source: value, name, isEnabled, alternatives: parseMatch(value['match']), to: parseTarget(value['to'], value['balance'], undefined) };
  }
  const inspect = isJsonObject(value['inspect']) ? value['inspect'] : {};
  return {
    kind, source: value, name, isEnabled, listen: textOf(value['listen']),
    timeoutMs: textOf(inspect['timeoutMs']), maxBytes: textOf(inspect['maxBytes']),
    fallback: parseFallback(value['default']),
  };
}

/** @returns the JSON to save: every key that the person did not change keeps its value as read, and its place */
export function composeForm(form: RuleForm): JsonObject {
  const before = parseForm(form.kind, form.source);
  const result: JsonObject = { ...form.source };
  const put = (key: string, value: Json | undefined): void => {
    if (value === undefined) delete result[key];
    else result[key] = value;
  };
  if (before === undefined || form.name !== before.name) put('name', form.name);
  if (before === undefined || form.isEnabled !== before.isEnabled) put('enabled', form.isEnabled ? undefined : false);
  if (form.kind === 'route' && before?.kind === 'route') {
    const match = composeMatch(form);
    if (!isSameJson(match, form.source['match'])) put('match', match);
    if (!isSameTarget(form.to, before.to)) {
      put('to', composeUpstreams(form.to));
      if (form.to.balance !== before.to.balance || form.to.upstreams.length < 2) put('balance', form.to.upstreams.length > 1 && form.to.balance !== '' ? form.to.balance : undefined);
    }
  }
  if (form.kind === 'listener' && before?.kind === 'listener') {
    if (form.listen !== before.listen) put('listen', form.listen);
    if (form.timeoutMs !== before.timeoutMs || form.maxBytes !== before.maxBytes) put('inspect', composeInspect(form, before));
    if (!isSameTarget(form.fallback, before.fallback)) put('default', composeFallback(form.fallback, form.source['default']));
  }
  return result;
}

/** JSON paths of the inputs, from the fragment's root. */
export function matchPath(form: RouteForm, alternative: number): (string | number)[] {
  return Array.isArray(form.source['match']) || form.alternatives.length > 1 ? ['match', alternative] : ['match'];
}

function parseMatch(match: Json | undefined): Alternative[] {
  if (match === undefined) return [];
  if (Array.isArray(match)) return match.map(parseAlternative);
  return [parseAlternative(match)];
}

function composeMatch(form: RouteForm): Json | undefined {
  // An alternative that was opened in the form and left empty says nothing.
  const parts = form.alternatives.filter(({ source, rows }) => source !== undefined || rows.length > 0).map(composeAlternative);
  const wasList = Array.isArray(form.source['match']);
  if (wasList || parts.length > 1) return parts;
  const only = parts[0];
  // No condition left: the key goes, unless it was there and empty to begin with.
  return isSameJson(only, {}) && !isSameJson(form.source['match'], {}) ? undefined : only;
}

function parseTarget(to: Json | undefined, balance: Json | undefined, whenSilent: Json | undefined): TargetForm {
  const rest = { balance: textOf(balance), whenSilent: whenSilent === true };
  if (to === undefined) return { upstreams: [''], ...rest };
  const values = Array.isArray(to) ? to : [to];
  if (values.length === 0 || !values.every((value) => typeof value === 'string' || typeof value === 'number')) return { upstreams: [], other: to, ...rest };
  return { upstreams: values.map(String), ...rest };
}

function parseFallback(value: Json | undefined): TargetForm {
  if (!isJsonObject(value)) return parseTarget(value, undefined, undefined);
  const { to, balance, whenSilent, ...rest } = value;
  if (Object.keys(rest).length > 0 || (whenSilent !== undefined && typeof whenSilent !== 'boolean')) return { upstreams: [], balance: '', whenSilent: false, other: value };
  return parseTarget(to, balance, whenSilent);
}

function composeUpstreams(target: TargetForm): Json | undefined {
  if (target.other !== undefined) return target.other;
  return target.upstreams.length > 1 ? target.upstreams : target.upstreams[0];
}

/** A plain address while that says it all, else an object. No upstream: no default. */
function composeFallback(target: TargetForm, source: Json | undefined): Json | undefined {
  if (target.other !== undefined) return target.other;
  const to = target.upstreams.length === 1 && target.upstreams[0] === '' ? undefined : composeUpstreams(target);
  if (to === undefined) return undefined;
  const balance = target.upstreams.length > 1 ? target.balance : '';
  if (!target.whenSilent && balance === '' && !isJsonObject(source)) return to;
  return { to, ...(balance === '' ? {} : { balance }), ...(target.whenSilent ? { whenSilent: true } : {}) };
}

function composeInspect(form: ListenerForm, before: ListenerForm): Json | undefined {
  const inspect: JsonObject = isJsonObject(form.source['inspect']) ? { ...form.source['inspect'] } : {};
  const put = (key: string, text: string, was: string): void => {
    if (text === was) return;
    if (text.trim() === '') delete inspect[key];
    else inspect[key] = /^\d+$/.test(text.trim()) ? Number(text) : text;
  };
  put('timeoutMs', form.timeoutMs, before.timeoutMs);
  put('maxBytes', form.maxBytes, before.maxBytes);
  return Object.keys(inspect).length === 0 ? undefined : inspect;
}

function isSameTarget(one: TargetForm, two: TargetForm): boolean {
  return isSameJson(one.upstreams, two.upstreams) && one.balance === two.balance && one.whenSilent === two.whenSilent && isSameJson(one.other, two.other);
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : '';
}
