// What a message carries: its body as text or hex, unpacked (put together, decompressed) or as it was on the wire.

import type { Content, Message } from '../../../src/shared/message.js';
import { l10n, plural } from '../../l10n.js';
import { el, setText, show } from '../../widgets/dom.js';
import { formatBytes } from '../../widgets/format.js';
import { Segmented } from '../../widgets/segmented.js';
import { iconButton } from '../iconButton.js';
import { isTextBody, prettyJson } from './bodyText.js';
import { ByteModel } from './byteModel.js';
import { readRange, type ReadBytes } from './bytesCache.js';
import { HexView } from './hexView.js';
import { TextView } from './textView.js';

/** A body on the wire that is larger is shown up to here: its bytes are all in the hex view. */
const maxRawBytes = 4 * 1024 * 1024;

type Packing = 'unpacked' | 'wire';
type Form = 'text' | 'hex';

export interface BodyViewOptions {
  /** reads the bytes of the flow that is shown */
  read(): ReadBytes | undefined;
  onCommandKey(event: KeyboardEvent): boolean;
  /** opens the body of a message of the flow in an editor of its own */
  open(index: number): void;
  report(fault: unknown): void;
}

export class BodyView {
  readonly element = el('div', { class: 'body-view' });
  /** bytes that are shown, for copies */
  readonly model: ByteModel;
  private readonly head: HTMLElement;
  private readonly packings: Segmented<Packing>;
  private readonly forms: Segmented<Form>;
  private readonly words = el('span', { class: 'quiet body-words' });
  private readonly empty = el('p', { class: 'quiet pane-note', text: l10n.t('This message carries no body.') });
  private readonly hex: HexView;
  private readonly text: TextView;
  private message: Message | undefined;
  private packing: Packing = 'unpacked';
  /** undefined = what suits the body */
  private form: Form | undefined;
  private isShown = false;
  private generation = 0;

  constructor(private readonly options: BodyViewOptions) {
    this.model = new ByteModel((what) => {
      this.hex.onChange(what);
      this.text.onChange(what);
    }, options.report);
    const views = { onByte: () => undefined, onScroll: () => undefined, onCommandKey: options.onCommandKey, report: options.report };
    this.hex = new HexView(this.model, views);
    this.text = new TextView(this.model, views);
    this.packings = new Segmented(l10n.t('Body as'), [{ id: 'unpacked', title: l10n.t('Unpacked') }, { id: 'wire', title: l10n.t('On the wire') }], (packing) => this.setPacking(packing));
    this.packings.element.title = l10n.t('Put together and decompressed, or as it was sent');
    this.forms = new Segmented(l10n.t('Shown as'), [{ id: 'text', title: l10n.t('Text') }, { id: 'hex', title: l10n.t('Hex') }], (form) => this.setForm(form));
    const open = iconButton('file', l10n.t('Open in an editor'));
    open.addEventListener('click', () => this.message !== undefined && options.open(this.message.index));
    this.head = el('div', { class: 'hex-head' }, this.packings.element, this.forms.element, this.words, open);
    this.element.append(this.head, this.empty, this.text.element, this.hex.element);
    this.setMessage(undefined);
  }

  setMessage(message: Message | undefined): void {
    if (message?.content === this.message?.content && message?.index === this.message?.index) return;
    this.message = message;
    this.form = undefined;
    this.packing = 'unpacked';
    this.draw();
  }

  setShown(isShown: boolean): void {
    if (isShown === this.isShown) return;
    this.isShown = isShown;
    this.draw();
  }

  private setPacking(packing: Packing): void {
    this.packing = packing;
    this.draw();
  }

  private setForm(form: Form): void {
    this.form = form;
    this.draw();
  }

  private draw(): void {
    const generation = ++this.generation;
    const { message } = this;
    const content = message?.content;
    const has = message !== undefined && content !== undefined;
    show(this.head, has);
    show(this.empty, !has);
    show(this.text.element, false);
    show(this.hex.element, false);
    if (!has || !this.isShown) return;
    const isPacked = content.isDecoded;
    const packing = isPacked ? this.packing : 'wire';
    show(this.packings.element, isPacked);
    this.packings.choose(packing, false);
    this.bytesOf(message, content, packing).then((bytes) => {
      if (generation === this.generation) this.drawBytes(content, bytes, packing);
    }, this.options.report);
  }

  private async bytesOf(message: Message, content: Content, packing: Packing): Promise<Uint8Array> {
    const read = this.options.read();
    if (packing === 'unpacked' || !content.isDecoded || read === undefined) return content.bytes;
    return (await readRange(read, message.from, content.range.start, content.range.end, maxRawBytes)).bytes;
  }

  private drawBytes(content: Content, bytes: Uint8Array, packing: Packing): void {
    const isWhole = packing === 'unpacked' || !content.isDecoded;
    const form = this.form ?? (isTextBody(bytes, isWhole ? content.mediaType : '') ? 'text' : 'hex');
    this.forms.choose(form, false);
    const onWire = content.range.end - content.range.start;
    const size = plural(bytes.length, '{0} byte', '{0} bytes');
    setText(this.words, [content.mediaType, content.isDecoded && packing === 'unpacked' ? l10n.t('{0}, from {1} on the wire', size, formatBytes(onWire)) : size].filter((part) => part !== '').join(' · '));
    const shown = (form === 'text' && isWhole ? prettyBytes(bytes, content.mediaType) : undefined) ?? bytes;
    show(this.text.element, form === 'text');
    show(this.hex.element, form === 'hex');
    this.text.setShown(form === 'text');
    const counts = { total: shown.length, kept: shown.length, dropped: 0 };
    this.model.start(memoryReader(shown), { client: counts, upstream: counts }, 'client');
  }
}

function prettyBytes(bytes: Uint8Array, mediaType: string): Uint8Array | undefined {
  if (mediaType !== '' && !/json$/.test(mediaType)) return undefined;
  const pretty = prettyJson(new TextDecoder().decode(bytes));
  return pretty === undefined ? undefined : new TextEncoder().encode(pretty);
}

function memoryReader(bytes: Uint8Array): ReadBytes {
  return (from, start, length) => Promise.resolve({ from, offset: start, bytes: bytes.slice(start, start + length), gaps: [], total: bytes.length });
}
