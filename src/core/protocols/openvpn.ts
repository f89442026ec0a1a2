// OpenVPN over TCP.

import { byteAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

// Length 2, opcode 1, session id 8.
const bodyStart = 11;
// Opcode, session id, count of acknowledgements, packet id.
const plainBytes = 14;
// What a server's answer acknowledges: one packet id and the client's session id.
const ackBytes = 12;
// Packet id and time of tls-auth and tls-crypt.
const stampBytes = 8;
// HMACs from MD5 to SHA-512.
const macBytes: readonly number[] = [16, 20, 28, 32, 48, 64];
// A wrapped client key of tls-crypt-v2 has some hundred bytes and at most 1024.
const maxKeyBytes = 1024;
const maxPlainOrMac = plainBytes + ackBytes + stampBytes + 64;

// Hard resets with key id 0, by who sends them (openvpn `ssl_pkt.h`): version 1, version 2, version 3 with a wrapped key.
const keyed = 0x50;
const fromClient = [0x08, 0x38, keyed] as const;
const fromServer = [0x10, 0x40] as const;

/**
 * A hard reset, plain or protected by tls-auth, tls-crypt or tls-crypt-v2 (OpenVPN protocol, "Reliability layer").
 *
 * Length and opcode are 3 bytes, after which others are refused; what follows is read too, since first packets have first packet
 * ids. False positives: none known then. A tunnel with a static key has no signature.
 *
 * @param acks whether the packet acknowledges one
 */
function judgeReset(bytes: Uint8Array, opcodes: readonly number[], acks: 0 | 1): Verdict {
  const available = bytes.length;
  if (0 < available && 4 < (bytes[0] ?? 0)) return 'no';
  if (available < 2) return 'more';
  const length = u16At(bytes, 0);
  const plain = plainBytes + acks * ackBytes;
  if (length !== plain && length < plain + stampBytes + 16) return 'no';
  const opcode = byteAt(bytes, 2);
  if (opcode < 0) return maxPlainOrMac + maxKeyBytes < length ? 'no' : 'more';
  if (!opcodes.includes(opcode)) return 'no';
  if (length === plain) return opcode === keyed ? 'no' : judgePlain(bytes, bodyStart, acks);

  const mac = length - plain - stampBytes;
  const isCrypt = opcode === keyed ? 32 <= mac && mac <= 32 + maxKeyBytes : mac === 32;
  const crypt = isCrypt ? judgeStamp(bytes, bodyStart) : 'no';
  if (crypt !== 'no' || opcode === keyed || !macBytes.includes(mac)) return crypt;
  const stamp = judgeStamp(bytes, bodyStart + mac);
  return stamp === 'match' ? judgePlain(bytes, bodyStart + mac + stampBytes, acks) : stamp;
}

/** The first packet id of a direction; the top byte may say that cookies are understood (tls-crypt-v2 since 2.6). */
function judgeStamp(bytes: Uint8Array, at: number): Verdict {
  const first = byteAt(bytes, at);
  if (0 <= first && first !== 0 && first !== 0x0f) return 'no';
  for (let i = 1; i < 3; i++) if (at + i < bytes.length && bytes[at + i] !== 0) return 'no';
  if (bytes.length < at + 4) return 'more';
  return bytes[at + 3] === 1 ? 'match' : 'no';
}

/** Acknowledgements, then packet id 0. */
function judgePlain(bytes: Uint8Array, at: number, acks: 0 | 1): Verdict {
  const count = byteAt(bytes, at);
  if (count < 0) return 'more';
  if (count !== acks) return 'no';
  if (acks === 1) {
    const end = at + 1 + 4;
    for (let i = at + 1; i < end && i < bytes.length; i++) if (bytes[i] !== 0) return 'no';
  }
  const packetId = at + 1 + acks * ackBytes;
  for (let i = packetId; i < packetId + 4 && i < bytes.length; i++) if (bytes[i] !== 0) return 'no';
  return bytes.length < packetId + 4 ? 'more' : 'match';
}

/** Two lengths, since a server may also send its reset without an acknowledgement. */
function judgeServer(bytes: Uint8Array): Verdict {
  const acknowledging = judgeReset(bytes, fromServer, 1);
  if (acknowledging === 'match') return 'match';
  const bare = judgeReset(bytes, fromServer, 0);
  return bare === 'no' ? acknowledging : bare;
}

export const openvpn: Protocol = {
  id: 'openvpn',
  title: 'OpenVPN over TCP',
  toldBy: 'a hard reset, plain or protected by tls-auth or tls-crypt',
  firstSpeaker: 'client',
  port: 1194,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('openvpn', bodyStart + maxPlainOrMac, (bytes) => judgeReset(bytes, fromClient, 0)),
  server: matcher('openvpn', bodyStart + maxPlainOrMac, judgeServer),
};
