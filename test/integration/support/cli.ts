// `port-prism` as a person starts it: the built command as a process, what it prints, how it ends.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CliEvent {
  event: string;
  time: string;
  [key: string]: unknown;
}

const cliFile = join(__dirname, '..', '..', 'cli.js');

/** Waiting longer means that it does not come; mocha's own limit would not say what was printed instead. */
const patienceMs = 10_000;

export class Cli {
  stdout = '';
  stderr = '';
  private readonly waiting = new Set<() => void>();
  private readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private hasEnded = false;

  private constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.heard(() => (this.stdout += text)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.heard(() => (this.stderr += text)));
    // A process that ended early hears no more input; its exit code says so.
    child.stdin.on('error', () => {});
    this.ended = new Promise((resolve) =>
      child.once('close', (code, signal) => {
        this.heard(() => (this.hasEnded = true));
        resolve({ code, signal });
      }),
    );
  }

  static start(...words: string[]): Cli {
    return new Cli(spawn(process.execPath, [cliFile, ...words], { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Whole lines so far, as events. */
  get events(): CliEvent[] {
    return this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as CliEvent);
  }

  eventsOf(flow: number): string[] {
    return this.events.filter((event) => event['flow'] === flow).map((event) => event.event);
  }

  async portOf(listener?: string): Promise<number> {
    const { address } = await this.event((event) => event.event === 'listening' && (listener === undefined || event['listener'] === listener));
    return Number(String(address).replace(/^.*:/, ''));
  }

  async event(fits: (event: CliEvent) => boolean): Promise<CliEvent> {
    return this.until(() => this.events.find(fits), 'event');
  }

  /** @returns what `look` finds, as soon as something printed makes it find something */
  async until<T>(look: () => T | undefined, what: string): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.hasEnded || deadline < Date.now()) throw new Error(`no such ${what}${this.hasEnded ? ', and it ended' : ''}. It said:\n${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Gives it input to its end, and waits for its exit. */
  async finish(input = ''): Promise<number | null> {
    this.child.stdin.end(input);
    return (await this.exit()).code;
  }

  exit(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.ended;
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    return (await this.ended).code;
  }

  /** For teardown: whatever state it is in. */
  async end(): Promise<void> {
    if (!this.hasEnded) this.child.kill('SIGKILL');
    await this.ended;
  }

  private heard(note: () => void): void {
    note();
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** What a test makes and has to end: processes, servers, a folder. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'port-prism-cli-'));
  private readonly endings: (() => Promise<unknown> | void)[] = [];

  /** Starts `run --json` and waits for its first listener. */
  async run(rules: string, ...words: string[]): Promise<Cli & { port: number }> {
    const cli = Cli.start('run', rules, '--json', ...words);
    this.keep(cli);
    return Object.assign(cli, { port: await cli.portOf() });
  }

  start(...words: string[]): Cli {
    return this.keep(Cli.start(...words));
  }

  /** @returns port of a server on 127.0.0.1 */
  async server(connected: (socket: net.Socket) => void): Promise<number> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      connected(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.endings.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return (server.address() as net.AddressInfo).port;
  }

  /** Answers everything with `name:` before it, and closes when the client does. */
  echo(name: string): Promise<number> {
    return this.server((socket) => socket.on('data', (bytes) => socket.write(`${name}:${bytes.toString('latin1')}`)).on('end', () => socket.end()));
  }

  /** @returns the file's path */
  rules(value: unknown, name = 'port-prism.json'): string {
    const file = join(this.folder, name);
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value, null, 2));
    return file;
  }

  async end(): Promise<void> {
    for (const ending of this.endings.reverse()) await ending();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private keep(cli: Cli): Cli {
    this.endings.push(() => cli.end());
    return cli;
  }
}

/** A connection that is spoken over: says, hears, ends. */
export class Talk {
  heard = '';
  private readonly closed: Promise<unknown>;

  private constructor(readonly socket: net.Socket) {
    socket.setEncoding('latin1').on('data', (text) => (this.heard += String(text)));
    socket.on('error', () => {});
    this.closed = once(socket, 'close');
  }

  static async open(to: number | string): Promise<Talk> {
    const socket = typeof to === 'number' ? net.connect(to, '127.0.0.1') : net.connect(to);
    const talk = new Talk(socket);
    await once(socket, 'connect');
    return talk;
  }

  /** Says something, and waits until the answer has come as a whole. */
  async ask(text: string, answer: string): Promise<void> {
    const before = this.heard.length;
    this.socket.write(text, 'latin1');
    while (!this.heard.slice(before).includes(answer)) await Promise.race([once(this.socket, 'data'), this.closed.then(() => Promise.reject(new Error(`closed after "${this.heard}"`)))]);
  }

  /** Ends its side and waits until the other side has ended too. */
  async end(): Promise<string> {
    this.socket.end();
    await this.closed;
    return this.heard;
  }

  async untilClosed(): Promise<void> {
    await this.closed;
  }
}
