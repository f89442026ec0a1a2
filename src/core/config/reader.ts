// Reads JSON nodes as the types that a rule file wants, and says what is wrong where it is not so.

import type { Node } from 'jsonc-parser';
import { say, type Sentence } from '../../shared/sentences.js';
import type { Problems } from './problems.js';
import { nearest } from './nearest.js';

/** How a problem calls what it is about: `"to"` by its key, or say`A route`. */
export type Named = Sentence | `"${string}"`;

/** Values of an object by key; keys that the file does not have are absent. */
export type Fields = ReadonlyMap<string, Node>;

/** Keys that other tools use for the same thing. */
const otherNames: Readonly<Record<string, string>> = {
  target: 'to',
  targets: 'to',
  upstream: 'to',
  upstreams: 'to',
  backend: 'to',
  forward: 'to',
  port: 'listen',
  address: 'listen',
  bind: 'listen',
  disabled: 'enabled',
  when: 'match',
  matches: 'match',
  timeout: 'timeoutMs',
  fallback: 'default',
  servername: 'sni',
  regex: 'pattern',
  bytes: 'payload',
  ip: 'remote',
  cidr: 'remote',
  program: 'process',
  colour: 'color',
  expression: 'filter',
};

export class Reader {
  constructor(readonly problems: Problems) {}

  wrongType(node: Node, what: Named, wanted: Sentence): undefined {
    this.problems.at(node, 'error', 'wrongType', say`${what} must be ${wanted}, not ${typeName(node)}.`);
    return undefined;
  }

  /** @param what names the object in a sentence: "A route" */
  object(node: Node, what: Named, keys: readonly string[]): Fields | undefined {
    if (node.type !== 'object') return this.wrongType(node, what, say`an object { … }`);
    const fields = new Map<string, Node>();
    for (const property of node.children ?? []) {
      const [keyNode, value] = property.children ?? [];
      if (keyNode === undefined || value === undefined) continue;
      const key = String(keyNode.value);
      if (!keys.includes(key)) this.unknownKey(keyNode, key, what, keys);
      else if (fields.has(key)) this.problems.at(keyNode, 'error', 'duplicateKey', say`"${key}" is written twice here; only one of them can count. Remove one.`);
      else fields.set(key, value);
    }
    return fields;
  }

  private unknownKey(keyNode: Node, key: string, what: Named, keys: readonly string[]): void {
    const alias = Object.hasOwn(otherNames, key.toLowerCase()) ? otherNames[key.toLowerCase()] : undefined;
    const meant = alias !== undefined && keys.includes(alias) ? alias : nearest(key, keys);
    const message = meant === undefined ? say`${what} has no "${key}". It knows ${keys.map((name) => `"${name}"`).join(', ')}.` : say`${what} has no "${key}". Did you mean "${meant}"?`;
    this.problems.at(keyNode, 'error', 'unknownKey', message, meant === undefined ? undefined : { title: say`Change to "${meant}"`, newText: JSON.stringify(meant) });
  }

  text(node: Node, what: Named): string | undefined {
    if (node.type !== 'string') return this.wrongType(node, what, say`a text "…"`);
    const value = String(node.value);
    if (value.trim() === '') {
      this.problems.at(node, 'error', 'badValue', say`${what} must not be empty.`);
      return undefined;
    }
    return value;
  }

  bool(node: Node | undefined, what: Named, otherwise: boolean): boolean {
    if (node === undefined) return otherwise;
    if (node.type !== 'boolean') {
      this.wrongType(node, what, say`true or false`);
      return otherwise;
    }
    return node.value === true;
  }

  whole(node: Node | undefined, what: Named, range: { least: number; most: number }, otherwise: number): number {
    if (node === undefined) return otherwise;
    if (node.type !== 'number') {
      this.wrongType(node, what, say`a number`);
      return otherwise;
    }
    const value = Number(node.value);
    if (!Number.isInteger(value) || value < range.least || range.most < value) {
      this.problems.at(node, 'error', 'badValue', say`${what} must be a whole number from ${range.least} to ${range.most}.`);
      return otherwise;
    }
    return value;
  }

  /** One text or a list of them, each with its node; faulty ones are left out. An empty list is a fault. */
  texts(node: Node, what: Named): { text: string; node: Node }[] {
    const nodes = node.type === 'array' ? (node.children ?? []) : [node];
    if (nodes.length === 0) this.problems.at(node, 'error', 'badValue', say`${what} must name at least one.`);
    return nodes.flatMap((one) => {
      const text = this.text(one, what);
      return text === undefined ? [] : [{ text, node: one }];
    });
  }
}

function typeName(node: Node): string | Sentence {
  switch (node.type) {
    case 'object':
      return say`an object`;
    case 'array':
      return say`a list`;
    case 'string':
      return say`the text ${JSON.stringify(String(node.value)).slice(0, 40)}`;
    case 'number':
      return say`the number ${String(node.value)}`;
    case 'boolean':
      return String(node.value);
    default:
      return 'null';
  }
}
