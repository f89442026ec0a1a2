// Who listens on a port, as a message names it.

import type { Address } from '../../shared/rules.js';
import { programText, socketOwners } from './socketOwner.js';

/** @returns `name (pid)`; undefined when nobody could be found (another user's program, or it has gone) */
export async function portHolder(address: Address): Promise<string | undefined> {
  const found = await socketOwners().listening(address);
  return found === null ? undefined : programText(found);
}
