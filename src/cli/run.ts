// `port-prism run`: the engine on this thread, lens on another, and a rule file that is applied again when it is saved.

import { resolve } from 'node:path';
import { Engine } from '../core/engine/engine.js';
import { chooseSockets, type Sockets } from '../core/engine/sockets.js';
import { parseFilter } from '../core/lens/filter/filter.js';
import { portHolder } from '../core/ports/portHolder.js';
import { ProcessResolver } from '../core/ports/processResolver.js';
import { formatAddress } from '../shared/address.js';
import { rulesInvalid, toErrorData } from '../shared/errors.js';
import { Owner, background, type Disposable } from '../shared/lifecycle.js';
import type { EngineSettings, EngineStatus } from '../shared/protocol.js';
import type { RuleService, RuleSet } from '../shared/rules.js';
import { pointAt } from './pointAt.js';
import type { RunCommand } from './arguments.js';
import { formatProblem, hasErrors, readRules } from './check.js';
import { LensWorker } from './lensWorker.js';
import type { LineSink, Listening, Report } from './report.js';
import { watchForSaves } from './watchFile.js';

/** Lens takes in what the engine told at the end; a lens that cannot is not waited for longer. */
const farewellMs = 3000;

/**
 * Runs until `stop` aborts.
 *
 * @returns exit code; 2 when the filter of the recording is wrong
 * @throws MuxError when the rule file cannot be read or the recording cannot be made
 */
export async function runRules(command: RunCommand, service: RuleService, output: LineSink, report: Report, stop: AbortSignal): Promise<number> {
  const filter = command.filter === undefined ? undefined : parseFilter(command.filter);
  if (filter !== undefined && 'message' in filter) {
    report.complaint(pointAt(command.filter!, filter).trimEnd());
    return 2;
  }
  const session = new Session(command, service, output, report, await chooseSockets());
  try {
    if (!(await session.start())) return 1;
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
    await session.close();
    return 0;
  } finally {
    session.dispose();
  }
}

class Session extends Owner {
  private readonly engine: Engine;
  private readonly settings: EngineSettings;
  private lens: LensWorker | undefined;
  private text = '';
  /** what was said to be listening, by listener id */
  private listening = new Map<string, Listening>();
  /** failures that were told and still stand, by listener id */
  private failed = new Map<string, string>();
  private reloading: Promise<void> = Promise.resolve();
  private watcher: Disposable | undefined;
  private isClosing = false;

  constructor(
    private readonly command: RunCommand,
    private readonly service: RuleService,
    private readonly output: LineSink,
    private readonly report: Report,
    sockets: Sockets,
  ) {
    super();
    this.settings = { captureMemoryMB: command.memoryMB, confirmedExposures: command.expose ? ['*'] : [], resolvesProcesses: command.processes };
    this.engine = this.register(new Engine({ sockets, processes: this.register(new ProcessResolver()), portHolder }));
    this.register(this.engine.onLog(({ level, message }) => level === 'error' && report.complaint(message)));
  }

  /** @returns whether at least one listener listens */
  async start(): Promise<boolean> {
    const rules = await this.readRules();
    if (rules === undefined) return false;
    if (this.needsLens()) await this.startLens();
    await this.engine.apply(rules, this.settings);
    this.tell(await this.engine.start(undefined));
    if (this.listening.size === 0) {
      if (this.failed.size === 0) this.report.complaint(`${this.command.rules} has no listener that is enabled.`);
      await this.close();
      return false;
    }
    this.register(this.engine.onStatus((status) => this.tell(status)));
    this.watcher = this.register(watchForSaves(resolve(this.command.rules), () => this.reloadSoon()));
    // A save between the first reading and the watch counts too.
    this.reloadSoon();
    return true;
  }

  /** Stops accepting, closes flows, tells their ends, completes the recording. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.watcher?.dispose();
    await this.reloading;
    const { lens } = this;
    await this.engine.stop(undefined);
    if (lens === undefined || lens.hasEnded) {
      await this.engine.close();
      return;
    }
    await within(farewellMs, lens.untilNoFlowLives());
    const detached = lens.untilDetached();
    await this.engine.close();
    await within(farewellMs, detached);
    if (this.command.record === undefined) return;
    try {
      const { file, packets, bytes } = await lens.rpc.request('record/stop', null);
      this.report.recorded(file, packets, bytes);
    } catch (fault) {
      this.report.failed(toErrorData(fault));
    }
  }

  /** Without a recording and with nobody to tell, nobody looks at the traffic. */
  private needsLens(): boolean {
    return !this.command.quiet || this.command.record !== undefined;
  }

  private async startLens(): Promise<void> {
    const { command, report } = this;
    const lens = this.register(new LensWorker(command.quiet ? 'none' : command.json ? 'json' : 'prose', this.output, (fault) => report.failed(toErrorData(fault))));
    this.lens = lens;
    lens.rpc.on('lens/log', ({ level, message }) => level === 'error' && report.failed({ code: 'recordingFailed', message, details: {} }));
    const port = await lens.attach();
    if (command.record !== undefined) await lens.rpc.request('record/start', { file: resolve(command.record), ...(command.filter === undefined ? {} : { filter: command.filter }) });
    this.engine.attach(port);
  }

  private reloadSoon(): void {
    if (this.isClosing) return;
    this.reloading = this.reloading.then(() => this.reload());
    background(this.reloading, (fault) => this.report.failed(toErrorData(fault)));
  }

  private async reload(): Promise<void> {
    const before = this.text;
    let rules: RuleSet | undefined;
    try {
      rules = await this.readRules(before);
    } catch (fault) {
      // Between an editor's "remove" and "create" there may be no file; the save that follows is heard of too.
      if (this.text !== '') this.report.failed(toErrorData(fault));
      this.text = '';
      return;
    }
    if (rules === undefined || this.isClosing) return;
    this.tell(await this.engine.apply(rules, this.settings));
    this.report.rulesApplied(this.command.rules, [...this.listening.values()]);
  }

  /** @returns undefined when the file has errors, which are told, or its text is `known` */
  private async readRules(known?: string): Promise<RuleSet | undefined> {
    const { rules: file } = this.command;
    const { text, parsed } = await readRules(this.service, file);
    if (text === known) return undefined;
    this.text = text;
    for (const problem of parsed.problems) this.report.complaint(formatProblem(file, problem));
    if (parsed.rules !== undefined && !hasErrors(parsed.problems)) return parsed.rules;
    if (known !== undefined) {
      const count = parsed.problems.filter((problem) => problem.severity === 'error').length;
      this.report.failed(toErrorData(rulesInvalid(file, count)));
    }
    return undefined;
  }

  /** Says what is new in a status: who listens, who does no more, who failed. */
  private tell(status: EngineStatus): void {
    const listening = new Map<string, Listening>();
    for (const { id, name, state, address, error } of status.listeners) {
      if (state === 'listening' && address !== undefined) listening.set(id, { listener: name, address: formatAddress(address), ...(address.kind === 'tcp' ? { port: address.port } : {}) });
      if (error !== undefined && this.failed.get(id) !== error.message) this.report.failed(error, name);
      if (error === undefined) this.failed.delete(id);
      else this.failed.set(id, error.message);
    }
    if (this.isClosing) return;
    for (const [id, before] of this.listening) if (listening.get(id)?.address !== before.address) this.report.stoppedListening(before);
    for (const [id, now] of listening) if (this.listening.get(id)?.address !== now.address) this.report.listening(now);
    this.listening = listening;
  }
}

function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    promise.then(done, done);
  });
}
