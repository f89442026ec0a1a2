// WHOIS: one line with a question, then text.

import { latin1 } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';
import { textLine } from './textLine.js';

// A name of 253 characters and a registry's options in front of it.
const maxQueryBytes = 320;
// Registries put a notice of a few lines before the first field.
const maxAnswerBytes = 2048;

/** What stands at the start of a line of a registry's answer; RFC 3912 says nothing of its form. */
const fields =
  /^(?:[%#;][^\n]*\bwhois\b|whois server version|\[whois\.|\s*domain(?: name)?:|refer:|inet6?num:|netrange:|aut-num:|asnumber:|as-block:|nserver:|\s*registrar:|no match for|domain not found|no entries found)/im;

/** A line of text, and nothing that tells whose: the answer must be a registry's. */
export const whois: Protocol = {
  id: 'whois',
  title: 'WHOIS',
  toldBy: 'a line of text, and an answer with the words of a registry',
  firstSpeaker: 'client',
  port: 43,
  evidence: { client: 'weak', server: 'weak' },
  client: matcher('whois', maxQueryBytes, textLine),
  server: matcher('whois', maxAnswerBytes, judgeAnswer),
};

function judgeAnswer(bytes: Uint8Array): Verdict {
  let end = 0;
  while (end < bytes.length && isText(bytes[end] ?? 0)) end++;
  // Whole lines only, so that what comes later cannot change the answer.
  const lines = bytes.subarray(0, end).lastIndexOf(0x0a) + 1;
  if (0 < lines && fields.test(latin1(bytes, 0, lines))) return 'match';
  return end < bytes.length ? 'no' : 'more';
}

function isText(byte: number): boolean {
  return 0x20 <= byte || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
