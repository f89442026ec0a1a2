// What the running decoder knows of one flow, whether or not it holds a dissector for it at present.

import type { FlowRecord } from '../flowTable.js';
import type { FlowCheckpoints } from './checkpoints.js';
import type { ChunkDecoder } from './chunkDecoder.js';
import type { FlowRows } from './flowRows.js';

/** Made by the decoder when it comes to a flow's first chunk; only the decoder changes it. */
export interface DecodedFlow {
  readonly rows: FlowRows;
  readonly checkpoints: FlowCheckpoints;
  /** what it was known to speak when decoding began: decoding again has to begin with the same */
  readonly hint: string | undefined;
  /** undefined = it has not begun or has ended, or has been idle and others needed the room */
  decoder: ChunkDecoder | undefined;
  /** the state of an idle one; undefined too = it was dropped, and goes on with a gap */
  parked: Uint8Array | undefined;
  /** index of the next chunk to decode */
  nextChunk: number;
  /** offsets up to which the bytes of client and upstream are in rows, and up to which they were decoded */
  told: [client: number, upstream: number];
  offsets: [client: number, upstream: number];
  /** catalogue ids from the outside in */
  layers: string[];
  /** number of the chunk that it was decoded for last, over all flows */
  lastSequence: number;
  hasEnded: boolean;
  /** why it is not decoded any further: a fault of Port Prism */
  fault: unknown;
}

/** @returns whether everything that was recorded of it is in rows, as far as it is there */
export function isReached({ decoded, chunks, isClosed }: FlowRecord): boolean {
  if (decoded === undefined) return chunks.count <= chunks.first;
  if (decoded.fault !== undefined || decoded.hasEnded) return true;
  return chunks.count <= Math.max(decoded.nextChunk, chunks.first) && !isClosed;
}
