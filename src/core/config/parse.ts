// A rule file's text, read as a whole: rules, what is wrong with them, and where each is written.

import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { FilterRule, ListenerRule, ParsedRules, RulePlace, RuleSet } from '../../shared/rules.js';
import { say, type Sentence } from '../../shared/sentences.js';
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
    const fields = reader.object(root, say`A rule file`, ['$schema', 'listeners', 'filters']);
    const listenersNode = fields?.get('listeners');
    if (fields !== undefined && listenersNode === undefined) problems.add(root.offset, root.offset + 1, 'error', 'missingKey', say`A rule file needs "listeners": a list of ports to listen on.`);
    else if (listenersNode !== undefined && listenersNode.type !== 'array') reader.wrongType(listenersNode, '"listeners"', say`a list [ … ]`);
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
    problems.add(0, 1, 'error', 'tooLarge', say`A rule file may have ${maxTextLength} characters; this one has ${text.length}.`);
    return undefined;
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  if (root === undefined && errors.every((error) => printParseErrorCode(error.error) === 'ValueExpected')) {
    problems.add(0, text.length, 'error', 'notJson', say`The rule file is empty. It needs { "listeners": [ … ] }.`);
    return undefined;
  }
  for (const error of errors) {
    const name = printParseErrorCode(error.error);
    // The parser marks where it noticed; an empty range is widened so that there is something to see.
    problems.add(error.offset, error.offset + Math.max(1, error.length), 'error', 'notJson', say`This is not JSON: ${sentences[name] ?? `${name}`}.`);
  }
  return errors.length === 0 ? root : undefined;
}

const sentences: Readonly<Record<string, Sentence>> = {
  InvalidSymbol: say`this word is none of true, false, null, a number or a text in double quotes`,
  InvalidNumberFormat: say`this number is malformed`,
  PropertyNameExpected: say`a key in double quotes is expected here`,
  ValueExpected: say`a value is expected here`,
  ColonExpected: say`a colon is expected after the key`,
  CommaExpected: say`a comma is missing before this`,
  CloseBraceExpected: say`a "}" is missing`,
  CloseBracketExpected: say`a "]" is missing`,
  EndOfFileExpected: say`the file should end here`,
  InvalidCommentToken: say`comments are not allowed here`,
  UnexpectedEndOfComment: say`this comment has no end`,
  UnexpectedEndOfString: say`this text has no closing quote`,
  UnexpectedEndOfNumber: say`this number is cut off`,
  InvalidUnicode: say`the \\u escape needs four hex digits`,
  InvalidEscapeCharacter: say`this backslash escape does not exist; a backslash itself is written twice`,
  InvalidCharacter: say`this character is not allowed here`,
};

function placesOf(read: readonly ReadListener[]): RulePlace[] {
  return read.flatMap(({ node, routes }, listener) => [
    { listener, start: node.offset, end: node.offset + node.length },
    ...routes.map(({ node: at }, route) => ({ listener, route, start: at.offset, end: at.offset + at.length })),
  ]);
}
