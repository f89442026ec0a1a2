// What a TLS client asks for in its hello: server name and application protocols, read across records and segments.

import { Cursor, latin1, u16At } from '../bytes.js';

export interface ClientHello {
  /** lower case, without final dot; null = the hello carries none; undefined = not known yet */
  sni: string | null | undefined;
  /** protocols offered by ALPN; null = none; undefined = not known yet */
  alpn: readonly string[] | null | undefined;
  /** nothing more can be learnt */
  isComplete: boolean;
}

const handshakeRecord = 0x16;
const clientHelloType = 0x01;
// RFC 8446 §5.1: a plaintext record carries at most 2^14 bytes.
const maxRecordBytes = 16384;
// OpenSSL refuses a longer ClientHello (SSL3_RT_MAX_PLAIN_LENGTH and extensions: 131,396 bytes); Go and NSS refuse earlier.
const maxHelloBytes = 131396;
const serverNameExtension = 0x0000;
const alpnExtension = 0x0010;

/** Room for the largest hello in records of one byte each. An inspection's own byte limit is reached long before. */
export const maxHelloPrefixBytes = 1 << 20;

const unknown: ClientHello = { sni: undefined, alpn: undefined, isComplete: false };

/**
 * Reads a possibly cut ClientHello from byte 0 of what the client sent.
 *
 * The handshake message is put together from its records first: it may be spread over any number of them, and reading only the
 * first is how a peer came to see no name and took a laxer route (CVE-2026-32305).
 *
 * @returns undefined when the bytes are not a ClientHello, or a malformed one
 * @throws nothing: any bytes are an answer
 * @see RFC 8446 §4.1.2 and §5.1, RFC 6066 §3, RFC 7301 §3.1
 */
export function clientHello(prefix: Uint8Array): ClientHello | undefined {
  const handshake = joinRecords(prefix);
  if (handshake === undefined) return undefined;
  const { bytes } = handshake;
  if (0 < bytes.length && bytes[0] !== clientHelloType) return undefined;
  if (bytes.length < 4) return unknown;
  const length = ((bytes[1] ?? 0) << 16) | u16At(bytes, 2);
  if (maxHelloBytes < length) return undefined;
  const end = 4 + length;
  return parseHello(new Cursor(bytes, 4, end), end <= bytes.length);
}

/** Handshake bytes of all records so far, without copying when one record holds the message. */
function joinRecords(prefix: Uint8Array): { bytes: Uint8Array } | undefined {
  const pieces: Uint8Array[] = [];
  let total = 0;
  let wanted = 4;
  for (let at = 0; at < prefix.length && total < wanted; ) {
    if (prefix[at] !== handshakeRecord) return undefined;
    // The version on the record must not matter (RFC 8446 §5.1), but 3.x it is in all of them.
    if (at + 1 < prefix.length && prefix[at + 1] !== 3) return undefined;
    if (at + 2 < prefix.length && 4 < (prefix[at + 2] ?? 0)) return undefined;
    if (prefix.length < at + 5) break;
    const length = u16At(prefix, at + 3);
    if (length === 0 || maxRecordBytes < length) return undefined;
    const piece = prefix.subarray(at + 5, at + 5 + length);
    pieces.push(piece);
    total += piece.length;
    at += 5 + length;
    if (wanted === 4 && 4 <= total) {
      const head = pieces.length === 1 ? piece : joined(pieces, total);
      wanted = 4 + ((head[1] ?? 0) << 16) + u16At(head, 2);
    }
  }
  const only = pieces[0];
  return { bytes: pieces.length === 1 && only !== undefined ? only : joined(pieces, total) };
}

function joined(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** @param isWhole the cursor's end is the message's end, so running into it is an error and not a wait */
function parseHello(hello: Cursor, isWhole: boolean): ClientHello | undefined {
  const short = isWhole ? undefined : unknown;
  const none: ClientHello = { sni: null, alpn: null, isComplete: true };
  const major = hello.u8();
  if (major !== undefined && major !== 3) return undefined;
  if (!hello.skip(1 + 32)) return short;
  const sessionLength = hello.u8();
  if (sessionLength === undefined || !hello.skip(sessionLength)) return short;
  const ciphersLength = hello.u16();
  if (ciphersLength === undefined || !hello.skip(ciphersLength)) return short;
  const compressionLength = hello.u8();
  if (compressionLength === undefined || !hello.skip(compressionLength)) return short;
  // Extensions may be left out altogether (RFC 5246 §7.4.1.2).
  if (isWhole && hello.left === 0) return none;
  if (hello.u16() === undefined) return short;

  const found: ClientHello = { sni: undefined, alpn: undefined, isComplete: false };
  for (;;) {
    if (isWhole && hello.left === 0) break;
    const type = hello.u16();
    const length = type === undefined ? undefined : hello.u16();
    if (length === undefined) return isWhole ? undefined : found;
    const body = hello.within(length);
    if (body === undefined) return isWhole ? undefined : found;
    if (type === serverNameExtension && found.sni === undefined) found.sni = parseServerName(body);
    else if (type === alpnExtension && found.alpn === undefined) found.alpn = parseAlpn(body);
  }
  return { sni: found.sni ?? null, alpn: found.alpn ?? null, isComplete: true };
}

/** RFC 6066 §3: a list with one entry of type host_name. */
function parseServerName(body: Cursor): string | null {
  body.u16();
  while (0 < body.left) {
    const type = body.u8();
    const length = body.u16();
    const name = length === undefined ? undefined : body.take(length);
    if (name === undefined) return null;
    if (type === 0) return latin1(name).toLowerCase().replace(/\.$/, '') || null;
  }
  return null;
}

/** RFC 7301 §3.1 */
function parseAlpn(body: Cursor): string[] {
  const names: string[] = [];
  body.u16();
  while (0 < body.left) {
    const length = body.u8();
    const name = length === undefined ? undefined : body.take(length);
    if (name === undefined) break;
    names.push(latin1(name));
  }
  return names;
}
