// Builds captures in memory: TCP segments, IP packets, frames of every link type, and both file formats in both byte orders.
import type { CaptureEvent } from '../../src/core/capture/captureEvents.js';
import { CaptureReader } from '../../src/core/capture/captureReader.js';

export const fin = 1;
export const syn = 2;
export const rst = 4;
export const ack = 16;

export interface Tcp {
  from: 'client' | 'server';
  flags?: number;
  seq: number;
  ack?: number;
  payload?: Uint8Array | string;
}

/** Ends of a connection: the client's and the server's port, addresses by their last byte. */
export interface Ends {
  clientPort: number;
  serverPort: number;
  client?: number;
  server?: number;
}

export const someEnds: Ends = { clientPort: 50_000, serverPort: 8080 };

export function bytesOf(payload: Uint8Array | string | undefined): Buffer {
  return payload === undefined ? Buffer.alloc(0) : typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload);
}

/** A TCP header of 20 bytes and options, with its payload. Checksums are zero: nobody checks them, since network cards fill them in late. */
export function tcpSegment({ from, flags = ack, seq, ack: acknowledged = 0, payload }: Tcp, ends: Ends = someEnds, options = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(20);
  const [source, target] = from === 'client' ? [ends.clientPort, ends.serverPort] : [ends.serverPort, ends.clientPort];
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(target, 2);
  header.writeUInt32BE(seq >>> 0, 4);
  header.writeUInt32BE(acknowledged >>> 0, 8);
  header[12] = ((20 + options.length) / 4) << 4;
  header[13] = flags;
  header.writeUInt16BE(0xffff, 14);
  return Buffer.concat([header, options, bytesOf(payload)]);
}

export interface Ipv4More {
  options?: Buffer;
  identification?: number;
  /** in bytes */
  fragmentOffset?: number;
  hasMore?: boolean;
  /** as written in the header; 0 as segmentation offload leaves it */
  totalLength?: number;
  protocol?: number;
}

export function ipv4(from: Tcp['from'], payload: Uint8Array, ends: Ends = someEnds, more: Ipv4More = {}): Buffer {
  const { options = Buffer.alloc(0), identification = 1, fragmentOffset = 0, hasMore = false, protocol = 6 } = more;
  const header = Buffer.alloc(20);
  header[0] = 0x40 | ((20 + options.length) / 4);
  header.writeUInt16BE(more.totalLength ?? 20 + options.length + payload.length, 2);
  header.writeUInt16BE(identification, 4);
  header.writeUInt16BE((hasMore ? 0x2000 : 0) | (fragmentOffset / 8), 6);
  header[8] = 64;
  header[9] = protocol;
  const [client, server] = [Buffer.from([10, 0, 0, ends.client ?? 1]), Buffer.from([10, 0, 0, ends.server ?? 2])];
  header.set(from === 'client' ? client : server, 12);
  header.set(from === 'client' ? server : client, 16);
  return Buffer.concat([header, options, payload]);
}

/** @param extensions whole extension headers, each with the number by which it is called for and room for the next one's in its first byte */
export function ipv6(from: Tcp['from'], payload: Uint8Array, ends: Ends = someEnds, extensions: { number: number; bytes: Buffer }[] = [], payloadLength?: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header[7] = 64;
  const address = (last: number): Buffer => Buffer.from(`20010db80000000000000000000000${last.toString(16).padStart(2, '0')}`, 'hex');
  const [client, server] = [address(ends.client ?? 1), address(ends.server ?? 2)];
  header.set(from === 'client' ? client : server, 8);
  header.set(from === 'client' ? server : client, 24);
  const numbers = [...extensions.map(({ number }) => number), 6];
  header[6] = numbers[0]!;
  const headers = extensions.map(({ bytes }, index) => Buffer.concat([Buffer.from([numbers[index + 1]!]), bytes.subarray(1)]));
  const body = Buffer.concat([...headers, payload]);
  header.writeUInt16BE(payloadLength ?? body.length, 4);
  return Buffer.concat([header, body]);
}

function typeOf(ip: Buffer): Buffer {
  return Buffer.from(ip[0]! >> 4 === 4 ? '0800' : '86dd', 'hex');
}

/** Frames by name: link type of the registry, and what stands before the IP packet. */
export const links: Record<string, { linkType: number; frame(ip: Buffer): Buffer }> = {
  ethernet: { linkType: 1, frame: (ip) => Buffer.concat([Buffer.alloc(12, 0xaa), typeOf(ip), ip]) },
  'ethernet, padded to 60 bytes': { linkType: 1, frame: (ip) => Buffer.concat([Buffer.alloc(12, 0xaa), typeOf(ip), ip, Buffer.alloc(Math.max(0, 46 - ip.length) + 4, 0xee)]) },
  'ethernet, 802.1Q': { linkType: 1, frame: (ip) => Buffer.concat([Buffer.alloc(12, 0xaa), Buffer.from('81000064', 'hex'), typeOf(ip), ip]) },
  'ethernet, QinQ': { linkType: 1, frame: (ip) => Buffer.concat([Buffer.alloc(12, 0xaa), Buffer.from('88a80064810000c8', 'hex'), typeOf(ip), ip]) },
  raw: { linkType: 101, frame: (ip) => ip },
  'raw, IPv4 or IPv6 by number': { linkType: 228, frame: (ip) => ip },
  'loopback, little-endian': { linkType: 0, frame: (ip) => Buffer.concat([Buffer.from(ip[0]! >> 4 === 4 ? '02000000' : '1e000000', 'hex'), ip]) },
  'loopback, big-endian': { linkType: 0, frame: (ip) => Buffer.concat([Buffer.from(ip[0]! >> 4 === 4 ? '00000002' : '0000001c', 'hex'), ip]) },
  'loopback of OpenBSD': { linkType: 108, frame: (ip) => Buffer.concat([Buffer.from(ip[0]! >> 4 === 4 ? '00000002' : '00000018', 'hex'), ip]) },
  'Linux cooked': { linkType: 113, frame: (ip) => Buffer.concat([Buffer.from('00000304000600000000000000000000', 'hex').subarray(0, 14), typeOf(ip), ip]) },
  'Linux cooked 2': { linkType: 276, frame: (ip) => Buffer.concat([typeOf(ip), Buffer.from('000000000001030400060000000000000000', 'hex'), ip]) },
};

export interface Frame {
  bytes: Uint8Array;
  /** in epoch milliseconds */
  at?: number;
  /** bytes on the wire, when fewer were captured */
  wireLength?: number;
  comments?: string[];
}

/** Words and half-words in one of the byte orders. */
export class Writer {
  private readonly parts: Buffer[] = [];

  constructor(readonly isLittleEndian: boolean) {}

  u16(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(2);
      if (this.isLittleEndian) part.writeUInt16LE(value);
      else part.writeUInt16BE(value);
      this.parts.push(part);
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(4);
      if (this.isLittleEndian) part.writeUInt32LE(value >>> 0);
      else part.writeUInt32BE(value >>> 0);
      this.parts.push(part);
    }
    return this;
  }

  bytes(...values: Uint8Array[]): this {
    this.parts.push(...values.map((value) => Buffer.from(value)));
    return this;
  }

  /** Padded to whole words. */
  padded(value: Uint8Array): this {
    return this.bytes(value, Buffer.alloc(-value.length & 3));
  }

  done(): Buffer {
    return Buffer.concat(this.parts);
  }
}

export interface FileShape {
  isLittleEndian?: boolean;
  isNanosecond?: boolean;
  linkType?: number;
  snapBytes?: number;
}

export function pcap(frames: readonly Frame[], { isLittleEndian = true, isNanosecond = false, linkType = 1, snapBytes = 262_144 }: FileShape = {}): Buffer {
  const file = new Writer(isLittleEndian).u32(isNanosecond ? 0xa1b23c4d : 0xa1b2c3d4).u16(2, 4).u32(0, 0, snapBytes, linkType);
  for (const { bytes, at = 0, wireLength = bytes.length } of frames) {
    const seconds = Math.floor(at / 1000);
    file.u32(seconds, Math.round((at - seconds * 1000) * (isNanosecond ? 1e6 : 1e3)), bytes.length, wireLength).bytes(bytes);
  }
  return file.done();
}

/** Options of a pcapng block, with their end. */
export function options(order: Writer['isLittleEndian'], list: [code: number, value: Uint8Array][]): Buffer {
  if (list.length === 0) return Buffer.alloc(0);
  const made = new Writer(order);
  for (const [code, value] of list) made.u16(code, value.length).padded(value);
  return made.u32(0).done();
}

export function block(isLittleEndian: boolean, type: number, body: Uint8Array): Buffer {
  const length = 12 + body.length + (-body.length & 3);
  return new Writer(isLittleEndian).u32(type, length).padded(body).u32(length).done();
}

export function section(isLittleEndian = true, list: [number, Uint8Array][] = []): Buffer {
  return block(isLittleEndian, 0x0a0d0d0a, new Writer(isLittleEndian).u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).bytes(options(isLittleEndian, list)).done());
}

export function iface(linkType: number, isLittleEndian = true, snapBytes = 0, list: [number, Uint8Array][] = []): Buffer {
  return block(isLittleEndian, 1, new Writer(isLittleEndian).u16(linkType, 0).u32(snapBytes).bytes(options(isLittleEndian, list)).done());
}

/** @param ticks of the interface's clock */
export function enhanced({ bytes, wireLength = bytes.length, comments = [] }: Frame, ticks: bigint, interfaceId = 0, isLittleEndian = true): Buffer {
  const list = comments.map((comment): [number, Uint8Array] => [1, Buffer.from(comment)]);
  const body = new Writer(isLittleEndian).u32(interfaceId, Number(ticks >> 32n), Number(ticks & 0xffffffffn), bytes.length, wireLength).padded(bytes).bytes(options(isLittleEndian, list));
  return block(isLittleEndian, 6, body.done());
}

export function pcapng(frames: readonly Frame[], { isLittleEndian = true, linkType = 1 }: FileShape = {}): Buffer {
  const packets = frames.map((frame) => enhanced(frame, BigInt(Math.round((frame.at ?? 0) * 1000)), 0, isLittleEndian));
  return Buffer.concat([section(isLittleEndian), iface(linkType, isLittleEndian), ...packets]);
}

/** What one side said: latin1 text, with `<N missing>` and `<N cut>` where bytes are not there. */
export interface Heard {
  flow: number;
  client: string;
  server: string;
  isPartial: boolean;
  clientBy: string;
  said: { client: string; upstream: string };
  ended: string[];
  reason: string;
  comments: string[];
}

export interface Replay {
  flows: Heard[];
  events: CaptureEvent[];
  finished: Extract<CaptureEvent, { kind: 'finished' }>;
}

/** Reads a file in pieces of `pieceBytes`, copying what is only a view, and puts together what each side said; offsets have to fit, and bytes stand in the file where it is said. */
export function replay(file: Uint8Array, pieceBytes = file.length): Replay {
  const reader = new CaptureReader('test.pcap');
  const events: CaptureEvent[] = [];
  const keep = (batch: CaptureEvent[]): void => {
    for (const event of batch) {
      if (event.kind === 'chunk' && 0 <= event.position && !Buffer.from(event.bytes).equals(file.subarray(event.position, event.position + event.bytes.length))) {
        throw new Error(`the bytes at ${event.offset} of flow ${event.flow} are not those at ${event.position} of the file`);
      }
      events.push(event.kind === 'chunk' ? { ...event, bytes: event.bytes.slice() } : event);
    }
  };
  for (let at = 0; at < file.length; at += Math.max(1, pieceBytes)) {
    // A copy that is overwritten afterwards, as the memory of pieces is.
    const piece = Uint8Array.from(file.subarray(at, at + Math.max(1, pieceBytes)));
    keep(reader.push(piece));
    piece.fill(0xdd);
  }
  keep(reader.end());
  return { events, flows: heard(events), finished: events.at(-1) as Replay['finished'] };
}

function heard(events: readonly CaptureEvent[]): Heard[] {
  const flows = new Map<number, Heard>();
  const offsets = new Map<string, number>();
  for (const event of events) {
    if (event.kind === 'finished') continue;
    if (event.kind === 'opened') {
      const { flow, client, server, isPartial, clientBy } = event;
      flows.set(flow, { flow, client: `${client.host} ${client.port}`, server: `${server.host} ${server.port}`, isPartial, clientBy, said: { client: '', upstream: '' }, ended: [], reason: '', comments: [] });
      continue;
    }
    const flow = flows.get(event.flow);
    if (flow === undefined || flow.reason !== '') throw new Error(`${event.kind} of flow ${event.flow}, which is not open`);
    switch (event.kind) {
      case 'chunk':
      case 'gap': {
        const key = `${event.flow} ${event.from}`;
        const length = event.kind === 'chunk' ? event.bytes.length : event.length;
        if ((offsets.get(key) ?? 0) !== event.offset || length === 0) throw new Error(`${event.kind} of ${length} bytes at ${event.offset}, and not at ${offsets.get(key) ?? 0}`);
        offsets.set(key, event.offset + length);
        flow.said[event.from] += event.kind === 'chunk' ? Buffer.from(event.bytes).toString('latin1') : `<${length} ${event.why === 'cut' ? 'cut' : 'missing'}>`;
        break;
      }
      case 'ended':
        flow.ended.push(event.from);
        break;
      case 'closed':
        flow.reason = event.reason;
        break;
      case 'comment':
        flow.comments.push(event.text);
        break;
    }
  }
  return [...flows.values()];
}

/** Speaks a conversation as packets: keeps both sides' sequence numbers. */
export class Conversation {
  readonly frames: Frame[] = [];
  private seq: { client: number; server: number };
  at = 1_700_000_000_000;

  constructor(private readonly ends: Ends = someEnds, clientIsn = 1000, serverIsn = 5000, private readonly frame: (ip: Buffer) => Buffer = links['ethernet']!.frame) {
    this.seq = { client: clientIsn, server: serverIsn };
  }

  /** A packet as it is, without keeping numbers. */
  packet(tcp: Tcp, more: Partial<Frame> = {}): this {
    this.at += 1;
    this.frames.push({ bytes: this.frame(ipv4(tcp.from, tcpSegment(tcp, this.ends), this.ends)), at: this.at, ...more });
    return this;
  }

  open(): this {
    return this.send('client', syn).send('server', syn | ack).send('client', ack);
  }

  say(from: Tcp['from'], payload: Uint8Array | string, more: Partial<Frame> = {}): this {
    return this.send(from, ack | 8, payload, more);
  }

  close(first: Tcp['from'] = 'client'): this {
    const other = first === 'client' ? 'server' : 'client';
    return this.send(first, fin | ack).send(other, fin | ack).send(first, ack);
  }

  /** Takes numbers as a packet would, without one: it is lost. */
  lose(from: Tcp['from'], length: number): this {
    this.seq[from] = (this.seq[from] + length) >>> 0;
    return this;
  }

  next(from: Tcp['from']): number {
    return this.seq[from];
  }

  send(from: Tcp['from'], flags: number, payload: Uint8Array | string = '', more: Partial<Frame> = {}): this {
    const other = from === 'client' ? 'server' : 'client';
    this.packet({ from, flags, seq: this.seq[from], ...((flags & ack) === 0 ? {} : { ack: this.seq[other] }), payload }, more);
    return this.lose(from, payload.length + ((flags & (syn | fin)) === 0 ? 0 : 1));
  }
}
