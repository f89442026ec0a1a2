// PostgreSQL and what speaks its protocol (CockroachDB, Redshift, YugabyteDB, PgBouncer).

import { byteAt, latin1, u16At, u32At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Inner, type Protocol } from './protocol.js';

// MAX_STARTUP_PACKET_LENGTH in the server's source.
const maxStartupBytes = 10000;
// A cancel key is 4 bytes in protocol 3.0 and up to 256 in 3.2 (message formats, CancelRequest).
const minCancelBytes = 16;
const maxCancelBytes = 268;

const sslRequest = 0x04d2162f;
const gssRequest = 0x04d21630;
const cancelRequest = 0x04d2162e;

/**
 * Length and code of the first message: a startup of protocol 3.x, or SSLRequest, GSSENCRequest, CancelRequest
 * (PostgreSQL documentation, "Message Formats"). Eight bytes may be all there is: after SSLRequest the client waits for one byte.
 *
 * False positives: Kafka's Metadata request (size, 0003, version 0) looks like a startup for 8 bytes; its 9th byte is the top of a
 * correlation id, 0, where a startup has the first letter of a parameter name.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const available = bytes.length;
  if (0 < available && bytes[0] !== 0) return 'no';
  if (1 < available && bytes[1] !== 0) return 'no';
  if (2 < available && maxStartupBytes >> 8 < (bytes[2] ?? 0)) return 'no';
  if (available < 4) return 'more';
  const length = u32At(bytes, 0);
  if (length < 8 || maxStartupBytes < length) return 'no';

  const kind = byteAt(bytes, 4);
  if (kind < 0) return 'more';
  if (kind === 0x04) {
    const high = [0x04, 0xd2, 0x16];
    for (let i = 1; i < 3 && 4 + i < available; i++) if (bytes[4 + i] !== high[i]) return 'no';
    if (available < 8) return 'more';
    const code = u32At(bytes, 4);
    if (code === sslRequest || code === gssRequest) return length === 8 ? 'match' : 'no';
    return code === cancelRequest && minCancelBytes <= length && length <= maxCancelBytes ? 'match' : 'no';
  }
  if (kind !== 0) return 'no';
  // Minor version: 0 and 2 exist; 9999 is sent by libpq to keep servers tolerant.
  if (5 < available && bytes[5] !== 3) return 'no';
  if (available < 8) return 'more';
  const minor = u16At(bytes, 6);
  if (99 < minor && minor !== 9999) return 'no';
  if (length === 8) return minor === 0 || minor === 2 ? 'match' : 'no';
  const letter = byteAt(bytes, 8);
  if (letter < 0) return 'more';
  if (letter === 0) return length === 9 ? 'match' : 'no';
  return isNameLetter(letter) ? 'match' : 'no';
}

function isNameLetter(byte: number): boolean {
  return (0x61 <= byte && byte <= 0x7a) || (0x41 <= byte && byte <= 0x5a) || byte === 0x5f;
}

/** An authentication request (`R`), or an error whose severity is spelt out (`E…SFATAL`). One-byte answers to SSLRequest need the client's half. */
function judgeServer(bytes: Uint8Array): Verdict {
  const kind = byteAt(bytes, 0);
  if (kind < 0) return 'more';
  if (kind === 0x52) {
    if (1 < bytes.length && bytes[1] !== 0) return 'no';
    if (bytes.length < 9) return 'more';
    const length = u32At(bytes, 1);
    // Authentication codes run from 0 (Ok) to 12 (SASLFinal).
    return 8 <= length && length <= 2000 && u32At(bytes, 5) <= 12 ? 'match' : 'no';
  }
  if (kind !== 0x45) return 'no';
  if (1 < bytes.length && bytes[1] !== 0) return 'no';
  if (5 < bytes.length && bytes[5] !== 0x53) return 'no';
  if (bytes.length < 11) return 'more';
  const severity = latin1(bytes, 6, 11);
  return u32At(bytes, 1) <= 30000 && (severity === 'FATAL' || severity === 'ERROR' || severity === 'PANIC') ? 'match' : 'no';
}

/**
 * Any first answer: one byte S, G or N to a request for encryption, else the type of a message: R (authentication), E (error),
 * v (protocol negotiation).
 */
function judgeAnswer(bytes: Uint8Array): Verdict {
  const kind = byteAt(bytes, 0);
  if (kind < 0) return 'more';
  return kind === 0x53 || kind === 0x4e || kind === 0x47 || kind === 0x52 || kind === 0x45 || kind === 0x76 ? 'match' : 'no';
}

const requestBytes = 8;

/** TLS follows a request for it that the server granted; the client waits for its answer in between ("SSL Session Encryption"). */
function inside(client: Uint8Array, server: Uint8Array): Inner | 'more' | 'no' {
  if (client.length < requestBytes) return 'more';
  const code = u32At(client, 4);
  if (u32At(client, 0) !== requestBytes || (code !== sslRequest && code !== gssRequest)) return 'no';
  // The first byte behind the request is TLS' record type, or the top of a startup's length.
  const next = byteAt(client, requestBytes);
  if (next < 0) return 'more';
  return next === 0x16 ? { client: requestBytes, server: server.length < 1 ? 0 : 1, only: 'tls' } : 'no';
}

export const postgres: Protocol = {
  id: 'postgres',
  title: 'PostgreSQL',
  toldBy: 'startup, SSL, GSS and cancel requests',
  firstSpeaker: 'client',
  port: 5432,
  evidence: { client: 'strong', server: 'good' },
  client: matcher('postgres', 9, judgeClient),
  server: matcher('postgres', 11, judgeServer),
  loose: { server: matcher('postgres', 1, judgeAnswer) },
  inside,
};
