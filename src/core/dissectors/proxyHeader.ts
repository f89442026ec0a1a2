// The PROXY protocol: a header in front of the client's bytes that tells whose they are ("The PROXY protocol, Versions 1 & 2", HAProxy).

import { say } from '../../shared/sentences.js';
import { latin1, u16At } from '../bytes.js';
import { addressOf } from './addresses.js';
import type { Dissector, Handover, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';

/** §2.1: the longest line of version 1, its CRLF included. */
const maxLineBytes = 107;
/** §2.2: signature, version and command, family, length. */
const fixedBytes = 16;
const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

const handover: Handover = { to: 'detect' };

/** A header belongs to the client; what the server says has to do with what follows. */
function behind(input: Input): Next {
  return input.isOtherEnded ? { lost: say`no PROXY header came` } : 0;
}

// ---- version 1 ------------------------------------------------------------------------------------------------------

export const proxyV1: Dissector<null> = {
  id: 'proxy-v1',
  maxMessageBytes: maxLineBytes,
  start: () => null,
  next: (_state, input) => (input.from === 'client' ? line(input) : behind(input)),
};

/** §2.1: `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443` and CRLF. */
function line(input: Input): Next {
  const { bytes, at, end } = input;
  const feed = bytes.indexOf(0x0a, at);
  const isThere = 0 <= feed && feed < end;
  if (maxLineBytes < (isThere ? feed + 1 : end) - at) return { lost: say`a PROXY line has at most ${maxLineBytes} bytes` };
  if (!isThere) return end - at + 1;
  const length = feed + 1 - at;
  const text = latin1(bytes, at, feed).replace(/\r$/, '');
  const parts = /^PROXY (TCP4|TCP6|UNKNOWN)(?: (\S+) (\S+) (\d{1,5}) (\d{1,5}))?(?: .*)?$/.exec(text);
  if (parts === null || (parts[1] !== 'UNKNOWN' && parts[2] === undefined)) return { lost: say`this is no PROXY line` };
  const reader = FieldReader.of(input, length);
  let start = at + 6;
  for (const [i, name] of ['family', 'source', 'destination', 'source port', 'destination port'].entries()) {
    const value = parts[i + 1];
    if (value === undefined) break;
    reader.add(name, start, start + value.length, value, undefined, 3 <= i ? Number(value) : undefined);
    start += value.length + 1;
  }
  const [, family = '', source = '', destination = '', from, to] = parts;
  const summary = source === '' ? `PROXY ${family}` : `PROXY ${family} ${endpoint(source, Number(from))} to ${endpoint(destination, Number(to))}`;
  return { length, kind: 'notice', summary, fields: reader.fields, problems: reader.problems, handover };
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

// ---- version 2 ------------------------------------------------------------------------------------------------------

export const proxyV2: Dissector<null> = {
  id: 'proxy-v2',
  maxMessageBytes: fixedBytes + 0xffff,
  start: () => null,
  next: (_state, input) => (input.from === 'client' ? block(input) : behind(input)),
};

const families: Readonly<Record<number, string>> = { 0x00: 'UNSPEC', 0x11: 'TCP4', 0x12: 'UDP4', 0x21: 'TCP6', 0x22: 'UDP6', 0x31: 'UNIX stream', 0x32: 'UNIX datagram' };

/** §2.2.1, and those of cloud providers. */
const valueNames: Readonly<Record<number, string>> = { 0x01: 'alpn', 0x02: 'authority', 0x03: 'crc32c', 0x04: 'noop', 0x05: 'unique id', 0x20: 'ssl', 0x30: 'netns', 0xe0: 'google psc connection', 0xea: 'aws', 0xee: 'azure' };
/** §2.2.6. */
const sslNames: Readonly<Record<number, string>> = { 0x21: 'ssl version', 0x22: 'ssl cn', 0x23: 'ssl cipher', 0x24: 'ssl signature algorithm', 0x25: 'ssl key algorithm', 0x26: 'ssl group', 0x27: 'ssl signature scheme', 0x28: 'ssl client certificate' };

function block(input: Input): Next {
  const { bytes, at, end } = input;
  for (let i = 0; i < signature.length && at + i < end; i++) if (bytes[at + i] !== signature[i]) return { lost: say`this is no PROXY header of version 2` };
  if (end < at + fixedBytes) return fixedBytes;
  const length = fixedBytes + u16At(bytes, at + 14);
  if (end - at < length) return length;
  const reader = FieldReader.of(input, length);
  reader.skip(signature.length);
  const command = reader.u8('version and command', { 0x20: '2, LOCAL', 0x21: '2, PROXY' });
  if (command !== 0x20 && command !== 0x21) return { lost: say`a PROXY header has version 2, and LOCAL or PROXY as its command` };
  const family = reader.u8('family', families);
  reader.u16('length');
  const told = addresses(reader, family);
  const words: string[] = [];
  while (0 < reader.left) {
    const word = value(reader, at);
    if (word !== '') words.push(word);
  }
  // LOCAL: the proxy's own connection, a health check; the addresses do not count (§2.2).
  const summary = [command === 0x20 ? 'PROXY LOCAL' : `PROXY ${families[family] ?? `family ${family}`}${told === '' ? '' : ` ${told}`}`, ...words].join(', ');
  return { length, kind: 'notice', summary, fields: reader.fields, problems: reader.problems, handover };
}

function addresses(reader: FieldReader, family: number): string {
  const size = family >> 4 === 1 ? 4 : family >> 4 === 2 ? 16 : family >> 4 === 3 ? 108 : 0;
  if (size === 0) return '';
  const read = (name: string): string => (size === 108 ? path(reader, name) : addressOf(reader.value(name, size, addressOf)));
  const source = read('source');
  const destination = read('destination');
  if (size === 108) return `${source} to ${destination}`;
  const from = reader.u16('source port');
  const to = reader.u16('destination port');
  return reader.isBroken ? '' : `${endpoint(source, from)} to ${endpoint(destination, to)}`;
}

/** A path of a socket, filled up with zeros. */
function path(reader: FieldReader, name: string): string {
  const words = (view: Uint8Array): string => latin1(view).replace(/\0[\s\S]*$/, '');
  return words(reader.value(name, 108, words));
}

/** One type-length-value (§2.2.1). @returns it for the summary, where it says something */
function value(reader: FieldReader, header: number): string {
  const type = reader.peek();
  const name = valueNames[type] ?? `type 0x${type.toString(16).padStart(2, '0')}`;
  return reader.group(name, () => {
    reader.u8('type', valueNames);
    const length = reader.u16('length');
    return reader.within(length, () => content(reader, type, length, header)) ?? '';
  }, (word) => word);
}

function content(reader: FieldReader, type: number, length: number, header: number): string {
  switch (type) {
    case 0x01:
      return `alpn ${reader.text('protocol', length)}`;
    case 0x02:
      return `for ${reader.text('host name', length)}`;
    case 0x03: {
      const start = reader.at;
      const said = reader.u32('checksum', (crc) => `0x${crc.toString(16).padStart(8, '0')}`);
      const is = crc32c(reader.bytes, header, header + fixedBytes + u16At(reader.bytes, header + 14), start);
      if (!reader.isBroken && said !== is) reader.problem('error', say`the checksum is 0x${is.toString(16).padStart(8, '0')}, the header says 0x${said.toString(16).padStart(8, '0')}`, start, start + 4);
      return '';
    }
    case 0x05:
      reader.data('value', length);
      return '';
    case 0x20:
      return ssl(reader);
    case 0x30:
      return `netns ${reader.text('name', length)}`;
    case 0xe0:
      return `psc ${reader.u64('connection id')}`;
    case 0xea:
      return reader.u8('subtype', { 1: 'vpc endpoint id' }) === 1 ? reader.text('vpc endpoint', reader.left) : '';
    case 0xee:
      return reader.u8('subtype', { 1: 'private endpoint link id' }) === 1 ? `link ${reader.u32Le('link id')}` : '';
    default:
      if (0 < length) reader.data('value', length);
      return '';
  }
}

/** §2.2.6: what the client's TLS was. */
function ssl(reader: FieldReader): string {
  reader.u8('client', (flags) => [(flags & 1) !== 0 && 'over ssl', (flags & 2) !== 0 && 'certificate on this connection', (flags & 4) !== 0 && 'certificate in this session'].filter((word) => word !== false).join(', ') || 'no ssl');
  const verified = reader.u32('verify', (code) => (code === 0 ? 'verified' : `not verified (${code})`));
  const found: Record<string, string> = {};
  while (0 < reader.left) {
    const type = reader.peek();
    const name = sslNames[type] ?? `type 0x${type.toString(16).padStart(2, '0')}`;
    reader.u8('type', sslNames);
    if (type === 0x28) reader.prefixedData(name, 2);
    else found[name] = reader.prefixedText(name, 2);
  }
  const cn = found['ssl cn'];
  return [found['ssl version'] ?? 'ssl', found['ssl cipher'], cn === undefined ? '' : `CN=${cn}${verified === 0 ? '' : ' (not verified)'}`].filter((word) => word !== undefined && word !== '').join(' ');
}

/** CRC-32C (RFC 3720 appendix B.4) with four zeros where the checksum itself stands (§2.2.4). */
function crc32c(bytes: Uint8Array, start: number, end: number, zeroAt: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) {
    crc ^= zeroAt <= at && at < zeroAt + 4 ? 0 : (bytes[at] ?? 0);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
