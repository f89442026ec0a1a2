// What the bytes at a place would be as numbers, times, addresses and text: the rows of the data inspector. Pure.

export interface Inspected {
  /** names of formats are not translated */
  name: string;
  /** undefined = the same in either order, or there are too few bytes */
  little: string | undefined;
  big: string | undefined;
}

/** The longest thing in the table: an IPv6 address, a UUID. */
export const inspectedBytes = 16;

/** 100-nanosecond steps between 1601 and 1970 (MS-DTYP §2.3.3). */
const fileTimeEpoch = 116_444_736_000_000_000n;
/** What a JavaScript date can say. */
const maxDateMs = 8.64e15;
/** LEB128: ten groups of seven bits hold 64. */
const maxVarintBytes = 10;

/** @param bytes from the cursor on; more than 16 change nothing but the text */
export function inspectBytes(bytes: Uint8Array): Inspected[] {
  if (bytes.length === 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const both = (name: string, size: number, read: (little: boolean) => number | bigint | string | undefined): Inspected => {
    const has = size <= bytes.length;
    const text = (little: boolean): string | undefined => (has ? read(little)?.toString() : undefined);
    return { name, little: text(true), big: text(false) };
  };
  const one = (name: string, value: string | undefined): Inspected => ({ name, little: undefined, big: value });
  return [
    one('int8', String(view.getInt8(0))),
    one('uint8', String(view.getUint8(0))),
    both('int16', 2, (little) => view.getInt16(0, little)),
    both('uint16', 2, (little) => view.getUint16(0, little)),
    both('int32', 4, (little) => view.getInt32(0, little)),
    both('uint32', 4, (little) => view.getUint32(0, little)),
    both('int64', 8, (little) => view.getBigInt64(0, little)),
    both('uint64', 8, (little) => view.getBigUint64(0, little)),
    both('float16', 2, (little) => shortFloat(float16(view.getUint16(0, little)))),
    both('float32', 4, (little) => shortFloat(view.getFloat32(0, little))),
    both('float64', 8, (little) => String(view.getFloat64(0, little))),
    both('Unix s', 4, (little) => dateText(view.getUint32(0, little) * 1000)),
    both('Unix ms', 8, (little) => dateText(Number(view.getBigInt64(0, little)))),
    both('FILETIME', 8, (little) => dateText(Number((view.getBigUint64(0, little) - fileTimeEpoch) / 10_000n))),
    one('varint', varint(bytes)?.toString()),
    one('zigzag', zigzag(varint(bytes))?.toString()),
    both('UUID', 16, (little) => uuid(bytes, little)),
    both('IPv4', 4, (little) => Array.from(little ? bytes.slice(0, 4).reverse() : bytes.subarray(0, 4)).join('.')),
    one('IPv6', 16 <= bytes.length ? ipv6(view) : undefined),
    one('bits', Array.from(bytes.subarray(0, 4), (byte) => byte.toString(2).padStart(8, '0')).join(' ')),
  ];
}

/** IEEE 754-2019 §3.6, binary16. */
export function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Unsigned LEB128, as Protocol Buffers have it. @returns undefined when it does not end within 64 bits or within the bytes */
export function varint(bytes: Uint8Array): bigint | undefined {
  let value = 0n;
  for (const [at, byte] of bytes.subarray(0, maxVarintBytes).entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * at);
    if (byte < 0x80) return value < 1n << 64n ? value : undefined;
  }
  return undefined;
}

/** Protocol Buffers' sint: 0, -1, 1, -2, 2… */
function zigzag(value: bigint | undefined): bigint | undefined {
  return value === undefined ? undefined : (value >> 1n) ^ -(value & 1n);
}

/** RFC 9562 §4; `little` = the first three groups stored little-endian, as Microsoft's GUIDs are (MS-DTYP §2.3.4). */
function uuid(bytes: Uint8Array, little: boolean): string {
  const order = little ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] : Array.from({ length: 16 }, (_, at) => at);
  const hex = order.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function ipv6(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(2 * at).toString(16));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (best.length < length) best = { start, length };
  }
  if (best.start < 0) return groups.join(':');
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`;
}

function dateText(ms: number): string | undefined {
  if (!(Math.abs(ms) <= maxDateMs)) return undefined;
  return new Date(ms).toISOString().replace('T', ' ').replace(/\.000Z$|Z$/, '');
}

export function shortFloat(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value);
}
