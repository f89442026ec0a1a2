// Which line of the decoded view is what: messages one below the other, and under an opened one its fields. Lines of closed messages cost
// nothing, however many there are.

import type { Field, Message, Problem, Range, Severity } from '../../src/shared/message.js';

/** One line below an opened message. */
export interface FieldLine {
  /** the field; undefined on a line that tells a problem */
  field?: Field;
  problem?: Problem;
  /** 1 = directly below the message */
  depth: number;
  isOpen: boolean;
  hasFields: boolean;
  /** names from the message's protocol down: what stays open on other messages of the kind */
  path: string;
  /** which one of its message: names repeat, this does not */
  id: string;
  /** characters that the names of it and its neighbours need, so that their values stand below each other */
  nameWidth: number;
}

export type TreeLine =
  | { kind: 'message'; index: number; isOpen: boolean }
  | { kind: 'divider'; index: number; isOpen: false }
  | ({ kind: 'field'; index: number } & FieldLine);

interface Opened {
  index: number;
  message: Message;
  lines: FieldLine[];
}

/** Values are not pushed further right than this by one long name, in characters. */
const maxNameWidth = 20;

const severityOrder: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

export class MessageTree {
  /** index behind the last message of the list */
  count = 0;
  /** index of the first one: those before it were forgotten */
  first = 0;
  /** message above which a divider stands; -1 = none */
  divider = -1;
  /** by index, ascending */
  private opened: Opened[] = [];
  private readonly openPaths = new Set<string>();

  /** Other messages are shown. What was opened by name stays open on them. */
  reset(): void {
    this.count = 0;
    this.first = 0;
    this.divider = -1;
    this.opened = [];
  }

  get lineCount(): number {
    return this.opened.reduce((sum, { lines }) => sum + lines.length, Math.max(0, this.count - this.first) + (this.hasDivider ? 1 : 0));
  }

  isOpen(index: number): boolean {
    return this.opened.some((one) => one.index === index);
  }

  /** The message at a place, when it is open. */
  message(index: number): Message | undefined {
    return this.opened.find((one) => one.index === index)?.message;
  }

  lineAt(line: number): TreeLine | undefined {
    const dividerLine = this.hasDivider ? this.lineOf(this.divider) - 1 : Infinity;
    if (line === dividerLine) return { kind: 'divider', index: this.divider, isOpen: false };
    const plain = dividerLine < line ? line - 1 : line;
    let before = -this.first;
    for (const { index, lines } of this.opened) {
      const own = index + before;
      if (plain < own) break;
      if (plain === own) return { kind: 'message', index, isOpen: true };
      const field = lines[plain - own - 1];
      if (field !== undefined) return { kind: 'field', index, ...field };
      before += lines.length;
    }
    const index = plain - before;
    return this.first <= index && index < this.count ? { kind: 'message', index, isOpen: false } : undefined;
  }

  /** @returns the line of a message */
  lineOf(index: number): number {
    let line = index - this.first + (this.hasDivider && this.divider <= index ? 1 : 0);
    for (const one of this.opened) if (one.index < index) line += one.lines.length;
    return line;
  }

  /** @returns the line of a field of an open message, or of the message when the field is in a closed branch */
  lineOfField(index: number, id: string): number {
    const at = this.opened.find((one) => one.index === index)?.lines.findIndex((line) => line.id === id) ?? -1;
    return this.lineOf(index) + 1 + at;
  }

  open(index: number, message: Message): void {
    this.close(index);
    const at = this.opened.findIndex((one) => index < one.index);
    this.opened.splice(at < 0 ? this.opened.length : at, 0, { index, message, lines: this.linesOf(message) });
  }

  close(index: number): void {
    this.opened = this.opened.filter((one) => one.index !== index);
  }

  /** Messages before this one were forgotten. */
  forgetBefore(first: number): void {
    this.first = first;
    this.opened = this.opened.filter(({ index }) => first <= index);
  }

  /** Opens or closes a field; the same one of other messages follows. */
  toggle(path: string): void {
    if (!this.openPaths.delete(path)) this.openPaths.add(path);
    this.layOut();
  }

  /**
   * Opens the way down to the innermost field that holds a byte.
   *
   * @returns its id; '' when the byte belongs to the message but to none of its fields; undefined when the message is not open
   */
  openTo(index: number, offset: number): string | undefined {
    const message = this.message(index);
    if (message === undefined) return undefined;
    const { steps, id } = innermost(message, offset);
    for (const path of steps.slice(0, -1)) this.openPaths.add(path);
    this.layOut();
    return id;
  }

  private get hasDivider(): boolean {
    return 0 <= this.divider && this.divider < this.count;
  }

  private layOut(): void {
    for (const one of this.opened) one.lines = this.linesOf(one.message);
  }

  private linesOf(message: Message): FieldLine[] {
    const problems = [...message.problems].sort((a, b) => severityOrder[a.severity] - severityOrder[b.severity]);
    const lines: FieldLine[] = problems.map((problem, at) => ({ problem, depth: 1, isOpen: false, hasFields: false, path: '', id: `!${at}`, nameWidth: 8 }));
    const add = (fields: readonly Field[], depth: number, above: string, ids: string): void => {
      const nameWidth = Math.min(maxNameWidth, Math.max(0, ...fields.slice(0, 100).map(({ name }) => name.length)));
      for (const [at, field] of fields.entries()) {
        const path = `${above}/${field.name}`;
        const hasFields = field.fields !== undefined && 0 < field.fields.length;
        const isOpen = hasFields && this.openPaths.has(path);
        const id = `${ids}${at}`;
        lines.push({ field, depth, isOpen, hasFields, path, id, nameWidth });
        if (isOpen) add(field.fields ?? [], depth + 1, path, `${id}.`);
      }
    };
    add(message.fields, 1, message.protocol, '');
    return lines;
  }
}

/** The innermost field around a byte: of several, the one with the fewest bytes. `steps` are the paths from the message down to it. */
export function innermost(message: Message, offset: number): { steps: string[]; id: string; field: Field | undefined } {
  let found: { steps: string[]; id: string; field: Field | undefined } = { steps: [], id: '', field: undefined };
  let fields: readonly Field[] | undefined = message.fields;
  let above = message.protocol;
  let ids = '';
  while (fields !== undefined) {
    let best = -1;
    for (const [at, { range }] of fields.entries()) {
      if (offset < range.start || range.end <= offset) continue;
      const known = fields[best];
      if (known === undefined || range.end - range.start < known.range.end - known.range.start) best = at;
    }
    const field: Field | undefined = fields[best];
    if (field === undefined) break;
    above = `${above}/${field.name}`;
    found = { steps: [...found.steps, above], id: `${ids}${best}`, field };
    ids = `${ids}${best}.`;
    fields = field.fields;
  }
  return found;
}

/** Fields by which protocols call their messages; a message without one goes by its protocol. */
const namingFields = ['type', 'message type', 'packet type', 'command', 'method', 'opcode'];

/** @returns "Parse", "SELECT": what the protocol calls such a message; undefined when it has no name */
export function messageName(message: Message | undefined): string | undefined {
  return message?.fields.find(({ name, text }) => namingFields.includes(name) && /^[\w .-]{1,24}$/.test(text))?.text;
}

/** "Parse.query": what a line's bytes are, for the head of the hex view. @param path as in `FieldLine` */
export function placeName(message: Message | undefined, protocol: string, path: string): string {
  return [messageName(message) ?? protocol, ...path.split('/').slice(1)].join('.');
}

/** A range that shows: an empty one lights up the byte it stands before. */
export function shownRange({ start, end }: Range): Range {
  return start < end ? { start, end } : { start, end: start + 1 };
}
