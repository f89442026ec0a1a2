// XML as a shallow tree (XML 1.0): elements, attributes, text. Nothing is fetched and no entity is expanded but the five of the language
// and characters by number, so that "billion laughs" stay a short text.

import { say } from '../../../shared/sentences.js';
import { utf8Text, type FieldReader } from '../fieldReader.js';
import { hasSecret, isSecretName, maskedText } from './values.js';

/** Elements inside elements that become groups; what is deeper is read over. */
const maxNesting = 32;
const roomForGroups = 64;

/** Reads the next `length` bytes. */
export function xml(reader: FieldReader, name: string, length: number): void {
  const end = reader.at + Math.min(length, reader.left);
  const start = reader.at;
  reader.group(name, () => {
    content(reader, end, undefined, 0);
    reader.at = end;
  });
  const field = reader.fields[reader.fields.length - 1];
  if (field !== undefined) field.text = hasSecret(field.fields) ? maskedText : utf8Text(reader.bytes, start, end);
}

/**
 * Texts and elements up to the end tag of `parent`.
 *
 * @returns the text, when there is nothing but text
 */
function content(reader: FieldReader, end: number, parent: string | undefined, depth: number): string | undefined {
  const { bytes } = reader;
  let own: string | undefined = '';
  while (reader.at < end) {
    const start = reader.at;
    const found = bytes.indexOf(0x3c, start);
    const open = found < 0 || end < found ? end : found;
    const said = start < open ? entitiesOf(utf8Text(bytes, start, open)).trim() : '';
    if (said !== '') {
      if (own !== undefined) own = own === '' ? said : `${own} ${said}`;
      else if (roomForGroups < reader.room) reader.add('text', start, open, said);
    }
    reader.at = open;
    if (end <= open) break;
    const special = skipSpecial(reader, end);
    if (special !== undefined) {
      if (special !== '' && own !== undefined) own = own === '' ? special : `${own} ${special}`;
      else if (special !== '' && roomForGroups < reader.room) reader.add('text', open, reader.at, special);
      continue;
    }
    if (bytes[open + 1] === 0x2f) {
      const close = tagEnd(bytes, open, end);
      const ended = utf8Text(bytes, open + 2, Math.max(open + 2, close - 1)).trim();
      if (ended !== parent) reader.problem('error', parent === undefined ? say`</${ended}> ends nothing` : say`</${ended}> ends <${parent}>`, open, close);
      reader.at = close;
      return own;
    }
    if (own !== undefined && own !== '' && roomForGroups < reader.room) reader.add('text', start, open, own);
    own = undefined;
    element(reader, end, depth);
  }
  if (parent !== undefined) reader.problem('error', say`<${parent}> has no end`, end, end);
  reader.at = end;
  return own;
}

/** Comments, declarations and instructions are stepped over. @returns the text of a CDATA section, '' for the others, undefined when none stands here */
function skipSpecial(reader: FieldReader, end: number): string | undefined {
  const { bytes, at } = reader;
  const second = bytes[at + 1];
  if (second === 0x3f) return over(reader, end, at + 2, [0x3f, 0x3e]);
  if (second !== 0x21) return undefined;
  if (bytes[at + 2] === 0x2d && bytes[at + 3] === 0x2d) return over(reader, end, at + 4, [0x2d, 0x2d, 0x3e]);
  if (bytes[at + 2] === 0x5b) {
    over(reader, end, at + 9, [0x5d, 0x5d, 0x3e]);
    return utf8Text(bytes, Math.min(at + 9, end), Math.max(Math.min(at + 9, end), reader.at - 3));
  }
  // <!DOCTYPE … [ … ]>: brackets hold markup of their own.
  let depth = 0;
  for (let i = at + 2; i < end; i++) {
    if (bytes[i] === 0x5b) depth += 1;
    else if (bytes[i] === 0x5d) depth -= 1;
    else if (bytes[i] === 0x3e && depth <= 0) {
      reader.at = i + 1;
      return '';
    }
  }
  reader.at = end;
  return '';
}

function over(reader: FieldReader, end: number, from: number, closing: readonly number[]): string {
  for (let at = reader.bytes.indexOf(closing[0]!, from); 0 <= at && at + closing.length <= end; at = reader.bytes.indexOf(closing[0]!, at + 1)) {
    if (closing.every((byte, i) => reader.bytes[at + i] === byte)) {
      reader.at = at + closing.length;
      return '';
    }
  }
  reader.at = end;
  return '';
}

function element(reader: FieldReader, end: number, depth: number): void {
  const { bytes } = reader;
  const start = reader.at;
  const close = tagEnd(bytes, start, end);
  const isWhole = bytes[close - 1] === 0x3e;
  const isEmpty = isWhole && bytes[close - 2] === 0x2f;
  let nameEnd = start + 1;
  while (nameEnd < close && !isNameStop(bytes[nameEnd]!)) nameEnd += 1;
  const name = utf8Text(bytes, start + 1, nameEnd);
  if (!isWhole || name === '') {
    reader.problem('error', isWhole ? say`a tag without a name` : say`a tag without its end`, start, close);
    reader.at = isWhole ? close : end;
    return;
  }
  if (maxNesting <= depth || reader.room <= roomForGroups) {
    reader.at = isEmpty ? close : skipElement(bytes, close, end);
    if (roomForGroups < reader.room) reader.add(name, start, reader.at, '…');
    return;
  }
  reader.group(name, () => {
    attributes(reader, nameEnd, isEmpty ? close - 2 : close - 1);
    reader.at = close;
    return isEmpty ? '' : content(reader, end, name, depth + 1);
  }, (text) => (text !== undefined && text !== '' && isSecretName(name) ? maskedText : (text ?? '')));
  const field = reader.fields[reader.fields.length - 1];
  if (field?.text === maskedText) field.isSecret = true;
}

/** `name="value"`, each a field `@name`. */
function attributes(reader: FieldReader, from: number, to: number): void {
  const { bytes } = reader;
  for (let at = from; at < to && roomForGroups < reader.room; ) {
    while (at < to && isNameStop(bytes[at]!)) at += 1;
    const start = at;
    while (at < to && bytes[at] !== 0x3d && !isNameStop(bytes[at]!)) at += 1;
    if (at === start) {
      at += 1;
      continue;
    }
    const name = utf8Text(bytes, start, at);
    while (at < to && isNameStop(bytes[at]!)) at += 1;
    if (bytes[at] !== 0x3d || to <= at) {
      reader.add(`@${name}`, start, at, '');
      continue;
    }
    at += 1;
    while (at < to && isNameStop(bytes[at]!)) at += 1;
    const quote = at < to && (bytes[at] === 0x22 || bytes[at] === 0x27) ? bytes[at] : undefined;
    const valueStart = quote === undefined ? at : at + 1;
    let stop = valueStart;
    while (stop < to && (quote === undefined ? !isNameStop(bytes[stop]!) : bytes[stop] !== quote)) stop += 1;
    const isSecret = isSecretName(name);
    at = quote === undefined || to <= stop ? stop : stop + 1;
    const field = reader.add(`@${name}`, start, at, isSecret ? maskedText : entitiesOf(utf8Text(bytes, valueStart, stop)));
    if (isSecret && field !== undefined) field.isSecret = true;
  }
}

/** @returns position behind the `>` that ends a tag; quotes may hold others */
function tagEnd(bytes: Uint8Array, start: number, end: number): number {
  let quote = 0;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) {
      quote = byte;
    } else if (byte === 0x3e) {
      return at + 1;
    }
  }
  return end;
}

/** @returns position behind the end tag of the element whose start tag ends at `from`, counted by tags alone */
function skipElement(bytes: Uint8Array, from: number, end: number): number {
  let depth = 1;
  let at = from;
  while (0 < depth) {
    const open = bytes.indexOf(0x3c, at);
    if (open < 0 || end <= open) return end;
    const close = tagEnd(bytes, open, end);
    if (bytes[open + 1] === 0x2f) depth -= 1;
    else if (bytes[open + 1] !== 0x21 && bytes[open + 1] !== 0x3f && bytes[close - 2] !== 0x2f) depth += 1;
    at = close;
  }
  return at;
}

/** White space, `/` or `>`. */
function isNameStop(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2f || byte === 0x3e;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function entitiesOf(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{2,4}));/g, (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal === undefined ? parseInt(hex ?? '0', 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
