// The prism, live: what comes in on a listener, which protocols it is, and where it goes. Names are buttons that narrow the lists.

import type { PrismPath } from '../../../src/shared/inspect.js';
import { l10n, plural } from '../../l10n.js';
import { el, setAttribute } from '../../widgets/dom.js';
import { formatBytes, formatDuration } from '../../widgets/format.js';
import { PressGuard } from '../../widgets/pressGuard.js';
import { protocolHue } from '../protocolHue.js';
import { prismLayout, ribbon, type PrismLayout, type PrismRow } from './prismLayout.js';

const rowPx = 24;
/** room for the listener's name, and for a protocol's */
const listenerPx = 92;
const protocolPx = 128;

const svgNamespace = 'http://www.w3.org/2000/svg';

export interface PrismOptions {
  /** a condition of the filter language */
  onCondition(condition: string): void;
  onListener(name: string): void;
}

export class Prism {
  readonly element = el('div', { class: 'prism', role: 'group', 'aria-label': l10n.t('Listeners, protocols and upstreams') });
  private readonly picture = document.createElementNS(svgNamespace, 'svg');
  private readonly labels = el('div', { class: 'prism-labels' });
  private paths: readonly PrismPath[] = [];
  private drawn = '';
  private readonly press = new PressGuard(this.labels, () => this.draw());

  constructor(private readonly options: PrismOptions) {
    this.picture.setAttribute('aria-hidden', 'true');
    this.element.append(this.picture, this.labels);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  show(paths: readonly PrismPath[]): void {
    this.paths = paths;
    this.draw();
  }

  private draw(): void {
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    if (width === 0 || height === 0 || this.press.waits) return;
    const layout = prismLayout(this.paths, height, rowPx);
    const key = JSON.stringify([width, height, layout]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.drawRibbons(layout, width, height);
    this.drawLabels(layout, width);
  }

  private drawRibbons({ rows }: PrismLayout, width: number, height: number): void {
    const bend = Math.max(listenerPx + 30, Math.min(width * 0.36, 300));
    const barFrom = bend + protocolPx;
    const barTo = Math.max(barFrom, Math.min(width * 0.66, barFrom + 160));
    this.element.style.setProperty('--prism-protocol', `${bend + 8}px`);
    this.element.style.setProperty('--prism-upstream', `${barTo + 10}px`);
    setAttribute(this.picture, 'viewBox', `0 0 ${width} ${height}`);
    this.picture.replaceChildren(...rows.flatMap((row) => [line(ribbon(listenerPx, row.listenerY, bend, row.y), row), line(`M${barFrom} ${row.y}H${barTo}`, row)]));
  }

  private drawLabels({ rows, listeners, hidden }: PrismLayout, width: number): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['key'] : undefined;
    this.labels.replaceChildren(
      ...listeners.map(({ name, y, live }) => this.label('prism-listener', y, `listener ${name}`, l10n.t('Only listener {0}', name), () => this.options.onListener(name), name, plural(live, '{0} live', '{0} live'))),
      ...rows.flatMap((row) => this.rowLabels(row)),
    );
    if (hidden > 0) this.labels.append(el('span', { class: 'prism-more quiet', text: plural(hidden, '{0} more', '{0} more') }));
    this.element.classList.toggle('is-tight', width < 420);
    if (focused === undefined) return;
    // The labels are new ones; whoever stood on one stays on it.
    for (const label of this.labels.querySelectorAll<HTMLElement>('button')) if (label.dataset['key'] === focused) label.focus({ preventScroll: true });
  }

  private rowLabels({ path, y }: PrismRow): HTMLElement[] {
    const { protocol, upstream, bytesPerSecond, errors, p95 } = path;
    const rate = bytesPerSecond < 1 ? '' : l10n.t('{0}/s', formatBytes(Math.round(bytesPerSecond)));
    const facts = [p95 === undefined ? '' : l10n.t('p95 {0}', formatDuration(p95)), errors === 0 ? '' : plural(errors, '{0} error', '{0} errors')].filter((part) => part !== '').join(' · ');
    const first = this.label(`prism-protocol ${protocolHue(protocol)}`, y, `protocol ${path.listener} ${protocol} ${upstream}`, l10n.t('Only protocol {0}', protocol), () => this.options.onCondition(`protocol == ${protocol}`), protocol, rate);
    const second = this.label(`prism-upstream${errors > 0 ? ' has-errors' : ''}`, y, `upstream ${path.listener} ${protocol} ${upstream}`, l10n.t('Only upstream {0}', upstream), () => this.options.onCondition(`upstream == ${JSON.stringify(upstream)}`), upstream === '' ? l10n.t('no upstream') : shortAddress(upstream), facts);
    if (upstream === '') second.disabled = true;
    return [first, second];
  }

  private label(className: string, y: number, key: string, does: string, run: () => void, name: string, facts: string): HTMLButtonElement {
    const button = el('button', { class: `prism-label ${className}`, type: 'button', title: does, 'aria-label': `${name}${facts === '' ? '' : ` ${facts}`}. ${does}` }, el('span', { class: 'prism-name', text: name }), ...(facts === '' ? [] : [' ', el('span', { class: 'quiet', text: facts })]));
    button.style.top = `${y}px`;
    button.dataset['key'] = key;
    button.addEventListener('click', run);
    return button;
  }
}

function line(path: string, { path: { protocol, live }, thickness }: PrismRow): SVGPathElement {
  const element = document.createElementNS(svgNamespace, 'path');
  element.setAttribute('d', path);
  element.setAttribute('class', `ribbon ${protocolHue(protocol)}${live === 0 ? ' is-idle' : ''}`);
  element.setAttribute('stroke-width', thickness.toFixed(1));
  return element;
}

/** Nearly all upstreams are on this machine: their port says it. The whole address is in the tooltip. */
function shortAddress(address: string): string {
  return address.replace(/^(?:127\.0\.0\.1|localhost|\[::1\]):(?=\d+$)/, '');
}
