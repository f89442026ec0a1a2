// A verdict trace as a list: which route was asked, what it said, and why. Used for flows and for "Try on bytes".

import { assertNever } from '../../src/shared/lifecycle.js';
import type { TraceStep, VerdictTrace } from '../../src/shared/rules.js';
import { l10n } from '../l10n.js';
import { el } from './dom.js';
import { formatDuration } from './format.js';

export function traceView(trace: VerdictTrace): HTMLElement {
  const view = el('div', { class: 'trace' }, el('p', { class: 'trace-summary', text: l10n.said(trace.summary) }));
  if (trace.steps.length > 0) {
    const list = el('ol', { class: 'trace-steps' });
    for (const step of trace.steps) list.append(traceStep(step));
    view.append(list);
  }
  view.append(el('p', { class: 'quiet', text: decidedWords(trace) }));
  return view;
}

function traceStep(step: TraceStep): HTMLElement {
  const place = step.atByte > 0 ? l10n.t('at byte {0}', step.atByte) : '';
  return el('li', { class: `trace-step is-${step.verdict}` },
    el('span', { class: 'verdict', text: verdictWords(step.verdict) }),
    el('span', { class: 'trace-name', text: step.name }),
    el('span', { class: 'trace-why', text: l10n.said(step.why) }),
    el('span', { class: 'trace-place', text: place }));
}

function verdictWords(verdict: TraceStep['verdict']): string {
  switch (verdict) {
    case 'match': return l10n.t('✓ match');
    case 'no': return l10n.t('✗ no');
    case 'more': return l10n.t('… needs more');
    default: return assertNever(verdict);
  }
}

function decidedWords(trace: VerdictTrace): string {
  const took = formatDuration(trace.tookMs);
  switch (trace.decidedBy) {
    case 'bytes': return l10n.t('Decided by the bytes, {0} after the connection opened.', took);
    case 'deadline': return l10n.t('Decided when the inspect timeout passed, after {0}.', took);
    case 'maxBytes': return l10n.t('Decided at the limit of bytes to inspect, after {0}.', took);
    case 'ended': return l10n.t('Decided when the client finished sending, after {0}.', took);
    case 'facts': return l10n.t('Decided without waiting for bytes, after {0}.', took);
    case 'pending': return l10n.t('Not decided: more bytes are needed.');
    default: return assertNever(trace.decidedBy);
  }
}
