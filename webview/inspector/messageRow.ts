// One row of the message list: its cells in the order of the columns, drawn again only where something changed.

import type { ExchangeRow } from '../../src/shared/inspect.js';
import { l10n } from '../l10n.js';
import { el, setAttribute, setText } from '../widgets/dom.js';
import { formatBytesShort, formatTime } from '../widgets/format.js';
import { visibleText } from '../widgets/visibleText.js';
import { isFieldColumn, type PlacedColumn } from './columns.js';
import type { PauseNote } from './pauseBands.js';
import { answerWords, messageLabel, phaseWords, summaryWords, tookWords } from './messageWords.js';
import { protocolHue } from './protocolHue.js';
import { rowTouchWords } from './touchWords.js';
import { phasesOf, shareOf, type TimeScale } from './waterfall.js';

export interface RowLook {
  columns: readonly PlacedColumn[];
  /** another one = the cells are others */
  layout: number;
  scale: TimeScale | undefined;
  isSelected: boolean;
  /** request or answer of the selected row */
  isTied: boolean;
  /** the one that the details show, of several that are selected */
  isCurrent: boolean;
  /** a debugger held a program after this message, before the next */
  note: PauseNote | undefined;
}

interface Drawn extends RowLook {
  message: ExchangeRow | undefined;
}

const drawnRows = new WeakMap<HTMLElement, Drawn>();

export function createMessageRow(): HTMLElement {
  return el('div', { class: 'exchange-row' });
}

/** @param message undefined = not here yet */
export function renderMessageRow(row: HTMLElement, message: ExchangeRow | undefined, look: RowLook): void {
  const before = drawnRows.get(row);
  const isOtherLayout = before?.layout !== look.layout;
  const isOther = isOtherLayout || before.message !== message;
  if (!isOther && before.isSelected === look.isSelected && before.isTied === look.isTied && before.isCurrent === look.isCurrent && before.scale === look.scale && before.note?.words === look.note?.words) return;
  drawnRows.set(row, { ...look, message });
  if (isOtherLayout) row.replaceChildren(...look.columns.map((column, index) => cellFor(column, index)));
  if (isOther) renderWhole(row, message, look);
  if (isOther || before.isSelected !== look.isSelected || before.isTied !== look.isTied || before.isCurrent !== look.isCurrent) {
    setAttribute(row, 'aria-selected', String(look.isSelected));
    row.classList.toggle('is-selected', look.isSelected);
    row.classList.toggle('is-tied', look.isTied);
    row.classList.toggle('is-current', look.isCurrent);
  }
  if (isOther || before.note?.words !== look.note?.words) renderNote(row, message, look);
  if (isOther || before.scale !== look.scale) {
    const at = look.columns.findIndex(({ id }) => id === 'waterfall');
    const bar = row.children[at]?.firstElementChild;
    if (bar instanceof HTMLElement) renderBar(bar, message, look.scale);
  }
}

function cellFor(column: PlacedColumn, index: number): HTMLElement {
  const cell = el('div', { class: `cell column-${isFieldColumn(column.id) ? 'field' : column.id}${column.isNumber ? ' is-number' : ''}`, role: 'gridcell', 'aria-colindex': String(index + 1) });
  if (column.id === 'protocol') cell.append(el('span', { class: 'swatch' }), el('span', { class: 'protocol' }));
  if (column.id === 'waterfall') cell.append(el('div', { class: 'bar' }));
  return cell;
}

function renderWhole(row: HTMLElement, message: ExchangeRow | undefined, look: RowLook): void {
  setClass(row, message === undefined ? 'exchange-row vlist-row is-loading' : rowClass(message));
  setAttribute(row, 'aria-label', message === undefined ? l10n.t('Loading') : visibleText(messageLabel(message)));
  setAttribute(row, 'data-row', message === undefined ? undefined : String(message.row));
  setAttribute(row, 'data-vscode-context', message === undefined ? undefined : contextOf(message));
  for (const [index, column] of look.columns.entries()) {
    const cell = row.children[index];
    if (cell instanceof HTMLElement) renderCell(cell, column, message);
  }
}

/** Words at the end of the message's cell: what a person did to it, and where the program stood, with a line below the row. */
function renderNote(row: HTMLElement, message: ExchangeRow | undefined, { note, columns }: RowLook): void {
  row.classList.toggle('has-pause', note !== undefined);
  let element = row.querySelector<HTMLElement>('.pause-note');
  const words = [message === undefined ? '' : rowTouchWords(message.touch), note?.words ?? ''].filter((one) => one !== '').join(' · ');
  if (words === '') {
    element?.remove();
  } else {
    element ??= row.appendChild(el('span', { class: 'pause-note', 'aria-hidden': 'true' }));
    setText(element, words);
    const at = Math.max(0, columns.findIndex(({ id }) => id === 'message')) + 1;
    // An end as well: for what stands outside of the flow, "auto" is the end of the row (CSS Grid §9.1).
    element.style.gridColumn = `${at} / ${at + 1}`;
    setAttribute(element, 'data-file', note?.file);
    setAttribute(element, 'data-line', note?.line === undefined ? undefined : String(note.line));
  }
  if (message !== undefined) setAttribute(row, 'aria-label', note === undefined ? messageLabel(message) : `${messageLabel(message)}, ${note.words}`);
}

function rowClass(message: ExchangeRow): string {
  const classes = ['exchange-row', 'vlist-row', `is-${message.kind}`];
  if (message.color !== undefined) classes.push('has-color', `color-${message.color}`);
  if (message.severity === 'error') classes.push('has-error');
  // The answer tells it by its colour; without one that does, the message does.
  const { tone } = answerWords(message);
  if (tone !== 'bad' && message.severity === 'error') classes.push('is-wrong');
  if (tone !== 'bad' && tone !== 'warning' && message.severity === 'warning') classes.push('is-odd');
  if (message.isWaiting === true) classes.push('is-waiting');
  return classes.join(' ');
}

/** Numbers and our own words only: what a client says never gets into a menu's context. */
function contextOf({ row, flow, index, answer }: ExchangeRow): string {
  return JSON.stringify({ webviewSection: 'message', row, flow, index, ...(answer === undefined ? {} : { answer: answer.index }), preventDefaultContextMenuItems: true });
}

function renderCell(cell: HTMLElement, column: PlacedColumn, message: ExchangeRow | undefined): void {
  switch (column.id) {
    case 'protocol': {
      const name = cell.lastElementChild;
      if (name !== null) setText(name, message === undefined ? '' : message.protocol === 'unknown' ? l10n.t('unknown') : message.protocol);
      setHue(cell, 'cell column-protocol', message);
      return;
    }
    case 'answer': {
      const words = message === undefined ? undefined : answerWords(message);
      setText(cell, visibleText(words?.text ?? ''));
      setClass(cell, `cell column-answer tone-${words?.tone ?? 'plain'}`);
      return;
    }
    case 'waterfall':
      if (cell.firstElementChild !== null) setHue(cell.firstElementChild, 'bar', message);
      return;
    default:
      setText(cell, message === undefined ? '' : visibleText(cellText(message, column)));
  }
}

/** On the two cells that show it, not on the row: a colour that all cells inherit would be worked out again for each of them. */
function setHue(element: Element, className: string, message: ExchangeRow | undefined): void {
  setClass(element, `${className} ${protocolHue(message === undefined ? 'unknown' : message.protocol)}`);
}

function setClass(element: Element, className: string): void {
  if (element.className !== className) element.className = className;
}

/** What a cell of a column says. */
export function cellText(message: ExchangeRow, column: PlacedColumn): string {
  if (column.cell !== undefined) return message.cells[column.cell] ?? '';
  switch (column.id) {
    case 'time': return formatTime(message.startedAt);
    case 'protocol': return message.protocol;
    case 'message': return message.from === 'upstream' ? `← ${summaryWords(message)}` : summaryWords(message);
    case 'answer': return answerWords(message).text;
    case 'took': return tookWords(message);
    case 'bytes': return formatBytesShort(message.bytes);
    case 'flow': return String(message.flow);
    case 'program': return message.program ?? '';
    case 'from': return message.from === 'client' ? l10n.t('client') : l10n.t('upstream');
    case 'stream': return message.stream === undefined ? '' : String(message.stream);
    default: return '';
  }
}

function renderBar(bar: HTMLElement, message: ExchangeRow | undefined, scale: TimeScale | undefined): void {
  const phases = message === undefined || scale === undefined ? [] : phasesOf(message);
  for (const [index, phase] of phases.entries()) {
    const piece = bar.children[index] ?? bar.appendChild(el('div', {}));
    if (!(piece instanceof HTMLElement) || scale === undefined) continue;
    const { left, width } = shareOf(scale, phase);
    piece.className = `phase phase-${phase.kind}`;
    piece.style.left = `${(left * 100).toFixed(2)}%`;
    piece.style.width = `${(width * 100).toFixed(2)}%`;
  }
  while (bar.children.length > phases.length) bar.lastElementChild?.remove();
  setAttribute(bar, 'title', message === undefined ? undefined : phaseWords(message));
}
