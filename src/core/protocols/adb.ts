// Android Debug Bridge: the transport to a device, and what programs say to the local ADB server.

import { allOf, anyOf, byteIn, magic, text } from './build.js';
import { hexLength } from './git.js';
import { matcher, type Protocol } from './protocol.js';

/** CNXN with version 0x01000000 or 0x01000001 (AOSP `packages/modules/adb/protocol.txt`). A device asks for AUTH or STLS first. */
const connect = allOf(text('CNXN'), byteIn(4, 0, 1), magic('00 00 01', 5));
const authenticate = allOf(text('AUTH'), byteIn(4, [1, 3]), magic('00 00 00', 5));
const startTls = allOf(text('STLS'), magic('00 00 00 01', 4));

/**
 * A request to the server: its length in four hexadecimal digits, `host:…`, `host-serial:…`, `host-usb:…` (`SERVICES.TXT`).
 *
 * False positives: none known. git frames alike, and says `git-` there.
 */
const request = allOf(hexLength, text('host', 4), byteIn(8, 0x2d, 0x3a));

const status = anyOf(text('OKAY'), text('FAIL'));

export const adb: Protocol = {
  id: 'adb',
  title: 'Android Debug Bridge',
  toldBy: 'a transport’s CNXN, or a request to the ADB server (`host:…`)',
  firstSpeaker: 'client',
  port: 5555,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('adb', 9, anyOf(connect, request)),
  server: matcher('adb', 8, anyOf(connect, authenticate, startTls, allOf(status, hexLengthBehind))),
  loose: { server: matcher('adb', 8, anyOf(connect, authenticate, startTls, status)) },
};

/** The answer's or the reason's length. */
function hexLengthBehind(bytes: Uint8Array): ReturnType<typeof hexLength> {
  return bytes.length < 5 ? 'more' : hexLength(bytes.subarray(4));
}
