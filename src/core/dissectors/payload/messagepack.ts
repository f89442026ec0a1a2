// MessagePack as a tree of fields (MessagePack specification, "Formats").

import { say } from '../../../shared/sentences.js';
import { utf8Text, type FieldReader } from '../fieldReader.js';
import { binaryText, maxNesting, TreeReader, type Scalar } from './tree.js';
import { isoText } from './values.js';

/** Reads the next `length` bytes as one value, or as several that follow each other. */
export function messagePack(reader: FieldReader, name: string, length: number): void {
  const tree = new TreeReader(reader);
  reader.group(name, () => reader.within(Math.min(length, reader.left), () => {
    content(tree, 0, 'value');
    for (let i = 1; 0 < tree.left && !tree.isFull(); i++) value(tree, `value ${i + 1}`, 0);
  }));
}

function value(tree: TreeReader, name: string, depth: number): void {
  const type = tree.fields.peek();
  if (containerOf(type) === undefined) {
    const start = tree.at;
    tree.leaf(name, start, scalar(tree));
  } else {
    tree.fields.group(name, () => content(tree, depth, name), (count) => count);
  }
}

/** The members of a container, or the value itself. @returns "3 elements" */
function content(tree: TreeReader, depth: number, name: string): string {
  const kind = containerOf(tree.fields.peek());
  if (kind === undefined) {
    const start = tree.at;
    tree.leaf(name, start, scalar(tree));
    return '';
  }
  const type = tree.unsigned(1);
  const count = type < 0xdc ? type & 0x0f : tree.unsigned(type === 0xdc || type === 0xde ? 2 : 4);
  if (maxNesting <= depth) {
    tree.fields.rest();
    return '…';
  }
  for (let i = 0; i < count && 0 < tree.left && !tree.isFull(); i++) value(tree, kind === 'map' ? key(tree, depth) : String(i), depth + 1);
  if (count !== 0 && tree.left === 0 && tree.fields.room === 0) return '…';
  return kind === 'map' ? (count === 1 ? '1 member' : `${count} members`) : count === 1 ? '1 element' : `${count} elements`;
}

/** A key that is a container is a field of its own. */
function key(tree: TreeReader, depth: number): string {
  if (containerOf(tree.fields.peek()) === undefined) return scalar(tree).text;
  value(tree, 'key', depth + 1);
  return 'value';
}

function containerOf(type: number): 'map' | 'array' | undefined {
  if ((0x80 <= type && type <= 0x8f) || type === 0xde || type === 0xdf) return 'map';
  return (0x90 <= type && type <= 0x9f) || type === 0xdc || type === 0xdd ? 'array' : undefined;
}

function scalar(tree: TreeReader): Scalar {
  const type = tree.unsigned(1);
  if (type <= 0x7f) return { text: String(type), value: type };
  if (0xe0 <= type) return { text: String(type - 256), value: type - 256 };
  if (0xa0 <= type && type <= 0xbf) return text(tree, type & 0x1f);
  switch (type) {
    case 0xc0:
      return { text: 'nil' };
    case 0xc2:
    case 0xc3:
      return { text: String(type === 0xc3), value: type === 0xc3 };
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return { text: binaryText(tree.bytes(tree.unsigned(sizeOf(type - 0xc4)))) };
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return extension(tree, tree.unsigned(sizeOf(type - 0xc7)));
    case 0xca:
      return tree.float(4);
    case 0xcb:
      return tree.float(8);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      return tree.integer(sizeOf(type - 0xcc), false);
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
      return tree.integer(sizeOf(type - 0xd0), true);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(tree, 1 << (type - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(tree, tree.unsigned(sizeOf(type - 0xd9)));
  }
  // 0xc1 is never used.
  tree.fields.problem('error', say`0x${type.toString(16)} is no type of MessagePack`, tree.at - 1, tree.at);
  tree.fields.isBroken = true;
  return { text: '' };
}

function sizeOf(power: number): 1 | 2 | 4 | 8 {
  return (1 << power) as 1 | 2 | 4 | 8;
}

function text(tree: TreeReader, length: number): Scalar {
  const at = tree.take(length);
  return { text: at < 0 ? '' : utf8Text(tree.fields.bytes, at, at + length) };
}

/** "Timestamp extension type": type -1 in 4, 8 or 12 bytes; the other types mean what the two programs agreed on. */
function extension(tree: TreeReader, length: number): Scalar {
  const type = tree.integer(1, true).value;
  if (type !== -1 || (length !== 4 && length !== 8 && length !== 12)) return { text: `type ${type}: ${binaryText(tree.bytes(length))}` };
  if (length === 4) return { text: isoText(tree.unsigned(4) * 1000) };
  if (length === 12) {
    const nanos = tree.unsigned(4);
    return { text: isoText((tree.integer(8, true).value as number) * 1000 + Math.floor(nanos / 1e6)) };
  }
  const high = tree.unsigned(4);
  const low = tree.unsigned(4);
  return { text: isoText(((high & 3) * 2 ** 32 + low) * 1000 + Math.floor((high >>> 2) / 1e6)) };
}
