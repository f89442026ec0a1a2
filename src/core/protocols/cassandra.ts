// Cassandra's native protocol (CQL) of versions 1 to 6 and DataStax' 65 and 66, which ScyllaDB and YugabyteDB speak too; and what its
// nodes speak among themselves.

import { byteAt, u16At, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { anyOf, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

const error = 0x00;
const startup = 0x01;
const ready = 0x02;
const authenticate = 0x03;
const options = 0x05;
const supported = 0x06;
const authChallenge = 0x0e;
// Compression, tracing, custom payload, warning, beta (native_protocol_v5 §2.2).
const flags = 0x1f;
const betaFlag = 0x10;
// A startup holds a handful of short texts, an error or a list of options a few more.
const maxStartupBytes = 4096;
const maxAnswerBytes = 0xffff;

/** Versions 1 and 2 have one byte of stream id, later ones two (native_protocol_v2 §2, v3 §2). @returns undefined for no version */
function opcodeAt(version: number): number | undefined {
  if (version === 1 || version === 2) return 3;
  return (3 <= version && version <= 6) || version === 0x41 || version === 0x42 ? 4 : undefined;
}

/**
 * The frame that must come first: OPTIONS, which is empty, or STARTUP with its map of texts (native_protocol_v4 §4.1.1, §4.1.2).
 *
 * False positives: OPTIONS is nine bytes of small numbers, RTMP's handshake may begin so, once in 256 times; its server's version
 * byte differs. TPKT (03 00) and OpenFlow (04 00) have other values at the opcode, SOCKS5 and DNP3 no flags at byte 1.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const version = byteAt(bytes, 0);
  if (version < 0) return 'more';
  const at = opcodeAt(version);
  // Nothing is compressed or traced before it was agreed upon.
  if (at === undefined || (1 < bytes.length && bytes[1] !== 0 && bytes[1] !== betaFlag)) return 'no';
  const opcode = byteAt(bytes, at);
  if (opcode < 0) return 'more';
  if (opcode !== options && opcode !== startup) return 'no';
  for (let i = at + 1; i < at + 3 && i < bytes.length; i++) if (bytes[i] !== 0) return 'no';
  if (bytes.length < at + 5) return 'more';
  const length = u32At(bytes, at + 1);
  if (opcode === options) return length === 0 ? 'match' : 'no';
  // Count, and at least one pair of texts, whose keys are upper case.
  if (length < 8 || maxStartupBytes < length) return 'no';
  const count = at + 5;
  if (count < bytes.length && bytes[count] !== 0) return 'no';
  if (count + 2 < bytes.length && bytes[count + 2] !== 0) return 'no';
  if (bytes.length < count + 5) return 'more';
  const pairs = u16At(bytes, count);
  const keyBytes = u16At(bytes, count + 2);
  const letter = bytes[count + 4] ?? 0;
  return 1 <= pairs && pairs <= 64 && 1 <= keyBytes && keyBytes <= 64 && 0x41 <= letter && letter <= 0x5a ? 'match' : 'no';
}

/** Nodes open with a magic number of their own and flags (MessagingService.PROTOCOL_MAGIC in the source, since 0.7). */
const internode = magic('ca 55 2d fa');

/** A response to those: SUPPORTED, READY, AUTHENTICATE, a challenge or an error; the version's top bit is set (native_protocol_v4 §2.1). */
function judgeServer(bytes: Uint8Array): Verdict {
  const version = byteAt(bytes, 0);
  if (version < 0) return 'more';
  const at = version < 0x80 ? undefined : opcodeAt(version & 0x7f);
  if (at === undefined || (1 < bytes.length && flags < (bytes[1] ?? 0))) return 'no';
  const opcode = byteAt(bytes, at);
  if (opcode < 0) return 'more';
  if (opcode !== supported && opcode !== ready && opcode !== authenticate && opcode !== authChallenge && opcode !== error) return 'no';
  for (let i = at + 1; i < at + 3 && i < bytes.length; i++) if (bytes[i] !== 0) return 'no';
  if (bytes.length < at + 5) return 'more';
  const length = u32At(bytes, at + 1);
  if (opcode === ready) return length === 0 ? 'match' : 'no';
  return 2 <= length && length <= maxAnswerBytes ? 'match' : 'no';
}

export const cassandra: Protocol = {
  id: 'cassandra',
  title: 'Cassandra',
  toldBy: 'an OPTIONS or STARTUP frame of the native protocol (CQL), or the magic number of its nodes',
  firstSpeaker: 'client',
  port: 9042,
  evidence: { client: 'good', server: 'good' },
  client: matcher('cassandra', 14, anyOf(judgeClient, internode)),
  server: matcher('cassandra', 9, judgeServer),
  // A node answers another with its version alone, or with the magic number.
  loose: { server: matcher('cassandra', 9, anyOf(judgeServer, magic('00 00 00'), internode)) },
};
