// One row of the hex view as runs of text: bytes on the left, characters on the right. Pure.

import type { Range } from '../../../src/shared/message.js';

/** a wider space after this many bytes, so that the eye can count */
const groupBytes = 8;

/** 'selected' by a person, 'lit' because a field is pointed at; a gap was overwritten or never kept */
export type ByteKind = 'plain' | 'selected' | 'lit' | 'gap' | 'selectedGap' | 'litGap' | 'pending';

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
  /** offset of the row's first byte */
  offset: number;
  /** bytes in this row */
  length: number;
  /** undefined while they are on their way */
  bytes: Uint8Array | undefined;
  /** overwritten or never kept, in absolute offsets */
  gaps: readonly Range[];
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * @param selection [start, end) in absolute offsets, or undefined
 * @param lit the same, of the field that is pointed at
 * @returns runs; the hex side has one space between bytes and two between groups, inside a run when both sides look alike
 */
export function hexRow(row: RowBytes, selection: Range | undefined, lit?: Range): HexRow {
  const hex: Run[] = [];
  const text: Run[] = [];
  for (let column = 0; column < row.length; column++) {
    const offset = row.offset + column;
    const isGap = row.gaps.some((gap) => gap.start <= offset && offset < gap.end);
    const byte = row.bytes?.[column];
    const mark = markAt(selection, lit, offset, 1);
    const kind = isGap ? gapKinds[mark ?? 'none'] : (mark ?? (byte === undefined ? 'pending' : 'plain'));
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


const gapKinds = { selected: 'selectedGap', lit: 'litGap', none: 'gap' } as const;

/** What is drawn at a place: where both are, the shorter one, which lies in the other. */
export function markAt(selection: Range | undefined, lit: Range | undefined, offset: number, bytes: number): 'selected' | 'lit' | undefined {
  const isIn = (range: Range | undefined): range is Range => range !== undefined && offset < range.end && range.start < offset + bytes;
  if (isIn(selection) && isIn(lit)) return lit.end - lit.start < selection.end - selection.start ? 'lit' : 'selected';
  return isIn(selection) ? 'selected' : isIn(lit) ? 'lit' : undefined;
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

/** Characters that the hex side of a full row takes. */
export function hexWidth(columns: number): number {
  return columns * 3 - 1 + Math.ceil(columns / groupBytes) - 1;
}

/** @returns column of the byte under a horizontal position given in characters from the start of the hex side; nearest one when between */
export function columnAtHex(characters: number, columns: number): number {
  const groupWidth = groupBytes * 3 + 1;
  const group = Math.max(0, Math.floor(characters / groupWidth));
  const inGroup = Math.min(groupBytes - 1, Math.max(0, Math.floor((characters - group * groupWidth) / 3)));
  return Math.min(columns - 1, group * groupBytes + inGroup);
}

export function columnAtText(characters: number, columns: number): number {
  return Math.min(columns - 1, Math.max(0, Math.floor(characters)));
}

export function rowCount(total: number, columns: number): number {
  return Math.ceil(total / columns);
}

/** Bytes per row to choose from. */
export const columnChoices = [8, 16, 32] as const;

/** @returns the largest choice whose offset, bytes and characters fit, in characters of the row's font */
export function fittingColumns(characters: number): number {
  // Offset of 8 digits, and 1.5 characters of space on either side of the bytes.
  const fits = (columns: number): boolean => 8 + 3 + hexWidth(columns) + columns <= characters;
  return [...columnChoices].reverse().find(fits) ?? columnChoices[0];
}
