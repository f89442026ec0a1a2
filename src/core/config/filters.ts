// Filters that a rule file keeps: each with a name, some with the colour that they give to what fits.

import type { Node } from 'jsonc-parser';
import { rowColors } from '../../shared/inspect.js';
import type { FilterRule } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { parseFilter } from '../lens/filter/filter.js';
import { maxNameLength } from './defaults.js';
import { nearest } from './nearest.js';
import type { Fields, Reader } from './reader.js';

/** Each row is compared with every colour. */
const maxFilters = 200;

export const filterKeys = ['name', 'filter', 'color'];

/** @returns those that are whole, in the order of the file: the first colour that fits counts */
export function readFilters(reader: Reader, node: Node): FilterRule[] {
  if (node.type !== 'array') {
    reader.wrongType(node, '"filters"', say`a list [ … ]`);
    return [];
  }
  const nodes = node.children ?? [];
  const tooMany = nodes[maxFilters];
  if (tooMany !== undefined) reader.problems.at(tooMany, 'error', 'tooLarge', say`A rule file may keep ${maxFilters} filters; this one has ${nodes.length}.`);
  const names = new Set<string>();
  return nodes.slice(0, maxFilters).flatMap((one) => readFilter(reader, one, names) ?? []);
}

function readFilter(reader: Reader, node: Node, names: Set<string>): FilterRule | undefined {
  const { problems } = reader;
  const errorsBefore = problems.errorCount;
  const fields: Fields = reader.object(node, say`A filter`, filterKeys) ?? new Map<string, Node>();
  const nameNode = fields.get('name');
  const filterNode = fields.get('filter');
  const head = { offset: node.offset, length: 1 };
  if (node.type === 'object' && nameNode === undefined) problems.at(head, 'error', 'missingKey', say`A filter needs a "name".`);
  if (node.type === 'object' && filterNode === undefined) problems.at(head, 'error', 'missingKey', say`A filter needs a "filter": an expression such as "latency > 100ms".`);
  const name = nameNode === undefined ? undefined : reader.text(nameNode, say`The filter’s name`)?.trim();
  if (name !== undefined && nameNode !== undefined) {
    if (maxNameLength < name.length) problems.at(nameNode, 'error', 'badValue', say`The filter’s name is longer than ${maxNameLength} characters.`);
    if (names.has(name)) problems.at(nameNode, 'error', 'duplicateName', say`Two filters are called "${name}". Give this one another name.`);
    names.add(name);
  }
  const filter = filterNode === undefined ? undefined : expressionOf(reader, filterNode);
  const color = colorOf(reader, fields.get('color'));
  if (name === undefined || filter === undefined || problems.errorCount !== errorsBefore) return undefined;
  return { name, filter, ...(color === undefined ? {} : { color }) };
}

/** What is wrong is said where it stands within the text. */
function expressionOf(reader: Reader, node: Node): string | undefined {
  const text = reader.text(node, '"filter"');
  if (text === undefined) return undefined;
  const filter = parseFilter(text);
  if (!('message' in filter)) return text;
  reader.problems.within(node, filter.start, filter.end, 'error', 'badFilter', filter.message);
  return undefined;
}

function colorOf(reader: Reader, node: Node | undefined): FilterRule['color'] {
  if (node === undefined) return undefined;
  const found = rowColors.find((color) => color === node.value);
  if (found !== undefined) return found;
  const meant = typeof node.value === 'string' ? nearest(node.value, rowColors) : undefined;
  reader.problems.at(node, 'error', 'badValue', say`"color" is one of ${rowColors.map((color) => `"${color}"`).join(', ')}.`, meant === undefined ? undefined : { title: say`Change to "${meant}"`, newText: JSON.stringify(meant) });
  return undefined;
}
