// Which line of the decoded view is what: messages one below the other, and under an opened one its fields. Lines of closed messages cost
// nothing, however many there are.

import type { Field, Message } from '../../src/shared/message.js';

/** One line below an opened message. */
export interface FieldLine {
  /** the field; undefined on a line that tells a problem */
  field?: Field;
  problem?: Message['problems'][number];
  /** 1 = directly below the message */
  depth: number;
  isOpen: boolean;
  hasFields: boolean;
  /** names from the message's protocol down: what stays open on other messages of the kind */
  path: string;
}

export type TreeLine = { kind: 'message'; index: number; isOpen: boolean } | ({ kind: 'field'; index: number } & FieldLine);

interface Opened {
  index: number;
  message: Message;
  lines: FieldLine[];
}

export class MessageTree {
  /** messages in the list */
  count = 0;
  /** by index, ascending */
  private opened: Opened[] = [];
  private readonly openPaths = new Set<string>();

  reset(): void {
    this.count = 0;
    this.opened = [];
  }

  get lineCount(): number {
    return this.opened.reduce((sum, { lines }) => sum + lines.length, this.count);
  }

  isOpen(index: number): boolean {
    return this.opened.some((one) => one.index === index);
  }

  lineAt(line: number): TreeLine | undefined {
    let before = 0;
    for (const { index, lines } of this.opened) {
      const own = index + before;
      if (line < own) break;
      if (line === own) return { kind: 'message', index, isOpen: true };
      const field = lines[line - own - 1];
      if (field !== undefined) return { kind: 'field', index, ...field };
      before += lines.length;
    }
    const index = line - before;
    return 0 <= index && index < this.count ? { kind: 'message', index, isOpen: false } : undefined;
  }

  /** @returns the line of a message */
  lineOf(index: number): number {
    let line = index;
    for (const one of this.opened) if (one.index < index) line += one.lines.length;
    return line;
  }

  open(index: number, message: Message): void {
    this.close(index);
    const at = this.opened.findIndex((one) => index < one.index);
    this.opened.splice(at < 0 ? this.opened.length : at, 0, { index, message, lines: this.linesOf(message) });
  }

  close(index: number): void {
    this.opened = this.opened.filter((one) => one.index !== index);
  }

  /** Opens or closes a field; the same one of other messages follows. */
  toggle(path: string): void {
    if (!this.openPaths.delete(path)) this.openPaths.add(path);
    for (const one of this.opened) one.lines = this.linesOf(one.message);
  }

  private linesOf(message: Message): FieldLine[] {
    const lines: FieldLine[] = message.problems.map((problem) => ({ problem, depth: 1, isOpen: false, hasFields: false, path: '' }));
    const add = (fields: readonly Field[], depth: number, above: string): void => {
      for (const field of fields) {
        const path = `${above}/${field.name}`;
        const hasFields = field.fields !== undefined && 0 < field.fields.length;
        const isOpen = hasFields && this.openPaths.has(path);
        lines.push({ field, depth, isOpen, hasFields, path });
        if (isOpen) add(field.fields ?? [], depth + 1, path);
      }
    };
    add(message.fields, 1, message.protocol);
    return lines;
  }
}
