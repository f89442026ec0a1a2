// Apache Thrift's RPC: binary and compact protocol, unframed, framed, or in a THeader.

import { byteAt, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, bigEndian, magic } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

const lengthBytes = 4;
// DEFAULT_MAX_FRAME_SIZE of the implementations.
const maxFrameBytes = 16_384_000;
// Method names are identifiers, with `Service:` before them when multiplexed.
const maxNameBytes = 255;
const readNameBytes = 32;
// Length, version, name length, and the part of a name that is read; compact messages are shorter.
const maxBytes = lengthBytes + 8 + readNameBytes;

/** Message types (thrift-binary-protocol.md, "Message"). */
const calls = { binary: [1, 4], compact: [0x21, 0x81] } as const;
const replies = { binary: [2, 3], compact: [0x41, 0x61] } as const;

type Types = typeof calls | typeof replies;

/** A message of either protocol that starts at `at`. */
function message(at: number, types: Types): Judge {
  return (bytes) => {
    const first = byteAt(bytes, at);
    if (first < 0) return 'more';
    if (first === 0x80) return judgeBinary(bytes, at, types.binary);
    return first === 0x82 ? judgeCompact(bytes, at, types.compact) : 'no';
  };
}

/** Version 80 01, unused 0, type, name length, name ("Strict encoding"). */
function judgeBinary(bytes: Uint8Array, at: number, allowed: readonly number[]): Verdict {
  if (at + 1 < bytes.length && bytes[at + 1] !== 1) return 'no';
  if (at + 2 < bytes.length && bytes[at + 2] !== 0) return 'no';
  const kind = byteAt(bytes, at + 3);
  if (kind < 0) return 'more';
  if (!allowed.includes(kind)) return 'no';
  for (let i = at + 4; i < at + 7 && i < bytes.length; i++) if (bytes[i] !== 0) return 'no';
  return bytes.length < at + 8 ? 'more' : judgeName(bytes, at + 8, u32At(bytes, at + 4));
}

/** Protocol id 82, type and version 1, sequence number and name length as varints, name (thrift-compact-protocol.md, "Message"). */
function judgeCompact(bytes: Uint8Array, at: number, allowed: readonly number[]): Verdict {
  const kind = byteAt(bytes, at + 1);
  if (0 <= kind && !allowed.includes(kind)) return 'no';
  let end = at + 2;
  while (end < bytes.length && 0x80 <= (bytes[end] ?? 0)) if (at + 6 <= end++) return 'no';
  const length = byteAt(bytes, end + 1);
  if (length < 0) return 'more';
  return 0x80 <= length ? 'no' : judgeName(bytes, end + 2, length);
}

function judgeName(bytes: Uint8Array, start: number, length: number): Verdict {
  if (length < 1 || maxNameBytes < length) return 'no';
  const end = start + (length < readNameBytes ? length : readNameBytes);
  for (let at = start; at < end && at < bytes.length; at++) if (!isNameByte(bytes[at] ?? 0)) return 'no';
  return bytes.length < end ? 'more' : 'match';
}

/** Letters, digits, `_`, `.`, `:` and what languages put into names. */
function isNameByte(byte: number): boolean {
  return (0x61 <= byte && byte <= 0x7a) || (0x41 <= byte && byte <= 0x5a) || (0x2d <= byte && byte <= 0x3a) || byte === 0x5f || byte === 0x24;
}

/** Length, 0F FF, flags, sequence number, and the header's size in words: small (HeaderFormat.md). */
const header = allOf(bigEndian(0, 4, 10, maxFrameBytes), magic('0f ff', 4), bigEndian(12, 2, 1, 0x3fff));

/**
 * A message whose name is spelt out.
 *
 * False positives: none known. 80 also starts Memcached's binary protocol, Sun RPC and SSLv2: bytes 1 to 3 and the name decide.
 */
function judge(types: Types): Judge {
  const plain = message(0, types);
  const framed = allOf(bigEndian(0, 4, 5, maxFrameBytes), message(lengthBytes, types));
  return anyOf(plain, framed, header);
}

export const thrift: Protocol = {
  id: 'thrift',
  title: 'Thrift',
  toldBy: 'a call with its method’s name: binary or compact, framed or not, THeader',
  firstSpeaker: 'client',
  port: 9090,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('thrift', maxBytes, judge(calls)),
  server: matcher('thrift', maxBytes, judge(replies)),
};
