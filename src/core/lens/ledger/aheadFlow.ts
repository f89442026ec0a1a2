// A flow that somebody looks at before the running decoder has come to it: decoded beside it for now, so that a short one is told at once.
// The ledger keeps the order in which messages came over all flows.

import type { Message } from '../../../shared/message.js';
import type { Replay } from './replay.js';

/** Messages that are told ahead; who has more waits for the decoder. */
const maxAhead = 5000;

export class AheadFlow {
  readonly messages: Message[] = [];
  /** everything that was recorded of it is decoded */
  isDone = false;

  constructor(private readonly replay: Replay) {}

  get layers(): string[] {
    return this.replay.layers;
  }

  /** index behind the last message */
  get nextIndex(): number {
    return (this.messages.at(-1)?.index ?? -1) + 1;
  }

  at(index: number): Message | undefined {
    return this.messages[index - (this.messages[0]?.index ?? 0)];
  }

  advance(until: number, now: () => number): void {
    this.isDone = false;
    while (this.messages.length < maxAhead) {
      if (!this.replay.next(this.messages)) {
        this.isDone = true;
        return;
      }
      if (until <= now()) return;
    }
  }
}
