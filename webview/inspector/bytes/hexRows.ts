// One row of the hex view as runs of text: bytes on the left, characters on the right. Pure.

export const bytesPerRow = 16;
/** a wider space after this many bytes, so that the eye can count */
const groupBytes = 8;

export type ByteKind = 'plain' | 'selected' | 'gap' | 'selectedGap' | 'pending';

/** Text of neighbouring bytes that look alike: a row is a handful of these, never an element per byte. */
export interface Run {
  text: string;
  kind: ByteKind;
}

export interface HexRow {
  hex: Run[];
  text: Run[];
}

/** What is known about the bytes of a row. */
export interface RowBytes {
  /** offset of the row's first byte, a multiple of 16 */
  offset: number;
  /** bytes in this row, 1-16 */
  length: number;
  /** undefined while they are on their way */
  bytes: Uint8Array | undefined;
  /** overwritten or never kept, in absolute offsets */
  gaps: readonly { start: number; end: number }[];
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * @param selection [start, end) in absolute offsets, or undefined
 * @returns runs; the hex side has one space between bytes and two between groups, inside a run when both sides look alike
 */
export function hexRow(row: RowBytes, selection: { start: number; end: number } | undefined): HexRow {
  const hex: Run[] = [];
  const text: Run[] = [];
  for (let column = 0; column < row.length; column++) {
    const offset = row.offset + column;
    const isSelected = selection !== undefined && offset >= selection.start && offset < selection.end;
    const isGap = row.gaps.some((gap) => offset >= gap.start && offset < gap.end);
    const byte = row.bytes?.[column];
    const kind: ByteKind = isGap ? (isSelected ? 'selectedGap' : 'gap') : isSelected ? 'selected' : byte === undefined ? 'pending' : 'plain';
    const digits = isGap ? '··' : byte === undefined ? '  ' : (hexDigits[byte] ?? '');
    const character = isGap ? '·' : byte === undefined ? ' ' : printable(byte);

    const previous = hex.at(-1);
    const space = column === 0 ? '' : column % groupBytes === 0 ? '  ' : ' ';
    if (previous !== undefined && previous.kind === kind) previous.text += space + digits;
    else {
      if (previous !== undefined) appendSpace(hex, previous, space);
      hex.push({ text: digits, kind });
    }
    const before = text.at(-1);
    if (before !== undefined && before.kind === kind) before.text += character;
    else text.push({ text: character, kind });
  }
  return { hex, text };
}

/** The space between two runs belongs to neither look: it goes plain, so a selection ends where its last digit ends. */
function appendSpace(runs: Run[], previous: Run, space: string): void {
  if (previous.kind === 'plain') previous.text += space;
  else runs.push({ text: space, kind: 'plain' });
}

/** Printable ASCII as itself, everything else as a dot. */
export function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** @returns column of the byte under a horizontal position given in characters from the start of the hex side; nearest one when between */
export function columnAtHex(characters: number): number {
  const afterGroup = characters >= groupBytes * 3 ? characters - 1 : characters;
  return Math.min(bytesPerRow - 1, Math.max(0, Math.floor(afterGroup / 3)));
}

export function columnAtText(characters: number): number {
  return Math.min(bytesPerRow - 1, Math.max(0, Math.floor(characters)));
}

export function rowCount(total: number): number {
  return Math.ceil(total / bytesPerRow);
}

/** @returns "50 00 1f" */
export function toHexText(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (const byte of bytes) parts.push(hexDigits[byte] ?? '');
  return parts.join(' ');
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
