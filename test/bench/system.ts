// What the operating system says about a process: CPU time, memory, open-file limit. Linux only; elsewhere undefined.

import { readFileSync } from 'node:fs';

// USER_HZ, fixed at 100 for every Linux architecture Node runs on (proc(5), sysconf(3)).
const ticksPerSecond = 100;

/** User and system time of all threads, in seconds. */
export function cpuSeconds(pid: number | undefined): number | undefined {
  const stat = pid === undefined ? undefined : readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the name in parentheses and may hold blanks; utime and stime are fields 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number | undefined {
  const status = readProc(`${pid}/status`);
  const match = status === undefined ? null : /^VmRSS:\s+(\d+) kB/m.exec(status);
  return match === null ? undefined : Number(match[1]) * 1024;
}

/** How many files this process and its children may open. */
export function openFileLimit(): number {
  const limits = readProc('self/limits');
  const match = limits === undefined ? null : /^Max open files\s+(\d+)/m.exec(limits);
  return match === null ? 1024 : Number(match[1]);
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    // No such process or no /proc: both mean "not known".
    return undefined;
  }
}
