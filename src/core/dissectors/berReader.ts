// Reads ASN.1 in BER and writes down what it reads: ber.ts for structures whose values become fields.

import { say } from '../../shared/sentences.js';
import { berTags, headerAt, integerOf, type Element } from './ber.js';
import { bytesText, plainText, utf8Text, type FieldReader } from './fieldReader.js';

/** Elements one after the other. As with FieldReader: what is broken answers '' and 0, and says so once. */
export class BerReader {
  /** @param isCut the end is where the looking ends, not where the message does: what passes it is not broken */
  constructor(
    readonly fields: FieldReader,
    private readonly isCut: boolean,
  ) {}

  get bytes(): Uint8Array {
    return this.fields.bytes;
  }

  get left(): number {
    return this.fields.left;
  }

  /** Identifier octet of the next element; -1 at the end. */
  get tag(): number {
    return this.fields.isBroken ? -1 : this.fields.peek();
  }

  /** Header of the next element; its end does not pass what can be read. */
  peek(name: string): Element | undefined {
    const { fields } = this;
    if (fields.isBroken) return undefined;
    const element = headerAt(fields.bytes, fields.at, fields.end);
    if (typeof element === 'object' && element.end <= fields.end) return element;
    if (typeof element === 'object' && this.isCut) return { ...element, end: fields.end };
    if (element === undefined || !this.isCut) {
      const what = element === undefined ? say`${name} has no definite length` : typeof element === 'number' ? say`${name} is missing` : say`${name} needs ${element.end - element.at} bytes, ${fields.end - element.at} are left`;
      fields.problem('error', what, fields.at, fields.end);
    }
    fields.isBroken = true;
    return undefined;
  }

  /** Any string. Bytes that are no text are told in hex. */
  text(name: string): string {
    const element = this.peek(name);
    if (element === undefined) return '';
    const text = textOf(this.bytes, element);
    this.fields.add(name, element.start, element.end, text);
    this.fields.at = element.end;
    return text;
  }

  /** INTEGER and ENUMERATED. */
  integer(name: string, words: (value: number) => string = String): number {
    const element = this.peek(name);
    if (element === undefined) return 0;
    const value = integerOf(this.bytes, element);
    if (value === undefined) this.fields.problem('error', say`${name} is no number`, element.start, element.end);
    this.fields.add(name, element.start, element.end, value === undefined ? bytesText(this.bytes.subarray(element.at, element.end)) : words(value), undefined, value);
    this.fields.at = element.end;
    return value ?? 0;
  }

  boolean(name: string): boolean {
    const element = this.peek(name);
    if (element === undefined) return false;
    const value = element.at < element.end && this.bytes[element.at] !== 0;
    this.fields.add(name, element.start, element.end, value ? 'yes' : 'no', undefined, value);
    this.fields.at = element.end;
    return value;
  }

  secret(name: string): void {
    const element = this.peek(name);
    if (element !== undefined) this.fields.secret(name, element.end - element.start);
  }

  skip(): void {
    const element = this.peek('an element');
    if (element !== undefined) this.fields.at = element.end;
  }

  /** A field whose children are the elements inside of the next one. */
  group<T>(name: string, build: () => T, text: string | ((value: T | undefined) => string) = ''): T | undefined {
    if (this.peek(name) === undefined) return undefined;
    return this.fields.group(name, () => this.inside(name, build), text);
  }

  /** As `group` without a field of its own: the children stand beside what was read before. */
  inside<T>(name: string, build: () => T): T | undefined {
    const element = this.peek(name);
    if (element === undefined) return undefined;
    this.fields.at = element.at;
    return this.fields.within(element.end - element.at, build);
  }
}

export function textOf(bytes: Uint8Array, { tag, at, end }: Element): string {
  if (tag === berTags.boolean) return at < end && bytes[at] !== 0 ? 'yes' : 'no';
  if (at === end) return '';
  const view = bytes.subarray(at, end);
  return plainText(view) === undefined ? bytesText(view) : utf8Text(bytes, at, end);
}
