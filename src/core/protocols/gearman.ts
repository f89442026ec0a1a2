// Gearman's job servers: clients and workers.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, bigEndian, byteIn, firstWord, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/** `\0REQ` or `\0RES`, a type of 1 to 42, a size (Gearman PROTOCOL, "Binary Packet"). The first type must be one of that side's. */
const request = allOf(magic('00 52 45 51 00 00 00'), byteIn(7, [1, 42]), bigEndian(8, 4, 0, 0x7fffffff));
const response = allOf(magic('00 52 45 53 00 00 00'), byteIn(7, [6, 41]), bigEndian(8, 4, 0, 0x7fffffff));

/** Commands of the "Administrative Protocol", too common to tell by themselves. Lists end with a line that is a dot. */
const command = firstWord(['status', 'workers', 'show jobs', 'show unique jobs', 'getpid', 'create function', 'drop function', 'cancel job', 'maxqueue', 'prioritystatus']);

/** A list that is empty, or begins with a name and a number behind a tab. */
function judgeList(bytes: Uint8Array): Verdict {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x0a) return at === 1 && bytes[0] === 0x2e ? 'match' : 'no';
    if (byte !== 0x09) continue;
    const digit = byteAt(bytes, at + 1);
    if (0 <= digit) return 0x30 <= digit && digit <= 0x39 ? 'match' : 'no';
  }
  return 'more';
}

/** False positives: none known for packets. */
export const gearman: Protocol = {
  id: 'gearman',
  title: 'Gearman',
  toldBy: 'a packet `\\0REQ`; administrators’ commands when the answer fits',
  firstSpeaker: 'client',
  port: 4730,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('gearman', 12, request),
  server: matcher('gearman', 12, response),
  loose: { client: matcher('gearman', 20, anyOf(request, command)), server: matcher('gearman', 256, anyOf(response, judgeList)) },
};
