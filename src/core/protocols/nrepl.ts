// nREPL: Clojure's tools, in bencode.

import { byteAt, latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

// Code to evaluate may stand before the operation's name; keys are usually sorted.
const maxBytes = 4096;
const maxDigits = 7;

const cut = -1;
const wrong = -2;

const letterD = 0x64;
const letterE = 0x65;
const letterI = 0x69;
const letterL = 0x6c;

/** Keys of what a server says to `clone`, `describe`, `eval` and the rest (nREPL "Operations"). */
const answerKeys: readonly string[] = ['new-session', 'session', 'status', 'ops', 'sessions', 'versions', 'ns', 'value', 'out', 'err'];

/**
 * A dictionary with one of some keys (nREPL "Bencode").
 *
 * False positives: other bencoded messages (BitTorrent's DHT, over UDP) have other keys.
 *
 * @param judgeEntry says whether an entry tells; `more` while its value is cut
 */
function dictionary(judgeEntry: (key: string, bytes: Uint8Array, valueAt: number) => Verdict): Judge {
  return (bytes) => {
    if (0 < bytes.length && bytes[0] !== letterD) return 'no';
    for (let at = 1; ; ) {
      if (byteAt(bytes, at) === letterE) return 'no';
      const keyAt = startOfText(bytes, at);
      const keyEnd = endOfValue(bytes, at, true);
      if (keyEnd < 0) return keyEnd === cut ? 'more' : 'no';
      const verdict = judgeEntry(latin1(bytes, keyAt, keyEnd), bytes, keyEnd);
      if (verdict !== 'no') return verdict;
      at = endOfValue(bytes, keyEnd, false);
      if (at < 0) return at === cut ? 'more' : 'no';
    }
  };
}

/** `op` with a name made of letters: `clone`, `describe`, `eval`, `ls-sessions`, `cider/…`. */
function judgeOperation(key: string, bytes: Uint8Array, valueAt: number): Verdict {
  if (key !== 'op') return 'no';
  const start = startOfText(bytes, valueAt);
  if (start < 0) return start === cut ? 'more' : 'no';
  const letter = byteAt(bytes, start);
  if (letter < 0) return 'more';
  return 0x61 <= letter && letter <= 0x7a ? 'match' : 'no';
}

/** @returns position of a text's first byte, behind its length */
function startOfText(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && 0x30 <= (bytes[at] ?? 0) && (bytes[at] ?? 0) <= 0x39) at++;
  if (maxDigits < at - start) return wrong;
  if (at === bytes.length) return cut;
  return start < at && bytes[at] === 0x3a ? at + 1 : wrong;
}

/** @returns position behind a text, a number, a list or a dictionary */
function endOfValue(bytes: Uint8Array, start: number, isKey: boolean): number {
  let at = start;
  let depth = 0;
  do {
    const first = byteAt(bytes, at);
    if (first < 0) return cut;
    if (0x30 <= first && first <= 0x39) {
      const text = startOfText(bytes, at);
      if (text < 0) return text;
      const end = text + Number(latin1(bytes, at, text - 1));
      if (bytes.length < end) return cut;
      at = end;
    } else if (isKey) return wrong;
    else if (first === letterI) {
      const end = bytes.indexOf(letterE, at);
      if (end < 0) return bytes.length - at < 24 ? cut : wrong;
      if (24 <= end - at) return wrong;
      at = end + 1;
    } else if (first === letterL || first === letterD) {
      depth++;
      at++;
    } else if (first === letterE && 0 < depth) {
      depth--;
      at++;
    } else return wrong;
  } while (0 < depth);
  return at;
}

export const nrepl: Protocol = {
  id: 'nrepl',
  title: 'nREPL',
  toldBy: 'a bencoded dictionary with `op`',
  firstSpeaker: 'client',
  port: 7888,
  evidence: { client: 'good', server: 'good' },
  client: matcher('nrepl', maxBytes, dictionary(judgeOperation)),
  server: matcher('nrepl', maxBytes, dictionary((key) => (answerKeys.includes(key) ? 'match' : 'no'))),
};
