// JSON as a tree of fields (RFC 8259): names are keys and indexes, texts are values. Broken JSON is told up to where it breaks.

import type { Field } from '../../../shared/message.js';
import { say, type Sentence } from '../../../shared/sentences.js';
import { bytesText, utf8Text, type FieldReader } from '../fieldReader.js';
import { hasSecret, isSecretName, maskedText, timeText } from './values.js';

/** Containers inside containers; below that a container is one field. With those of what is around it this stays under the reader's bound. */
const maxNesting = 32;
/** Fields that are kept free for the members of the outermost object, and for groups that are still open. */
const roomForMembers = 256;
const roomForGroups = 64;
/** Characters of an inner container's own text. */
const previewLength = 120;

/** One JSON text that is being read; the position is the reader's. */
interface Scan {
  readonly reader: FieldReader;
  readonly end: number;
  isBroken: boolean;
  hasLeftOut: boolean;
  /** secrets that were masked so far */
  secrets: number;
}

/**
 * Reads the next `length` bytes as one JSON text.
 *
 * @returns the field of the whole; its `fields` are the members. Members of the outermost object are there however large the values before them are
 */
export function json(reader: FieldReader, name: string, length: number): Field | undefined {
  const scan: Scan = { reader, end: reader.at + Math.min(length, reader.left), isBroken: false, hasLeftOut: false, secrets: 0 };
  const { fields } = reader;
  const count = fields.length;
  text(scan, name, scan.end);
  return fields.length === count ? undefined : fields[fields.length - 1];
}

/** Reads JSON texts that follow each other, one a line (NDJSON), or behind a record separator (RFC 7464). @returns how many */
export function jsonLines(reader: FieldReader, name: string, length: number): number {
  const { bytes } = reader;
  const end = reader.at + Math.min(length, reader.left);
  const start = reader.at;
  let count = 0;
  reader.group(name, () => {
    while (reader.at < end && roomForGroups < reader.room) {
      const feed = bytes.indexOf(0x0a, reader.at);
      const stop = feed < 0 || end < feed ? end : feed;
      if (bytes[reader.at] === 0x1e) reader.at += 1;
      if (reader.at < stop && !isSpaceOnly(bytes, reader.at, stop)) text({ reader, end: stop, isBroken: false, hasLeftOut: false, secrets: 0 }, String(count++), stop);
      reader.at = stop < end ? stop + 1 : end;
    }
    reader.at = end;
  });
  const field = reader.fields[reader.fields.length - 1];
  if (field !== undefined) field.text = hasSecret(field.fields) ? maskedText : utf8Text(bytes, start, end);
  return count;
}

function text(scan: Scan, name: string, stop: number): void {
  const { reader } = scan;
  const { bytes } = reader;
  // A byte order mark is no part of the text (RFC 8259 §8.1).
  if (bytes[reader.at] === 0xef && bytes[reader.at + 1] === 0xbb && bytes[reader.at + 2] === 0xbf) reader.at += 3;
  space(scan);
  const start = reader.at;
  const isContainer = bytes[start] === 0x7b || bytes[start] === 0x5b;
  if (isContainer && start < stop) {
    reader.group(name, () => {
      members(scan, 0);
      atEnd(scan, stop);
    }, () => (0 < scan.secrets ? maskedText : utf8Text(bytes, start, stop)));
  } else {
    const count = reader.fields.length;
    value(scan, name, 0);
    atEnd(scan, stop);
    // None of it was JSON: it is still a value.
    if (reader.fields.length === count) reader.add(name, start, stop, bytesText(bytes.subarray(start, stop)));
  }
  if (scan.hasLeftOut) reader.problem('note', say`not all members are listed`, start, stop);
}

function atEnd(scan: Scan, stop: number): void {
  const { reader } = scan;
  space(scan);
  if (!scan.isBroken && reader.at < stop) fail(scan, say`the JSON text is over, and more follows`);
  reader.at = stop;
}

function value(scan: Scan, name: string, depth: number): void {
  const { reader } = scan;
  const { bytes } = reader;
  const start = reader.at;
  const first = start < scan.end ? bytes[start]! : -1;
  const isListed = (depth <= 1 ? roomForGroups : roomForMembers) < reader.room;
  if (!isListed) scan.hasLeftOut = true;
  if (first === 0x7b || first === 0x5b) {
    if (isListed && depth < maxNesting) {
      const before = scan.secrets;
      reader.group(name, () => members(scan, depth), () => (before < scan.secrets ? maskedText : preview(bytes, start, reader.at)));
      return;
    }
    const stop = jsonEnd(bytes, start, scan.end);
    reader.at = stop < 0 ? scan.end : stop;
    if (isListed) reader.add(name, start, reader.at, preview(bytes, start, reader.at));
    if (stop < 0) fail(scan, say`the JSON text ends too early`);
  } else if (first === 0x22) {
    const stop = stringEnd(bytes, start + 1, scan.end);
    reader.at = stop < 0 ? scan.end : stop + 1;
    if (isListed) {
      const isSecret = isSecretName(name);
      const field = reader.add(name, start, reader.at, isSecret ? maskedText : unescaped(utf8Text(bytes, start + 1, stop < 0 ? scan.end : stop)));
      if (isSecret && field !== undefined) field.isSecret = true;
      if (isSecret) scan.secrets += 1;
    }
    if (stop < 0) fail(scan, say`the JSON text ends inside a string`);
  } else {
    word(scan, name, isListed);
  }
}

/** A number, `true`, `false` or `null`. */
function word(scan: Scan, name: string, isListed: boolean): void {
  const { reader } = scan;
  const { bytes } = reader;
  const start = reader.at;
  while (reader.at < scan.end && isWordByte(bytes[reader.at]!)) reader.at += 1;
  const found = utf8Text(bytes, start, reader.at);
  if (found === 'true' || found === 'false') {
    if (isListed) reader.add(name, start, reader.at, found, undefined, found === 'true');
  } else if (found === 'null') {
    if (isListed) reader.add(name, start, reader.at, found);
  } else {
    const number = found === '' || !isNumberStart(bytes[start]!) ? NaN : Number(found);
    if (Number.isNaN(number)) {
      reader.at = start;
      fail(scan, scan.end <= start ? say`the JSON text ends too early` : say`this is not JSON`);
      return;
    }
    if (!isListed) return;
    const time = timeText(name, number);
    reader.add(name, start, reader.at, time === undefined ? found : `${found} · ${time}`, undefined, number);
  }
}

/** From the opening bracket to the closing one. */
function members(scan: Scan, depth: number): void {
  const { reader } = scan;
  const { bytes } = reader;
  const isObject = bytes[reader.at] === 0x7b;
  const close = isObject ? 0x7d : 0x5d;
  reader.at += 1;
  space(scan);
  if (reader.at < scan.end && bytes[reader.at] === close) {
    reader.at += 1;
    return;
  }
  for (let index = 0; !scan.isBroken; index++) {
    value(scan, isObject ? key(scan) : String(index), depth + 1);
    space(scan);
    if (scan.isBroken) return;
    const next = reader.at < scan.end ? bytes[reader.at]! : -1;
    if (next !== 0x2c && next !== close) return fail(scan, next < 0 ? say`the JSON text ends too early` : say`a comma or ${isObject ? '}' : ']'} should stand here`);
    reader.at += 1;
    if (next === close) return;
    space(scan);
  }
}

/** @returns the name of a member, and leaves the reader at its value */
function key(scan: Scan): string {
  const { reader } = scan;
  const { bytes } = reader;
  const start = reader.at + 1;
  const stop = bytes[start - 1] === 0x22 && start <= scan.end ? stringEnd(bytes, start, scan.end) : -1;
  if (stop < 0) {
    fail(scan, scan.end <= reader.at ? say`the JSON text ends too early` : say`the name of a member should stand here`);
    return '';
  }
  reader.at = stop + 1;
  space(scan);
  if (scan.end <= reader.at || bytes[reader.at] !== 0x3a) fail(scan, say`a colon should stand here`);
  else reader.at += 1;
  space(scan);
  return unescaped(utf8Text(bytes, start, stop));
}

function fail(scan: Scan, why: Sentence): void {
  if (scan.isBroken) return;
  scan.isBroken = true;
  scan.reader.problem('error', why, scan.reader.at, scan.end);
  // Nothing is read any more: every loop above ends here.
  scan.reader.at = scan.end;
}

function space(scan: Scan): void {
  const { reader } = scan;
  while (reader.at < scan.end && isSpace(reader.bytes[reader.at]!)) reader.at += 1;
}

// ---- bytes ----------------------------------------------------------------------------------------------------------

/** @returns position of the quote that ends a string, or -1 */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x22) return at;
    if (byte === 0x5c) at += 1;
  }
  return -1;
}

/**
 * End of the object or array at `start`, found by its brackets alone: nothing is checked.
 *
 * @returns position behind its last bracket, or -1 when that is not there
 */
export function jsonEnd(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x22) {
      at = stringEnd(bytes, at + 1, end);
      if (at < 0) return -1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth <= 0) return at + 1;
    }
  }
  return -1;
}

/** Do these bytes look like one JSON object or array? Texts such as `[info] ready` do not. */
export function looksLikeJson(bytes: Uint8Array, start: number, end: number): boolean {
  let from = start;
  let to = end;
  while (from < to && isSpace(bytes[from]!)) from += 1;
  while (from < to && isSpace(bytes[to - 1]!)) to -= 1;
  if (to - from < 2) return false;
  const open = bytes[from]!;
  if (!(open === 0x7b && bytes[to - 1] === 0x7d) && !(open === 0x5b && bytes[to - 1] === 0x5d)) return false;
  let at = from + 1;
  while (isSpace(bytes[at]!)) at += 1;
  const inner = bytes[at]!;
  if (open === 0x7b) return inner === 0x22 || inner === 0x7d;
  if (inner === 0x22 || inner === 0x5d || inner === 0x7b || inner === 0x5b || isNumberStart(inner)) return jsonEnd(bytes, from, to) === to;
  const word = utf8Text(bytes, at, Math.min(at + 5, to));
  return /^(?:true|false|null)/.test(word) && jsonEnd(bytes, from, to) === to;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isSpaceOnly(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isSpace(bytes[at]!)) return false;
  return true;
}

function isNumberStart(byte: number): boolean {
  return byte === 0x2d || (0x30 <= byte && byte <= 0x39);
}

/** Letters, digits, `+`, `-` and `.`. */
function isWordByte(byte: number): boolean {
  return (0x30 <= byte && byte <= 0x39) || (0x61 <= byte && byte <= 0x7a) || (0x41 <= byte && byte <= 0x5a) || byte === 0x2d || byte === 0x2b || byte === 0x2e;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_whole, code: string | undefined, letter: string) => (code === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(parseInt(code, 16))));
}

function preview(bytes: Uint8Array, start: number, end: number): string {
  return end - start <= previewLength ? utf8Text(bytes, start, end) : `${utf8Text(bytes, start, start + previewLength)}…`;
}
