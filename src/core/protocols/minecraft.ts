// Minecraft, Java Edition.

import { byteAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { anyOf, magic } from './build.js';
import { matcher, type Protocol } from './protocol.js';

// Host names have at most 255 characters; proxies append addresses and a profile (wiki.vg, "Handshake"; BungeeCord's forwarding).
const maxHostBytes = 4096;
// A whole handshake with a host of 255: length 2, id 1, version 5, host length 2, port 2, state 1.
const maxBytes = 268;

/** A variable-length number: seven bits a byte, lowest first. */
interface Varint {
  value: number;
  /** position behind it; -1 = the bytes end before, 0 = it is longer than allowed */
  end: number;
}

const scratch: Varint = { value: 0, end: 0 };

function varintAt(bytes: Uint8Array, start: number, most: number): Varint {
  scratch.value = 0;
  for (let i = 0; ; i++) {
    scratch.end = i === most ? 0 : -1;
    const byte = i === most ? -1 : byteAt(bytes, start + i);
    if (byte < 0) return scratch;
    scratch.value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) {
      scratch.end = start + i + 1;
      return scratch;
    }
  }
}

/**
 * The handshake: packet length, id 0, protocol version, host, port, next state 1 to 3, where both lengths agree.
 *
 * False positives: rare. Most first bytes are legal lengths, but the second (or third) must be 0 and the packet must come out even.
 */
function judgeHandshake(bytes: Uint8Array): Verdict {
  let { value, end } = varintAt(bytes, 0, 2);
  if (end <= 0) return end < 0 ? 'more' : 'no';
  const packetEnd = end + value;
  // Id, version, host of one letter with its length, port, state.
  if (value < 7) return 'no';
  if (end < bytes.length && bytes[end] !== 0) return 'no';
  ({ value, end } = varintAt(bytes, end + 1, 5));
  if (end <= 0) return end < 0 ? 'more' : 'no';
  ({ value, end } = varintAt(bytes, end, 2));
  if (end <= 0) return end < 0 ? 'more' : 'no';
  if (value === 0 || maxHostBytes < value || end + value + 3 !== packetEnd) return 'no';
  for (let at = end; at < end + value && at < bytes.length; at++) if (!isHostByte(bytes[at] ?? 0, at === end)) return 'no';
  if (maxBytes < packetEnd) return bytes.length < maxBytes ? 'more' : 'match';
  const state = byteAt(bytes, packetEnd - 1);
  if (state < 0) return 'more';
  return 1 <= state && state <= 3 ? 'match' : 'no';
}

/** Modified clients and proxies append parts behind NULs. */
function isHostByte(byte: number, isFirst: boolean): boolean {
  return (0x20 < byte && byte !== 0x7f) || (!isFirst && (byte === 0 || byte === 0x20));
}

/** The ping of 1.6: packet FE, 1, a plugin message `MC|PingHost` in UTF-16 (wiki.vg, "Server List Ping"). */
const oldPing = magic('fe 01 fa 00 0b 00 4d 00 43 00 7c');

/** A status as JSON, or a disconnection with a reason in JSON: packet length, id 0, text length, `{` or `"`. */
function judgeStatus(bytes: Uint8Array): Verdict {
  let { value, end } = varintAt(bytes, 0, 3);
  if (end <= 0) return end < 0 ? 'more' : 'no';
  const packetEnd = end + value;
  if (value < 4) return 'no';
  if (end < bytes.length && bytes[end] !== 0) return 'no';
  ({ value, end } = varintAt(bytes, end + 1, 3));
  if (end <= 0) return end < 0 ? 'more' : 'no';
  if (end + value !== packetEnd) return 'no';
  const first = byteAt(bytes, end);
  if (first < 0) return 'more';
  return first === 0x7b || first === 0x22 ? 'match' : 'no';
}

/** A kick whose reason starts with the section sign, 1 and NUL: the answer to an old ping. */
const oldStatus = magic('ff ?? ?? 00 a7 00 31 00 00');

/** What may be said to somebody who logs in: any packet whose id is one of the login state's. */
function judgeLogin(bytes: Uint8Array): Verdict {
  const { value, end } = varintAt(bytes, 0, 3);
  if (end <= 0) return end < 0 ? 'more' : 'no';
  if (value < 2) return 'no';
  const id = byteAt(bytes, end);
  if (id < 0) return 'more';
  return id <= 5 ? 'match' : 'no';
}

/** The shorter pings of older clients, which say nothing more. */
function judgeShortPing(bytes: Uint8Array): Verdict {
  const first = byteAt(bytes, 0);
  if (first < 0) return 'more';
  return first === 0xfe && (bytes.length < 2 || u16At(bytes, 0) === 0xfe01) ? 'match' : 'no';
}

export const minecraft: Protocol = {
  id: 'minecraft',
  title: 'Minecraft (Java Edition)',
  toldBy: 'a handshake whose lengths agree, or the server list ping of 1.6',
  firstSpeaker: 'client',
  port: 25565,
  evidence: { client: 'good', server: 'good' },
  client: matcher('minecraft', maxBytes, anyOf(judgeHandshake, oldPing)),
  server: matcher('minecraft', 16, anyOf(judgeStatus, oldStatus)),
  loose: {
    client: matcher('minecraft', maxBytes, anyOf(judgeHandshake, judgeShortPing)),
    server: matcher('minecraft', 16, anyOf(judgeLogin, oldStatus)),
  },
};
