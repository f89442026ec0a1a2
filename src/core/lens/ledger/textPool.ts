// Texts of one page of the ledger: each is kept once, as bytes, so that a page is a few typed arrays whose size is known. A string would
// keep alive what it was cut from, which may be a body of a mebibyte.

/** Longer texts are cut: lists and filters look at the beginning, the detail is decoded again from the bytes. */
export const maxTextLength = 300;

/** The value behind a text, for comparisons. */
export type TextValue = number | boolean | undefined;

// One byte of facts per text.
const secret = 1;
/** all of its bytes are ASCII: read without decoding */
const ascii = 2;
/** three bits: which value stands behind it */
const valueBits = 28;
/** the value is `Number(text)` */
const sameNumber = 4;
/** the value is in `numbers` */
const otherNumber = 8;
const isTrue = 12;
const isFalse = 16;

/** Number of texts per slot of the hash table, at most: more makes chains long. */
const maxLoad = 0.5;
/** Places that are looked at for one text; in texts that were made to collide it is then kept once more. */
const maxProbes = 64;

/** Texts by number, read only. */
export interface Texts {
  readonly count: number;
  readonly byteLength: number;
  read(id: number): string;
  value(id: number, text: string): TextValue;
  isSecret(id: number): boolean;
}

/** A pool that is still being written; `seal` makes the compact form and empties it for the next page. */
export class TextPool implements Texts {
  private bytes = Buffer.allocUnsafeSlow(64 << 10);
  private used = 0;
  private ends = new Uint32Array(1024);
  private flags = new Uint8Array(1024);
  private numbers = new Map<number, number>();
  /** id + 1 by hash; 0 = free */
  private table = new Uint32Array(2048);
  count = 0;

  get byteLength(): number {
    return this.bytes.length + this.ends.byteLength + this.flags.byteLength + this.table.byteLength + this.numbers.size * 32;
  }

  /** @returns whether a number stands for that text, value left aside: much cheaper than `add` */
  isText(id: number, text: string, isSecret: boolean): boolean {
    const { bytes, ends } = this;
    const start = id === 0 ? 0 : ends[id - 1]!;
    const { length } = text;
    if (ends[id]! - start !== length || (this.flags[id]! & (secret | ascii)) !== (isSecret ? secret | ascii : ascii)) return false;
    for (let at = 0; at < length; at++) if (bytes[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  /** @returns the number of the text, the same one for the same text with the same value */
  add(text: string, value: TextValue, isSecret: boolean): number {
    const length = text.length <= maxTextLength ? text.length : cutAt(text);
    const start = this.used;
    if (this.bytes.length < start + 3 * length) this.growBytes(start + 3 * length);
    const { bytes } = this;
    let hash = 0x811c9dc5;
    let end = start;
    let flags = ascii | (isSecret ? secret : 0);
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (0x7f < code) {
        flags &= ~ascii;
        // The rest in UTF-8; what was written so far is the same in it.
        const stop = end + utf8Into(bytes, end, text, at, length);
        for (; end < stop; end++) hash = Math.imul(hash ^ bytes[end]!, 0x01000193);
        break;
      }
      bytes[end++] = code;
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    flags |= kindOf(value, text);
    return this.find(start, end, hashOf(hash, flags, value), flags, value);
  }

  read(id: number): string {
    return readText(this.bytes, this.ends, this.flags, id);
  }

  value(id: number, text: string): TextValue {
    return valueOf(this.flags[id]!, text, this.numbers, id);
  }

  isSecret(id: number): boolean {
    return (this.flags[id]! & secret) !== 0;
  }

  /** The texts so far, in as many bytes as they need; this pool begins anew. */
  seal(): Texts {
    const { count } = this;
    const sealed = new SealedTexts(Buffer.from(this.bytes.subarray(0, this.used)), this.ends.slice(0, count), this.flags.slice(0, count), this.numbers);
    this.used = this.count = 0;
    this.numbers = new Map();
    this.table.fill(0);
    return sealed;
  }

  private find(start: number, end: number, hash: number, flags: number, value: TextValue): number {
    const { table, bytes, ends } = this;
    const mask = table.length - 1;
    let slot = hash & mask;
    for (let entry = table[slot]!, probes = 0; entry !== 0 && probes < maxProbes; entry = table[(slot = (slot + 1) & mask)]!, probes++) {
      const id = entry - 1;
      const first = id === 0 ? 0 : ends[id - 1]!;
      if (this.flags[id] !== flags || ends[id]! - first !== end - start) continue;
      let at = 0;
      while (at < end - start && bytes[first + at] === bytes[start + at]) at += 1;
      if (at === end - start && ((flags & valueBits) !== otherNumber || Object.is(this.numbers.get(id), value))) return id;
    }
    const id = this.count++;
    if (id === ends.length) this.growEntries();
    this.ends[id] = this.used = end;
    this.flags[id] = flags;
    if ((flags & valueBits) === otherNumber) this.numbers.set(id, value as number);
    if (table[slot] === 0) table[slot] = id + 1;
    if (table.length * maxLoad < this.count) this.growTable();
    return id;
  }

  private growBytes(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }

  private growEntries(): void {
    const ends = new Uint32Array(this.ends.length * 2);
    ends.set(this.ends);
    this.ends = ends;
    const flags = new Uint8Array(ends.length);
    flags.set(this.flags);
    this.flags = flags;
  }

  /** Hashes are not kept: they are made again from the bytes. */
  private growTable(): void {
    const { bytes, ends, flags } = this;
    const table = new Uint32Array(this.table.length * 2);
    const mask = table.length - 1;
    for (let id = 0, at = 0; id < this.count; id++) {
      let hash = 0x811c9dc5;
      for (const end = ends[id]!; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
      let slot = hashOf(hash, flags[id]!, this.numbers.get(id)) & mask;
      for (let probes = 0; table[slot] !== 0 && probes < maxProbes; probes++) slot = (slot + 1) & mask;
      if (table[slot] === 0) table[slot] = id + 1;
    }
    this.table = table;
  }
}

class SealedTexts implements Texts {
  readonly byteLength: number;

  constructor(private readonly bytes: Buffer, private readonly ends: Uint32Array, private readonly flags: Uint8Array, private readonly numbers: ReadonlyMap<number, number>) {
    this.byteLength = bytes.length + ends.byteLength + flags.byteLength + numbers.size * 32;
  }

  get count(): number {
    return this.ends.length;
  }

  read(id: number): string {
    return readText(this.bytes, this.ends, this.flags, id);
  }

  value(id: number, text: string): TextValue {
    return valueOf(this.flags[id]!, text, this.numbers, id);
  }

  isSecret(id: number): boolean {
    return (this.flags[id]! & secret) !== 0;
  }
}

const numberOf = new Float64Array(1);
const wordsOf = new Uint32Array(numberOf.buffer);

/** @param hash of the bytes */
function hashOf(hash: number, flags: number, value: TextValue): number {
  let mixed = Math.imul(hash ^ flags, 0x01000193);
  if ((flags & valueBits) === otherNumber) {
    numberOf[0] = value as number;
    mixed = Math.imul(Math.imul(mixed ^ wordsOf[0]!, 0x01000193) ^ wordsOf[1]!, 0x85ebca6b);
  }
  return mixed ^ (mixed >>> 15);
}

function readText(bytes: Buffer, ends: Uint32Array, flags: Uint8Array, id: number): string {
  const start = id === 0 ? 0 : ends[id - 1]!;
  return (flags[id]! & ascii) !== 0 ? bytes.toString('latin1', start, ends[id]) : bytes.toString('utf8', start, ends[id]);
}

function valueOf(flags: number, text: string, numbers: ReadonlyMap<number, number>, id: number): TextValue {
  switch (flags & valueBits) {
    case sameNumber:
      return Number(text);
    case otherNumber:
      return numbers.get(id);
    case isTrue:
      return true;
    case isFalse:
      return false;
    default:
      return undefined;
  }
}

function kindOf(value: TextValue, text: string): number {
  if (value === undefined) return 0;
  if (value === true) return isTrue;
  if (value === false) return isFalse;
  return Number(text) === value && text.length <= maxTextLength ? sameNumber : otherNumber;
}

/**
 * Writes `[start, stop)` of a text; for the short texts here that is quicker than asking the platform. Half a character becomes U+FFFD.
 *
 * @returns bytes written, at most three for each unit of the text
 */
function utf8Into(bytes: Uint8Array, at: number, text: string, start: number, stop: number): number {
  let end = at;
  for (let index = start; index < stop; index++) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[end++] = code;
      continue;
    }
    if (code < 0x800) {
      bytes[end++] = 0xc0 | (code >> 6);
      bytes[end++] = 0x80 | (code & 0x3f);
      continue;
    }
    if (0xd800 <= code && code < 0xe000) {
      code = index + 1 < stop ? text.codePointAt(index)! : 0xfffd;
      if (0xffff < code) {
        index += 1;
        bytes[end++] = 0xf0 | (code >> 18);
        bytes[end++] = 0x80 | ((code >> 12) & 0x3f);
        bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
        bytes[end++] = 0x80 | (code & 0x3f);
        continue;
      }
      code = 0xfffd;
    }
    bytes[end++] = 0xe0 | (code >> 12);
    bytes[end++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[end++] = 0x80 | (code & 0x3f);
  }
  return end - at;
}

/** Never between the halves of a character. */
function cutAt(text: string): number {
  const last = text.charCodeAt(maxTextLength - 1);
  return 0xd800 <= last && last < 0xdc00 ? maxTextLength - 1 : maxTextLength;
}
