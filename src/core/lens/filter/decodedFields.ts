// Decoded fields by name: `redis.command`, `http."content-type"`, `lsp.params.textDocument`. Names are those that dissectors write, or aliases.

import { say, type Sentence } from '../../../shared/sentences.js';
import { editDistance, nearest } from '../../config/nearest.js';
import { expandProtocol, groups, protocols } from '../../protocols/index.js';
import { aliases, commonHeaders, openProtocols, type Alias } from './aliases.js';
import { fieldNames } from './fieldNames.js';
import { bareName } from './names.js';
import type { FieldSelector } from './subject.js';
import type { NamePart } from './tokens.js';

/** A decoded field that a filter or a column asks about. */
export interface DecodedField {
  /** as written, without quotes where none are needed */
  readonly name: string;
  readonly selector: FieldSelector;
  readonly alias: Alias | undefined;
}

/** What a name is, when it is none of a decoded field: a sentence, or undefined when it does not begin like one. */
export type NameProblem = { message: Sentence } | undefined;

/** Answers about paths that one selector remembers: more than a conversation has. */
const maxRemembered = 4096;

/** @param parts of the dotted name: a protocol, a group or an alias, and what is inside */
export function decodedField(parts: readonly NamePart[]): DecodedField | NameProblem {
  const name = nameOf(parts);
  const alias = aliasOf(name);
  if (alias !== undefined) return { name: name.toLowerCase(), alias, selector: aliasSelector(name.toLowerCase(), alias) };
  const [head, ...inside] = parts;
  const ids = head === undefined ? [] : expandProtocol(head.text.toLowerCase());
  if (head === undefined || ids.length === 0 || inside.length === 0) return undefined;
  const misspelt = misspeltName(head.text.toLowerCase(), ids, inside);
  return misspelt ?? { name, alias: undefined, selector: pathSelector(ids, inside) };
}

function aliasOf(name: string): Alias | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(aliases, key) ? aliases[key] : undefined;
}

/** A dotted name as it can be written again. */
export function nameOf(parts: readonly NamePart[]): string {
  return parts.map(({ text, isQuoted }) => (isQuoted ? JSON.stringify(text) : text)).join('.');
}

/** Chooses every field: for searches in all decoded texts. */
export const everyField: FieldSelector = { key: '*', matches: () => true };

function aliasSelector(name: string, alias: Alias): FieldSelector {
  const paths = new Map(Object.entries(alias.paths).map(([id, list]) => [id, list.map((path) => path.toLowerCase())]));
  return { key: `alias ${name}`, matches: (protocol, path) => paths.get(protocol)?.includes(path.toLowerCase()) === true };
}

/** Fields whose path ends with the names given. Quoted ones stand for themselves, case ignored; bare ones for every name that is written so. */
function pathSelector(ids: readonly string[], names: readonly NamePart[]): FieldSelector {
  const wanted = names.map(({ text, isQuoted }) => (isQuoted ? text.toLowerCase() : bareName(text)));
  const remembered = new Map<string, Map<string, boolean>>();
  const fits = (path: string): boolean => {
    const segments = path.split('/');
    if (segments.length < wanted.length) return false;
    return names.every(({ isQuoted }, i) => {
      const segment = segments[segments.length - wanted.length + i]!;
      return (isQuoted ? segment.toLowerCase() : bareName(segment)) === wanted[i];
    });
  };
  return {
    key: `${ids.join(' ')} ${names.map(({ isQuoted }, i) => (isQuoted ? JSON.stringify(wanted[i]) : wanted[i])).join('/')}`,
    matches: (protocol, path) => {
      if (!ids.includes(protocol)) return false;
      let known = remembered.get(protocol);
      if (known === undefined) remembered.set(protocol, (known = new Map()));
      let answer = known.get(path);
      if (answer !== undefined) return answer;
      if (maxRemembered <= known.size) known.clear();
      known.set(path, (answer = fits(path)));
      return answer;
    },
  };
}

const namesByHead = new Map<string, readonly string[]>();

/** Names that are known of a protocol or group, without it: `command`, `status`. */
export function namesIn(head: string): readonly string[] {
  let names = namesByHead.get(head);
  if (names === undefined && expandProtocol(head).length !== 0) namesByHead.set(head, (names = knownNames(head)));
  return names ?? [];
}

function knownNames(head: string): string[] {
  const own = Object.keys(aliases).filter((name) => name.startsWith(`${head}.`)).map((name) => name.slice(head.length + 1));
  const written = expandProtocol(head).flatMap((id) => (Object.hasOwn(fieldNames, id) ? fieldNames[id]!.split(' ') : []));
  const headers = expandProtocol(head).some((id) => id === 'http1' || id === 'http2') ? commonHeaders : [];
  return [...new Set([...own, ...written, ...headers])];
}

/** What a dotted name may begin with. */
export const heads: readonly string[] = [...Object.keys(groups), ...protocols.map(({ id }) => id)].filter((id) => knownNames(id).length !== 0);

/**
 * A name that nobody knows may be a header or a column all the same; one that is nearly a known one is a slip. In quotes it is meant as it stands.
 */
function misspeltName(head: string, ids: readonly string[], inside: readonly NamePart[]): NameProblem {
  const [part] = inside;
  if (part === undefined || 1 < inside.length || part.isQuoted) return undefined;
  const known = namesIn(head);
  const bare = bareName(part.text);
  if (known.some((name) => bareName(name) === bare)) return undefined;
  const close = nearest(bare, known);
  if (close === undefined || (ids.some((id) => openProtocols.has(id)) && (bare.length < 4 || 1 < editDistance(bare, close)))) return undefined;
  return { message: say`There is no field ${JSON.stringify(`${head}.${part.text}`)}. Did you mean ${head}.${close}? A name that is meant as it stands is written in quotes: ${head}.${JSON.stringify(part.text)}.` };
}
