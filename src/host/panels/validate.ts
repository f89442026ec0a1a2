// What a page sends is not believed: every parameter is checked and copied, so that nothing else gets through to lens, engine or files.

import { MuxError } from '../../shared/errors.js';
import type { DebugNarrowing } from '../../shared/debug.js';
import type { DocumentTarget } from '../../shared/export.js';
import type { Speaker } from '../../shared/flow.js';
import type { FlowQuery } from '../../shared/protocol.js';
import type { Json } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';

/** Rows in one answer; a screen shows a tenth of it. */
export const maxRows = 1000;
/** 'bytes/read' hands out at most 256 KiB a request. */
const maxReadBytes = 256 * 1024;
/** 1 MiB copied as hex is 3 MiB of text; nothing larger comes from the page. */
const maxClipboardCharacters = 8 * 1024 * 1024;
const maxTextCharacters = 1000;
/** Linux takes paths of 4,096 bytes (PATH_MAX), Windows of 32,767 characters. */
const maxPathCharacters = 40_000;
/** A rule as JSON: far above any real one. */
const maxJsonValues = 20_000;
const maxJsonDepth = 40;
const maxPathParts = 20;
/** Client bytes to try rules on: the inspect limit is 16 KiB, two digits and a space each, with room. */
const maxTryCharacters = 1024 * 1024;

export function flowQuery(raw: unknown): FlowQuery {
  const { start, count } = record(raw);
  return { ...flowMatch(raw), start: whole(start, 'start'), count: whole(count, 'count', maxRows) };
}

export function flowsBetween(raw: unknown): Omit<FlowQuery, 'start' | 'count'> & { range?: { one: number; other: number } } {
  return { ...flowMatch(raw), ...rowRange(record(raw)['range']) };
}

/** @returns `range` with two rows, or nothing */
export function rowRange(raw: unknown): { range?: { one: number; other: number } } {
  if (raw === undefined) return {};
  const { one, other } = record(raw);
  return { range: { one: whole(one, 'range'), other: whole(other, 'range') } };
}

function flowMatch(raw: unknown): Omit<FlowQuery, 'start' | 'count'> {
  const { listenerId, text, session, from, order } = record(raw);
  return {
    ...(listenerId === undefined ? {} : { listenerId: shortText(listenerId, 'listenerId') }),
    ...(text === undefined ? {} : { text: shortText(text, 'text') }),
    ...(session === undefined ? {} : { session: shortText(session, 'session') }),
    ...(from === undefined ? {} : { from: finite(from, 'from') }),
    order: oneOf(order, ['liveFirst', 'opened'], 'order'),
  };
}

export function flowId(raw: unknown): { id: number } {
  return { id: whole(record(raw)['id'], 'id') };
}

export function flowIds(raw: unknown): { ids: number[] } {
  const { ids } = record(raw);
  if (!Array.isArray(ids) || ids.length > maxRows) throw refused('ids');
  return { ids: ids.map((id) => whole(id, 'ids')) };
}

export function chunkQuery(raw: unknown): { flow: number; start: number; count: number } {
  const { flow, start, count } = record(raw);
  return { flow: whole(flow, 'flow'), start: whole(start, 'start'), count: whole(count, 'count', maxRows) };
}

export function messageId(raw: unknown): { flow: number; index: number } {
  const { flow, index } = record(raw);
  return { flow: whole(flow, 'flow'), index: whole(index, 'index') };
}

export function bytesQuery(raw: unknown): { flow: number; from: Speaker; start: number; length: number } {
  const { flow, from, start, length } = record(raw);
  return { flow: whole(flow, 'flow'), from: oneOf(from, ['client', 'upstream'], 'from'), start: whole(start, 'start'), length: whole(length, 'length', maxReadBytes) };
}

export function followChoice(raw: unknown): { flow: number; form: 'text' | 'hex' | 'decoded'; from: 'both' | Speaker } {
  const { flow, form, from } = record(raw);
  return { flow: whole(flow, 'flow'), form: oneOf(form, ['text', 'hex', 'decoded'], 'form'), from: oneOf(from, ['both', 'client', 'upstream'], 'from') };
}

export function documentTarget(raw: unknown): DocumentTarget {
  const { flow, index, kind } = record(raw);
  return {
    flow: whole(flow, 'flow'),
    ...(index === undefined ? {} : { index: whole(index, 'index') }),
    ...(kind === undefined ? {} : { kind: oneOf(kind, ['body', 'message'] as const, 'kind') }),
  };
}

export function documentTargets(raw: unknown): { left: DocumentTarget; right: DocumentTarget } {
  const { left, right } = record(raw);
  return { left: documentTarget(left), right: documentTarget(right) };
}

export function clipboardText(raw: unknown): string {
  const { text } = record(raw);
  if (typeof text !== 'string' || text.length > maxClipboardCharacters) throw refused('text');
  return text;
}

export function ruleTarget(raw: unknown): { listenerId: string; route?: string } {
  const { listenerId, route } = record(raw);
  return { listenerId: shortText(listenerId, 'listenerId'), ...(route === undefined ? {} : { route: shortText(route, 'route') }) };
}

export function debugTimeline(raw: unknown): { from?: number; to?: number } {
  const { from, to } = record(raw);
  return { ...(from === undefined ? {} : { from: finite(from, 'from') }), ...(to === undefined ? {} : { to: finite(to, 'to') }) };
}

export function debugNarrowing(raw: unknown): DebugNarrowing {
  const { session, from, isSinceRestart } = record(raw);
  return {
    ...(session === undefined ? {} : { session: shortText(session, 'session') }),
    ...(from === undefined ? {} : { from: finite(from, 'from') }),
    ...(isSinceRestart === true ? { isSinceRestart } : {}),
  };
}

export function debugPlace(raw: unknown): { file: string; line: number } {
  const { file, line } = record(raw);
  return { file: text(file, 'file', maxPathCharacters), line: whole(line, 'line') };
}

/** @returns the flow that the page has selected, or undefined */
export function selectedFlow(raw: unknown): number | undefined {
  const { flow } = record(raw);
  return flow === undefined || flow === null ? undefined : whole(flow, 'flow');
}

export function jsonPath(raw: unknown): (string | number)[] {
  if (!Array.isArray(raw) || raw.length > maxPathParts) throw refused('path');
  return raw.map((part) => (typeof part === 'number' ? whole(part, 'path') : shortText(part, 'path')));
}

export function formValue(raw: unknown): { path: (string | number)[]; value: Json } {
  const { path, value } = record(raw);
  return { path: jsonPath(path), value: json(value) };
}

export function formSave(raw: unknown): { path: (string | number)[]; value: Json; version: number } {
  return { ...formValue(raw), version: whole(record(raw)['version'], 'version') };
}

/** @returns the bytes that the hex digits say */
export function formTry(raw: unknown): { path: (string | number)[]; value: Json; bytes: Uint8Array } {
  const { hex } = record(raw);
  if (typeof hex !== 'string' || hex.length > maxTryCharacters || hex.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(hex)) throw refused('hex');
  const bytes = new Uint8Array(hex.length / 2);
  for (let index = 0; index < bytes.length; index++) bytes[index] = parseInt(hex.slice(index * 2, index * 2 + 2), 16);
  return { ...formValue(raw), bytes };
}

/** A copy of plain JSON; anything else (functions, cycles, odd numbers) is refused. */
export function json(raw: unknown): Json {
  let values = 0;
  const copy = (value: unknown, depth: number): Json => {
    if (++values > maxJsonValues || depth > maxJsonDepth) throw refused('value');
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return value.map((element) => copy(element, depth + 1));
    if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, copy(element, depth + 1)]));
    throw refused('value');
  };
  return copy(raw, 0);
}

export function record(raw: unknown): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw refused('parameters');
  return raw as Record<string, unknown>;
}

export function whole(value: unknown, name: string, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) throw refused(name);
  return value;
}

export function finite(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused(name);
  return value;
}

export function list(value: unknown, name: string, max: number): unknown[] {
  if (!Array.isArray(value) || value.length > max) throw refused(name);
  return value;
}

export function text(value: unknown, name: string, maxCharacters: number): string {
  if (typeof value !== 'string' || value.length > maxCharacters) throw refused(name);
  return value;
}

export function shortText(value: unknown, name: string): string {
  return text(value, name, maxTextCharacters);
}

export function oneOf<const T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw refused(name);
  return found;
}

export function refused(name: string): MuxError {
  return new MuxError('internal', say`The page sent something that is not allowed here (${name}).`);
}
