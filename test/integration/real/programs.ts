// Real servers and clients in tests: started in folders of their own, ended with the suite.
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export const isRoot = process.getuid?.() === 0;
export const isCI = /^(1|true)$/i.test(process.env['CI'] ?? '');

/** @returns path of a program on PATH or in the folders for servers, which PATH of a plain user leaves out */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export function program(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Another account to run a program as; only root may. */
export interface Account {
  uid?: number;
  gid?: number;
}

/** Everything one suite started: folders and processes, removed and ended together. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'port-prism-real-'));

  constructor() {
    // Servers that give up root's rights must be able to enter.
    chmodSync(this.folder, 0o755);
  }

  private readonly servers: { child: ChildProcess; ended: Promise<void>; signal: NodeJS.Signals }[] = [];

  /**
   * Starts a server and waits until it accepts on `port`.
   *
   * @param signal what ends it politely
   * @throws Error with what it printed, when it ends or stays deaf
   */
  async server(command: string, args: string[], port: number, options: Account & { signal?: NodeJS.Signals } = {}): Promise<void> {
    const child = spawn(command, args, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], ...accountOf(options) });
    let printed = '';
    let hasEnded = false;
    child.stdout.on('data', (data) => (printed += String(data)));
    child.stderr.on('data', (data) => (printed += String(data)));
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', (fault) => {
        printed += fault.message;
        resolve();
      });
    }).then(() => void (hasEnded = true));
    this.servers.push({ child, ended, signal: options.signal ?? 'SIGTERM' });
    const deadline = Date.now() + 30_000;
    while (!(await accepts(port))) {
      if (hasEnded) throw new Error(`${command} ended while starting: ${printed}`);
      if (Date.now() > deadline) throw new Error(`${command} does not accept on ${port}: ${printed}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async dispose(): Promise<void> {
    for (const { child, ended, signal } of this.servers.reverse()) {
      child.kill(signal);
      const firm = setTimeout(() => child.kill('SIGKILL'), 8000);
      await ended;
      clearTimeout(firm);
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function accountOf({ uid, gid }: Account): Account {
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a client to its end. @throws nothing: a failure is in the outcome */
export function client(command: string, args: string[], options: Account & { input?: string | Buffer; cwd?: string } = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, LC_ALL: 'C' }, ...accountOf(options) });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    // A client that hangs would otherwise take the whole run with it.
    const firm = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    child.once('error', (fault) => err.push(Buffer.from(fault.message)));
    child.once('close', (code) => {
      clearTimeout(firm);
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') });
    });
    // A client that does not read its input closes it; that is its business.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a client and gives its output. @throws Error with all it said when it fails */
export async function succeed(command: string, args: string[], options: Parameters<typeof client>[2] = {}): Promise<string> {
  const outcome = await client(command, args, options);
  if (outcome.code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
  return outcome.stdout;
}
