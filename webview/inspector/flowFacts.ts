// Who, where, when, what and how it ended: the facts of one flow as a list of terms.

import type { DirectionCounts, FlowRow } from '../../src/shared/flow.js';
import { formatCount, l10n, plural } from '../l10n.js';
import { el, setText, show } from '../widgets/dom.js';
import { formatBytes, formatDateTime, formatDuration, formatEndpoint } from '../widgets/format.js';
import { shown } from './file/shownKind.js';
import { sessionWords } from './sessionNames.js';
import { flowTouchWords } from './touchWords.js';
import { endWords, flowDurationMs, isTrouble, protocolWords } from './words.js';

interface Term {
  term: HTMLElement;
  value: HTMLElement;
  detail: HTMLElement;
}

/** Texts change in place: a selection that a person made in them survives the next update. */
export class FlowFacts {
  readonly element = el('div', { class: 'facts' });
  private readonly terms = new Map<string, Term>();
  private readonly list = el('dl', {});

  constructor() {
    this.element.append(this.list);
  }

  show(flow: FlowRow): void {
    const { classification, process, route } = flow;
    this.set('protocol', l10n.t('Protocol'), protocolWords(flow), l10n.said(classification.why));
    this.set('client', l10n.t('Client'), formatEndpoint(flow.client), process === undefined ? undefined : `${process.name} · pid ${process.pid}`);
    this.set('command', l10n.t('Command'), process?.commandLine ?? '');
    const hasListener = flow.listenerName !== '';
    this.set('listener', l10n.t('Listener'), flow.listenerName, formatEndpoint(flow.local));
    this.set('server', l10n.t('Server'), hasListener ? '' : formatEndpoint(flow.local));
    this.set('route', l10n.t('Route'), !hasListener ? '' : route ?? (flow.state === 'closed' ? l10n.t('none') : l10n.t('not decided yet')), flow.upstream === undefined ? undefined : `→ ${flow.upstream}`);
    const { upstreamProcess } = flow;
    this.set('upstream', l10n.t('Upstream'), upstreamProcess === undefined ? '' : `${upstreamProcess.name} · pid ${upstreamProcess.pid}`, upstreamProcess?.commandLine);
    this.set('session', l10n.t('Debug session'), sessionWords(flow));
    this.set('tried', l10n.t('Tried before'), flow.failedUpstreams.map(({ upstream, reason }) => (reason.includes(upstream) ? l10n.said(reason) : `${upstream}: ${l10n.said(reason)}`)).join('\n'));
    this.set('opened', l10n.t('Opened'), formatDateTime(flow.openedAt), shown.isFile ? undefined : timeline(flow));
    this.set('duration', flow.closedAt === undefined ? l10n.t('Age') : l10n.t('Lasted'), formatDuration(flowDurationMs(flow, Date.now())), lastHeard(flow));
    this.set('end', l10n.t('End'), endWords(flow), flow.endDetail === undefined ? undefined : l10n.said(flow.endDetail), flow.endReason !== undefined && isTrouble(flow.endReason));
    this.set('fromClient', l10n.t('From client'), countWords(flow.fromClient), droppedWords(flow.fromClient));
    this.set('fromUpstream', l10n.t('From upstream'), countWords(flow.fromUpstream), droppedWords(flow.fromUpstream));
    this.set('touches', l10n.t('Held'), flowTouchWords(flow));
    this.set('notes', l10n.t('Notes'), flow.notes.map((note) => l10n.said(note)).join('\n'));
  }

  /** An empty value takes the term off the list. */
  private set(key: string, name: string, value: string, detail?: string, isTroubling = false): void {
    let term = this.terms.get(key);
    if (term === undefined) {
      const text = el('span', {});
      const more = el('span', { class: 'detail' });
      term = { term: el('dt', {}), value: text, detail: more };
      this.list.append(el('div', { class: 'term' }, term.term, el('dd', {}, text, more)));
      this.terms.set(key, term);
    }
    setText(term.term, name);
    setText(term.value, value);
    setText(term.detail, detail === undefined || detail === '' ? '' : ` ${detail}`);
    term.value.classList.toggle('trouble', isTroubling);
    const row = term.term.parentElement;
    if (row !== null) show(row, value !== '');
  }
}

function timeline(flow: FlowRow): string {
  const parts: string[] = [];
  if (flow.decidedAt !== undefined) parts.push(l10n.t('route decided after {0}', formatDuration(flow.decidedAt - flow.openedAt)));
  if (flow.connectedAt !== undefined) parts.push(l10n.t('connected after {0}', formatDuration(flow.connectedAt - flow.openedAt)));
  return parts.join(' · ');
}

function lastHeard(flow: FlowRow): string | undefined {
  return flow.state === 'closed' ? undefined : l10n.t('last bytes {0} ago', formatDuration(Math.max(0, Date.now() - flow.lastActivityAt)));
}

function countWords(counts: DirectionCounts): string {
  const bytes = plural(counts.total, '{0} byte', '{0} bytes');
  return counts.total < 1000 ? bytes : `${formatBytes(counts.total)} (${formatCount(counts.total)})`;
}

function droppedWords(counts: DirectionCounts): string | undefined {
  if (shown.isFile && 0 < counts.dropped) return l10n.t('{0} missing in the file', formatBytes(counts.dropped));
  return counts.dropped === 0 ? undefined : l10n.t('{0} older bytes dropped, {1} kept', formatBytes(counts.dropped), formatBytes(counts.kept));
}
