// LDAP.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Inner, type Judge, type Protocol } from './protocol.js';

// Tag, length of at most 5 bytes, message id of at most 6, operation's tag and length, and the first element inside: 3.
const maxBytes = 1 + 5 + 6 + 1 + 5 + 3;
const sequence = 0x30;
const integer = 0x02;
// RFC 4511 §4.12, §4.14.1.
const extendedRequest = 0x77;
const startTlsName = '1.3.6.1.4.1.1466.20037';

/** Requests with which a connection can start, and what their first element looks like (RFC 4511 §4.2-§4.14). */
const requests: Readonly<Record<number, readonly number[]>> = {
  // bind: version 1-3
  0x60: [integer, 1],
  // search, add, compare, modify, modify DN: a name
  0x63: [0x04],
  0x68: [0x04],
  0x6e: [0x04],
  0x66: [0x04],
  0x6c: [0x04],
  // extended: name as [0]
  [extendedRequest]: [0x80],
};

/** Their answers: a result code first, or for an entry its name (RFC 4511 §4.1.9, §4.5.2). */
const responses: Readonly<Record<number, readonly number[]>> = {
  0x61: [0x0a, 1],
  0x64: [0x04],
  0x65: [0x0a, 1],
  0x67: [0x0a, 1],
  0x69: [0x0a, 1],
  0x6b: [0x0a, 1],
  0x6d: [0x0a, 1],
  0x6f: [0x0a, 1],
  0x78: [0x0a, 1],
  0x73: [0x04],
};

/**
 * An LDAPMessage: SEQUENCE, message id, an operation, and that operation's first element (RFC 4511 §4.1.1, BER as in §5.1).
 *
 * False positives: none known. SNMP is a SEQUENCE as well, with version 0, 1 or 3 and a string or SEQUENCE behind it.
 */
function judge(operations: Readonly<Record<number, readonly number[]>>): Judge {
  return (bytes) => {
    if (0 < bytes.length && bytes[0] !== sequence) return 'no';
    const whole = lengthAt(bytes, 1);
    if (typeof whole === 'string') return whole;
    // The shortest is an unbind: id and an empty operation.
    if (whole.value < 5) return 'no';
    let at = whole.end;
    if (at < bytes.length && bytes[at] !== integer) return 'no';
    const idBytes = byteAt(bytes, at + 1);
    if (idBytes < 0) return 'more';
    // Message ids go up to 2^31 - 1 (§4.1.1.1).
    if (idBytes < 1 || 4 < idBytes) return 'no';
    at += 2 + idBytes;
    const operation = byteAt(bytes, at);
    if (operation < 0) return 'more';
    const first = operations[operation];
    if (first === undefined) return 'no';
    const inner = lengthAt(bytes, at + 1);
    if (typeof inner === 'string') return inner;
    if (whole.value < inner.value) return 'no';
    for (let i = 0; i < first.length; i++) {
      const byte = byteAt(bytes, inner.end + i);
      if (byte < 0) return 'more';
      if (byte !== first[i]) return 'no';
    }
    return 'match';
  };
}

interface Length {
  value: number;
  end: number;
}

/** A definite length in at most four bytes, which need not be the fewest: Active Directory always sends four (X.690 §8.1.3). */
function lengthAt(bytes: Uint8Array, at: number): Length | Exclude<Verdict, 'match'> {
  const first = byteAt(bytes, at);
  if (first < 0) return 'more';
  if (first < 0x80) return { value: first, end: at + 1 };
  const count = first - 0x80;
  if (count < 1 || 4 < count) return 'no';
  let value = 0;
  for (let i = 1; i <= count; i++) {
    const byte = byteAt(bytes, at + i);
    if (byte < 0) return 'more';
    // A first message of 16 MiB or more does not happen.
    if (i === 1 && count === 4 && byte !== 0) return 'no';
    value = value * 256 + byte;
  }
  return { value, end: at + 1 + count };
}

/** TLS starts behind the extended request that asks for it; the client waits for the answer in between (RFC 4511 §4.14). */
function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  for (let at = 0; at < client.length; ) {
    const length = client[at] === sequence ? lengthAt(client, at + 1) : 'no';
    if (typeof length === 'string') return length;
    const end = length.end + length.value;
    if (client.length < end) return 'more';
    if (isStartTls(client, length.end, end)) return { client: end, server: server.length, only: 'tls' };
    at = end;
  }
  return 'more';
}

function isStartTls(bytes: Uint8Array, start: number, end: number): boolean {
  const operation = start + 2 + (bytes[start + 1] ?? 0);
  if (bytes[operation] !== extendedRequest) return false;
  const inner = lengthAt(bytes, operation + 1);
  if (typeof inner === 'string' || bytes[inner.end] !== 0x80 || bytes[inner.end + 1] !== startTlsName.length) return false;
  for (let i = 0; i < startTlsName.length; i++) if (bytes[inner.end + 2 + i] !== startTlsName.charCodeAt(i)) return false;
  return inner.end + 2 + startTlsName.length <= end;
}

export const ldap: Protocol = {
  id: 'ldap',
  title: 'LDAP',
  toldBy: 'an LDAP message with a bind, search or other request',
  firstSpeaker: 'client',
  port: 389,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('ldap', maxBytes, judge(requests)),
  server: matcher('ldap', maxBytes, judge(responses)),
  inside,
};
