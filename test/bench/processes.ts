// Everything that runs beside the bench: started here, waited for here, ended here by its own pid.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

// Below Linux's range for outgoing connections (32768 up), so that no connection of a load generator can take the port first.
const firstPort = 20_000;
const lastPort = 30_000;
const readyWithinMs = 15_000;
const endWithinMs = 5_000;

const children = new Set<ChildProcess>();
const folders = new Set<string>();
let guard: ChildProcess | undefined;

/** From now on everything started here ends with this process, even when it is killed. @param script the bundled guard.ts */
export function startGuard(script: string): void {
  // A session of its own, so that a signal to the bench's group does not reach it.
  guard = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  const input = guard.stdin as unknown as { unref(): void; on(event: 'error', listener: () => void): void };
  input.unref();
  // Without a guard the bench still cleans up after itself on every ordinary way out.
  input.on('error', () => (guard = undefined));
}

export interface Program {
  readonly pid: number;
  /** what it wrote to stderr so far, for the sentence that says why it did not start */
  errors(): string;
  readonly hasExited: boolean;
  stop(): Promise<void>;
}

/** A folder that goes away when the bench ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'port-prism-bench-'));
  folders.add(folder);
  guard?.stdin?.write(`${folder}\n`);
  return folder;
}

/** Starts a program in the foreground. Its stdout is thrown away, its stderr kept in a file. */
export function startProgram(command: string, args: readonly string[], cwd: string): Program {
  const errorFile = join(temporaryFolder(), 'stderr.txt');
  const handle = openSync(errorFile, 'w');
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', handle] });
  closeSync(handle);
  ownChild(child);
  let fault = '';
  child.on('error', (error) => (fault = error.message));
  return {
    pid: child.pid ?? -1,
    errors: () => `${fault}${readFileSync(errorFile, 'utf8')}`.trim(),
    get hasExited() {
      return fault !== '' || child.exitCode !== null || child.signalCode !== null;
    },
    stop: () => endChild(child),
  };
}

/** The child ends with the bench at the latest. */
export function ownChild(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const { pid } = child;
  children.add(child);
  guard?.stdin?.write(`+${pid}\n`);
  child.on('exit', () => {
    children.delete(child);
    guard?.stdin?.write(`-${pid}\n`);
  });
}

/** Asks politely, then insists. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
  await gone;
  clearTimeout(insist);
}

/** Ends whatever is left. Runs on every way out of the bench. */
export function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

const given = new Set<number>();

/** @returns a port that nobody listens on, never the same twice */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
    if (given.has(port)) continue;
    given.add(port);
    if (await canListen(port)) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/**
 * Waits until a connection to the port succeeds.
 *
 * @throws when the program ends or is silent for too long, with what it said on stderr
 */
export async function waitUntilReady(port: number, program: Program, name: string): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    if (program.hasExited) throw new Error(`${name} ended at its start: ${program.errors()}`);
    if (await canConnect(port)) return;
    // A refused connection answers at once; there is no event to wait for until somebody listens.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`${name} did not listen on port ${port} within ${readyWithinMs} ms: ${program.errors()}`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** @returns what the command printed, or undefined when it is not installed */
export function outputOf(command: string, args: readonly string[]): string | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: readyWithinMs });
  if (result.error !== undefined) return undefined;
  return `${result.stdout}${result.stderr}`;
}
