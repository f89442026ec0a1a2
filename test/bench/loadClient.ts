// Talks to a load process (load.ts): one command at a time, one answer each.

import { fork, type ChildProcess } from 'node:child_process';
import { endChild, ownChild } from './processes.js';

export type LoadCommand =
  /** answers with `port`; `sends`: streams to whoever says a first byte, else swallows */
  | { do: 'serveBulk'; sends: boolean }
  | { do: 'serveWeb' }
  /** one flow for some seconds; `sends` = from client to upstream */
  | { do: 'bulk'; port: number; sends: boolean; seconds: number }
  | { do: 'bulkReceived' }
  | { do: 'requests'; port: number; connections: number; seconds: number }
  | { do: 'connections'; port: number; connections: number; seconds: number }
  | { do: 'hold'; port: number; connections: number }
  | { do: 'release' };

export interface LoadResult {
  port?: number;
  /** after a short warm-up */
  bytesPerSecond?: number;
  totalBytes?: number;
  perSecond?: number;
  p50Ms?: number;
  p99Ms?: number;
  /** connections that failed */
  errors?: number;
}

export type LoadAnswer = { result: LoadResult } | { error: string };

export class Load {
  private readonly child: ChildProcess;

  /** @param script the bundled load.ts */
  constructor(script: string) {
    this.child = fork(script, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    ownChild(this.child);
  }

  ask(command: LoadCommand): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error(`the load process ended during "${command.do}"`));
      this.child.once('exit', ended);
      this.child.once('message', (answer: LoadAnswer) => {
        this.child.off('exit', ended);
        if ('error' in answer) reject(new Error(`load process, "${command.do}": ${answer.error}`));
        else resolve(answer.result);
      });
      this.child.send(command);
    });
  }

  async port(command: LoadCommand): Promise<number> {
    const { port } = await this.ask(command);
    if (port === undefined) throw new Error(`the load process did not say its port`);
    return port;
  }

  stop(): Promise<void> {
    return endChild(this.child);
  }
}
