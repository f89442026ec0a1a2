// Handshake messages of TLS that travel in the clear (RFC 8446 §4, RFC 5246 §7.4): hellos of all versions, and up to TLS 1.2 nearly all others.

import type { Speaker } from '../../shared/flow.js';
import { say } from '../../shared/sentences.js';
import { toHex } from '../bytes.js';
import { berTags, elementAt, elementsIn, integerOf } from './ber.js';
import { counted } from './counts.js';
import type { FieldReader } from './fieldReader.js';
import { ja4 } from './ja4.js';
import { distinguishedName, list, noExtensions, readExtensions, type Extensions } from './tlsExtensions.js';
import { certificateTypes, compressionMethods, groupName, handshakeTypes, schemeName, suiteName, versionName } from './tlsNames.js';
import { oldCipherSuites } from './tlsSuites.js';
import { readCertificate } from './x509.js';

/** What earlier messages have agreed upon, and what this one adds. */
export interface Agreed {
  /** 0 = not known */
  version: number;
  /** cipher suite of ServerHello; 0 = not known */
  suite: number;
}

/** A ServerHello with this random is a HelloRetryRequest: SHA-256 of those words (RFC 8446 §4.1.3). */
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
/** Certificates of one chain that are read; the rest is listed by size. */
const maxChain = 10;

/** Reads a whole message, its header included, into one field. @returns it in a few words */
export function readHandshake(reader: FieldReader, agreed: Agreed, from: Speaker): string {
  const type = reader.peek();
  const isRetry = type === 2 && toHex(reader.bytes.subarray(reader.at + 6, reader.at + 38)) === retryRandom;
  const name = isRetry ? 'HelloRetryRequest' : (handshakeTypes[type] ?? `handshake type ${type}`);
  return reader.group(name, () => {
    reader.u8('type', handshakeTypes);
    const length = reader.u24('length');
    const words = reader.within(length, () => body(reader, type, isRetry, agreed, from));
    return words === undefined || words === '' ? name : `${name} ${words}`;
  }, (words) => words.slice(name.length + 1));
}

function body(reader: FieldReader, type: number, isRetry: boolean, agreed: Agreed, from: Speaker): string {
  switch (type) {
    case 1:
      return clientHello(reader);
    case 2:
      return serverHello(reader, isRetry, agreed);
    case 4:
      return sessionTicket(reader);
    case 11:
      return certificates(reader);
    case 12:
      return serverKeyExchange(reader, agreed);
    case 13:
      return certificateRequest(reader, agreed);
    case 15:
      return signature(reader, agreed);
    case 16:
      return clientKeyExchange(reader, agreed);
    case 22:
      return certificateStatus(reader);
    default:
      // HelloRequest and ServerHelloDone are empty; the others are seen in the clear only where somebody breaks the rules.
      if (handshakeTypes[type] === undefined) reader.problem('error', from === 'client' ? say`${type} is no type of a handshake message of the client` : say`${type} is no type of a handshake message of the upstream`, reader.at, reader.at);
      reader.rest('data');
      return '';
  }
}

/** RFC 8446 §4.1.2; RFC 5246 §7.4.1.2. */
function clientHello(reader: FieldReader): string {
  const start = reader.at;
  const legacy = reader.u16('legacy version', versionName);
  reader.data('random', 32);
  reader.prefixedData('session id', 1);
  const suites: number[] = [];
  list(reader, 'cipher suites', 2, () => {
    const suite = reader.u16('cipher suite', suiteName);
    if (!reader.isBroken) suites.push(suite);
    return suiteName(suite);
  });
  list(reader, 'compression methods', 1, () => {
    const method = reader.u8('compression method', compressionMethods);
    return compressionMethods[method] ?? String(method);
  });
  const offered = readExtensions(reader, 'client');
  if (reader.isBroken) return offered.sni ?? '';
  return helloWords(reader, start, legacy, suites, offered);
}

/** What is worked out from a hello: the highest version in it, and its fingerprint. */
function helloWords(reader: FieldReader, start: number, legacy: number, suites: readonly number[], offered: Extensions): string {
  const version = offered.versions.filter((each) => (each & 0xff00) === 0x0300).reduce((highest, each) => Math.max(highest, each), 0) || legacy;
  reader.add('version', start, reader.at, versionName(version), undefined, version);
  const name = ja4({ version: legacy, versions: offered.versions, suites, extensions: offered.types, schemes: offered.schemes, alpn: offered.firstAlpn });
  reader.add('ja4', start, reader.at, name);
  const words = [offered.sni ?? '(no name)', versionName(version), offered.alpn.join(' '), offered.resumes ? 'resumes a session' : '', offered.types.includes(42) ? 'early data' : ''];
  return words.filter((word) => word !== '').join(', ');
}

/** RFC 5246 appendix E.2: header of two bytes, then lists without lengths in front. */
export function readOldHello(reader: FieldReader): string {
  return reader.group('ClientHello', () => {
    reader.u16('length', (value) => String(value & 0x7fff));
    reader.u8('type', { 1: 'ClientHello' });
    const start = reader.at;
    const version = reader.u16('legacy version', versionName);
    const lengths = { suites: reader.u16('cipher suites length'), session: reader.u16('session id length'), challenge: reader.u16('challenge length') };
    const suites: number[] = [];
    reader.group('cipher suites', () => reader.within(lengths.suites, () => {
      while (0 < reader.left) {
        const suite = reader.u24('cipher suite', oldSuiteName);
        if (suite < 0x10000 && !reader.isBroken) suites.push(suite);
      }
    }), () => suites.slice(0, 12).map(suiteName).join(', '));
    reader.data('session id', lengths.session);
    reader.data('challenge', lengths.challenge);
    return `ClientHello ${helloWords(reader, start, version, suites, noExtensions())}, in the form of SSL 2`;
  }, (words) => words.slice('ClientHello '.length));
}

function oldSuiteName(value: number): string {
  return value < 0x10000 ? suiteName(value) : (oldCipherSuites[value] ?? `0x${value.toString(16).padStart(6, '0')}`);
}

/** RFC 8446 §4.1.3, §4.1.4. */
function serverHello(reader: FieldReader, isRetry: boolean, agreed: Agreed): string {
  const start = reader.at;
  const legacy = reader.u16('legacy version', versionName);
  reader.data('random', 32);
  reader.prefixedData('session id', 1);
  const suite = reader.u16('cipher suite', suiteName);
  reader.u8('compression method', compressionMethods);
  const chosen = readExtensions(reader, isRetry ? 'retry' : 'server');
  const version = chosen.versions[0] ?? legacy;
  if (reader.isBroken) return '';
  reader.add('version', start, reader.at, versionName(version), undefined, version);
  agreed.version = version;
  agreed.suite = suite;
  const share = chosen.shares[0];
  const words = [versionName(version), suiteName(suite), share === undefined ? '' : groupName(share), chosen.alpn.join(' '), chosen.resumes ? 'resumes a session' : ''];
  return words.filter((word) => word !== '').join(', ');
}

/** RFC 5077 §3.3. What TLS 1.3 sends is encrypted. */
function sessionTicket(reader: FieldReader): string {
  const lifetime = reader.u32('lifetime', (value) => `${value} s`);
  const { length } = reader.prefixedData('ticket', 2);
  return `${counted(length)}, for ${lifetime} s`;
}

/** RFC 5246 §7.4.2: the sender's own certificate first. */
function certificates(reader: FieldReader): string {
  let first: string | undefined;
  let count = 0;
  const length = reader.u24('certificates length');
  reader.within(length, () => {
    for (; 0 < reader.left; count++) {
      const size = reader.u24('certificate length');
      if (count < maxChain) {
        const whose = readCertificate(reader, size);
        first ??= whose;
      } else {
        reader.data('certificate', size);
      }
    }
  });
  if (count === 0) return '(none)';
  return `${first}${count === 1 ? '' : `, chain of ${count}`}`;
}

/** What stands in front of `_WITH_` tells how keys are agreed upon: `ECDHE_RSA`. */
function exchangeOf(suite: number): string {
  return /^TLS_(\w+?)_WITH_/.exec(suiteName(suite))?.[1] ?? '';
}

/** RFC 8422 §5.4, RFC 5246 §7.4.3, RFC 4279 §2, RFC 5489 §2. */
function serverKeyExchange(reader: FieldReader, agreed: Agreed): string {
  const exchange = exchangeOf(agreed.suite);
  if (exchange.includes('PSK')) reader.prefixedText('identity hint', 2);
  const isSigned = !exchange.includes('PSK') && !exchange.includes('anon');
  let words = '';
  if (exchange.startsWith('ECDH')) {
    if (reader.u8('curve type', { 1: 'explicit_prime', 2: 'explicit_char2', 3: 'named_curve' }) !== 3) {
      reader.rest();
      return 'own curve';
    }
    words = groupName(reader.u16('group', groupName));
    reader.prefixedData('public key', 1);
  } else if (exchange.startsWith('DH')) {
    const { length } = reader.prefixedData('p', 2);
    reader.prefixedData('g', 2);
    reader.prefixedData('public key', 2);
    words = `DH ${length * 8} bits`;
  } else {
    reader.rest();
    return exchange;
  }
  return isSigned ? `${words}, ${signature(reader, agreed)}` : words;
}

/** RFC 5246 §4.7: since TLS 1.2 with its scheme in front. */
function signature(reader: FieldReader, agreed: Agreed): string {
  const scheme = agreed.version < 0x0303 && agreed.version !== 0 ? undefined : reader.u16('signature scheme', schemeName);
  reader.prefixedData('signature', 2);
  return scheme === undefined ? 'signed' : schemeName(scheme);
}

/** RFC 5246 §7.4.4. */
function certificateRequest(reader: FieldReader, agreed: Agreed): string {
  const types = list(reader, 'certificate types', 1, () => {
    const type = reader.u8('certificate type', certificateTypes);
    return certificateTypes[type] ?? String(type);
  });
  if (0x0303 <= agreed.version) {
    list(reader, 'schemes', 2, () => {
      const scheme = reader.u16('signature scheme', schemeName);
      return schemeName(scheme);
    });
  }
  const authorities = list(reader, 'authorities', 2, () => distinguishedName(reader));
  return [types.join(' '), authorities.length === 0 ? '' : `of ${authorities.join('; ')}`].filter((word) => word !== '').join(', ');
}

/** RFC 5246 §7.4.7, RFC 8422 §5.7, RFC 4279 §2. */
function clientKeyExchange(reader: FieldReader, agreed: Agreed): string {
  const exchange = exchangeOf(agreed.suite);
  const identity = exchange.includes('PSK') ? reader.prefixedText('identity', 2) : undefined;
  if (exchange.startsWith('ECDH')) reader.prefixedData('public key', 1);
  else if (exchange.startsWith('DH')) reader.prefixedData('public key', 2);
  // SSL 3 leaves the length out (RFC 5246 §7.4.7.1).
  else if (exchange.startsWith('RSA') && agreed.version !== 0x0300) reader.prefixedData('encrypted premaster secret', 2);
  else reader.rest(exchange === 'RSA' ? 'encrypted premaster secret' : undefined);
  return [exchange, identity].filter((word) => word !== undefined && word !== '').join(', ');
}

const ocspStatuses: Readonly<Record<number, string>> = { 0: 'successful', 1: 'malformedRequest', 2: 'internalError', 3: 'tryLater', 5: 'sigRequired', 6: 'unauthorized' };

/** RFC 6066 §8: an answer of OCSP, stapled. */
function certificateStatus(reader: FieldReader): string {
  const type = reader.u8('status type', { 1: 'ocsp' });
  const length = reader.u24('response length');
  const words = type === 1 && length <= reader.left ? ocsp(reader, reader.at, reader.at + length) : '';
  reader.data('response', length);
  return words;
}

/** The first answer of an OCSPResponse (RFC 6960 §4.2.1). */
function ocsp(reader: FieldReader, start: number, end: number): string {
  const { bytes } = reader;
  const outer = elementAt(bytes, start, end);
  const [status, wrapper] = outer === undefined ? [] : elementsIn(bytes, outer.at, outer.end, 2);
  const code = status?.tag === berTags.enumerated ? integerOf(bytes, status) : undefined;
  if (status === undefined || code === undefined) return '';
  const words = ocspStatuses[code] ?? `status ${code}`;
  reader.add('response status', status.start, status.end, words, undefined, code);
  // ResponseBytes: a type, and the response proper inside an octet string.
  const inner = wrapper === undefined ? undefined : elementAt(bytes, wrapper.at, wrapper.end);
  const octets = inner === undefined ? undefined : elementsIn(bytes, inner.at, inner.end, 2)[1];
  const basic = octets === undefined ? undefined : elementAt(bytes, octets.at, octets.end);
  const data = basic === undefined ? undefined : elementAt(bytes, basic.at, basic.end);
  const responses = data === undefined ? undefined : elementsIn(bytes, data.at, data.end, 8).find(({ tag }) => tag === berTags.sequence);
  const single = responses === undefined ? undefined : elementAt(bytes, responses.at, responses.end);
  const state = single === undefined ? undefined : elementsIn(bytes, single.at, single.end, 2)[1];
  if (state === undefined) return words;
  const name = state.tag === 0x80 ? 'good' : state.tag === 0xa1 ? 'revoked' : 'unknown';
  reader.add('certificate status', state.start, state.end, name);
  if (name === 'revoked') reader.problem('error', say`the certificate was revoked`, state.start, state.end);
  return name;
}
