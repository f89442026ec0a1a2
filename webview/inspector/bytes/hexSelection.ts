// The selection in the hex view: where it began, where the cursor is. Pure: every move gives a new selection.

/** Both are offsets of bytes that are selected; anchor stays when the selection grows. */
export interface HexSelection {
  anchor: number;
  cursor: number;
}

/** Bytes per row, and rows that the view shows. */
export interface HexLayout {
  columns: number;
  pageRows: number;
}

/** What a key asks for. */
export type HexMove = 'left' | 'right' | 'up' | 'down' | 'pageUp' | 'pageDown' | 'rowStart' | 'rowEnd' | 'start' | 'end';

/** @returns [start, end) */
export function selectedRange(selection: HexSelection): { start: number; end: number } {
  return { start: Math.min(selection.anchor, selection.cursor), end: Math.max(selection.anchor, selection.cursor) + 1 };
}

export function selectionOf(start: number, end: number): HexSelection {
  return { anchor: start, cursor: Math.max(start, end - 1) };
}

/**
 * @param extends_ Shift: the anchor stays
 * @param total bytes in all; with none there is nothing to select
 */
export function moveSelection(selection: HexSelection | undefined, move: HexMove, extends_: boolean, total: number, view: HexLayout): HexSelection | undefined {
  if (total === 0) return undefined;
  if (selection === undefined) return { anchor: 0, cursor: 0 };
  const cursor = Math.min(total - 1, Math.max(0, moved(selection.cursor, move, total, view)));
  return { anchor: extends_ ? selection.anchor : cursor, cursor };
}

function moved(cursor: number, move: HexMove, total: number, { columns: bytesPerRow, pageRows }: HexLayout): number {
  const column = cursor % bytesPerRow;
  const last = total - 1;
  // Up and down keep the column, and stay where they are when there is no row that way.
  const vertical = (rows: number): number => {
    const target = cursor + rows * bytesPerRow;
    if (target < 0) return rows === -1 ? cursor : column;
    if (target > last) return rows === 1 && Math.floor(cursor / bytesPerRow) === Math.floor(last / bytesPerRow) ? cursor : last;
    return target;
  };
  switch (move) {
    case 'left': return cursor - 1;
    case 'right': return cursor + 1;
    case 'up': return vertical(-1);
    case 'down': return vertical(1);
    case 'pageUp': return vertical(-Math.max(2, pageRows));
    case 'pageDown': return vertical(Math.max(2, pageRows));
    case 'rowStart': return cursor - column;
    case 'rowEnd': return cursor - column + bytesPerRow - 1;
    case 'start': return 0;
    case 'end': return last;
  }
}

/** Reads "0x1a6", "1a6h" and "$1a6" as hex, "422" as decimal, "+16"/"-0x10" from the cursor. @returns undefined when it is no offset of the bytes there are */
export function parseOffset(text: string, cursor: number, total: number): number | undefined {
  const match = /^([+-]?)(?:(?:0x|\$)([0-9a-f]+)|([0-9a-f]+)h|([0-9]+))$/i.exec(text.trim().replace(/[\s_,]/g, ''));
  if (match === null) return undefined;
  const [, sign, prefixed, suffixed, decimal] = match;
  const value = decimal === undefined ? parseInt(prefixed ?? suffixed ?? '', 16) : parseInt(decimal, 10);
  const offset = sign === '+' ? cursor + value : sign === '-' ? cursor - value : value;
  return offset >= 0 && offset < total ? offset : undefined;
}
