// When status snapshots go out: at once when a listener changes, at most 4 times a second while flows move, not at all otherwise.

import type { Disposable } from '../../shared/lifecycle.js';
import type { EngineStatus } from '../../shared/protocol.js';

const pulseMs = 250;

/** Sends snapshots while there is something new in them. */
export class StatusPulse implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;
  private dueAt = 0;
  private lateMs = 0;
  private hasMoved = false;
  private isDisposed = false;

  /** @param take makes a snapshot; given how late the event loop was at worst, as far as this timer could tell */
  constructor(
    private readonly take: (lateMs: number) => EngineStatus,
    private readonly send: (status: EngineStatus) => void,
  ) {}

  /** A listener changed its state: the person should see that now. */
  changed(): void {
    if (this.isDisposed) return;
    this.soon ??= setImmediate(() => this.emit());
  }

  /** A flow opened or closed. Bytes are noticed by the pulse itself while flows live. */
  moved(): void {
    this.hasMoved = true;
    if (this.timer === undefined && !this.isDisposed) this.arm();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.timer);
    clearImmediate(this.soon);
  }

  private arm(): void {
    this.dueAt = performance.now() + pulseMs;
    this.timer = setTimeout(() => this.beat(), pulseMs);
  }

  private beat(): void {
    this.timer = undefined;
    this.lateMs = Math.max(this.lateMs, performance.now() - this.dueAt);
    const status = this.emit();
    // Rates fall to nothing over a second or two after the last flow: go on until then.
    const isBusy = 0 < status.liveFlows || status.listeners.some((listener) => 0 < listener.bytesPerSecond);
    if ((isBusy || this.hasMoved) && !this.isDisposed) this.arm();
    this.hasMoved = false;
  }

  private emit(): EngineStatus {
    this.soon = undefined;
    const status = this.take(this.lateMs);
    this.lateMs = 0;
    this.send(status);
    return status;
  }
}
