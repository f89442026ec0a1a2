// What a capture file says, as it is read: flows that open, what either side said, what is missing, how it ended.

import type { NotDecoded } from '../../shared/captureFile.js';
import type { Speaker } from '../../shared/flow.js';

export type { NotDecoded };

/** One end of a connection, as packets name it. */
export interface PacketEnd {
  /** IPv4 as `10.0.0.1`; IPv6 as RFC 5952 writes it, without brackets */
  host: string;
  port: number;
}

/** How it is known which end is the client. The first two are facts, the others a guess about a connection whose beginning is not in the file. */
export type ClientKnownBy = 'syn' | 'synAck' | 'comment' | 'port' | 'firstSpeaker';

/** Why a flow of a file ended, as far as its packets tell. */
export type PacketEndReason =
  | 'clientClosed'
  | 'upstreamClosed'
  | 'clientReset'
  | 'upstreamReset'
  | 'connectRefused'
  /** nobody answered the SYN */
  | 'unanswered'
  /** a new connection took the same addresses and ports */
  | 'portReused'
  /** the file ended first */
  | 'captureEnded'
  /** more connections were open at once than are followed */
  | 'notFollowed';

/** Times are epoch milliseconds with a fraction; offsets count from 0 in one speaker's bytes, for a partial flow from its first byte in the file. */
export type CaptureEvent =
  | { kind: 'opened'; flow: number; client: PacketEnd; server: PacketEnd; startedAt: number; /** the beginning is not in the file */ isPartial: boolean; clientBy: ClientKnownBy }
  | {
      kind: 'chunk';
      flow: number;
      from: Speaker;
      offset: number;
      /** a view, valid until the next events are asked for */
      bytes: Uint8Array;
      /** of the first byte in the file, where all of them stand in a row; -1 = nowhere as a whole, since their packet came in fragments */
      position: number;
      at: number;
    }
  /** `notCaptured`: no packet in the file has these bytes; `cut`: their packet is there and was cut short when it was captured */
  | { kind: 'gap'; flow: number; from: Speaker; offset: number; length: number; why: 'notCaptured' | 'cut'; at: number }
  | { kind: 'ended'; flow: number; from: Speaker; at: number }
  | { kind: 'closed'; flow: number; reason: PacketEndReason; at: number }
  /** what the program that captured wrote beside a packet */
  | { kind: 'comment'; flow: number; text: string; at: number }
  /** the last one, always */
  | { kind: 'finished'; counts: CaptureCounts; broken: BrokenCapture | undefined };

/** Where and why a file could not be read further. */
export interface BrokenCapture {
  /** byte offset in the file of what could not be read */
  offset: number;
  /** a whole sentence */
  message: string;
}

export interface CaptureCounts {
  /** all packets of the file */
  packets: number;
  notDecoded: Record<NotDecoded, number>;
  /** link types that are not read, as numbers of the registry */
  unreadLinkTypes: number[];
}

export function noCounts(): CaptureCounts {
  return { packets: 0, notDecoded: { linkType: 0, noInterface: 0, notIp: 0, notTcp: 0, fragment: 0, malformed: 0, late: 0 }, unreadLinkTypes: [] };
}
