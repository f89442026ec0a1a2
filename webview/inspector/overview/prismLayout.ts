// Where the stretches of the prism lie: listeners on the left, protocols in the middle, upstreams on the right. Pure arithmetic.

import type { PrismPath } from '../../../src/shared/inspect.js';

/** Rows that a strip can show; what is less busy is told as a number. */
export interface PrismLayout {
  rows: PrismRow[];
  listeners: PrismListener[];
  /** paths that found no room */
  hidden: number;
}

export interface PrismRow {
  path: PrismPath;
  /** middle of the row, in pixels from the top */
  y: number;
  /** middle of the ribbon where it leaves the listener */
  listenerY: number;
  /** thickness of the ribbon, in pixels */
  thickness: number;
  /** the same protocol stands in the row above: its name is not said again */
  repeatsProtocol: boolean;
}

export interface PrismListener {
  name: string;
  y: number;
  live: number;
}

/** more than people click */
const bulkBytesPerSecond = 1e6;

const thinPx = 2;
const thickPx = 14;

/**
 * @param heightPx of the strip
 * @param rowPx height of a row of text
 */
export function prismLayout(paths: readonly PrismPath[], heightPx: number, rowPx: number): PrismLayout {
  const most = Math.max(1, Math.floor(heightPx / rowPx));
  const busiest = [...paths].sort((a, b) => weightOf(b) - weightOf(a) || b.flows - a.flows).slice(0, most);
  // The order on the screen does not follow the rates: rows would jump.
  const shown = busiest.sort((a, b) => compare(a.listener, b.listener) || compare(a.protocol, b.protocol) || compare(a.upstream, b.upstream));
  const top = (heightPx - shown.length * rowPx) / 2;
  const thicknesses = shown.map((path) => thicknessOf(path.bytesPerSecond));
  const rows: PrismRow[] = [];
  const listeners: PrismListener[] = [];
  for (let at = 0; at < shown.length; ) {
    const { listener } = shown[at]!;
    let end = at;
    while (end < shown.length && shown[end]!.listener === listener) end += 1;
    const middle = top + ((at + end) / 2) * rowPx;
    const all = thicknesses.slice(at, end).reduce((sum, one) => sum + one, 0);
    let y = middle - all / 2;
    let live = 0;
    for (let index = at; index < end; index++) {
      const path = shown[index]!;
      const thickness = thicknesses[index]!;
      rows.push({ path, y: top + (index + 0.5) * rowPx, listenerY: y + thickness / 2, thickness, repeatsProtocol: at < index && shown[index - 1]!.protocol === path.protocol });
      y += thickness;
      live += path.live;
    }
    listeners.push({ name: listener, y: middle, live });
    at = end;
  }
  return { rows, listeners, hidden: paths.length - shown.length };
}

/** Ten times the rate is a few pixels more: a busy path must not hide a quiet one. */
export function thicknessOf(bytesPerSecond: number): number {
  if (bytesPerSecond < 1) return thinPx;
  return Math.min(thickPx, thinPx + Math.log10(bytesPerSecond) * 1.8);
}

/** By what passed so far, which changes slowly: by the rate of the moment, names would come and go. What carries bulk right now is shown all the same. */
function weightOf({ bytesPerSecond, messages, flows }: PrismPath): number {
  return (bulkBytesPerSecond < bytesPerSecond ? 1e12 : 0) + messages + flows * 10;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : b < a ? 1 : 0;
}

/** @returns an SVG path of constant thickness from (x0, y0) to (x1, y1), level at both ends */
export function ribbon(x0: number, y0: number, x1: number, y1: number): string {
  const middle = (x0 + x1) / 2;
  return `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
}
