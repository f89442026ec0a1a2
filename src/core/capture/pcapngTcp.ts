// Dresses a flow's bytes as TCP packets, so that tools which know packets can read a conversation that was captured above
// them: headers with right checksums and sequence numbers, a handshake at the start, FIN or RST at the end.

import type { EndReason, FlowFacts, Speaker } from '../../shared/flow.js';
import { endOf } from './connectionTable.js';
import type { PcapngWriter } from './pcapng.js';
import { begunBefore } from './recordedComment.js';

/** Payload of one packet. An IPv4 packet holds 65,535 bytes with its headers; a round number below that leaves room for them. */
export const maxPayloadBytes = 65_000;

const fin = 0x01;
const syn = 0x02;
const rst = 0x04;
const psh = 0x08;
const ack = 0x10;

const tcpHeaderBytes = 20;
/** On SYN: maximum segment size and window scale, so that readers do not take the missing acknowledgements for full windows. */
const synOptions = Uint8Array.of(2, 4, 0xff, 0xff, 1, 3, 3, 14);
const protocolTcp = 6;

interface Endpoint {
  /** 4 or 16 bytes */
  address: Uint8Array;
  port: number;
}

/** One conversation while it is written. */
export interface PacketFlow {
  client: Endpoint;
  server: Endpoint;
  ipHeaderBytes: 20 | 40;
  /** next sequence number of client and server */
  next: [client: number, server: number];
  /** said with the next packet */
  comment: string | undefined;
  /** kept within the flow's life, so that its packets are in order */
  lastAt: number;
}

/** Puts TCP conversations into a pcapng file. */
export class TcpPackets {
  private packetId = 0;

  constructor(private readonly writer: PcapngWriter) {}

  /**
   * Starts a conversation.
   *
   * @param offsets bytes per speaker that passed before the recording began; without any, the handshake is written
   */
  open(facts: FlowFacts, comment: string, offsets: readonly [client: number, server: number] = [0, 0]): PacketFlow {
    const endpoints = endpointsOf(facts);
    const initial = Math.imul(facts.id, 0x9e37_79b1) >>> 0;
    const flow: PacketFlow = {
      ...endpoints,
      ipHeaderBytes: endpoints.client.address.length === 4 ? 20 : 40,
      next: [initial, (initial ^ 0x5555_5555) >>> 0],
      comment,
      lastAt: facts.openedAt,
    };
    const hasBegun = offsets[0] + offsets[1] > 0;
    if (!hasBegun) {
      this.control(flow, 'client', facts.openedAt, syn);
      this.control(flow, 'upstream', facts.openedAt, syn | ack);
      this.control(flow, 'client', facts.openedAt, ack);
    } else {
      // There is no handshake to tell by who the client is.
      flow.comment = `${comment} ${begunBefore(endOf(flow.client), ...offsets)}`.trimStart();
      forward(flow, 0, 1 + offsets[0]);
      forward(flow, 1, 1 + offsets[1]);
    }
    return flow;
  }

  /**
   * Bytes that one side said, in as many packets as they need.
   *
   * @param read copies a piece of them, [start, start + length), into a packet; false = it was not kept, which leaves a hole in the sequence numbers
   * @returns bytes that were not there to be written
   */
  data(flow: PacketFlow, from: Speaker, at: number, length: number, read: (start: number, length: number, into: Uint8Array, at: number) => boolean): number {
    let missing = 0;
    const speaker = from === 'client' ? 0 : 1;
    const time = inOrder(flow, at);
    for (let start = 0; start < length; start += maxPayloadBytes) {
      const piece = Math.min(maxPayloadBytes, length - start);
      const headers = flow.ipHeaderBytes + tcpHeaderBytes;
      const isWritten = this.writer.packet(
        time,
        headers + piece,
        (bytes, offset) => {
          if (!read(start, piece, bytes, offset + headers)) return false;
          this.fillHeaders(flow, from, psh | ack, bytes, offset, 0, piece);
          return true;
        },
        flow.comment,
      );
      if (isWritten) flow.comment = undefined;
      else missing += piece;
      forward(flow, speaker, piece);
    }
    return missing;
  }

  /** Bytes that were never kept: a hole in the sequence numbers. */
  skip(flow: PacketFlow, from: Speaker, bytes: number): void {
    forward(flow, from === 'client' ? 0 : 1, bytes);
  }

  /** Ends a conversation as it ended: by FIN both ways, or by the RST of who reset it. */
  close(flow: PacketFlow, at: number, reason: EndReason | undefined, comment: string): void {
    const time = inOrder(flow, at);
    flow.comment = flow.comment === undefined ? comment : `${flow.comment} ${comment}`;
    switch (reason) {
      case 'clientReset':
        this.control(flow, 'client', time, rst | ack);
        return;
      case 'upstreamReset':
        this.control(flow, 'upstream', time, rst | ack);
        return;
      case 'clientClosed':
      case 'clientLeftWhileInspected':
      case 'bothClosed':
        this.finish(flow, time, 'client', 'upstream');
        return;
      default:
        this.finish(flow, time, 'upstream', 'client');
    }
  }

  private finish(flow: PacketFlow, at: number, one: Speaker, other: Speaker): void {
    this.control(flow, one, at, fin | ack);
    this.control(flow, other, at, fin | ack);
    this.control(flow, one, at, ack);
  }

  /** A packet without payload. */
  private control(flow: PacketFlow, from: Speaker, at: number, flags: number): void {
    const optionBytes = (flags & syn) === 0 ? 0 : synOptions.length;
    this.writer.packet(
      at,
      flow.ipHeaderBytes + tcpHeaderBytes + optionBytes,
      (bytes, offset) => {
        bytes.set(synOptions.subarray(0, optionBytes), offset + flow.ipHeaderBytes + tcpHeaderBytes);
        this.fillHeaders(flow, from, flags, bytes, offset, optionBytes, 0);
        return true;
      },
      flow.comment,
    );
    flow.comment = undefined;
    // SYN and FIN take a sequence number each (RFC 9293 §3.4).
    if ((flags & (syn | fin)) !== 0) forward(flow, from === 'client' ? 0 : 1, 1);
  }

  private fillHeaders(flow: PacketFlow, from: Speaker, flags: number, bytes: Uint8Array, offset: number, optionBytes: number, payloadBytes: number): void {
    const [source, target] = from === 'client' ? [flow.client, flow.server] : [flow.server, flow.client];
    const [sequence, acknowledged] = from === 'client' ? flow.next : [flow.next[1], flow.next[0]];
    const segmentLength = tcpHeaderBytes + optionBytes + payloadBytes;
    const tcp = offset + flow.ipHeaderBytes;

    if (flow.ipHeaderBytes === 20) {
      this.packetId = (this.packetId + 1) & 0xffff;
      bytes[offset] = 0x45;
      bytes[offset + 1] = 0;
      put16(bytes, offset + 2, 20 + segmentLength);
      put16(bytes, offset + 4, this.packetId);
      put16(bytes, offset + 6, 0x4000);
      bytes[offset + 8] = 64;
      bytes[offset + 9] = protocolTcp;
      put16(bytes, offset + 10, 0);
      bytes.set(source.address, offset + 12);
      bytes.set(target.address, offset + 16);
      put16(bytes, offset + 10, folded(sumOf(bytes, offset, 20)));
    } else {
      put32(bytes, offset, 0x6000_0000);
      put16(bytes, offset + 4, segmentLength);
      bytes[offset + 6] = protocolTcp;
      bytes[offset + 7] = 64;
      bytes.set(source.address, offset + 8);
      bytes.set(target.address, offset + 24);
    }

    put16(bytes, tcp, source.port);
    put16(bytes, tcp + 2, target.port);
    put32(bytes, tcp + 4, sequence);
    put32(bytes, tcp + 8, (flags & ack) === 0 ? 0 : acknowledged);
    bytes[tcp + 12] = ((tcpHeaderBytes + optionBytes) / 4) << 4;
    bytes[tcp + 13] = flags;
    put16(bytes, tcp + 14, 0xffff);
    put16(bytes, tcp + 16, 0);
    put16(bytes, tcp + 18, 0);
    // The pseudo header of RFC 9293 §3.1: both addresses, the protocol and the segment's length.
    const addresses = flow.ipHeaderBytes === 20 ? sumOf(bytes, offset + 12, 8) : sumOf(bytes, offset + 8, 32);
    put16(bytes, tcp + 16, folded(addresses + protocolTcp + segmentLength + sumOf(bytes, tcp, segmentLength)));
  }
}

function forward(flow: PacketFlow, speaker: 0 | 1, bytes: number): void {
  flow.next[speaker] = (flow.next[speaker] + bytes) % 0x1_0000_0000;
}

function inOrder(flow: PacketFlow, at: number): number {
  flow.lastAt = Math.max(flow.lastAt, at);
  return flow.lastAt;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Below this, making a view costs more than it saves. */
const shortestForWords = 128;

/** Sum of 16-bit big-endian words; exact far beyond the longest packet. */
function sumOf(bytes: Uint8Array, start: number, length: number): number {
  let sum = 0;
  let at = start;
  if (isLittleEndian && shortestForWords <= length && ((bytes.byteOffset + start) & 3) === 0) {
    // Bytes may be summed in the wrong order and swapped afterwards (RFC 1071 §2(B)): four at a time, five times faster.
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, length >>> 2);
    let swapped = 0;
    for (let index = 0; index < words.length; index++) {
      const word = words[index]!;
      swapped += (word & 0xffff) + (word >>> 16);
    }
    swapped = carried(swapped);
    sum = ((swapped & 0xff) << 8) | (swapped >>> 8);
    at += words.length * 4;
  }
  const end = start + length;
  for (; at + 1 < end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  if (at < end) sum += bytes[at]! << 8;
  return sum;
}

/** The Internet checksum of such a sum (RFC 1071). */
function folded(sum: number): number {
  return ~carried(sum) & 0xffff;
}

function carried(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest % 0x1_0000) + Math.floor(rest / 0x1_0000);
  return rest;
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Both ends as packets name them. A Unix socket or pipe has no address: it becomes 127.0.0.1 with ports made of the flow's number. */
function endpointsOf(facts: FlowFacts): { client: Endpoint; server: Endpoint } {
  const client = endpointOf(facts.client, 1024 + (facts.id % 64_000));
  const server = endpointOf(facts.local, 1);
  if (client.address.length === server.address.length) return { client, server };
  return { client: widened(client), server: widened(server) };
}

function endpointOf(end: FlowFacts['client'], placeholderPort: number): Endpoint {
  if ('path' in end) return { address: Uint8Array.of(127, 0, 0, 1), port: placeholderPort };
  return { address: parseAddress(end.host), port: end.port };
}

/** An IPv4 end as an IPv6 one, when the other end is IPv6 (RFC 4291 §2.5.5.2). */
function widened(end: Endpoint): Endpoint {
  if (end.address.length === 16) return end;
  const address = new Uint8Array(16);
  address.fill(0xff, 10, 12);
  address.set(end.address, 12);
  return { ...end, address };
}

/** @returns 4 or 16 bytes; 0.0.0.0 for what is no address, which a socket never reports */
export function parseAddress(host: string): Uint8Array {
  const text = host.split('%')[0]!.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!text.includes(':')) return Uint8Array.from({ length: 4 }, (_, index) => Number(text.split('.')[index]) || 0);
  const [left, right] = text.split('::');
  const head = wordsOf(left!);
  const tail = right === undefined ? [] : wordsOf(right);
  const words = [...head, ...new Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0), ...tail];
  return Uint8Array.from({ length: 16 }, (_, index) => (words[index >> 1]! >>> (index % 2 === 0 ? 8 : 0)) & 0xff);
}

function wordsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [parseInt(part, 16) || 0];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
