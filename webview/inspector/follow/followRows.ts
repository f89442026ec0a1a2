// Rows of a conversation: what either side said, in the order in which it was said, as text, hex or decoded lines. Pure.

import type { ChunkRow, Speaker } from '../../../src/shared/flow.js';
import type { Range } from '../../../src/shared/message.js';
import type { MessageRow } from '../../../src/shared/protocol.js';
import { hexWidth } from '../bytes/hexRows.js';
import { layoutText, type TextPiece } from '../bytes/textLayout.js';

export type FollowForm = 'text' | 'hex' | 'decoded' | 'reads';
export type FollowSides = 'both' | Speaker;

/** One row; `piece` has its bytes, `message` stands where it is decoded. */
export interface FollowRow {
  from: Speaker;
  range: Range;
  /** epoch milliseconds; only on the first row of what one side said in one go */
  at?: number;
  piece?: TextPiece;
  isGap?: true;
  message?: MessageRow;
}

/** Neighbouring chunks of one side: what it said before the other one spoke. */
export interface Turn {
  from: Speaker;
  range: Range;
  at: number;
}

/** @returns bytes in a row of hex, with offset and characters, that fit into so many cells */
export function followHexBytes(width: number): number {
  return 2 + 8 + hexWidth(16) + 2 + 16 <= width ? 16 : 8;
}

/** @param chunks in the order read; those of a side that is not asked for are left out, and end no turn of the other */
export function turnsOf(chunks: readonly ChunkRow[], sides: FollowSides): Turn[] {
  const turns: Turn[] = [];
  for (const { from, offset, length, at } of chunks) {
    if (sides !== 'both' && from !== sides) continue;
    const last = turns.at(-1);
    if (last !== undefined && last.from === from && last.range.end === offset) last.range.end += length;
    else turns.push({ from, range: { start: offset, end: offset + length }, at });
  }
  return turns;
}

export function textRows(turn: Turn, piece: TextPiece, width: number): FollowRow[] {
  const rows = layoutText(piece, turn.range, 'utf-8', width);
  return rows.map(({ start, end, isGap }, index) => ({ from: turn.from, range: { start, end }, piece, ...(isGap === true ? { isGap } : {}), ...(index === 0 ? { at: turn.at } : {}) }));
}

export function hexRows(turn: Turn, piece: TextPiece, columns: number): FollowRow[] {
  const rows: FollowRow[] = [];
  for (let start = turn.range.start; start < turn.range.end; start += columns) {
    rows.push({ from: turn.from, range: { start, end: Math.min(turn.range.end, start + columns) }, piece, ...(start === turn.range.start ? { at: turn.at } : {}) });
  }
  return rows;
}

export function decodedRows(messages: readonly MessageRow[], sides: FollowSides): FollowRow[] {
  return messages.filter(({ from }) => sides === 'both' || from === sides).map((message) => ({ from: message.from, range: message.range, at: message.startedAt, message }));
}
