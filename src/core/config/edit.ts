// Changes to a rule file that keep every comment, the order and the file's own formatting.
//
// jsonc-parser's own `modify` is not used: taking an element out, it takes the next one's comment along, and it knows no move.

import { findNodeAtLocation, getNodeValue, parseTree, type Node } from 'jsonc-parser';
import { assertNever } from '../../shared/lifecycle.js';
import type { Json, RuleEdit, TextEdit } from '../../shared/rules.js';
import { containerOf, interiorOf, type Container, type Item } from './container.js';
import { formatInline, formatJson, styleOf, type Style } from './format.js';

type Path = readonly (string | number)[];

/**
 * @returns one replacement, trimmed to what really differs; none when nothing does, or when the text is not JSON or a path leads nowhere
 */
export function editRules(text: string, edits: readonly RuleEdit[]): TextEdit[] {
  let changed = text;
  const done: RuleEdit[] = [];
  for (const edit of edits) {
    const here = done.reduce(shifted, edit);
    if (here === undefined) continue;
    changed = applyEdit(changed, here);
    done.push(here);
  }
  return difference(text, changed);
}

export function applyEdit(text: string, edit: RuleEdit): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root === undefined) return edit.kind === 'set' && edit.path.length === 0 && edit.value !== undefined ? `${formatJson(edit.value, styleOf(text), '', true)}\n` : text;
  switch (edit.kind) {
    case 'set':
      return edit.value === undefined ? removeAt(text, root, edit.path) : setAt(text, root, edit.path, edit.value);
    case 'insert': {
      const node = findNodeAtLocation(root, [...edit.path]);
      if (node === undefined) return setAt(text, root, edit.path, [edit.value]);
      return node.type === 'array' ? rebuilt(text, node, (container, style, indent) => insertItem(container, edit.index, edit.value, style, indent)) : text;
    }
    case 'remove':
      return removeAt(text, root, edit.path);
    case 'move': {
      const node = findNodeAtLocation(root, [...edit.path]);
      return node?.type === 'array' ? rebuilt(text, node, (container) => moveItem(container, edit.from, edit.to)) : text;
    }
    default:
      return assertNever(edit);
  }
}

// ---- one change ----------------------------------------------------------------------------------------------------

/** Sets a value, going into objects and arrays that are there already, so that comments inside them stay. */
function setAt(text: string, root: Node, path: Path, value: Json): string {
  const node = findNodeAtLocation(root, [...path]);
  if (node === undefined) return addAt(text, root, path, value);
  if (sameJson(valueOf(node), value)) return text;
  if (node.type === 'object' && isObject(value)) return mergeObject(text, node, path, value);
  if (node.type === 'array' && Array.isArray(value)) return mergeArray(text, node, path, value);
  const style = styleOf(text);
  const wasLines = /[\r\n]/.test(text.slice(node.offset, node.offset + node.length));
  return splice(text, node.offset, node.offset + node.length, formatJson(value, style, indentAt(text, node.offset), wasLines));
}

/** The parent is there or is made. */
function addAt(text: string, root: Node, path: Path, value: Json): string {
  const key = path[path.length - 1];
  if (key === undefined) return text;
  const parentPath = path.slice(0, -1);
  const parent = findNodeAtLocation(root, [...parentPath]);
  if (parent === undefined) return addAt(text, root, parentPath, typeof key === 'number' ? [value] : { [key]: value });
  if (parent.type === 'array' && typeof key === 'number') return rebuilt(text, parent, (container, style, indent) => insertItem(container, key, value, style, indent));
  if (parent.type === 'object') return rebuilt(text, parent, (container, style, indent) => insertItem(container, container.items.length, value, style, indent, String(key)));
  // A parent that is a text or number gives way to an object.
  return setAt(text, root, parentPath, typeof key === 'number' ? [value] : { [key]: value });
}

function mergeObject(text: string, node: Node, path: Path, value: { [key: string]: Json }): string {
  let changed = text;
  for (const property of node.children ?? []) {
    const key = String(property.children?.[0]?.value);
    if (!Object.hasOwn(value, key)) changed = applyEdit(changed, { kind: 'remove', path: [...path, key] });
  }
  for (const [key, item] of Object.entries(value)) changed = applyEdit(changed, { kind: 'set', path: [...path, key], value: item });
  return changed;
}

function mergeArray(text: string, node: Node, path: Path, value: readonly Json[]): string {
  const old = (node.children ?? []).map((child) => valueOf(child));
  let same = 0;
  while (same < old.length && same < value.length && sameJson(old[same] ?? null, value[same] ?? null)) same++;
  let sameTail = 0;
  while (sameTail < old.length - same && sameTail < value.length - same && sameJson(old[old.length - 1 - sameTail] ?? null, value[value.length - 1 - sameTail] ?? null)) sameTail++;
  let changed = text;
  for (let i = old.length - sameTail - 1; value.length - sameTail <= i; i--) changed = applyEdit(changed, { kind: 'remove', path: [...path, i] });
  for (let i = same; i < value.length - sameTail; i++) {
    const item = value[i] ?? null;
    if (i < old.length - sameTail) changed = applyEdit(changed, { kind: 'set', path: [...path, i], value: item });
    else changed = applyEdit(changed, { kind: 'insert', path: [...path], index: i, value: item });
  }
  return changed;
}

function removeAt(text: string, root: Node, path: Path): string {
  const node = findNodeAtLocation(root, [...path]);
  const part = node?.parent?.type === 'property' ? node.parent : node;
  const owner = part?.parent;
  if (part === undefined || owner === undefined) return text;
  const index = (owner.children ?? []).indexOf(part);
  return index < 0 ? text : rebuilt(text, owner, (container) => removeItem(container, index));
}

// ---- parts of a container ------------------------------------------------------------------------------------------

function removeItem(container: Container, index: number): void {
  const [item] = container.items.splice(index, 1);
  if (item === undefined) return;
  const next = container.items[index];
  const hasComments = item.before.trim() !== '';
  if (next !== undefined) {
    // The first item's white space suits the one that becomes first; comments that are set apart stay where they are.
    if (hasComments) next.before = item.before + (next.before.trim() === '' ? '' : next.before);
    else if (index === 0 && next.before.trim() === '') next.before = item.before;
  } else if (hasComments) container.tail = item.before.replace(/\s+$/, '') + container.tail;
  if (container.items.length === 0) {
    container.hasTrailingComma = false;
    if ((container.head + container.tail).trim() === '') container.tail = '';
  }
}

function moveItem(container: Container, from: number, to: number): void {
  const { items } = container;
  const item = items[from];
  const target = Math.max(0, Math.min(to, items.length - 1));
  if (item === undefined || target === from) return;
  const places = items.map((one) => one.before);
  items.splice(from, 1);
  items.splice(target, 0, item);
  items.forEach((one, i) => (one.before = places[i] ?? ''));
}

function insertItem(container: Container, index: number, value: Json, style: Style, indent: string, key?: string): void {
  const { items } = container;
  const at = Math.max(0, Math.min(index, items.length));
  const neighbour = items[at - 1] ?? items[at];
  const inner = indent + style.unit;
  const isLines = neighbour === undefined ? !(key !== undefined && container.tail === '') || 0 < container.tail.length : /[\r\n]/.test(neighbour.before) || items.some((one) => /[\r\n]/.test(one.before));
  const neighbourIndent = neighbour === undefined ? inner : (/[\r\n]([ \t]*)$/.exec(neighbour.before + neighbour.lead)?.[1] ?? inner);
  const prefersLines = neighbour !== undefined && key === undefined && /[\r\n]/.test(neighbour.value);
  const written = isLines ? formatJson(value, style, neighbourIndent, prefersLines) : formatInline(value);
  const item: Item = { before: '', lead: '', value: key === undefined ? written : `${JSON.stringify(key)}: ${written}`, trail: '' };

  if (isLines) {
    item.before = style.lineBreak + neighbourIndent;
    if (items.length === 0 && !/[\r\n][ \t]*$/.test(container.tail)) container.tail += style.lineBreak + indent;
  } else if (at === 0) {
    item.before = items[0]?.before ?? (key === undefined ? '' : ' ');
    if (items[0] !== undefined && items[0].before.trim() === '') items[0].before = ' ';
    if (items.length === 0 && key !== undefined) container.tail = ' ';
  } else item.before = ' ';
  items.splice(at, 0, item);
}

function rebuilt(text: string, node: Node, change: (container: Container, style: Style, indent: string) => void): string {
  const container = containerOf(text, node);
  change(container, styleOf(text), indentAt(text, node.offset));
  return splice(text, container.start, container.end, interiorOf(container));
}

// ---- helpers -------------------------------------------------------------------------------------------------------

/**
 * Where an edit goes once an earlier one of the same list has been made: indexes are into the file as written.
 *
 * @returns undefined when the element it speaks of is gone
 */
function shifted(edit: RuleEdit | undefined, earlier: RuleEdit): RuleEdit | undefined {
  if (edit === undefined) return undefined;
  const place = structureOf(earlier);
  if (place === undefined) return edit;
  const depth = place.path.length;
  if (isWithin(edit.path, place.path) && depth < edit.path.length) {
    const index = place.map(Number(edit.path[depth]));
    if (index === undefined) return undefined;
    return { ...edit, path: [...edit.path.slice(0, depth), index, ...edit.path.slice(depth + 1)] };
  }
  if (edit.path.length !== depth || !isWithin(edit.path, place.path)) return edit;
  if (edit.kind === 'move') {
    const from = place.map(edit.from);
    return from === undefined ? undefined : { ...edit, from, to: place.map(edit.to) ?? edit.to };
  }
  return edit.kind === 'insert' ? { ...edit, index: place.map(edit.index) ?? edit.index } : edit;
}

/** The array that an edit changed, and where its elements are now. */
function structureOf(edit: RuleEdit): { path: Path; map(index: number): number | undefined } | undefined {
  const last = edit.path[edit.path.length - 1];
  if (edit.kind === 'insert') return { path: edit.path, map: (index) => (edit.index <= index ? index + 1 : index) };
  if (edit.kind === 'move') return { path: edit.path, map: (index) => movedIndex(index, edit.from, edit.to) };
  const isRemoval = edit.kind === 'remove' || edit.value === undefined;
  if (!isRemoval || typeof last !== 'number') return undefined;
  return { path: edit.path.slice(0, -1), map: (index) => (index === last ? undefined : last < index ? index - 1 : index) };
}

function movedIndex(index: number, from: number, to: number): number {
  if (index === from) return to;
  if (from < index && index <= to) return index - 1;
  return to <= index && index < from ? index + 1 : index;
}

function isWithin(path: Path, owner: Path): boolean {
  return owner.every((part, i) => path[i] === part);
}

/** Indentation of the line that holds the offset. */
function indentAt(text: string, offset: number): string {
  const lineStart = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? '';
}

function splice(text: string, start: number, end: number, piece: string): string {
  return text.slice(0, start) + piece + text.slice(end);
}

function difference(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return [{ start, end: before.length - end, newText: after.slice(start, after.length - end) }];
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valueOf(node: Node): Json {
  return getNodeValue(node) as Json;
}

/** The order of keys does not matter. */
function sameJson(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameJson(item, b[i] ?? null));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key] ?? null, b[key] ?? null));
  }
  return a === b;
}
