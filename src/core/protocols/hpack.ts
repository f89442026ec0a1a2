// HPACK (RFC 7541): header blocks of HTTP/2, one after the other with the table that they share, or the first one of a connection alone.

import { say, type Sentence } from '../../shared/sentences.js';
import { latin1 } from '../bytes.js';
import { huffmanPadding, huffmanSteps, staticTable } from './hpackTables.js';

export interface HeaderField {
  /** lower case by HTTP/2's rule (RFC 9113 §8.2.1) */
  name: string;
  value: string;
}

/** How a field was written: `sensitive` must never be put into a table (RFC 7541 §7.1.3), `unknown` names an entry that came before anybody looked. */
export type Representation = 'indexed' | 'literal' | 'sensitive' | 'unknown';

/** The dynamic table of one direction. Plain data. */
export interface HpackTable {
  /** oldest first */
  entries: HeaderField[];
  bytes: number;
  /** what the encoder keeps to */
  limit: number;
  /** what the decoder's SETTINGS_HEADER_TABLE_SIZE allows */
  maxLimit: number;
  /** entries are missing: an index beyond those known is no error */
  isPartial: boolean;
}

// What an endpoint allows before it has said otherwise (RFC 9113 §6.5.2: SETTINGS_HEADER_TABLE_SIZE).
const defaultTableBytes = 4096;
/** A table may be made as large as its decoder likes; browsers say 64 KiB. What is older than this is forgotten here. */
const maxTableBytes = 256 << 10;
// Huffman's shortest code is 5 bits, and table entries can be repeated by one byte each: this bounds what a small block may unfold to.
const maxDecodedBytes = 65536;
// Overhead that the specification charges per table entry (RFC 7541 §4.1).
const entryOverheadBytes = 32;

export function startTable(): HpackTable {
  return { entries: [], bytes: 0, limit: defaultTableBytes, maxLimit: defaultTableBytes, isPartial: false };
}

/** Blocks went missing: what the table holds cannot be known. */
export function forgetTable(table: HpackTable): void {
  table.entries = [];
  table.bytes = 0;
  table.isPartial = true;
}

/** The first block of a connection. @returns undefined when it breaks the specification or unfolds to more than 64 KiB */
export function decodeHeaders(block: Uint8Array): HeaderField[] | undefined {
  const fields: HeaderField[] = [];
  let decodedBytes = 0;
  const fault = readBlock(startTable(), block, 0, block.length, (field) => {
    decodedBytes += field.name.length + field.value.length;
    fields.push(field);
    return decodedBytes <= maxDecodedBytes;
  });
  return fault === undefined && decodedBytes <= maxDecodedBytes ? fields : undefined;
}

/**
 * Reads a whole header block.
 *
 * @param table is written to
 * @param onField is told each field with the positions in `block` that it was made from; false = no more of them
 * @returns what breaks the specification; the table is of no use then
 */
export function readBlock(
  table: HpackTable,
  block: Uint8Array,
  start: number,
  end: number,
  onField: (field: HeaderField, start: number, end: number, as: Representation) => boolean,
): string | undefined {
  const reader = new BlockReader(table, block, start, end);
  while (reader.at < end) {
    const from = reader.at;
    const field = reader.field();
    if (reader.fault !== undefined) return reader.fault;
    if (field !== undefined && !onField(field, from, reader.at, reader.as)) return undefined;
  }
  return undefined;
}

const unknownField: HeaderField = { name: '', value: '' };

class BlockReader {
  fault: Sentence | undefined;
  as: Representation = 'literal';

  constructor(
    private readonly table: HpackTable,
    private readonly block: Uint8Array,
    public at: number,
    private readonly end: number,
  ) {}

  /** One representation (RFC 7541 §6); undefined for a table size update. */
  field(): HeaderField | undefined {
    const first = this.block[this.at]!;
    if ((first & 0x80) !== 0) {
      this.as = 'indexed';
      return this.entry(this.integer(7));
    }
    if ((first & 0x40) !== 0) {
      this.as = 'literal';
      const field = this.literal(6);
      if (this.fault === undefined) this.remember(field);
      return field;
    }
    if ((first & 0x20) !== 0) {
      this.resize(this.integer(5));
      return undefined;
    }
    this.as = (first & 0x10) !== 0 ? 'sensitive' : 'literal';
    return this.literal(4);
  }

  private literal(prefixBits: number): HeaderField {
    const index = this.integer(prefixBits);
    const name = index === 0 ? this.text() : this.entry(index).name;
    return { name, value: this.text() };
  }

  private entry(index: number): HeaderField {
    const { entries, isPartial } = this.table;
    const field = index <= staticTable.length ? staticTable[index - 1] : entries[entries.length - (index - staticTable.length)];
    if (field !== undefined) return field;
    this.as = 'unknown';
    if (index === 0 || !isPartial) this.fault ??= say`there is no entry ${index} in the table`;
    return unknownField;
  }

  private remember(field: HeaderField): void {
    this.table.entries.push(field);
    this.table.bytes += sizeOf(field);
    this.evict();
  }

  /** RFC 7541 §6.3 */
  private resize(limit: number): void {
    const { table } = this;
    if (table.maxLimit < limit && !table.isPartial) this.fault ??= say`a table of ${limit} bytes, ${table.maxLimit} are allowed`;
    if (maxTableBytes < limit) table.isPartial = true;
    table.limit = limit < maxTableBytes ? limit : maxTableBytes;
    this.evict();
  }

  private evict(): void {
    const { table } = this;
    let gone = 0;
    while (table.limit < table.bytes) table.bytes -= sizeOf(table.entries[gone++]!);
    if (0 < gone) table.entries.splice(0, gone);
  }

  /** RFC 7541 §5.1; more than four continuation bytes would pass 2^28, which nothing here can be as long as. */
  private integer(prefixBits: number): number {
    const most = (1 << prefixBits) - 1;
    let value = this.at < this.end ? this.block[this.at++]! & most : -1;
    if (0 <= value && value < most) return value;
    for (let shift = 0; shift <= 21 && this.at < this.end; shift += 7) {
      const byte = this.block[this.at++]!;
      value += (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value;
    }
    this.fault ??= this.at < this.end ? say`a number is longer than anything here` : say`the block ends in the middle of a number`;
    return 0;
  }

  /** RFC 7541 §5.2 */
  private text(): string {
    const isHuffman = this.at < this.end && (this.block[this.at]! & 0x80) !== 0;
    const length = this.integer(7);
    const start = this.at;
    if (this.fault !== undefined || this.end - start < length) {
      this.fault ??= say`a text of ${length} bytes, ${this.end - start} are left`;
      return '';
    }
    this.at = start + length;
    if (!isHuffman) return latin1(this.block, start, this.at);
    const text = huffmanText(this.block, start, this.at);
    if (text === undefined) this.fault ??= say`a text is not in the Huffman code`;
    return text ?? '';
  }
}

function sizeOf(field: HeaderField): number {
  return field.name.length + field.value.length + entryOverheadBytes;
}

/** Where texts are unfolded; grown as needed, kept between calls. */
let unfolded = new Uint8Array(1024);

/** @returns undefined for a code that stands for the end of string, or padding that is not a prefix of it */
function huffmanText(bytes: Uint8Array, start: number, end: number): string | undefined {
  // 8 bits hold at most 1.6 codes of 5 bits.
  if (unfolded.length < (end - start) * 1.6) unfolded = new Uint8Array((end - start) * 2);
  let length = 0;
  let node = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const high = huffmanSteps[(node << 4) | (byte >> 4)]!;
    if (high < 0) return undefined;
    if (0xff < high) unfolded[length++] = (high >> 8) - 1;
    const low = huffmanSteps[((high & 0xff) << 4) | (byte & 15)]!;
    if (low < 0) return undefined;
    if (0xff < low) unfolded[length++] = (low >> 8) - 1;
    node = low & 0xff;
  }
  return huffmanPadding[node] === 1 ? latin1(unfolded, 0, length) : undefined;
}
