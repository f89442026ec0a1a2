// "Try on bytes…": paste what a client would send, see where the rules as they stand in the form would take it.

import type { TryAnswer } from '../../src/shared/rules.js';
import { formatCount, l10n, plural } from '../l10n.js';
import { el, setText } from '../widgets/dom.js';
import { traceView } from '../widgets/traceView.js';
import { toolkitElement, type ValueElement } from '../widgets/toolkit.js';
import { parseTryInput, toDigits } from './tryInput.js';

const tryDelayMs = 200;

export class TryPanel {
  readonly element = el('section', { class: 'try', 'aria-label': l10n.t('Try on bytes') });
  private readonly input: ValueElement;
  private readonly readAs = el('p', { class: 'hint' });
  private readonly answer = el('div', { class: 'try-answer', role: 'status' });
  private timer: ReturnType<typeof setTimeout> | undefined;
  private request = 0;

  /** @param ask what would the form's rules do with these bytes, given as hex digits? */
  constructor(private readonly ask: (hex: string) => Promise<TryAnswer>, text: string, private readonly onText: (text: string) => void) {
    this.input = toolkitElement('pp-text-area', { 'aria-label': l10n.t('First bytes of a client, as hex or text'), placeholder: l10n.t('GET / HTTP/1.1  or  16 03 01 …'), rows: '4', resize: 'vertical', class: 'mono' });
    this.input.value = text;
    this.input.addEventListener('input', () => {
      this.onText(this.input.value);
      this.run(tryDelayMs);
    });
    this.element.append(el('h2', { text: l10n.t('Try on bytes') }), el('p', { class: 'hint', text: l10n.t('Paste what a client sends first, as hex or as text.') }), this.input, this.readAs, this.answer);
    this.run(0);
  }

  focus(): void {
    this.input.focus();
  }

  /** The form changed: the same bytes may go elsewhere now. */
  run(delayMs = tryDelayMs): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.runNow(), delayMs);
  }

  private runNow(): void {
    const { bytes, readAs, isCut } = parseTryInput(this.input.value);
    const request = ++this.request;
    if (bytes.length === 0) {
      setText(this.readAs, '');
      this.answer.replaceChildren();
      return;
    }
    const count = plural(bytes.length, '{0} byte', '{0} bytes');
    setText(this.readAs, `${readAs === 'hex' ? l10n.t('Read as {0} of hex.', count) : l10n.t('Read as text, {0}; line ends as CR LF.', count)}${isCut ? ` ${l10n.t('Only the first {0} are tried.', formatCount(bytes.length))}` : ''}`);
    this.ask(toDigits(bytes)).then((answer) => {
      if (request === this.request) this.show(answer);
    }, (fault: unknown) => {
      if (request === this.request) this.answer.replaceChildren(el('p', { class: 'trouble', text: l10n.said(fault instanceof Error ? fault.message : String(fault)) }));
    });
  }

  private show(answer: TryAnswer): void {
    this.answer.replaceChildren(el('p', { class: 'try-protocol' }, el('span', { class: 'quiet', text: l10n.t('Recognised as') }), ` ${answer.protocol.id}`), traceView(answer.trace));
  }
}
