// Linux: which process holds a socket. The kernel has no index from inode to process, so /proc/*/fd is walked (as ss and lsof do),
// in slices, since this runs on the thread that forwards.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { basename } from 'node:path';
import type { ProcessFacts } from '../../shared/flow.js';

/** Work done between two turns of the event loop, in milliseconds. A read of a link takes about 2 µs. */
const sliceMs = 1;

/** Command lines are cut at this many characters (FlowFacts). */
const maxCommandLine = 500;

/** Parents are followed this far up. Nothing real is deeper, and a table that changes while it is read must not lead in circles. */
export const maxAncestors = 32;

/** Owners of sockets seen before; forgotten as a whole when there are this many. */
const maxKnown = 10_000;

/** Walks processes; remembers who owned sockets, since the same programs connect again and again. */
export class ProcScan {
  private readonly owners = new Map<number, number>();
  private frequentPids: number[] = [];

  /** @returns the process id per inode that could be found; other users' processes cannot be read */
  async findPids(inodes: ReadonlySet<number>): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    for (const inode of inodes) {
      const pid = this.owners.get(inode);
      if (pid !== undefined && ownsSocket(pid, inode)) found.set(inode, pid);
    }
    let sliceEnd = performance.now() + sliceMs;
    for (const pid of this.candidates()) {
      if (found.size === inodes.size) break;
      for (const inode of socketsOf(pid)) {
        if (!inodes.has(inode)) continue;
        found.set(inode, pid);
        this.remember(inode, pid);
      }
      if (sliceEnd < performance.now()) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
    }
    return found;
  }

  /** Programs that connected before come first, then the newest: short-lived clients have the highest ids. */
  private *candidates(): Iterable<number> {
    yield* this.frequentPids;
    const known = new Set(this.frequentPids);
    const pids = readNames('/proc').map(Number).filter((pid) => Number.isInteger(pid) && !known.has(pid));
    yield* pids.sort((a, b) => b - a);
  }

  private remember(inode: number, pid: number): void {
    if (maxKnown <= this.owners.size) this.owners.clear();
    this.owners.set(inode, pid);
    this.frequentPids = [pid, ...this.frequentPids.filter((other) => other !== pid)].slice(0, 16);
  }
}

/** @returns undefined when the process is gone */
export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter((word) => word !== '');
    return { pid, name: programName(pid), commandLine: words.join(' ').slice(0, maxCommandLine), ancestors: ancestorsOf(pid, parentOf) };
  } catch {
    // Ended meanwhile, or another user's: nothing to show.
    return undefined;
  }
}

/** @param parent the parent's id; undefined when the process is gone @returns parent, grandparent and so on, without process 0 */
export function ancestorsOf(pid: number, parent: (pid: number) => number | undefined): number[] {
  const ancestors: number[] = [];
  for (let next = parent(pid); next !== undefined && 0 < next && ancestors.length < maxAncestors; next = parent(next)) ancestors.push(next);
  return ancestors;
}

function parentOf(pid: number): number | undefined {
  try {
    return parseParent(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined; // ended meanwhile: what is above it is not known
  }
}

/** @param stat of /proc/PID/stat: id, name in parentheses (which may hold spaces and parentheses), state, parent's id (proc_pid_stat(5)) */
export function parseParent(stat: string): number | undefined {
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 1).trim().split(' ')[1]);
  return Number.isInteger(parent) ? parent : undefined;
}

/** The program file's name; the kernel's short name (15 characters) where the link cannot be read. */
function programName(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
  } catch {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  }
}

function ownsSocket(pid: number, inode: number): boolean {
  for (const held of socketsOf(pid)) if (held === inode) return true;
  return false;
}

function* socketsOf(pid: number): Iterable<number> {
  for (const name of readNames(`/proc/${pid}/fd`)) {
    let link: string;
    try {
      link = readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      continue; // closed meanwhile
    }
    if (link.startsWith('socket:[')) yield Number(link.slice(8, -1));
  }
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // gone, or not ours to read
  }
}
