// Reads classic pcap: one header, then records of 16 bytes and a packet each.
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-07.html

import { say } from '../../shared/sentences.js';
import { DamagedItem, type CaptureFormat, type Packet } from './captureFormat.js';

const microsecondMagic = 0xa1b2c3d4;
const nanosecondMagic = 0xa1b23c4d;

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;

/** No capture program keeps more of a packet (libpcap's MAXIMUM_SNAPLEN): a longer record is not a record. */
const maxCapturedBytes = 262_144;

/** @returns how a file that starts with these four bytes is read, or undefined when it is no pcap */
export function pcapFormatOf(bytes: Uint8Array, start: number): PcapFormat | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const isLittleEndian of [true, false]) {
    const magic = view.getUint32(start, isLittleEndian);
    if (magic === microsecondMagic) return new PcapFormat(isLittleEndian, 1e6);
    if (magic === nanosecondMagic) return new PcapFormat(isLittleEndian, 1e9);
  }
  return undefined;
}

export class PcapFormat implements CaptureFormat {
  readonly isPassedOver = false;
  private hasHeader = false;
  private linkType = 0;
  private snapBytes = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  private viewed: Uint8Array | undefined;

  constructor(private readonly isLittleEndian: boolean, private readonly ticksPerSecond: number) {}

  need(bytes: Uint8Array, start: number, end: number): number {
    if (!this.hasHeader) return fileHeaderBytes;
    if (end - start < recordHeaderBytes) return recordHeaderBytes;
    const captured = this.viewOf(bytes).getUint32(start + 8, this.isLittleEndian);
    if (Math.max(maxCapturedBytes, this.snapBytes) < captured) throw new DamagedItem(say`a packet record says that it holds ${captured} bytes`);
    return recordHeaderBytes + captured;
  }

  read(bytes: Uint8Array, start: number, end: number, packet: Packet): 'packet' | 'other' {
    const view = this.viewOf(bytes);
    const { isLittleEndian } = this;
    if (!this.hasHeader) {
      this.hasHeader = true;
      this.snapBytes = Math.min(view.getUint32(start + 16, isLittleEndian), maxCapturedBytes * 4);
      // The upper half says whether frames end in a checksum; lengths inside the packets tell as much.
      this.linkType = view.getUint32(start + 20, isLittleEndian) & 0xffff;
      return 'other';
    }
    const seconds = view.getUint32(start, isLittleEndian);
    const fraction = view.getUint32(start + 4, isLittleEndian);
    packet.linkType = this.linkType;
    // One division keeps microseconds exact; nanoseconds since 1970 are beyond 2^53.
    packet.at = this.ticksPerSecond === 1e6 ? (seconds * 1e6 + fraction) / 1000 : seconds * 1000 + fraction / 1e6;
    packet.bytes = bytes;
    packet.start = start + recordHeaderBytes;
    packet.end = end;
    packet.wireLength = Math.max(view.getUint32(start + 12, isLittleEndian), end - packet.start);
    packet.comments = [];
    packet.isInOrder = false;
    return 'packet';
  }

  private viewOf(bytes: Uint8Array): DataView {
    if (this.viewed !== bytes) {
      this.viewed = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.view;
  }
}
