// SMB 1, 2 and 3, directly over TCP (port 445) and in a NetBIOS session (port 139).

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { allOf, anyOf, bigEndian, byteIn, magic, text } from './build.js';
import { matcher, type Judge, type Protocol } from './protocol.js';

// A first message has far less than 64 KiB; an SMB 1 header with its counts has 35 bytes (MS-CIFS §2.2.3).
const direct: Judge = allOf(bigEndian(0, 4, 35, 0xffff), byteIn(4, [0xfc, 0xff]), text('SMB', 5));

// A called name at 4, which is 34 bytes without scope, and the first letters of it.
const sessionBytes = 4 + 1 + 32;

/**
 * SESSION REQUEST (RFC 1002 §4.3.2): flags, length of two names, a name of 32 letters A to P (§4.1 with RFC 1001 §14.1).
 *
 * False positives: none known. `81` is shared with Memcached's answers and Thrift's, whose fifth byte is no 0x20 before letters.
 */
const session: Judge = allOf(magic('81 00'), bigEndian(2, 2, 68, 512), byteIn(4, 0x20), judgeName);

function judgeName(bytes: Uint8Array): Verdict {
  for (let at = 5; at < sessionBytes; at++) {
    const letter = byteAt(bytes, at);
    if (letter < 0) return 'more';
    if (letter < 0x41 || 0x50 < letter) return 'no';
  }
  return 'match';
}

/** Granted, refused with a code, or sent elsewhere (RFC 1002 §4.3.3-§4.3.5). */
const sessionAnswer: Judge = anyOf(magic('82 00 00 00'), allOf(magic('83 00 00 01'), byteIn(4, [0x80, 0x83], 0x8f)), magic('84 00 00 06'));

export const smb: Protocol = {
  id: 'smb',
  title: 'SMB 1, 2, 3',
  toldBy: '`SMB` behind the frame’s length, or a NetBIOS session request',
  firstSpeaker: 'client',
  port: 445,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('smb', sessionBytes, anyOf(direct, session)),
  server: matcher('smb', 8, anyOf(direct, sessionAnswer)),
};
