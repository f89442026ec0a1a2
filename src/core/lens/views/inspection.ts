// Everything that is asked about messages of all flows: views, statistics, the prism and throughput, over one ledger and on one thread.

import type { InspectRequests, PrismPath } from '../../../shared/inspect.js';
import { MutableDisposable, Owner, type Disposable } from '../../../shared/lifecycle.js';
import { Prism, type PrismFlow } from './prism.js';
import { Slices } from './slices.js';
import { Statistics } from './statistics.js';
import { Throughput } from './throughput.js';
import type { ViewSource } from './viewSource.js';
import { Views } from './views.js';

export interface InspectionHooks {
  /** there is more to see */
  changed(): void;
  /** hears of faults that ended a view or a count */
  report(fault: unknown): void;
  /** what is recorded is to be decoded until this is disposed */
  watch(): Disposable;
  /** what is recorded is to be decoded for a while */
  look(): void;
}

export class Inspection extends Owner {
  readonly views: Views;
  readonly throughput = new Throughput();
  private readonly statistics: Statistics;
  private readonly prism: Prism;
  private readonly slices: Slices;
  private readonly watching = this.register(new MutableDisposable<Disposable>());

  constructor(source: ViewSource, private readonly hooks: InspectionHooks) {
    super();
    const changed = (): void => hooks.changed();
    this.prism = new Prism(() => source.now());
    this.slices = this.register(new Slices(() => source.now(), (fault) => hooks.report(fault)));
    this.views = this.register(new Views(source, this.slices, changed, (isLookedAt) => (this.watching.value = isLookedAt ? hooks.watch() : undefined)));
    this.statistics = new Statistics(source, this.slices, (flow) => this.prism.pathOf(flow), changed);
  }

  get memoryBytes(): number {
    return this.views.memoryBytes + this.statistics.memoryBytes + this.throughput.memoryBytes;
  }

  /** A flow was opened, spoke, was named or closed. */
  noteFlow(flow: PrismFlow): void {
    this.prism.note(flow);
  }

  forgetFlow(id: number): void {
    this.prism.forget(id);
  }

  /** The ledger may have more. */
  wake(): void {
    this.slices.wake();
  }

  /** Debug sessions began, ended or were paused. */
  sessionsChanged(): void {
    this.views.sessionsChanged();
    this.statistics.sessionsChanged();
  }

  /** Closed flows were forgotten on purpose, and what was counted of them is too. */
  clear(): void {
    this.prism.clearMessages();
    this.statistics.clear();
    this.slices.wake();
  }

  /** Begins to count messages when it is asked for the first time. */
  getPrism(): { paths: PrismPath[] } {
    this.hooks.look();
    this.statistics.start();
    return this.prism.get();
  }

  getTable(params: InspectRequests['stats/table']['params']): InspectRequests['stats/table']['result'] {
    this.hooks.look();
    return this.statistics.table(params);
  }
}
