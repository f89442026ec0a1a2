// The bar above hex and text: whose bytes, go to an offset, find, copy as, how rows look.

import type { DirectionCounts, Speaker } from '../../../src/shared/flow.js';
import { l10n } from '../../l10n.js';
import { consume, el } from '../../widgets/dom.js';
import { formatBytes } from '../../widgets/format.js';
import { menuButton } from '../../widgets/menuButton.js';
import { Segmented } from '../../widgets/segmented.js';
import { iconButton } from '../iconButton.js';
import { columnChoices } from './hexRows.js';
import type { HexLook } from './hexView.js';
import { copyForms, type CopyForm } from './literals.js';
import type { TextEncoding } from './textLayout.js';

export interface ByteToolsOptions {
  onSpeaker(from: Speaker): void;
  /** @returns whether there is such an offset */
  goTo(text: string): boolean;
  find(): void;
  copy(form: CopyForm): void;
  onLook(look: HexLook): void;
  onEncoding(encoding: TextEncoding): void;
}

export class ByteTools {
  readonly element: HTMLElement;
  private readonly speakers: Segmented<Speaker>;
  private readonly goTo = el('input', { class: 'hex-goto', type: 'text', spellcheck: 'false', placeholder: l10n.t('Go to offset'), 'aria-label': l10n.t('Go to offset'), title: l10n.t('Hex as 0x1a6, decimal as 422, or +16 and -16 from the cursor') });

  constructor(private readonly options: ByteToolsOptions, look: () => HexLook, encoding: () => TextEncoding, isText: () => boolean) {
    this.speakers = new Segmented(l10n.t('Whose bytes'), [{ id: 'client', title: l10n.t('client') }, { id: 'upstream', title: l10n.t('upstream') }], (from) => options.onSpeaker(from));
    this.goTo.addEventListener('keydown', (event) => this.onKey(event));
    this.goTo.addEventListener('input', () => this.goTo.removeAttribute('aria-invalid'));
    const find = iconButton('search', l10n.t('Find bytes or text (Ctrl+F)'));
    find.addEventListener('click', () => options.find());
    const copy = menuButton(l10n.t('Copy as'), 'copy', () => copyForms.map((form) => ({ id: form, title: copyTitle(form) })), (id) => options.copy(id as CopyForm));
    const view = menuButton(l10n.t('View'), 'view', () => (isText() ? encodingItems(encoding()) : lookItems(look())), (id) => this.onView(id, look()));
    this.element = el('div', { class: 'hex-head' },
      this.speakers.element, this.goTo, find, el('div', { class: 'hex-menus' }, copy, view));
  }

  show(from: Speaker, counts: Record<Speaker, DirectionCounts>): void {
    this.speakers.setTitle('client', `${l10n.t('client')} ${formatBytes(counts.client.total)}`);
    this.speakers.setTitle('upstream', `${l10n.t('upstream')} ${formatBytes(counts.upstream.total)}`);
    this.speakers.choose(from, false);
  }

  focusGoTo(): void {
    this.goTo.focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    consume(event);
    if (this.options.goTo(this.goTo.value)) this.goTo.value = '';
    else this.goTo.setAttribute('aria-invalid', 'true');
  }

  private onView(id: string, look: HexLook): void {
    const [what, value] = id.split(' ');
    if (what === 'columns') this.options.onLook({ ...look, columns: Number(value) });
    else if (what === 'offsets') this.options.onLook({ ...look, offsets: value === 'decimal' ? 'decimal' : 'hex' });
    else this.options.onEncoding(value === 'latin1' ? 'latin1' : 'utf-8');
  }
}

export function copyTitle(form: CopyForm): string {
  switch (form) {
    case 'hex': return l10n.t('Hex');
    case 'dump': return l10n.t('Hex dump');
    case 'text': return l10n.t('Text');
    case 'base64': return 'Base64';
    case 'c': return l10n.t('{0} literal', 'C');
    case 'python': return l10n.t('{0} literal', 'Python');
    case 'javascript': return l10n.t('{0} literal', 'JavaScript');
    case 'go': return l10n.t('{0} literal', 'Go');
  }
}

interface CheckedItem {
  id: string;
  title: string;
  isChecked: boolean;
}

function lookItems(look: HexLook): CheckedItem[] {
  return [
    { id: 'columns 0', title: l10n.t('As many bytes per row as fit'), isChecked: look.columns === 0 },
    ...columnChoices.map((columns) => ({ id: `columns ${columns}`, title: l10n.t('{0} bytes per row', columns), isChecked: look.columns === columns })),
    { id: 'offsets hex', title: l10n.t('Hex offsets'), isChecked: look.offsets === 'hex' },
    { id: 'offsets decimal', title: l10n.t('Decimal offsets'), isChecked: look.offsets === 'decimal' },
  ];
}

function encodingItems(encoding: TextEncoding): CheckedItem[] {
  return [
    { id: 'encoding utf-8', title: 'UTF-8', isChecked: encoding === 'utf-8' },
    { id: 'encoding latin1', title: 'Latin-1', isChecked: encoding === 'latin1' },
  ];
}
