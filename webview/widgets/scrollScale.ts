// Where a row stands when the list is taller than a browser element can be. Pure arithmetic.

/**
 * Tallest element that is drawn right everywhere: Chromium keeps layout positions in 1/64 px in 32 bits (2^31 / 64 = 33.5 million
 * device pixels), and a device pixel ratio of 3 must still fit.
 */
export const maxElementHeightPx = 10_000_000;

/** The list as the scroll bar sees it. */
export interface ScrollScale {
  /** height of the element that makes the scroll bar */
  elementPx: number;
  /** height that the rows would really have */
  contentPx: number;
  viewportPx: number;
  /** the list is taller than its element, so one pixel of scroll bar is several of content */
  isScaled: boolean;
}

export function scrollScale(rows: number, rowHeightPx: number, viewportPx: number): ScrollScale {
  const contentPx = rows * rowHeightPx;
  const elementPx = Math.min(contentPx, maxElementHeightPx);
  return { elementPx, contentPx, viewportPx, isScaled: contentPx > elementPx };
}

/** @returns how far the content can be scrolled */
export function maxContentTop(scale: ScrollScale): number {
  return Math.max(0, scale.contentPx - scale.viewportPx);
}

/** Both ends meet: scroll bar at its end = last row at the bottom. */
export function contentTop(scale: ScrollScale, scrollTop: number): number {
  const maxScroll = scale.elementPx - scale.viewportPx;
  if (maxScroll <= 0) return 0;
  const top = scale.isScaled ? (scrollTop / maxScroll) * maxContentTop(scale) : scrollTop;
  return clampTop(scale, top);
}

export function scrollTopFor(scale: ScrollScale, top: number): number {
  if (!scale.isScaled) return clampTop(scale, top);
  const max = maxContentTop(scale);
  return max === 0 ? 0 : (clampTop(scale, top) / max) * (scale.elementPx - scale.viewportPx);
}

export function clampTop(scale: ScrollScale, top: number): number {
  return Math.min(Math.max(0, top), maxContentTop(scale));
}

/** Rows [start, end) that touch the viewport. */
export function rowsInView(top: number, viewportPx: number, rowHeightPx: number, rows: number): { start: number; end: number } {
  const start = Math.min(rows, Math.max(0, Math.floor(top / rowHeightPx)));
  const end = Math.min(rows, Math.ceil((top + viewportPx) / rowHeightPx));
  return { start, end: Math.max(start, end) };
}
