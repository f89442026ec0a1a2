// SSH.

import { byteAt, textAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, verdictOf, type Protocol } from './protocol.js';

// A server may send other lines before its banner (RFC 4253 §4.2); login notices fit in this.
const maxServerBytes = 2048;

/**
 * `SSH-2.0-`, or `SSH-1.` of clients that speak both or only the old version (RFC 4253 §4.2, §5.1).
 *
 * False positives: none known. The 3 bytes `SSH` alone are what tutorials use; the version costs nothing, since every client sends
 * the whole line at once.
 */
function judgeBanner(bytes: Uint8Array, at: number): Verdict {
  const version = byteAt(bytes, at + 4);
  if (version === 0x31) return verdictOf(textAt(bytes, at, 'SSH-1.'));
  return verdictOf(textAt(bytes, at, 'SSH-2.0-'));
}

/** The banner as first line, or after lines of text that do not start with `SSH-`. */
function judgeServer(bytes: Uint8Array): Verdict {
  for (let at = 0; ; ) {
    const banner = judgeBanner(bytes, at);
    if (banner !== 'no') return banner;
    const feed = bytes.indexOf(0x0a, at);
    if (feed < 0) return isText(bytes, at, bytes.length) ? 'more' : 'no';
    if (!isText(bytes, at, feed)) return 'no';
    at = feed + 1;
  }
}

function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  }
  return true;
}

export const ssh: Protocol = {
  id: 'ssh',
  title: 'SSH',
  toldBy: 'the version line',
  // Most clients speak at once; ssh-keyscan and some older ones wait for the server, so a silence rule below helps.
  firstSpeaker: 'either',
  port: 22,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('ssh', 8, (bytes) => judgeBanner(bytes, 0)),
  server: matcher('ssh', maxServerBytes, judgeServer),
};
