// Beanstalkd, a work queue with a text protocol.

import type { Verdict } from '../match/matcher.js';
import { byteAt, textAt } from '../bytes.js';
import { anyOf, firstWord } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

/** Command lines as protocol.txt has them; # = a number, @ = a name of a tube. `\r\n` ends them. */
const commands = [
  'put #', 'use @', 'watch @', 'ignore @', 'reserve\r\n', 'reserve-with-timeout #', 'reserve-job #', 'release # #', 'bury # #', 'kick #', 'kick-job #',
  'peek #', 'peek-ready\r\n', 'peek-delayed\r\n', 'peek-buried\r\n', 'stats-job #', 'stats-tube @', 'list-tubes\r\n', 'list-tube-used\r\n', 'list-tubes-watched\r\n', 'pause-tube @',
];
/** Shared with memcached, so the server's answer decides. */
const sharedCommands = ['delete #', 'touch #', 'stats\r\n'];

// Names have at most 200 bytes; no more than the first is read.
const maxBytes = 'reserve-with-timeout #'.length;

/** Letters, digits and `-+/;.$_()`, the first no hyphen (protocol.txt). */
const isTubeStart = (byte: number): boolean => (0x30 <= byte && byte <= 0x39) || (0x41 <= byte && byte <= 0x5a) || (0x61 <= byte && byte <= 0x7a) || '+/;.$_()'.includes(String.fromCharCode(byte));
const isDigit = (byte: number): boolean => 0x30 <= byte && byte <= 0x39;

/**
 * One of the commands with an argument of the right kind.
 *
 * False positives: `use`, `put`, `watch` are words of other line protocols; the server's answer contradicts those.
 */
function anyCommand(lines: readonly string[]): Judge {
  const known = lines.map((line) => {
    const mark = /[#@]/.exec(line);
    return { start: mark === null ? line : line.slice(0, mark.index), isArgument: mark === null ? undefined : mark[0] === '#' ? isDigit : isTubeStart };
  });
  return (bytes): Verdict => {
    let isOpen = false;
    for (const { start, isArgument } of known) {
      const standing = textAt(bytes, 0, start);
      if (standing === 'not') continue;
      if (standing === 'whole' && isArgument === undefined) return 'match';
      const next = standing === 'part' ? -1 : byteAt(bytes, start.length);
      if (next < 0) isOpen = true;
      else if (isArgument?.(next) === true) return 'match';
    }
    return isOpen ? 'more' : 'no';
  };
}

/** Answers that begin with a word and are no other protocol's. */
const told = ['INSERTED ', 'USING ', 'WATCHING ', 'RESERVED ', 'DEADLINE_SOON\r\n', 'TIMED_OUT\r\n', 'NOT_IGNORED\r\n', 'UNKNOWN_COMMAND\r\n', 'BAD_FORMAT\r\n', 'EXPECTED_CRLF\r\n', 'JOB_TOO_BIG\r\n', 'DRAINING\r\n', 'KICKED'];
const shared = ['OK ', 'DELETED\r\n', 'NOT_FOUND\r\n', 'TOUCHED\r\n', 'RELEASED\r\n', 'BURIED', 'FOUND ', 'PAUSED\r\n', 'OUT_OF_MEMORY\r\n', 'INTERNAL_ERROR\r\n'];

export const beanstalkd: Protocol = {
  id: 'beanstalkd',
  title: 'Beanstalkd',
  toldBy: 'a command line such as `put`, `use` or `reserve`',
  firstSpeaker: 'client',
  port: 11300,
  evidence: { client: 'good', server: 'good' },
  client: matcher('beanstalkd', maxBytes, anyCommand(commands)),
  server: matcher('beanstalkd', 17, firstWord(told, { followers: '' })),
  loose: {
    client: matcher('beanstalkd', maxBytes, anyOf(anyCommand(commands), anyCommand(sharedCommands))),
    server: matcher('beanstalkd', 17, firstWord([...told, ...shared], { followers: '' })),
  },
};
