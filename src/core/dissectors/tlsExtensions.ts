// Extensions of ClientHello, ServerHello and HelloRetryRequest (RFC 8446 §4.2; others where they are read).

import { elementAt } from './ber.js';
import { counted } from './counts.js';
import type { FieldReader } from './fieldReader.js';
import { aeads, certificateCompressions, extensionName, groupName, kdfs, pointFormats, pskModes, schemeName, versionName } from './tlsNames.js';
import { nameOf } from './x509.js';

/** Who sends them: the same number means different structures. */
export type Place = 'client' | 'server' | 'retry';

/** What of them counts elsewhere. */
export interface Extensions {
  /** all types, in order */
  types: number[];
  sni: string | undefined;
  alpn: string[];
  firstAlpn: Uint8Array | undefined;
  versions: number[];
  schemes: number[];
  /** group that the server chose; of a client, those of its key shares */
  shares: number[];
  resumes: boolean;
}

/** Entries of a list that its text names. */
const maxShown = 12;

export function noExtensions(): Extensions {
  return { types: [], sni: undefined, alpn: [], firstAlpn: undefined, versions: [], schemes: [], shares: [], resumes: false };
}

/** The rest of a hello; older ones end without it (RFC 5246 §7.4.1.2). */
export function readExtensions(reader: FieldReader, place: Place): Extensions {
  const found = noExtensions();
  if (reader.left === 0) return found;
  list(reader, 'extensions', 2, () => {
    const type = (Math.max(0, reader.peek()) << 8) | Math.max(0, reader.peek(1));
    const name = extensionName(type);
    reader.group(name, () => {
      reader.u16('type', extensionName);
      const length = reader.u16('length');
      if (!reader.isBroken) found.types.push(type);
      return reader.within(length, () => (length === 0 ? '' : extension(reader, type, place, found))) ?? '';
    }, (text) => text);
    return name;
  });
  return found;
}

/**
 * A list behind its length in bytes, as one field.
 *
 * @param each reads an entry and answers with its text
 * @returns texts of the first entries
 */
export function list(reader: FieldReader, name: string, size: 1 | 2, each: () => string): string[] {
  const shown: string[] = [];
  let count = 0;
  if (reader.isBroken) return shown;
  reader.group(name, () => {
    const length = size === 1 ? reader.u8('length') : reader.u16('length');
    reader.within(length, () => {
      for (; 0 < reader.left; count++) {
        const text = each();
        if (shown.length < maxShown) shown.push(text);
      }
    });
  }, () => `${shown.join(', ')}${shown.length < count ? `, … ${count} in all` : ''}`);
  return shown;
}

/** Numbers of two bytes. @returns their text */
function numbers(reader: FieldReader, name: string, size: 1 | 2, entry: string, words: (value: number) => string, into?: number[]): string {
  return list(reader, name, size, () => {
    const value = reader.u16(entry, words);
    if (!reader.isBroken) into?.push(value);
    return words(value);
  }).join(', ');
}

/** Numbers of one byte. @returns their text */
function bytes(reader: FieldReader, name: string, entry: string, names: Readonly<Record<number, string>>): string {
  return list(reader, name, 1, () => {
    const value = reader.u8(entry, names);
    return names[value] ?? String(value);
  }).join(', ');
}

/** @returns the extension in a few words */
function extension(reader: FieldReader, type: number, place: Place, found: Extensions): string {
  switch (type) {
    case 0:
      return serverName(reader, found);
    case 1:
      return `${256 << Math.min(8, reader.u8('max fragment length', (value) => `${256 << Math.min(8, value)} bytes`))} bytes`;
    case 5:
      return statusRequest(reader);
    case 10:
      return numbers(reader, 'groups', 2, 'group', groupName);
    case 11:
      return bytes(reader, 'formats', 'format', pointFormats);
    case 13:
      return numbers(reader, 'schemes', 2, 'signature scheme', schemeName, found.schemes);
    case 34:
    case 50:
      return numbers(reader, 'schemes', 2, 'signature scheme', schemeName);
    case 15: {
      const names = { 1: 'peer may send requests', 2: 'peer must not send requests' };
      return reader.u8('mode', names) === 1 ? names[1] : names[2];
    }
    case 16:
      return protocols(reader, 'alpn', found);
    case 17513:
    case 17613:
      return protocols(reader, 'protocol', undefined);
    case 18:
      // A client says only that it takes them (RFC 6962 §3.3.1).
      return counted(list(reader, 'timestamps', 2, () => String(reader.prefixedData('timestamp', 2).length)).length, 'timestamp');
    case 27:
      return numbers(reader, 'algorithms', 1, 'algorithm', (value) => certificateCompressions[value] ?? String(value));
    case 28:
      return `${reader.u16('record size limit')} bytes`;
    case 41:
      return preSharedKey(reader, place, found);
    case 43:
      return supportedVersions(reader, place, found);
    case 44:
      return counted(reader.prefixedData('cookie', 2).length);
    case 45:
      return bytes(reader, 'modes', 'mode', pskModes);
    case 47:
      return list(reader, 'authorities', 2, () => distinguishedName(reader)).join('; ');
    case 51:
      return keyShare(reader, place, found);
    case 58:
      return `${reader.u8('new sessions')} new, ${reader.u8('resumed sessions')} resumed`;
    case 65037:
      return encryptedHello(reader, place);
    case 65281: {
      const length = reader.prefixedData('renegotiated connection', 1).length;
      return length === 0 ? '' : counted(length);
    }
    default: {
      const length = reader.left;
      reader.data('data', length);
      return counted(length);
    }
  }
}

/** RFC 6066 §3: names of one type, of which there may be one. */
function serverName(reader: FieldReader, found: Extensions): string {
  return list(reader, 'names', 2, () => {
    if (reader.u8('name type', { 0: 'host_name' }) !== 0) {
      reader.rest();
      return 'another type';
    }
    const name = reader.prefixedText('sni', 2);
    found.sni ??= name;
    return name;
  }).join(', ');
}

/** RFC 7301 §3.1. */
function protocols(reader: FieldReader, entry: string, found: Extensions | undefined): string {
  return list(reader, 'protocols', 2, () => {
    const start = reader.at;
    const name = reader.prefixedText(entry, 1);
    if (!reader.isBroken && found !== undefined) {
      found.firstAlpn ??= reader.bytes.slice(start + 1, reader.at);
      if (found.alpn.length < maxShown) found.alpn.push(name);
    }
    return name;
  }).join(', ');
}

/** RFC 6066 §8. */
function statusRequest(reader: FieldReader): string {
  const type = reader.u8('status type', { 1: 'ocsp' });
  list(reader, 'responders', 2, () => String(reader.prefixedData('responder', 2).length));
  reader.prefixedData('request extensions', 2);
  return type === 1 ? 'ocsp' : `type ${type}`;
}

/** RFC 8446 §4.2.11. */
function preSharedKey(reader: FieldReader, place: Place, found: Extensions): string {
  found.resumes = true;
  if (place !== 'client') return `identity ${reader.u16('selected identity')}`;
  const identities = list(reader, 'identities', 2, () => reader.group('identity', () => {
    const length = reader.prefixedData('ticket', 2).length;
    reader.u32('obfuscated ticket age');
    return counted(length);
  }, (text) => text));
  list(reader, 'binders', 2, () => counted(reader.prefixedData('binder', 1).length));
  return counted(identities.length, 'identity', 'identities');
}

/** RFC 8446 §4.2.1. */
function supportedVersions(reader: FieldReader, place: Place, found: Extensions): string {
  if (place === 'client') return numbers(reader, 'versions', 1, 'supported version', versionName, found.versions);
  const version = reader.u16('selected version', versionName);
  found.versions.push(version);
  return versionName(version);
}

/** RFC 8446 §4.2.8. */
function keyShare(reader: FieldReader, place: Place, found: Extensions): string {
  const share = (): string => {
    const group = reader.u16('group', groupName);
    if (!reader.isBroken) found.shares.push(group);
    if (place !== 'retry') reader.prefixedData('key exchange', 2);
    return groupName(group);
  };
  return place === 'client' ? list(reader, 'shares', 2, () => reader.group('share', share, (text) => text)).join(', ') : share();
}

/** RFC 9849 §5: the outer hello carries the true one, encrypted; servers answer with configurations, or in a retry with a confirmation. */
function encryptedHello(reader: FieldReader, place: Place): string {
  if (place !== 'client') {
    const length = reader.left;
    reader.data('confirmation', length);
    return counted(length);
  }
  if (reader.u8('form', { 0: 'outer', 1: 'inner' }) !== 0) return 'inner';
  const kdf = reader.u16('kdf', kdfs);
  const aead = reader.u16('aead', aeads);
  const id = reader.u8('config id');
  reader.prefixedData('encapsulated key', 2);
  const { length } = reader.prefixedData('payload', 2);
  return `outer, config ${id}, ${kdfs[kdf] ?? kdf}, ${aeads[aead] ?? aead}, ${counted(length)} encrypted`;
}

/** A name of X.501 behind its length (RFC 5246 §7.4.4, RFC 8446 §4.2.4). */
export function distinguishedName(reader: FieldReader): string {
  const start = reader.at;
  const length = (Math.max(0, reader.peek()) << 8) | Math.max(0, reader.peek(1));
  const name = length + 2 <= reader.left ? elementAt(reader.bytes, start + 2, start + 2 + length) : undefined;
  const text = name === undefined ? undefined : nameOf(reader.bytes, name);
  if (text === undefined) {
    reader.prefixedData('authority', 2);
    return 'unreadable';
  }
  reader.add('authority', start, start + 2 + length, text);
  reader.at = start + 2 + length;
  return text;
}
