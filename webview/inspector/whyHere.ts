// Why the connection went where it went: the verdict trace, step by step, in the order the routes were asked.

import type { FlowRow } from '../../src/shared/flow.js';
import { l10n } from '../l10n.js';
import { el } from '../widgets/dom.js';
import { traceView } from '../widgets/traceView.js';

export class WhyHere {
  readonly element = el('div', { class: 'why' });
  private shown = '';

  show(flow: FlowRow): void {
    // A trace does not change once the route is decided; drawing it again would drop the person's text selection.
    const key = JSON.stringify([flow.id, flow.trace, flow.classification.why, flow.endDetail]);
    if (key === this.shown) return;
    this.shown = key;
    this.element.replaceChildren();
    if (flow.trace === undefined) {
      this.element.append(el('p', { class: 'quiet', text: flow.state === 'inspecting' ? l10n.t('Still waiting for enough bytes to decide.') : l10n.t('No decision was recorded for this connection.') }));
    } else {
      this.element.append(traceView(flow.trace));
    }
    const why = flow.classification.why;
    if (why !== '') this.element.append(el('h3', { text: l10n.t('Recognised as') }), el('p', {}, el('strong', { text: flow.classification.protocol }), ` — ${l10n.said(why)}`));
  }
}
