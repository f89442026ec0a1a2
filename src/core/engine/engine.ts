// The engine: listeners under the rules in force, and what is known about them. Knows nothing of threads or VS Code.

import type { MessagePort } from 'node:worker_threads';
import { formatAddress, isExposed } from '../../shared/address.js';
import { exposureNotConfirmed, unknownListener } from '../../shared/errors.js';
import { Emitter, Owner, toDisposable } from '../../shared/lifecycle.js';
import type { EngineEvents, EngineSettings, EngineStatus } from '../../shared/protocol.js';
import type { Address, RuleSet } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { CaptureStore, segmentBytes } from '../capture/store.js';
import { BufferPool } from './buffers.js';
import { epochNow } from './clock.js';
import type { FlowContext, ProcessLookup } from './context.js';
import { Feed } from './feed.js';
import type { Flow } from './flow.js';
import type { HoldPoint } from './hold/holdPoint.js';
import { Listener, type ListenerHooks } from './listener.js';
import { isSameAddress } from './rulesInForce.js';
import type { Sockets } from './sockets.js';
import { StatusPulse } from './statusPulse.js';
import { Dialer } from './upstreams/dial.js';
import { UpstreamPrograms } from './upstreams/upstreamPrograms.js';

/** How often idle flows are looked for. */
const sweepEveryMs = 1000;

/** A direction that has been quiet for this long gives large read memory back. */
const shrinkAfterMs = 2000;

export interface EngineParts {
  sockets: Sockets;
  processes: ProcessLookup;
  /** @returns who listens there, as `name (pid)` */
  portHolder(address: Address): Promise<string | undefined>;
}

export class Engine extends Owner {
  private readonly statusChanged = this.register(new Emitter<EngineStatus>());
  private readonly logged = this.register(new Emitter<EngineEvents['notifications']['engine/log']>());
  /** at most 4 times a second, and soon after a listener changes state */
  readonly onStatus = this.statusChanged.event;
  readonly onLog = this.logged.event;

  private settings: EngineSettings = { captureMemoryMB: 0, confirmedExposures: [], resolvesProcesses: false };
  private listeners: Listener[] = [];
  /** no longer in the rules; they go when their last flow ends */
  private readonly retired = new Set<Listener>();
  private readonly flows = new Map<number, Flow>();
  private readonly store = new CaptureStore(0);
  private readonly feed: Feed;
  private readonly context: FlowContext;
  private readonly pulse: StatusPulse;
  /** "start all" was asked for: listeners that a change of rules brings or enables start with it; one stopped by hand stays stopped */
  private startsAll = false;
  private readonly wanted = new Set<string>();
  private lastFlowId = 0;
  private sweeper: NodeJS.Timeout | undefined;
  /** operations run one after the other: a start must not overtake the apply before it */
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: EngineParts) {
    super();
    const log = (level: 'info' | 'warn' | 'error', message: string): void => this.logged.fire({ level, message });
    this.feed = this.register(new Feed(this.store, () => this.flows.values(), log));
    this.context = { sockets: parts.sockets, feed: this.feed, buffers: new BufferPool(), dialer: new Dialer(), processes: parts.processes, upstreamPrograms: new UpstreamPrograms(parts.processes), holds: undefined, log };
    this.pulse = this.register(new StatusPulse((lateMs) => this.status(lateMs), (status) => this.statusChanged.fire(status)));
    this.register(toDisposable(() => this.disposeListeners()));
  }

  /** Puts rules in force as a whole. Flows under way keep the rules they started under. */
  apply(rules: RuleSet, settings: EngineSettings): Promise<EngineStatus> {
    return this.inTurn(async () => {
      this.settings = settings;
      this.store.setLimit(Math.floor((settings.captureMemoryMB * 1024 * 1024) / segmentBytes));
      this.stopThoseThatGo(rules);
      const toBind = this.adoptRules(rules);
      await this.bindAll(toBind);
      return this.status();
    });
  }

  /** Starts one listener, or all enabled ones. @throws MuxError `unknownListener` */
  start(id: string | undefined): Promise<EngineStatus> {
    return this.inTurn(async () => {
      const chosen = id === undefined ? this.listeners.filter((listener) => listener.rule.isEnabled) : [this.require(id)];
      if (id === undefined) this.startsAll = true;
      for (const listener of chosen) this.wanted.add(listener.id);
      await this.bindAll(chosen.filter((listener) => !listener.isAccepting));
      return this.status();
    });
  }

  /** Stops one listener or all; ports are free and flows closed when it resolves. @throws MuxError `unknownListener` */
  stop(id: string | undefined): Promise<EngineStatus> {
    return this.inTurn(async () => {
      const chosen = id === undefined ? [...this.listeners, ...this.retired] : [this.require(id)];
      if (id === undefined) this.startsAll = false;
      for (const listener of chosen) this.wanted.delete(listener.id);
      for (const listener of chosen) {
        listener.stopAccepting();
        listener.closeFlows();
      }
      return this.status();
    });
  }

  closeFlows(ids: readonly number[]): number {
    let closed = 0;
    for (const id of ids) {
      const flow = this.flows.get(id);
      if (flow === undefined) continue;
      flow.endNow('closedByPerson', say`Closed by hand.`, 'close');
      closed++;
    }
    return closed;
  }

  /** Messages of live and later flows may be held by `holds`; undefined = none any more: what was held has been let go. */
  useHolds(holds: HoldPoint | undefined): void {
    const { context } = this;
    if (context.holds === holds) return;
    context.holds = holds;
    for (const flow of this.flows.values()) {
      if (holds === undefined) flow.stopHolding();
      else flow.mayHold();
    }
  }

  /** Connects lens. @param firstFlowId lower ids are other engines' flows, which that lens still knows */
  attach(port: MessagePort, firstFlowId = 1): void {
    this.lastFlowId = Math.max(this.lastFlowId, firstFlowId - 1);
    this.feed.attach(port);
  }

  /** Stops everything, tells lens the ends of flows, and disposes. */
  async close(): Promise<void> {
    await this.stop(undefined);
    this.feed.flush('last');
    this.dispose();
  }

  status(lateMs = 0): EngineStatus {
    return { listeners: this.listeners.map((listener) => listener.status()), liveFlows: this.flows.size, loopDelayMs: lateMs };
  }

  private inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.queue.then(operation);
    this.queue = result.catch(() => undefined); // the caller hears it; the next operation runs all the same
    return result;
  }

  /** Frees the ports of listeners that are gone or disabled, so that others may take them. */
  private stopThoseThatGo(rules: RuleSet): void {
    const stays = new Set(rules.listeners.filter((rule) => rule.isEnabled).map((rule) => rule.id));
    for (const listener of this.listeners) if (!stays.has(listener.id)) listener.stopAccepting();
    const kept = new Set(rules.listeners.map((rule) => rule.id));
    for (const listener of this.listeners.filter((candidate) => !kept.has(candidate.id))) {
      this.wanted.delete(listener.id);
      if (listener.flows.size === 0) listener.dispose();
      else this.retired.add(listener);
    }
  }

  /** @returns listeners to bind: new ones that are wanted, moved ones, and failed ones, which a person may just have mended */
  private adoptRules(rules: RuleSet): Listener[] {
    const known = new Map(this.listeners.map((listener) => [listener.id, listener]));
    const toBind: Listener[] = [];
    this.listeners = rules.listeners.map((rule) => {
      const before = known.get(rule.id);
      const isNewlyEnabled = rule.isEnabled && before?.rule.isEnabled !== true;
      const isMoved = before !== undefined && !isSameAddress(before.rule.listen, rule.listen);
      const listener = before ?? new Listener(rule, this.context, this.hooks());
      if (before !== undefined) before.use(rule);
      if (this.startsAll && isNewlyEnabled) this.wanted.add(rule.id);
      const isWanted = rule.isEnabled && this.wanted.has(rule.id);
      if (isWanted && (isMoved || !listener.isAccepting)) toBind.push(listener);
      return listener;
    });
    this.pulse.changed();
    return toBind;
  }

  private async bindAll(listeners: readonly Listener[]): Promise<void> {
    const failed = await this.bindEach(listeners);
    if (failed.length === 0 || failed.length === listeners.length && listeners.length === 1) return;
    // A port may have been another moved listener's until a moment ago.
    const still = await this.bindEach(failed.filter((listener) => listener.error?.code === 'portInUse'));
    // Listeners that swap addresses wait for each other: then both let go first.
    const moving = still.filter((listener) => listener.isAccepting);
    if (moving.length < 2) return;
    for (const listener of moving) listener.stopAccepting();
    await this.bindEach(moving);
  }

  private async bindEach(listeners: readonly Listener[]): Promise<Listener[]> {
    const failed: Listener[] = [];
    for (const listener of listeners) {
      const address = formatAddress(listener.rule.listen);
      if (isExposed(listener.rule.listen) && !this.isConfirmed(address)) {
        listener.fail(exposureNotConfirmed(address));
        continue;
      }
      if (!(await listener.bind())) failed.push(listener);
    }
    return failed;
  }

  private isConfirmed(address: string): boolean {
    const { confirmedExposures } = this.settings;
    return confirmedExposures.includes('*') || confirmedExposures.includes(address);
  }

  private hooks(): ListenerHooks {
    return {
      nextFlowId: () => ++this.lastFlowId,
      opened: (flow) => {
        this.flows.set(flow.id, flow);
        this.sweeper ??= setInterval(() => this.sweep(), sweepEveryMs);
        this.pulse.moved();
      },
      closed: (flow, listener) => {
        this.flows.delete(flow.id);
        this.pulse.moved();
        if (listener.flows.size === 0 && this.retired.delete(listener)) listener.dispose();
        if (this.flows.size === 0) this.stopSweeping();
      },
      changed: () => this.pulse.changed(),
      portHolder: async (address) => this.ownHolder(address) ?? this.parts.portHolder(address),
      resolvesProcesses: () => this.settings.resolvesProcesses && this.feed.isOn,
    };
  }

  /** @returns our own listener that has the port: no need to look around, and a better name than our process's */
  private ownHolder(address: Address): string | undefined {
    if (address.kind !== 'tcp' || address.port === 0) return undefined;
    const holder = this.listeners.find((listener) => listener.boundPort === address.port);
    return holder === undefined ? undefined : `Port Prism's own listener ${holder.name}`;
  }

  private sweep(): void {
    const now = epochNow();
    for (const listener of [...this.listeners, ...this.retired]) listener.sweep(now, now - shrinkAfterMs);
  }

  private stopSweeping(): void {
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }

  private require(id: string): Listener {
    const listener = this.listeners.find((candidate) => candidate.id === id);
    if (listener === undefined) throw unknownListener(id);
    return listener;
  }

  private disposeListeners(): void {
    for (const listener of [...this.listeners, ...this.retired]) {
      listener.closeFlows();
      listener.dispose();
    }
    this.stopSweeping();
  }
}
