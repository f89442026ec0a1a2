// The upstreams of one route: which one next (balance), and what became of the last attempts (passive health).

import { formatAddress } from '../../../shared/address.js';
import type { UpstreamFailure, UpstreamStatus } from '../../../shared/protocol.js';
import type { Address, Balance, Destination } from '../../../shared/rules.js';

/** An upstream that failed is tried last for this long: the next client need not wait for the same failure. */
const avoidForMs = 10_000;

/** One place a route leads to, with what happened there. */
export class Upstream {
  live = 0;
  total = 0;
  private lastFailure: UpstreamFailure | undefined;
  private isFailing = false;
  private hasSucceeded = false;

  /** as written in rows, traces and messages */
  readonly text: string;

  constructor(readonly address: Address) {
    this.text = formatAddress(address);
  }

  accepted(): void {
    this.total++;
    this.hasSucceeded = true;
    this.isFailing = false;
  }

  failed(failure: UpstreamFailure): void {
    this.isFailing = true;
    this.lastFailure = failure;
  }

  shouldBeAvoided(now: number): boolean {
    return this.isFailing && this.lastFailure !== undefined && now - this.lastFailure.at < avoidForMs;
  }

  status(): UpstreamStatus {
    const health = this.isFailing ? 'failing' : this.hasSucceeded ? 'healthy' : 'unknown';
    return { address: this.text, health, live: this.live, total: this.total, ...(this.lastFailure === undefined ? {} : { lastFailure: this.lastFailure }) };
  }
}

/** Chooses among the upstreams of one destination. */
export class UpstreamPool {
  readonly upstreams: readonly Upstream[];
  private readonly balance: Balance;
  private turn = 0;

  /** @param known upstreams of the same route under earlier rules: their counts and health go on */
  constructor(destination: Destination, known: readonly Upstream[] = []) {
    this.balance = destination.balance;
    this.upstreams = destination.upstreams.map((address) => {
      const text = formatAddress(address);
      return known.find((upstream) => upstream.text === text) ?? new Upstream(address);
    });
  }

  /** @returns all upstreams in the order to try them: the balance's choice first, failing ones last (but still tried) */
  order(now: number): readonly Upstream[] {
    if (this.upstreams.length === 1) return this.upstreams;
    const ordered = this.balanced();
    const good = ordered.filter((upstream) => !upstream.shouldBeAvoided(now));
    return good.length === ordered.length ? ordered : [...good, ...ordered.filter((upstream) => upstream.shouldBeAvoided(now))];
  }

  private balanced(): Upstream[] {
    switch (this.balance) {
      case 'first':
        return [...this.upstreams];
      case 'leastConnections': {
        // The turn breaks ties, so that equally idle upstreams share new connections.
        const rotated = this.rotated();
        return rotated.sort((a, b) => a.live - b.live);
      }
      case 'roundRobin':
        return this.rotated();
    }
  }

  private rotated(): Upstream[] {
    const start = this.turn++ % this.upstreams.length;
    return [...this.upstreams.slice(start), ...this.upstreams.slice(0, start)];
  }
}
