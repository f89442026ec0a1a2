// The line under the hex view: what the selected bytes are as numbers and text. Pure.

import { shortFloat } from './byteInspector.js';

export interface ByteValue {
  /** "uint16 BE", shown as it is: names of formats are not translated */
  name: string;
  value: string;
}

/** Text is cut here: the line has one row. */
const maxTextBytes = 24;

/** @param bytes the selection, or with a single byte selected what follows it (8 bytes are enough) */
export function byteValues(bytes: Uint8Array, isSingle: boolean): ByteValue[] {
  if (bytes.length === 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint8(0);
  const values: ByteValue[] = [];
  if (isSingle || bytes.length === 1) {
    values.push({ name: 'uint8', value: first > 127 ? `${first} (int8 ${view.getInt8(0)})` : String(first) });
    values.push({ name: 'bits', value: first.toString(2).padStart(8, '0') });
  }
  const width = isSingle ? Math.min(4, bytes.length) : bytes.length;
  if (width === 2 || (isSingle && width >= 2)) {
    values.push({ name: 'uint16 BE', value: String(view.getUint16(0)) }, { name: 'LE', value: String(view.getUint16(0, true)) });
  }
  if (width === 3 || (4 < width && width < 8)) values.push({ name: `uint${width * 8} BE`, value: String(bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)) });
  if (width === 4) {
    values.push({ name: 'uint32 BE', value: String(view.getUint32(0)) }, { name: 'LE', value: String(view.getUint32(0, true)) });
    if (!isSingle) values.push({ name: 'float BE', value: shortFloat(view.getFloat32(0)) });
  }
  if (width === 8) {
    values.push({ name: 'uint64 BE', value: String(view.getBigUint64(0)) }, { name: 'LE', value: String(view.getBigUint64(0, true)) });
    values.push({ name: 'double BE', value: shortFloat(view.getFloat64(0)) });
  }
  // A long selection is no number: what begins with it may be.
  if (8 < width) values.push({ name: 'int32 BE', value: String(view.getInt32(0)) }, { name: 'LE', value: String(view.getInt32(0, true)) }, { name: 'uint16 BE', value: String(view.getUint16(0)) }, { name: 'LE', value: String(view.getUint16(0, true)) });
  const text = printableText(isSingle ? bytes.subarray(0, 1) : bytes);
  if (text !== undefined) values.push({ name: 'text', value: text });
  return values;
}

/** @returns the bytes in quotes when they are UTF-8 text without control characters other than line ends and tabs */
export function printableText(bytes: Uint8Array): string | undefined {
  const part = bytes.subarray(0, maxTextBytes);
  // A cut may fall inside a character: streaming mode keeps the incomplete end back instead of calling it wrong.
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part, { stream: true });
  } catch {
    return undefined; // not UTF-8: an ordinary answer for binary bytes
  }
  if (text === '' || /[^\P{C}\r\n\t]/u.test(text)) return undefined;
  const shown = text.replace(/\r/g, '\\r').replace(/\n/g, '\\n').replace(/\t/g, '\\t');
  return `"${shown}"${bytes.length > maxTextBytes ? '…' : ''}`;
}
