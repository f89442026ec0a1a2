// One listener's rules as they run: compiled routes, each with its upstreams and counts.

import { formatAddress } from '../../shared/address.js';
import type { RouteStatus } from '../../shared/protocol.js';
import type { Destination, ListenerRule, VerdictTrace } from '../../shared/rules.js';
import { compileListener, type CompiledListener } from './inspect.js';
import { UpstreamPool } from './upstreams/pool.js';

/** One destination with what went there. */
export class RouteInForce {
  /** shared with the same route under earlier rules: their live flows still count down */
  readonly counts: { live: number; total: number };
  readonly pool: UpstreamPool;

  constructor(readonly name: string, destination: Destination, before: RouteInForce | undefined) {
    this.pool = new UpstreamPool(destination, before?.pool.upstreams);
    // Counts are the route's as the person knows it, by name: a changed condition does not start them anew.
    this.counts = before?.counts ?? { live: 0, total: 0 };
  }

  status(): RouteStatus {
    return { name: this.name, ...this.counts, upstreams: this.pool.upstreams.map((upstream) => upstream.status()) };
  }
}

/** Rules that flows start under. A flow keeps the ones it started under, also while it is still being inspected. */
export class RulesInForce {
  readonly compiled: CompiledListener;
  readonly routes: readonly RouteInForce[];
  readonly fallback: RouteInForce | undefined;
  /** traces by first flight; see Inspection.trace */
  readonly traces = new Map<string, VerdictTrace>();

  constructor(readonly rule: ListenerRule, before?: RulesInForce) {
    this.compiled = compileListener(rule);
    const known = new Map(before?.all().map((route) => [route.name, route]));
    this.routes = rule.routes.filter((route) => route.isEnabled).map((route) => new RouteInForce(route.name, route.to, known.get(route.name)));
    this.fallback = rule.fallback === undefined ? undefined : new RouteInForce('default', rule.fallback, before?.fallback);
  }

  /** @returns routes in order, the fallback last */
  all(): RouteInForce[] {
    return this.fallback === undefined ? [...this.routes] : [...this.routes, this.fallback];
  }
}

/** @returns whether both listen at the same place */
export function isSameAddress(a: ListenerRule['listen'], b: ListenerRule['listen']): boolean {
  return formatAddress(a) === formatAddress(b);
}
