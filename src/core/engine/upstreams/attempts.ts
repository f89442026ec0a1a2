// Connecting one flow: upstream after upstream, address after address, until one accepts.

import type { UpstreamFailure } from '../../../shared/protocol.js';
import { say } from '../../../shared/sentences.js';
import type { Sockets } from '../sockets.js';
import type { Target, Wire } from '../wire.js';
import type { Dialer } from './dial.js';
import type { Upstream, UpstreamPool } from './pool.js';

/** Why an upstream did not work out, as the flow's end would say it. */
export type AttemptFailure = Omit<UpstreamFailure, 'at'>;

/** What the flow hears: exactly one of the two after each `next`. */
export interface AttemptListener {
  /** A connection is under way on this wire; the flow owns it from now on and reports back with `failed` or not at all. */
  trying(wire: Wire, upstream: Upstream): void;
  /** Nothing is left to try. */
  exhausted(last: AttemptFailure): void;
  /** One upstream did not work out; the next is tried. */
  upstreamFailed(upstream: Upstream, failure: AttemptFailure): void;
}

/** The candidates of one flow, in order. */
export class Attempts {
  private readonly upstreams: readonly Upstream[];
  private at = -1;
  private targets: readonly Target[] = [];
  private targetAt = 0;
  private isOver = false;

  constructor(
    pool: UpstreamPool,
    private readonly dialer: Dialer,
    private readonly sockets: Sockets,
    private readonly now: () => number,
    private readonly listener: AttemptListener,
  ) {
    this.upstreams = pool.order(now());
  }

  /** Another upstream could still be tried. */
  get hasMore(): boolean {
    return this.at + 1 < this.upstreams.length;
  }

  start(): void {
    this.nextUpstream({ reason: 'connectFailed', detail: say`The route names no upstream.` });
  }

  /** The wire under way did not connect, or (`afterAccept`) was closed at once by the upstream. */
  failed(code: string, how: 'connecting' | 'afterAccept'): void {
    const upstream = this.upstreams[this.at];
    if (this.isOver || upstream === undefined) return;
    if (how === 'connecting' && this.targetAt < this.targets.length) {
      this.tryTarget(upstream);
      return;
    }
    this.giveUp(upstream, describe(upstream, code));
  }

  /** No more attempts: the flow has ended. */
  stop(): void {
    this.isOver = true;
  }

  private giveUp(upstream: Upstream, failure: AttemptFailure): void {
    upstream.failed({ ...failure, at: this.now() });
    this.listener.upstreamFailed(upstream, failure);
    this.nextUpstream(failure);
  }

  private nextUpstream(last: AttemptFailure): void {
    const upstream = this.upstreams[++this.at];
    if (upstream === undefined) {
      this.isOver = true;
      this.listener.exhausted(last);
      return;
    }
    this.targetAt = 0;
    const targets = this.dialer.targets(upstream.address, this.now());
    if (!(targets instanceof Promise)) {
      this.targets = targets;
      this.tryTarget(upstream);
      return;
    }
    this.targets = [];
    targets.then(
      (found) => {
        if (this.isOver || this.upstreams[this.at] !== upstream) return;
        this.targets = found;
        this.tryTarget(upstream);
      },
      (fault: NodeJS.ErrnoException) => {
        if (!this.isOver && this.upstreams[this.at] === upstream) this.giveUp(upstream, describe(upstream, fault.code ?? 'ENOTFOUND'));
      },
    );
  }

  private tryTarget(upstream: Upstream): void {
    const target = this.targets[this.targetAt++];
    if (target === undefined) this.giveUp(upstream, describe(upstream, 'ENOTFOUND'));
    else this.listener.trying(this.sockets.connect(target), upstream);
  }
}

function describe(upstream: Upstream, code: string): AttemptFailure {
  const { text } = upstream;
  switch (code) {
    case 'ECONNREFUSED':
      return { reason: 'connectRefused', detail: say`${text} refused the connection: nothing listens there.` };
    // Also while connecting: the reset may be there before we were told of the acceptance.
    case 'ECONNRESET':
      return { reason: 'connectFailed', detail: say`${text} accepted the connection and closed it at once.` };
    case 'ETIMEDOUT':
      return { reason: 'connectTimeout', detail: say`${text} did not accept the connection in time.` };
    case 'ENOENT':
      return { reason: 'connectRefused', detail: say`${text} does not exist: no program has made that socket.` };
    case 'EACCES':
    case 'EPERM':
      return { reason: 'connectFailed', detail: say`This user may not connect to ${text}.` };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { reason: 'connectFailed', detail: say`The host name of ${text} was not found.` };
    case 'EADDRNOTAVAIL':
      return { reason: 'connectFailed', detail: say`${text} could not be reached: this machine has no free local port or address for it.` };
    case 'EMFILE':
    case 'ENFILE':
      return { reason: 'connectFailed', detail: say`${text} could not be reached: too many files and sockets are open.` };
    default:
      return { reason: 'connectFailed', detail: say`${text} could not be reached (${code}).` };
  }
}

