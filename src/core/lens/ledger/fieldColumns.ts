// Fields and problems of the page that is being written: of each message the first hundred, as pairs of place and text.

import type { Field, Message, Problem, Severity } from '../../../shared/message.js';
import { Page } from './page.js';
import { maxPathDepth, noPath, PathTable } from './pathTable.js';
import { TextPool, type TextValue } from './textPool.js';

/** What lists and filters need of one message; a body with thousands of fields is looked at in the detail. */
export const maxFieldsPerMessage = 100;
/** More say nothing new. */
const maxProblemsPerMessage = 20;

/** Numbers of places that stand for a problem. */
export const problemPaths: Record<Severity, number> = { note: 0, warning: 1, error: 2 };
export const reservedPaths = 3;

export class FieldColumns {
  readonly paths = new PathTable(reservedPaths);
  private readonly texts = new TextPool();
  private places = new Uint16Array(1 << 14);
  private values = new Uint32Array(1 << 14);
  private used = 0;
  // By place, what stood there last in this page: most say the same again and again.
  /** 0 = nothing, else the text's number + 1 */
  private readonly lastTexts = new Uint32Array(1 << 16);
  private readonly lastValues: TextValue[] = [];
  private page: Page;

  constructor() {
    this.page = this.attach();
  }

  /** The page that is being written. */
  get open(): Page {
    return this.page;
  }

  get byteLength(): number {
    return this.paths.byteLength;
  }

  /** Puts away the page that is full, in as many bytes as it needs. @returns the next one */
  turn(): Page {
    const full = this.page;
    full.paths = this.places.slice(0, this.used);
    full.values = this.texts.count <= 1 << 16 ? Uint16Array.from(this.values.subarray(0, this.used)) : this.values.slice(0, this.used);
    full.texts = this.texts.seal();
    this.used = 0;
    this.lastTexts.fill(0);
    return (this.page = this.attach());
  }

  /** @returns number of the text */
  text(text: string): number {
    return this.texts.add(text, undefined, false);
  }

  /** @returns where the message's fields end */
  add(message: Message): number {
    for (let at = 0; at < message.problems.length && at < maxProblemsPerMessage; at++) this.problem(message.problems[at]!);
    if (0 < message.fields.length) this.fields(message.fields, this.paths.root(message.protocol), false, this.used + maxFieldsPerMessage, 0);
    return this.used;
  }

  private problem({ severity, text }: Problem): void {
    this.pair(problemPaths[severity], this.text(text));
  }

  /** Depth first, so that a field's own stand behind it. @param most where the message's fields end at the latest */
  private fields(fields: readonly Field[], parent: number, isSecret: boolean, most: number, depth: number): void {
    for (const field of fields) {
      if (most <= this.used) return;
      const path = this.paths.child(parent, field.name);
      if (path === noPath) continue;
      const isHidden = isSecret || field.isSecret === true;
      this.pair(path, this.value(path, field.text, field.value, isHidden));
      if (field.fields !== undefined && depth < maxPathDepth) this.fields(field.fields, path, isHidden, most, depth + 1);
    }
  }

  private value(path: number, text: string, value: TextValue, isSecret: boolean): number {
    const last = this.lastTexts[path]!;
    if (last !== 0 && this.lastValues[path] === value && this.texts.isText(last - 1, text, isSecret)) return last - 1;
    const id = this.texts.add(text, value, isSecret);
    this.lastTexts[path] = id + 1;
    this.lastValues[path] = value;
    return id;
  }

  private pair(path: number, text: number): void {
    const at = this.used++;
    if (at === this.places.length) this.grow();
    this.places[at] = path;
    this.values[at] = text;
  }

  private grow(): void {
    const places = new Uint16Array(this.places.length * 2);
    places.set(this.places);
    const values = new Uint32Array(places.length);
    values.set(this.values);
    this.page.paths = this.places = places;
    this.page.values = this.values = values;
  }

  private attach(): Page {
    // Put away pages have copies of their own: the columns are written again from their start.
    const page = new Page(this.texts);
    page.paths = this.places;
    page.values = this.values;
    return page;
  }
}
