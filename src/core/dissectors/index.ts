// Every protocol that is decoded, by catalogue id.
//
// To add one: NAME.ts with a `Dissector`, a row here, decode vectors in test/conformance/NAME.md.

import type { Dissector } from './dissector.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';

export { FlowDissector } from './flowDissector.js';

const dissectors: readonly Dissector<unknown>[] = [postgres, redis];

const byId = new Map(dissectors.map((dissector) => [dissector.id, dissector]));

/** @param id catalogue id @returns undefined for a protocol that is recognised only, or not known */
export function dissectorOf(id: string): Dissector<unknown> | undefined {
  return byId.get(id);
}

/** Catalogue ids of what is decoded, for tables. */
export function decodedProtocols(): string[] {
  return [...byId.keys()];
}
