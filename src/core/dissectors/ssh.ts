// SSH 2: banners, and packets until they are encrypted: what is offered, what is agreed upon, whose key it is (RFC 4253).

import type { Speaker } from '../../shared/flow.js';
import { say } from '../../shared/sentences.js';
import { latin1, u32At } from '../bytes.js';
import { bitLength } from './ber.js';
import { counted } from './counts.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { sha256 } from './sha256.js';

/** OpenSSH refuses longer packets (PACKET_MAX_SIZE); in the clear they are below 4 KiB. */
const maxPacketBytes = 256 << 10;
/** A banner has 255 bytes (RFC 4253 §4.2); lines in front of a server's may be longer. */
const maxLineBytes = 8 << 10;
/** Packets have no visible borders once lengths are encrypted: what follows is told in pieces of this size. */
const pieceBytes = 16 << 10;
/** Algorithms of one list that are compared; OpenSSH offers about 20. */
const maxNames = 200;

const packetNames: Readonly<Record<number, string>> = {
  1: 'DISCONNECT', 2: 'IGNORE', 3: 'UNIMPLEMENTED', 4: 'DEBUG', 5: 'SERVICE_REQUEST', 6: 'SERVICE_ACCEPT', 7: 'EXT_INFO', 8: 'NEWCOMPRESS', 20: 'KEXINIT', 21: 'NEWKEYS',
};

/** Numbers that every method uses in its own way (RFC 4253 §8, RFC 5656 §4, RFC 4419 §5). */
const exchangeNames: Readonly<Record<Exchange, Readonly<Record<number, string>>>> = {
  dh: { 30: 'KEXDH_INIT', 31: 'KEXDH_REPLY' },
  ecdh: { 30: 'KEX_ECDH_INIT', 31: 'KEX_ECDH_REPLY' },
  hybrid: { 30: 'KEX_HYBRID_INIT', 31: 'KEX_HYBRID_REPLY' },
  group: { 30: 'KEX_DH_GEX_REQUEST_OLD', 31: 'KEX_DH_GEX_GROUP', 32: 'KEX_DH_GEX_INIT', 33: 'KEX_DH_GEX_REPLY', 34: 'KEX_DH_GEX_REQUEST' },
};

type Exchange = 'dh' | 'ecdh' | 'hybrid' | 'group';

/** RFC 4253 §11.1. */
const reasons: Readonly<Record<number, string>> = {
  1: 'HOST_NOT_ALLOWED_TO_CONNECT', 2: 'PROTOCOL_ERROR', 3: 'KEY_EXCHANGE_FAILED', 4: 'RESERVED', 5: 'MAC_ERROR', 6: 'COMPRESSION_ERROR', 7: 'SERVICE_NOT_AVAILABLE',
  8: 'PROTOCOL_VERSION_NOT_SUPPORTED', 9: 'HOST_KEY_NOT_VERIFIABLE', 10: 'CONNECTION_LOST', 11: 'BY_APPLICATION', 12: 'TOO_MANY_CONNECTIONS', 13: 'AUTH_CANCELLED_BY_USER',
  14: 'NO_MORE_AUTH_METHODS_AVAILABLE', 15: 'ILLEGAL_USER_NAME',
};

/** The lists of KEXINIT, in their order (RFC 4253 §7.1); `c2s` is client to server. */
const listNames = ['kex', 'host key', 'encryption c2s', 'encryption s2c', 'mac c2s', 'mac s2c', 'compression c2s', 'compression s2c', 'languages c2s', 'languages s2c'];

interface Side {
  /** 'unclear': it was not understood, or bytes went missing: whether it is encrypted cannot be told */
  phase: 'banner' | 'packets' | 'encrypted' | 'unclear';
  /** what its KEXINIT offers, list by list */
  offers: string[][] | undefined;
}

interface SshState {
  client: Side;
  upstream: Side;
}

export const ssh: Dissector<SshState> = {
  id: 'ssh',
  maxMessageBytes: maxPacketBytes,
  start: () => ({ client: { phase: 'banner', offers: undefined }, upstream: { phase: 'banner', offers: undefined } }),
  next(state, input) {
    switch (state[input.from].phase) {
      case 'banner':
        return banner(state, input);
      case 'packets':
        return packet(state, input);
      default:
        return piece(state[input.from], input);
    }
  },
  // Nothing in it shows where a packet starts.
  mayStart: () => 'match',
  lost(state, from) {
    if (state[from].phase !== 'encrypted') state[from].phase = 'unclear';
  },
};

/** RFC 4253 §4.2: a line; a server may send others in front of it. */
function banner(state: SshState, input: Input): Next {
  const { bytes, at, end, from } = input;
  const feed = bytes.indexOf(0x0a, at);
  const isThere = 0 <= feed && feed < end;
  if (maxLineBytes < (isThere ? feed : end) - at) return { lost: say`no line of SSH is longer than ${counted(maxLineBytes)}` };
  if (!isThere) return end - at + 1;
  const stop = at < feed && bytes[feed - 1] === 0x0d ? feed - 1 : feed;
  const length = feed + 1 - at;
  const reader = FieldReader.of(input, length);
  const text = latin1(bytes, at, stop);
  const parts = /^SSH-([^-]*)-([^ ]*) ?(.*)$/.exec(text);
  if (parts === null) {
    reader.add('line', at, stop, text);
  } else {
    // 1.99 speaks both, and goes on in 2 (RFC 4253 §5.1).
    state[from].phase = parts[1] === '2.0' || parts[1] === '1.99' ? 'packets' : 'unclear';
    const [, version = '', software = '', comment = ''] = parts;
    reader.add('version', at + 4, at + 4 + version.length, version);
    reader.add('software', at + 5 + version.length, at + 5 + version.length + software.length, software);
    if (comment !== '') reader.add('comment', at + 6 + version.length + software.length, stop, comment);
  }
  return { length, kind: 'notice', summary: text === '' ? 'an empty line' : text, fields: reader.fields, problems: reader.problems };
}

/** What cannot be read, until the connection ends or so many bytes are there. */
function piece({ phase }: Side, { at, end, isEnded }: Input): Next {
  const length = Math.min(pieceBytes, end - at);
  if (length < pieceBytes && !isEnded) return pieceBytes;
  const summary = phase === 'encrypted' ? `${counted(length)} (encrypted)` : `${counted(length)} (not decoded)`;
  return { length, kind: 'notice', summary, fields: [], problems: [] };
}

/** RFC 4253 §6: length, length of the padding, payload, padding. */
function packet(state: SshState, input: Input): Next {
  const { bytes, at, end, from } = input;
  if (end < at + 4) return 4;
  const length = u32At(bytes, at);
  if (length < 6 || maxPacketBytes - 4 < length) return { lost: say`a packet has 6 to ${counted(maxPacketBytes - 4)}, this says ${counted(length)}` };
  const whole = 4 + length;
  if (!available(input, whole, maxPacketBytes)) return whole;
  const padding = bytes[at + 4]!;
  if (length < padding + 2) return { lost: say`${counted(padding)} of padding do not fit into a packet of ${counted(length)}` };
  const reader = FieldReader.of(input, whole);
  reader.u32('packet length');
  reader.u8('padding length');
  const told = reader.within(length - 1 - padding, () => payload(state, reader, from)) ?? { summary: packetNames[bytes[at + 5]!] ?? 'a packet' };
  reader.data('padding', padding);
  return { length: whole, kind: 'notice', fields: reader.fields, problems: reader.problems, ...told };
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

function payload(state: SshState, reader: FieldReader, from: Speaker): Told {
  const exchange = exchangeOf(agreed(state, 0));
  const type = reader.peek();
  const name = packetNames[type] ?? (exchange === undefined ? undefined : exchangeNames[exchange][type]) ?? `message ${type}`;
  reader.u8('message', () => name);
  switch (type) {
    case 1: {
      const reason = reader.u32('reason', (value) => reasons[value] ?? `reason ${value}`);
      const text = reader.prefixedText('description', 4);
      reader.prefixedText('language', 4);
      const words = `${reasons[reason] ?? `reason ${reason}`}${text === '' ? '' : `: ${text}`}`;
      reader.problem(reason === 11 ? 'note' : 'error', from === 'client' ? say`the client disconnects: ${words}` : say`the upstream disconnects: ${words}`, reader.at, reader.at);
      return { summary: `DISCONNECT ${words}` };
    }
    case 2:
      reader.prefixedData('data', 4);
      return { summary: name };
    case 3:
      return { summary: `UNIMPLEMENTED packet ${reader.u32('sequence number')}` };
    case 4: {
      reader.u8('always display');
      const text = reader.prefixedText('text', 4);
      reader.prefixedText('language', 4);
      return { summary: `DEBUG ${text}` };
    }
    case 5:
    case 6: {
      const service = reader.prefixedText('service', 4);
      return { summary: `${name} ${service}`, ...(type === 5 ? { kind: 'request', asks: `${from} service` } : { kind: 'answer', answers: `${from === 'client' ? 'upstream' : 'client'} service` }) };
    }
    case 7:
      return { summary: `EXT_INFO ${extensionInfo(reader)}` };
    case 20:
      return { summary: exchangeInit(state, reader, from) };
    case 21:
      state[from].phase = 'encrypted';
      return { summary: 'NEWKEYS' };
    default:
      return exchange === undefined || exchangeNames[exchange][type] === undefined ? { summary: name } : keyExchange(reader, exchange, type, name);
  }
}

/** RFC 8308 §2.3. */
function extensionInfo(reader: FieldReader): string {
  const names: string[] = [];
  for (let count = reader.u32('count'); 0 < count && 0 < reader.left; count--) {
    reader.group('extension', () => {
      const name = reader.prefixedText('name', 4);
      reader.prefixedText('value', 4);
      if (names.length < 16) names.push(name);
      return name;
    }, (name) => name);
  }
  return names.join(', ');
}

// ---- key exchange ---------------------------------------------------------------------------------------------------

/** RFC 4253 §7.1. The second one shows what both have agreed upon. */
function exchangeInit(state: SshState, reader: FieldReader, from: Speaker): string {
  const start = reader.at;
  reader.data('cookie', 16);
  const offers = listNames.map((name) => reader.prefixedText(name, 4) === '' ? [] : listOf(reader));
  reader.u8('first kex packet follows');
  reader.u32('reserved');
  if (reader.isBroken) return 'KEXINIT';
  state[from].offers = offers;
  const other = state[from === 'client' ? 'upstream' : 'client'];
  if (other.offers === undefined) return `KEXINIT offers ${offers.slice(0, 3).map((list) => first(list)).join(', ')}`;
  const chosen = listNames.slice(0, 8).map((name, i) => ({ name, is: isImplicit(state, i) ? 'implicit' : agreed(state, i) }));
  for (const { name, is } of chosen) reader.add(`agreed ${name}`, start, reader.at, is ?? 'nothing');
  for (const { name, is } of chosen.slice(0, 4)) if (is === undefined) reader.problem('error', say`client and upstream have no ${name} in common`, start, reader.at);
  const [kex, hostKey, out, back] = chosen.map(({ is }) => is ?? 'nothing');
  return `KEXINIT: ${kex}, ${hostKey}, ${out === back ? out : `${out} and ${back}`}`;
}

function first(list: readonly string[]): string {
  return list.length < 2 ? (list[0] ?? 'nothing') : `${list[0]} and ${list.length - 1} more`;
}

/** The names of the list that was read last. */
function listOf(reader: FieldReader): string[] {
  const field = reader.fields[reader.fields.length - 1];
  if (field === undefined) return [];
  const start = field.range.start - reader.base + 4;
  return latin1(reader.bytes, start, Math.min(reader.at, start + 16384)).split(',', maxNames);
}

/** The first of the client's that the server has as well; markers of extensions are in both lists' first place only by mistake. */
function agreed({ client, upstream }: SshState, list: number): string | undefined {
  const theirs = upstream.offers?.[list];
  return client.offers?.[list]?.find((name) => theirs?.includes(name) === true && !/^(ext-info-|kex-strict-)/.test(name));
}

/** Ciphers that authenticate use no MAC, whatever was agreed upon (RFC 5647 §5.1, OpenSSH PROTOCOL §1.6). */
function isImplicit(state: SshState, list: number): boolean {
  return (list === 4 || list === 5) && /poly1305|gcm/i.test(agreed(state, list - 2) ?? '');
}

function exchangeOf(method: string | undefined): Exchange | undefined {
  if (method === undefined) return undefined;
  if (method.startsWith('diffie-hellman-group-exchange')) return 'group';
  if (method.startsWith('diffie-hellman')) return 'dh';
  if (/^(sntrup|mlkem)/.test(method)) return 'hybrid';
  return /^(curve25519|curve448|ecdh)/.test(method) ? 'ecdh' : undefined;
}

function keyExchange(reader: FieldReader, exchange: Exchange, type: number, name: string): Told {
  if (exchange === 'group' && type === 34) {
    reader.u32('min bits');
    const bits = reader.u32('bits');
    reader.u32('max bits');
    return { summary: `${name} ${bits} bits`, kind: 'request', asks: 'group' };
  }
  if (exchange === 'group' && type === 30) return { summary: `${name} ${reader.u32('bits')} bits`, kind: 'request', asks: 'group' };
  if (exchange === 'group' && type === 31) {
    const start = reader.at + 4;
    reader.prefixedData('p', 4);
    const bits = bitLength(reader.bytes, start, reader.at);
    reader.prefixedData('g', 4);
    return { summary: `${name} ${bits} bits`, kind: 'answer', answers: 'group' };
  }
  if (type === 30 || type === 32) {
    reader.prefixedData('client key', 4);
    return { summary: name, kind: 'request', asks: 'kex' };
  }
  const key = hostKey(reader);
  reader.prefixedData('server key', 4);
  reader.group('signature', () => {
    const length = reader.u32('length');
    return reader.within(length, () => {
      const algorithm = reader.prefixedText('algorithm', 4);
      reader.prefixedData('value', 4);
      return algorithm;
    });
  }, (algorithm) => algorithm ?? '');
  return { summary: `${name} ${key}`, kind: 'answer', answers: 'kex' };
}

/** The server's own key, with the fingerprint that `ssh` asks about. @returns `ssh-ed25519 SHA256:…` */
function hostKey(reader: FieldReader): string {
  return reader.group('host key', () => {
    const length = reader.u32('length');
    const start = reader.at;
    return reader.within(length, () => {
      const algorithm = reader.prefixedText('algorithm', 4);
      reader.data('key', reader.left);
      const fingerprint = `SHA256:${base64(sha256(reader.bytes.subarray(start, start + length)))}`;
      reader.add('fingerprint', start, start + length, fingerprint);
      return `${algorithm} ${fingerprint}`;
    }) ?? '';
  }, (text) => text);
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base 64 without padding, as OpenSSH shows fingerprints. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let i = 0; i < Math.min(4, bytes.length - at + 1); i++) text += digits[(word >> (18 - 6 * i)) & 63];
  }
  return text;
}
