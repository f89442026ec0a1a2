// Microsoft SQL Server: TDS up to 7. Its strict mode (TDS 8) is plain TLS with ALPN `tds/8.0`, so it is told as that.

import { allOf, anyOf, bigEndian, byteIn, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// A packet is at most 32767 bytes (MS-TDS 2.2.6.4, PacketSize).
const maxPacketBytes = 32767;

/** PRELOGIN: type 12, last packet, length, process 0, window 0; then the option that must be first, VERSION (MS-TDS 2.2.3.1, 2.2.6.5). */
const prelogin = allOf(magic('12 01'), bigEndian(2, 2, 9, maxPacketBytes), magic('00 00 ?? 00 00', 4));

/** LOGIN7 without a PRELOGIN, as clients of TDS 7.0 and 7.1 may send: type 10, its length again, and the version, 70 to 74 (2.2.6.4). */
const login = allOf(magic('10'), byteIn(1, 0, 1), bigEndian(2, 2, 94, maxPacketBytes), magic('00 00 ?? 00', 4), magic('00 00', 10), byteIn(15, [0x70, 0x74]));

/**
 * LOGIN of versions before 7, which Sybase has kept: type 2, and three texts in fields of 30 bytes, each with its length behind
 * it: host, user, password (2.2.3.1.1).
 */
const oldLogin = allOf(magic('02'), byteIn(1, 0, 1), bigEndian(2, 2, 512, maxPacketBytes), magic('00 00 ?? 00', 4), byteIn(38, [0, 30]), byteIn(69, [0, 30]), byteIn(100, [0, 30]));

/** A response packet (type 04): the options of a PRELOGIN, or a token stream that begins with LOGINACK, ERROR, INFO, ENVCHANGE (2.2.7). */
const response = allOf(magic('04'), byteIn(1, 0, 1), bigEndian(2, 2, 9, maxPacketBytes), magic('?? ?? ?? 00', 4), byteIn(8, 0x00, 0xad, 0xaa, 0xab, 0xe3, 0xed, 0xee));

/** False positives: none known; AJP begins 12 34, and MQTT's length behind 10 cannot be 00 or 01. */
export const mssql: Protocol = {
  id: 'mssql',
  title: 'SQL Server (TDS)',
  toldBy: 'a PRELOGIN or login packet',
  firstSpeaker: 'client',
  port: 1433,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('mssql', 101, anyOf(prelogin, login, oldLogin)),
  server: matcher('mssql', 9, response),
};
