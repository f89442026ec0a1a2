// Reads IP headers down to a TCP segment: IPv4 with options, IPv6 with extension headers, fragments of either.

import { u16At, u32At } from '../bytes.js';
import type { NotDecoded } from './captureEvents.js';
import type { Packet } from './captureFormat.js';
import type { Fragments } from './fragments.js';

const protocolTcp = 6;

/** Extension headers of IPv6 that are stepped over: hop-by-hop, routing, destination options, mobility, HIP, shim6 (RFC 7045 §4). */
const extensionHeaders = [0, 43, 60, 135, 139, 140];
const fragmentHeader = 44;
const authenticationHeader = 51;

/** TCP without options (RFC 9293 §3.1). */
const tcpHeaderBytes = 20;

/** One TCP segment. There is one of these per reader, overwritten by each. */
export interface Segment {
  /** addresses of `addressBytes` bytes each stand in `ip` from `sourceAt` and `targetAt` on */
  ip: Uint8Array;
  addressBytes: 4 | 16;
  sourceAt: number;
  targetAt: number;
  sourcePort: number;
  targetPort: number;
  sequence: number;
  acknowledged: number;
  flags: number;
  /** [start, end) of `bytes` is what was captured of the payload */
  bytes: Uint8Array;
  /** offset of bytes[0] in the file; -1 when the bytes were put together from fragments */
  origin: number;
  start: number;
  end: number;
  /** length of the payload on the wire */
  length: number;
  at: number;
}

export function emptySegment(): Segment {
  const bytes = new Uint8Array(0);
  return { ip: bytes, addressBytes: 4, sourceAt: 0, targetAt: 0, sourcePort: 0, targetPort: 0, sequence: 0, acknowledged: 0, flags: 0, bytes, origin: 0, start: 0, end: 0, length: 0, at: 0 };
}

/**
 * Fills `segment` from a packet whose IP header starts at `start`.
 *
 * @returns why there is none, `waiting` for a piece of a packet whose other pieces may still come
 */
export function readSegment(packet: Packet, start: number, fragments: Fragments, segment: Segment): 'segment' | 'waiting' | NotDecoded {
  if (packet.end <= start) return 'malformed';
  const version = packet.bytes[start]! >> 4;
  segment.at = packet.at;
  segment.origin = packet.origin;
  if (version === 4) return readIpv4(packet, start, fragments, segment);
  if (version === 6) return readIpv6(packet, start, fragments, segment);
  return 'notIp';
}

function readIpv4(packet: Packet, start: number, fragments: Fragments, segment: Segment): 'segment' | 'waiting' | NotDecoded {
  const { bytes, end } = packet;
  if (end < start + 20) return 'malformed';
  const headerBytes = (bytes[start]! & 0x0f) * 4;
  // 0 when the network card was to cut the packet (segmentation offload): then it is as long as the frame.
  const stated = u16At(bytes, start + 2);
  const length = stated === 0 ? wireBytesFrom(packet, start) : stated;
  if (headerBytes < 20 || length < headerBytes) return 'malformed';
  if (wireBytesFrom(packet, start) < length) return 'malformed';
  if (bytes[start + 9] !== protocolTcp) return 'notTcp';
  if (end < start + headerBytes) return 'malformed';
  segment.ip = bytes;
  segment.addressBytes = 4;
  segment.sourceAt = start + 12;
  segment.targetAt = start + 16;

  const payload = start + headerBytes;
  const payloadEnd = start + length;
  const position = u16At(bytes, start + 6);
  const hasMore = (position & 0x2000) !== 0;
  const offset = (position & 0x1fff) * 8;
  if (!hasMore && offset === 0) return readTcp(bytes, payload, Math.min(end, payloadEnd), payloadEnd - payload, segment);
  // A packet is known by its identification, both addresses and the protocol (RFC 791 §3.2).
  return readFragment(fragments, [bytes.subarray(start + 12, start + 20), u16At(bytes, start + 4)], offset, hasMore, packet, payload, payloadEnd, segment, protocolTcp);
}

function readIpv6(packet: Packet, start: number, fragments: Fragments, segment: Segment): 'segment' | 'waiting' | NotDecoded {
  const { bytes, end } = packet;
  if (end < start + 40) return 'malformed';
  const stated = u16At(bytes, start + 4);
  // 0 stands for a jumbogram (RFC 2675) or for segmentation offload: either way it goes to the frame's end.
  const payloadEnd = stated === 0 ? start + wireBytesFrom(packet, start) : start + 40 + stated;
  if (start + wireBytesFrom(packet, start) < payloadEnd) return 'malformed';
  segment.ip = bytes;
  segment.addressBytes = 16;
  segment.sourceAt = start + 8;
  segment.targetAt = start + 24;

  const found = behindExtensions(bytes, start + 40, Math.min(end, payloadEnd), bytes[start + 6]!);
  if (typeof found === 'string') return found;
  const [at, next] = found;
  if (next === protocolTcp) return readTcp(bytes, at, Math.min(end, payloadEnd), payloadEnd - at, segment);
  if (next !== fragmentHeader) return 'notTcp';
  // RFC 8200 §4.5: next header, offset in units of 8 with the M flag, identification.
  if (end < at + 8) return 'malformed';
  const position = u16At(bytes, at + 2);
  const hasMore = (position & 1) !== 0;
  const offset = position & 0xfff8;
  const inner = bytes[at];
  if (!hasMore && offset === 0) {
    const behind = behindExtensions(bytes, at + 8, Math.min(end, payloadEnd), inner!);
    if (typeof behind === 'string') return behind;
    return behind[1] === protocolTcp ? readTcp(bytes, behind[0], Math.min(end, payloadEnd), payloadEnd - behind[0], segment) : 'notTcp';
  }
  return readFragment(fragments, [bytes.subarray(start + 8, start + 40), u32At(bytes, at + 4)], offset, hasMore, packet, at + 8, payloadEnd, segment, inner!);
}

/** @returns where the header behind the extension headers starts and what it is */
function behindExtensions(bytes: Uint8Array, start: number, end: number, first: number): [at: number, next: number] | 'malformed' {
  let at = start;
  let next = first;
  while (extensionHeaders.includes(next) || next === authenticationHeader) {
    if (end < at + 8) return 'malformed';
    // In units of 8 bytes without the first 8; the authentication header counts in fours, without two of them (RFC 4302 §2.2).
    const length = next === authenticationHeader ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8;
    next = bytes[at]!;
    at += length;
    if (end < at) return 'malformed';
  }
  return [at, next];
}

function readFragment(
  fragments: Fragments,
  key: readonly [Uint8Array, number],
  offset: number,
  hasMore: boolean,
  packet: Packet,
  start: number,
  end: number,
  segment: Segment,
  next: number,
): 'segment' | 'waiting' | NotDecoded {
  // A piece that was cut short when it was captured leaves a hole that no other piece fills.
  if (packet.end < end) return 'fragment';
  const whole = fragments.add(key, offset, hasMore, packet.bytes.subarray(start, end), next);
  if (typeof whole === 'string') return whole;
  const found = segment.addressBytes === 4 ? ([0, next] as const) : behindExtensions(whole.bytes, 0, whole.bytes.length, whole.next);
  if (typeof found === 'string') return found;
  segment.origin = -1;
  return found[1] === protocolTcp ? readTcp(whole.bytes, found[0], whole.bytes.length, whole.bytes.length - found[0], segment) : 'notTcp';
}

/** @param length bytes of header and payload on the wire */
function readTcp(bytes: Uint8Array, start: number, end: number, length: number, segment: Segment): 'segment' | 'malformed' {
  if (end < start + tcpHeaderBytes) return 'malformed';
  const headerBytes = (bytes[start + 12]! >> 4) * 4;
  if (headerBytes < tcpHeaderBytes || length < headerBytes) return 'malformed';
  segment.sourcePort = u16At(bytes, start);
  segment.targetPort = u16At(bytes, start + 2);
  segment.sequence = u32At(bytes, start + 4);
  segment.acknowledged = u32At(bytes, start + 8);
  segment.flags = bytes[start + 13]!;
  segment.bytes = bytes;
  // Options that were cut off take the payload with them.
  segment.start = Math.min(start + headerBytes, end);
  segment.end = end;
  segment.length = length - headerBytes;
  return 'segment';
}

/** Bytes on the wire from `start` to the end of the frame. */
function wireBytesFrom(packet: Packet, start: number): number {
  return packet.wireLength - (start - packet.start);
}
