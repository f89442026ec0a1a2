// LDAP: operations and their results, by message id (RFC 4511; BER as in its §5.1).

import type { Verdict } from '../match/matcher.js';
import { berTags, headerAt, integerOf, type Element } from './ber.js';
import { counted } from './counts.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { bytesText, FieldReader, utf8Text } from './fieldReader.js';
import { filterText } from './ldapFilter.js';
import { aliases, changes, isSecretAttribute, oidName, operationNames, pagedResults, passwordModify, politeResults, resultName, scopes, startTls } from './ldapNames.js';

/** Entries carry photographs and certificates; names and the first attributes come before them. */
const maxMessageBytes = 256 << 10;

interface LdapState {
  /** message id of a StartTLS that has no answer yet: TLS may follow it (RFC 4511 §4.14) */
  startTls: number | undefined;
  /** message ids of Password Modify without an answer: that may be a password which the server made up (RFC 3062 §2) */
  newPasswords: number[];
}

/** Clients ask for one new password at a time. */
const maxNewPasswords = 64;

export const ldap: Dissector<LdapState> = {
  id: 'ldap',
  maxMessageBytes,
  start: () => ({ startTls: undefined, newPasswords: [] }),
  next,
  mayStart,
  lost(state) {
    state.startTls = undefined;
  },
};

const requests = [0x60, 0x42, 0x63, 0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x50, 0x77];

/** A SEQUENCE with a message id and an operation of that speaker in front. */
function mayStart(_state: LdapState, { bytes, at, end, from }: Input): Verdict {
  if (bytes[at] !== berTags.sequence) return 'no';
  const message = headerAt(bytes, at, end);
  if (message === undefined) return 'no';
  if (typeof message === 'number') return 'more';
  const id = headerAt(bytes, message.at, end);
  if (typeof id === 'number') return 'more';
  if (id === undefined || id.tag !== berTags.integer || id.end < id.at + 1 || id.at + 4 < id.end || message.end < id.end) return 'no';
  if (end <= id.end) return 'more';
  const operation = bytes[id.end]!;
  return operationNames[operation] !== undefined && requests.includes(operation) === (from === 'client') ? 'match' : 'no';
}

function next(state: LdapState, input: Input): Next {
  const { bytes, at, end, from } = input;
  if (state.startTls !== undefined && from === 'client') return input.isOtherEnded ? { lost: 'StartTLS has no answer' } : 0;
  if (bytes[at] !== berTags.sequence) return { lost: `0x${bytes[at]!.toString(16).padStart(2, '0')} starts no LDAP message` };
  const message = headerAt(bytes, at, end);
  if (message === undefined) return { lost: 'a length that LDAP does not use (RFC 4511 §5.1)' };
  if (typeof message === 'number') return message;
  const length = message.end - at;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = new Ber(FieldReader.of(input, Math.min(length, maxMessageBytes)), maxMessageBytes < length);
  const told = reader.within(message, () => envelope(state, reader)) ?? { summary: 'a broken message' };
  return { length, kind: 'notice', fields: reader.fields.fields, problems: reader.fields.problems, ...told };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

/** Reads elements into fields. */
class Ber {
  /** @param isCut the message is longer than is looked at: elements may pass the end */
  constructor(readonly fields: FieldReader, private readonly isCut: boolean) {}

  get hasMore(): boolean {
    return 0 < this.fields.left;
  }

  /** Tag of the next element; -1 at the end. */
  get tag(): number {
    return this.hasMore ? this.fields.peek() : -1;
  }

  /** The next element, not stepped over; what passes the end breaks the reader. */
  private element(name: string): Element | undefined {
    const { fields } = this;
    if (fields.isBroken) return undefined;
    const element = headerAt(fields.bytes, fields.at, fields.end);
    if (typeof element === 'object' && (element.end <= fields.end || this.isCut)) return element.end <= fields.end ? element : { ...element, end: fields.end };
    fields.isBroken = true;
    if (!this.isCut) fields.problem('error', typeof element === 'object' ? `${name} has ${counted(element.end - element.at)}, ${counted(fields.end - element.at)} are left` : `${name} is missing`, fields.at, fields.end);
    return undefined;
  }

  private take(name: string, text: (element: Element) => string, value?: (element: Element) => number | undefined): Element | undefined {
    const element = this.element(name);
    if (element === undefined) return undefined;
    this.fields.add(name, element.start, element.end, text(element), undefined, value?.(element));
    this.fields.at = element.end;
    return element;
  }

  number(name: string, words?: Readonly<Record<number, string>> | ((value: number) => string)): number {
    const of = (element: Element): number => integerOf(this.fields.bytes, element) ?? 0;
    const element = this.take(name, (each) => {
      const value = of(each);
      return typeof words === 'function' ? words(value) : (words?.[value] ?? String(value));
    }, of);
    return element === undefined ? 0 : of(element);
  }

  flag(name: string): boolean {
    const element = this.take(name, (each) => String(this.fields.bytes[each.at] !== 0));
    return element !== undefined && this.fields.bytes[element.at] !== 0;
  }

  text(name: string, words: (text: string) => string = (text) => text): string {
    const of = (element: Element): string => utf8Text(this.fields.bytes, element.at, element.end);
    const element = this.take(name, (each) => words(of(each)));
    return element === undefined ? '' : of(element);
  }

  data(name: string): void {
    this.take(name, (each) => {
      const text = bytesText(this.fields.bytes.subarray(each.at, each.end));
      return text.startsWith('"') ? text.slice(1, -1) : text;
    });
  }

  secret(name: string): void {
    this.take(name, () => '••••••');
    const field = this.fields.fields[this.fields.fields.length - 1];
    if (field?.name === name) field.isSecret = true;
  }

  filter(name: string): string {
    let words = '';
    this.take(name, (each) => {
      const text = filterText(this.fields.bytes, each);
      if (text === undefined) this.fields.problem('warning', 'this is no filter', each.start, each.end);
      words = text ?? '(?)';
      return words;
    });
    return words;
  }

  /** What is inside the next element, as a group. */
  group<T>(name: string, build: () => T, text: (value: T | undefined) => string = () => ''): T | undefined {
    const element = this.element(name);
    if (element === undefined) return undefined;
    return this.fields.group(name, () => this.within(element, build), text);
  }

  /** Steps into an element. */
  within<T>({ at, end }: Element, build: () => T): T | undefined {
    const { fields } = this;
    fields.at = at;
    return fields.within(Math.min(end, fields.end) - at, build);
  }

  /** A group of elements that are all alike. */
  list(name: string, each: () => void): void {
    this.group(name, () => {
      while (this.hasMore) each();
    });
  }
}

/** RFC 4511 §4.1.1. */
function envelope(state: LdapState, reader: Ber): Told {
  const id = reader.number('message id');
  const { tag } = reader;
  const name = operationNames[tag] ?? `operation 0x${Math.max(0, tag).toString(16)}`;
  let told: Told | undefined;
  // Delete, abandon and unbind are their own value.
  if (tag === 0x4a) told = { summary: `delete ${reader.text(name)}` };
  else if (tag === 0x50) told = { summary: `abandon ${reader.number(name)}`, kind: 'notice' };
  else told = reader.group(name, () => operation(state, reader, tag, id), (value) => value?.summary ?? '');
  const controls: string[] = [];
  if (reader.tag === 0xa0) reader.list('controls', () => controls.push(control(reader)));
  const words = told ?? { summary: name };
  const summary = controls.length === 0 ? words.summary : `${words.summary}, with ${controls.join(', ')}`;
  if (tag === 0x42 || tag === 0x50 || (tag === 0x78 && id === 0)) return { ...words, summary };
  return requests.includes(tag) ? { kind: 'request', asks: id, ...words, summary } : { kind: 'answer', answers: id, ...words, summary };
}

/** RFC 4511 §4.1.11. */
function control(reader: Ber): string {
  return reader.group('control', () => {
    const oid = reader.text('type', oidName);
    if (reader.tag === berTags.boolean) reader.flag('criticality');
    if (oid === pagedResults && reader.tag === berTags.octetString) {
      reader.group('value', () => reader.group('paging', () => {
        reader.number('size');
        reader.data('cookie');
      }));
    } else if (reader.hasMore) {
      reader.data('value');
    }
    return oidName(oid);
  }, (name) => name ?? '') ?? 'a control';
}

function operation(state: LdapState, reader: Ber, tag: number, id: number): Told {
  switch (tag) {
    case 0x60:
      return bind(reader);
    case 0x61: {
      const told = result(reader, 'bind');
      if (reader.tag === 0x87) reader.secret('server credentials');
      return told;
    }
    case 0x42:
      return { summary: 'unbind' };
    case 0x63:
      return search(reader);
    case 0x64: {
      const name = reader.text('object name');
      const names = attributes(reader);
      return { summary: `entry ${name === '' ? '(root)' : name}: ${names.length === 0 ? 'no attributes' : names.join(', ')}`, isPartial: true };
    }
    case 0x73: {
      const urls: string[] = [];
      while (reader.hasMore) urls.push(reader.text('uri'));
      return { summary: `reference to ${urls.join(', ')}`, isPartial: true };
    }
    case 0x66: {
      const name = reader.text('object');
      const words: string[] = [];
      reader.list('changes', () => words.push(change(reader)));
      return { summary: `modify ${name}: ${words.join(', ')}` };
    }
    case 0x68: {
      const name = reader.text('entry');
      return { summary: `add ${name}: ${attributes(reader).join(', ')}` };
    }
    case 0x6c: {
      const name = reader.text('entry');
      const to = reader.text('new rdn');
      reader.flag('delete old rdn');
      const above = reader.tag === 0x80 ? reader.text('new superior') : '';
      return { summary: `rename ${name} to ${to}${above === '' ? '' : ` below ${above}`}` };
    }
    case 0x6e: {
      const name = reader.text('entry');
      const attribute = reader.group('assertion', () => {
        const type = reader.text('attribute');
        if (isSecretAttribute(type)) reader.secret('value');
        else reader.data('value');
        return type;
      }, (type) => type ?? '');
      return { summary: `compare ${attribute ?? ''} of ${name}` };
    }
    case 0x77:
      return extended(state, reader, id);
    case 0x78:
      return extendedResponse(state, reader, id);
    case 0x79: {
      const name = reader.tag === 0x80 ? reader.text('name', oidName) : '';
      if (reader.tag === 0x81) reader.data('value');
      return { summary: `intermediate response${name === '' ? '' : ` ${oidName(name)}`}`, isPartial: true };
    }
    default:
      if (operationNames[tag] === undefined) reader.fields.problem('error', 'this is no operation of LDAP', reader.fields.at, reader.fields.at);
      return result(reader, tag === 0x65 ? 'search' : '');
  }
}

/** RFC 4511 §4.2. */
function bind(reader: Ber): Told {
  reader.number('version');
  const name = reader.text('name');
  const who = name === '' ? '' : ` as ${name}`;
  if (reader.tag === 0x80) {
    // No password: anonymous, whatever the name says (RFC 4513 §5.1.2).
    const isEmpty = reader.fields.peek(1) === 0;
    reader.secret('password');
    return { summary: isEmpty ? `bind${who}, anonymously` : `bind${who}, with a password` };
  }
  if (reader.tag === 0xa3) {
    const mechanism = reader.group('sasl', () => {
      const text = reader.text('mechanism');
      if (reader.hasMore) reader.secret('credentials');
      return text;
    }, (text) => text ?? '');
    return { summary: `bind${who}, SASL ${mechanism ?? ''}` };
  }
  if (reader.hasMore) reader.secret('authentication');
  return { summary: `bind${who}` };
}

/** RFC 4511 §4.5.1. */
function search(reader: Ber): Told {
  const base = reader.text('base');
  const scope = reader.number('scope', scopes);
  reader.number('deref aliases', aliases);
  const size = reader.number('size limit');
  reader.number('time limit', (value) => `${value} s`);
  reader.flag('types only');
  const filter = reader.filter('filter');
  const wanted: string[] = [];
  reader.list('attributes', () => wanted.push(reader.text('attribute')));
  const words = [`search ${base === '' ? '(root)' : base} ${scopes[scope] ?? scope} ${filter}`, wanted.length === 0 ? '' : `for ${wanted.slice(0, 12).join(' ')}`, size === 0 ? '' : `at most ${size}`];
  return { summary: words.filter((word) => word !== '').join(', ') };
}

/** A list of attributes and their values. @returns names of the first ones */
function attributes(reader: Ber): string[] {
  const names: string[] = [];
  reader.list('attributes', () => {
    const name = attribute(reader);
    if (names.length < 12) names.push(name);
  });
  return names;
}

/** RFC 4511 §4.1.7. */
function attribute(reader: Ber): string {
  return reader.group('attribute', () => {
    const type = reader.text('type');
    reader.list('values', () => {
      if (isSecretAttribute(type)) reader.secret('value');
      else reader.data('value');
    });
    return type;
  }, (type) => type ?? '') ?? '';
}

/** RFC 4511 §4.6. */
function change(reader: Ber): string {
  return reader.group('change', () => {
    const how = reader.number('operation', changes);
    return `${changes[how] ?? how} ${attribute(reader)}`;
  }, (text) => text ?? '') ?? '';
}

/** RFC 4511 §4.1.9. @param what in front of a result whose kind is not plain from its request */
function result(reader: Ber, what: string): Told {
  const start = reader.fields.at;
  const code = reader.number('result code', resultName);
  const matched = reader.text('matched dn');
  const text = reader.text('diagnostic message');
  if (reader.tag === 0xa3) reader.list('referral', () => reader.text('uri'));
  const words = [`${resultName(code)}${text === '' ? '' : `: ${text}`}`, matched === '' ? '' : `matched ${matched}`].filter((word) => word !== '').join(', ');
  if (!politeResults.includes(code)) reader.fields.problem('error', `${resultName(code)} (${code})${text === '' ? '' : `: ${text}`}`, start, reader.fields.at);
  return { summary: what === '' ? words : `${what}: ${words}` };
}

/** RFC 4511 §4.12. */
function extended(state: LdapState, reader: Ber, id: number): Told {
  const oid = reader.text('name', oidName);
  if (reader.tag === 0x81) {
    if (oid === passwordModify) reader.secret('value');
    else reader.data('value');
  }
  if (oid === startTls) state.startTls = id;
  if (oid === passwordModify) state.newPasswords = [...state.newPasswords.slice(1 - maxNewPasswords), id];
  return { summary: oidName(oid) };
}

function extendedResponse(state: LdapState, reader: Ber, id: number): Told {
  const code = reader.fields.peek() === berTags.enumerated && reader.fields.peek(1) === 1 ? reader.fields.peek(2) : -1;
  const told = result(reader, '');
  const oid = reader.tag === 0x8a ? reader.text('name', oidName) : '';
  const isNewPassword = state.newPasswords.includes(id);
  if (isNewPassword) state.newPasswords = state.newPasswords.filter((each) => each !== id);
  if (reader.tag === 0x8b && isNewPassword) reader.secret('value');
  else if (reader.tag === 0x8b) reader.data('value');
  const summary = oid === '' ? told.summary : `${oidName(oid)}: ${told.summary}`;
  if (state.startTls !== id || id === 0) return { summary };
  state.startTls = undefined;
  return code === 0 ? { summary, handover: { to: 'tls' } } : { summary };
}
