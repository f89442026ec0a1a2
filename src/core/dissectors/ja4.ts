// JA4: a short name for the way in which a client says hello (FoxIO, "JA4: TLS Client Fingerprinting"). Equal programs get equal names,
// whatever the order of extensions, which browsers shuffle.

import { toHex } from '../bytes.js';
import { sha256 } from './sha256.js';
import { isGrease } from './tlsNames.js';

/** What of a ClientHello goes into the name; GREASE may be in all of the lists. */
export interface Ja4Hello {
  /** the hello's own version, which counts where `versions` is empty */
  version: number;
  versions: readonly number[];
  suites: readonly number[];
  extensions: readonly number[];
  schemes: readonly number[];
  /** first protocol offered by ALPN; undefined = none */
  alpn: Uint8Array | undefined;
}

const versionWords: Readonly<Record<number, string>> = { 0x0304: '13', 0x0303: '12', 0x0302: '11', 0x0301: '10', 0x0300: 's3', 0x0002: 's2' };
const serverName = 0;
const alpn = 16;

/** @returns such as `t13d1516h2_8daaf6152771_e5627efa2ab1` */
export function ja4(hello: Ja4Hello): string {
  const suites = hello.suites.filter(isSense);
  const extensions = hello.extensions.filter(isSense);
  const version = hello.versions.filter(isSense).reduce((highest, each) => Math.max(highest, each), 0) || hello.version;
  const head = `t${versionWords[version] ?? '00'}${extensions.includes(serverName) ? 'd' : 'i'}${count(suites)}${count(extensions)}${alpnWord(hello.alpn)}`;
  const hashed = sorted(extensions.filter((each) => each !== serverName && each !== alpn));
  const schemes = hello.schemes.filter(isSense).map(hex).join(',');
  return `${head}_${hash(sorted(suites))}_${extensions.length === 0 ? none : hash(schemes === '' ? hashed : `${hashed}_${schemes}`)}`;
}

function isSense(value: number): boolean {
  return !isGrease(value);
}

function count(list: readonly number[]): string {
  return String(Math.min(99, list.length)).padStart(2, '0');
}

/** First and last character of the protocol; of its bytes in hex where one of them is neither letter nor digit. */
function alpnWord(protocol: Uint8Array | undefined): string {
  if (protocol === undefined || protocol.length === 0) return '00';
  const text = String.fromCharCode(protocol[0]!, protocol[protocol.length - 1]!);
  if (/^[0-9A-Za-z]{2}$/.test(text)) return text;
  const digits = toHex(protocol);
  return `${digits[0]}${digits[digits.length - 1]}`;
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function sorted(list: readonly number[]): string {
  return list.map(hex).sort().join(',');
}

const none = '000000000000';

function hash(text: string): string {
  if (text === '') return none;
  return toHex(sha256(Uint8Array.from(text, (char) => char.charCodeAt(0)))).slice(0, 12);
}
