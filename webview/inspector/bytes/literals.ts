// Bytes as text that goes somewhere else: hex, a dump, base64, and literals of programming languages. Pure.

import { hexWidth, printable } from './hexRows.js';

/** What a selection can be copied as, in the order of the menu. */
export const copyForms = ['hex', 'dump', 'text', 'base64', 'c', 'python', 'javascript', 'go'] as const;
export type CopyForm = (typeof copyForms)[number];

/** Bytes per line of a literal: it fits into 100 columns. */
const lineBytes = 16;

/** @param offset of the first byte: a dump says where it is from */
export function copyText(form: CopyForm, bytes: Uint8Array, offset: number): string {
  switch (form) {
    case 'hex': return toHexText(bytes);
    case 'dump': return hexDump(bytes, offset);
    case 'text': return toText(bytes);
    case 'base64': return toBase64(bytes);
    case 'c': return `unsigned char bytes[${bytes.length}] = {\n${byteLines(bytes, '    ')}\n};`;
    case 'python': return pythonLiteral(bytes);
    case 'javascript': return `new Uint8Array([\n${byteLines(bytes, '  ')}\n])`;
    case 'go': return `[]byte{\n${byteLines(bytes, '\t')}\n}`;
  }
}

/** @returns "50 00 1f" */
export function toHexText(bytes: Uint8Array): string {
  return Array.from(bytes, twoDigits).join(' ');
}

/** UTF-8 where it is, U+FFFD where it is not. */
export function toText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

export function toBase64(bytes: Uint8Array): string {
  // A spread of everything at once would overflow the stack.
  const pieceBytes = 0x6000;
  let binary = '';
  for (let start = 0; start < bytes.length; start += pieceBytes) binary += String.fromCharCode(...bytes.subarray(start, start + pieceBytes));
  return btoa(binary);
}

/** Lines as `hexdump -C` and `xxd` have them, so that `xxd -r` takes them back: offset, bytes, characters. */
export function hexDump(bytes: Uint8Array, offset: number): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += lineBytes) {
    const part = bytes.subarray(start, start + lineBytes);
    const left = Array.from(part.subarray(0, lineBytes / 2), twoDigits).join(' ');
    const right = Array.from(part.subarray(lineBytes / 2), twoDigits).join(' ');
    const hex = right === '' ? left : `${left}  ${right}`;
    lines.push(`${(offset + start).toString(16).padStart(8, '0')}  ${hex.padEnd(hexWidth(lineBytes))}  |${Array.from(part, printable).join('')}|`);
  }
  return lines.join('\n');
}

function byteLines(bytes: Uint8Array, indent: string): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += lineBytes) lines.push(`${indent}${Array.from(bytes.subarray(start, start + lineBytes), (byte) => `0x${twoDigits(byte)}`).join(', ')},`);
  return lines.join('\n');
}

/** Printable ASCII stays readable (Python reference, "String and Bytes literals"); long ones go over several lines. */
function pythonLiteral(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length || start === 0; start += 2 * lineBytes) {
    lines.push(`b"${Array.from(bytes.subarray(start, start + 2 * lineBytes), pythonByte).join('')}"`);
  }
  return lines.length === 1 ? (lines[0] ?? '') : `(\n${lines.map((line) => `    ${line}`).join('\n')}\n)`;
}

function pythonByte(byte: number): string {
  switch (byte) {
    case 0x0a: return '\\n';
    case 0x0d: return '\\r';
    case 0x09: return '\\t';
    case 0x22: return '\\"';
    case 0x5c: return '\\\\';
    default: return 0x20 <= byte && byte < 0x7f ? String.fromCharCode(byte) : `\\x${twoDigits(byte)}`;
  }
}

function twoDigits(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
