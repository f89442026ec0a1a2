// The list of connections: a million rows, drawn a screenful at a time.

import type { FlowRow } from '../../src/shared/flow.js';
import { l10n } from '../l10n.js';
import { el, setAttribute, setText } from '../widgets/dom.js';
import { formatBytes, formatDuration, formatTime } from '../widgets/format.js';
import type { Reach } from '../widgets/listReach.js';
import { VirtualList } from '../widgets/virtualList.js';
import { protocolHue } from './protocolHue.js';
import { clientWords, endWords, flowDurationMs, isTrouble, protocolWords, routeWords, rowLabel } from './words.js';

export const flowRowHeightPx = 22;
const cellCount = 8;

export interface FlowListOptions {
  row(index: number): FlowRow | undefined;
  isSelected(id: number): boolean;
  /** the one that the details show, of several that are selected */
  isCurrent(id: number): boolean;
  onRange(start: number, end: number): void;
  onActive(index: number, reach: Reach): void;
  onAll(): void;
  onOne(): boolean;
  onOpen(index: number): void;
  onScroll(): void;
}

export function flowList(options: FlowListOptions): VirtualList {
  const columns = [
    l10n.t('Time'), l10n.t('Protocol'), l10n.t('Route → upstream'), l10n.t('Program'),
    l10n.t('Client ↑'), l10n.t('Upstream ↓'), l10n.t('Duration'), l10n.t('End'),
  ];
  const list = new VirtualList({
    rowHeightPx: flowRowHeightPx,
    label: l10n.t('Connections'),
    columns,
    className: 'flow-list',
    createRow,
    renderRow: (row, index) => renderRow(row, options.row(index), options),
    onRange: options.onRange,
    isMulti: true,
    onActive: options.onActive,
    onAll: options.onAll,
    onOne: options.onOne,
    onOpen: options.onOpen,
    onScroll: options.onScroll,
  });
  const heads = list.element.querySelectorAll('[role=columnheader]');
  heads[4]?.setAttribute('title', l10n.t('Bytes from the client to the upstream'));
  heads[5]?.setAttribute('title', l10n.t('Bytes from the upstream to the client'));
  return list;
}

function createRow(): HTMLElement {
  const row = el('div', { class: 'flow-row' });
  for (let cell = 0; cell < cellCount; cell++) row.append(el('div', { class: `cell cell-${cell}`, role: 'gridcell' }));
  row.children[1]?.append(el('span', { class: 'swatch' }), el('span', { class: 'protocol' }));
  return row;
}

function renderRow(row: HTMLElement, flow: FlowRow | undefined, options: Pick<FlowListOptions, 'isSelected' | 'isCurrent'>): void {
  const cells = row.children;
  const isSelected = flow !== undefined && options.isSelected(flow.id);
  setAttribute(row, 'aria-selected', String(isSelected));
  row.classList.toggle('is-selected', isSelected);
  row.classList.toggle('is-current', flow !== undefined && options.isCurrent(flow.id));
  if (flow === undefined) {
    for (const [index, cell] of [...cells].entries()) {
      if (index === 1) setProtocol(cell, '', 'hue-none');
      else setText(cell, '');
    }
    setAttribute(row, 'aria-label', l10n.t('Loading'));
    setAttribute(row, 'data-vscode-context', undefined);
    setAttribute(row, 'data-flow', undefined);
    return;
  }
  const now = Date.now();
  const texts = [
    formatTime(flow.openedAt), undefined, routeWords(flow), clientWords(flow),
    formatBytes(flow.fromClient.total), formatBytes(flow.fromUpstream.total), formatDuration(flowDurationMs(flow, now)), endWords(flow),
  ];
  for (const [index, text] of texts.entries()) {
    const cell = cells[index];
    if (cell !== undefined && text !== undefined) setText(cell, text);
  }
  if (cells[1] !== undefined) setProtocol(cells[1], protocolWords(flow), protocolHue(flow.classification.layers.at(-1) ?? flow.classification.protocol));
  row.classList.toggle('is-live', flow.state !== 'closed');
  row.classList.toggle('is-trouble', flow.endReason !== undefined && isTrouble(flow.endReason));
  setAttribute(row, 'aria-label', rowLabel(flow, now));
  setAttribute(row, 'data-flow', String(flow.id));
  // Numbers and our own words only: what a client says never gets into a menu's context.
  setAttribute(row, 'data-vscode-context', JSON.stringify({ webviewSection: 'flow', flow: flow.id, isLive: flow.state !== 'closed', preventDefaultContextMenuItems: true }));
}

function setProtocol(cell: Element, words: string, hue: string): void {
  const className = `cell cell-1 ${hue}`;
  if (cell.className !== className) cell.className = className;
  const name = cell.lastElementChild;
  if (name !== null) setText(name, words);
}
