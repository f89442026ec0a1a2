// FIX, the financial information exchange protocol.

import type { Verdict } from '../match/matcher.js';
import { byteAt } from '../bytes.js';
import { allOf, anyOf, text } from './build.js';
import { matcher, type Protocol } from './protocol.js';

const start = anyOf(text('8=FIX.'), text('8=FIXT.'));
// `8=FIXT.` and `1.1`, with room for a service pack.
const maxVersionEnd = 16;

/** The first field is the version, the second BodyLength (FIX session layer, "FIX tagvalue encoding", standard header). */
function judgeVersion(bytes: Uint8Array): Verdict {
  for (let at = 6; at < maxVersionEnd; at++) {
    const byte = byteAt(bytes, at);
    if (byte < 0) return 'more';
    if (byte === 0x01) return secondField(bytes);
    if (byte < 0x20 || 0x7e < byte) return 'no';
  }
  return 'no';
}

const secondField = (bytes: Uint8Array): Verdict => text('9=', bytes.indexOf(0x01) + 1)(bytes);

/** Both sides begin so. False positives: none known. */
const message = allOf(start, judgeVersion);

export const fix: Protocol = {
  id: 'fix',
  title: 'FIX',
  toldBy: 'the fields BeginString and BodyLength',
  firstSpeaker: 'client',
  port: 9878,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('fix', maxVersionEnd + 2, message),
  server: matcher('fix', maxVersionEnd + 2, message),
};
