// Everything that is asked about messages of all flows: views, statistics, the prism and throughput, over one ledger and on one thread.

import type { PrismPath } from '../../../shared/inspect.js';
import { Owner } from '../../../shared/lifecycle.js';
import { Prism, type PrismFlow } from './prism.js';
import { Slices } from './slices.js';
import { Statistics } from './statistics.js';
import { Throughput } from './throughput.js';
import type { ViewSource } from './viewSource.js';
import { Views } from './views.js';

export class Inspection extends Owner {
  readonly views: Views;
  readonly statistics: Statistics;
  readonly throughput = new Throughput();
  private readonly prism: Prism;
  private readonly slices: Slices;

  /**
   * @param changed there is more to see
   * @param report hears of faults that ended a view or a count
   */
  constructor(source: ViewSource, changed: () => void, report: (fault: unknown) => void) {
    super();
    this.prism = new Prism(() => source.now());
    this.slices = this.register(new Slices(() => source.now(), report));
    this.views = this.register(new Views(source, this.slices, changed));
    this.statistics = new Statistics(source, this.slices, (flow) => this.prism.pathOf(flow), changed);
  }

  /** somebody looks: what is recorded is to be decoded */
  get isLookedAt(): boolean {
    return this.views.isAnyOpen || this.statistics.isAskedFor;
  }

  get memoryBytes(): number {
    return this.views.memoryBytes + this.throughput.memoryBytes;
  }

  /** A flow was opened, spoke, was named or closed. */
  noteFlow(flow: PrismFlow): void {
    this.prism.note(flow);
  }

  forgetFlow(id: number): void {
    this.prism.forget(id);
  }

  /** The ledger has more. */
  wake(): void {
    this.slices.wake();
  }

  /** Closed flows were forgotten on purpose: what was counted of them is too. */
  clear(): void {
    this.prism.clearMessages();
    this.statistics.clear();
    this.slices.wake();
  }

  getPrism(): { paths: PrismPath[] } {
    this.statistics.start();
    return this.prism.get();
  }
}
