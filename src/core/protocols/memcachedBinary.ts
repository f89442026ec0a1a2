// Memcached's binary protocol, which Couchbase extends.

import { byteAt, u16At, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

const headerBytes = 24;
const knownBytes = 12;
// A value of 20 MiB, Couchbase's largest, and its key.
const maxBodyBytes = 21 << 20;
const requestMagic = 0x80;
const responseMagic = 0x81;

/** How an opcode's request looks: has it a key, which lengths of extras are legal, may a value follow (BinaryProtocolRevamped, "Commands"). */
interface Form {
  key: 'none' | 'must' | 'may';
  extras: readonly number[];
  value: boolean;
}

const get: Form = { key: 'must', extras: [0], value: false };
const join: Form = { key: 'must', extras: [0], value: true };
const store: Form = { key: 'must', extras: [8], value: true };
const count: Form = { key: 'must', extras: [20], value: false };
const bare: Form = { key: 'none', extras: [0], value: false };
const flush: Form = { key: 'none', extras: [0, 4], value: false };
const named: Form = { key: 'may', extras: [0], value: true };
const touch: Form = { key: 'must', extras: [4], value: false };
const level: Form = { key: 'none', extras: [4], value: false };

const forms = new Map<number, Form>([
  [0x00, get], [0x09, get], [0x0c, get], [0x0d, get], [0x04, get], [0x14, get],
  [0x01, store], [0x02, store], [0x03, store], [0x11, store], [0x12, store], [0x13, store],
  [0x05, count], [0x06, count], [0x15, count], [0x16, count],
  [0x07, bare], [0x17, bare], [0x0a, bare], [0x0b, bare], [0x08, flush], [0x18, flush],
  [0x0e, join], [0x0f, join], [0x19, join], [0x1a, join],
  [0x10, named], [0x1b, level], [0x1c, touch], [0x1d, touch], [0x1e, touch], [0x23, touch], [0x24, touch],
  // SASL: list, authenticate, step, with the mechanism for a key; Couchbase: hello, error map, select bucket, cluster configuration.
  [0x20, bare], [0x21, join], [0x22, join], [0x1f, named], [0xfe, { key: 'none', extras: [0], value: true }], [0x89, get], [0xb5, named],
]);

/**
 * Header of a request: magic 80, opcode, key length, extras length, data type 0, virtual bucket, length of the body
 * (BinaryProtocolRevamped, "Request header").
 *
 * False positives: 80 also starts Sun RPC (body shorter than the key), Thrift (a Set without extras), SSLv2 hellos and SCCP (a Get
 * without a key): each contradicts its opcode's form.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const verdict = judgeHeader(bytes, requestMagic);
  if (verdict === 'no') return 'no';
  const opcode = byteAt(bytes, 1);
  if (opcode < 0) return 'more';
  const form = forms.get(opcode);
  if (form === undefined) return 'no';
  const extras = byteAt(bytes, 4);
  if (extras < 0) return 'more';
  const keyBytes = u16At(bytes, 2);
  if (!form.extras.includes(extras) || (form.key === 'none' && keyBytes !== 0) || (form.key === 'must' && keyBytes === 0)) return 'no';
  if (verdict === 'more') return 'more';
  return form.value || u32At(bytes, 8) === keyBytes + extras ? 'match' : 'no';
}

/** A response: magic 81, a status (0-8D) where requests have the bucket ("Response header"). */
function judgeServer(bytes: Uint8Array): Verdict {
  if (6 < bytes.length && bytes[6] !== 0) return 'no';
  return judgeHeader(bytes, responseMagic);
}

function judgeHeader(bytes: Uint8Array, first: number): Verdict {
  if (0 < bytes.length && bytes[0] !== first) return 'no';
  // JSON, compressed, extended attributes: bits of Couchbase's data type.
  if (5 < bytes.length && 7 < (bytes[5] ?? 0)) return 'no';
  if (bytes.length < knownBytes) return 'more';
  const body = u32At(bytes, 8);
  return u16At(bytes, 2) + (bytes[4] ?? 0) <= body && body <= maxBodyBytes ? 'match' : 'no';
}

export const memcachedBinary: Protocol = {
  id: 'memcached-binary',
  title: 'Memcached (binary)',
  toldBy: 'the header of a request: opcode, and lengths that fit it',
  firstSpeaker: 'client',
  port: 11211,
  evidence: { client: 'good', server: 'good' },
  client: matcher('memcached-binary', headerBytes, judgeClient),
  server: matcher('memcached-binary', headerBytes, judgeServer),
};
