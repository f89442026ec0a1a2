// Mouse on the hex view: which byte is under the pointer, and selecting by dragging, also past the edge.

import { consume } from '../../widgets/dom.js';
import type { VirtualList } from '../../widgets/virtualList.js';
import { columnAtHex, columnAtText } from './hexRows.js';

export type HexSide = 'hex' | 'text';

export interface HexMouse {
  /** @param keepsInside the menu button was pressed: a selection under the pointer stays */
  press(offset: number, side: HexSide, extends_: boolean, keepsInside: boolean): void;
  drag(offset: number): void;
}

/** @param columns bytes per row now */
export function trackHexMouse(list: VirtualList, rowHeightPx: number, columns: () => number, mouse: HexMouse): void {
  const viewport = list.viewport;
  viewport.addEventListener('mousedown', (down) => {
    const cell = down.target instanceof Element ? down.target.closest<HTMLElement>('.hex-bytes, .hex-text') : null;
    if (cell === null) return;
    const side: HexSide = cell.classList.contains('hex-text') ? 'text' : 'hex';
    const left = cell.getBoundingClientRect().left;
    const characterPx = measureCharacter(cell);
    const offsetAt = (x: number, y: number): number => {
      const row = Math.floor((y - viewport.getBoundingClientRect().top + list.contentTopPx) / rowHeightPx);
      const characters = (x - left) / characterPx;
      const perRow = columns();
      return row * perRow + (side === 'hex' ? columnAtHex(characters, perRow) : columnAtText(characters, perRow));
    };
    consume(down);
    mouse.press(offsetAt(down.clientX, down.clientY), side, down.shiftKey, down.button !== 0);
    if (down.button !== 0) return;

    let at = { x: down.clientX, y: down.clientY };
    let frame = 0;
    // Past the edge the view scrolls on for as long as the button is held.
    const scrollOn = (): void => {
      const box = viewport.getBoundingClientRect();
      const beyond = at.y < box.top ? at.y - box.top : at.y > box.bottom ? at.y - box.bottom : 0;
      if (beyond !== 0) {
        list.scrollToPx(list.contentTopPx + beyond);
        mouse.drag(offsetAt(at.x, at.y));
      }
      frame = requestAnimationFrame(scrollOn);
    };
    const move = (event: MouseEvent): void => {
      at = { x: event.clientX, y: event.clientY };
      mouse.drag(offsetAt(at.x, at.y));
    };
    const up = (): void => {
      cancelAnimationFrame(frame);
      window.removeEventListener('mousemove', move);
    };
    window.addEventListener('mousemove', move);
    window.addEventListener('mouseup', up, { once: true });
    frame = requestAnimationFrame(scrollOn);
  });
}

/** Width of one character of an element's font; many are measured since one is rounded. */
export function measureCharacter(element: HTMLElement): number {
  const probe = document.createElement('span');
  probe.textContent = '0'.repeat(100);
  probe.className = 'hex-probe';
  element.append(probe);
  const width = probe.getBoundingClientRect().width / 100;
  probe.remove();
  return width === 0 ? 1 : width;
}
