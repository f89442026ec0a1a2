// The line on top of a page that shows a capture file: how far it was read, and what a person should know about it.

import type { ShownFile } from '../../../src/shared/captureFile.js';
import { l10n } from '../../l10n.js';
import { el, setAttribute, setText, show } from '../../widgets/dom.js';
import { percentRead, progressWords, sinceWords, warnings } from './fileWords.js';

export class FileBar {
  readonly element = el('div', { class: 'file-bar', hidden: '' });
  private readonly words = el('p', { class: 'file-words' });
  private readonly progress = el('div', { class: 'file-progress', role: 'progressbar', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-label': l10n.t('Reading the file') }, el('div', {}));
  private readonly warning = el('p', { class: 'file-warning', role: 'alert', hidden: '' });
  private readonly since = el('p', { class: 'file-since', role: 'status', hidden: '' });
  private readonly sinceText = el('span', {});
  private readonly again = el('button', { class: 'link-button', type: 'button', text: l10n.t('Read again') });

  constructor(readAgain: () => void) {
    this.again.addEventListener('click', readAgain);
    this.since.append(this.sinceText, ' ', this.again);
    this.element.append(this.progress, this.warning, this.since, this.words);
  }

  show(file: ShownFile | undefined): void {
    show(this.element, file !== undefined);
    if (file === undefined) return;
    setText(this.words, progressWords(file));
    show(this.words, progressWords(file) !== '');
    const percent = percentRead(file);
    show(this.progress, !file.isDone);
    setAttribute(this.progress, 'aria-valuenow', String(percent));
    (this.progress.firstElementChild as HTMLElement).style.width = `${percent}%`;
    const sentences = warnings(file);
    show(this.warning, 0 < sentences.length);
    setText(this.warning, sentences.join(' '));
    show(this.since, file.since !== undefined);
    setText(this.sinceText, sinceWords(file));
    show(this.again, file.since === 'changed');
  }
}
