// What this machine's processors do.

import { cpus } from 'node:os';
import type { ProcessorTimes } from './pace.js';

/** @returns zeros where the system does not tell. In a container those of the whole machine: then the least share is seldom in force */
export function processorTimes(): ProcessorTimes {
  let idleMs = 0;
  let allMs = 0;
  const all = cpus();
  for (const { times } of all) {
    idleMs += times.idle;
    allMs += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { count: all.length, idleMs, allMs };
}
