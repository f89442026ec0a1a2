// A rule file's text, read as a whole: rules, what is wrong with them, and where each is written.

import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { FilterRule, ListenerRule, ParsedRules, RulePlace, RuleSet } from '../../shared/rules.js';
import { checkListeners } from './checks.js';
import { readFilters } from './filters.js';
import { readListener, type ReadListener } from './listeners.js';
import { Problems } from './problems.js';
import { Reader } from './reader.js';

/** Largest rule file that is read, in characters: beyond it every keystroke would be felt. */
const maxTextLength = 2_000_000;

export interface ParsedFile extends ParsedRules {
  /** per listener as written: its rule, when nothing is wrong with that one */
  listeners: readonly (ListenerRule | undefined)[];
}

/**
 * @param source prefix of the listener ids made
 * @returns rules only when no problem is an error: a file is put in force as a whole or not at all
 */
export function parseRules(text: string, source: string): ParsedFile {
  const problems = new Problems(text);
  const read: ReadListener[] = [];
  const filters: FilterRule[] = [];
  const root = treeOf(text, problems);
  if (root !== undefined) {
    const reader = new Reader(problems);
    const fields = reader.object(root, 'A rule file', ['$schema', 'listeners', 'filters']);
    const listenersNode = fields?.get('listeners');
    if (fields !== undefined && listenersNode === undefined) problems.add(root.offset, root.offset + 1, 'error', 'missingKey', 'A rule file needs "listeners": a list of ports to listen on.');
    else if (listenersNode !== undefined && listenersNode.type !== 'array') reader.wrongType(listenersNode, '"listeners"', 'a list [ … ]');
    else (listenersNode?.children ?? []).forEach((node, i) => read.push(readListener(reader, node, i, source)));
    const filtersNode = fields?.get('filters');
    if (filtersNode !== undefined) filters.push(...readFilters(reader, filtersNode));
    checkListeners(problems, read);
  }
  const rules: RuleSet = { listeners: read.flatMap((listener) => (listener.rule === undefined ? [] : [listener.rule])), ...(filters.length === 0 ? {} : { filters }) };
  const isWhole = root !== undefined && problems.errorCount === 0;
  return { ...(isWhole ? { rules } : {}), problems: problems.all(), places: placesOf(read), listeners: read.map((listener) => listener.rule) };
}

/** @returns the tree, or undefined when the text is not JSON and that has been reported */
function treeOf(text: string, problems: Problems): Node | undefined {
  if (maxTextLength < text.length) {
    problems.add(0, 1, 'error', 'tooLarge', `A rule file may have ${maxTextLength} characters; this one has ${text.length}.`);
    return undefined;
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  if (root === undefined && errors.every((error) => printParseErrorCode(error.error) === 'ValueExpected')) {
    problems.add(0, text.length, 'error', 'notJson', 'The rule file is empty. It needs { "listeners": [ … ] }.');
    return undefined;
  }
  for (const error of errors) {
    const name = printParseErrorCode(error.error);
    // The parser marks where it noticed; an empty range is widened so that there is something to see.
    problems.add(error.offset, error.offset + Math.max(1, error.length), 'error', 'notJson', `This is not JSON: ${sentences[name] ?? `${name}`}.`);
  }
  return errors.length === 0 ? root : undefined;
}

const sentences: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this word is none of true, false, null, a number or a text in double quotes',
  InvalidNumberFormat: 'this number is malformed',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected after the key',
  CommaExpected: 'a comma is missing before this',
  CloseBraceExpected: 'a "}" is missing',
  CloseBracketExpected: 'a "]" is missing',
  EndOfFileExpected: 'the file should end here',
  InvalidCommentToken: 'comments are not allowed here',
  UnexpectedEndOfComment: 'this comment has no end',
  UnexpectedEndOfString: 'this text has no closing quote',
  UnexpectedEndOfNumber: 'this number is cut off',
  InvalidUnicode: 'the \\u escape needs four hex digits',
  InvalidEscapeCharacter: 'this backslash escape does not exist; a backslash itself is written twice',
  InvalidCharacter: 'this character is not allowed here',
};

function placesOf(read: readonly ReadListener[]): RulePlace[] {
  return read.flatMap(({ node, routes }, listener) => [
    { listener, start: node.offset, end: node.offset + node.length },
    ...routes.map(({ node: at }, route) => ({ listener, route, start: at.offset, end: at.offset + at.length })),
  ]);
}
