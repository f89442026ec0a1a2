// Which program owns a client's socket, on each platform.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FlowFacts, ProcessFacts } from '../../shared/flow.js';
import { formatHost } from '../../shared/address.js';
import type { Address } from '../../shared/rules.js';
import { parseTcpTable, parseUnixTable, type SocketRow } from './procNet.js';
import { ProcScan, ancestorsOf, maxAncestors, readProcess } from './procScan.js';

export type Endpoint = FlowFacts['client'];

/** One question: who is at the client's end of this connection? */
export interface OwnerQuestion {
  client: Endpoint;
  /** our end */
  local: Endpoint;
}

/** Tools that answer about sockets are given up on after this long; PowerShell alone takes a second or two to start. */
const toolTimeoutMs = 5000;
const maxToolOutputBytes = 16 << 20;

/** Answers several questions with one look at the system. Missing answers are null: another machine's program, another user's, or gone. */
export interface SocketOwners {
  find(questions: readonly OwnerQuestion[]): Promise<(ProcessFacts | null)[]>;
  /** @returns the program that listens there */
  listening(address: Address): Promise<ProcessFacts | null>;
}

/** @returns the look-up of this platform */
export function socketOwners(platform: NodeJS.Platform = process.platform): SocketOwners {
  switch (platform) {
    case 'linux':
      return new LinuxOwners();
    case 'win32':
      return new ToolOwners(windowsSockets);
    default:
      return new ToolOwners(lsofSockets);
  }
}

class LinuxOwners implements SocketOwners {
  private readonly scan = new ProcScan();

  async find(questions: readonly OwnerQuestion[]): Promise<(ProcessFacts | null)[]> {
    const rows = await readTables();
    const byEnds = new Map(rows.filter((row) => !row.isListening).map((row) => [endsKey(row), row.inode]));
    const inodes = questions.map(({ client, local }) => ('host' in client && 'host' in local ? byEnds.get(endsKey(rowOf(client, local))) : undefined));
    const pids = await this.scan.findPids(new Set(inodes.filter((inode): inode is number => inode !== undefined && inode !== 0)));
    return inodes.map((inode) => {
      const pid = inode === undefined ? undefined : pids.get(inode);
      return (pid === undefined ? undefined : readProcess(pid)) ?? null;
    });
  }

  async listening(address: Address): Promise<ProcessFacts | null> {
    const inodes = new Set(address.kind === 'tcp' ? listeningAt(await readTables(), address).map((row) => row.inode) : parseUnixTable(await readText('/proc/net/unix'), address.path));
    const pids = await this.scan.findPids(inodes);
    for (const pid of pids.values()) return readProcess(pid) ?? null;
    return null;
  }
}

/** Several programs may listen on one port, at different addresses: what listens on this very address, else on all of them, else any. */
export function listeningAt<T extends Omit<SocketRow, 'inode'>>(rows: readonly T[], address: { host: string; port: number }): T[] {
  const onPort = rows.filter((row) => row.isListening && row.localPort === address.port);
  const exact = onPort.filter((row) => plain(row.localHost) === plain(address.host));
  if (0 < exact.length) return exact;
  const all = onPort.filter((row) => ['0.0.0.0', '::', '*'].includes(row.localHost));
  return 0 < all.length ? all : onPort;
}

async function readTables(): Promise<SocketRow[]> {
  const [four, six] = await Promise.all([readText('/proc/net/tcp'), readText('/proc/net/tcp6')]);
  return [...parseTcpTable(four), ...parseTcpTable(six)];
}

/** A table that is missing (IPv6 switched off) has no rows. */
function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

type ToolRow = Omit<SocketRow, 'inode'> & { pid: number; name: string; commandLine: string; ancestors: number[] };

/** macOS and Windows: one run of a tool lists all sockets with their processes. */
class ToolOwners implements SocketOwners {
  constructor(private readonly list: () => Promise<ToolRow[]>) {}

  async find(questions: readonly OwnerQuestion[]): Promise<(ProcessFacts | null)[]> {
    const byEnds = new Map((await this.list()).map((row) => [endsKey(row), row]));
    return questions.map(({ client, local }) => ('host' in client && 'host' in local ? toFacts(byEnds.get(endsKey(rowOf(client, local)))) : null));
  }

  async listening(address: Address): Promise<ProcessFacts | null> {
    if (address.kind !== 'tcp') return null;
    return toFacts(listeningAt(await this.list(), address)[0]);
  }
}

function toFacts(row: ToolRow | undefined): ProcessFacts | null {
  return row === undefined ? null : { pid: row.pid, name: row.name, commandLine: row.commandLine, ancestors: row.ancestors };
}

/** -F prints one field per line: p process, c command, n name, T TCP state (lsof(8), "OUTPUT FOR OTHER PROGRAMS"). */
async function lsofSockets(): Promise<ToolRow[]> {
  const [sockets, processes] = await Promise.all([run('lsof', ['-nP', '-iTCP', '-FpcnT']), run('ps', ['-axo', 'pid=,ppid='])]);
  return parseLsof(sockets, parseParents(processes));
}

/** @param text of `ps -axo pid=,ppid=` */
export function parseParents(text: string): Map<number, number> {
  const parents = new Map<number, number>();
  for (const [, pid, parent] of text.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm)) parents.set(Number(pid), Number(parent));
  return parents;
}

export function parseLsof(text: string, parents: ReadonlyMap<number, number> = new Map()): ToolRow[] {
  const rows: ToolRow[] = [];
  let pid = 0;
  let name = '';
  let ancestors: number[] = [];
  let row: ToolRow | undefined;
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) {
      pid = Number(value);
      ancestors = ancestorsOf(pid, (child) => parents.get(child));
    }
    else if (line.startsWith('c')) name = value;
    else if (line.startsWith('TST=')) {
      if (row !== undefined) row.isListening = value === 'ST=LISTEN';
    } else if (line.startsWith('n')) {
      const [local = '', remote = ''] = value.split('->');
      const ends = { ...splitEnd(local, 'local'), ...splitEnd(remote, 'remote') };
      row = { ...ends, isListening: remote === '', pid, name, commandLine: name, ancestors };
      rows.push(row);
    }
  }
  return rows;
}

function splitEnd<K extends 'local' | 'remote'>(text: string, which: K): Record<`${K}Host`, string> & Record<`${K}Port`, number> {
  const at = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(at, 0)).replace(/^\[|\]$/g, '');
  return { [`${which}Host`]: host, [`${which}Port`]: Number(text.slice(at + 1)) || 0 } as Record<`${K}Host`, string> & Record<`${K}Port`, number>;
}

// Windows keeps a parent's id after the parent has ended and the id was given to another: a parent that began after its child is none.
const windowsScript = [
  '$p=@{}; Get-CimInstance Win32_Process | ForEach-Object { $p[[int]$_.ProcessId]=$_ };',
  'Get-NetTCPConnection | ForEach-Object { $o=$p[[int]$_.OwningProcess]; $a=@(); $q=$o;',
  `while ($q -and $a.Count -lt ${maxAncestors}) { $i=[int]$q.ParentProcessId; $b=$q; $q=$p[$i]; if ($q -and $q.CreationDate -gt $b.CreationDate) { $q=$null }; if ($q) { $a+=$i } };`,
  '[pscustomobject]@{l=$_.LocalAddress;lp=$_.LocalPort;r=$_.RemoteAddress;rp=$_.RemotePort;s=[string]$_.State;p=$_.OwningProcess;n=$o.Name;c=$o.CommandLine;a=$a} } | ConvertTo-Json -Compress',
].join(' ');

async function windowsSockets(): Promise<ToolRow[]> {
  return parseWindows(await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', windowsScript]));
}

interface WindowsRow { l: string; lp: number; r: string; rp: number; s: string; p: number; n: string | null; c: string | null; a?: number[] | null }

export function parseWindows(text: string): ToolRow[] {
  if (text.trim() === '') return [];
  const parsed: unknown = JSON.parse(text);
  return (Array.isArray(parsed) ? parsed : [parsed]).map((raw: unknown) => {
    const row = raw as WindowsRow;
    const name = (row.n ?? '').replace(/\.exe$/i, '');
    return { localHost: row.l, localPort: row.lp, remoteHost: row.r, remotePort: row.rp, isListening: row.s === 'Listen', pid: row.p, name, commandLine: (row.c ?? name).slice(0, 500), ancestors: row.a ?? [] };
  });
}

/** @returns what the tool printed; nothing when it is missing, fails or takes too long: then no program is known */
function run(file: string, args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: toolTimeoutMs, maxBuffer: maxToolOutputBytes, windowsHide: true }, (_fault, output) => resolve(output));
  });
}

function rowOf(client: { host: string; port: number }, local: { host: string; port: number }): Omit<SocketRow, 'inode' | 'isListening'> {
  return { localHost: client.host, localPort: client.port, remoteHost: local.host, remotePort: local.port };
}

/** IPv4-mapped addresses and IPv4 are one: a client of 127.0.0.1 is ::ffff:127.0.0.1 to a listener on [::]. */
function endsKey(row: Omit<SocketRow, 'inode' | 'isListening'>): string {
  return `${plain(row.localHost)}:${row.localPort}>${plain(row.remoteHost)}:${row.remotePort}`;
}

function plain(host: string): string {
  return formatHost(host.replace(/^::ffff:(?=\d+\.)/i, ''));
}

/** @returns a program as messages name it */
export function programText(process: ProcessFacts): string {
  return `${basename(process.name)} (${process.pid})`;
}
