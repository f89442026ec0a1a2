// Bytes as rows of text: lines end where they end and are wrapped where they are too long, so that a line of 10 MB is many short rows.
// Control characters are shown by sign, bytes that are no text by a mark, and what was overwritten as a row of its own. Pure.

import type { Range } from '../../../src/shared/message.js';
import { signFor } from '../../widgets/visibleText.js';
import { markAt, type Run } from './hexRows.js';

export type TextEncoding = 'utf-8' | 'latin1';

/** One row, in absolute offsets. */
export interface TextRow extends Range {
  /** these bytes were overwritten or never kept */
  isGap?: true;
}

/** A piece of one speaker's bytes. */
export interface TextPiece {
  bytes: Uint8Array;
  /** offset of bytes[0] */
  offset: number;
  gaps: readonly Range[];
}

/** How a row is drawn: runs of text, and which byte each character of them stands for. */
export interface DrawnText {
  runs: { text: string; kind: TextKind }[];
  /** offset of the byte that character `n` of the row belongs to */
  offsets: number[];
}

/** 'control': a sign for what is not seen · 'invalid': no text in this encoding */
export type TextKind = Run['kind'] | 'control' | 'invalid';

const lineFeed = 0x0a;
const tabText = '→   ';
const lineFeedText = '↵';
/** The longest UTF-8 sequence (RFC 3629 §3): what a block has to read beyond its end. */
export const maxCharacterBytes = 4;

interface Character {
  bytes: number;
  text: string;
  kind: 'plain' | 'control' | 'invalid';
}

/**
 * Rows of the characters that begin in `range`; a character that begins before it belongs to whoever shows what comes before.
 *
 * @param piece covers the range, and up to 3 bytes on either side where there are any
 * @param width cells of a row, at least 8
 */
export function layoutText(piece: TextPiece, range: Range, encoding: TextEncoding, width: number): TextRow[] {
  const rows: TextRow[] = [];
  const end = range.end - piece.offset;
  let at = encoding === 'utf-8' ? firstCharacter(piece, range.start - piece.offset) : range.start - piece.offset;
  let rowStart = at;
  let cells = 0;
  const close = (to: number): void => {
    if (rowStart < to) rows.push({ start: piece.offset + rowStart, end: piece.offset + to });
    rowStart = to;
    cells = 0;
  };
  while (at < end) {
    const gap = piece.gaps.length === 0 ? undefined : piece.gaps.find((one) => one.start <= piece.offset + at && piece.offset + at < one.end);
    if (gap !== undefined) {
      close(at);
      at = Math.min(end, gap.end - piece.offset);
      rows.push({ start: piece.offset + rowStart, end: piece.offset + at, isGap: true });
      rowStart = at;
      continue;
    }
    const byte = piece.bytes[at] ?? 0;
    // Most of it is plain ASCII: nothing is made for such a character.
    const isPlain = 0x20 <= byte && byte < 0x7f;
    const character = isPlain ? undefined : characterAt(piece.bytes, at, encoding);
    const own = character === undefined ? 1 : cellsOf(character.text);
    if (width < cells + own && 0 < cells) close(at);
    cells += own;
    at += character?.bytes ?? 1;
    if (byte === lineFeed) close(at);
  }
  close(Math.max(rowStart, at));
  return rows;
}

/** @param marks what is selected and what is lit; where both are, the shorter one is seen */
export function drawText(piece: TextPiece, row: TextRow, encoding: TextEncoding, marks: { selected: Range | undefined; lit: Range | undefined }): DrawnText {
  const runs: DrawnText['runs'] = [];
  const offsets: number[] = [];
  for (let at = row.start - piece.offset; at < row.end - piece.offset; ) {
    const character = characterAt(piece.bytes, at, encoding);
    const offset = piece.offset + at;
    const kind: TextKind = markAt(marks.selected, marks.lit, offset, character.bytes) ?? character.kind;
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += character.text;
    else runs.push({ text: character.text, kind });
    for (let unit = 0; unit < character.text.length; unit++) offsets.push(offset);
    at += character.bytes;
  }
  return { runs, offsets };
}

/** The whole as text, with the same signs: what is copied or saved as shown. */
export function shownText(bytes: Uint8Array, encoding: TextEncoding): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at, encoding);
    text += character.text;
    at += character.bytes;
  }
  return text;
}

/** A block that begins inside a character leaves the rest of it to the block before. */
function firstCharacter({ bytes }: TextPiece, at: number): number {
  for (let back = 1; back < maxCharacterBytes && 0 <= at - back; back++) {
    const length = sequenceLength(bytes, at - back);
    if (1 < length) return back < length ? at - back + length : at;
    if ((bytes[at - back] ?? 0) < 0x80) return at;
  }
  return at;
}

function characterAt(bytes: Uint8Array, at: number, encoding: TextEncoding): Character {
  const byte = bytes[at] ?? 0;
  if (byte === 0x09) return { bytes: 1, text: tabText, kind: 'control' };
  if (byte === lineFeed) return { bytes: 1, text: lineFeedText, kind: 'control' };
  if (byte < 0x80 || encoding === 'latin1') {
    const text = String.fromCharCode(byte);
    const sign = signFor(text);
    return sign === undefined ? { bytes: 1, text, kind: 'plain' } : { bytes: 1, text: sign, kind: 'control' };
  }
  const length = sequenceLength(bytes, at);
  if (length === 1) return { bytes: 1, text: '\ufffd', kind: 'invalid' };
  let code = byte & (0x7f >> length);
  for (let index = 1; index < length; index++) code = (code << 6) | ((bytes[at + index] ?? 0) & 0x3f);
  const text = String.fromCodePoint(code);
  const sign = signFor(text);
  return sign === undefined ? { bytes: length, text, kind: 'plain' } : { bytes: length, text: sign, kind: 'control' };
}

/** @returns bytes of the sequence that begins here, 1 for ASCII and for what begins none (RFC 3629 §4) */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const follows = (index: number): boolean => ((bytes[at + index] ?? 0) & 0xc0) === 0x80;
  if (0xc2 <= first && first <= 0xdf) return follows(1) ? 2 : 1;
  if (0xe0 <= first && first <= 0xef) {
    const isOverlong = first === 0xe0 && second < 0xa0;
    const isSurrogate = first === 0xed && 0x9f < second;
    return follows(1) && follows(2) && !isOverlong && !isSurrogate ? 3 : 1;
  }
  if (0xf0 <= first && first <= 0xf4) {
    const isOutside = (first === 0xf0 && second < 0x90) || (first === 0xf4 && 0x8f < second);
    return follows(1) && follows(2) && follows(3) && !isOutside ? 4 : 1;
  }
  return 1;
}

/** East Asian wide characters and emoji take two cells (UAX #11, the large blocks of it). */
function cellsOf(text: string): number {
  const code = text.codePointAt(0) ?? 0;
  const isWide = (0x1100 <= code && code <= 0x115f) || (0x2e80 <= code && code <= 0xa4cf) || (0xac00 <= code && code <= 0xd7a3) || (0xf900 <= code && code <= 0xfaff)
    || (0xfe30 <= code && code <= 0xfe6f) || (0xff00 <= code && code <= 0xff60) || (0x1f300 <= code && code <= 0x1faff) || (0x20000 <= code && code <= 0x3fffd);
  return isWide ? 2 : code > 0xffff ? 1 : text.length;
}
