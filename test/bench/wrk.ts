// HTTP load by wrk where it is installed (it takes least of the CPU that is being measured), else by our own load process.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Load } from './loadClient.js';
import { outputOf, ownChild } from './processes.js';
import type { Sample } from './rounds.js';

export interface WebLoad {
  name: string;
  run(port: number, connections: number, seconds: number, closes: boolean): Promise<Sample>;
  stop(): Promise<void>;
}

export function webLoad(loadScript: string): WebLoad {
  const version = /wrk (\S+)/.exec(outputOf('wrk', ['--version']) ?? '')?.[1];
  if (version !== undefined) return { name: `wrk ${version}`, run: runWrk, stop: () => Promise.resolve() };
  const load = new Load(loadScript);
  return {
    name: 'own load process',
    async run(port, connections, seconds, closes) {
      const result = await load.ask({ do: closes ? 'connections' : 'requests', port, connections, seconds });
      return { perSecond: result.perSecond ?? NaN, p50Ms: result.p50Ms ?? NaN, p99Ms: result.p99Ms ?? NaN, errors: result.errors ?? 0 };
    },
    stop: () => load.stop(),
  };
}

async function runWrk(port: number, connections: number, seconds: number, closes: boolean): Promise<Sample> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...(closes ? ['-H', 'Connection: close'] : []), `http://127.0.0.1:${port}/`];
  const running = promisify(execFile)('wrk', args);
  ownChild(running.child);
  const { stdout } = await running;
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? NaN);
  const failures = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout)?.slice(1) ?? [];
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? '0';
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(/50%\s+(\S+)/.exec(stdout)?.[1]),
    p99Ms: milliseconds(/99%\s+(\S+)/.exec(stdout)?.[1]),
    errors: failures.reduce((sum, count) => sum + Number(count), Number(refused)),
  };
}

/** wrk writes 870.00us, 1.20ms, 1.02s. */
function milliseconds(text: string | undefined): number {
  const match = /^([\d.]+)(us|ms|s)$/.exec(text ?? '');
  if (match === null) return NaN;
  const scale = { us: 0.001, ms: 1, s: 1000 }[match[2] as 'us' | 'ms' | 's'];
  return Number(match[1]) * scale;
}
