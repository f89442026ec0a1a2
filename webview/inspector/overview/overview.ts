// The strip above the lists: the prism on the left, bytes over time on the right. Asked for while it is seen, twice a second at most.

import type { DebugPause } from '../../../src/shared/debug.js';
import { l10n } from '../../l10n.js';
import { el, show } from '../../widgets/dom.js';
import type { InspectorRpc } from '../inspector.js';
import { Prism } from './prism.js';
import { ThroughputChart, type Stretch } from './throughput.js';

const everyMs = 500;

export interface OverviewOptions {
  rpc: InspectorRpc;
  onCondition(condition: string): void;
  onListener(name: string): void;
  onStretch(stretch: Stretch | undefined): void;
  report(fault: unknown): void;
}

export class Overview {
  readonly element = el('section', { class: 'overview', 'aria-label': l10n.t('Overview') });
  private readonly prism: Prism;
  private readonly chart: ThroughputChart;
  private isShown = false;
  private isAsking = false;
  private isStale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: OverviewOptions) {
    this.prism = new Prism(options);
    this.chart = new ThroughputChart(options);
    this.element.append(this.prism.element, this.chart.element);
    show(this.element, false);
  }

  setShown(isShown: boolean): void {
    this.isShown = isShown;
    show(this.element, isShown);
    if (isShown) this.ask();
  }

  /** There is more to see. */
  onChanged(): void {
    if (!this.isShown || document.hidden) return;
    if (this.timer !== undefined || this.isAsking) {
      this.isStale = true;
      return;
    }
    this.ask();
  }

  setStretch(stretch: Stretch | undefined): void {
    this.chart.setStretch(stretch);
  }

  setPauses(pauses: readonly DebugPause[]): void {
    this.chart.setPauses(pauses.map(({ startedAt, endedAt }) => ({ from: startedAt, to: endedAt ?? Number.MAX_VALUE })));
  }

  private ask(): void {
    const { rpc, report } = this.options;
    if (this.isAsking) return;
    this.isAsking = true;
    this.isStale = false;
    Promise.all([rpc.request('prism/get', null), rpc.request('throughput/get', { buckets: this.chart.buckets })]).then(([{ paths }, throughput]) => {
      this.prism.show(paths);
      this.chart.show(throughput);
    }, report).finally(() => {
      this.isAsking = false;
      this.timer = setTimeout(() => {
        this.timer = undefined;
        if (this.isStale) this.onChanged();
      }, everyMs);
    });
  }
}
