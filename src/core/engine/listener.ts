// One bound port (or socket path): accepts, counts, and keeps the deadlines of its flows.

import { unlinkSync } from 'node:fs';
import net from 'node:net';
import { toErrorData, type ErrorData, type MuxError } from '../../shared/errors.js';
import { Owner, toDisposable } from '../../shared/lifecycle.js';
import type { ListenerState, ListenerStatus } from '../../shared/protocol.js';
import type { Address, ListenerRule } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import type { FlowContext } from './context.js';
import { Deadlines } from './deadlines.js';
import { Flow, type FlowOwner } from './flow.js';
import { listenFault } from './listenFault.js';
import { RateMeter } from './rateMeter.js';
import { RulesInForce } from './rulesInForce.js';
import type { Endpoint, Wire } from './wire.js';

/** Connections that the kernel completes before we accept them: a burst as large as Linux allows by default (somaxconn). */
const backlog = 4096;

/**
 * When connections come so fast that look-ups cannot keep up, a flow's programs are looked up once it has lived this long. Thousands of short ones a second would have the system's socket
 * table read again and again (megabytes of it, with their TIME_WAITs), and would be kept from the collector while they wait to be named. The upstream has accepted by then, too.
 */
const nameAfterMs = 150;

/**
 * Time for the first request of an HTTP/2 client that has heard our SETTINGS, in milliseconds: it waits for nothing, so a wrong early
 * guess would be worse. Clients give up on the acknowledgement of their own SETTINGS after 10 s (nghttp2) or never.
 */
const firstRequestMs = 3000;

export interface ListenerHooks {
  nextFlowId(): number;
  opened(flow: Flow): void;
  closed(flow: Flow, listener: Listener): void;
  /** the state that the person sees is another */
  changed(): void;
  /** @returns who has the port, as `name (pid)` */
  portHolder(address: Address): Promise<string | undefined>;
  resolvesProcesses(): boolean;
}

/** Start and stop as often as wanted; flows outlive a change of rules, and a stop that only stops accepting. */
export class Listener extends Owner implements FlowOwner {
  readonly flows = new Set<Flow>();
  bytes = 0;
  state: ListenerState = 'stopped';
  error: ErrorData | undefined;

  private rules: RulesInForce;
  private server: net.Server | undefined;
  private bound: Address | undefined;
  /** what flows are told as their local address; undefined while bound to all addresses: then each asks its socket */
  private local: Endpoint | undefined;
  private total = 0;
  private lastWarningAt = Number.NEGATIVE_INFINITY;
  private readonly rate = new RateMeter();
  private inspectDeadlines: Deadlines<Flow>;
  private requestDeadlines: Deadlines<Flow>;
  private connectDeadlines: Deadlines<Flow>;
  /** flows whose programs are looked up, for display, once they have lived long enough to be looked at */
  private readonly unnamed: Deadlines<Flow>;

  constructor(rule: ListenerRule, private readonly context: FlowContext, private readonly hooks: ListenerHooks) {
    super();
    this.rules = new RulesInForce(rule);
    this.inspectDeadlines = this.makeDeadlines(rule.inspect.timeoutMs);
    this.requestDeadlines = this.makeDeadlines(Math.max(firstRequestMs, rule.inspect.timeoutMs));
    this.connectDeadlines = this.makeDeadlines(rule.connectTimeoutMs);
    this.unnamed = this.register(new Deadlines<Flow>(nameAfterMs, (flow) => this.findPrograms(flow)));
    this.register(toDisposable(() => this.closeServer()));
    this.register(toDisposable(() => this.inspectDeadlines.dispose()));
    this.register(toDisposable(() => this.requestDeadlines.dispose()));
    this.register(toDisposable(() => this.connectDeadlines.dispose()));
  }

  get id(): string {
    return this.rules.rule.id;
  }

  get name(): string {
    return this.rules.rule.name;
  }

  get rule(): ListenerRule {
    return this.rules.rule;
  }

  get isAccepting(): boolean {
    return this.server !== undefined;
  }

  /** undefined while nothing is bound, and for socket paths */
  get boundPort(): number | undefined {
    return this.bound?.kind === 'tcp' ? this.bound.port : undefined;
  }

  /** New rules for the flows from now on. The address is `rebind`'s business. */
  use(rule: ListenerRule): void {
    const before = this.rules.rule;
    this.rules = new RulesInForce(rule, this.rules);
    // Flows under way keep the deadline they were given; the old queue empties by itself.
    if (rule.inspect.timeoutMs !== before.inspect.timeoutMs) {
      this.inspectDeadlines = this.makeDeadlines(rule.inspect.timeoutMs);
      this.requestDeadlines = this.makeDeadlines(Math.max(firstRequestMs, rule.inspect.timeoutMs));
    }
    if (rule.connectTimeoutMs !== before.connectTimeoutMs) this.connectDeadlines = this.makeDeadlines(rule.connectTimeoutMs);
  }

  /**
   * Binds the address of the rules in force. With a server already there, the new one is bound first and the old one kept when
   * that fails.
   *
   * @returns whether the address is bound now; if not, `error` says why
   */
  async bind(): Promise<boolean> {
    if (this.server === undefined) this.setState('starting', undefined);
    try {
      const server = await this.listen(this.rule.listen);
      if (this.isDisposed) {
        server.close();
        return false;
      }
      this.closeServer();
      this.adopt(server);
      this.setState('listening', undefined);
      return true;
    } catch (fault) {
      this.fail(await listenFault(this.rule.listen, fault as NodeJS.ErrnoException, (address) => this.hooks.portHolder(address)));
      return false;
    }
  }

  /** It may not be bound; what is bound already goes on. */
  fail(error: MuxError): void {
    this.context.log('warn', error.message);
    this.setState(this.server === undefined ? 'failed' : 'listening', toErrorData(error));
  }

  /** Stops accepting; flows go on. The port is free when it returns: libuv closes a listening socket at once. */
  stopAccepting(): void {
    this.closeServer();
    this.setState('stopped', undefined);
  }

  closeFlows(): void {
    for (const flow of [...this.flows]) flow.endNow('stopped', say`Port Prism stopped this listener.`, 'close');
  }

  status(): ListenerStatus {
    return {
      id: this.id,
      name: this.name,
      state: this.state,
      ...(this.bound === undefined ? {} : { address: this.bound }),
      ...(this.error === undefined ? {} : { error: this.error }),
      live: this.flows.size,
      total: this.total,
      bytes: this.bytes,
      bytesPerSecond: this.rate.sample(this.bytes, performance.now()),
      routes: this.rules.all().map((route) => route.status()),
    };
  }

  /** Once a second: flows on which nobody said anything for too long end, idle ones give large memory back. */
  sweep(now: number, shrinkBefore: number): void {
    for (const flow of this.flows) {
      const { idleMs } = flow.rule;
      if (0 < idleMs && idleMs <= now - flow.lastActivityAt) flow.endNow('idle', say`Neither side said anything for ${idleMs / 1000} s.`, 'close');
      else flow.shrink(shrinkBefore);
    }
  }

  // ---- what flows report ----

  inspecting(flow: Flow): void {
    flow.deadlines?.remove(flow);
    flow.deadlines = this.inspectDeadlines;
    this.inspectDeadlines.add(flow);
  }

  awaitingRequest(flow: Flow): void {
    flow.deadlines?.remove(flow);
    flow.deadlines = this.requestDeadlines;
    this.requestDeadlines.add(flow);
  }

  connecting(flow: Flow): void {
    flow.deadlines?.remove(flow);
    flow.deadlines = this.connectDeadlines;
    this.connectDeadlines.add(flow);
  }

  connected(flow: Flow): void {
    if (!this.hooks.resolvesProcesses()) return;
    flow.findUpstreamProgram();
    this.unnamed.add(flow);
  }

  settled(flow: Flow): void {
    flow.deadlines?.remove(flow);
    flow.deadlines = undefined;
  }

  ended(flow: Flow): void {
    this.settled(flow);
    this.unnamed.remove(flow);
    this.flows.delete(flow);
    this.hooks.closed(flow, this);
  }

  private take(wire: Wire): void {
    const flow = new Flow(this.hooks.nextFlowId(), this, this.rules, this.context, wire, this.local);
    this.total++;
    this.flows.add(flow);
    this.hooks.opened(flow);
    flow.guard(() => flow.start());
    if (!this.hooks.resolvesProcesses() || this.rules.compiled.needsProcess || flow.state === 'closed') return;
    // Now and then a connection: its program is found even if it is short. Many at a time: those that live are worth a look.
    if (this.context.processes.isRested) this.findProgram(flow);
    else this.unnamed.add(flow);
  }

  private findPrograms(flow: Flow): void {
    if (flow.facts.process === undefined) this.findProgram(flow);
    flow.findUpstreamOwner();
  }

  private findProgram(flow: Flow): void {
    this.context.processes.later(flow.facts.client, flow.facts.local, () => flow.state !== 'closed', (process) => flow.foundProcess(process));
  }

  private async listen(address: Address): Promise<net.Server> {
    try {
      return await this.tryListen(address);
    } catch (fault) {
      // A socket file outlives a program that was killed; nobody answers on it, so it may go.
      if (address.kind !== 'path' || (fault as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isStale(address.path))) throw fault;
      unlinkSync(address.path);
      return this.tryListen(address);
    }
  }

  private tryListen(address: Address): Promise<net.Server> {
    const server = this.context.sockets.createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      // exclusive: inside a cluster worker the port must be ours alone, not the primary's.
      const options = address.kind === 'path' ? { path: address.path } : { host: bindHost(address.host), port: address.port };
      server.listen({ ...options, backlog, exclusive: true }, () => {
        server.off('error', reject);
        server.on('error', (fault) => this.context.log('warn', `Listener ${this.name}: ${fault.message}`));
        this.context.sockets.accept(
          server,
          (wire) => this.take(wire),
          (code) => this.warnOfRefusal(code),
        );
        resolve(server);
      });
    });
  }

  /** Without file descriptors every connection fails: one line a second says enough. */
  private warnOfRefusal(code: string): void {
    const now = performance.now();
    if (now - this.lastWarningAt < 1000) return;
    this.lastWarningAt = now;
    this.context.log('warn', `Listener ${this.name} could not accept a connection (${code}).`);
  }

  private adopt(server: net.Server): void {
    this.server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') {
      this.bound = this.rule.listen;
      this.local = { path: address ?? '' };
      return;
    }
    this.bound = { kind: 'tcp', host: this.rule.listen.kind === 'tcp' ? this.rule.listen.host : address.address, port: address.port };
    const isAny = address.address === '0.0.0.0' || address.address === '::';
    this.local = isAny ? undefined : { host: address.address, port: address.port };
  }

  private closeServer(): void {
    this.server?.close();
    this.server = undefined;
    this.bound = undefined;
  }

  private setState(state: ListenerState, error: ErrorData | undefined): void {
    this.state = state;
    this.error = error;
    this.hooks.changed();
  }

  private makeDeadlines(durationMs: number): Deadlines<Flow> {
    return new Deadlines<Flow>(durationMs, (flow) => flow.guard(() => flow.deadlinePassed()));
  }
}

/** `localhost` listens on IPv4: browsers and clients that try IPv6 first fall back, while many tools try IPv4 only. */
function bindHost(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : host.replace(/^\[|\]$/g, '');
}

/** @returns whether nobody answers on a Unix socket's file */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (fault: NodeJS.ErrnoException) => resolve(fault.code === 'ECONNREFUSED'));
  });
}
