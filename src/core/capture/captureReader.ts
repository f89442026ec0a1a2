// Capture files piece by piece: bytes in, events out. A pure function of the bytes, whatever the pieces are.

import { captureNotReadable } from '../../shared/errors.js';
import { say, type Sentence } from '../../shared/sentences.js';
import { noCounts, type BrokenCapture, type CaptureCounts, type CaptureEvent, type NotDecoded } from './captureEvents.js';
import { DamagedItem, emptyPacket, type CaptureFormat } from './captureFormat.js';
import { Fragments } from './fragments.js';
import { emptySegment, readSegment } from './ipPacket.js';
import { ipStart, notRead, tooShort } from './linkLayer.js';
import { pcapFormatOf } from './pcapFormat.js';
import { PcapngFormat, sectionHeaderType } from './pcapngFormat.js';
import { TcpAssembler } from './tcpAssembler.js';

const magicBytes = 4;
/** Numbers of link types that are remembered, to be told; a file has one or two. */
const maxLinkTypes = 16;

/**
 * Memory: one item of the file (16 MiB at most, one packet usually), 64 MiB of bytes that wait for their turn, 4 MiB of fragments, and
 * about 1 KB for each of 65,536 connections that are open at once.
 */
export class CaptureReader {
  private format: CaptureFormat | undefined;
  private readonly packet = emptyPacket();
  private readonly segment = emptySegment();
  private readonly fragments = new Fragments();
  private readonly counts: CaptureCounts = noCounts();
  private readonly tcp = new TcpAssembler((event) => this.events.push(event));
  private events: CaptureEvent[] = [];
  /** the beginning of an item whose end has not come */
  private begun = new Uint8Array(0);
  private begunBytes = 0;
  /** bytes that are still to be passed over */
  private passOver = 0;
  /** of the file, before the piece that is read */
  private offset = 0;
  private broken: BrokenCapture | undefined;

  /** @param name of the file, for sentences */
  constructor(private readonly name: string) {}

  /** The file cannot be read further: more pieces change nothing. */
  get isBroken(): boolean {
    return this.broken !== undefined;
  }

  /** Packets so far. */
  get packets(): number {
    return this.counts.packets;
  }

  /**
   * Reads the next piece.
   *
   * @returns events whose bytes are views of the piece
   * @throws MuxError `captureNotReadable` when it is no capture file
   */
  push(piece: Uint8Array): CaptureEvent[] {
    this.events = [];
    let at = 0;
    while (at < piece.length && this.broken === undefined) {
      if (0 < this.passOver) {
        const passed = Math.min(this.passOver, piece.length - at);
        this.passOver -= passed;
        at += passed;
      } else {
        at = this.begunBytes === 0 ? this.readFrom(piece, at) : this.complete(piece, at);
      }
    }
    this.offset += piece.length;
    return this.events;
  }

  /** The file has ended. @returns what was still to be told, and how it went */
  end(): CaptureEvent[] {
    this.events = [];
    if (this.format === undefined) throw captureNotReadable(this.name, this.offset === 0 ? say`it is empty` : say`it is only ${this.offset} bytes long`);
    if (this.broken === undefined && (0 < this.begunBytes || 0 < this.passOver)) {
      const start = this.offset - this.begunBytes;
      this.breakAt(start, 0 < this.passOver ? say`the file ends inside a block` : say`the file ends after ${this.begunBytes} bytes of a block or record`);
    }
    this.tcp.end();
    this.fragments.end();
    this.counts.notDecoded.fragment += this.fragments.lost;
    this.events.push({ kind: 'finished', counts: this.counts, broken: this.broken });
    return this.events;
  }

  /** Reads items that lie in the piece as a whole. @returns how far it got; the piece's end when the rest is kept for the next one */
  private readFrom(piece: Uint8Array, start: number): number {
    let at = start;
    while (at < piece.length) {
      const need = this.need(piece, at, piece.length, this.offset + at);
      if (need === undefined) return piece.length;
      if (0 < this.passOver) return at;
      if (piece.length - at < need) {
        this.begun = new Uint8Array(need);
        this.begun.set(piece.subarray(at));
        this.begunBytes = piece.length - at;
        return piece.length;
      }
      this.item(piece, at, at + need, this.offset + at);
      at += need;
      if (this.broken !== undefined) return piece.length;
    }
    return at;
  }

  /** Takes as much of the piece as the item that was begun lacks, first of its header, then of all of it. */
  private complete(piece: Uint8Array, start: number): number {
    let at = start;
    const itemOffset = this.offset + start - this.begunBytes;
    for (;;) {
      const need = this.need(this.begun, 0, this.begunBytes, itemOffset);
      if (need === undefined) return piece.length;
      if (0 < this.passOver) {
        this.passOver -= this.begunBytes;
        this.begunBytes = 0;
        return at;
      }
      if (need <= this.begunBytes) {
        const [bytes, length] = [this.begun, this.begunBytes];
        this.begunBytes = 0;
        this.item(bytes, 0, length, itemOffset);
        return at;
      }
      if (at === piece.length) return at;
      if (this.begun.length < need) {
        const longer = new Uint8Array(need);
        longer.set(this.begun.subarray(0, this.begunBytes));
        this.begun = longer;
      }
      const taken = Math.min(need - this.begunBytes, piece.length - at);
      this.begun.set(piece.subarray(at, at + taken), this.begunBytes);
      this.begunBytes += taken;
      at += taken;
    }
  }

  /** @returns bytes that the item takes; undefined when the file is broken there */
  private need(bytes: Uint8Array, start: number, end: number, offset: number): number | undefined {
    if (this.format === undefined) {
      if (end - start < magicBytes) return magicBytes;
      this.format = this.formatOf(bytes, start);
    }
    try {
      const need = this.format.need(bytes, start, end);
      if (this.format.isPassedOver) this.passOver = need;
      return need;
    } catch (fault) {
      this.damaged(fault, offset);
      return undefined;
    }
  }

  private formatOf(bytes: Uint8Array, start: number): CaptureFormat {
    const format = pcapFormatOf(bytes, start);
    if (format !== undefined) return format;
    const magic = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start);
    if (magic === sectionHeaderType) return new PcapngFormat();
    throw captureNotReadable(this.name, magic >>> 16 === 0x1f8b ? say`it is compressed; unpack it with gunzip first` : say`it is neither pcap nor pcapng`);
  }

  private item(bytes: Uint8Array, start: number, end: number, offset: number): void {
    try {
      const kind = this.format!.read(bytes, start, end, this.packet);
      if (kind === 'other') return;
      this.counts.packets += 1;
      this.packet.origin = offset - start;
      const fate = kind === 'stray' ? 'noInterface' : this.decode();
      if (fate !== undefined) this.counts.notDecoded[fate] += 1;
    } catch (fault) {
      this.damaged(fault, offset);
    }
  }

  /** @returns why the packet is not part of a conversation, or undefined */
  private decode(): NotDecoded | undefined {
    const { packet, segment } = this;
    const ip = ipStart(packet.linkType, packet.bytes, packet.start, packet.end);
    if (ip === notRead) {
      const { unreadLinkTypes } = this.counts;
      if (unreadLinkTypes.length < maxLinkTypes && !unreadLinkTypes.includes(packet.linkType)) unreadLinkTypes.push(packet.linkType);
      return 'linkType';
    }
    if (ip < 0) return ip === tooShort ? 'malformed' : 'notIp';
    const found = readSegment(packet, ip, this.fragments, segment);
    if (found === 'waiting') return undefined;
    if (found !== 'segment') return found;
    return this.tcp.add(segment, packet.comments, packet.isInOrder) ? undefined : 'late';
  }

  private damaged(fault: unknown, offset: number): void {
    if (!(fault instanceof DamagedItem)) throw fault;
    this.breakAt(offset, fault.message);
  }

  private breakAt(offset: number, phrase: Sentence): void {
    this.begunBytes = 0;
    this.passOver = 0;
    this.broken = { offset, message: say`${this.name} is damaged at byte ${offset}: ${phrase}. What comes before was read.` };
  }
}
