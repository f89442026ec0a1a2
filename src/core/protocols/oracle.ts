// Oracle Database: TNS, the transport of Oracle Net.

import { u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, bigEndian, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// Fixed part of a connect packet.
const minConnectBytes = 34;
const maxPacketBytes = 0x7fff;

/** Version and the lowest one that the client can do: 01.. both, 0x136 and 0x12C since Oracle 8. */
function judgeVersions(bytes: Uint8Array): Verdict {
  if (8 < bytes.length && bytes[8] !== 1) return 'no';
  if (10 < bytes.length && 1 < (bytes[10] ?? 0)) return 'no';
  if (bytes.length < 12) return 'more';
  return 100 <= u16At(bytes, 10) && u16At(bytes, 10) <= u16At(bytes, 8) ? 'match' : 'no';
}

/**
 * CONNECT: length, checksum 0, type 1, flags, header checksum 0, version, lowest version. There is no public specification; Oracle's
 * own client, JDBC and python-oracledb agree in these.
 *
 * False positives: five zeros and two versions that fit each other; Modbus has these zeros too, but no length of 256 or more (byte 4).
 */
const connect = allOf(bigEndian(0, 2, minConnectBytes, maxPacketBytes), magic('00 00 01', 2), magic('00 00', 6), judgeVersions);

/** ACCEPT, REFUSE, REDIRECT, RESEND: types 2, 4, 5, 11. Since 12c the length may have four bytes, of which two were a checksum. */
const answer = allOf(
  anyOf(allOf(bigEndian(0, 2, 8, maxPacketBytes), magic('00 00', 2)), allOf(magic('00 00'), bigEndian(2, 2, 8, maxPacketBytes))),
  byteIn(4, 2, 4, 5, 11),
  magic('00 00', 6),
);

export const oracle: Protocol = {
  id: 'oracle',
  title: 'Oracle (TNS)',
  toldBy: 'a connect packet, its version and the lowest that will do',
  firstSpeaker: 'client',
  port: 1521,
  evidence: { client: 'good', server: 'weak' },
  client: matcher('oracle', 12, connect),
  server: matcher('oracle', 8, answer),
};
