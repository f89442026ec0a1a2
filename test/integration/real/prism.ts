// `port-prism run RULES --json` as a person starts it, and what it says about the connections it takes.
import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface PrismEvent {
  event: string;
  [key: string]: unknown;
}

/** A running command line. Events are kept from the start, so that a test may ask for one that came already. */
export class Prism {
  readonly events: PrismEvent[] = [];
  private readonly waiting = new Set<() => void>();
  private printed = '';
  private exit: number | null | undefined;
  port = 0;

  private constructor(private readonly child: ChildProcess) {}

  /**
   * @param rules JSON value of a rule file with listeners on port 0
   * @param words further ones for the command line
   */
  static async start(folder: string, rules: unknown, ...words: string[]): Promise<Prism> {
    const file = join(folder, 'port-prism.json');
    writeFileSync(file, JSON.stringify(rules, null, 2));
    const cli = join(__dirname, '..', '..', 'cli.js');
    const child = spawn(process.execPath, [cli, 'run', file, '--json', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const prism = new Prism(child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      prism.events.push(JSON.parse(line) as PrismEvent);
      prism.wake();
    });
    child.stderr.on('data', (data) => (prism.printed += String(data)));
    child.once('exit', (code) => {
      prism.exit = code;
      prism.wake();
    });
    prism.port = await prism.portOf();
    return prism;
  }

  /** @param listener by name; the first one without it */
  async portOf(listener?: string): Promise<number> {
    const listening = await this.next((event) => event.event === 'listening' && (listener === undefined || event['listener'] === listener));
    return Number(/:(\d+)$/.exec(String(listening['address']))?.[1] ?? listening['port']);
  }

  /** @returns the first event from `since` on that fits, as soon as it is there */
  async next(fits: (event: PrismEvent) => boolean, since = 0): Promise<PrismEvent> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const found = this.events.slice(since).find(fits);
      if (found !== undefined) return found;
      if (this.exit !== undefined) throw new Error(`port-prism ended with ${this.exit}: ${this.printed}`);
      if (Date.now() > deadline) throw new Error(`no such event; heard: ${JSON.stringify(this.events.slice(since), null, 1)}\n${this.printed}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Runs `work` and gives its result with the classification of the flow that `route` took meanwhile. */
  async during<T>(route: string, work: () => Promise<T>): Promise<{ result: T; classified: PrismEvent }> {
    const since = this.events.length;
    const result = await work();
    const classified = await this.next((event) => event.event === 'flow.classified' && event['route'] === route && event['protocol'] !== 'unknown', since);
    return { result, classified };
  }

  /** Ctrl+C. @returns the exit code */
  async stop(): Promise<number | null> {
    if (this.exit === undefined) {
      const ended = new Promise<void>((resolve) => this.child.once('exit', () => resolve()));
      this.child.kill('SIGINT');
      const firm = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(firm);
    }
    return this.exit ?? null;
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
