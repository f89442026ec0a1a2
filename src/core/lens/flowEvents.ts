// Says of every flow once each and in this order: opened, classified, closed. For the command line and for tasks.

import { toDisposable, type Disposable } from '../../shared/lifecycle.js';
import type { LensEvents } from '../../shared/protocol.js';
import type { FlowRecord } from './flowTable.js';

type FlowEvent = LensEvents['notifications']['lens/flow'];

/**
 * A protocol that the first bytes named may get a better name with the next ones (an HTTP upgrade, gRPC inside HTTP/2, STARTTLS).
 * The event waits this long for them: answers on a local network come sooner, and nobody who reads along minds.
 */
const answerWaitMs = 250;

export class FlowEvents implements Disposable {
  private pending: { event: FlowEvent['event']; at: number; record: FlowRecord }[] = [];
  /** flows whose protocol and route are known, since when, whose name may still change */
  private readonly waiting = new Map<FlowRecord, number>();
  private timer: Disposable | undefined;

  constructor(private readonly now: () => number, private readonly emit: (event: FlowEvent) => void) {}

  /** Looks at a flow that changed, and notes what is to be said about it. */
  note(record: FlowRecord, at: number): void {
    const { sent, facts } = record;
    if (!sent.opened) {
      sent.opened = true;
      this.pending.push({ event: 'opened', at: facts.openedAt, record });
    }
    const closedAt = Math.max(facts.closedAt ?? at, at);
    if (!sent.classified) {
      if (record.isClosed) this.classified(record, closedAt);
      else if (facts.route !== undefined && isKnown(record)) this.wait(record, Math.max(at, facts.decidedAt ?? 0));
    }
    if (record.isClosed && !sent.closed) {
      sent.closed = true;
      this.pending.push({ event: 'closed', at: closedAt, record });
    }
  }

  /** Sends what was noted, in the order it happened. */
  send(): void {
    if (this.pending.length === 0) return;
    const events = this.pending.sort((a, b) => a.at - b.at);
    this.pending = [];
    for (const { event, at, record } of events) {
      this.emit({ event, at, flow: record.facts, classification: record.classification, totals: { client: record.totals[0], upstream: record.totals[1] } });
    }
  }

  dispose(): void {
    this.timer?.dispose();
    this.timer = undefined;
    this.waiting.clear();
  }

  private wait(record: FlowRecord, at: number): void {
    if (record.classifying.isSettled) {
      this.classified(record, at);
      return;
    }
    if (!this.waiting.has(record)) this.waiting.set(record, this.now());
    this.timer ??= this.later(answerWaitMs);
  }

  private classified(record: FlowRecord, at: number): void {
    record.sent.classified = true;
    this.waiting.delete(record);
    this.pending.push({ event: 'classified', at, record });
  }

  private later(delayMs: number): Disposable {
    const timer = setTimeout(() => {
      this.timer = undefined;
      const now = this.now();
      for (const [record, since] of this.waiting) {
        if (now - since < answerWaitMs) {
          this.timer = this.later(answerWaitMs - (now - since));
          break;
        }
        this.classified(record, now);
      }
      this.send();
    }, delayMs);
    return toDisposable(() => clearTimeout(timer));
  }
}

function isKnown(record: FlowRecord): boolean {
  return record.classification.protocol !== 'unknown' || record.classifying.isSettled;
}
