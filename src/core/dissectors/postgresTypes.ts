// Values of PostgreSQL: text as it is, binary by the object id of its type (pg_type.dat of the server; the binary forms are those of
// its send functions).

import { toHex } from '../bytes.js';
import { bytesText, plainText, utf8Text } from './fieldReader.js';

/** Names of built-in types by object id, as format_type words them, shortened where everybody does. */
const names: Readonly<Record<number, string>> = {
  16: 'bool', 17: 'bytea', 18: '"char"', 19: 'name', 20: 'int8', 21: 'int2', 22: 'int2vector', 23: 'int4', 24: 'regproc', 25: 'text', 26: 'oid', 27: 'tid', 28: 'xid',
  29: 'cid', 30: 'oidvector', 114: 'json', 142: 'xml', 194: 'pg_node_tree', 199: 'json[]', 600: 'point', 601: 'lseg', 602: 'path', 603: 'box', 604: 'polygon', 628: 'line',
  650: 'cidr', 700: 'float4', 701: 'float8', 705: 'unknown', 718: 'circle', 774: 'macaddr8', 790: 'money', 829: 'macaddr', 869: 'inet', 1000: 'bool[]', 1001: 'bytea[]',
  1002: '"char"[]', 1003: 'name[]', 1005: 'int2[]', 1007: 'int4[]', 1009: 'text[]', 1014: 'bpchar[]', 1015: 'varchar[]', 1016: 'int8[]', 1021: 'float4[]', 1022: 'float8[]',
  1028: 'oid[]', 1033: 'aclitem', 1042: 'bpchar', 1043: 'varchar', 1082: 'date', 1083: 'time', 1114: 'timestamp', 1115: 'timestamp[]', 1182: 'date[]', 1183: 'time[]',
  1184: 'timestamptz', 1185: 'timestamptz[]', 1186: 'interval', 1187: 'interval[]', 1231: 'numeric[]', 1266: 'timetz', 1560: 'bit', 1562: 'varbit', 1700: 'numeric',
  1790: 'refcursor', 2205: 'regclass', 2206: 'regtype', 2249: 'record', 2278: 'void', 2950: 'uuid', 2951: 'uuid[]', 3220: 'pg_lsn', 3614: 'tsvector', 3615: 'tsquery',
  3802: 'jsonb', 3807: 'jsonb[]', 3904: 'int4range', 3906: 'numrange', 3908: 'tsrange', 3910: 'tstzrange', 3912: 'daterange', 3926: 'int8range', 4089: 'regnamespace',
};

/** @returns name of a type, or its number where it is not built in */
export function typeName(type: number): string {
  return names[type] ?? `type ${type}`;
}

export interface Value {
  /** as the server would word it */
  text: string;
  value?: number | boolean;
  /** texts stand in quotes in a summary */
  isQuoted: boolean;
}

function isNumeric(type: number): boolean {
  return (20 <= type && type <= 23 && type !== 22) || type === 26 || type === 700 || type === 701 || type === 1700;
}

/** @param type object id, 0 = not known */
export function valueOf(bytes: Uint8Array, start: number, end: number, type: number, isBinary: boolean): Value {
  return isBinary ? binaryValue(bytes.subarray(start, end), type) : textValue(utf8Text(bytes, start, end), type);
}

function textValue(text: string, type: number): Value {
  if (type === 16) return { text: text === 't' ? 'true' : text === 'f' ? 'false' : text, value: text === 't', isQuoted: false };
  // Where nobody told the type, what looks like a number is one; most texts are told apart by their first character.
  const isNumber = isNumeric(type) || (type === 0 && text.charCodeAt(0) <= 0x39 && /^-?\d{1,15}(\.\d{1,15})?$/.test(text));
  if (!isNumber) return { text, isQuoted: true };
  const value = Number(text);
  return Number.isFinite(value) && text !== '' && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? { text, value, isQuoted: false } : { text, isQuoted: false };
}

function binaryValue(view: Uint8Array, type: number): Value {
  return known(view, type) ?? other(view);
}

function other(view: Uint8Array): Value {
  const text = 0 < view.length ? plainText(view) : undefined;
  return text === undefined ? { text: bytesText(view), isQuoted: view.length === 0 } : { text, isQuoted: true };
}

/** @returns undefined where the length is not that of the type, or the type is none of these */
function known(view: Uint8Array, type: number, depth = 0): Value | undefined {
  const { length } = view;
  const data = new DataView(view.buffer, view.byteOffset, length);
  switch (type) {
    case 16:
      return length === 1 ? { text: view[0] === 0 ? 'false' : 'true', value: view[0] !== 0, isQuoted: false } : undefined;
    case 17:
      return { text: bytesText(view), isQuoted: false };
    case 21:
      return length === 2 ? numberValue(data.getInt16(0)) : undefined;
    case 23:
      return length === 4 ? numberValue(data.getInt32(0)) : undefined;
    case 24: case 26: case 28: case 29: case 2205: case 2206: case 4089:
      return length === 4 ? numberValue(data.getUint32(0)) : undefined;
    case 20:
      return length === 8 ? bigValue(data.getBigInt64(0)) : undefined;
    case 700:
      return length === 4 ? numberValue(data.getFloat32(0), String(Number(data.getFloat32(0).toPrecision(7)))) : undefined;
    case 701:
      return length === 8 ? numberValue(data.getFloat64(0)) : undefined;
    case 790:
      return length === 8 ? { text: (Number(data.getBigInt64(0)) / 100).toFixed(2), isQuoted: false } : undefined;
    case 18: case 19: case 25: case 114: case 142: case 705: case 1042: case 1043: case 1790: case 2278:
      return { text: utf8Text(view, 0, length), isQuoted: true };
    case 3802:
      // A version byte stands in front (jsonb_send).
      return view[0] === 1 ? { text: utf8Text(view, 1, length), isQuoted: true } : undefined;
    case 2950:
      return length === 16 ? { text: toHex(view).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), isQuoted: true } : undefined;
    case 1082:
      return length === 4 ? { text: dateText(data.getInt32(0)), isQuoted: true } : undefined;
    case 1083:
      return length === 8 ? { text: timeText(data.getBigInt64(0)), isQuoted: true } : undefined;
    case 1266:
      return length === 12 ? { text: `${timeText(data.getBigInt64(0))}${zoneText(-data.getInt32(8))}`, isQuoted: true } : undefined;
    case 1114:
      return length === 8 ? { text: timestampText(data.getBigInt64(0)), isQuoted: true } : undefined;
    case 1184:
      return length === 8 ? { text: zoned(timestampText(data.getBigInt64(0))), isQuoted: true } : undefined;
    case 1186:
      return length === 16 ? { text: intervalText(data.getInt32(12), data.getInt32(8), data.getBigInt64(0)), isQuoted: true } : undefined;
    case 1700:
      return numericValue(data);
    case 650: case 869:
      return inetValue(view);
    case 829: case 774:
      return { text: Array.from(view, (byte) => toHex(Uint8Array.of(byte))).join(':'), isQuoted: true };
    case 3220:
      return length === 8 ? { text: lsnText(data.getUint32(0), data.getUint32(4)), isQuoted: false } : undefined;
    case 600:
      return length === 16 ? { text: `(${data.getFloat64(0)},${data.getFloat64(8)})`, isQuoted: false } : undefined;
    default:
      return names[type]?.endsWith('[]') === true && depth === 0 ? arrayValue(view, data) : undefined;
  }
}

function numberValue(value: number, text = String(value)): Value {
  return Number.isFinite(value) ? { text, value, isQuoted: false } : { text, isQuoted: false };
}

function bigValue(value: bigint): Value {
  const text = String(value);
  return -Number.MAX_SAFE_INTEGER <= value && value <= Number.MAX_SAFE_INTEGER ? { text, value: Number(value), isQuoted: false } : { text, isQuoted: false };
}

/** A position in the write-ahead log: two halves in hex. */
export function lsnText(high: number, low: number): string {
  return `${(high >>> 0).toString(16).toUpperCase()}/${(low >>> 0).toString(16).toUpperCase()}`;
}

// ---- dates: days and microseconds from 2000-01-01 -------------------------------------------------------------------

const unixDays = 10957;
const dayMicros = 86_400_000_000n;
// Years that ISO dates of the language can tell; the server's own range ends at 294276.
const maxDays = 90_000_000;

function dateText(days: number): string {
  if (days === 0x7fffffff) return 'infinity';
  if (days === -0x80000000) return '-infinity';
  if (maxDays < Math.abs(days)) return `day ${days}`;
  return isoDate((days + unixDays) * 86_400_000);
}

/** Proleptic Gregorian date, years before 1 as the server words them. */
function isoDate(millis: number): string {
  const text = new Date(millis).toISOString().replace(/T.*$/, '');
  const year = /^([+-]?\d+)(-\d\d-\d\d)$/.exec(text);
  if (year === null || /^\d{4}$/.test(year[1]!)) return text;
  const number = Number(year[1]);
  return number <= 0 ? `${String(1 - number).padStart(4, '0')}${year[2]} BC` : `${number}${year[2]}`;
}

function timeText(micros: bigint): string {
  const seconds = micros / 1_000_000n;
  const part = micros % 1_000_000n;
  const two = (value: bigint): string => String(value).padStart(2, '0');
  const fraction = part === 0n ? '' : `.${String(part).padStart(6, '0').replace(/0+$/, '')}`;
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction}`;
}

export function timestampText(micros: bigint): string {
  if (micros === 0x7fffffffffffffffn) return 'infinity';
  if (micros === -0x8000000000000000n) return '-infinity';
  const inDay = ((micros % dayMicros) + dayMicros) % dayMicros;
  const [date, era] = dateText(Number((micros - inDay) / dayMicros)).split(/(?= BC$)/);
  return `${date} ${timeText(inDay)}${era ?? ''}`;
}

/** On the wire it is UTC, whatever the zone of the session. */
function zoned(text: string): string {
  return /^-?infinity$/.test(text) ? text : text.endsWith(' BC') ? `${text.slice(0, -3)}+00 BC` : `${text}+00`;
}

function zoneText(seconds: number): string {
  const minutes = Math.trunc(Math.abs(seconds) / 60);
  const hours = String(Math.trunc(minutes / 60)).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${hours}${minutes % 60 === 0 ? '' : `:${String(minutes % 60).padStart(2, '0')}`}`;
}

function intervalText(months: number, days: number, micros: bigint): string {
  const parts: string[] = [];
  const add = (count: number, unit: string): void => {
    if (count !== 0) parts.push(`${count} ${unit}${Math.abs(count) === 1 ? '' : 's'}`);
  };
  add(Math.trunc(months / 12), 'year');
  add(months % 12, 'mon');
  add(days, 'day');
  if (micros !== 0n || parts.length === 0) parts.push(micros < 0n ? `-${timeText(-micros)}` : timeText(micros));
  return parts.join(' ');
}

// ---- numeric, inet, arrays ------------------------------------------------------------------------------------------

/** Digits that are worded; what is longer is cut like any text. */
const maxGroups = 260;

/** Groups of four decimal digits, weight of the first, sign, and digits behind the point (numeric_send). */
function numericValue(data: DataView): Value | undefined {
  if (data.byteLength < 8) return undefined;
  const count = data.getUint16(0);
  const weight = data.getInt16(2);
  const sign = data.getUint16(4);
  const scale = data.getUint16(6);
  if (sign === 0xc000) return { text: 'NaN', isQuoted: false };
  if (sign === 0xd000 || sign === 0xf000) return { text: sign === 0xd000 ? 'Infinity' : '-Infinity', isQuoted: false };
  if (data.byteLength !== 8 + 2 * count || maxGroups < count || maxGroups < Math.abs(weight) || 16383 < scale) return undefined;
  const group = (index: number): string => (0 <= index && index < count ? String(data.getUint16(8 + 2 * index)).padStart(4, '0') : '0000');
  let whole = '';
  for (let i = 0; i <= weight; i++) whole += group(i);
  let fraction = '';
  for (let i = weight + 1; fraction.length < scale && fraction.length < 4 * maxGroups; i++) fraction += group(i);
  const text = `${sign === 0x4000 ? '-' : ''}${whole.replace(/^0+(?=\d)/, '') || '0'}${scale === 0 ? '' : `.${fraction.slice(0, scale)}`}`;
  const value = Number(text);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? { text, value, isQuoted: false } : { text, isQuoted: false };
}

/** Family (2, or 3 for IPv6), bits of the mask, whether it is a cidr, length of the address, address (network_send). */
function inetValue(view: Uint8Array): Value | undefined {
  const address = view.subarray(4);
  const bits = view[1] ?? 0;
  if (view[3] !== address.length || (address.length !== 4 && address.length !== 16)) return undefined;
  const text = address.length === 4 ? address.join('.') : ipv6Text(address);
  return { text: bits === address.length * 8 && view[2] === 0 ? text : `${text}/${bits}`, isQuoted: true };
}

/** RFC 5952 §4: lower case, the longest run of zeros left out. */
function ipv6Text(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((address[2 * i]! << 8) | address[2 * i + 1]!).toString(16)).join(':');
  const runs = [...groups.matchAll(/\b0(?::0\b)+/g)].sort((a, b) => b[0].length - a[0].length);
  const longest = runs[0];
  if (longest === undefined) return groups;
  const head = groups.slice(0, longest.index).replace(/:$/, '');
  const tail = groups.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${head}::${tail}`;
}

/** Elements of an array that are worded. */
const maxElements = 64;

/** Dimensions, whether there are nulls, type of the elements, sizes and lower bounds, elements with their lengths (array_send). */
function arrayValue(view: Uint8Array, data: DataView): Value | undefined {
  if (view.length < 12) return undefined;
  const dimensions = data.getInt32(0);
  const type = data.getUint32(8);
  if (dimensions === 0) return { text: '{}', isQuoted: false };
  // More than one dimension is rare enough to be told by its bytes.
  if (dimensions !== 1 || view.length < 20) return undefined;
  const count = data.getInt32(12);
  const texts: string[] = [];
  let at = 20;
  for (let i = 0; i < count; i++) {
    if (maxElements <= i) return { text: `{${texts.join(',')},…}`, isQuoted: false };
    if (view.length < at + 4) return undefined;
    const length = data.getInt32(at);
    at += 4;
    if (length < 0) texts.push('NULL');
    else if (view.length < at + length) return undefined;
    else {
      const element = view.subarray(at, at + length);
      const { text, isQuoted } = known(element, type, 1) ?? other(element);
      texts.push(isQuoted && !/^[\w.:+-]+$/.test(text) ? JSON.stringify(text) : text);
      at += length;
    }
  }
  return { text: `{${texts.join(',')}}`, isQuoted: false };
}
