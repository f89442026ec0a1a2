// X.509 certificates, as far as a person asks about one: whose, from whom, valid when, which key (RFC 5280 §4.1).

import { say } from '../../shared/sentences.js';
import { toHex } from '../bytes.js';
import { addressOf } from './addresses.js';
import { berTags, bitLength, elementAt, elementsIn, oidOf, stringOf, timeOf, type Element } from './ber.js';
import type { FieldReader } from './fieldReader.js';
import { sha256 } from './sha256.js';

const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA', '1.2.840.113549.1.1.4': 'RSA with MD5', '1.2.840.113549.1.1.5': 'RSA with SHA-1', '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.113549.1.1.11': 'RSA with SHA-256', '1.2.840.113549.1.1.12': 'RSA with SHA-384', '1.2.840.113549.1.1.13': 'RSA with SHA-512',
  '1.2.840.10040.4.1': 'DSA', '1.2.840.10040.4.3': 'DSA with SHA-1', '2.16.840.1.101.3.4.3.2': 'DSA with SHA-256',
  '1.2.840.10045.2.1': 'EC', '1.2.840.10045.4.1': 'ECDSA with SHA-1', '1.2.840.10045.4.3.2': 'ECDSA with SHA-256', '1.2.840.10045.4.3.3': 'ECDSA with SHA-384',
  '1.2.840.10045.4.3.4': 'ECDSA with SHA-512', '1.3.101.110': 'X25519', '1.3.101.112': 'Ed25519', '1.3.101.113': 'Ed448',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44', '2.16.840.1.101.3.4.3.18': 'ML-DSA-65', '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
};

const curves: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.33': 'P-224', '1.3.132.0.34': 'P-384', '1.3.132.0.35': 'P-521', '1.3.132.0.10': 'secp256k1',
  '1.3.36.3.3.2.8.1.1.7': 'brainpoolP256r1', '1.3.36.3.3.2.8.1.1.11': 'brainpoolP384r1', '1.3.36.3.3.2.8.1.1.13': 'brainpoolP512r1', '1.2.156.10197.1.301': 'SM2',
};

/** Short names of attributes (RFC 4514 §3, RFC 4519). */
const attributes: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN', '2.5.4.4': 'SN', '2.5.4.5': 'serialNumber', '2.5.4.6': 'C', '2.5.4.7': 'L', '2.5.4.8': 'ST', '2.5.4.9': 'street', '2.5.4.10': 'O', '2.5.4.11': 'OU',
  '2.5.4.12': 'title', '2.5.4.42': 'GN', '2.5.4.97': 'organizationIdentifier', '0.9.2342.19200300.100.1.1': 'UID', '0.9.2342.19200300.100.1.25': 'DC', '1.2.840.113549.1.9.1': 'emailAddress',
};

const basicConstraints = '2.5.29.19';
const alternativeNames = '2.5.29.17';
/** Names of one certificate that are listed; content networks put hundreds into one. */
const maxNames = 100;

/**
 * Reads the next `length` bytes as a certificate into a field `certificate`.
 *
 * @returns whose it is: its subject, or its first alternative name where the subject is empty
 */
export function readCertificate(reader: FieldReader, length: number): string {
  const start = reader.at;
  const end = start + length;
  if (reader.left < length) {
    reader.data('certificate', length);
    return '';
  }
  const told = reader.group('certificate', () => {
    const words = certificate(reader, start, end);
    reader.at = end;
    return words;
  }, ({ words }) => words);
  return told.whose;
}

function certificate(reader: FieldReader, start: number, end: number): { words: string; whose: string } {
  const { bytes } = reader;
  const outer = elementAt(bytes, start, end);
  const body = outer === undefined ? undefined : elementAt(bytes, outer.at, outer.end);
  const parts = body === undefined ? [] : elementsIn(bytes, body.at, body.end, 16);
  // The version is left out of certificates of version 1.
  if (parts[0]?.tag === 0xa0) parts.shift();
  const [serial, signature, issuer, validity, subject, key] = parts;
  const times = validity === undefined ? [] : elementsIn(bytes, validity.at, validity.end, 2);
  if (serial === undefined || signature === undefined || issuer === undefined || times.length < 2 || subject === undefined || key === undefined) {
    reader.problem('warning', say`a certificate that is none of X.509`, start, end);
    return { words: `${end - start} bytes`, whose: '' };
  }
  const add = (name: string, { start: from, end: to }: Element, text: string): string => {
    reader.add(name, from, to, text);
    return text;
  };
  add('serial', serial, toHex(bytes.subarray(serial.at, Math.min(serial.end, serial.at + 32))));
  add('signature algorithm', signature, algorithmOf(bytes, signature));
  add('issuer', issuer, nameOf(bytes, issuer));
  add('valid from', times[0]!, timeOf(bytes, times[0]!));
  const until = add('valid until', times[1]!, timeOf(bytes, times[1]!));
  const whose = add('subject', subject, nameOf(bytes, subject));
  const keyWords = add('key', key, keyOf(bytes, key));
  const names = extensions(reader, parts.find(({ tag }) => tag === 0xa3));
  reader.add('fingerprint', start, end, `SHA-256 ${toHex(sha256(bytes.subarray(start, end)))}`);
  const shown = whose === '' ? (names[0] ?? 'no subject') : whose;
  return { words: `${shown}, ${keyWords}, until ${until}`, whose: shown };
}

/** @returns `C=DE, O=Example, CN=example.com`, in the order in which it is written down */
export function nameOf(bytes: Uint8Array, name: Element): string {
  const parts: string[] = [];
  for (const set of elementsIn(bytes, name.at, name.end, 32)) {
    for (const pair of elementsIn(bytes, set.at, set.end, 8)) {
      const [type, value] = elementsIn(bytes, pair.at, pair.end, 2);
      if (type === undefined || value === undefined) continue;
      const oid = oidOf(bytes, type);
      parts.push(`${attributes[oid] ?? oid}=${stringOf(bytes, value)}`);
    }
  }
  return parts.join(', ');
}

function algorithmOf(bytes: Uint8Array, sequence: Element): string {
  const oid = elementAt(bytes, sequence.at, sequence.end);
  if (oid === undefined) return 'unknown';
  const text = oidOf(bytes, oid);
  return algorithms[text] ?? text;
}

/** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279 §2.3). @returns `RSA 2048`, `EC P-256`, `Ed25519` */
function keyOf(bytes: Uint8Array, info: Element): string {
  const [algorithm, key] = elementsIn(bytes, info.at, info.end, 2);
  if (algorithm === undefined || key === undefined) return 'unknown';
  const name = algorithmOf(bytes, algorithm);
  if (name === 'EC') {
    const curve = elementsIn(bytes, algorithm.at, algorithm.end, 2)[1];
    const oid = curve?.tag === berTags.oid ? oidOf(bytes, curve) : 'own curve';
    return `EC ${curves[oid] ?? oid}`;
  }
  if (name !== 'RSA' && name !== 'RSA-PSS') return name;
  // A bit string starts with the number of bits that do not count.
  const pair = elementAt(bytes, key.at + 1, key.end);
  const modulus = pair === undefined ? undefined : elementAt(bytes, pair.at, pair.end);
  return modulus === undefined ? name : `${name} ${bitLength(bytes, modulus.at, modulus.end)}`;
}

/** @returns alternative names */
function extensions(reader: FieldReader, wrapper: Element | undefined): string[] {
  const { bytes } = reader;
  const list = wrapper === undefined ? undefined : elementAt(bytes, wrapper.at, wrapper.end);
  const names: string[] = [];
  for (const extension of list === undefined ? [] : elementsIn(bytes, list.at, list.end, 64)) {
    const parts = elementsIn(bytes, extension.at, extension.end, 3);
    const value = parts[parts.length - 1];
    if (parts[0]?.tag !== berTags.oid || value?.tag !== berTags.octetString) continue;
    const oid = oidOf(bytes, parts[0]);
    const inner = elementAt(bytes, value.at, value.end);
    if (inner === undefined) continue;
    if (oid === basicConstraints) {
      const isCa = elementAt(bytes, inner.at, inner.end);
      if (isCa?.tag === berTags.boolean) reader.add('is ca', extension.start, extension.end, 'true', undefined, true);
    } else if (oid === alternativeNames) {
      for (const name of elementsIn(bytes, inner.at, inner.end, maxNames)) {
        const text = alternativeName(bytes, name);
        names.push(text);
        reader.add('name', name.start, name.end, text);
      }
    }
  }
  return names;
}

/** GeneralName (RFC 5280 §4.2.1.6). */
function alternativeName(bytes: Uint8Array, name: Element): string {
  const { tag, at, end } = name;
  if (tag === 0x87) return addressOf(bytes.subarray(at, end));
  if (tag === 0xa4) {
    const inner = elementAt(bytes, at, end);
    return inner === undefined ? '' : nameOf(bytes, inner);
  }
  return tag === 0x81 || tag === 0x82 || tag === 0x86 ? stringOf(bytes, name) : `${end - at} bytes`;
}
