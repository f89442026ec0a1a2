// Bytes over time, both sides, and a brush over it: who drags or marks a stretch of time narrows the lists to it.

import { l10n } from '../../l10n.js';
import { consume, el, setAttribute, setText } from '../../widgets/dom.js';
import { formatBytes, formatTime } from '../../widgets/format.js';
import { brushed, curve, timeAt, xOf, type ChartScale } from './chartScale.js';

const svgNamespace = 'http://www.w3.org/2000/svg';
/** one bucket every three pixels: more cannot be told apart */
const bucketPx = 3;
/** room below for the times */
const axisPx = 16;

export interface Stretch {
  from: number;
  to: number;
}

export interface Throughput {
  from: number;
  to: number;
  client: ArrayLike<number>;
  upstream: ArrayLike<number>;
}

export interface ThroughputOptions {
  /** undefined = all times again */
  onStretch(stretch: Stretch | undefined): void;
}

export class ThroughputChart {
  readonly element = el('div', { class: 'throughput', role: 'slider', tabindex: '0', 'aria-label': l10n.t('Bytes over time. Arrows move, Shift and arrows mark a stretch, Enter narrows the lists to it, Escape shows all.'), 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '100' });
  private readonly picture = document.createElementNS(svgNamespace, 'svg');
  private readonly upstream = shape('curve-upstream');
  private readonly client = shape('curve-client');
  private readonly bands = document.createElementNS(svgNamespace, 'g');
  private readonly brush = document.createElementNS(svgNamespace, 'rect');
  private readonly start = el('span', { class: 'quiet' });
  private readonly end = el('span', { class: 'quiet' });
  private readonly peak = el('span', { class: 'throughput-peak quiet' });
  private shown: Throughput | undefined;
  private stretch: Stretch | undefined;
  private pauses: readonly Stretch[] = [];
  private dragFrom: number | undefined;
  /** keyboard: place of the cursor and where marking began, in buckets */
  private cursor: { at: number; anchor: number } | undefined;

  constructor(private readonly options: ThroughputOptions) {
    this.brush.setAttribute('class', 'brush');
    this.picture.setAttribute('aria-hidden', 'true');
    this.picture.append(this.bands, this.brush, this.upstream, this.client);
    this.element.append(this.picture, this.peak, el('div', { class: 'throughput-axis' }, this.start, this.end));
    this.element.addEventListener('pointerdown', (event) => this.onDown(event));
    this.element.addEventListener('pointermove', (event) => this.onMove(event));
    this.element.addEventListener('pointerup', (event) => this.onUp(event));
    this.element.addEventListener('dblclick', () => this.choose(undefined));
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** buckets that the chart has room for */
  get buckets(): number {
    return Math.max(1, Math.floor(this.element.clientWidth / bucketPx));
  }

  show(data: Throughput): void {
    this.shown = data;
    this.draw();
  }

  setStretch(stretch: Stretch | undefined): void {
    this.stretch = stretch;
    this.draw();
  }

  /** times at which a debugger held a program */
  setPauses(pauses: readonly Stretch[]): void {
    this.pauses = pauses;
    this.draw();
  }

  private get scale(): ChartScale | undefined {
    const { shown } = this;
    if (shown === undefined || this.element.clientWidth === 0) return undefined;
    let highest = 1;
    for (const values of [shown.client, shown.upstream]) for (let index = 0; index < values.length; index++) if (highest < values[index]!) highest = values[index]!;
    return { from: shown.from, to: shown.to, widthPx: this.element.clientWidth, heightPx: Math.max(1, this.element.clientHeight - axisPx - 4), highest };
  }

  private draw(): void {
    const { scale, shown } = this;
    if (scale === undefined || shown === undefined) return;
    setAttribute(this.picture, 'viewBox', `0 -2 ${scale.widthPx} ${scale.heightPx + 4}`);
    this.picture.style.height = `${scale.heightPx + 4}px`;
    setAttribute(this.client, 'd', curve(scale, shown.client));
    setAttribute(this.upstream, 'd', curve(scale, shown.upstream));
    this.bands.replaceChildren(...this.pauses.flatMap((pause) => band(scale, pause)));
    const marked = this.marked(scale) ?? this.stretch;
    setAttribute(this.brush, 'visibility', marked === undefined ? 'hidden' : 'visible');
    if (marked !== undefined) place(this.brush, scale, marked);
    // Before the first byte there is no time to show.
    setText(this.start, shown.from < shown.to ? formatTime(shown.from).slice(0, 8) : '');
    setText(this.end, shown.from < shown.to ? formatTime(shown.to).slice(0, 8) : '');
    const bucketMs = (shown.to - shown.from) / Math.max(1, shown.client.length);
    setText(this.peak, scale.highest <= 1 || bucketMs <= 0 ? '' : l10n.t('{0}/s at most', formatBytes(Math.round((scale.highest / bucketMs) * 1000))));
    const at = this.cursor === undefined ? undefined : timeAt(scale, this.cursor.at * bucketPx);
    setAttribute(this.element, 'aria-valuenow', String(this.cursor === undefined ? 100 : Math.round((this.cursor.at / this.buckets) * 100)));
    setAttribute(this.element, 'aria-valuetext', marked !== undefined ? l10n.t('{0} to {1}', formatTime(marked.from), formatTime(marked.to)) : at === undefined ? l10n.t('all times') : formatTime(at));
  }

  private marked(scale: ChartScale): Stretch | undefined {
    const { cursor } = this;
    return cursor === undefined ? undefined : brushed(scale, cursor.anchor * bucketPx, cursor.at * bucketPx, 0.5) ?? { from: timeAt(scale, cursor.at * bucketPx), to: timeAt(scale, cursor.at * bucketPx + 1) };
  }

  private choose(stretch: Stretch | undefined): void {
    this.cursor = undefined;
    this.stretch = stretch;
    this.options.onStretch(stretch);
    this.draw();
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.dragFrom = this.offset(event);
    this.element.setPointerCapture(event.pointerId);
  }

  private onMove(event: PointerEvent): void {
    const { scale, dragFrom } = this;
    if (dragFrom === undefined || scale === undefined) return;
    const stretch = brushed(scale, dragFrom, this.offset(event));
    if (stretch === undefined) return;
    this.stretch = stretch;
    this.draw();
  }

  private onUp(event: PointerEvent): void {
    const { scale, dragFrom } = this;
    this.dragFrom = undefined;
    if (dragFrom === undefined || scale === undefined) return;
    const stretch = brushed(scale, dragFrom, this.offset(event));
    // A click beside the stretch takes it away.
    if (stretch !== undefined || this.stretch !== undefined) this.choose(stretch);
  }

  private offset(event: PointerEvent): number {
    return event.clientX - this.element.getBoundingClientRect().left;
  }

  private onKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step !== 0) {
      const before = this.cursor ?? { at: this.buckets, anchor: this.buckets };
      const at = Math.min(Math.max(0, before.at + step * (event.ctrlKey || event.metaKey ? 10 : 1)), this.buckets);
      this.cursor = { at, anchor: event.shiftKey ? before.anchor : at };
      this.draw();
    } else if (event.key === 'Enter' && this.cursor !== undefined && this.scale !== undefined) {
      this.choose(this.marked(this.scale));
    } else if (event.key === 'Escape' && (this.cursor !== undefined || this.stretch !== undefined)) {
      this.choose(undefined);
    } else return;
    consume(event);
  }
}

function shape(className: string): SVGPathElement {
  const element = document.createElementNS(svgNamespace, 'path');
  element.setAttribute('class', className);
  return element;
}

function band(scale: ChartScale, pause: Stretch): SVGRectElement[] {
  if (pause.to <= scale.from || scale.to <= pause.from) return [];
  const element = document.createElementNS(svgNamespace, 'rect');
  element.setAttribute('class', 'band');
  place(element, scale, pause);
  return [element];
}

function place(element: SVGRectElement, scale: ChartScale, { from, to }: Stretch): void {
  const left = Math.max(0, xOf(scale, from));
  const right = Math.min(scale.widthPx, xOf(scale, to));
  element.setAttribute('x', left.toFixed(1));
  element.setAttribute('width', Math.max(1, right - left).toFixed(1));
  element.setAttribute('y', '0');
  element.setAttribute('height', String(scale.heightPx));
}
