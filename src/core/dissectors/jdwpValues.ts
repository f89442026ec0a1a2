// Reads what a layout of jdwpCommands.ts says (Java Debug Wire Protocol, "Detailed Command Information" and "Constant" tables).

import { say } from '../../shared/sentences.js';
import { counted } from './counts.js';
import type { FieldReader, Words } from './fieldReader.js';
import { capabilities, events, modifiers, type Item } from './jdwpCommands.js';

/** Bytes of identifiers, as the reply to VirtualMachine.IDSizes tells. */
export interface IdSizes {
  field: number;
  method: number;
  object: number;
  type: number;
  frame: number;
}

/** Everything since Java 5 uses eight bytes for each of them. */
export const usualSizes: IdSizes = { field: 8, method: 8, object: 8, type: 8, frame: 8 };

const kinds: Readonly<Record<number, string>> = { 1: 'class', 2: 'interface', 3: 'array' };
const policies: Readonly<Record<number, string>> = { 0: 'none', 1: 'event thread', 2: 'all' };

/** Numbers with names. */
const words: Readonly<Record<string, readonly [size: 1 | 4, words: Words]>> = {
  'kind': [1, (value) => kinds[value] ?? `kind ${value}`],
  'event kind': [1, (value) => events[value]?.[0] ?? `event ${value}`],
  'suspend policy': [1, (value) => `suspend ${policies[value] ?? value}`],
  'tag': [1, (value) => tags[value]?.[0] ?? `tag ${value}`],
  'class status': [4, flagWords(['verified', 'prepared', 'initialized', 'error'])],
  'invoke options': [4, flagWords(['single threaded', 'nonvirtual'])],
  'suspend status': [4, (value) => ((value & 1) !== 0 ? 'suspended' : 'not suspended')],
  'thread status': [4, (value) => ['zombie', 'running', 'sleeping', 'monitor', 'wait'][value] ?? `status ${value}`],
  'step size': [4, (value) => ['min', 'line'][value] ?? `size ${value}`],
  'step depth': [4, (value) => ['into', 'over', 'out'][value] ?? `depth ${value}`],
};

/** Tags of values: what they are, and their bytes; 0 = an object's identifier, -1 = none. */
const tags: Readonly<Record<number, readonly [name: string, size: number]>> = {
  0x5b: ['array', 0], 0x42: ['byte', 1], 0x43: ['char', 2], 0x4c: ['object', 0], 0x46: ['float', 4], 0x44: ['double', 8], 0x49: ['int', 4], 0x4a: ['long', 8], 0x53: ['short', 2],
  0x56: ['void', -1], 0x5a: ['boolean', 1], 0x73: ['string', 0], 0x74: ['thread', 0], 0x67: ['thread group', 0], 0x6c: ['class loader', 0], 0x63: ['class object', 0],
};

function flagWords(names: readonly string[]): (value: number) => string {
  return (value) => names.filter((_, i) => (value & (1 << i)) !== 0).join(', ') || 'none';
}

/** @returns for each item what a summary says of it; '' = nothing */
export function readItems(reader: FieldReader, items: readonly Item[], sizes: IdSizes): string[] {
  return items.map((item) => readItem(reader, item, sizes));
}

function readItem(reader: FieldReader, { name, type, items }: Item, sizes: IdSizes): string {
  if (reader.isBroken) return '';
  const named = words[type];
  if (named !== undefined) {
    const value = named[0] === 1 ? reader.u8(name, named[1]) : reader.u32(name, named[1]);
    return (named[1] as (value: number) => string)(value);
  }
  switch (type) {
    case 'list':
      return list(reader, name, items[0]!, sizes);
    case 'group':
      return reader.group(name, () => joined(readItems(reader, items, sizes)), (text) => text);
    case 'string':
      return reader.prefixedText(name, 4);
    case 'int':
      return `${name} ${reader.i32(name)}`;
    case 'long':
      return `${name} ${reader.i64(name)}`;
    case 'boolean':
      return reader.u8(name, (value) => (value === 0 ? 'no' : 'yes')) === 0 ? `${name}: no` : name;
    case 'flags':
      reader.u32(name, (value) => `0x${value.toString(16).padStart(4, '0')}`);
      return '';
    case 'bytes':
      return `${name} of ${counted(reader.prefixedData(name, 4).length)}`;
    case 'field':
    case 'method':
    case 'object':
    case 'type':
    case 'frame':
      return `${name} ${identifier(reader, name, sizes[type])}`;
    case 'location':
      return location(reader, name, sizes);
    case 'tagged':
    case 'value':
      return `${name} ${value(reader, name, sizes)}`;
    case 'region':
      return region(reader, name, sizes);
    case 'capabilities':
      return allCapabilities(reader, name);
    case 'event':
      return oneOf(reader, name, 'event', sizes);
    case 'modifier':
      return oneOf(reader, name, 'modifier', sizes);
    default:
      // Values without tags: how long they are is known to whoever knows the fields' types.
      reader.rest(name);
      return '';
  }
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

/** Items of a list that a summary tells in full. */
const maxToldItems = 3;

/** A count and so many items. @returns `thread 1`, `2 values: int 0 · int 7`, `363 classes` */
function list(reader: FieldReader, name: string, item: Item, sizes: IdSizes): string {
  const texts: string[] = [];
  let told = '';
  reader.group(name, () => {
    const count = reader.i32('count');
    for (let i = 0; i < count && !reader.isBroken; i++) {
      if (reader.room === 0) {
        reader.rest();
        break;
      }
      const text = readItem(reader, item, sizes);
      if (i < maxToldItems) texts.push(text);
    }
    told = listText(texts, count, item.name, name);
  }, () => told);
  return told;
}

function listText(texts: readonly string[], count: number, one: string, many: string): string {
  if (count === 1 && texts.length === 1 && texts[0] !== '') return texts[0]!;
  const number = counted(count, one, many);
  if (count !== texts.length || count === 0 || texts.includes('')) return number;
  return `${number}: ${texts.map((text) => (text.startsWith(`${one} `) ? text.slice(one.length + 1) : text)).join(' · ')}`;
}

/** Decimal while it is short, as debuggers show them; HotSpot's methods are addresses, and read better in hex. */
function identifier(reader: FieldReader, name: string, size: number): string {
  if (reader.left < size) {
    reader.skip(size);
    return '';
  }
  const { bytes, at } = reader;
  const text = identifierText(bytes, at, size);
  reader.add(name, at, at + size, text);
  reader.at += size;
  return text;
}

function identifierText(bytes: Uint8Array, at: number, size: number): string {
  let high = 0;
  let low = 0;
  for (let i = 0; i < size; i++) {
    if (i < size - 4) high = (high * 256 + bytes[at + i]!) >>> 0;
    else low = low * 256 + bytes[at + i]!;
  }
  if (high === 0) return low === 0 ? 'null' : String(low);
  return `0x${high.toString(16)}${low.toString(16).padStart(8, '0')}`;
}

/** @returns `type 12, method 0x7f…, index 4` */
function location(reader: FieldReader, name: string, sizes: IdSizes): string {
  const size = 1 + sizes.type + sizes.method + 8;
  const isNone = isZero(reader, 1, size);
  return reader.group(name, () => {
    reader.u8('kind', kinds);
    const type = identifier(reader, 'type', sizes.type);
    const method = identifier(reader, 'method', sizes.method);
    const index = reader.i64('index');
    return isNone ? `no ${name}` : `type ${type} method ${method} index ${index}`;
  }, (text) => text);
}

/** Nowhere: an exception that nobody catches. */
function isZero(reader: FieldReader, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (reader.peek(i) !== 0) return false;
  return true;
}

/** A tag and what it says. @returns `int 7`, `string 395` */
function value(reader: FieldReader, name: string, sizes: IdSizes): string {
  const tag = reader.peek();
  const known = tags[tag];
  if (known === undefined) {
    if (0 <= tag) reader.problem('error', say`0x${tag.toString(16).padStart(2, '0')} is no tag of a value`, reader.at, reader.at + 1);
    reader.rest();
    reader.isBroken = true;
    return '';
  }
  const size = sizeOf(known[1], sizes);
  let text = '';
  reader.value(name, 1 + size, (view) => (text = `${known[0]} ${valueText(view, 1, tag, size)}`.trim()));
  return text;
}

function sizeOf(size: number, sizes: IdSizes): number {
  return size === 0 ? sizes.object : Math.max(0, size);
}

function valueText(bytes: Uint8Array, at: number, tag: number, size: number): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  switch (tag) {
    case 0x42:
      return String(view.getInt8(0));
    case 0x43:
      return JSON.stringify(String.fromCharCode(view.getUint16(0)));
    case 0x44:
      return String(view.getFloat64(0));
    case 0x46:
      return String(view.getFloat32(0));
    case 0x49:
      return String(view.getInt32(0));
    case 0x4a:
      return String(view.getBigInt64(0));
    case 0x53:
      return String(view.getInt16(0));
    case 0x56:
      return '';
    case 0x5a:
      return view.getUint8(0) === 0 ? 'false' : 'true';
    default:
      return identifierText(bytes, at, size);
  }
}

/** Elements of an array: one tag for all; objects have theirs again. */
function region(reader: FieldReader, name: string, sizes: IdSizes): string {
  const text = (count: number): string => counted(count, 'value');
  const count = reader.group(name, () => {
    const tag = reader.u8('tag', (value) => tags[value]?.[0] ?? `tag ${value}`);
    const all = reader.i32('count');
    const known = tags[tag];
    const size = sizeOf(known?.[1] ?? -1, sizes);
    if (known === undefined || known[1] < 0) reader.rest();
    for (let i = 0; i < all && 0 < reader.left; i++) {
      if (reader.room === 0) reader.rest();
      else if (known?.[1] === 0) value(reader, 'value', sizes);
      else reader.value('value', size, (view) => valueText(view, 0, tag, size));
    }
    return all;
  }, text);
  return text(count);
}

function allCapabilities(reader: FieldReader, name: string): string {
  return reader.group(name, () => {
    let count = 0;
    let has = 0;
    for (; 0 < reader.left; count++) if (reader.u8(capabilities[count] ?? 'reserved', (value) => (value === 0 ? 'no' : 'yes')) !== 0) has += 1;
    return `${has} of ${count}`;
  }, (text) => text);
}

/** An event of Event.Composite or a modifier of EventRequest.Set: a kind, and what belongs to it. */
function oneOf(reader: FieldReader, name: string, what: 'event' | 'modifier', sizes: IdSizes): string {
  return reader.group(name, () => {
    const table = what === 'event' ? events : modifiers;
    const kind = reader.u8('kind', (value) => table[value]?.[0] ?? `${what} ${value}`);
    const known = table[kind];
    if (known?.[1] === undefined) {
      reader.problem('error', say`${kind} is no ${what} that can be read`, reader.at, reader.at);
      reader.rest();
      reader.isBroken = true;
      return `${what} ${kind}`;
    }
    const told = joined(readItems(reader, known[1], sizes));
    // `count 1`, not `count count 1`.
    return told.startsWith(`${known[0]} `) ? told : `${known[0]} ${told}`;
  }, (text) => text);
}
