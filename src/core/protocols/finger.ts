// Finger: one line with a name or none, then text.

import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';
import { textLine } from './textLine.js';

// A user's name at a host's, and `/W` in front.
const maxQueryBytes = 320;
// One line of a terminal, twice.
const maxAnswerBytes = 160;

/** First lines of the common servers, the BSD, GNU and Cisco ones; RFC 1288 §2.5 leaves their form open. */
const firstLine = /^(?:Login: \S+\s+Name: |Login name: \S+\s+In real life: |Login\s+Name\s|\s+Line\s+User\s|No one (?:is )?logged on|finger: .*no such user)/;

/** A line of text, and nothing that tells whose: the answer must be a finger server's. */
export const finger: Protocol = {
  id: 'finger',
  title: 'Finger',
  toldBy: 'a line of text, and an answer about users',
  firstSpeaker: 'client',
  port: 79,
  evidence: { client: 'weak', server: 'good' },
  client: matcher('finger', maxQueryBytes, textLine),
  server: matcher('finger', maxAnswerBytes, judgeAnswer),
};

function judgeAnswer(bytes: Uint8Array): Verdict {
  let start = 0;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++;
  if (start === bytes.length) return 'more';
  if (!'LNf '.includes(String.fromCharCode(bytes[start] ?? 0))) return 'no';
  const feed = bytes.indexOf(0x0a, start);
  if (feed < 0) return 'more';
  return firstLine.test(latin1(bytes, start, feed)) ? 'match' : 'no';
}
