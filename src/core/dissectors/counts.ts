// Numbers as a person reads them in a summary.

/** @returns `16,384` */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @returns `1 byte`, `1,200 bytes`; `3 entries` with another `unit` and its plural */
export function counted(count: number, unit = 'byte', units = `${unit}s`): string {
  return count === 1 ? `1 ${unit}` : `${grouped(count)} ${units}`;
}
