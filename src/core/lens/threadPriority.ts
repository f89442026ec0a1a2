// Looking on comes after forwarding: the thread that decodes takes what the others leave.

import { setPriority } from 'node:os';

/** Beside one thread of usual priority on a busy core this one gets a quarter of it, and all of an idle one: it lags, and does not starve. */
const niceness = 5;

/**
 * Lowers the calling thread's priority. On Linux only: there a priority is a thread's, though POSIX makes it the process's, which would slow
 * forwarding as well.
 *
 * @see setpriority(2), "C library/kernel differences"
 */
export function yieldToForwarding(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, niceness);
  } catch {
    // A container may forbid it: then lens competes as an equal, and everything else stays as it is.
  }
}
