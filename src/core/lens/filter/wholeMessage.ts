// A decoded message as filters ask about it, wherever the whole of it is at hand: while it is held, or read from a file.

import type { Field, Message, Severity } from '../../../shared/message.js';
import type { FieldSelector } from './subject.js';

type FieldTest = (text: string, value: number | boolean | undefined) => boolean;

const severities: readonly Severity[] = ['note', 'warning', 'error'];

/** @returns whether one of the message's fields, of those that are chosen, passes the test */
export function someFieldOf({ fields, protocol }: Pick<Message, 'fields' | 'protocol'>, selector: FieldSelector, test: FieldTest): boolean {
  return someIn(fields, '', protocol, selector, test);
}

/** @returns the worst severity among the problems of some messages */
export function worstOf(messages: readonly Pick<Message, 'problems'>[]): Severity | undefined {
  let worst = -1;
  for (const { problems } of messages) for (const { severity } of problems) worst = Math.max(worst, severities.indexOf(severity));
  return severities[worst];
}

function someIn(fields: readonly Field[], above: string, protocol: string, selector: FieldSelector, test: FieldTest): boolean {
  for (const { name, text, value, fields: inner } of fields) {
    const path = above === '' ? name : `${above}/${name}`;
    if (selector.matches(protocol, path) && test(text, value)) return true;
    if (inner !== undefined && someIn(inner, path, protocol, selector, test)) return true;
  }
  return false;
}
