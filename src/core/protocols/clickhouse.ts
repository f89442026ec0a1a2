// ClickHouse's native protocol (its other port speaks HTTP).

import { Cursor, byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, magic, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

const maxNameBytes = 100;
// Packet 1, name length 1, name, major and minor version of two bytes at most, revision 3.
const maxBytes = 2 + maxNameBytes + 2 + 2 + 3;
// DBMS_MIN_REVISION… in the source start at 50264; they count on from there.
const minRevision = 50_000;
const maxRevision = 70_000;

/**
 * Hello: packet 0, client name, major and minor version, revision; numbers are varints (ClickHouse documentation, "Native Protocol").
 *
 * False positives: a name of printable text between numbers, of which the revision has a narrow range: none known.
 */
function judgeHello(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] !== 0) return 'no';
  const length = byteAt(bytes, 1);
  if (length < 0) return 'more';
  if (length < 1 || maxNameBytes < length) return 'no';
  const end = 2 + length;
  for (let at = 2; at < end && at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || 0x7e < byte) return 'no';
  }
  if (bytes.length < end) return 'more';
  const cursor = new Cursor(bytes, end);
  for (const [size, least, most] of [[2, 0, 9999], [2, 0, 9999], [3, minRevision, maxRevision]] as const) {
    const value = varint(cursor, size);
    if (typeof value === 'string') return value;
    if (value < least || most < value) return 'no';
  }
  return 'match';
}

function varint(cursor: Cursor, maxLength: number): number | 'more' | 'no' {
  let value = 0;
  for (let i = 0; i < maxLength; i++) {
    const byte = cursor.u8();
    if (byte === undefined) return 'more';
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return value;
  }
  return 'no';
}

/** Packet 2: code, and the class of the exception, `DB::…`. */
const exception = allOf(magic('02 ?? ?? 00 00'), text('DB::', 6));

export const clickhouse: Protocol = {
  id: 'clickhouse',
  title: 'ClickHouse',
  toldBy: 'a hello of the native protocol: client name, version, revision',
  firstSpeaker: 'client',
  port: 9000,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('clickhouse', maxBytes, judgeHello),
  server: matcher('clickhouse', maxBytes, anyOf(judgeHello, exception)),
};
