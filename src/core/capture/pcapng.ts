// Writes pcapng, the file format of Wireshark: blocks, each whole before it leaves, so that a file that a crash cut off
// is readable up to there. What the packets carry is pcapngTcp.ts' business.
// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-05.html

const sectionHeaderType = 0x0a0d0d0a;
const interfaceType = 1;
const enhancedPacketType = 6;
const byteOrderMagic = 0x1a2b3c4d;

const optionEnd = 0;
const optionComment = 1;
const optionInterfaceName = 2;
const optionApplication = 4;
const optionTimeResolution = 9;

/** Packets start with their IPv4 or IPv6 header (LINKTYPE_RAW). */
const linkTypeRaw = 101;

/** Block header, interface, time, two lengths; the packet follows. */
const packetHeaderBytes = 28;

/** Collected before they are handed on: large writes are what disks like. */
const bufferBytes = 1 << 20;

/** Option values have 16-bit lengths; a comment longer than this is cut. */
const maxCommentBytes = 4096;

const encoder = new TextEncoder();

/** Builds blocks one after another and hands them on in large pieces. */
export class PcapngWriter {
  private bytes = notZeroed(bufferBytes);
  private view = new DataView(this.bytes.buffer);
  private used = 0;

  packets = 0;
  /** bytes of all blocks so far */
  written = 0;

  /** @param sink takes ownership of each piece; a piece consists of whole blocks */
  constructor(private readonly sink: (blocks: Uint8Array) => void) {
    this.sectionHeader();
    this.interfaceDescription();
  }

  /**
   * One packet.
   *
   * @param at epoch milliseconds with a fraction
   * @param length of the packet in bytes
   * @param fill writes the packet into `bytes` from `offset`; false = there is none after all, and no block is written
   */
  packet(at: number, length: number, fill: (bytes: Uint8Array, offset: number) => boolean, comment?: string): boolean {
    const commentBytes = comment === undefined ? undefined : encoder.encode(comment).subarray(0, maxCommentBytes);
    const optionBytes = commentBytes === undefined ? 0 : 4 + padded(commentBytes.length) + 4;
    const total = packetHeaderBytes + padded(length) + optionBytes + 4;
    this.reserve(total);
    const start = this.used;
    const { bytes, view } = this;
    if (!fill(bytes, start + packetHeaderBytes)) return false;

    const microseconds = Math.round(at * 1000);
    view.setUint32(start, enhancedPacketType, true);
    view.setUint32(start + 4, total, true);
    view.setUint32(start + 8, 0, true);
    view.setUint32(start + 12, Math.floor(microseconds / 0x1_0000_0000), true);
    view.setUint32(start + 16, microseconds % 0x1_0000_0000, true);
    view.setUint32(start + 20, length, true);
    view.setUint32(start + 24, length, true);
    bytes.fill(0, start + packetHeaderBytes + length, start + packetHeaderBytes + padded(length));
    this.used = start + packetHeaderBytes + padded(length);
    if (commentBytes !== undefined) {
      this.option(optionComment, commentBytes);
      this.endOptions();
    }
    this.endBlock(start);
    this.packets += 1;
    return true;
  }

  /** Hands on what was collected. */
  flush(): void {
    if (this.used === 0) return;
    const piece = this.bytes.subarray(0, this.used);
    // A mostly empty buffer is copied and stays in use; a full one moves on.
    if (this.used * 4 < this.bytes.length) {
      this.sink(piece.slice());
    } else {
      this.sink(piece);
      this.replaceBuffer(bufferBytes);
    }
    this.used = 0;
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length - this.used) return;
    this.flush();
    if (this.bytes.length < length) this.replaceBuffer(length);
  }

  private replaceBuffer(length: number): void {
    this.bytes = notZeroed(length);
    this.view = new DataView(this.bytes.buffer);
  }

  private sectionHeader(): void {
    const start = this.beginBlock(sectionHeaderType);
    this.view.setUint32(this.used, byteOrderMagic, true);
    this.view.setUint16(this.used + 4, 1, true);
    this.view.setUint16(this.used + 6, 0, true);
    // Section length -1: not known beforehand.
    this.view.setInt32(this.used + 8, -1, true);
    this.view.setInt32(this.used + 12, -1, true);
    this.used += 16;
    this.option(optionApplication, encoder.encode('Port Prism'));
    this.endOptions();
    this.endBlock(start);
  }

  private interfaceDescription(): void {
    const start = this.beginBlock(interfaceType);
    this.view.setUint16(this.used, linkTypeRaw, true);
    this.view.setUint16(this.used + 2, 0, true);
    // Snap length 0: packets are never cut.
    this.view.setUint32(this.used + 4, 0, true);
    this.used += 8;
    this.option(optionInterfaceName, encoder.encode('port-prism'));
    // 10^-6 seconds.
    this.option(optionTimeResolution, Uint8Array.of(6));
    this.endOptions();
    this.endBlock(start);
  }

  private beginBlock(type: number): number {
    const start = this.used;
    this.view.setUint32(start, type, true);
    this.used = start + 8;
    return start;
  }

  private option(code: number, value: Uint8Array): void {
    this.view.setUint16(this.used, code, true);
    this.view.setUint16(this.used + 2, value.length, true);
    this.bytes.set(value, this.used + 4);
    this.bytes.fill(0, this.used + 4 + value.length, this.used + 4 + padded(value.length));
    this.used += 4 + padded(value.length);
  }

  private endOptions(): void {
    this.view.setUint32(this.used, optionEnd, true);
    this.used += 4;
  }

  private endBlock(start: number): void {
    const total = this.used + 4 - start;
    this.view.setUint32(start + 4, total, true);
    this.view.setUint32(this.used, total, true);
    this.used += 4;
    this.written += total;
  }
}

/** Memory as it is: every byte of a block is written before the block leaves. A plain array, since a Buffer's `slice` is a view. */
function notZeroed(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** Blocks are made of 32-bit words. */
function padded(length: number): number {
  return (length + 3) & ~3;
}
