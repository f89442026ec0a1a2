// Decodes one HPACK header block, the first of a connection, whose dynamic table starts empty (RFC 7541).

import { latin1 } from '../bytes.js';
import { endOfString, huffmanTree, staticTable } from './hpackTables.js';

export interface HeaderField {
  /** lower case by HTTP/2's rule (RFC 9113 §8.2.1) */
  name: string;
  value: string;
}

// What an endpoint allows before it has said otherwise (RFC 7541 §6.5.2 of RFC 9113: SETTINGS_HEADER_TABLE_SIZE).
const maxTableBytes = 4096;
// Huffman's shortest code is 5 bits, and table entries can be repeated by one byte each: this bounds what a small block may unfold to.
const maxDecodedBytes = 65536;
// Overhead that the specification charges per table entry (RFC 7541 §4.1).
const entryOverheadBytes = 32;

/** @returns undefined when the block breaks the specification or unfolds to more than 64 KiB */
export function decodeHeaders(block: Uint8Array): HeaderField[] | undefined {
  const decoder = new BlockDecoder(block);
  return decoder.decode();
}

class BlockDecoder {
  private at = 0;
  private isBroken = false;
  private decodedBytes = 0;
  private readonly dynamic: HeaderField[] = [];
  private dynamicBytes = 0;
  private dynamicLimit = maxTableBytes;

  constructor(private readonly block: Uint8Array) {}

  decode(): HeaderField[] | undefined {
    const fields: HeaderField[] = [];
    while (this.at < this.block.length) {
      const field = this.field();
      if (this.isBroken) return undefined;
      if (field === undefined) continue;
      this.decodedBytes += field.name.length + field.value.length;
      if (maxDecodedBytes < this.decodedBytes) return undefined;
      fields.push(field);
    }
    return fields;
  }

  /** One representation (RFC 7541 §6); undefined for a table size update. */
  private field(): HeaderField | undefined {
    const first = this.block[this.at] ?? 0;
    if ((first & 0x80) !== 0) return this.entry(this.integer(7));
    if ((first & 0x40) !== 0) {
      const field = this.literal(6);
      if (!this.isBroken) this.remember(field);
      return field;
    }
    if ((first & 0x20) !== 0) {
      const limit = this.integer(5);
      if (maxTableBytes < limit) this.isBroken = true;
      this.dynamicLimit = limit;
      this.evict();
      return undefined;
    }
    return this.literal(4);
  }

  private literal(prefixBits: number): HeaderField {
    const index = this.integer(prefixBits);
    const name = index === 0 ? this.text() : this.entry(index).name;
    return { name, value: this.text() };
  }

  private entry(index: number): HeaderField {
    const field = index <= staticTable.length ? staticTable[index - 1] : this.dynamic[index - staticTable.length - 1];
    if (field === undefined) this.isBroken = true;
    return field ?? { name: '', value: '' };
  }

  private remember(field: HeaderField): void {
    this.dynamic.unshift(field);
    this.dynamicBytes += field.name.length + field.value.length + entryOverheadBytes;
    this.evict();
  }

  private evict(): void {
    while (this.dynamicLimit < this.dynamicBytes) {
      const field = this.dynamic.pop();
      if (field === undefined) return;
      this.dynamicBytes -= field.name.length + field.value.length + entryOverheadBytes;
    }
  }

  /** RFC 7541 §5.1; more than four continuation bytes would pass 2^28, which nothing here can be as long as. */
  private integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = (this.block[this.at++] ?? 0) & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.block[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
    this.isBroken = true;
    return 0;
  }

  /** RFC 7541 §5.2 */
  private text(): string {
    const isHuffman = ((this.block[this.at] ?? 0) & 0x80) !== 0;
    const length = this.integer(7);
    const end = this.at + length;
    if (this.isBroken || this.block.length < end) {
      this.isBroken = true;
      return '';
    }
    const start = this.at;
    this.at = end;
    if (!isHuffman) return latin1(this.block, start, end);
    const text = huffmanText(this.block, start, end);
    if (text === undefined) this.isBroken = true;
    return text ?? '';
  }
}

/** @returns undefined for a code that stands for the end of string, or padding that is not a prefix of it */
function huffmanText(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let node = 0;
  let paddingBits = 0;
  let isOnes = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    for (let bit = 7; 0 <= bit; bit--) {
      const one = (byte >> bit) & 1;
      const next = huffmanTree[2 * node + one] ?? 0;
      paddingBits++;
      if (one === 0) isOnes = false;
      if (0 <= next) {
        node = next;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === endOfString) return undefined;
      text += String.fromCharCode(symbol);
      node = 0;
      paddingBits = 0;
      isOnes = true;
    }
  }
  return paddingBits < 8 && isOnes ? text : undefined;
}
