// TCP segments in the order of a file become flows: which connection a segment is of, where one begins and ends, who is the client.

import type { Speaker } from '../../shared/flow.js';
import { protocols } from '../protocols/index.js';
import type { CaptureEvent, ClientKnownBy, PacketEndReason } from './captureEvents.js';
import { ConnectionTable, endOf, hashOf, isFromClient, sourceOf, targetOf, type Connection } from './connectionTable.js';
import type { Segment } from './ipPacket.js';
import { clientOfComment } from './recordedComment.js';
import { TcpHalf, patiencePackets, type HeldBytes } from './tcpHalf.js';

const fin = 0x01;
const syn = 0x02;
const rst = 0x04;
const ack = 0x10;

/** A SYN that comes after the first bytes of its own connection is at most so far before them; one of a new connection is anywhere. */
const lateSynBytes = 65_536;

export class TcpAssembler {
  private readonly connections = new ConnectionTable();
  private readonly allHeld: HeldBytes = { total: 0 };
  private flows = 0;
  private segments = 0;

  constructor(private readonly tell: (event: CaptureEvent) => void) {}

  /**
   * @param comments that came with the packet
   * @param isInOrder packets are never late in this file, so that what is missing is known at once
   * @returns false when the segment is of no connection that the file holds, or says something after its end
   */
  add(segment: Segment, comments: readonly string[], isInOrder: boolean): boolean {
    this.segments += 1;
    const connection = this.connectionOf(segment, comments);
    if (connection === undefined) return false;
    // The last acknowledgement comes when both have ended.
    if (connection.isClosed) return segment.length === 0;
    connection.lastAt = Math.max(connection.lastAt, segment.at);
    connection.lastPacket = this.segments;
    for (const text of comments) this.tell({ kind: 'comment', flow: connection.flow, text, at: segment.at });
    this.take(connection, segment, isInOrder ? 0 : patiencePackets);
    return true;
  }

  /** The file has ended. */
  end(): void {
    for (const connection of [...this.connections.live]) this.close(connection, connection.clientSyn !== undefined && !connection.fromServer.isHeardOf ? 'unanswered' : 'captureEnded');
  }

  private take(connection: Connection, segment: Segment, patience: number): void {
    const { flags, sequence, length, at } = segment;
    const isClient = isFromClient(connection, segment);
    const half = isClient ? connection.fromClient : connection.fromServer;
    const other = isClient ? connection.fromServer : connection.fromClient;
    // SYN takes a number of its own, before the payload (RFC 9293 §3.4).
    const first = (flags & syn) === 0 ? sequence : (sequence + 1) >>> 0;
    if ((flags & syn) !== 0) this.begin(connection, isClient, sequence, half);
    else if (connection.isPartial && (0 < length || (flags & fin) !== 0)) half.begin(first);
    if ((flags & rst) !== 0) {
      this.reset(connection, isClient, flags);
      return;
    }
    if ((flags & ack) !== 0) other.acknowledge(segment.acknowledged);
    if (0 < length) half.segment(first, segment, at);
    if ((flags & fin) !== 0) {
      connection.firstToEnd ??= isClient ? 'client' : 'upstream';
      half.fin((first + length) >>> 0, at);
    }
    half.pass(patience);
    other.pass(patience);
    if (half.hasEnded && other.hasEnded) this.close(connection, endOfPeace(connection));
  }

  private begin(connection: Connection, isClient: boolean, sequence: number, half: TcpHalf): void {
    if (isClient) connection.clientSyn ??= sequence;
    else connection.serverSyn ??= sequence;
    half.begin((sequence + 1) >>> 0);
  }

  private reset(connection: Connection, isClient: boolean, flags: number): void {
    const isRefusal = !isClient && (flags & ack) !== 0 && !connection.isPartial && !connection.fromServer.isHeardOf;
    this.close(connection, isRefusal ? 'connectRefused' : isClient ? 'clientReset' : 'upstreamReset');
  }

  private close(connection: Connection, reason: PacketEndReason): void {
    const { fromClient, fromServer, flow, lastAt: at } = connection;
    if (connection.isClosed) return;
    const [clientEnded, serverEnded] = [fromClient.hasEnded, fromServer.hasEnded];
    fromClient.finish(serverEnded);
    fromServer.finish(clientEnded);
    this.connections.close(connection);
    // What was missing may have been all that kept it from ending by itself.
    this.tell({ kind: 'closed', flow, reason: reason === 'captureEnded' && fromClient.hasEnded && fromServer.hasEnded ? endOfPeace(connection) : reason, at });
  }

  /** @returns the connection that a segment is of, opened when the segment begins one; undefined when there is none to open */
  private connectionOf(segment: Segment, comments: readonly string[]): Connection | undefined {
    const known = this.connections.find(segment);
    const isSyn = (segment.flags & syn) !== 0 && (segment.flags & rst) === 0;
    if (known !== undefined && !(isSyn && isAnother(known, segment))) return known;
    if (isSyn) {
      if (known !== undefined) {
        this.close(known, 'portReused');
        this.connections.remove(known);
      }
      return (segment.flags & ack) === 0 ? this.open(segment, true, false, 'syn') : this.openAnswered(segment);
    }
    if ((segment.flags & rst) !== 0 || segment.length === 0) return undefined;
    const [sourceIsClient, by] = guessClient(segment, comments);
    return this.open(segment, sourceIsClient, true, by);
  }

  /** The SYN is not in the file, but its answer is: it says with what number the client begins. */
  private openAnswered(segment: Segment): Connection {
    const connection = this.open(segment, false, false, 'synAck');
    connection.clientSyn = (segment.acknowledged - 1) >>> 0;
    connection.fromClient.begin(segment.acknowledged);
    return connection;
  }

  private open(segment: Segment, sourceIsClient: boolean, isPartial: boolean, clientBy: ClientKnownBy): Connection {
    const flow = (this.flows += 1);
    const [client, server] = sourceIsClient ? [sourceOf(segment), targetOf(segment)] : [targetOf(segment), sourceOf(segment)];
    const half = (from: Speaker): TcpHalf => new TcpHalf(flow, from, this.allHeld, this.tell);
    const connection: Connection = {
      flow, client, server, isPartial,
      fromClient: half('client'), fromServer: half('upstream'),
      clientSyn: undefined, serverSyn: undefined, isClosed: false, firstToEnd: undefined,
      lastAt: segment.at, lastPacket: this.segments, hash: hashOf(segment), next: undefined,
    };
    this.tell({ kind: 'opened', flow, client: endOf(client), server: endOf(server), startedAt: segment.at, isPartial, clientBy });
    const tooMuch = this.connections.add(connection, this.segments);
    if (tooMuch !== undefined) this.close(tooMuch, 'notFollowed');
    return connection;
  }
}

/** @returns whether a SYN begins a new connection on the ends of a known one, rather than being that one's own, sent again or late */
function isAnother(known: Connection, segment: Segment): boolean {
  const { flags, sequence } = segment;
  const isClient = isFromClient(known, segment);
  const half = isClient ? known.fromClient : known.fromServer;
  const said = isClient ? known.clientSyn : known.serverSyn;
  // Systems number a connection anew, generators of test captures need not.
  if (known.isClosed && (flags & ack) === 0) return true;
  if (said === sequence) return false;
  if (known.isClosed) return true;
  if (said !== undefined) return half.hasSpoken || (flags & ack) === 0;
  if (!half.hasSpoken) {
    // The answer to the SYN; without ACK, a simultaneous open (RFC 9293 §3.5), unless the answer was seen already.
    return (flags & ack) === 0 && (isClient || known.fromClient.hasSpoken);
  }
  const distance = half.distanceFromStart((sequence + 1) >>> 0);
  return distance < -lateSynBytes || 0 < distance;
}

/** Both said FIN: whoever was first closed it. */
function endOfPeace({ firstToEnd }: Connection): PacketEndReason {
  return firstToEnd === 'upstream' ? 'upstreamClosed' : 'clientClosed';
}

const knownPorts = new Set(protocols.map(({ port }) => port));
/** Ports below 1024 are for services (RFC 6335 §6); from 32768 up systems take those of clients (Linux's default range, the lowest in use). */
const firstUserPort = 1024;
const firstClientPort = 32_768;

/** For a connection that began before the file: whether the sender of this segment, the first with bytes, is the client. */
function guessClient(segment: Segment, comments: readonly string[]): [sourceIsClient: boolean, by: ClientKnownBy] {
  const said = clientOfComment(comments);
  if (said !== undefined) {
    const source = endOf(sourceOf(segment));
    return [source.host === said.host && source.port === said.port, 'comment'];
  }
  const { sourcePort, targetPort } = segment;
  for (const isServers of [(port: number) => knownPorts.has(port), (port: number) => port < firstUserPort, (port: number) => port < firstClientPort]) {
    if (isServers(sourcePort) !== isServers(targetPort)) return [isServers(targetPort), 'port'];
  }
  return [true, 'firstSpeaker'];
}
