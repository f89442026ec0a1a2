// The connections of a capture file by their two ends, whichever end a packet comes from; bounded.

import { u32At } from '../bytes.js';
import type { PacketEnd } from './captureEvents.js';
import type { Segment } from './ipPacket.js';
import type { TcpHalf } from './tcpHalf.js';

/** Open connections that are followed; each is about 1 KB, so 64 MB at most. */
export const maxOpenConnections = 65_536;
/** Closed ones that are remembered, so that their late packets are known for what they are. */
const maxClosedConnections = 4096;

export interface End {
  address: Uint8Array;
  port: number;
}

export interface Connection {
  flow: number;
  client: End;
  server: End;
  fromClient: TcpHalf;
  fromServer: TcpHalf;
  /** sequence number of each side's SYN, as far as it is known */
  clientSyn: number | undefined;
  serverSyn: number | undefined;
  isPartial: boolean;
  isClosed: boolean;
  /** who said FIN first */
  firstToEnd: 'client' | 'upstream' | undefined;
  lastAt: number;
  /** number of its last packet in the file */
  lastPacket: number;
  hash: number;
  /** another one whose ends have the same hash */
  next: Connection | undefined;
}

export class ConnectionTable {
  private readonly byHash = new Map<number, Connection>();
  /** in the order they were opened or last looked at */
  private readonly open = new Set<Connection>();
  private closed: Connection[] = [];
  private closedStart = 0;

  /** Open ones, oldest first. */
  get live(): Iterable<Connection> {
    return this.open;
  }

  find(segment: Segment): Connection | undefined {
    for (let found = this.byHash.get(hashOf(segment)); found !== undefined; found = found.next) {
      if (isFromClient(found, segment) || isFromServer(found, segment)) return found;
    }
    return undefined;
  }

  /** @returns a connection that has to be closed, so that the others are followed */
  add(connection: Connection, packets: number): Connection | undefined {
    connection.next = this.byHash.get(connection.hash);
    this.byHash.set(connection.hash, connection);
    this.open.add(connection);
    return this.open.size <= maxOpenConnections ? undefined : this.stalest(packets);
  }

  close(connection: Connection): void {
    if (!this.open.delete(connection)) return;
    connection.isClosed = true;
    this.closed.push(connection);
    if (this.closed.length - this.closedStart <= maxClosedConnections) return;
    this.remove(this.closed[this.closedStart]!);
    this.closedStart += 1;
    if (this.closedStart < maxClosedConnections) return;
    this.closed = this.closed.slice(this.closedStart);
    this.closedStart = 0;
  }

  /** Lets go of a closed connection whose ends another one takes. */
  remove(connection: Connection): void {
    let found = this.byHash.get(connection.hash);
    if (found === connection) {
      if (connection.next === undefined) this.byHash.delete(connection.hash);
      else this.byHash.set(connection.hash, connection.next);
      return;
    }
    for (; found !== undefined; found = found.next) if (found.next === connection) found.next = connection.next;
  }

  /** The first that was quiet while as many packets passed as there are connections; those that were not get a second chance. */
  private stalest(packets: number): Connection {
    for (const connection of this.open) {
      if (connection.lastPacket + maxOpenConnections < packets) return connection;
      if (packets <= connection.lastPacket) break;
      this.open.delete(connection);
      this.open.add(connection);
    }
    return this.open.values().next().value!;
  }
}

export function isFromClient({ client, server }: Connection, segment: Segment): boolean {
  return isEnd(client, segment, segment.sourceAt, segment.sourcePort) && isEnd(server, segment, segment.targetAt, segment.targetPort);
}

function isFromServer({ client, server }: Connection, segment: Segment): boolean {
  return isEnd(server, segment, segment.sourceAt, segment.sourcePort) && isEnd(client, segment, segment.targetAt, segment.targetPort);
}

function isEnd({ address, port }: End, { ip, addressBytes }: Segment, at: number, portOfSegment: number): boolean {
  if (port !== portOfSegment || address.length !== addressBytes) return false;
  for (let index = 0; index < addressBytes; index++) if (address[index] !== ip[at + index]) return false;
  return true;
}

export function sourceOf({ ip, sourceAt, addressBytes, sourcePort }: Segment): End {
  return { address: ip.slice(sourceAt, sourceAt + addressBytes), port: sourcePort };
}

export function targetOf({ ip, targetAt, addressBytes, targetPort }: Segment): End {
  return { address: ip.slice(targetAt, targetAt + addressBytes), port: targetPort };
}

/** The same for both directions. */
export function hashOf({ ip, addressBytes, sourceAt, targetAt, sourcePort, targetPort }: Segment): number {
  return hashOfEnd(ip, sourceAt, addressBytes, sourcePort) + hashOfEnd(ip, targetAt, addressBytes, targetPort);
}

function hashOfEnd(bytes: Uint8Array, at: number, length: number, port: number): number {
  let hash = Math.imul(port, 0x9e37_79b1);
  for (let index = 0; index < length; index += 4) hash = Math.imul(hash ^ u32At(bytes, at + index), 0x85eb_ca6b) ^ (hash >>> 15);
  return hash >>> 0;
}

/** @returns the address as RFC 5952 writes it */
export function endOf({ address, port }: End): PacketEnd {
  return { host: address.length === 4 ? address.join('.') : ipv6Of(address), port };
}

function ipv6Of(address: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, index) => (address[2 * index]! << 8) | address[2 * index + 1]!);
  // IPv4-mapped addresses are recognised by their beginning, and written with the IPv4 part as such (RFC 5952 §5).
  if (words.slice(0, 6).join() === '0,0,0,0,0,65535') return `::ffff:${address.subarray(12).join('.')}`;
  let [bestStart, bestLength] = [0, 1];
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (words[start + length] === 0) length += 1;
    if (bestLength < length) [bestStart, bestLength] = [start, length];
  }
  const hex = (part: number[]): string => part.map((word) => word.toString(16)).join(':');
  return bestLength === 1 ? hex(words) : `${hex(words.slice(0, bestStart))}::${hex(words.slice(bestStart + bestLength))}`;
}
