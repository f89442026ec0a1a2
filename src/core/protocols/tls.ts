// TLS 1.0 to 1.3 (and SSL 3), any protocol inside.

import { u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Protocol } from './protocol.js';

// Record header 5 bytes and the handshake type (RFC 8446 §5.1, §4).
const helloBytes = 6;
// Everything of a hello in SSLv2's form but its three lists (RFC 5246 Appendix E.2).
const oldHelloBytes = 11;
// Two hundred ciphers of three bytes, more than any library had, stay below 1 KiB: so the top byte of the length is one of four.
const maxOldLengthHigh = 0x83;
const serverBytes = 7;

/**
 * A handshake record of version 3.0-3.4 and legal length, whose first message is ClientHello (RFC 8446 §4, §5.1).
 *
 * False positives: four of six bytes are nearly fixed; no other protocol in the catalogue, nor in the signature list behind it,
 * starts with 0x16 0x03.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  if (0x80 <= (bytes[0] ?? 0)) return judgeOldHello(bytes);
  const record = judgeRecord(bytes);
  if (record !== 'match') return record;
  if (bytes.length < helloBytes) return 'more';
  return bytes[5] === 1 ? 'match' : 'no';
}

/**
 * A hello of SSL 3 or TLS in the form of SSLv2, as clients sent that spoke both; the server answers in records (RFC 5246 Appendix E.2).
 *
 * False positives: Memcached, Sun RPC and Thrift start with 0x80 as well. Type and version differ there, and the length is the sum of
 * the lists: ciphers of three bytes each, a session id of 0, 16 or 32, a challenge of 16 to 32.
 */
function judgeOldHello(bytes: Uint8Array): Verdict {
  const length = bytes.length;
  if (0 < length && maxOldLengthHigh < (bytes[0] ?? 0)) return 'no';
  if (2 < length && bytes[2] !== 1) return 'no';
  if (3 < length && bytes[3] !== 3) return 'no';
  if (4 < length && 4 < (bytes[4] ?? 0)) return 'no';
  if (length < oldHelloBytes) return 'more';
  const [ciphers, session, challenge] = [u16At(bytes, 5), u16At(bytes, 7), u16At(bytes, 9)];
  if (ciphers === 0 || ciphers % 3 !== 0 || (session !== 0 && session !== 16 && session !== 32) || challenge < 16 || 32 < challenge) return 'no';
  return u16At(bytes, 0) - 0x8000 === oldHelloBytes - 2 + ciphers + session + challenge ? 'match' : 'no';
}

/** A ServerHello in a handshake record, or an alert of two bytes with level 1 or 2 (RFC 8446 §6). */
function judgeServer(bytes: Uint8Array): Verdict {
  if (0 < bytes.length && bytes[0] === 0x15) {
    const expected = [0x15, 3, undefined, 0, 2];
    for (let i = 1; i < 5 && i < bytes.length; i++) if (expected[i] !== undefined && bytes[i] !== expected[i]) return 'no';
    if (bytes.length < serverBytes) return 'more';
    return (bytes[2] ?? 0) <= 4 && (bytes[5] === 1 || bytes[5] === 2) ? 'match' : 'no';
  }
  const record = judgeRecord(bytes);
  if (record !== 'match') return record;
  if (bytes.length < helloBytes) return 'more';
  return bytes[5] === 2 ? 'match' : 'no';
}

function judgeRecord(bytes: Uint8Array): Verdict {
  const length = bytes.length;
  if (0 < length && bytes[0] !== 0x16) return 'no';
  if (1 < length && bytes[1] !== 3) return 'no';
  if (2 < length && 4 < (bytes[2] ?? 0)) return 'no';
  if (3 < length && 0x40 < (bytes[3] ?? 0)) return 'no';
  if (length < 5) return 'more';
  const size = u16At(bytes, 3);
  return 1 <= size && size <= 16384 ? 'match' : 'no';
}

export const tls: Protocol = {
  id: 'tls',
  title: 'TLS',
  toldBy: 'the ClientHello of TLS or SSL 3, over as many records as it takes',
  firstSpeaker: 'client',
  port: 443,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('tls', oldHelloBytes, judgeClient),
  server: matcher('tls', serverBytes, judgeServer),
};
