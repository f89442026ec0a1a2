// What the message list calls things: the answer and its tone, marks, a row in a sentence for screen readers, the line of counts.

import type { ExchangeRow, RowColor, ViewPage } from '../../src/shared/inspect.js';
import type { MessageKind } from '../../src/shared/message.js';
import type { LensSummary } from '../../src/shared/protocol.js';
import { formatCount, l10n, plural } from '../l10n.js';
import { formatBytes, formatDuration, formatTime } from '../widgets/format.js';
import { fileDataWords } from './file/fileWords.js';
import { shown } from './file/shownKind.js';
import { rowTouchWords } from './touchWords.js';

/** Summaries are the protocol's words; of bytes that no dissector read they are ours. */
export function summaryWords({ kind, summary }: { kind: MessageKind; summary: string }): string {
  return kind === 'undecoded' || kind === 'gap' ? l10n.said(summary) : summary;
}

/** How an answer reads at a glance. `waiting` and `quiet` are words of ours, not the answer's. */
export type Tone = 'good' | 'bad' | 'warning' | 'plain' | 'waiting' | 'quiet';

export interface AnswerWords {
  text: string;
  tone: Tone;
}

export function answerWords(row: ExchangeRow): AnswerWords {
  const { answer } = row;
  if (answer !== undefined) {
    const more = answer.count - 1;
    return { text: more > 0 ? `${answer.summary}  +${formatCount(more)}` : answer.summary, tone: answerTone(answer.summary, answer.severity) };
  }
  if (row.isUnanswered === true || (row.isWaiting === true && (shown.isFile || isTaken(row)))) return { text: l10n.t('no answer'), tone: 'quiet' };
  if (row.isWaiting === true) return { text: l10n.t('no answer yet'), tone: 'waiting' };
  switch (row.kind) {
    // What a server says unasked needs no words about it; a client that expects nothing is worth knowing.
    case 'notice': return { text: row.from === 'client' ? l10n.t('no answer expected') : '', tone: 'quiet' };
    case 'request':
    case 'answer':
    case 'undecoded':
    case 'gap': return { text: '', tone: 'quiet' };
  }
}

/** The other side never heard it: nobody waits for its answer. */
function isTaken({ touch }: ExchangeRow): boolean {
  return touch !== undefined && touch.isAnswer === undefined && (touch.what === 'dropped' || touch.what === 'answered');
}

/** The status where the text says one: HTTP's digits, OK of gRPC and others. Everything else is told by its problems. */
function answerTone(summary: string, severity: ExchangeRow['severity']): Tone {
  if (severity === 'error' || /^(HTTP\/\d(\.\d)? )?[45]\d\d\b/.test(summary) || /^-?(ERR|ERROR|FATAL|PANIC)\b/.test(summary)) return 'bad';
  if (severity === 'warning') return 'warning';
  return /^(HTTP\/\d(\.\d)? )?2\d\d\b/.test(summary) || /^\+?OK\b/.test(summary) ? 'good' : 'plain';
}

export function tookWords(row: ExchangeRow): string {
  return row.latencyMs === undefined ? '' : formatDuration(row.latencyMs);
}

export function colorWords(color: RowColor): string {
  switch (color) {
    case 'red': return l10n.t('red');
    case 'orange': return l10n.t('orange');
    case 'yellow': return l10n.t('yellow');
    case 'green': return l10n.t('green');
    case 'blue': return l10n.t('blue');
    case 'purple': return l10n.t('purple');
  }
}

/** One row in one sentence. */
export function messageLabel(row: ExchangeRow): string {
  const answer = answerWords(row);
  const parts = [
    row.color === undefined ? '' : row.isMarked ? l10n.t('marked {0}', colorWords(row.color)) : l10n.t('coloured {0}', colorWords(row.color)),
    severityWords(row),
    formatTime(row.startedAt),
    row.protocol,
    row.from === 'client' ? l10n.t('from client') : l10n.t('from upstream'),
    summaryWords(row),
    row.answer === undefined ? answer.text : l10n.t('answer {0}', answer.text),
    row.latencyMs === undefined ? '' : l10n.t('took {0}', formatDuration(row.latencyMs)),
    row.pausedMs === undefined ? '' : l10n.t('waited for your breakpoint {0}', formatDuration(row.pausedMs)),
    rowTouchWords(row.touch),
    formatBytes(row.bytes),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function severityWords(row: ExchangeRow): string {
  switch (row.severity) {
    case 'error': return l10n.t('with an error');
    case 'warning': return l10n.t('with a warning');
    default: return '';
  }
}

/** What the bar of the waterfall column says when the mouse rests on it. */
export function phaseWords(row: ExchangeRow): string {
  const { answer } = row;
  const parts: string[] = [];
  if (row.connectMs !== undefined) parts.push(l10n.t('connecting {0}', formatDuration(row.connectMs)));
  if (row.endedAt > row.startedAt) parts.push(l10n.t('request {0}', formatDuration(row.endedAt - row.startedAt)));
  if (row.pausedMs !== undefined) parts.push(l10n.t('waited for your breakpoint {0}', formatDuration(row.pausedMs)));
  if (row.touch !== undefined) parts.push(rowTouchWords(row.touch));
  if (row.latencyMs !== undefined) parts.push(l10n.t('waiting {0}', formatDuration(row.latencyMs)));
  if (answer !== undefined) parts.push(l10n.t('transfer {0}', formatDuration(answer.endedAt - answer.startedAt)));
  return parts.join(' · ');
}

/** The line of counts behind the filter's words: "212 of 48,911 messages · 256 MB kept, 1.2 GB older dropped". */
export function messageCounts(summary: LensSummary, page: ViewPage | undefined, isFiltered: boolean, newer: number): string[] {
  const all = page?.all ?? summary.messages;
  const parts: string[] = [];
  if (page === undefined) parts.push(plural(all, '{0} message', '{0} messages'));
  else if (isFiltered) parts.push(l10n.t('{0} of {1}', formatCount(page.total), plural(all, '{0} message', '{0} messages')));
  // Requests and their answers are one row each, so rows alone would look like a smaller number of messages.
  else parts.push(page.total === all ? plural(all, '{0} message', '{0} messages') : l10n.t('{0} in {1}', plural(all, '{0} message', '{0} messages'), plural(page.total, '{0} row', '{0} rows')));
  if (shown.isFile) parts.push(fileDataWords(summary));
  else parts.push(summary.droppedBytes === 0 ? l10n.t('{0} kept', formatBytes(summary.keptBytes)) : l10n.t('{0} kept, {1} older dropped', formatBytes(summary.keptBytes), formatBytes(summary.droppedBytes)));
  if (page !== undefined && page.forgotten > 0) parts.push(plural(page.forgotten, '{0} older row forgotten', '{0} older rows forgotten'));
  if (newer > 0) parts.push(plural(newer, 'paused, {0} newer', 'paused, {0} newer'));
  if (page !== undefined && page.undecodedBytes > 0) parts.push(l10n.t('{0} not decoded yet', formatBytes(page.undecodedBytes)));
  // Below half a second nobody notices; above it the numbers would look wrong without this.
  if (summary.behindMs > 500) parts.push(l10n.t('showing what happened {0} ago', formatDuration(summary.behindMs)));
  if (summary.memoryBytes > 0) parts.push(l10n.t('{0} of memory for the lists', formatBytes(summary.memoryBytes)));
  return parts;
}

/** @returns undefined when everything was judged */
export function judgedPercent(page: ViewPage | undefined): number | undefined {
  if (page === undefined || page.isDone || page.all === 0) return undefined;
  return Math.min(99, Math.floor((page.judged / page.all) * 100));
}
