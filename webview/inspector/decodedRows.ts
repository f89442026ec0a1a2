// Drawing one line of the decoded view: a message, a field with its value, a problem, or the line between a request and its answers.

import type { Severity } from '../../src/shared/message.js';
import type { MessageRow } from '../../src/shared/protocol.js';
import { l10n } from '../l10n.js';
import { el, setAttribute, setText } from '../widgets/dom.js';
import { formatDuration } from '../widgets/format.js';
import { visibleText } from '../widgets/visibleText.js';
import type { TreeLine } from './messageTree.js';
import { summaryWords } from './messageWords.js';
import { protocolHue } from './protocolHue.js';

const indentPx = 16;
/** what stands for a password until somebody asks for it */
const mask = '••••••••';

export function createDecodedRow(): HTMLElement {
  const row = el('div', { class: 'message-row' });
  for (let cell = 0; cell < 4; cell++) row.append(el('div', { class: `cell cell-${cell}`, role: 'gridcell' }));
  return row;
}

export function renderLoading(element: HTMLElement): void {
  for (const cell of element.children) setText(cell, '');
  forget(element.children[2]);
  element.className = 'vlist-row message-row';
  setAttribute(element, 'aria-label', l10n.t('Loading'));
}

export interface MessageLook {
  isOpen: boolean;
  isChosen: boolean;
  /** lines name their protocol only where there is more than one */
  namesProtocol: boolean;
  /** epoch milliseconds: times are counted from here */
  openedAt: number;
  /** what the protocol calls such a message, where its summary does not say it */
  title: string;
}

export function renderMessage(element: HTMLElement, row: MessageRow, look: MessageLook): void {
  const [after, who, text, took] = element.children;
  if (after === undefined || who === undefined || text === undefined || took === undefined) return;
  const isFromClient = row.from === 'client';
  const canOpen = row.hasFields || row.severity !== undefined;
  element.className = classes('vlist-row message-row is-message', isFromClient && 'is-client', `is-${row.kind}`, row.severity !== undefined && `has-${row.severity}`, row.isOpen === true && 'is-open-end', look.isChosen && 'is-selected');
  const latency = row.latencyMs === undefined ? '' : formatDuration(row.latencyMs);
  setText(after, `+${((row.startedAt - look.openedAt) / 1000).toFixed(3)}`);
  setText(who, isFromClient ? l10n.t('client →') : l10n.t('← upstream'));
  setText(took, latency);
  const mark = row.severity === 'error' ? '✕ ' : row.severity === 'warning' ? '⚠ ' : '';
  setLine(text, 0, canOpen ? look.isOpen : undefined, 0, [['protocol ' + protocolHue(row.protocol), look.namesProtocol ? `${row.protocol} ` : ''], ['message-title', look.title === '' ? '' : `${look.title} `], ['summary', `${mark}${summaryWords(row)}`]]);
  setAttribute(element, 'aria-level', '1');
  setAttribute(element, 'aria-expanded', canOpen ? String(look.isOpen) : undefined);
  setAttribute(element, 'aria-selected', String(look.isChosen));
  setAttribute(element, 'aria-label', l10n.t('{0}, {1}, after {2}: {3}', isFromClient ? l10n.t('client') : l10n.t('upstream'), row.protocol, formatDuration(row.startedAt - look.openedAt), summaryWords(row)) + (latency === '' ? '' : `, ${l10n.t('took {0}', latency)}`));
}

export function renderField(element: HTMLElement, line: Extract<TreeLine, { kind: 'field' }>, isChosen: boolean, isRevealed: boolean): void {
  const [after, who, text, took] = element.children;
  if (after === undefined || who === undefined || text === undefined || took === undefined) return;
  const { field, problem } = line;
  element.className = classes('vlist-row message-row is-field', problem !== undefined && `is-problem has-${problem.severity}`, isChosen && 'is-selected');
  for (const cell of [after, who, took]) setText(cell, '');
  const isMasked = field?.isSecret === true && !isRevealed;
  const name = problem === undefined ? (field?.name ?? '') : severityWord(problem.severity);
  const value = isMasked ? mask : problem === undefined ? (field?.text ?? '') : l10n.said(problem.text);
  const look = isMasked ? 'is-masked' : typeof field?.value === 'number' && /^[-+\d]/.test(field.text) ? 'is-number' : typeof field?.value === 'boolean' ? 'is-flag' : '';
  setLine(text, line.depth, line.hasFields ? line.isOpen : undefined, line.nameWidth, [['field-name', name], [`field-text ${look}`, value], ['quiet', isMasked ? ` ${l10n.t('secret, Enter shows it')}` : '']]);
  setAttribute(element, 'aria-level', String(line.depth + 1));
  setAttribute(element, 'aria-expanded', line.hasFields ? String(line.isOpen) : undefined);
  setAttribute(element, 'aria-selected', String(isChosen));
  setAttribute(element, 'aria-label', `${name}: ${isMasked ? l10n.t('secret, Enter shows it') : value}`);
}

/** The line above the first answer: "upstream · 6.2 ms". */
export function renderDivider(element: HTMLElement, answer: MessageRow | undefined): void {
  const [after, who, text, took] = element.children;
  if (after === undefined || who === undefined || text === undefined || took === undefined) return;
  element.className = 'vlist-row message-row is-divider';
  for (const cell of [after, who, took]) setText(cell, '');
  const speaker = answer?.from === 'client' ? l10n.t('client') : l10n.t('upstream');
  const words = answer?.latencyMs === undefined ? speaker : `${speaker} · ${formatDuration(answer.latencyMs)}`;
  setLine(text, 0, undefined, 0, [['divider-words', words]]);
  setAttribute(element, 'aria-level', '1');
  setAttribute(element, 'aria-expanded', undefined);
  setAttribute(element, 'aria-selected', undefined);
  setAttribute(element, 'aria-label', words);
}

export function severityWord(severity: Severity): string {
  switch (severity) {
    case 'error':
      return l10n.t('Error');
    case 'warning':
      return l10n.t('Warning');
    case 'note':
      return l10n.t('Note');
  }
}

function classes(...names: (string | false)[]): string {
  return names.filter((name) => name !== false).join(' ');
}

interface DrawnCell extends HTMLElement {
  drawnLine?: string;
}

function forget(cell: Element | undefined): void {
  if (cell !== undefined) delete (cell as DrawnCell).drawnLine;
}

/**
 * @param isOpen undefined = nothing to open
 * @param nameWidth characters that the first part takes at least
 */
function setLine(cell: Element, depth: number, isOpen: boolean | undefined, nameWidth: number, parts: readonly (readonly [className: string, text: string])[]): void {
  const key = `${depth} ${isOpen} ${nameWidth} ${parts.flat().join('\u0000')}`;
  const known = cell as DrawnCell;
  if (known.drawnLine === key) return;
  known.drawnLine = key;
  known.style.paddingLeft = `${depth * indentPx}px`;
  const twistie = el('span', { class: 'twistie', 'aria-hidden': 'true', text: isOpen === undefined ? '' : isOpen ? '⌄' : '›' });
  const drawn = parts.filter(([, text]) => text !== '').map(([className, text]) => el('span', { class: className, text: visibleText(text) }));
  if (0 < nameWidth && drawn[0] !== undefined) drawn[0].style.minWidth = `${nameWidth + 2}ch`;
  cell.replaceChildren(twistie, ...drawn);
}
