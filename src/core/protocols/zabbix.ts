// Zabbix: agents, senders, proxies and servers among themselves.

import { allOf, anyOf, byteIn, littleEndian, text } from './build.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

const maxDataBytes = 1 << 30;
const maxKeyBytes = 256;

/**
 * Header: `ZBXD`, flags 1 with 2 (compressed) or 4 (large packet), length (Zabbix documentation, "Protocols", "Header").
 *
 * False positives: none known.
 */
const header = allOf(text('ZBXD'), byteIn(4, 1, 3, 5, 7), littleEndian(5, 4, 0, maxDataBytes));

/** What servers before 4.0 ask agents: an item's key and a line end, without header ("Passive checks"). The agent answers with one. */
function judgeKey(bytes: Uint8Array): Verdict {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x0a) return 0 < at ? 'match' : 'no';
    const isLetter = 0x61 <= byte && byte <= 0x7a;
    if (at === 0 ? !isLetter : byte < 0x20) return 'no';
  }
  return 'more';
}

export const zabbix: Protocol = {
  id: 'zabbix',
  title: 'Zabbix',
  toldBy: 'the header `ZBXD`',
  firstSpeaker: 'client',
  port: 10051,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('zabbix', 9, header),
  server: matcher('zabbix', 9, header),
  loose: { client: matcher('zabbix', maxKeyBytes, anyOf(header, judgeKey)) },
};
