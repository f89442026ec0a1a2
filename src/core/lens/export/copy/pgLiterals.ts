// Values of PostgreSQL as literals of SQL that the server reads as exactly the same value.

import { toHex } from '../../../bytes.js';
import { valueOf } from '../../../dissectors/postgresTypes.js';
import { textOfBytes } from '../bodyText.js';

/** Types whose text, as it is decoded from the binary form, is exact and whole: numbers, times, addresses, ids (pg_type.dat). */
const exactTypes = new Set([16, 20, 21, 23, 26, 650, 774, 829, 869, 1082, 1083, 1114, 1184, 1266, 1700, 2950]);
/** Texts, whose binary form is their text. */
const textTypes = new Set([18, 19, 25, 114, 142, 705, 1042, 1043, 1790]);

/** @param value undefined = NULL @param type object id, 0 = not known @returns undefined when there is no such literal */
export function literalOf(value: Uint8Array | undefined, type: number, isBinary: boolean): string | undefined {
  if (value === undefined) return 'NULL';
  const text = isBinary ? binaryText(value, type) : textOfBytes(value);
  return text === undefined || text.includes('\0') ? undefined : literal(text);
}

/** Backslashes mean themselves in one setting and not in the other (`standard_conforming_strings`): doubled in E'' they do in both. */
function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}

function binaryText(bytes: Uint8Array, type: number): string | undefined {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (textTypes.has(type)) return textOfBytes(bytes);
  if (type === 17) return `\\x${toHex(bytes)}`;
  // A version byte stands in front (jsonb_send).
  if (type === 3802) return bytes[0] === 1 ? textOfBytes(bytes.subarray(1)) : undefined;
  // The shortest decimal of a double names the float that it was made from, too.
  if (type === 700) return bytes.length === 4 ? String(data.getFloat32(0)) : undefined;
  if (type === 701) return bytes.length === 8 ? (Object.is(data.getFloat64(0), -0) ? '-0' : String(data.getFloat64(0))) : undefined;
  const text = exactTypes.has(type) ? valueOf(bytes, 0, bytes.length, type, true).text : undefined;
  return text === undefined || text.includes('…') || 1000 <= text.length ? undefined : text;
}
