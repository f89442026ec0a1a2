// Time and bytes as places on the throughput chart. Pure arithmetic.

export interface ChartScale {
  from: number;
  to: number;
  widthPx: number;
  heightPx: number;
  /** bytes of the highest bucket; at least 1 */
  highest: number;
}

export function xOf({ from, to, widthPx }: ChartScale, at: number): number {
  return to <= from ? 0 : ((at - from) / (to - from)) * widthPx;
}

export function timeAt({ from, to, widthPx }: ChartScale, x: number): number {
  return widthPx === 0 ? from : from + (Math.min(Math.max(0, x), widthPx) / widthPx) * (to - from);
}

/** @returns an SVG path over the middles of the buckets; level at the bottom where nothing passed */
export function curve(scale: ChartScale, values: ArrayLike<number>): string {
  const { widthPx, heightPx, highest } = scale;
  if (values.length === 0) return '';
  const step = widthPx / values.length;
  let path = '';
  for (let index = 0; index < values.length; index++) {
    const y = heightPx - (values[index]! / highest) * heightPx;
    path += `${index === 0 ? 'M' : 'L'}${((index + 0.5) * step).toFixed(1)} ${y.toFixed(1)}`;
  }
  return path;
}

/** A stretch of time that was dragged over, in order; undefined when it is too narrow to be meant. */
export function brushed(scale: ChartScale, x0: number, x1: number, leastPx = 3): { from: number; to: number } | undefined {
  const [left, right] = x0 < x1 ? [x0, x1] : [x1, x0];
  if (right - left < leastPx) return undefined;
  return { from: timeAt(scale, left), to: timeAt(scale, right) };
}
