// Facts and fields as they may leave the machine: without what is a secret by its name, by its dissector, or by how it looks.

import { programName } from '../../../shared/programName.js';
import type { FlowFacts } from '../../../shared/flow.js';
import type { Field, Message } from '../../../shared/message.js';
import type { ExportFlow } from './exportFlow.js';
import { isSecretKey, maskedHeader, maskedText, secretSpans, withoutSecrets } from './secretText.js';
import { valueIn } from './valuePlace.js';

/** How secrets are treated, and how many were found on the way. */
export class Masking {
  count = 0;

  constructor(readonly isOn: boolean) {}

  text(text: string): string {
    if (!this.isOn) return text;
    const { text: shown, count } = withoutSecrets(text);
    this.count += count;
    return shown;
  }

  /** As `text`, for what says again what was counted elsewhere. */
  quietly(text: string): string {
    return this.isOn ? withoutSecrets(text).text : text;
  }

  /** Are there secrets among bytes that are no text? Nothing of such bytes can be masked. */
  hides(bytes: Uint8Array): boolean {
    return 0 < secretSpans(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')).length;
  }

  /** @returns value of a header as it may be shown */
  header(name: string, value: string): string {
    if (!this.isOn) return value;
    const masked = maskedHeader(name, value);
    if (masked !== undefined) this.count += 1;
    return masked ?? value;
  }

  /** Command lines have passwords in them. */
  facts<T extends FlowFacts>(facts: T): T {
    if (!this.isOn || facts.process === undefined) return facts;
    return { ...facts, process: { ...facts.process, commandLine: this.text(facts.process.commandLine) } };
  }

  /** Fields of a message: masked, or with the texts that views do not show. */
  fields(message: Message, flow: ExportFlow): Field[] {
    const { fields, from, protocol } = message;
    if (!this.isOn) return fields.map((field) => shown(field, flow, from));
    const values = valuesOf(message, flow);
    return fields.map((field) => this.masked(field, values, tellsByName(protocol)));
  }

  private masked(field: Field, values: readonly string[], byName: boolean): Field {
    const { name, range, text, value, fields, ...rest } = field;
    if (field.isSecret === true || (byName && text !== '' && isSecretKey(name))) {
      this.count += 1;
      return { ...rest, name, range, text: field.isSecret === true && text.includes(maskedText) ? text : maskedText, isSecret: true };
    }
    const before = this.count;
    const inner = fields?.map((one) => this.masked(one, values, byName));
    const told = this.count - before;
    const own = this.withoutValues(this.text(text), values);
    // The text of a group repeats what is in it: a secret counts once.
    const isTold = 0 < told && inner !== undefined;
    if (isTold) this.count = before + told;
    return {
      ...rest, name, range,
      text: isTold && own === text && repeats(text, fields!, inner) ? maskedText : own,
      ...(value === undefined || own !== text ? {} : { value }),
      ...(inner === undefined ? {} : { fields: inner }),
    };
  }

  private withoutValues(text: string, values: readonly string[]): string {
    let own = text;
    for (const one of values) if (one.length < shortestValue ? own === one : own.includes(one)) own = own.replaceAll(one, maskedText);
    if (own !== text) this.count += 1;
    return own;
  }
}

/** A shorter value may stand anywhere by chance. */
const shortestValue = 4;
/** Of one message. */
const maxValues = 100;
const maxLookedAtBytes = 1 << 20;

/** Names of fields are the protocol's own here: a signature or a session id is no secret. */
const ownNames = new Set(['tls', 'ssh', 'jdwp', 'kafka', 'dns', 'ldap', 'zookeeper']);

/** Do the names of fields tell what a secret is? */
export function tellsByName(protocol: string): boolean {
  return !ownNames.has(protocol);
}

/** What stands behind names that say that it is a secret, in the body or the bytes of a message: the text of a field alone may not show it. */
function valuesOf({ content, from, range }: Message, flow: ExportFlow): string[] {
  const bytes = content?.bytes ?? flow.read(from, range.start, Math.min(range.end, range.start + maxLookedAtBytes));
  if (bytes === undefined) return [];
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return [...new Set(secretSpans(text).slice(0, maxValues).map(({ start, end }) => Buffer.from(text.slice(start, end), 'latin1').toString('utf8')))].filter((value) => value !== '');
}

/** Does the text of a group hold the text of a field that is masked now? */
function repeats(text: string, before: readonly Field[], after: readonly Field[]): boolean {
  return before.some((field, i) => {
    const now = after[i]!;
    if (field.text !== now.text && field.text !== '' && text.includes(field.text.slice(0, 20))) return true;
    return field.fields !== undefined && now.fields !== undefined && repeats(text, field.fields, now.fields);
  });
}

/** A field whose text was masked for views, with the text that its bytes have. */
function shown(field: Field, flow: ExportFlow, from: 'client' | 'upstream', outer?: Field): Field {
  if (field.fields !== undefined) return { ...field, fields: field.fields.map((inner) => shown(inner, flow, from, field)) };
  if (field.isSecret !== true) return field;
  // Of what was compressed or put together the range is that of the whole: its bytes say nothing.
  const isExact = outer === undefined || outer.range.start !== field.range.start || outer.range.end !== field.range.end;
  const bytes = isExact ? flow.read(from, field.range.start, Math.min(field.range.end, field.range.start + maxShownBytes)) : undefined;
  if (bytes === undefined) return field;
  const header = /^[\w-]+:[ \t]*/.exec(Buffer.from(bytes).toString('latin1', 0, 200));
  const place = header !== null && header[0].toLowerCase().startsWith(`${field.name}:`) ? { start: header[0].length, end: bytes.length } : valueIn(bytes);
  return { ...field, text: Buffer.from(bytes.subarray(place.start, place.end)).toString('utf8') };
}

/** Texts of fields are short. */
const maxShownBytes = 4096;

/** @returns `curl (4711)` */
export function programOf(facts: FlowFacts): string | undefined {
  return facts.process === undefined ? undefined : `${programName(facts.process)} (${facts.process.pid})`;
}
