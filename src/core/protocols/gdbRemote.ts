// GDB's remote serial protocol: gdb and LLDB with gdbserver, QEMU, OpenOCD, J-Link and other stubs.

import { byteAt } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

// gdb's list of features (qSupported) has some hundred bytes and grows.
const maxBytes = 2048;
const maxAcknowledgements = 8;

const dollar = 0x24;
const hash = 0x23;

/**
 * Acknowledgements (`+`, `-`), then `$`, a packet of printable text, `#` and its checksum (GDB manual, "Overview" of the remote protocol).
 *
 * False positives: 1 of 256 texts with that frame; `$` and a length (Redis' replies) has no printable end. A first packet may be any:
 * `qSupported`, LLDB's `QStartNoAckMode`, `?`, `g`.
 */
function judgePacket(bytes: Uint8Array): Verdict {
  let at = 0;
  while (at < bytes.length && (bytes[at] === 0x2b || bytes[at] === 0x2d)) {
    if (at === maxAcknowledgements) return 'no';
    at++;
  }
  const start = byteAt(bytes, at);
  if (start < 0) return 'more';
  if (start !== dollar) return 'no';
  let sum = 0;
  for (at++; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === hash) return judgeChecksum(bytes, at + 1, sum & 0xff);
    if (byte < 0x20 || 0x7e < byte) return 'no';
    sum += byte;
  }
  return 'more';
}

function judgeChecksum(bytes: Uint8Array, at: number, sum: number): Verdict {
  const wanted = sum.toString(16).padStart(2, '0');
  for (let i = 0; i < 2; i++) {
    const byte = byteAt(bytes, at + i);
    if (byte < 0) return 'more';
    if (String.fromCharCode(byte).toLowerCase() !== wanted[i]) return 'no';
  }
  return 'match';
}

/** An acknowledgement may be all that comes at first. */
function judgeAnswer(bytes: Uint8Array): Verdict {
  const first = byteAt(bytes, 0);
  if (first < 0) return 'more';
  return first === 0x2b || first === 0x2d || first === dollar ? 'match' : 'no';
}

export const gdbRemote: Protocol = {
  id: 'gdb-remote',
  title: 'GDB remote protocol',
  toldBy: 'a packet with its checksum',
  firstSpeaker: 'client',
  port: 1234,
  evidence: { client: 'good', server: 'good' },
  client: matcher('gdb-remote', maxBytes, judgePacket),
  server: matcher('gdb-remote', maxBytes, judgePacket),
  loose: { server: matcher('gdb-remote', 1, judgeAnswer) },
};
