// Keeps engine and lens: starts their workers with the first listener, brings both back when one dies, ends the engine with the last listener.
// Stop All ends the engine's worker (ports free, sockets closed, thread gone). Lens stays: it holds no socket, and what was captured
// can be looked at until it is cleared or the window closes.

import { MessageChannel } from 'node:worker_threads';
import * as vscode from 'vscode';
import { rulesInvalid, unknownListener, workspaceNotTrusted } from '../shared/errors.js';
import { Owner, background, toDisposable } from '../shared/lifecycle.js';
import type { HoldAction, HoldRequests, HoldRule, HoldStatus } from '../shared/hold.js';
import type { EngineContract, EngineEvents, EngineStatus, LensContract, LensEvents, ListenerStatus } from '../shared/protocol.js';
import type { ListenerRule, RuleSet } from '../shared/rules.js';
import type { Exposures } from './exposures.js';
import { LensProxy, type LensLink } from './lensClient.js';
import type { RuleFileStore } from './rules/ruleFileStore.js';
import type { EngineClient, HoldClient, LensClient } from './services.js';
import { readSettings, settingsSection } from './settings.js';
import { WorkerLink } from './workerLink.js';

type EngineLink = WorkerLink<EngineEvents, EngineContract>;

/** What a person is told after a worker ended by itself. */
export interface WorkerLoss {
  which: 'engine' | 'lens';
  why: string;
  /** connections that were cut, or whose bytes can no longer be read */
  connections: number;
  /** false = it kept ending, and nothing tries again */
  isBack: boolean;
}

// A worker that ends is started again after this long, doubled each time, in milliseconds; after so many times in a row it stays away:
// whatever ends it would end it again, and each time cuts connections.
const firstRestartMs = 250;
const maxRestarts = 5;
/** a worker that lived this long was healthy: the next end counts as the first, in milliseconds */
const healthyMs = 30_000;

const nothingRuns: EngineStatus = { listeners: [], liveFlows: 0, loopDelayMs: 0 };

export interface EngineSupervisorOptions {
  ruleFiles: RuleFileStore;
  exposures: Exposures;
  /** absolute paths of the workers' bundles */
  entries: { engine: string; lens: string };
  log: vscode.LogOutputChannel;
}

export class EngineSupervisor extends Owner implements EngineClient, HoldClient {
  private engine: EngineLink | undefined;
  private lensLink: LensLink | undefined;
  private lensProxy: LensProxy | undefined;
  private last = nothingRuns;
  /** what the person asked to run, so that it comes back after a worker's end and follows the rules */
  private wantsAll = false;
  private wanted = new Set<string>();
  /** operations run one after another: a stop that overtakes a start would leave a port bound */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly restarts = { engine: newRestarts(), lens: newRestarts() };
  private isClosing = false;

  private readonly statusChanged = this.register(new vscode.EventEmitter<EngineStatus>());
  private readonly lensChanged = this.register(new vscode.EventEmitter<LensClient | undefined>());
  private readonly workerLost = this.register(new vscode.EventEmitter<WorkerLoss>());
  private readonly holdChanged = this.register(new vscode.EventEmitter<HoldStatus>());
  private holdRules: HoldRule[] = [];
  readonly onStatus = this.statusChanged.event;
  readonly onHold = this.holdChanged.event;
  readonly onDidChangeLens = this.lensChanged.event;
  readonly onWorkerLost = this.workerLost.event;

  constructor(private readonly options: EngineSupervisorOptions) {
    super();
    this.register(options.ruleFiles.onDidChangeRules(() => this.inBackground(this.inOrder(() => this.follow()))));
    this.register(vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(settingsSection)) this.inBackground(this.inOrder(() => this.follow()));
    }));
  }

  get status(): EngineStatus {
    return this.last;
  }

  get lens(): LensClient | undefined {
    return this.lensProxy;
  }

  /** Thread ids are nobody's business; whether there are threads is (nothing may run before the first listener). */
  get workers(): { engine: EngineLink | undefined; lens: LensLink | undefined } {
    return { engine: this.engine, lens: this.lensLink };
  }

  start(id?: string): Promise<EngineStatus> {
    return this.inOrder(async () => {
      if (!vscode.workspace.isTrusted) throw workspaceNotTrusted();
      await this.options.ruleFiles.load();
      const targets = this.targets(id);
      if (targets.length === 0 || !(await this.options.exposures.confirm(targets))) return this.last;
      if (id === undefined) this.wantsAll = true;
      else this.wanted.add(id);
      const engine = await this.connected();
      this.take(await engine.rpc.request('rules/apply', this.inForce()));
      this.take(await engine.rpc.request('listeners/start', id === undefined ? {} : { id }));
      return this.last;
    });
  }

  stop(id?: string): Promise<EngineStatus> {
    return this.inOrder(async () => {
      const others = this.last.listeners.filter((listener) => listener.id !== id && this.isWanted(listener.id)).map((listener) => listener.id);
      this.wantsAll = false;
      this.wanted = new Set(id === undefined ? [] : others);
      if (this.engine === undefined) return this.take(nothingRuns);
      if (this.wanted.size === 0) return this.endEngine();
      return this.take(await this.engine.rpc.request('listeners/stop', { id }));
    });
  }

  async closeFlows(ids: number[]): Promise<{ closed: number }> {
    return this.engine === undefined ? { closed: 0 } : this.engine.rpc.request('flows/close', { ids });
  }

  async holdSet(rules: HoldRule[]): Promise<HoldRequests['hold/set']['result']> {
    this.holdRules = rules;
    const { engine } = this;
    if (engine === undefined) {
      const status: HoldStatus = { rules: rules.map((rule) => ({ ...rule, isArmed: true, count: 0 })), held: [] };
      this.holdChanged.fire(status);
      return { ...status, problems: [] };
    }
    const answer = await engine.rpc.request('hold/set', { rules, spoken: rules.length === 0 ? [] : await this.spoken() });
    if (0 < answer.problems.length) this.holdRules = [];
    this.holdChanged.fire(answer);
    return answer;
  }

  async holdRead(id: number): Promise<Uint8Array | null> {
    return (await this.engine?.rpc.request('hold/read', { id }))?.bytes ?? null;
  }

  async holdDecide(id: number, action: HoldAction): Promise<{ isDone: boolean }> {
    return (await this.engine?.rpc.request('hold/decide', { id, action })) ?? { isDone: false };
  }

  /** What live connections speak: the engine has not looked. */
  private async spoken(): Promise<[flow: number, protocol: string][]> {
    const page = await this.lensProxy?.request('flows/list', { order: 'liveFirst', start: 0, count: 1000 });
    return (page?.rows ?? []).flatMap(({ id, state, classification: { protocol, layers } }): [number, string][] => (state === 'closed' || protocol === 'unknown' ? [] : [[id, layers.at(-1) ?? protocol]]));
  }

  /** Ends everything; resolves when ports are free and threads are gone. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.wantsAll = false;
    this.wanted.clear();
    const { engine, lensLink } = this;
    this.engine = undefined;
    this.lensLink = undefined;
    await Promise.all([engine?.close(() => engine.rpc.request('engine/close', null)), lensLink?.close(() => Promise.resolve())]);
    this.dispose();
  }

  override dispose(): void {
    this.isClosing = true;
    this.engine?.dispose();
    this.lensLink?.dispose();
    this.lensProxy?.dispose();
    super.dispose();
  }

  /** The listeners that a start is about. Rules that never were good start nothing. */
  private targets(id: string | undefined): ListenerRule[] {
    const { ruleFiles } = this.options;
    const broken = ruleFiles.list.find((file) => file.rules === undefined && file.errors.length > 0);
    const { listeners } = ruleFiles.rules;
    const targets = listeners.filter((listener) => (id === undefined ? listener.isEnabled : listener.id === id));
    if (targets.length > 0) return targets;
    if (broken !== undefined) throw rulesInvalid(vscode.workspace.asRelativePath(broken.uri), broken.errors.length);
    if (id !== undefined) throw unknownListener(id);
    return [];
  }

  /** Rules or settings changed: what runs follows, as a whole. The engine itself starts what is new and wanted, and frees what is gone. */
  private async follow(): Promise<void> {
    const { engine } = this;
    if (engine === undefined) return;
    const wanted = this.options.ruleFiles.rules.listeners.filter((listener) => listener.isEnabled && this.isWanted(listener.id));
    // Declined: the rules apply all the same, and the engine refuses that one listener with the reason in its status.
    await this.options.exposures.confirm(wanted).catch(() => false);
    const status = this.take(await engine.rpc.request('rules/apply', this.inForce()));
    if (!this.wantsAll && wanted.length === 0 && status.liveFlows === 0) await this.endEngine();
  }

  /** After a worker's end: the same listeners again. */
  private async resume(): Promise<void> {
    const engine = await this.connected();
    this.take(await engine.rpc.request('rules/apply', this.inForce()));
    if (this.wantsAll) this.take(await engine.rpc.request('listeners/start', {}));
    const known = new Set(this.options.ruleFiles.rules.listeners.map(({ id }) => id));
    for (const id of this.wanted) if (known.has(id)) this.take(await engine.rpc.request('listeners/start', { id }));
  }

  private isWanted(id: string): boolean {
    return this.wantsAll || this.wanted.has(id);
  }

  private inForce(): EngineContract['requests']['rules/apply']['params'] {
    const settings = readSettings();
    const rules: RuleSet = this.options.ruleFiles.rules;
    return {
      rules,
      settings: {
        captureMemoryMB: settings.captureMemoryMB,
        resolvesProcesses: settings.resolvesProcesses,
        confirmedExposures: this.options.exposures.confirmed,
      },
    };
  }

  private async connected(): Promise<EngineLink> {
    if (this.engine !== undefined) return this.engine;
    const engine: EngineLink = new WorkerLink(this.options.entries.engine, 'port-prism engine', (fault) => this.logFault(fault));
    this.engine = engine;
    this.restarts.engine.startedAt = Date.now();
    engine.rpc.on('engine/status', (status) => {
      if (this.engine === engine) this.take(status);
    });
    engine.rpc.on('hold/changed', (status) => {
      if (this.engine === engine) this.holdChanged.fire(status);
    });
    engine.rpc.on('engine/log', ({ level, message }) => this.options.log[level](message));
    this.inBackground(engine.ended.then(({ isExpected, why }) => (isExpected ? undefined : this.engineDied(engine, why))));
    await this.joinLens(engine);
    if (0 < this.holdRules.length) await engine.rpc.request('hold/set', { rules: this.holdRules });
    return engine;
  }

  /** Lens hears what the engine records over a channel of their own; the host never sees a byte. */
  private async joinLens(engine: EngineLink): Promise<void> {
    const lens = this.lensLink ?? this.startLens();
    const { port1, port2 } = new MessageChannel();
    const { firstFlowId } = await lens.rpc.request('lens/attach', { port: port2 }, [port2]);
    await engine.rpc.request('capture/attach', { port: port1, firstFlowId }, [port1]);
  }

  private startLens(): LensLink {
    const link: LensLink = new WorkerLink<LensEvents, LensContract>(this.options.entries.lens, 'port-prism lens', (fault) => this.logFault(fault));
    this.lensLink = link;
    this.restarts.lens.startedAt = Date.now();
    const isFirst = this.lensProxy === undefined;
    this.lensProxy ??= new LensProxy();
    this.lensProxy.connect(link, this.options.log);
    this.inBackground(link.ended.then(({ isExpected, why }) => (isExpected ? undefined : this.lensDied(link, why))));
    if (isFirst) this.lensChanged.fire(this.lensProxy);
    return link;
  }

  private async engineDied(engine: EngineLink, why: string): Promise<void> {
    if (this.engine !== engine || this.isClosing) return;
    const connections = this.last.liveFlows;
    this.engine = undefined;
    engine.dispose();
    this.options.log.error(`The engine worker ended unexpectedly: ${why}`);
    this.take({ ...nothingRuns, listeners: this.last.listeners.map(asStarting) });
    const isBack = await this.bringBack('engine', () => this.resume());
    if (!isBack) {
      this.wantsAll = false;
      this.wanted.clear();
      this.take(nothingRuns);
    }
    this.workerLost.fire({ which: 'engine', why, connections, isBack });
  }

  private async lensDied(lens: LensLink, why: string): Promise<void> {
    if (this.lensLink !== lens || this.isClosing) return;
    // A new lens hears of what is live from then on; what the old one had listed went with it.
    const connections = this.lensProxy?.summary.totalFlows ?? 0;
    this.lensLink = undefined;
    lens.dispose();
    this.options.log.error(`The lens worker ended unexpectedly: ${why}`);
    const isBack = await this.bringBack('lens', async () => {
      if (this.engine === undefined) this.startLens();
      else await this.joinLens(this.engine);
    });
    this.workerLost.fire({ which: 'lens', why, connections, isBack });
  }

  /** @returns false when it ended too often in a row */
  private async bringBack(which: 'engine' | 'lens', restart: () => Promise<void>): Promise<boolean> {
    const record = this.restarts[which];
    if (Date.now() - record.startedAt > healthyMs) record.count = 0;
    if (record.count >= maxRestarts) return false;
    await this.pause(firstRestartMs * 2 ** record.count++);
    if (this.isClosing) return false;
    try {
      await this.inOrder(restart);
      return true;
    } catch (fault) {
      this.logFault(fault);
      return false;
    }
  }

  /** Ends early when the window closes. */
  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.release(owned), milliseconds);
      const owned = this.register(toDisposable(() => {
        clearTimeout(timer);
        resolve();
      }));
    });
  }

  private async endEngine(): Promise<EngineStatus> {
    const { engine } = this;
    this.engine = undefined;
    await engine?.close(() => engine.rpc.request('engine/close', null));
    // Nobody holds anything now; asking for it again is up to the person.
    if (0 < this.holdRules.length) {
      this.holdRules = [];
      this.holdChanged.fire({ rules: [], held: [] });
    }
    return this.take(nothingRuns);
  }

  private take(status: EngineStatus): EngineStatus {
    this.last = status;
    if (!this.isDisposed) this.statusChanged.fire(status);
    return status;
  }

  private inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private inBackground(promise: Promise<unknown>): void {
    background(promise, (fault) => this.logFault(fault));
  }

  private logFault(fault: unknown): void {
    this.options.log.error(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
  }
}

function newRestarts(): { count: number; startedAt: number } {
  return { count: 0, startedAt: 0 };
}

export function isUp(listener: ListenerStatus): boolean {
  return listener.state === 'listening' || listener.state === 'starting';
}

function asStarting(listener: ListenerStatus): ListenerStatus {
  return isUp(listener) ? { ...listener, state: 'starting', live: 0, bytesPerSecond: 0 } : listener;
}
