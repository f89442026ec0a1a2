// Under the bytes: what the selection would be as numbers and text, in one line; opened, a table of everything it could be.

import { l10n } from '../../l10n.js';
import { el, perFrame, show } from '../../widgets/dom.js';
import { readRange } from './bytesCache.js';
import { inspectBytes, inspectedBytes } from './byteInspector.js';
import type { ByteModel } from './byteModel.js';
import { byteValues } from './byteValues.js';

/** what the line of values looks at */
const valueBytes = 32;
/** with one byte selected the line tells what begins there */
const followingBytes = 8;

export class ValuesLine {
  readonly element: HTMLElement;
  private readonly line = el('div', { class: 'hex-values', role: 'status' });
  private readonly toggle = el('button', { class: 'icon-button values-toggle', type: 'button' });
  private readonly table = el('table', { class: 'values-table' });
  private readonly tableBox = el('div', { class: 'values-box', id: 'values-table', tabindex: '0', role: 'region', 'aria-label': l10n.t('Values at the cursor') }, this.table);
  private isOpen = false;
  private request = 0;
  readonly draw = perFrame(() => this.show());

  constructor(private readonly model: ByteModel, private readonly onToggle: (isOpen: boolean) => void, private readonly report: (fault: unknown) => void) {
    this.toggle.setAttribute('aria-controls', 'values-table');
    this.toggle.addEventListener('click', () => {
      this.setOpen(!this.isOpen);
      this.onToggle(this.isOpen);
    });
    this.element = el('div', { class: 'values' }, el('div', { class: 'values-head' }, this.line, this.toggle), this.tableBox);
    this.setOpen(false);
  }

  setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.toggle.textContent = isOpen ? '⌄' : '⌃';
    this.toggle.title = isOpen ? l10n.t('Fewer values') : l10n.t('All values');
    this.toggle.setAttribute('aria-label', this.toggle.title);
    this.toggle.setAttribute('aria-expanded', String(isOpen));
    show(this.tableBox, isOpen);
    this.draw();
  }

  private show(): void {
    const { model } = this;
    const selected = model.selected;
    const request = ++this.request;
    if (selected === undefined || model.read === undefined) {
      this.line.replaceChildren(el('span', { class: 'quiet', text: model.total === 0 ? '' : l10n.t('Select bytes to see them as numbers and text.') }));
      this.table.replaceChildren();
      return;
    }
    const { start, end } = selected;
    const stop = Math.min(model.total, Math.max(start + inspectedBytes, Math.min(end, start + valueBytes)));
    const here = model.view(start, stop);
    if (here !== undefined && here.bytes.length === stop - start) this.drawValues(start, end, here.bytes, here.gaps);
    else readRange(model.read, model.from, start, stop, valueBytes).then(({ bytes, gaps }) => {
      if (request === this.request) this.drawValues(start, end, bytes, gaps);
    }, this.report);
  }

  private drawValues(start: number, end: number, bytes: Uint8Array, gaps: readonly { start: number; end: number }[]): void {
    const isSingle = end - start === 1;
    const length = Math.min(bytes.length, isSingle ? followingBytes : Math.min(end - start, valueBytes));
    // A value made of bytes that are not there would be a lie: only what stands before the gap counts.
    const kept = Math.min(bytes.length, ...gaps.filter((gap) => start < gap.end).map((gap) => Math.max(0, gap.start - start)));
    if (kept < Math.min(length, 1) || (kept < length && !isSingle)) {
      this.line.replaceChildren(el('span', { class: 'quiet', text: l10n.t('overwritten by newer traffic') }));
      this.table.replaceChildren();
      return;
    }
    const values = byteValues(bytes.subarray(0, Math.min(length, kept)), isSingle);
    this.line.replaceChildren(...values.map(({ name, value }) => el('span', { class: 'value' }, el('span', { class: 'quiet', text: name }), ` ${value}`)));
    if (!this.isOpen) return;
    const head = el('tr', {}, ...['', l10n.t('little endian'), l10n.t('big endian')].map((text) => el('th', { scope: 'col', text })));
    const rows = inspectBytes(bytes.subarray(0, kept)).map(({ name, little, big }) => {
      if (little === undefined && big !== undefined) return el('tr', {}, el('th', { scope: 'row', text: name }), el('td', { colspan: '2', text: big }));
      return el('tr', {}, el('th', { scope: 'row', text: name }), el('td', { text: little ?? '–' }), el('td', { text: big ?? '–' }));
    });
    this.table.replaceChildren(el('thead', {}, head), el('tbody', {}, ...rows));
  }
}
