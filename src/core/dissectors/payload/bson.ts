// BSON as a tree of fields (bsonspec.org, version 1.1).

import { say } from '../../../shared/sentences.js';
import { toHex } from '../../bytes.js';
import { utf8Text, type FieldReader } from '../fieldReader.js';
import { binaryText, maxNesting, TreeReader, type Scalar } from './tree.js';
import { isoText } from './values.js';

/** A length and a zero byte. */
const minDocumentBytes = 5;

/** Reads the next `length` bytes as one document. */
export function bson(reader: FieldReader, name: string, length: number): void {
  const tree = new TreeReader(reader);
  reader.group(name, () => reader.within(Math.min(length, reader.left), () => document(tree, 0)), (words) => words ?? '');
}

/** Reads a document of its own length, for protocols that put several in a row. */
export function bsonDocument(reader: FieldReader, name: string): void {
  bson(reader, name, bsonLength(reader));
}

/** @returns length that the document at the reader says it has; at least 5, at most what is left */
export function bsonLength({ bytes, at, left }: FieldReader): number {
  const length = left < 4 ? left : bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return length < minDocumentBytes || left < length ? Math.min(left, minDocumentBytes < length ? length : minDocumentBytes) : length;
}

/** @returns "2 members" */
function document(tree: TreeReader, depth: number): string {
  const { fields } = tree;
  const start = tree.at;
  const length = tree.unsigned(4, true);
  if (fields.isBroken) return '';
  const end = start + length;
  if (length < minDocumentBytes || fields.end < end) {
    fields.problem('error', say`the document says ${length} bytes, ${fields.end - start} are there`, start, start + 4);
    if (length < minDocumentBytes) {
      fields.isBroken = true;
      return '';
    }
  }
  let count = 0;
  fields.within(Math.min(length - 4, fields.left), () => {
    while (0 < tree.left && fields.peek() !== 0 && !tree.isFull()) {
      element(tree, depth);
      count += 1;
    }
    if (0 < tree.left) tree.take(1);
  });
  return count === 1 ? '1 member' : `${count} members`;
}

function element(tree: TreeReader, depth: number): void {
  const type = tree.unsigned(1);
  const name = cString(tree);
  const start = tree.at;
  if (type !== 0x03 && type !== 0x04) {
    tree.leaf(name, start, value(tree, type, depth));
  } else if (maxNesting <= depth) {
    tree.leaf(name, start, { text: `${tree.bytes(bsonLength(tree.fields)).length} bytes` });
  } else {
    tree.fields.group(name, () => document(tree, depth + 1), (words) => (type === 0x04 ? words.replace('member', 'element') : words));
  }
}

function cString(tree: TreeReader): string {
  const { fields } = tree;
  const { at } = fields;
  let stop = at;
  while (stop < fields.end && fields.bytes[stop] !== 0) stop += 1;
  tree.take(stop + 1 - at);
  return fields.isBroken ? '' : utf8Text(fields.bytes, at, stop);
}

/** Types by number (bsonspec.org, "element"). */
function value(tree: TreeReader, type: number, depth: number): Scalar {
  switch (type) {
    case 0x01:
      return tree.float(8, true);
    case 0x02:
    case 0x0d:
    case 0x0e:
      return string(tree);
    case 0x05:
      return binary(tree);
    case 0x06:
      return { text: 'undefined' };
    case 0x07:
      return { text: toHex(tree.bytes(12)) };
    case 0x08: {
      const isTrue = tree.unsigned(1) === 1;
      return { text: String(isTrue), value: isTrue };
    }
    case 0x09: {
      const { value: time = 0 } = tree.integer(8, true, true);
      return { text: isoText(Number(time)), value: Number(time) };
    }
    case 0x0a:
      return { text: 'null' };
    case 0x0b:
      return { text: `/${cString(tree)}/${cString(tree)}` };
    case 0x0c:
      return { text: `${string(tree).text} ${toHex(tree.bytes(12))}` };
    case 0x0f:
      return code(tree, depth);
    case 0x10:
      return tree.integer(4, true, true);
    case 0x11: {
      const increment = tree.unsigned(4, true);
      return { text: `${isoText(tree.unsigned(4, true) * 1000)} (${increment})` };
    }
    case 0x12:
      return tree.integer(8, true, true);
    case 0x13:
      return { text: decimal(tree.bytes(16)) };
    case 0x7f:
      return { text: 'max key' };
    case 0xff:
      return { text: 'min key' };
  }
  tree.fields.problem('error', say`0x${type.toString(16)} is no type of BSON`, tree.at, tree.at);
  tree.fields.isBroken = true;
  return { text: '' };
}

function string(tree: TreeReader): Scalar {
  const length = tree.unsigned(4, true);
  const at = tree.take(length);
  return { text: at < 0 ? '' : utf8Text(tree.fields.bytes, at, Math.max(at, at + length - 1)) };
}

/** Subtype 4 is a UUID, 2 has its length twice. */
function binary(tree: TreeReader): Scalar {
  const length = tree.unsigned(4, true);
  const subtype = tree.unsigned(1);
  const view = tree.bytes(length);
  if (subtype === 4) return { text: binaryText(view, true) };
  return { text: subtype === 0 ? binaryText(view) : `subtype ${subtype}: ${binaryText(subtype === 2 ? view.subarray(4) : view)}` };
}

/** JavaScript with a scope: the scope is a document, which is told by its size. */
function code(tree: TreeReader, depth: number): Scalar {
  const length = tree.unsigned(4, true);
  if (length < 4 || maxNesting <= depth) return { text: binaryText(tree.bytes(Math.max(0, length - 4))) };
  const start = tree.at;
  const { text } = string(tree);
  const scope = length - 4 - (tree.at - start);
  tree.take(Math.max(0, scope));
  return { text: `${text} (scope of ${Math.max(0, scope)} bytes)` };
}

/** IEEE 754 decimal128 in binary integer coding, little-endian ("BSON Decimal128" specification). */
function decimal(view: Uint8Array): string {
  if (view.length < 16) return '';
  let bits = 0n;
  for (let i = 15; 0 <= i; i--) bits = (bits << 8n) | BigInt(view[i]!);
  const sign = view[15]! & 0x80 ? '-' : '';
  const combination = Number((bits >> 122n) & 0x1fn);
  if (combination === 0x1f) return 'NaN';
  if (combination === 0x1e) return `${sign}Infinity`;
  const isLarge = 0x18 <= combination;
  const exponent = Number((bits >> (isLarge ? 111n : 113n)) & 0x3fffn) - 6176;
  // Coefficients of the large form pass 34 digits: they are zero by definition.
  const digits = String(isLarge ? 0n : bits & ((1n << 113n) - 1n));
  if (exponent === 0) return `${sign}${digits}`;
  if (0 < exponent || exponent < -40) return `${sign}${digits}E${exponent < 0 ? '' : '+'}${exponent}`;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}
