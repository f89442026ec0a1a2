// What keys and clicks mean in a list: to which row, and what becomes of the rows that are chosen.

/** How a person went to a row: to it alone, adding or taking it (Ctrl), up to it (Shift), up to it beside what is chosen (both), for its menu, or without choosing. */
export type Reach = 'only' | 'toggle' | 'range' | 'further' | 'menu' | 'move';

export interface ListPlace {
  /** the keyboard's row; -1 = none */
  at: number;
  pageRows: number;
  count: number;
  /** several rows may be chosen at once */
  isMulti: boolean;
}

/** @returns where a key leads; undefined = it means nothing here */
export function keyInList({ key, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent, { at, pageRows, count, isMulti }: ListPlace): { to: number; reach: Reach } | 'open' | 'all' | 'one' | undefined {
  if (altKey || count === 0 || (metaKey && !isMulti)) return undefined;
  const isAdding = ctrlKey || metaKey;
  const reach: Reach = !isMulti ? 'only' : shiftKey ? (isAdding ? 'further' : 'range') : isAdding ? 'move' : 'only';
  const moved = (to: number): { to: number; reach: Reach } => ({ to: Math.min(Math.max(0, to), count - 1), reach });
  switch (key) {
    case 'ArrowDown': return moved(at + 1);
    case 'ArrowUp': return moved(at - 1);
    case 'PageDown': return moved(at + pageRows);
    case 'PageUp': return moved(at - pageRows);
    case 'Home': return moved(0);
    case 'End': return moved(count - 1);
    case 'Enter': return at < 0 ? undefined : 'open';
    case ' ':
      if (at < 0) return undefined;
      if (!isMulti || !(isAdding || shiftKey)) return 'open';
      return shiftKey ? moved(at) : { to: at, reach: 'toggle' };
    case 'a':
    case 'A': return isMulti && isAdding && !shiftKey ? 'all' : undefined;
    case 'Escape': return isMulti ? 'one' : undefined;
    default: return undefined;
  }
}

/** On a Mac, Ctrl with the mouse asks for the menu, and Cmd is what Ctrl is elsewhere. */
const isMac = /^Mac/.test(globalThis.navigator?.platform ?? '');

export function reachOfMouse({ button, ctrlKey, metaKey, shiftKey }: MouseEvent): Reach {
  if (button === 2 || (isMac && ctrlKey)) return 'menu';
  const isAdding = isMac ? metaKey : ctrlKey;
  return shiftKey ? (isAdding ? 'further' : 'range') : isAdding ? 'toggle' : 'only';
}
