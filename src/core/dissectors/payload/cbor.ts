// CBOR as a tree of fields (RFC 8949).

import { say } from '../../../shared/sentences.js';
import { utf8Text, type FieldReader } from '../fieldReader.js';
import { binaryText, maxNesting, TreeReader, type Scalar } from './tree.js';
import { isoText } from './values.js';

/** What the first byte, and the number behind it, say (RFC 8949 §3). */
interface Head {
  major: number;
  info: number;
  /** undefined = indefinite length, or the end of one */
  argument: number | undefined;
  /** with every digit; for numbers of 8 bytes */
  exact: string;
}

/** Reads the next `length` bytes as one data item, or as a sequence of them (RFC 8742). */
export function cbor(reader: FieldReader, name: string, length: number): void {
  const tree = new TreeReader(reader);
  reader.group(name, () => reader.within(Math.min(length, reader.left), () => {
    const words = item(tree, undefined, 0);
    for (let i = 2; 0 < tree.left && !tree.isFull(); i++) item(tree, `item ${i}`, 0);
    return words;
  }), (words) => words ?? '');
}

/** @param name undefined = the outermost item, whose group is there already @returns the text of a container */
function item(tree: TreeReader, name: string | undefined, depth: number, tag?: string): string {
  const start = tree.at;
  const told = head(tree);
  if (told.major === 6) {
    if (maxNesting <= depth) return tooDeep(tree);
    return item(tree, name, depth + 1, told.exact);
  }
  if (told.major !== 4 && told.major !== 5) {
    tree.leaf(name ?? 'value', start, tagged(tree, told, tag));
    return '';
  }
  if (maxNesting <= depth) return tooDeep(tree);
  if (name === undefined) return members(tree, told, depth);
  let words = '';
  // The head belongs to the group.
  tree.fields.at = start;
  tree.fields.group(name, () => {
    head(tree);
    words = members(tree, told, depth);
  }, () => words);
  return words;
}

function tooDeep(tree: TreeReader): string {
  tree.fields.rest();
  return '…';
}

function members(tree: TreeReader, { major, argument }: Head, depth: number): string {
  let count = 0;
  for (; (argument === undefined || count < argument) && 0 < tree.left && !tree.isFull(); count++) {
    if (argument === undefined && tree.fields.peek() === 0xff) {
      tree.take(1);
      break;
    }
    item(tree, major === 5 ? key(tree, depth) : String(count), depth + 1);
  }
  if (argument !== undefined && count < argument && !tree.fields.isBroken && tree.isFull()) count = argument;
  return major === 5 ? (count === 1 ? '1 member' : `${count} members`) : count === 1 ? '1 element' : `${count} elements`;
}

function key(tree: TreeReader, depth: number): string {
  const major = tree.fields.peek() >> 5;
  if (4 <= major && major <= 6) {
    item(tree, 'key', depth + 1);
    return 'value';
  }
  return scalar(tree, head(tree)).text;
}

function head(tree: TreeReader): Head {
  const first = tree.unsigned(1);
  const major = first >> 5;
  const info = first & 0x1f;
  if (info < 24) return { major, info, argument: info, exact: String(info) };
  if (info === 31) return { major, info, argument: undefined, exact: '' };
  if (27 < info) {
    tree.fields.problem('error', say`0x${first.toString(16)} starts no item of CBOR`, tree.at - 1, tree.at);
    tree.fields.isBroken = true;
    return { major: 7, info: 23, argument: 23, exact: '' };
  }
  // Floats: their bytes are read by who knows that they are floats.
  if (major === 7 && 25 <= info) return { major, info, argument: 0, exact: '' };
  const number = tree.integer([1, 2, 4, 8][info - 24] as 1 | 2 | 4 | 8, false);
  return { major, info, argument: (number.value as number | undefined) ?? 0, exact: number.text };
}

function scalar(tree: TreeReader, told: Head): Scalar {
  const { major, info, argument } = told;
  switch (major) {
    case 0:
      return { text: told.exact, value: argument };
    case 1:
      return { text: String(-1n - BigInt(told.exact === '' ? 0 : told.exact)), value: -1 - (argument ?? 0) };
    case 2:
      return { text: argument === undefined ? pieces(tree, 2) : binaryText(tree.bytes(argument)) };
    case 3:
      return { text: argument === undefined ? pieces(tree, 3) : utf8(tree, argument) };
    default:
      return simple(tree, info, argument);
  }
}

function utf8(tree: TreeReader, length: number): string {
  const at = tree.take(length);
  return at < 0 ? '' : utf8Text(tree.fields.bytes, at, at + length);
}

/** A string of indefinite length: pieces of the same type up to the break (RFC 8949 §3.2.3). */
function pieces(tree: TreeReader, major: number): string {
  let text = '';
  while (0 < tree.left) {
    if (tree.fields.peek() === 0xff) {
      tree.take(1);
      return text;
    }
    const piece = head(tree);
    if (piece.major !== major || piece.argument === undefined) {
      tree.fields.problem('error', say`a piece of another type`, tree.at, tree.at);
      tree.fields.isBroken = true;
      return text;
    }
    const next = major === 3 ? utf8(tree, piece.argument) : binaryText(tree.bytes(piece.argument));
    if (text.length < 1000) text += major === 2 && text !== '' ? `, ${next}` : next;
  }
  return text;
}

function simple(tree: TreeReader, info: number, argument: number | undefined): Scalar {
  switch (info) {
    case 20:
    case 21:
      return { text: String(info === 21), value: info === 21 };
    case 22:
      return { text: 'null' };
    case 23:
      return { text: 'undefined' };
    case 25:
      return half(tree.unsigned(2));
    case 26:
      return tree.float(4);
    case 27:
      return tree.float(8);
    default:
      return { text: argument === undefined ? 'break' : `simple ${argument}` };
  }
}

/** RFC 8949, appendix D. */
function half(bits: number): Scalar {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const size = exponent === 0 ? fraction * 2 ** -24 : exponent !== 31 ? (fraction + 1024) * 2 ** (exponent - 25) : fraction === 0 ? Infinity : NaN;
  const value = (bits & 0x8000) !== 0 ? -size : size;
  return { text: String(value), value };
}

/** Tags that change how a value reads: dates (0, 1), big numbers (2, 3), UUID (37) (RFC 8949 §3.4). Others are named. */
function tagged(tree: TreeReader, told: Head, tag: string | undefined): Scalar {
  if (tag === '37' && told.major === 2 && told.argument === 16) return { text: binaryText(tree.bytes(16), true) };
  if ((tag === '2' || tag === '3') && told.major === 2 && told.argument !== undefined && told.argument <= 128) {
    let big = 0n;
    for (const byte of tree.bytes(told.argument)) big = (big << 8n) | BigInt(byte);
    return { text: String(tag === '2' ? big : -1n - big) };
  }
  const plain = scalar(tree, told);
  if (tag === undefined || tag === '0') return plain;
  if (tag === '1' && typeof plain.value === 'number') return { text: isoText(Math.round(plain.value * 1000)), value: plain.value };
  return { ...plain, text: `${plain.text} (tag ${tag})` };
}
