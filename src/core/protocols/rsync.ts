// rsync's daemon.

import { allOf, byteIn, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * `@RSYNCD: ` and a version, from both sides at once (rsync's `clientserver.c`; protocol 31 is `31.0`).
 *
 * False positives: none known. rsync over SSH is SSH.
 */
const judge = allOf(text('@RSYNCD: '), byteIn(9, [0x30, 0x39]));

export const rsync: Protocol = {
  id: 'rsync',
  title: 'rsync',
  toldBy: 'the version line',
  firstSpeaker: 'either',
  port: 873,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('rsync', 10, judge),
  server: matcher('rsync', 10, judge),
};
