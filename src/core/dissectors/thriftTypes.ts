// Thrift's numbers (thrift-binary-protocol.md, thrift-compact-protocol.md) that measuring and reading share.

/** Types of the compact protocol as the binary protocol numbers them; both kinds of boolean are one type. */
export const compactTypes = [0, 2, 2, 3, 6, 8, 10, 4, 11, 15, 14, 13, 12, 16];

/** @returns -1 for a number that is no type */
export function typeOf(types: readonly number[], code: number): number {
  return types[code] ?? -1;
}

/** Method names are identifiers, with `Service:` before them when multiplexed. */
export const maxNameBytes = 1024;

export const messageTypes: Readonly<Record<number, string>> = { 1: 'call', 2: 'reply', 3: 'exception', 4: 'oneway' };
