// Puts fragmented IP packets together, within bounds: TCP avoids fragments, so few of them wait at a time.

/** Packets of which pieces wait; the oldest gives way. With 64 KiB each, 4 MiB at most. */
const maxWaiting = 64;
/** An IP packet's payload cannot be longer (RFC 791 §3.1, RFC 8200 §3). */
const maxPayloadBytes = 65_535;

interface Waiting {
  pieces: { offset: number; bytes: Uint8Array }[];
  /** known once the last piece has come */
  length: number | undefined;
  /** what the first piece says that follows */
  next: number;
}

export class Fragments {
  private readonly waiting = new Map<string, Waiting>();

  /** pieces that were given up */
  lost = 0;

  /**
   * Takes a copy of one piece.
   *
   * @param key addresses and identification of the packet that it is a piece of
   * @returns the whole packet's payload when this was the last piece that it lacked
   */
  add([addresses, identification]: readonly [Uint8Array, number], offset: number, hasMore: boolean, piece: Uint8Array, next: number): { bytes: Uint8Array; next: number } | 'waiting' | 'malformed' {
    const end = offset + piece.length;
    // All pieces but the last are of 8-byte units.
    if (maxPayloadBytes < end || (hasMore && piece.length % 8 !== 0)) return 'malformed';
    const key = `${addresses.join('.')} ${identification}`;
    let packet = this.waiting.get(key);
    if (packet === undefined) {
      packet = { pieces: [], length: undefined, next };
      this.waiting.set(key, packet);
      if (maxWaiting < this.waiting.size) this.giveUp(this.waiting.keys().next().value!);
    }
    if (offset === 0) packet.next = next;
    if (!hasMore) packet.length = end;
    const { pieces } = packet;
    const place = pieces.findIndex((other) => offset <= other.offset);
    const at = place < 0 ? pieces.length : place;
    if (pieces[at]?.offset === offset && pieces[at].bytes.length === piece.length) return 'waiting';
    pieces.splice(at, 0, { offset, bytes: piece.slice() });
    if (packet.length === undefined) return 'waiting';

    let reached = 0;
    for (const { offset: start, bytes } of pieces) {
      if (reached < start) return 'waiting';
      // Pieces that overlap are an attack or a fault, and the packet is not to be used (RFC 5722 §4).
      if (start < reached) return this.refuse(key);
      reached = start + bytes.length;
    }
    if (reached < packet.length) return 'waiting';
    if (packet.length < reached) return this.refuse(key);
    this.waiting.delete(key);
    const whole = new Uint8Array(reached);
    for (const { offset: start, bytes } of pieces) whole.set(bytes, start);
    return { bytes: whole, next: packet.next };
  }

  /** The file has ended: what still waits is given up. */
  end(): void {
    for (const key of [...this.waiting.keys()]) this.giveUp(key);
  }

  private refuse(key: string): 'malformed' {
    this.giveUp(key);
    // This piece is counted by who hears of it.
    this.lost -= 1;
    return 'malformed';
  }

  private giveUp(key: string): void {
    this.lost += this.waiting.get(key)?.pieces.length ?? 0;
    this.waiting.delete(key);
  }
}
