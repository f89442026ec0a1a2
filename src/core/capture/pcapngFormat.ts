// Reads pcapng: sections with interfaces of their own, packets in three kinds of block, everything else stepped over.
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-05.html

import { say } from '../../shared/sentences.js';
import { DamagedItem, maxItemBytes, millisecondsOf, type CaptureFormat, type Packet } from './captureFormat.js';

export const sectionHeaderType = 0x0a0d0d0a;
const interfaceType = 1;
const oldPacketType = 2;
const simplePacketType = 3;
const enhancedPacketType = 6;
const byteOrderMagic = 0x1a2b3c4d;

const optionEnd = 0;
const optionComment = 1;
const optionApplication = 4;
const optionTimeResolution = 9;
const optionTimeOffset = 14;

/** Type, length, and the length again at the end. */
const emptyBlockBytes = 12;
/** With interface, time and both lengths, as in enhanced and old packet blocks. */
const packetHeaderBytes = 28;
const simpleHeaderBytes = 12;

interface Interface {
  linkType: number;
  /** 0 = packets are whole */
  snapBytes: number;
  ticksPerSecond: number;
  offsetMs: number;
}

const decoder = new TextDecoder();

export class PcapngFormat implements CaptureFormat {
  private isLittleEndian = true;
  private interfaces: Interface[] = [];
  private isOurs = false;
  private lastAt = 0;
  private isLong = false;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | undefined;

  get isPassedOver(): boolean {
    return this.isLong;
  }

  need(bytes: Uint8Array, start: number, end: number): number {
    this.isLong = false;
    if (end - start < emptyBlockBytes) return emptyBlockBytes;
    const view = this.viewOf(bytes);
    const type = view.getUint32(start, this.isLittleEndian);
    // Every section has its own byte order; its first type reads the same in both.
    if (type === sectionHeaderType) this.isLittleEndian = byteOrderOf(view, start + 8);
    const length = view.getUint32(start + 4, this.isLittleEndian);
    if (length < emptyBlockBytes || length % 4 !== 0) throw new DamagedItem(say`a block says that it is ${length} bytes long`);
    if (maxItemBytes < length) {
      if (isRead(type)) throw new DamagedItem(say`a block of packets says that it is ${length} bytes long`);
      this.isLong = true;
    }
    return length;
  }

  read(bytes: Uint8Array, start: number, end: number, packet: Packet): 'packet' | 'stray' | 'other' {
    const view = this.viewOf(bytes);
    const trailer = view.getUint32(end - 4, this.isLittleEndian);
    if (trailer !== end - start) throw new DamagedItem(say`a block says at its start that it is ${end - start} bytes long, and ${trailer} at its end`);
    switch (view.getUint32(start, this.isLittleEndian)) {
      case sectionHeaderType:
        this.section(bytes, start, end);
        return 'other';
      case interfaceType:
        this.interfaces.push(this.interface(bytes, start, end));
        return 'other';
      case enhancedPacketType:
        return this.packet(bytes, start, end, view.getUint32(start + 8, this.isLittleEndian), packet);
      case oldPacketType:
        return this.packet(bytes, start, end, view.getUint16(start + 8, this.isLittleEndian), packet);
      case simplePacketType:
        return this.simplePacket(bytes, start, end, packet);
      default:
        return 'other';
    }
  }

  private section(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 28) throw new DamagedItem(say`a section header is too short`);
    const version = this.view.getUint16(start + 12, this.isLittleEndian);
    if (version !== 1) throw new DamagedItem(say`a section is of version ${version}, and only version 1 is known`);
    this.interfaces = [];
    this.isOurs = false;
    this.eachOption(bytes, start + 24, end - 4, (code, from, to) => {
      if (code === optionApplication) this.isOurs = decoder.decode(bytes.subarray(from, to)) === 'Port Prism';
    });
  }

  private interface(bytes: Uint8Array, start: number, end: number): Interface {
    if (end - start < 20) throw new DamagedItem(say`an interface description is too short`);
    const { view, isLittleEndian } = this;
    const made: Interface = {
      linkType: view.getUint16(start + 8, isLittleEndian),
      snapBytes: view.getUint32(start + 12, isLittleEndian),
      ticksPerSecond: 1e6,
      offsetMs: 0,
    };
    this.eachOption(bytes, start + 16, end - 4, (code, from, to) => {
      if (code === optionTimeResolution && from < to) made.ticksPerSecond = resolutionOf(bytes[from]!);
      if (code === optionTimeOffset && from + 8 <= to) made.offsetMs = Number(view.getBigInt64(from, isLittleEndian)) * 1000;
    });
    return made;
  }

  private packet(bytes: Uint8Array, start: number, end: number, interfaceId: number, packet: Packet): 'packet' | 'stray' {
    if (end - start < packetHeaderBytes + 4) throw new DamagedItem(say`a packet block is too short`);
    const { view, isLittleEndian } = this;
    const captured = view.getUint32(start + 20, isLittleEndian);
    const dataEnd = start + packetHeaderBytes + captured;
    if (end - 4 < dataEnd) throw new DamagedItem(say`a block of ${end - start} bytes says that its packet is ${captured} bytes long`);
    const of = this.interfaces[interfaceId];
    if (of === undefined) return 'stray';
    const high = view.getUint32(start + 12, isLittleEndian);
    const low = view.getUint32(start + 16, isLittleEndian);
    this.lastAt = millisecondsOf(high, low, of.ticksPerSecond) + of.offsetMs;
    this.fill(packet, of, bytes, start + packetHeaderBytes, dataEnd, view.getUint32(start + 24, isLittleEndian));
    const options = start + packetHeaderBytes + ((captured + 3) & ~3);
    packet.comments = options + 4 < end - 4 ? this.commentsOf(bytes, options, end - 4) : none;
    return 'packet';
  }

  /** A packet without time, interface 0 and without options: it bears the time of the one before it. */
  private simplePacket(bytes: Uint8Array, start: number, end: number, packet: Packet): 'packet' | 'stray' {
    if (end - start < simpleHeaderBytes + 4) throw new DamagedItem(say`a packet block is too short`);
    const of = this.interfaces[0];
    if (of === undefined) return 'stray';
    const wireLength = this.view.getUint32(start + 8, this.isLittleEndian);
    const room = end - 4 - (start + simpleHeaderBytes);
    const captured = Math.min(wireLength, of.snapBytes === 0 ? room : of.snapBytes, room);
    this.fill(packet, of, bytes, start + simpleHeaderBytes, start + simpleHeaderBytes + captured, wireLength);
    packet.comments = none;
    return 'packet';
  }

  private fill(packet: Packet, of: Interface, bytes: Uint8Array, start: number, end: number, wireLength: number): void {
    packet.linkType = of.linkType;
    packet.at = this.lastAt;
    packet.bytes = bytes;
    packet.start = start;
    packet.end = end;
    packet.wireLength = Math.max(wireLength, end - start);
    packet.isInOrder = this.isOurs;
  }

  private commentsOf(bytes: Uint8Array, start: number, end: number): readonly string[] {
    const comments: string[] = [];
    this.eachOption(bytes, start, end, (code, from, to) => {
      if (code === optionComment) comments.push(decoder.decode(bytes.subarray(from, to)));
    });
    return comments;
  }

  /** Options that run over the end of their block are left out: the packet is whole without them. */
  private eachOption(bytes: Uint8Array, start: number, end: number, tell: (code: number, from: number, to: number) => void): void {
    const view = this.viewOf(bytes);
    for (let at = start; at + 4 <= end; ) {
      const code = view.getUint16(at, this.isLittleEndian);
      const length = view.getUint16(at + 2, this.isLittleEndian);
      const from = at + 4;
      if (code === optionEnd || end < from + length) return;
      tell(code, from, from + length);
      at = from + ((length + 3) & ~3);
    }
  }

  private viewOf(bytes: Uint8Array): DataView {
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.view;
  }
}

const none: readonly string[] = [];

function isRead(type: number): boolean {
  return type === sectionHeaderType || type === interfaceType || type === oldPacketType || type === simplePacketType || type === enhancedPacketType;
}

/** @returns whether numbers are little-endian */
function byteOrderOf(view: DataView, at: number): boolean {
  if (view.getUint32(at, true) === byteOrderMagic) return true;
  if (view.getUint32(at, false) === byteOrderMagic) return false;
  throw new DamagedItem(say`a section header does not say its byte order`);
}

/** if_tsresol: a power of ten, or of two when the top bit is set. */
function resolutionOf(value: number): number {
  return value < 0x80 ? 10 ** value : 2 ** (value & 0x7f);
}
