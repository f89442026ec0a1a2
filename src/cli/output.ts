// Text to a file descriptor, without ever blocking this thread: forwarding runs on it, and whoever reads our output may be
// slow, paused (Ctrl+S), or gone.

import { write } from 'node:fs';
import { background } from '../shared/lifecycle.js';

/** What a reader that is too slow leaves waiting at most; further lines are dropped and counted. */
const maxQueuedCharacters = 64 << 20;

/** A producer that can wait does so when this much is waiting. */
const behindCharacters = 1 << 20;

/** A pipe that another program made non-blocking answers "try again"; there is no event to wait for on a bare descriptor. */
const tryAgainMs = 5;

export class TextOutput {
  private queue: string[] = [];
  private queuedCharacters = 0;
  private writing: Promise<void> | undefined;
  private gone = false;

  /** lines that were dropped because nobody took them */
  dropped = 0;

  /** @param whenGone is told once when nobody reads any more */
  constructor(private readonly descriptor: number, private readonly whenGone: () => void = () => {}) {}

  /** Nobody reads any more: what is written goes nowhere. */
  get isGone(): boolean {
    return this.gone;
  }

  get isBehind(): boolean {
    return behindCharacters < this.queuedCharacters;
  }

  /** @param text whole lines, each with its line feed */
  write(text: string): void {
    if (this.gone) return;
    if (maxQueuedCharacters < this.queuedCharacters + text.length) {
      this.dropped += 1;
      return;
    }
    this.queue.push(text);
    this.queuedCharacters += text.length;
    if (this.writing !== undefined) return;
    this.writing = this.drain();
    background(this.writing, () => this.leave());
  }

  /** Resolves when everything is written, or nobody reads any more. */
  async drained(): Promise<void> {
    while (this.writing !== undefined) await this.writing;
  }

  private async drain(): Promise<void> {
    // Lines of one turn go out together.
    await Promise.resolve();
    while (this.queue.length > 0 && !this.gone) {
      const text = this.queue.join('');
      this.queue = [];
      await this.writeAll(Buffer.from(text, 'utf8'));
      this.queuedCharacters -= text.length;
    }
    this.writing = undefined;
  }

  private async writeAll(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length && !this.gone; ) {
      const { error, written } = await writeSome(this.descriptor, bytes, done);
      done += written;
      if (error?.code === 'EAGAIN') await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
      // EPIPE, EBADF, a full disk: whatever the reason, there is nobody left to tell.
      else if (error !== null) this.leave();
    }
  }

  private leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.queue = [];
    this.whenGone();
  }
}

function writeSome(descriptor: number, bytes: Buffer, from: number): Promise<{ error: NodeJS.ErrnoException | null; written: number }> {
  return new Promise((resolve) => {
    write(descriptor, bytes, from, bytes.length - from, null, (error, written) => resolve({ error, written: error === null ? written : 0 }));
  });
}
