// LDAP (RFC 4511; filters RFC 4515, passwords RFC 3062, paged results RFC 2696).

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { headerAt } from './ber.js';
import { BerReader } from './berReader.js';
import { counted } from './counts.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { filterText } from './ldapFilter.js';
import { changes, controlNames, dereferences, extensions, fineCodes, isSecretAttribute, pagedResults, passwordModify, resultCodes, scopes, startTls } from './ldapWords.js';

/** Entries with photos are longer; their names and first attributes are in front. */
const maxMessageBytes = 256 << 10;
/** More than servers take and send: OpenLDAP's sockbuf_max_incoming_auth is 4 MiB, Active Directory's MaxReceiveBuffer 10 MiB. */
const longestBytes = 64 << 20;
/** Security layers of SASL: a buffer has three bytes of length (RFC 4422 §3.7, RFC 4752 §3.1). */
const longestSealedBytes = 1 << 24;
/** Requests whose answer is read by what was asked: extended ones and binds. */
const maxAsked = 256;

interface LdapState {
  /** object identifier of an extended request, or a bind's mechanism behind `bind `, by message id */
  asked: Map<number, string>;
  /** message id of StartTLS: until it is answered the client says nothing more (RFC 4511 §4.14.1) */
  startTls: number | undefined;
  /** SASL mechanism that may seal what follows */
  layer: string;
}

export const ldap: Dissector<LdapState> = {
  id: 'ldap',
  maxMessageBytes,
  start: () => ({ asked: new Map(), startTls: undefined, layer: '' }),
  next,
  mayStart,
  lost: (state) => {
    state.startTls = undefined;
  },
};

/** What an operation is called in a summary, by tag (RFC 4511 §4.2-§4.14). */
const operations: Readonly<Record<number, readonly [name: string, from: Input['from']]>> = {
  0x60: ['bind', 'client'], 0x61: ['bind', 'upstream'], 0x42: ['unbind', 'client'], 0x63: ['search', 'client'], 0x64: ['entry', 'upstream'], 0x65: ['search', 'upstream'],
  0x73: ['search reference', 'upstream'], 0x66: ['modify', 'client'], 0x67: ['modify', 'upstream'], 0x68: ['add', 'client'], 0x69: ['add', 'upstream'], 0x4a: ['delete', 'client'],
  0x6b: ['delete', 'upstream'], 0x6c: ['rename', 'client'], 0x6d: ['rename', 'upstream'], 0x6e: ['compare', 'client'], 0x6f: ['compare', 'upstream'], 0x50: ['abandon', 'client'],
  0x77: ['extended', 'client'], 0x78: ['extended', 'upstream'], 0x79: ['intermediate', 'upstream'],
};

/** A SEQUENCE with a message id and an operation of that speaker. */
function mayStart(_state: LdapState, { bytes, at, end, from }: Input): Verdict {
  if (bytes[at] !== 0x30) return 'no';
  const whole = headerAt(bytes, at, end);
  if (typeof whole !== 'object') return whole === undefined ? 'no' : 'more';
  if (longestBytes < whole.end - at) return 'no';
  const id = headerAt(bytes, whole.at, end);
  if (typeof id !== 'object') return id === undefined ? 'no' : 'more';
  if (id.tag !== 0x02 || id.end - id.at < 1 || 4 < id.end - id.at || whole.end <= id.end) return 'no';
  if (end <= id.end) return 'more';
  return operations[bytes[id.end]!]?.[1] === from ? 'match' : 'no';
}

function next(state: LdapState, input: Input): Next {
  const { bytes, at, end, from } = input;
  if (from === 'client' && state.startTls !== undefined && !input.isOtherEnded) return 0;
  if (state.layer !== '' && bytes[at] === 0) return sealed(state, input);
  if (bytes[at] !== 0x30) return { lost: say`0x${bytes[at]!.toString(16).padStart(2, '0')} starts no LDAP message` };
  const whole = headerAt(bytes, at, end);
  if (typeof whole === 'number') return whole;
  if (whole === undefined) return { lost: say`an LDAP message has a definite length` };
  const length = whole.end - at;
  if (longestBytes < length) return { lost: say`no LDAP message has ${length} bytes` };
  if (!available(input, length, maxMessageBytes)) return length;
  const isCut = maxMessageBytes < length;
  const reader = FieldReader.of(input, isCut ? maxMessageBytes : length);
  reader.at = whole.at;
  const told = message(state, new BerReader(reader, isCut), from);
  reader.isBroken = false;
  if (isCut) reader.problem('note', say`only the first ${maxMessageBytes} bytes are read`, reader.end, reader.end);
  else reader.rest();
  return { length, fields: reader.fields, problems: reader.problems, ...told };
}

/** After a SASL bind: four bytes of length, and bytes that are signed or encrypted. */
function sealed(state: LdapState, input: Input): Next {
  const { bytes, at, end } = input;
  if (end - at < 4) return 4;
  const length = 4 + ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
  if (longestSealedBytes < length) return { lost: say`no buffer of SASL has ${length} bytes` };
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, length);
  reader.u32('length');
  reader.rest('sealed');
  return { length, kind: 'notice', summary: `${counted(length - 4)} sealed by ${state.layer}`, fields: reader.fields, problems: reader.problems };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary' | 'kind'>;

/** RFC 4511 §4.1.1. */
function message(state: LdapState, ber: BerReader, from: Input['from']): Told {
  const id = ber.integer('message id');
  const { tag } = ber;
  const [name, speaker] = operations[tag] ?? [];
  if (name === undefined || speaker !== from) {
    const what = tag < 0 ? say`there is no operation` : name === undefined ? say`0x${tag.toString(16).padStart(2, '0')} is no operation` : say`${name} comes from the other side`;
    if (!ber.fields.isBroken) ber.fields.problem('error', what);
    return { kind: 'notice', summary: name ?? 'unknown operation' };
  }
  let told: Told | undefined;
  // Without an operation's own elements the number or name itself is the contents (abandon, delete, unbind).
  if (tag === 0x50 || tag === 0x4a || tag === 0x42) told = short(ber, tag, id);
  else {
    const start = ber.fields.at;
    ber.group(name, () => (told = from === 'client' ? request(state, ber, tag, name, id) : answer(state, ber, tag, name, id)));
    told ??= { kind: from === 'client' ? 'request' : 'answer', summary: name };
    if (ber.fields.at === start) ber.fields.isBroken = true;
  }
  const controls: string[] = [];
  if (ber.tag === 0xa0) ber.group('controls', () => {
    while (0 < ber.left) controls.push(control(ber));
  });
  return controls.length === 0 ? told : { ...told, summary: `${told.summary}, with ${listed(controls)}` };
}

function short(ber: BerReader, tag: number, id: number): Told {
  if (tag === 0x50) return { kind: 'notice', summary: `abandon ${ber.integer('abandon')}` };
  if (tag === 0x4a) return { kind: 'request', summary: `delete ${ber.text('delete')}`, asks: id };
  ber.text('unbind');
  return { kind: 'notice', summary: 'unbind' };
}

// ---- what the client says -------------------------------------------------------------------------------------------

function request(state: LdapState, ber: BerReader, tag: number, name: string, id: number): Told {
  const words = requestWords(state, ber, tag, id);
  // An extended operation has a name of its own.
  return { kind: 'request', asks: id, summary: tag === 0x77 ? words : `${name} ${words}`.trimEnd() };
}

function requestWords(state: LdapState, ber: BerReader, tag: number, id: number): string {
  switch (tag) {
    case 0x60:
      return bind(state, ber, id);
    case 0x63:
      return search(ber);
    case 0x66: {
      const entry = ber.text('object');
      const told: string[] = [];
      ber.group('changes', () => {
        while (0 < ber.left) {
          const text = change(ber);
          if (told.length < 8) told.push(text);
        }
      });
      return `${entry}: ${told.join(', ')}`;
    }
    case 0x68: {
      const entry = ber.text('entry');
      ber.group('attributes', () => attributes(ber));
      return entry;
    }
    case 0x6c: {
      const entry = ber.text('entry');
      const to = ber.text('new rdn');
      const isGone = ber.boolean('delete old rdn');
      const parent = ber.tag === 0x80 ? ` below ${ber.text('new superior')}` : '';
      return `${entry} to ${to}${parent}${isGone ? '' : ', keeping the old name'}`;
    }
    case 0x6e: {
      const entry = ber.text('entry');
      const told = ber.inside('assertion', () => {
        const type = ber.text('attribute');
        if (!isSecretAttribute(type)) return `${type}=${ber.text('value')}`;
        ber.secret('value');
        return `${type}=••••••`;
      });
      return `${entry} ${told ?? ''}`;
    }
    default:
      return extended(state, ber, id);
  }
}

/** RFC 4511 §4.2. */
function bind(state: LdapState, ber: BerReader, id: number): string {
  ber.integer('version');
  const name = ber.text('name');
  const { tag } = ber;
  if (tag === 0x80) {
    const password = ber.peek('password');
    const isEmpty = password?.at === password?.end;
    if (isEmpty) ber.text('password');
    else ber.secret('password');
    // §5.1.1 and §5.1.2 of RFC 4513: without a password nobody is authenticated.
    if (isEmpty) return name === '' ? 'anonymous' : `${name}, without a password`;
    return `${name}, simple`;
  }
  if (tag !== 0xa3) return name;
  let mechanism = '';
  ber.group('sasl', () => {
    mechanism = ber.text('mechanism');
    if (0 < ber.left) ber.secret('credentials');
  });
  remember(state, id, `bind ${mechanism}`);
  return `${name === '' ? '' : `${name}, `}SASL ${mechanism}`;
}

function remember(state: LdapState, id: number, what: string): void {
  if (maxAsked <= state.asked.size) for (const oldest of state.asked.keys()) if (state.asked.delete(oldest)) break;
  state.asked.set(id, what);
}

/** RFC 4511 §4.5.1. */
function search(ber: BerReader): string {
  const base = ber.text('base');
  const scope = ber.integer('scope', (value) => scopes[value] ?? `scope ${value}`);
  ber.integer('dereference', (value) => dereferences[value] ?? String(value));
  ber.integer('size limit', (value) => (value === 0 ? 'none' : String(value)));
  ber.integer('time limit', (value) => (value === 0 ? 'none' : `${value} s`));
  ber.boolean('types only');
  const element = ber.peek('filter');
  let filter = '';
  if (element !== undefined) {
    const text = filterText(ber.bytes, element);
    if (text === undefined) ber.fields.problem('error', say`the filter cannot be read`, element.start, element.end);
    filter = text ?? '(…)';
    ber.fields.add('filter', element.start, element.end, filter);
    ber.fields.at = element.end;
  }
  const wanted: string[] = [];
  ber.group('attributes', () => {
    while (0 < ber.left) wanted.push(ber.text('attribute'));
  });
  return `${base === '' ? '(root)' : base} ${scopes[scope] ?? `scope ${scope}`} ${filter}${wanted.length === 0 ? '' : ` for ${listed(wanted)}`}`;
}

function listed(words: readonly string[]): string {
  return words.length <= 8 ? words.join(', ') : `${words.slice(0, 8).join(', ')}, …`;
}

/** RFC 4511 §4.6. @returns `replace mail` */
function change(ber: BerReader): string {
  return ber.group('change', () => {
    const operation = ber.integer('operation', (value) => changes[value] ?? String(value));
    return `${changes[operation] ?? operation} ${attribute(ber)}`;
  }, (text) => text ?? '') ?? '';
}

/** @returns the attributes' names */
function attributes(ber: BerReader): string[] {
  const names: string[] = [];
  while (0 < ber.left) names.push(attribute(ber));
  return names;
}

/** A type and a SET of values (RFC 4511 §4.1.7). @returns the type */
function attribute(ber: BerReader): string {
  let type = '';
  let first = '';
  let count = 0;
  ber.group('attribute', () => {
    type = ber.text('type');
    ber.inside('values', () => {
      for (; 0 < ber.left; count++) {
        const text = isSecretAttribute(type) ? ber.secret('value') : ber.text('value');
        if (count === 0) first = text ?? '';
      }
    });
  }, () => (isSecretAttribute(type) ? type : count === 1 ? `${type}: ${first}` : `${type}: ${counted(count, 'value')}`));
  return type;
}

/** RFC 4511 §4.12. */
function extended(state: LdapState, ber: BerReader, id: number): string {
  const name = ber.text('request name');
  remember(state, id, name);
  if (name === startTls) state.startTls = id;
  if (name === passwordModify && ber.tag === 0x81) return `modify password${newPassword(ber)}`;
  if (0 < ber.left) ber.text('request value');
  return extensions[name] ?? name;
}

/** RFC 3062 §2: whose [0], the old one [1], the new one [2]. */
function newPassword(ber: BerReader): string {
  let who = '';
  ber.group('request value', () => {
    ber.inside('the sequence', () => {
      if (ber.tag === 0x80) who = ` of ${ber.text('user')}`;
      while (0 < ber.left) ber.secret(ber.tag === 0x81 ? 'old password' : 'new password');
    });
  });
  return who;
}

// ---- what the server says -------------------------------------------------------------------------------------------

function answer(state: LdapState, ber: BerReader, tag: number, name: string, id: number): Told {
  if (tag === 0x64) {
    const entry = ber.text('object name');
    const names = ber.group('attributes', () => attributes(ber)) ?? [];
    return { kind: 'answer', answers: id, isPartial: true, summary: `entry ${entry === '' ? '(root)' : entry}${names.length === 0 ? '' : `: ${listed(names)}`}` };
  }
  if (tag === 0x73) {
    const urls: string[] = [];
    while (0 < ber.left) urls.push(ber.text('url'));
    return { kind: 'answer', answers: id, isPartial: true, summary: `reference ${listed(urls)}` };
  }
  if (tag === 0x79) {
    const what = ber.tag === 0x80 ? ber.text('response name') : '';
    if (0 < ber.left) ber.text('response value');
    return { kind: 'answer', answers: id, isPartial: true, summary: `intermediate response ${extensions[what] ?? what}`.trimEnd() };
  }
  return result(state, ber, tag, name, id);
}

/** RFC 4511 §4.1.9, with what bind and extended responses add (§4.2.2, §4.12). */
function result(state: LdapState, ber: BerReader, tag: number, name: string, id: number): Told {
  const start = ber.fields.at;
  const code = ber.integer('result code', (value) => (resultCodes[value] === undefined ? String(value) : `${resultCodes[value]} (${value})`));
  const codeEnd = ber.fields.at;
  const matched = ber.text('matched dn');
  const diagnostic = ber.text('diagnostic message');
  const referrals: string[] = [];
  if (ber.tag === 0xa3) ber.group('referral', () => {
    while (0 < ber.left) referrals.push(ber.text('url'));
  });
  const asked = state.asked.get(id) ?? '';
  state.asked.delete(id);
  let what = tag === 0x78 ? (extensions[asked] ?? (asked === '' ? name : asked)) : name;
  let value = '';
  if (tag === 0x61 && ber.tag === 0x87) ber.secret('server credentials');
  if (tag === 0x61 && code === 0 && /^bind (GSS|DIGEST-MD5)/.test(asked)) state.layer = asked.slice(5);
  if (tag === 0x78) {
    if (ber.tag === 0x8a) {
      const told = ber.text('response name');
      what = extensions[told] ?? told;
    }
    // A password that the server made up.
    if (ber.tag === 0x8b && asked === passwordModify) ber.secret('response value');
    else if (ber.tag === 0x8b) value = ` ${ber.text('response value')}`;
  }
  const word = resultCodes[code] ?? `result ${code}`;
  const why = [word, diagnostic, matched === '' ? '' : `matched ${matched}`, ...referrals].filter((part) => part !== '').join(' · ');
  if (!fineCodes.has(code)) ber.fields.problem('error', verbatim(diagnostic === '' ? word : `${word}: ${diagnostic}`), start, codeEnd);
  const isTls = tag === 0x78 && state.startTls === id;
  if (isTls) state.startTls = undefined;
  return {
    // Message id 0: nobody asked (§4.4).
    ...(id === 0 ? { kind: 'notice' as const } : { kind: 'answer' as const, answers: id }),
    summary: `${what}: ${why}${value}`,
    ...(isTls && code === 0 && !ber.fields.isBroken ? { handover: { to: 'tls' } } : {}),
  };
}

// ---- controls -------------------------------------------------------------------------------------------------------

/** RFC 4511 §4.1.11. @returns its name */
function control(ber: BerReader): string {
  let name = '';
  ber.group('control', () => {
    const type = ber.text('type');
    name = controlNames[type] ?? type;
    const isCritical = ber.tag === 0x01 && ber.boolean('critical');
    const element = ber.tag === 0x04 ? ber.peek('value') : undefined;
    if (type === pagedResults && element !== undefined && ber.bytes[element.at] === 0x30) {
      ber.group('value', () => ber.inside('the sequence', () => {
        ber.integer('size');
        ber.text('cookie');
      }));
    } else if (element !== undefined) {
      ber.text('value');
    }
    return `${name}${isCritical ? ', critical' : ''}`;
  }, (text) => text ?? '');
  return name;
}
