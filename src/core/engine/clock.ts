// Time as records carry it.

const origin = performance.timeOrigin;

/** @returns epoch milliseconds with a fraction; never goes back while the process lives */
export function epochNow(): number {
  return origin + performance.now();
}
